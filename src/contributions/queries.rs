use super::{Closed, Contribution, ContributionId};
use crate::{
    db::{Conditions, Tx, bound, on},
    gifts::GiftId,
    kernel::{Cents, Currency, Day, Timestamp},
    members::OrganizationId,
};
use sqlx::AssertSqlSafe;

const COLUMNS: &str = "c.id, c.number, c.organization_id, c.fund_id, c.amount, c.currency, c.period, c.due_day, c.note, c.asked_at, \
    c.asked_by, c.closed_as, c.closed_day, c.closed_by, c.closed_note, p.gift_id \
    from contribution c left join contribution_payment p on p.contribution_id = c.id";

/// The latest first.
pub(super) async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Contribution>> {
    let sql = format!("select {COLUMNS} where c.organization_id = $1 order by c.asked_at desc, c.number desc limit 20");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Those that ended without a card after a payment by card was begun.
pub(super) async fn closed_with_payment(tx: &mut Tx) -> sqlx::Result<Vec<Contribution>> {
    let sql = format!("select {COLUMNS} where c.closed_as is not null and p.gift_id is not null");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

/// Not ended without a card, and due from one day on and before another; the latest first.
pub(super) async fn due_between(tx: &mut Tx, from: Day, before: Day) -> sqlx::Result<Vec<Contribution>> {
    let sql = format!("select {COLUMNS} where c.closed_as is null and c.due_day >= $1 and c.due_day < $2 order by c.number desc");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(from).bind(before).fetch_all(conn).await)
}

/// Of all organizations, for one period or for all, the latest first: at most `most` below this number, or above it
/// when `backwards`; then they stand in reverse.
pub(super) async fn listed(
    tx: &mut Tx,
    period: Option<&str>,
    key: Option<i64>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<Contribution>> {
    let mut all = Conditions::default();
    if let Some(period) = period {
        all.and("c.period = {}", [period.into()]);
    }
    if let Some(key) = key {
        all.and(if backwards { "c.number > {}" } else { "c.number < {}" }, [key.into()]);
    }
    let limit = all.place(most);
    let way = if backwards { "asc" } else { "desc" };
    let sql = format!("select {COLUMNS}{} order by c.number {way} limit {limit}", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many were asked for and what they come to, in each currency; for one period or for all.
pub(super) async fn asked_in_all(tx: &mut Tx, period: Option<&str>) -> sqlx::Result<Vec<(Currency, i64, Cents)>> {
    on!(tx, conn => sqlx::query_as(
        "select currency, count(*), cast(sum(amount) as bigint) from contribution where $1 is null or period = $1
         group by currency order by currency")
        .bind(period).fetch_all(conn).await)
}

/// Every period that something was asked for, the latest first.
pub(super) async fn periods(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select period from contribution group by period order by max(number) desc")
        .fetch_all(conn).await)
}

pub(super) async fn by_id(tx: &mut Tx, id: ContributionId) -> sqlx::Result<Option<Contribution>> {
    let sql = format!("select {COLUMNS} where c.id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The next number of an invoice. The counter's row stays locked until the commit.
pub(super) async fn next_number(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("update contribution_counter set number = number + 1 where id = 1 returning number")
        .fetch_one(conn).await)
}

/// `false` when it was asked for this period already.
pub(super) async fn insert(tx: &mut Tx, c: &Contribution) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into contribution
             (id, number, organization_id, fund_id, amount, currency, period, due_day, note, asked_at, asked_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing")
        .bind(c.id).bind(c.number).bind(c.organization_id).bind(c.fund_id).bind(c.amount).bind(c.currency).bind(&c.period)
        .bind(c.due_day).bind(&c.note).bind(c.asked_at).bind(&c.asked_by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was closed before.
pub(super) async fn close(
    tx: &mut Tx,
    id: ContributionId,
    how: Closed,
    on_day: Day,
    (who, note): (&str, &str),
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update contribution set closed_as = $2, closed_day = $3, closed_by = $4, closed_note = $5
         where id = $1 and closed_as is null")
        .bind(id).bind(how).bind(on_day).bind(who).bind(note)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when another gift is its payment already.
pub(super) async fn pay_by(tx: &mut Tx, id: ContributionId, gift: GiftId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into contribution_payment (contribution_id, gift_id, begun_at) values ($1, $2, $3) on conflict do nothing")
        .bind(id).bind(gift).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
