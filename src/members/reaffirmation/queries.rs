use super::{Basis, CallId, Outcome, Reaffirmation};
use crate::{
    db::{Tx, on},
    kernel::{Day, Timestamp},
    members::{Contact, OrganizationId},
};
use sqlx::AssertSqlSafe;

const BASIS: &str = "select m.organization_id, o.name, m.admitted_on, \
    (select max(r.on_day) from reaffirmation r where r.organization_id = m.organization_id) as reaffirmed_on \
    from membership m join organization o on o.id = m.organization_id where m.track = 'member' and m.left_on is null";

/// Every member's that belongs.
pub(in crate::members) async fn bases(tx: &mut Tx) -> sqlx::Result<Vec<Basis>> {
    let sql = format!("{BASIS} order by o.search, o.id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

/// One member's; `None` for observers and for who left.
pub(in crate::members) async fn basis(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Option<Basis>> {
    let sql = format!("{BASIS} and m.organization_id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// `false` when the term was answered before.
pub(super) async fn insert(tx: &mut Tx, r: &Reaffirmation) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into reaffirmation
             (id, organization_id, term, on_day, commitment_version, how, who, note, document_id, noted_at, noted_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing")
        .bind(r.id).bind(r.organization_id).bind(r.term).bind(r.on_day).bind(r.commitment_version).bind(r.how).bind(&r.who)
        .bind(&r.note).bind(r.document_id).bind(r.noted_at).bind(&r.noted_by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The latest first.
pub(super) async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Reaffirmation>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, term, on_day, commitment_version, how, who, note, document_id, noted_at, noted_by
         from reaffirmation where organization_id = $1 order by on_day desc, id desc")
        .bind(id)
        .fetch_all(conn).await)
}

/// What became of one rung.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Reminder {
    pub(super) organization_id: OrganizationId,
    pub(super) rule: String,
    pub(super) term: Day,
    pub(super) at: Timestamp,
    pub(super) skipped: Option<String>,
}

/// All about terms that are due on this day or later.
pub(super) async fn reminders(tx: &mut Tx, from: Day) -> sqlx::Result<Vec<Reminder>> {
    on!(tx, conn => sqlx::query_as(
        "select organization_id, rule, term, at, skipped from reaffirmation_reminder where term >= $1 order by at, rule desc")
        .bind(from)
        .fetch_all(conn).await)
}

/// `false` when this rung was reached before.
pub(super) async fn remind(
    tx: &mut Tx,
    id: OrganizationId,
    rule: &str,
    term: Day,
    skipped: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into reaffirmation_reminder (organization_id, rule, term, at, skipped) values ($1, $2, $3, $4, $5)
         on conflict do nothing")
        .bind(id).bind(rule).bind(term).bind(now).bind(skipped)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// A call as it was noted.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Call {
    pub(super) on_day: Day,
    pub(super) outcome: Outcome,
    pub(super) note: String,
    pub(super) noted_by: String,
}

pub(super) async fn insert_call(tx: &mut Tx, id: OrganizationId, call: &Call, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into reaffirmation_call (id, organization_id, on_day, outcome, note, noted_at, noted_by)
         values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(CallId::new()).bind(id).bind(call.on_day).bind(call.outcome).bind(&call.note).bind(now).bind(&call.noted_by)
        .execute(conn).await.map(drop))
}

/// The latest first.
pub(super) async fn calls(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Call>> {
    on!(tx, conn => sqlx::query_as(
        "select on_day, outcome, note, noted_by from reaffirmation_call where organization_id = $1 order by on_day desc, id desc limit 20")
        .bind(id)
        .fetch_all(conn).await)
}

/// When each was mailed a reminder or called last.
pub(super) async fn last_contacts(tx: &mut Tx) -> sqlx::Result<Vec<(OrganizationId, Day)>> {
    on!(tx, conn => sqlx::query_as(
        "select organization_id, max(on_day) from (
             select organization_id, on_day from reaffirmation_call
             union all
             select organization_id, substr(at, 1, 10) from reaffirmation_reminder where skipped is null
         ) contacts group by organization_id")
        .fetch_all(conn).await)
}

/// Everybody who holds a delegate's seat.
pub(super) async fn delegates(tx: &mut Tx) -> sqlx::Result<Vec<Contact>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact
         where role = 'delegate' and to_day is null")
        .fetch_all(conn).await)
}
