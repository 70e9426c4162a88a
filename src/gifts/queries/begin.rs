use crate::{
    db::{Tx, on},
    donors::DonorId,
    gifts::{CampaignId, Fund, Gift, GiftId, GiftState, queries::COLUMNS, start::Wish},
    kernel::{Cents, Timestamp},
    payments::CheckoutPage,
};
use sqlx::AssertSqlSafe;

/// Writes down a gift that somebody wants to make. `false` when its submission is known already.
pub(in crate::gifts) async fn insert_open(
    tx: &mut Tx,
    id: GiftId,
    donor: DonorId,
    wish: &Wish,
    submission: &str,
    livemode: bool,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into gift (id, donor_id, fund_id, campaign_id, source, state, frequency, intended, covered_fee, charged, currency,
                           tribute_kind, tribute_name, created_at, shown_at, submission, livemode, anonymous)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16, $17) on conflict do nothing")
        .bind(id).bind(donor).bind(wish.fund.id).bind(wish.campaign).bind(&wish.source).bind(GiftState::Open).bind(wish.frequency)
        .bind(wish.intended).bind(wish.covered_fee).bind(wish.intended + wish.covered_fee).bind(wish.currency)
        .bind(wish.tribute.as_ref().map(|(kind, _)| *kind)).bind(wish.tribute.as_ref().map(|(_, name)| name.as_str()))
        .bind(now).bind(submission).bind(livemode).bind(wish.anonymous)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn by_submission(tx: &mut Tx, submission: &str) -> sqlx::Result<Option<Gift>> {
    let sql = format!("select {COLUMNS} from gift where submission = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(submission).fetch_optional(conn).await)
}

/// Lets the form that made a gift make another.
pub(in crate::gifts) async fn forget_submission(tx: &mut Tx, id: GiftId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update gift set submission = null where id = $1").bind(id).execute(conn).await.map(drop))
}

/// Begins the next try: another key, no page yet. Guarded by the try that is given up.
pub(in crate::gifts) async fn next_attempt(tx: &mut Tx, id: GiftId, attempt: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update gift set attempt = attempt + 1, state = 'open', checkout = null, checkout_url = null, checkout_until = null
         where id = $1 and attempt = $2 and state in ('open', 'abandoned', 'failed')")
        .bind(id).bind(attempt)
        .execute(conn).await.map(drop))
}

/// Remembers where the donor pays.
pub(in crate::gifts) async fn set_checkout(tx: &mut Tx, id: GiftId, attempt: i64, page: &CheckoutPage) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update gift set checkout = $3, checkout_url = $4, checkout_until = $5
         where id = $1 and attempt = $2 and (checkout is null or checkout = $3)")
        .bind(id).bind(attempt).bind(&page.id).bind(&page.url).bind(page.expires_at)
        .execute(conn).await.map(drop))
}

/// The payment service understood and said no: this try is over.
pub(in crate::gifts) async fn refuse(tx: &mut Tx, id: GiftId, attempt: i64, why: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update gift set state = 'failed', failure = $3, submission = null where id = $1 and attempt = $2 and state = 'open' and checkout is null")
        .bind(id).bind(attempt).bind(why)
        .execute(conn).await.map(drop))
}

/// Counts one more for a subject in a stretch of time: how many there are then.
pub(in crate::gifts) async fn count_up(tx: &mut Tx, subject: &str, period: i64, until: Timestamp) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "insert into gift_limit (subject, period, until, count) values ($1, $2, $3, 1)
         on conflict (subject, period) do update set count = gift_limit.count + 1 returning count")
        .bind(subject).bind(period).bind(until)
        .fetch_one(conn).await)
}

/// Gifts that never reached a payment page, and are too old for the key they were asked with.
pub(in crate::gifts) async fn abandon_unasked(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    on!(tx, conn => sqlx::query(
        "update gift set state = 'abandoned' where state = 'open' and state <> 'settled' and checkout is null and invoice is null and shown_at < $1")
        .bind(before)
        .execute(conn).await.map(|done| done.rows_affected()))
}

/// Counts of stretches that are over are of no use.
pub(in crate::gifts) async fn forget_counts(tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from gift_limit where until < $1").bind(now).execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn open_fund(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<Fund>> {
    on!(tx, conn => sqlx::query_as(
        "select id, slug, name, description, restriction, open, position from fund where slug = $1 and open")
        .bind(slug)
        .fetch_optional(conn).await)
}

pub(in crate::gifts) async fn campaign_by_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<CampaignId>> {
    on!(tx, conn => sqlx::query_scalar("select id from campaign where slug = $1").bind(slug).fetch_optional(conn).await)
}

/// Adds a fund. `false` when another has its slug.
pub async fn insert_fund(tx: &mut Tx, fund: &Fund) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into fund (id, slug, name, description, restriction, open, position) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (slug) do nothing")
        .bind(fund.id).bind(&fund.slug).bind(&fund.name).bind(&fund.description).bind(fund.restriction).bind(fund.open).bind(fund.position)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Adds a campaign. `false` when another has its slug.
pub async fn insert_campaign(tx: &mut Tx, campaign: &crate::gifts::Campaign) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into campaign (id, slug, name, goal, currency, starts_on, ends_on, story) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (slug) do nothing")
        .bind(campaign.id).bind(&campaign.slug).bind(&campaign.name).bind(campaign.goal.map(Cents::get)).bind(campaign.currency)
        .bind(campaign.starts_on).bind(campaign.ends_on).bind(&campaign.story)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
