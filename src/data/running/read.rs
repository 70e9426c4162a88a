//! The dry run: the account is read page by page, and each subscription's fate is written down for staff to look at.
//! It changes no record. After a crash it goes on behind the last page.
use super::{READ, Run, RunId, State, judge::Ground, queries, refused};
use crate::{
    app::App,
    audit::{self, Actor},
    kernel::text,
    payments::{GatewayError, RunningPage},
    work::{self, Job, JobError},
};
use futures_util::future::BoxFuture;
use std::collections::HashMap;

pub(super) fn job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let Ok(id) = job.key.parse::<RunId>() else { return Err(JobError::Never(format!("{READ} names no import"))) };
        while read_some(&app, &job, id).await? {}
        Ok(())
    })
}

/// Reads the next page; `false` when none is left.
async fn read_some(app: &App, job: &Job, id: RunId) -> Result<bool, JobError> {
    let run = queries::run(&mut app.db.read().await?, id).await?.filter(|run| run.state == State::Reading);
    let Some(run) = run else { return Ok(false) };
    let page = Box::pin(app.gateway.running_after(run.after.as_deref())).await.map_err(|error| refused(&error))?;
    let names = names(app, &page).await?;
    write(app, job, &run, &page, &names).await
}

/// What the products of a page are called. Without the right to read products they have no names, and that is no reason
/// to stop.
async fn names(app: &App, page: &RunningPage) -> Result<HashMap<String, String>, JobError> {
    let mut ids: Vec<_> = page.rows.iter().filter_map(|one| one.product.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    match Box::pin(app.gateway.product_names(&ids)).await {
        Ok(names) => Ok(names),
        Err(GatewayError::Refused { message, .. }) => {
            tracing::warn!(message, "the names of products can't be read");
            Ok(HashMap::new())
        }
        Err(error) => Err(refused(&error)),
    }
}

async fn write(app: &App, job: &Job, run: &Run, page: &RunningPage, names: &HashMap<String, String>) -> Result<bool, JobError> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let held = queries::hold(&mut tx, run.id).await?.filter(|held| held.state == State::Reading);
    let Some(held) = held else { return Ok(false) };
    if held.after != run.after {
        // Another has written this page meanwhile.
        return Ok(true);
    }
    let ground = Ground::read(app, &mut tx, &page.rows).await?;
    let sights: Vec<_> = page.rows.iter().map(|one| ground.sight(one)).collect();
    let givers: Vec<_> = sights.iter().map(|sight| sight.giver().to_owned()).collect();
    let mut seen = queries::new_givers(&mut tx, run.id, &givers).await?;
    let first = queries::count(&mut tx, run.id).await? + 1;
    let rows: Vec<_> = (first..)
        .zip(sights)
        .zip(&page.rows)
        .map(|((number, sight), one)| sight.row(number, one, product(one.product.as_deref(), names), &mut seen))
        .collect();
    queries::insert_rows(&mut tx, run.id, &rows).await?;
    let read = queries::count(&mut tx, run.id).await?;
    work::progress(&mut tx, job.id, read, 0, &text::count(read, "subscription read", "subscriptions read")).await?;
    if let Some(after) = &page.after {
        queries::set_after(&mut tx, run.id, after).await?;
        tx.commit().await?;
        return Ok(true);
    }
    queries::list_products(&mut tx, run.id).await?;
    queries::advance(&mut tx, run.id, State::Reading, State::Read, now).await?;
    let counts = queries::fates(&mut tx, run.id).await?;
    let record = run.id.to_string();
    audit::record(&mut tx, &Actor::system(), "try", ("subscription_import", &record), None::<&()>, Some(&counts), now).await?;
    tx.commit().await?;
    Ok(false)
}

/// What a subscription is for, in a line: the name of its product, or its id.
fn product(id: Option<&str>, names: &HashMap<String, String>) -> String {
    let Some(id) = id else { return String::new() };
    let name = names.get(id).map(|name| text::shorten(&text::line(name), 120)).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| id.to_owned())
}
