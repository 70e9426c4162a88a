//! The dry run: every row's fate, written down for staff to look at. It changes no record.
use super::{
    ImportId, RunState, giving,
    plan::{self, Plan, Seen, Typed, World},
    queries::{self, StoredRow},
    table,
};
use crate::{
    app::App,
    audit::{self, Actor},
    work::{Job, JobError},
};
use futures_util::future::BoxFuture;

pub(super) fn job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move { check(&app, &job).await })
}

async fn check(app: &App, job: &Job) -> Result<(), JobError> {
    let Ok(id) = job.key.parse::<ImportId>() else { return Err(JobError::Never("it names no import".to_owned())) };
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.filter(|run| run.state == RunState::Checking);
    drop(tx);
    let Some(run) = run else { return Ok(()) };
    if run.kind.is_giving() {
        return giving::check(app, job, &run).await;
    }
    let bytes = app.files.get(&run.file).await.map_err(|error| JobError::Again(format!("the file can’t be read: {error}")))?;
    let table = table::read(&bytes, run.charset).map_err(JobError::Never)?;
    let columns = run.columns();
    let rows: Vec<(i64, Typed, bool)> = table
        .rows
        .into_iter()
        .map(|row| {
            let beyond = row.cells.iter().skip(columns.len()).any(|cell| !cell.is_empty());
            let typed = columns.iter().cloned().zip(row.cells).filter(|(field, cell)| !field.is_empty() && !cell.is_empty());
            (row.number, typed.collect(), beyond)
        })
        .collect();
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.read().await?;
    let mut world = World::read(&mut tx, &run, today).await?;
    let mut seen = Seen::default();
    let mut sights = Vec::with_capacity(rows.len());
    for (number, typed, beyond) in &rows {
        let mut sight = plan::sight(&world, run.kind, typed);
        if *beyond {
            sight.target = Err(vec!["It has more cells than there are headings.".to_owned()]);
        }
        seen.check(*number, &mut sight);
        sights.push(sight);
    }
    plan::look_up(&mut tx, &mut world, &sights).await?;
    drop(tx);
    let planned: Vec<StoredRow> = rows
        .iter()
        .zip(&sights)
        .map(|((number, typed, _), sight)| stored(*number, typed, plan::plan(&mut world, sight)))
        .collect::<Result<_, _>>()
        .map_err(|error| JobError::Never(error.to_string()))?;
    let mut tx = app.db.write().await?;
    if !queries::advance(&mut tx, id, RunState::Checking, RunState::Checked, now).await? {
        return Ok(());
    }
    queries::replace_rows(&mut tx, id, &planned).await?;
    let counts = queries::recount_fates(&mut tx, id).await?;
    audit::record(&mut tx, &Actor::system(), "try", ("import", &id.to_string()), None::<&()>, Some(&counts), now).await?;
    tx.commit().await?;
    Ok(())
}

fn stored(row_number: i64, typed: &Typed, plan: Plan) -> serde_json::Result<StoredRow> {
    let (record_id, record_name) = plan.record.unzip();
    Ok(StoredRow {
        row_number,
        cells: serde_json::to_string(typed)?,
        fate: plan.fate,
        name: plan.name,
        reason: plan.reason,
        record_id,
        record_name,
        changes: serde_json::to_string(&plan.changes)?,
        notes: serde_json::to_string(&plan.notes)?,
        outcome: None,
        outcome_why: None,
        before: None,
        after: None,
        planned_id: None,
    })
}
