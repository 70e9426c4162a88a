use crate::{
    alliances::{AllianceId, RosterEntry, RosterId, RowId, Term, TermId},
    db::{Tx, on},
    kernel::Day,
    members::OrganizationId,
    staff::StaffId,
};
use sqlx::AssertSqlSafe;

const TERM: &str = "id, alliance_id, part, name, title, email, founder, from_day, to_day, staff_id";
const ENTRY: &str = "id, alliance_id, kind, name, email, note, organization_id, from_day, to_day";

pub(super) async fn terms(tx: &mut Tx, only: Option<&str>) -> sqlx::Result<Vec<Term>> {
    let sql = format!("select {TERM} from alliance_leader where ($1 is null or alliance_id = $1) order by from_day desc, id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(only).fetch_all(conn).await)
}

pub(in crate::alliances) async fn term(tx: &mut Tx, of: AllianceId, id: TermId) -> sqlx::Result<Option<Term>> {
    let sql = format!("select {TERM} from alliance_leader where id = $1 and alliance_id = $2");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(of).fetch_optional(conn).await)
}

pub async fn add_term(tx: &mut Tx, term: &Term) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into alliance_leader (id, alliance_id, part, name, title, email, founder, from_day, to_day, staff_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(term.id).bind(term.alliance_id).bind(term.part).bind(&term.name).bind(&term.title).bind(term.email.as_ref())
        .bind(term.founder).bind(term.from_day).bind(term.to_day).bind(term.staff_id)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn change_term(tx: &mut Tx, term: &Term) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update alliance_leader set part = $2, name = $3, title = $4, email = $5, founder = $6, from_day = $7, to_day = $8 where id = $1")
        .bind(term.id).bind(term.part).bind(&term.name).bind(&term.title).bind(term.email.as_ref())
        .bind(term.founder).bind(term.from_day).bind(term.to_day)
        .execute(conn).await.map(drop))
}

/// Ends a term on a day, or moves its end there. `false` when it ended before.
pub(in crate::alliances) async fn end_term(tx: &mut Tx, id: TermId, on: Day) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update alliance_leader set to_day = $2 where id = $1 and (to_day is null or to_day > $2) and from_day <= $2")
        .bind(id).bind(on)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::alliances) async fn mark_account(tx: &mut Tx, id: TermId, staff: StaffId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update alliance_leader set staff_id = $2 where id = $1").bind(id).bind(staff).execute(conn).await.map(drop))
}

/// The alliances whose workspace this account opens on a day.
pub(in crate::alliances) async fn leads(tx: &mut Tx, staff: StaffId, today: Day) -> sqlx::Result<Vec<AllianceId>> {
    on!(tx, conn => sqlx::query_scalar(
        "select distinct alliance_id from alliance_leader
         where staff_id = $1 and from_day <= $2 and (to_day is null or to_day > $2) order by alliance_id")
        .bind(staff).bind(today)
        .fetch_all(conn).await)
}

/// Every term that this account was opened for, the latest first.
pub(in crate::alliances) async fn terms_of_account(tx: &mut Tx, staff: StaffId) -> sqlx::Result<Vec<Term>> {
    let sql = format!("select {TERM} from alliance_leader where staff_id = $1 order by from_day desc, id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(staff).fetch_all(conn).await)
}

/// Whether a term that runs or is to come still needs this account.
pub(in crate::alliances) async fn serving(tx: &mut Tx, staff: StaffId, today: Day) -> sqlx::Result<bool> {
    let count: i64 = on!(tx, conn => sqlx::query_scalar(
        "select cast(count(*) as bigint) from alliance_leader where staff_id = $1 and (to_day is null or (to_day > $2 and to_day > from_day))")
        .bind(staff).bind(today)
        .fetch_one(conn).await)?;
    Ok(count > 0)
}

/// Names the host from a day on; the one before ends that day.
pub async fn set_host(tx: &mut Tx, id: AllianceId, organization: OrganizationId, from: Day) -> sqlx::Result<()> {
    end_host(tx, id, from).await?;
    on!(tx, conn => sqlx::query("insert into alliance_host (id, alliance_id, organization_id, from_day) values ($1, $2, $3, $4)")
        .bind(RowId::new()).bind(id).bind(organization).bind(from)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn end_host(tx: &mut Tx, id: AllianceId, on: Day) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update alliance_host set to_day = case when from_day > $2 then from_day else $2 end where alliance_id = $1 and to_day is null")
        .bind(id).bind(on)
        .execute(conn).await.map(drop))
}

/// The whole roster, those of today first, by name.
pub(in crate::alliances) async fn roster(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Vec<RosterEntry>> {
    let sql = format!(
        "select {ENTRY} from roster_entry where alliance_id = $1 order by to_day is not null, lower(name), id limit 5000"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

pub(in crate::alliances) async fn entry(tx: &mut Tx, of: AllianceId, id: RosterId) -> sqlx::Result<Option<RosterEntry>> {
    let sql = format!("select {ENTRY} from roster_entry where id = $1 and alliance_id = $2");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(of).fetch_optional(conn).await)
}

pub async fn add_roster(tx: &mut Tx, entry: &RosterEntry) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into roster_entry (id, alliance_id, kind, name, email, note, organization_id, from_day, to_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(entry.id).bind(entry.alliance_id).bind(entry.kind).bind(&entry.name).bind(entry.email.as_ref()).bind(&entry.note)
        .bind(entry.organization_id).bind(entry.from_day).bind(entry.to_day)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn change_roster(tx: &mut Tx, entry: &RosterEntry) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update roster_entry set kind = $2, name = $3, email = $4, note = $5, organization_id = $6, from_day = $7 where id = $1")
        .bind(entry.id).bind(entry.kind).bind(&entry.name).bind(entry.email.as_ref()).bind(&entry.note)
        .bind(entry.organization_id).bind(entry.from_day)
        .execute(conn).await.map(drop))
}

/// `false` when it left before.
pub(in crate::alliances) async fn end_roster(tx: &mut Tx, id: RosterId, on: Day) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update roster_entry set to_day = case when from_day > $2 then from_day else $2 end where id = $1 and to_day is null")
        .bind(id).bind(on)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it stands on the roster.
pub(in crate::alliances) async fn reopen_roster(tx: &mut Tx, id: RosterId) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update roster_entry set to_day = null where id = $1 and to_day is not null")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
