use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{DonorId, staff::JOIN},
    gifts::{
        Gift, GiftId,
        pledge::{Instalment, Pledge, PledgeId, Reminded, Rule},
    },
    kernel::{Cents, Day, Timestamp},
};
use sqlx::AssertSqlSafe;

const PLEDGE: &str = "id, donor_id, fund_id, campaign_id, amount, currency, rhythm, made_on, note, reminders, state, written_off_at, why, created_at";
/// What was given towards a pledge: intended less refunds.
const PAID: &str =
    "(select cast(coalesce(sum(case when g.refunded > g.intended then 0 else g.intended - g.refunded end), 0) as bigint)
    from pledge_payment pp join gift g on g.id = pp.gift_id where pp.pledge_id = p.id and g.state = 'settled')";

/// A pledge in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct PledgeRow {
    #[sqlx(flatten)]
    pub(in crate::gifts) pledge: Pledge,
    pub(in crate::gifts) donor: String,
    pub(in crate::gifts) fund: String,
    pub(in crate::gifts) paid: Cents,
    /// What should have come by the day that was asked about.
    pub(in crate::gifts) due: Cents,
    /// The day of the first instalment that is not paid.
    pub(in crate::gifts) next_on: Option<Day>,
}

fn columns() -> String {
    PLEDGE.split(", ").map(|column| format!("p.{column}")).collect::<Vec<_>>().join(", ")
}

fn listing(today: &str) -> String {
    format!(
        "select listed.*, (select min(i.due_on) from pledge_instalment i where i.pledge_id = listed.id and i.through > listed.paid) as next_on
         from (select {}, d.name as donor, f.name as fund, {PAID} as paid,
                      (select cast(coalesce(sum(i.amount), 0) as bigint) from pledge_instalment i where i.pledge_id = p.id and i.due_on <= {today}) as due
                 from pledge p {JOIN} join fund f on f.id = p.fund_id) listed",
        columns()
    )
}

pub(in crate::gifts) async fn insert(tx: &mut Tx, pledge: &Pledge, instalments: &[Instalment]) -> sqlx::Result<()> {
    let sql = format!("insert into pledge ({PLEDGE}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
    on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(sql))
        .bind(pledge.id).bind(pledge.donor_id).bind(pledge.fund_id).bind(pledge.campaign_id).bind(pledge.amount).bind(pledge.currency)
        .bind(pledge.rhythm).bind(pledge.made_on).bind(&pledge.note).bind(pledge.reminders).bind(pledge.state)
        .bind(pledge.written_off_at).bind(&pledge.why).bind(pledge.created_at)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("insert into pledge_instalment (pledge_id, number, due_on, amount, through) ");
        query.push_values(instalments, |mut row, one| {
            row.push_bind(pledge.id).push_bind(one.number).push_bind(one.due_on).push_bind(one.amount).push_bind(one.through);
        });
        query.build().execute(conn).await.map(drop)
    })
}

pub(in crate::gifts) async fn row(tx: &mut Tx, id: PledgeId, today: Day) -> sqlx::Result<Option<PledgeRow>> {
    let sql = format!("{} where listed.id = $2", listing("$1"));
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(today).bind(id).fetch_optional(conn).await)
}

/// Which pledges are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gifts) enum Wanted {
    All,
    Overdue,
    /// Not paid in full and not written off.
    Running,
    Of(DonorId),
}

/// Pledges, the newest first, at most `most`, older than the one of this key.
pub(in crate::gifts) async fn rows(
    tx: &mut Tx,
    wanted: Wanted,
    today: Day,
    after: Option<&str>,
    most: i64,
) -> sqlx::Result<Vec<PledgeRow>> {
    let mut all = Conditions::default();
    let day = all.place(today.to_string());
    match wanted {
        Wanted::All => {}
        Wanted::Overdue => all.and("listed.state = 'open' and listed.due > listed.paid", []),
        Wanted::Running => all.and("listed.state = 'open' and listed.amount > listed.paid", []),
        Wanted::Of(donor) => all.and("listed.donor_id = {}", [donor.to_string().into()]),
    }
    if let Some((at, id)) = after.and_then(|key| key.rsplit_once('~')) {
        all.and("(listed.created_at, listed.id) < ({}, {})", [at.into(), id.into()]);
    }
    let limit = all.place(most);
    let sql = format!("{}{} order by listed.created_at desc, listed.id desc limit {limit}", listing(&day), all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Of how many open pledges a payment that was due has not come.
pub async fn pledges_overdue(tx: &mut Tx, today: Day) -> sqlx::Result<i64> {
    let sql = format!(
        "select count(*) from pledge p where p.state = 'open'
           and exists (select 1 from pledge_instalment i where i.pledge_id = p.id and i.due_on <= $1 and i.through > {PAID})"
    );
    on!(tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).bind(today).fetch_one(conn).await)
}

pub(in crate::gifts) async fn instalments(tx: &mut Tx, id: PledgeId) -> sqlx::Result<Vec<Instalment>> {
    on!(tx, conn => sqlx::query_as("select number, due_on, amount, through from pledge_instalment where pledge_id = $1 order by number")
        .bind(id)
        .fetch_all(conn).await)
}

/// The gifts that were applied to a pledge, the newest first.
pub(in crate::gifts) async fn payments(tx: &mut Tx, id: PledgeId) -> sqlx::Result<Vec<Gift>> {
    let sql = format!(
        "select {} from gift where id in (select gift_id from pledge_payment where pledge_id = $1) order by shown_at desc, id desc",
        super::COLUMNS
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Received gifts of a donor that fulfil no pledge yet, the newest first.
pub(in crate::gifts) async fn free_gifts(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<Gift>> {
    let sql = format!(
        "select {} from gift where donor_id = $1 and state = 'settled' and not exists (select 1 from pledge_payment pp where pp.gift_id = gift.id)
         order by shown_at desc, id desc limit 30",
        super::COLUMNS
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).fetch_all(conn).await)
}

/// Lets a gift fulfil a pledge. `false` when it fulfils one.
pub(in crate::gifts) async fn apply(tx: &mut Tx, pledge: PledgeId, gift: GiftId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("insert into pledge_payment (gift_id, pledge_id, applied_at) values ($1, $2, $3) on conflict do nothing")
        .bind(gift).bind(pledge).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes a gift away from a pledge. `false` when it does not fulfil it.
pub(in crate::gifts) async fn free(tx: &mut Tx, pledge: PledgeId, gift: GiftId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("delete from pledge_payment where gift_id = $1 and pledge_id = $2")
        .bind(gift).bind(pledge)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn write_off(tx: &mut Tx, id: PledgeId, why: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update pledge set state = 'written_off', written_off_at = $2, why = $3 where id = $1 and state = 'open'")
        .bind(id).bind(now).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Instalments of open pledges that are due by a day and not paid, with the rule's reminder not dealt with yet.
pub(in crate::gifts) async fn to_remind(tx: &mut Tx, rule: Rule, by: Day) -> sqlx::Result<Vec<(PledgeId, i64)>> {
    let sql = format!(
        "select p.id, i.number from pledge p join pledge_instalment i on i.pledge_id = p.id
         where p.state = 'open' and i.due_on <= $1 and i.through > {PAID}
           and not exists (select 1 from pledge_reminder r where r.pledge_id = p.id and r.number = i.number and r.rule = $2)
         order by i.due_on, p.id, i.number limit 2000"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(by).bind(rule).fetch_all(conn).await)
}

/// Writes down that a reminder was sent, or why not. `false` when that was done before.
pub(in crate::gifts) async fn end_reminder(
    tx: &mut Tx,
    (pledge, number, rule): (PledgeId, i64, Rule),
    why: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into pledge_reminder (pledge_id, number, rule, state, at, why) values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .bind(pledge).bind(number).bind(rule).bind(if why.is_some() { "skipped" } else { "sent" }).bind(now).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn reminders(tx: &mut Tx, id: PledgeId) -> sqlx::Result<Vec<Reminded>> {
    on!(tx, conn => sqlx::query_as("select number, rule, at, why from pledge_reminder where pledge_id = $1 order by at, number, rule")
        .bind(id)
        .fetch_all(conn).await)
}
