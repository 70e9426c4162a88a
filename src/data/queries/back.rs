//! What taking an import of donors or gifts back reads and marks, a stretch at a time.
use super::ImportId;
use crate::{
    data::{Kind, Outcome},
    db::{Batch, Conditions, Tx, add, bound, on},
    donors::{Donor, DonorId, carried_back::print},
    kernel::Timestamp,
    staff::Staff,
};
use sqlx::AssertSqlSafe;

/// Values of one statement.
const AT_ONCE: usize = 1_000;

/// A row that was applied.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::data) struct AppliedRow {
    pub(in crate::data) row_number: i64,
    pub(in crate::data) name: String,
    pub(in crate::data) record_id: String,
    pub(in crate::data) before: Option<String>,
    pub(in crate::data) after: Option<String>,
}

/// A donor that an import entered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::data) struct Founded {
    pub(in crate::data) donor_id: DonorId,
    pub(in crate::data) print: Option<String>,
    pub(in crate::data) why: Option<String>,
}

/// Remembers whom an import entered, and as what.
pub(in crate::data) fn insert_founded(batch: &mut Batch, id: ImportId, donors: &[Donor]) {
    for some in donors.chunks(AT_ONCE) {
        add!(batch, "insert into import_founded (import_id, donor_id, print) ", query => query.push_values(some, |mut row, donor| {
            row.push_bind(id).push_bind(donor.id).push_bind(print(donor));
        }));
    }
}

/// Counts whom it entered.
pub(in crate::data) async fn count_founded(tx: &mut Tx, id: ImportId, count: usize) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set donors_made = donors_made + $2 where id = $1")
        .bind(id).bind(i64::try_from(count).unwrap_or_default())
        .execute(conn).await.map(drop))
}

/// What of an import's rows is looked at one by one: its gifts, or the donors that it changed. Whom it entered stands
/// beside them.
const fn outcome_of(kind: Kind) -> Outcome {
    if matches!(kind, Kind::Gifts) { Outcome::Made } else { Outcome::Changed }
}

/// The next rows behind one that wait to be taken back.
pub(in crate::data) async fn applied(
    tx: &mut Tx,
    (id, kind): (ImportId, Kind),
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<AppliedRow>> {
    on!(tx, conn => sqlx::query_as(
        "select row_number, name, record_id, before, after from import_row_applied
         where import_id = $1 and outcome = $2 and row_number > $3 and record_id is not null order by row_number limit $4")
        .bind(id).bind(outcome_of(kind)).bind(after).bind(most)
        .fetch_all(conn).await)
}

/// The next donors behind one whom the import entered and who wait.
pub(in crate::data) async fn founded(tx: &mut Tx, id: ImportId, after: &str, most: i64) -> sqlx::Result<Vec<Founded>> {
    on!(tx, conn => sqlx::query_as(
        "select donor_id, print, why from import_founded where import_id = $1 and outcome is null and donor_id > $2
         order by donor_id limit $3")
        .bind(id).bind(after).bind(most)
        .fetch_all(conn).await)
}

/// Some of the donors who were kept, and why.
pub(in crate::data) async fn founded_kept(tx: &mut Tx, id: ImportId, most: i64) -> sqlx::Result<Vec<Founded>> {
    on!(tx, conn => sqlx::query_as(
        "select donor_id, print, why from import_founded where import_id = $1 and outcome = 'kept' order by donor_id limit $2")
        .bind(id).bind(most)
        .fetch_all(conn).await)
}

/// The rows that entered these donors, each with its donor.
pub(in crate::data) async fn rows_of(tx: &mut Tx, id: ImportId, donors: &[String]) -> sqlx::Result<Vec<(i64, String)>> {
    let mut found = Vec::with_capacity(donors.len());
    for some in donors.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|donor| all.place(donor.as_str())).collect();
        // Any further condition, and SQLite goes through all rows of the import instead.
        let sql = format!(
            "select row_number, record_id, import_id, outcome from import_row where record_id in ({})",
            places.join(", ")
        );
        let rows: Vec<(i64, String, ImportId, Option<Outcome>)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        let own = rows.into_iter().filter(|(_, _, import, outcome)| *import == id && *outcome == Some(Outcome::Made));
        found.extend(own.map(|(row, donor, ..)| (row, donor)));
    }
    Ok(found)
}

/// Marks rows as taken back, or as kept for a reason.
pub(in crate::data) async fn mark_rows(tx: &mut Tx, id: ImportId, rows: &[i64], why: Option<&str>) -> sqlx::Result<()> {
    for some in rows.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let outcome = if why.is_some() { Outcome::Kept } else { Outcome::Undone };
        let outcome = all.place(outcome.as_str());
        let place = why.map_or_else(|| "null".to_owned(), |why| all.place(why));
        let id = all.place(id.to_string());
        let places: Vec<_> = some.iter().map(|row| all.place(*row)).collect();
        let sql = format!(
            "update import_row set outcome = {outcome}, outcome_why = {place} where import_id = {id} and row_number in ({})",
            places.join(", ")
        );
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Marks donors whom the import entered: as kept for a reason, or as gone.
pub(in crate::data) async fn mark_founded(tx: &mut Tx, id: ImportId, donors: &[String], why: Option<&str>) -> sqlx::Result<()> {
    for some in donors.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let outcome = if why.is_some() { Outcome::Kept } else { Outcome::Undone };
        let outcome = all.place(outcome.as_str());
        let place = why.map_or_else(|| "null".to_owned(), |why| all.place(why));
        let id = all.place(id.to_string());
        let places: Vec<_> = some.iter().map(|donor| all.place(donor.as_str())).collect();
        let sql = format!(
            "update import_founded set outcome = {outcome}, why = {place} where import_id = {id} and donor_id in ({})",
            places.join(", ")
        );
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    let column = if why.is_some() { "donors_kept" } else { "donors_gone" };
    let sql = format!("update import_run set {column} = {column} + $2 where id = $1");
    on!(tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(id).bind(i64::try_from(donors.len()).unwrap_or_default())
        .execute(conn).await.map(drop))
}

/// Lets the taking back begin; `false` when it can't any more.
pub(in crate::data) async fn begin_undoing(tx: &mut Tx, id: ImportId, staff: &Staff, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update import_run set state = 'undoing', reached = 0, undone_at = $2, undone_by = $3, undone_by_id = $4
         where id = $1 and state = 'applied'")
        .bind(id).bind(now).bind(&staff.name).bind(staff.id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// What was found of what taking it back would do, and when.
pub(in crate::data) async fn seen(tx: &mut Tx, id: ImportId) -> sqlx::Result<Option<(String, Timestamp)>> {
    on!(tx, conn => sqlx::query_as("select look, looked_at from import_run where id = $1 and look is not null and looked_at is not null")
        .bind(id)
        .fetch_optional(conn).await)
}

pub(in crate::data) async fn see(tx: &mut Tx, id: ImportId, look: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set look = $2, looked_at = $3 where id = $1")
        .bind(id).bind(look).bind(now)
        .execute(conn).await.map(drop))
}
