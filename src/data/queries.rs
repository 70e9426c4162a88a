mod back;
mod counts;

pub(super) use back::{
    AppliedRow, Founded, applied, begin_undoing, count_founded, founded, founded_kept, insert_founded, mark_founded, mark_rows,
    rows_of, see, seen,
};
pub use counts::{Fates, Outcomes, fates, outcomes};
pub(super) use counts::{count_outcomes, recount_fates, recount_outcomes};

use super::{Charset, Fate, ImportId, Kind, Outcome, Run, RunState};
use crate::{
    app::App,
    db::{Conditions, Tx, bound, on},
    kernel::Timestamp,
    members::{
        CategoryId,
        carried::{Change, Matching},
    },
    staff::Staff,
};
use sqlx::AssertSqlSafe;

const RUN: &str = "id, kind, state, file, file_name, charset, columns, category_id, matching, begun_at, begun_by, \
    applied_at, applied_by, applied_by_id, undone_at, undone_by, undone_by_id, number_before, number_after, reached, fresh, matches, refused, differ, made, changed, stayed, \
    not_applied, undone, kept, donors_made, donors_gone, donors_kept";
const ROW: &str = "row_number, cells, fate, name, reason, record_id, record_name, changes, notes, outcome, outcome_why, before, after, \
     planned_id";

/// One row of `import_row`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct StoredRow {
    pub(super) row_number: i64,
    pub(super) cells: String,
    pub(super) fate: Fate,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) record_id: Option<String>,
    pub(super) record_name: Option<String>,
    pub(super) changes: String,
    pub(super) notes: String,
    pub(super) outcome: Option<Outcome>,
    pub(super) outcome_why: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// Of the donor or gift that a new row enters.
    pub(super) planned_id: Option<String>,
}

impl StoredRow {
    pub(super) fn changes(&self) -> Vec<Change> {
        serde_json::from_str(&self.changes).unwrap_or_default()
    }

    pub(super) fn notes(&self) -> Vec<String> {
        serde_json::from_str(&self.notes).unwrap_or_default()
    }
}

/// A file on its way in.
pub(super) struct NewRun<'a> {
    pub(super) id: ImportId,
    pub(super) kind: Kind,
    pub(super) file: &'a str,
    pub(super) file_name: &'a str,
    pub(super) charset: Charset,
    pub(super) headings: &'a str,
    pub(super) columns: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, run: &NewRun<'_>, staff: &Staff, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into import_run (id, kind, state, file, file_name, charset, headings, columns, begun_at, begun_by, begun_by_id)
         values ($1, $2, 'columns', $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(run.id).bind(run.kind).bind(run.file).bind(run.file_name).bind(run.charset).bind(run.headings).bind(run.columns)
        .bind(now).bind(&staff.name).bind(staff.id)
        .execute(conn).await.map(drop))
}

pub(super) async fn run(tx: &mut Tx, id: ImportId) -> sqlx::Result<Option<Run>> {
    let sql = format!("select {RUN} from import_run where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The import, its row locked until the commit.
pub(super) async fn hold(tx: &mut Tx, id: ImportId) -> sqlx::Result<Option<Run>> {
    let sql = format!("update import_run set state = state where id = $1 returning {RUN}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The newest first, older than `before` when it is given.
pub(super) async fn runs(tx: &mut Tx, before: Option<ImportId>, most: i64) -> sqlx::Result<Vec<Run>> {
    let sql = format!("select {RUN} from import_run where ($1 is null or id < $1) order by id desc limit $2");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(before.map(|id| id.to_string())).bind(most).fetch_all(conn).await)
}

/// Takes an import from one state to the next; `false` when somebody else did.
pub(super) async fn advance(tx: &mut Tx, id: ImportId, from: RunState, to: RunState, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update import_run set state = $3, checked_at = case when $3 = 'checked' then $4 else checked_at end
         where id = $1 and state = $2")
        .bind(id).bind(from).bind(to).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Keeps the columns and lets the dry run begin; `false` when it can't any more.
pub(super) async fn set_columns(tx: &mut Tx, id: ImportId, columns: &str, category: Option<CategoryId>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update import_run set columns = $2, category_id = $3, state = 'checking',
                others_applied = (select count(o.applied_at) + count(o.undone_at) from import_run o where o.kind = import_run.kind)
         where id = $1 and state in ('columns', 'checked')")
        .bind(id).bind(columns).bind(category)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Lets the applying begin; `false` when somebody did so before.
pub(super) async fn begin_applying(
    tx: &mut Tx,
    id: ImportId,
    matching: Matching,
    staff: &Staff,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update import_run set state = 'applying', matching = $2, applied_by = $3, applied_by_id = $4, applied_at = $5
         where id = $1 and state = 'checked'")
        .bind(id).bind(matching).bind(&staff.name).bind(staff.id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn set_numbers(tx: &mut Tx, id: ImportId, before: i64, after: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set number_before = $2, number_after = $3 where id = $1")
        .bind(id).bind(before).bind(after)
        .execute(conn).await.map(drop))
}

pub(super) async fn set_undone(tx: &mut Tx, id: ImportId, who: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set state = 'undone', undone_at = $2, undone_by = $3 where id = $1 and state = 'applied'")
        .bind(id).bind(now).bind(who)
        .execute(conn).await.map(drop))
}

/// Forgets the rows and the file's name on disk. `false` when it was applied or discarded before.
pub(super) async fn discard(tx: &mut Tx, id: ImportId) -> sqlx::Result<bool> {
    let done = on!(&mut *tx, conn => sqlx::query(
        "update import_run set state = 'discarded', file = '' where id = $1 and state in ('columns', 'checking', 'checked')")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    if done {
        on!(tx, conn => sqlx::query("delete from import_row where import_id = $1").bind(id).execute(conn).await.map(drop))?;
    }
    Ok(done)
}

/// Writes the rows of a dry run in place of those of an earlier one.
pub(super) async fn replace_rows(tx: &mut Tx, id: ImportId, rows: &[StoredRow]) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("delete from import_row where import_id = $1").bind(id).execute(conn).await.map(drop))?;
    insert_rows(tx, id, rows).await
}

pub(super) async fn insert_rows(tx: &mut Tx, id: ImportId, rows: &[StoredRow]) -> sqlx::Result<()> {
    for some in rows.chunks(1_000) {
        on!(&mut *tx, conn => {
            let mut insert = sqlx::QueryBuilder::new(
                "insert into import_row (import_id, row_number, cells, fate, name, reason, record_id, record_name, changes, notes,
                                         planned_id) ");
            insert.push_values(some, |mut row, r| {
                row.push_bind(id).push_bind(r.row_number).push_bind(&r.cells).push_bind(r.fate).push_bind(&r.name)
                    .push_bind(&r.reason).push_bind(r.record_id.as_deref()).push_bind(r.record_name.as_deref())
                    .push_bind(&r.changes).push_bind(&r.notes).push_bind(r.planned_id.as_deref());
            });
            insert.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Which rows are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Narrowed {
    pub(super) fate: Option<Fate>,
    pub(super) outcome: Option<Outcome>,
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
}

/// Rows in the order of the file; towards its beginning, in reverse, when `before` is given.
pub(super) async fn rows(
    tx: &mut Tx,
    (id, kind): (ImportId, Kind),
    narrowed: Narrowed,
    most: i64,
) -> sqlx::Result<Vec<StoredRow>> {
    let mut all = Conditions::default();
    all.and("import_id = {}", [id.to_string().into()]);
    if let Some(fate) = narrowed.fate {
        all.and("fate = {}", [fate.as_str().into()]);
    }
    if let Some(outcome) = narrowed.outcome {
        // What most rows come to is in no index of its own, and what ordinary gifts come to is not written down.
        let piece = match outcome {
            Outcome::Made => "outcome = {}",
            Outcome::Left if kind.is_giving() => "outcome = {} and fate = 'matches'",
            _ => "written = {} and written <> 'made'",
        };
        all.and(piece, [outcome.as_str().into()]);
    }
    if let Some(after) = narrowed.after {
        all.and("row_number > {}", [after.into()]);
    }
    if let Some(before) = narrowed.before {
        all.and("row_number < {}", [before.into()]);
    }
    let limit = all.place(most);
    let order = if narrowed.before.is_some() { "desc" } else { "asc" };
    let sql = format!("select {ROW} from import_row_applied{} order by row_number {order} limit {limit}", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Takes away some of the rows of an earlier dry run; `false` when none was left.
pub(super) async fn forget_rows(app: &App, id: ImportId) -> sqlx::Result<bool> {
    let mut tx = app.db.write().await?;
    let gone = on!(&mut tx, conn => sqlx::query(
        "delete from import_row where import_id = $1 and row_number in (
             select row_number from import_row where import_id = $1 order by row_number limit 20000)")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(gone > 0)
}

/// What applying needs of a row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct PlannedRow {
    pub(super) row_number: i64,
    pub(super) cells: String,
    pub(super) fate: Fate,
    pub(super) record_id: Option<String>,
    pub(super) planned_id: Option<String>,
}

/// The rows behind one, in the order of the file.
pub(super) async fn stretch(tx: &mut Tx, id: ImportId, reached: i64, most: i64) -> sqlx::Result<Vec<PlannedRow>> {
    on!(tx, conn => sqlx::query_as(
        "select row_number, cells, fate, record_id, planned_id from import_row
         where import_id = $1 and row_number > $2 order by row_number limit $3")
        .bind(id).bind(reached).bind(most)
        .fetch_all(conn).await)
}

/// Says why a row of a stretch is not applied.
pub(super) async fn conclude_refused(tx: &mut Tx, id: ImportId, row: i64, why: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_row set outcome = 'refused', outcome_why = $3 where import_id = $1 and row_number = $2")
        .bind(id).bind(row).bind(why)
        .execute(conn).await.map(drop))
}

/// Keeps what the record of a row was and is.
pub(super) async fn conclude_changed(tx: &mut Tx, id: ImportId, row: i64, [before, after]: &[String; 2]) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update import_row set outcome = 'changed', before = $3, after = $4 where import_id = $1 and row_number = $2")
        .bind(id).bind(row).bind(before).bind(after)
        .execute(conn).await.map(drop))
}

/// Marks the rows of donors that are not concluded: the new ones are entered, the others are left as they were. Which
/// row entered a donor is asked by the donor; of gifts nobody asks, and their rows are not written again.
pub(super) async fn conclude_rest(tx: &mut Tx, id: ImportId, after: i64, last: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update import_row set outcome = case fate when 'new' then 'made' else 'left' end,
                               record_id = case fate when 'new' then planned_id else record_id end
         where import_id = $1 and row_number > $2 and row_number <= $3 and fate in ('new', 'matches') and outcome is null")
        .bind(id).bind(after).bind(last)
        .execute(conn).await.map(drop))
}

/// Says up to which row the file is applied.
pub(super) async fn set_applied_to(tx: &mut Tx, id: ImportId, row: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set reached = $2, applied_to = $2 where id = $1").bind(id).bind(row).execute(conn).await.map(drop))
}

pub(super) async fn set_reached(tx: &mut Tx, id: ImportId, row: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update import_run set reached = $2 where id = $1").bind(id).bind(row).execute(conn).await.map(drop))
}

/// The number of the last row of the file.
pub(super) async fn last_row(tx: &mut Tx, id: ImportId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select coalesce(max(row_number), 0) from import_row where import_id = $1")
        .bind(id)
        .fetch_one(conn).await)
}

/// Whether another file of this kind was applied or taken back since its dry run began, or is about to be.
pub(super) async fn applied_since(tx: &mut Tx, run: &Run) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query_scalar(
        "select count(applied_at) + count(undone_at) > (select others_applied from import_run where id = $1) from import_run where kind = $2")
        .bind(run.id).bind(run.kind)
        .fetch_one(conn).await)
}

/// Rows that are still to be applied, in the order of the file.
pub(super) async fn waiting(tx: &mut Tx, id: ImportId, most: i64) -> sqlx::Result<Vec<StoredRow>> {
    let sql = format!(
        "select {ROW} from import_row where import_id = $1 and outcome is null and fate <> 'refused' order by row_number limit $2"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(most).fetch_all(conn).await)
}

/// The cells of all new rows.
pub(super) async fn new_cells(tx: &mut Tx, id: ImportId) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select cells from import_row where import_id = $1 and fate = 'new'").bind(id).fetch_all(conn).await)
}

/// Ids of the records that this import entered.
pub(super) async fn made(tx: &mut Tx, id: ImportId) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar(
        "select record_id from import_row where import_id = $1 and outcome = 'made' and record_id is not null")
        .bind(id)
        .fetch_all(conn).await)
}

/// Writes down what was made of a row.
pub(super) async fn conclude(tx: &mut Tx, id: ImportId, r: &StoredRow) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update import_row set outcome = $3, outcome_why = $4, record_id = $5, record_name = $6, before = $7, after = $8
         where import_id = $1 and row_number = $2")
        .bind(id).bind(r.row_number).bind(r.outcome).bind(r.outcome_why.as_deref()).bind(r.record_id.as_deref())
        .bind(r.record_name.as_deref()).bind(r.before.as_deref()).bind(r.after.as_deref())
        .execute(conn).await.map(drop))
}

/// What was made and changed, in the order of the file.
pub(super) async fn done(tx: &mut Tx, id: ImportId) -> sqlx::Result<Vec<StoredRow>> {
    let sql = format!("select {ROW} from import_row where import_id = $1 and outcome in ('made', 'changed') order by row_number");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Marks a record's rows as taken back, or as kept with the reason.
pub(super) async fn mark(tx: &mut Tx, id: ImportId, record: &str, outcome: Outcome, why: Option<&str>) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update import_row set outcome = $3, outcome_why = $4 where import_id = $1 and record_id = $2 and outcome in ('made', 'changed')")
        .bind(id).bind(record).bind(outcome).bind(why)
        .execute(conn).await.map(drop))
}

/// What the columns of a file with these headings held the last time.
pub(super) async fn remembered(tx: &mut Tx, kind: Kind, headings: &str) -> sqlx::Result<Option<String>> {
    on!(tx, conn => sqlx::query_scalar("select columns from import_heading where kind = $1 and headings = $2")
        .bind(kind).bind(headings)
        .fetch_optional(conn).await)
}

pub(super) async fn remember(tx: &mut Tx, kind: Kind, headings: &str, columns: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into import_heading (kind, headings, columns, used_at) values ($1, $2, $3, $4)
         on conflict (kind, headings) do update set columns = excluded.columns, used_at = excluded.used_at")
        .bind(kind).bind(headings).bind(columns).bind(now)
        .execute(conn).await.map(drop))
}
