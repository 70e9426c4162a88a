//! The comparison with the gateway: everything it has of late is fetched and our books are brought up
//! to it, so that what no event told us is repaired, and said.
//!
//! A run goes step by step and notes the last object it did; after a crash it goes on from there. It
//! asks one question at a time, which the network keeps far below the gateway's limits.
use super::{NewEvent, Outcome, Source, Step, SyncId, SyncRun, SyncState, intake, process, projection::Target, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, text::count},
    payments::{self, GatewayError},
    work::{self, Job, JobError},
};
use futures_util::future::BoxFuture;
use std::time::{Duration, Instant};

/// The kind of the job that runs one comparison; its key is the run's id and the number of the part.
pub(super) const RUN: &str = "webhooks.compare";
/// How far back what was made at the gateway is looked at.
const DAYS: i64 = 35;
/// How long the gateway keeps events (<https://docs.stripe.com/webhooks/process-undelivered-events>).
const EVENT_DAYS: i64 = 30;
/// A run that is older has been left by its job, and a new one may begin.
const LONGEST_HOURS: i64 = 20;
/// Events left waiting that one night picks up.
const MOST_LEFT: i64 = 500;
/// How long one job works before it leaves the rest to the next; less than a job is held.
const ONE_TURN: Duration = Duration::from_secs(150);

/// Begins a run with the job that does it; the one that is running already is enough.
pub(super) async fn begin(tx: &mut Tx, asked_by: &str, now: Timestamp) -> sqlx::Result<SyncId> {
    queries::end_stale(tx, now.plus_hours(-LONGEST_HOURS), now).await?;
    if let Some(running) = queries::running(tx).await? {
        return Ok(running);
    }
    let id = SyncId::new();
    queries::begin_run(tx, id, asked_by, now).await?;
    work::soon(tx, RUN, &format!("{id}.1"), now).await?;
    Ok(id)
}

/// What the calendar brings. Events whose job broke without a word get another one.
pub(super) fn nightly(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        for id in queries::left_waiting(&mut tx, now.plus_hours(-LONGEST_HOURS), MOST_LEFT).await? {
            process::offer(&mut tx, &id, now).await?;
        }
        begin(&mut tx, "Every night", now).await?;
        tx.commit().await?;
        app.bell.notify_one();
        Ok(())
    })
}

/// One part of a run.
pub(super) fn run(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let unknown = || JobError::Never(format!("“{}” names no comparison", job.key));
        let (id, part) = job.key.split_once('.').ok_or_else(unknown)?;
        let id: SyncId = id.parse().map_err(|_| unknown())?;
        let part: u32 = part.parse().map_err(|_| unknown())?;
        let end = Instant::now() + ONE_TURN;
        match go_on(&app, id, end).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let now = app.clock.now();
                let mut tx = app.db.write().await?;
                work::soon(&mut tx, RUN, &format!("{id}.{}", part + 1), now).await?;
                tx.commit().await?;
                app.bell.notify_one();
                Ok(())
            }
            Err(error) => {
                if job.is_last_try() || matches!(error, JobError::Never(_)) {
                    let mut tx = app.db.write().await?;
                    queries::end_run(&mut tx, id, SyncState::Failed, Some(&error.to_string()), app.clock.now()).await?;
                    tx.commit().await?;
                }
                Err(error)
            }
        }
    })
}

/// Goes on with a run until it is over (`true`) or the time is up.
async fn go_on(app: &App, id: SyncId, end: Instant) -> Result<bool, JobError> {
    loop {
        let mut tx = app.db.read().await?;
        let run = queries::run(&mut tx, id).await?.ok_or_else(|| JobError::Never("there is no such comparison".to_owned()))?;
        drop(tx);
        if run.state != SyncState::Running {
            return Ok(true);
        }
        let finished = match run.step {
            Step::Events => fetch_events(app, &run).await?,
            Step::Charges | Step::Checkouts | Step::Subscriptions | Step::Payouts => compare(app, &run, end).await?,
        };
        if !finished {
            return Ok(false);
        }
        let mut tx = app.db.write().await?;
        match Step::ALL.iter().skip_while(|step| **step != run.step).nth(1) {
            Some(next) => queries::begin_step(&mut tx, id, *next).await?,
            None => queries::end_run(&mut tx, id, SyncState::Done, None, app.clock.now()).await?,
        }
        tx.commit().await?;
    }
}

/// Stores the events that no webhook brought; each is then worked off like any other.
async fn fetch_events(app: &App, run: &SyncRun) -> Result<bool, JobError> {
    let bodies = app.gateway.events_undelivered(run.begun_at.plus_days(-EVENT_DAYS)).await.map_err(|error| refused(&error))?;
    let mut tx = app.db.write().await?;
    let mut fetched = 0;
    for body in bodies {
        // The client read it, and we wrote it again: what can't be read has no id, and nothing to fetch.
        let Ok(event) = payments::read_event(body.as_bytes()) else { continue };
        if event.livemode == app.config.is_live() {
            fetched += i64::from(intake::store(&mut tx, app, &NewEvent::of(event, body, Source::Sync)).await?);
        }
    }
    if fetched > 0 {
        let sentence = format!("{} that had not arrived: fetched, and worked off by itself.", count(fetched, "event", "events"));
        queries::compared(&mut tx, run.id, "", Some((Outcome::Repaired, &sentence))).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(true)
}

/// Compares what a step is about, from where the run stands. `false` when the time was up.
async fn compare(app: &App, run: &SyncRun, end: Instant) -> Result<bool, JobError> {
    let targets = targets(app, run).await.map_err(|error| refused(&error))?;
    let done = targets.iter().position(|target| target.id() == run.last).map_or(0, |place| place + 1);
    for target in &targets[done..] {
        if Instant::now() > end {
            return Ok(false);
        }
        let told = target.refresh(app).await;
        let found = match &told {
            Ok(None) => None,
            Ok(Some(sentence)) => Some((Outcome::Repaired, sentence.as_str())),
            Err(error) if error.temporary => return Err(JobError::Again(error.reason.clone())),
            Err(error) => Some((Outcome::Skipped, error.reason.as_str())),
        };
        let mut tx = app.db.write().await?;
        queries::compared(&mut tx, run.id, target.id(), found).await?;
        tx.commit().await?;
    }
    Ok(true)
}

/// What the gateway has for one step, the oldest first: what is added meanwhile stands at the end.
async fn targets(app: &App, run: &SyncRun) -> Result<Vec<Target>, GatewayError> {
    let since = run.begun_at.plus_days(-DAYS);
    let gateway = &app.gateway;
    let mut targets = Vec::new();
    match run.step {
        Step::Events => {}
        Step::Charges => {
            let charges = gateway.charges_since(since).await?.into_iter().rev();
            targets.extend(charges.filter_map(|payment| payment.charge.map(Target::Charge)));
            targets.extend(gateway.refunds_since(since).await?.into_iter().rev().map(|refund| Target::Refund(refund.id)));
            targets.extend(gateway.disputes_since(since).await?.into_iter().rev().map(|dispute| Target::Dispute(dispute.id)));
        }
        Step::Checkouts => {
            targets.extend(gateway.checkouts_since(since).await?.into_iter().rev().map(|page| Target::Checkout(page.id)));
        }
        Step::Payouts => {
            targets.extend(gateway.payouts(since).await?.into_iter().rev().map(|payout| Target::Payout(payout.id)));
        }
        Step::Subscriptions => {
            for (subscription, ended_at) in gateway.subscriptions().await?.into_iter().rev() {
                // What ended long ago does not change any more.
                if ended_at.is_some_and(|ended_at| ended_at < since) {
                    continue;
                }
                let invoices = gateway.invoices_of(&subscription).await?;
                targets.push(Target::Subscription(subscription));
                targets.extend(invoices.into_iter().rev().filter(|bill| bill.at >= since).map(|bill| Target::Invoice(bill.id)));
            }
        }
    }
    Ok(targets)
}

fn refused(error: &GatewayError) -> JobError {
    if error.is_temporary() { JobError::Again(error.to_string()) } else { JobError::Never(error.to_string()) }
}
