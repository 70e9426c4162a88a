use super::RECURRING;
use crate::{
    audit::Actor,
    db::{Tx, on},
    gifts::{
        GiftId, RecurringGift, RecurringId,
        plans::{Asked, Change, Failure, Request, RequestId, Wish},
    },
    kernel::{Cents, Currency, Day, Timestamp},
    payments::{Frequency, Invoice},
};
use sqlx::AssertSqlSafe;

/// Holds a plan until the transaction ends.
pub(in crate::gifts) async fn hold_plan(tx: &mut Tx, id: RecurringId) -> sqlx::Result<Option<RecurringGift>> {
    let sql = format!("update recurring_gift set livemode = livemode where id = $1 returning {RECURRING}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

pub(in crate::gifts) async fn open_request(tx: &mut Tx, plan: RecurringId) -> sqlx::Result<Option<Request>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, intended, covered_fee, until, asked_at from recurring_request where recurring_id = $1 and ended_at is null")
        .bind(plan)
        .fetch_optional(conn).await)
}

pub(in crate::gifts) async fn insert_request(
    tx: &mut Tx,
    id: RequestId,
    plan: RecurringId,
    wish: &Wish,
    actor: &Actor,
    now: Timestamp,
) -> sqlx::Result<()> {
    let split = wish.split();
    on!(tx, conn => sqlx::query(
        "insert into recurring_request (id, recurring_id, kind, intended, covered_fee, until, actor_kind, actor_id, actor_name, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(id).bind(plan).bind(wish.kind()).bind(split.map(|s| s.intended)).bind(split.map(|s| s.covered_fee)).bind(wish.until())
        .bind(actor.kind).bind(&actor.id).bind(&actor.name).bind(now)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn end_request(tx: &mut Tx, id: RequestId, failure: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update recurring_request set ended_at = $2, failure = $3 where id = $1 and ended_at is null")
        .bind(id).bind(now).bind(failure)
        .execute(conn).await.map(drop))
}

/// Who asked for a change of this kind that is seen now: kind and name of the newest whose change was not seen yet.
/// Older ones are past with it.
pub(in crate::gifts) async fn take_actor(
    tx: &mut Tx,
    plan: RecurringId,
    kind: Asked,
    since: Timestamp,
    now: Timestamp,
) -> sqlx::Result<Option<(String, String)>> {
    let found: Option<(String, String)> = on!(&mut *tx, conn => sqlx::query_as(
        "select actor_kind, actor_name from recurring_request
         where recurring_id = $1 and kind = $2 and told_at is null and failure is null and asked_at >= $3
         order by asked_at desc, id desc limit 1")
        .bind(plan).bind(kind).bind(since)
        .fetch_optional(conn).await)?;
    if found.is_some() {
        on!(tx, conn => sqlx::query("update recurring_request set told_at = $3 where recurring_id = $1 and kind = $2 and told_at is null")
            .bind(plan).bind(kind).bind(now)
            .execute(conn).await.map(drop))?;
    }
    Ok(found)
}

pub(in crate::gifts) async fn insert_change(tx: &mut Tx, plan: RecurringId, change: &Change) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into recurring_change (id, recurring_id, at, what, actor_kind, actor_name, before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(change.id).bind(plan).bind(change.at).bind(change.what).bind(&change.actor_kind).bind(&change.actor_name)
        .bind(&change.before).bind(&change.after)
        .execute(conn).await.map(drop))
}

/// What has changed, newest first.
pub(in crate::gifts) async fn changes_of(tx: &mut Tx, plan: RecurringId) -> sqlx::Result<Vec<Change>> {
    on!(tx, conn => sqlx::query_as(
        "select id, at, what, actor_kind, actor_name, before, after from recurring_change where recurring_id = $1 order by id desc")
        .bind(plan)
        .fetch_all(conn).await)
}

/// The newest gift of a plan: what letters about it are filed under.
pub(in crate::gifts) async fn latest_gift_of(tx: &mut Tx, plan: RecurringId) -> sqlx::Result<Option<GiftId>> {
    on!(tx, conn => sqlx::query_scalar("select id from gift where recurring_id = $1 order by shown_at desc, id desc limit 1")
        .bind(plan)
        .fetch_optional(conn).await)
}

/// Writes down that a bill is not paid, or how often it was tried since.
pub(in crate::gifts) async fn put_failure(
    tx: &mut Tx,
    gift: GiftId,
    plan: RecurringId,
    invoice: &Invoice,
    reason: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    let retry_at = invoice.next_attempt_at.filter(|_| !invoice.closed);
    let page = invoice.page.as_deref().filter(|_| !invoice.closed);
    on!(tx, conn => sqlx::query(
        "insert into recurring_failure (gift_id, recurring_id, reason, attempts, failed_at, retry_at, page)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (gift_id) do update set reason = excluded.reason, attempts = excluded.attempts, retry_at = excluded.retry_at,
             page = excluded.page")
        .bind(gift).bind(plan).bind(reason).bind(invoice.attempts).bind(now).bind(retry_at).bind(page)
        .execute(conn).await.map(drop))
}

/// The bill of this gift was paid after all.
pub(in crate::gifts) async fn mend(tx: &mut Tx, gift: GiftId, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update recurring_failure set mended_at = $2, retry_at = null where gift_id = $1 and mended_at is null")
        .bind(gift).bind(now)
        .execute(conn).await.map(drop))
}

/// The newest bill of a plan that is not paid.
pub(in crate::gifts) async fn failure_of(tx: &mut Tx, plan: RecurringId) -> sqlx::Result<Option<Failure>> {
    on!(tx, conn => sqlx::query_as(
        "select reason, attempts, failed_at, retry_at, page from recurring_failure
         where recurring_id = $1 and mended_at is null order by failed_at desc, gift_id desc limit 1")
        .bind(plan)
        .fetch_optional(conn).await)
}

/// Those whose card runs out before the next payment, with the payment due by `until`, and no notice for that card yet.
pub(in crate::gifts) async fn cards_running_out(tx: &mut Tx, until: Timestamp, most: i64) -> sqlx::Result<Vec<RecurringGift>> {
    let sql = format!(
        "select {RECURRING} from recurring_gift r
         where state in ('active', 'past_due', 'paused') and cancels_at is null and next_at <= $1
               and card_until < substr(coalesce(case when resumes_at > next_at then resumes_at end, next_at), 1, 10)
               and not exists (select 1 from recurring_notice n where n.recurring_id = r.id and n.rule = 'card' and n.term = r.card_until)
         order by next_at, id limit $2"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(until).bind(most).fetch_all(conn).await)
}

/// Writes down a notice, or why there is none. `false` when it was written already.
pub(in crate::gifts) async fn note_notice(
    tx: &mut Tx,
    plan: RecurringId,
    rule: &str,
    term: Day,
    skipped: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into recurring_notice (recurring_id, rule, term, at, skipped) values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(plan).bind(rule).bind(term).bind(now).bind(skipped)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// How many recurring gifts miss a payment, and how many are at risk: their card runs out before the next one.
pub async fn recurring_care(tx: &mut Tx) -> sqlx::Result<(i64, i64)> {
    on!(tx, conn => sqlx::query_as(
        "select cast(coalesce(sum(case when state = 'past_due' then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when state = 'active' then 1 else 0 end), 0) as bigint)
         from recurring_gift
         where state = 'past_due' or (state = 'active' and cancels_at is null and card_until < substr(next_at, 1, 10))")
        .fetch_one(conn).await)
}

/// Recurring gifts that go on, summed by the hour of their next payment and of the end of their pause.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct RunningSum {
    pub currency: Currency,
    pub frequency: Frequency,
    /// `2026-03-01T14`
    pub next: String,
    pub resumes: Option<String>,
    pub intended: Cents,
}

pub(in crate::gifts) async fn running_by_hour(tx: &mut Tx) -> sqlx::Result<Vec<RunningSum>> {
    on!(tx, conn => sqlx::query_as(
        "select currency, frequency, substr(next_at, 1, 13) as next, substr(resumes_at, 1, 13) as resumes, cast(sum(intended) as bigint) as intended
         from recurring_gift
         where state in ('active', 'past_due', 'paused') and cancels_at is null and next_at is not null
               and (state <> 'paused' or resumes_at is not null)
         group by currency, frequency, substr(next_at, 1, 13), substr(resumes_at, 1, 13)")
        .fetch_all(conn).await)
}

/// What recurring gifts have brought since a moment, less refunds, by currency.
pub(in crate::gifts) async fn received_recurring(tx: &mut Tx, since: Timestamp) -> sqlx::Result<Vec<(Currency, Cents)>> {
    on!(tx, conn => sqlx::query_as(
        "select currency, cast(sum(intended - case when refunded < intended then refunded else intended end) as bigint)
         from gift where frequency in ('monthly', 'yearly') and frequency <> 'once' and shown_at >= $1 and state = 'settled' group by currency")
        .bind(since)
        .fetch_all(conn).await)
}
