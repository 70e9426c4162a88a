//! An import of donors or gifts is taken back: first its gifts, or what it changed, then the donors it entered. A stretch
//! goes to a transaction, each row marked in the transaction that takes it back, so that a restart goes on behind the
//! last and does nothing twice.
//!
//! It leaves everything that somebody has dealt with since.
use super::look::{changed, reasons};
use crate::{
    app::App,
    audit::{self, Actor},
    data::{ImportId, Kind, Outcome, Run, RunState, UNDO, queries, queries::Outcomes},
    db::Tx,
    donors::{self, DonorId, carried_back::Changed},
    gifts::{self, GiftId},
    kernel::Timestamp,
    staff::Staff,
    web::Error,
    work::{self, Job, JobError},
};
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, HashMap};

/// Rows of one transaction: others write between two.
const AT_ONCE: i64 = 2_000;
/// Donors of one: each leaves the search too.
const DONORS_AT_ONCE: i64 = 1_000;

pub(in crate::data) fn undo_job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        while undo_some(&app, &job).await? {}
        Ok(())
    })
}

/// Lets the taking back of an applied import begin; `false` when somebody did so before. `told` is what was said of it.
pub async fn begin_undoing(app: &App, staff: &Staff, id: ImportId, told: &serde_json::Value) -> Result<bool, Error> {
    let (now, record) = (app.clock.now(), id.to_string());
    let mut tx = app.db.write().await?;
    if !queries::begin_undoing(&mut tx, id, staff, now).await? {
        return Ok(false);
    }
    audit::record(&mut tx, &staff.actor(), "begin to undo", ("import", &record), None::<&()>, Some(told), now).await?;
    work::soon(&mut tx, UNDO, &record, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(true)
}

/// Takes the next stretch back; `false` when none was left.
pub async fn undo_some(app: &App, job: &Job) -> Result<bool, JobError> {
    let Ok(id) = job.key.parse::<ImportId>() else { return Err(JobError::Never("it names no import".to_owned())) };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    // Whoever else works on it waits here, and then sees what is done.
    let Some(run) = queries::hold(&mut tx, id).await?.filter(|run| run.state == RunState::Undoing) else {
        return Ok(false);
    };
    if !(rows(app, &mut tx, &run, now).await? || founded(&mut tx, &run, now).await?) {
        queries::advance(&mut tx, id, RunState::Undoing, RunState::Undone, now).await?;
        let (record, told) = (id.to_string(), told(&run));
        audit::record(&mut tx, &actor(&run), "undo", ("import", &record), None::<&()>, Some(&told), now).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let (done, all) = progress(&queries::run(&mut tx, id).await?.unwrap_or(run.clone()));
    work::progress(&mut tx, job.id, done, all, &run.file_name).await?;
    tx.commit().await?;
    Ok(true)
}

/// How many rows and donors are done, of how many.
const fn progress(run: &Run) -> (i64, i64) {
    let done = run.outcomes.undone + run.outcomes.kept;
    let all = done + run.outcomes.made + run.outcomes.changed;
    if matches!(run.kind, Kind::Donors) {
        return (done, all);
    }
    (done + run.donors_gone + run.donors_kept, all + run.donors_made)
}

/// What the audit keeps.
fn told(run: &Run) -> serde_json::Value {
    serde_json::json!({
        "taken back": run.outcomes.undone, "kept": run.outcomes.kept,
        "donors taken off": run.donors_gone, "donors kept": run.donors_kept,
    })
}

/// Who takes it back, for the audit.
fn actor(run: &Run) -> Actor {
    Actor { kind: "staff", id: run.undone_by_id.clone().unwrap_or_default(), name: run.undone_by.clone().unwrap_or_default() }
}

/// The next gifts, or donors that were changed; `false` when none was left.
async fn rows(app: &App, tx: &mut Tx, run: &Run, now: Timestamp) -> Result<bool, JobError> {
    let rows = queries::applied(tx, (run.id, run.kind), run.reached, AT_ONCE).await?;
    let Some(last) = rows.last().map(|row| row.row_number) else { return Ok(false) };
    let held: HashMap<String, String> = if run.kind == Kind::Gifts {
        let ids: Vec<GiftId> = rows.iter().filter_map(|row| row.record_id.parse().ok()).collect();
        gifts::carried_back::hold(tx, &ids).await?;
        let sorted = gifts::carried_back::sort(tx, &ids).await?;
        gifts::carried_back::take_back(tx, &sorted.free, &app.coalition.get().zone(), now)
            .await
            .map_err(|error| JobError::Again(error.to_string()))?;
        sorted.held.into_iter().map(|(id, why)| (id.to_string(), why)).collect()
    } else {
        restore(tx, run, &rows, now).await?
    };
    let rows: Vec<(i64, String)> = rows.into_iter().map(|row| (row.row_number, row.record_id)).collect();
    let was = if run.kind == Kind::Gifts { Outcome::Made } else { Outcome::Changed };
    conclude_rows(tx, run, &rows, &held, was).await?;
    queries::set_reached(tx, run.id, last).await?;
    Ok(true)
}

/// Gives donors back what they had; those who stay as they are, and why.
async fn restore(
    tx: &mut Tx,
    run: &Run,
    rows: &[queries::AppliedRow],
    now: Timestamp,
) -> Result<HashMap<String, String>, JobError> {
    let mut all: Vec<Changed> = rows.iter().filter_map(changed).collect();
    donors::carried_back::hold_all(tx, all.iter().map(|one| one.id).collect()).await?;
    let held = donors::carried_back::changed_since(tx, &all).await?;
    all.retain(|one| !held.contains_key(&one.id));
    donors::carried_back::restore(tx, &all).await?;
    let told = |what: &(String, Option<String>)| serde_json::to_string(what).unwrap_or_default();
    let events: Vec<_> = all.iter().map(|one| (one.id.to_string(), told(&one.after), told(&one.before))).collect();
    audit::record_all(tx, &actor(run), "take back an import", "donor", &events, now).await?;
    Ok(held.into_iter().map(|(id, why)| (id.to_string(), why)).collect())
}

/// The next donors whom the import entered; `false` when none was left.
async fn founded(tx: &mut Tx, run: &Run, now: Timestamp) -> Result<bool, JobError> {
    let all = queries::founded(tx, run.id, "", DONORS_AT_ONCE).await?;
    if all.is_empty() {
        return Ok(false);
    }
    donors::carried_back::hold_all(tx, all.iter().map(|one| one.donor_id).collect()).await?;
    let held = reasons(tx, &all, &HashMap::new()).await?;
    let free: Vec<DonorId> = all.iter().map(|one| one.donor_id).filter(|id| !held.contains_key(id)).collect();
    donors::carried_back::receive(tx, now).await?;
    gifts::carried_back::release(tx, &free).await?;
    donors::carried_back::remove(tx, &free).await?;
    let records: Vec<String> = all.iter().map(|one| one.donor_id.to_string()).collect();
    let held: HashMap<String, String> = held.into_iter().map(|(id, why)| (id.to_string(), why)).collect();
    for (why, some) in by_reason(records.iter().map(|donor| (donor.clone(), donor)), &held) {
        queries::mark_founded(tx, run.id, &some, why).await?;
    }
    if run.kind == Kind::Donors {
        let rows = queries::rows_of(tx, run.id, &records).await?;
        conclude_rows(tx, run, &rows, &held, Outcome::Made).await?;
    }
    Ok(true)
}

/// Marks the rows of records that were taken back or kept, and counts them.
async fn conclude_rows(
    tx: &mut Tx,
    run: &Run,
    rows: &[(i64, String)],
    held: &HashMap<String, String>,
    was: Outcome,
) -> sqlx::Result<()> {
    for (why, some) in by_reason(rows.iter().map(|(row, record)| (*row, record)), held) {
        queries::mark_rows(tx, run.id, &some, why).await?;
    }
    let outcomes = rows.iter().map(|(_, record)| if held.contains_key(record) { Outcome::Kept } else { Outcome::Undone });
    queries::count_outcomes(tx, run.id, &Outcomes::of(outcomes).moved(was)).await
}

/// What is kept for each reason, and under none what is not.
fn by_reason<'a, T>(
    all: impl Iterator<Item = (T, &'a String)>,
    held: &'a HashMap<String, String>,
) -> BTreeMap<Option<&'a str>, Vec<T>> {
    let mut sorted: BTreeMap<Option<&str>, Vec<T>> = BTreeMap::new();
    for (one, record) in all {
        sorted.entry(held.get(record).map(String::as_str)).or_default().push(one);
    }
    sorted
}
