//! The hands that do the jobs. A worker stops between two jobs, never within one.
use super::{Handlers, Job, JobError, Regular, back_off, queries};
use crate::app::App;
use std::{sync::atomic::Ordering, time::Duration};
use tokio::{sync::watch, task::JoinSet};
use tracing::Instrument;

/// How long one try may hold its job before others take it for dead.
const HOLD_SECONDS: i64 = 300;

/// Running workers.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts `app.config.workers` workers and the calendar.
    pub fn start(app: &App, handlers: &Handlers, calendar: &'static [Regular]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..app.config.workers {
            let (app, handlers, mut stopped) = (app.clone(), handlers.clone(), stopped.clone());
            tasks.spawn(
                async move {
                    while !*stopped.borrow() {
                        app.pulse.store(app.clock.now().unix(), Ordering::Relaxed);
                        match run_one(&app, &handlers).await {
                            Ok(true) => continue,
                            Ok(false) => {}
                            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "jobs can't be taken"),
                        }
                        tokio::select! {
                            () = app.bell.notified() => {}
                            () = tokio::time::sleep(Duration::from_secs(1)) => {}
                            _ = stopped.changed() => {}
                        }
                    }
                }
                .instrument(tracing::info_span!("worker", number)),
            );
        }
        let (app, mut stopped) = (app.clone(), stopped);
        tasks.spawn(async move {
            while !*stopped.borrow() {
                if let Err(error) = mark_calendar(&app, calendar).await {
                    tracing::error!(error = &error as &dyn std::error::Error, "the calendar can't be read");
                }
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(30)) => {}
                    _ = stopped.changed() => {}
                }
            }
        });
        Self { stop, tasks }
    }

    /// Lets every worker finish the job in its hands, and waits for them.
    pub async fn stop(mut self) {
        // Nobody listens only when all have ended, which is what is wanted.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Does every job that is due, one after another, until none is. Gives how many were tried.
pub async fn run_due(app: &App, handlers: &Handlers) -> sqlx::Result<usize> {
    let mut tried = 0;
    while run_one(app, handlers).await? {
        tried += 1;
    }
    Ok(tried)
}

async fn mark_calendar(app: &App, calendar: &[Regular]) -> sqlx::Result<()> {
    let now = app.clock.now();
    for regular in calendar {
        let period = now.unix().div_euclid(regular.every);
        let mut tx = app.db.write().await?;
        if queries::begin_period(&mut tx, regular.kind, period).await? {
            queries::enqueue(&mut tx, regular.kind, &format!("period {period}"), now, super::MOST_ATTEMPTS, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Tries one job; `false` when none is due.
async fn run_one(app: &App, handlers: &Handlers) -> sqlx::Result<bool> {
    let now = app.clock.now();
    if !is_one_due(app).await? {
        return Ok(false);
    }
    let mut tx = app.db.write().await?;
    let job = queries::take(&mut tx, now, now.plus_seconds(HOLD_SECONDS)).await?;
    tx.commit().await?;
    let Some(job) = job else { return Ok(false) };
    let span = tracing::info_span!("job", kind = job.kind, id = %job.id, attempt = job.attempts);
    async {
        let outcome = match handlers.get(&job.kind) {
            Some(handler) => do_it(handler, app, &job).await,
            None => Err(JobError::Again("this program does not know this kind of job".to_owned())),
        };
        conclude(app, &job, outcome).await
    }
    .instrument(span)
    .await?;
    Ok(true)
}

/// Looks before it takes the write lock, so that an idle worker disturbs nobody.
async fn is_one_due(app: &App) -> sqlx::Result<bool> {
    let mut tx = app.db.read().await?;
    queries::is_one_due(&mut tx, app.clock.now()).await
}

/// Runs the handler in a task of its own, so that its panic ends the job and not the worker.
async fn do_it(handler: super::Handler, app: &App, job: &Job) -> Result<(), JobError> {
    match tokio::spawn(handler(app.clone(), job.clone()).in_current_span()).await {
        Ok(outcome) => outcome,
        Err(panic) => Err(JobError::Again(format!("it broke: {panic}"))),
    }
}

async fn conclude(app: &App, job: &Job, outcome: Result<(), JobError>) -> sqlx::Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    match outcome {
        Ok(()) => {
            queries::finish(&mut tx, job, now).await?;
        }
        Err(JobError::Never(reason)) => {
            tracing::error!(reason, "job failed for good");
            queries::fail_for_good(&mut tx, job, &reason, now).await?;
        }
        Err(error) if job.is_last_try() => {
            tracing::error!(error = &error as &dyn std::error::Error, "job failed for good");
            queries::fail_for_good(&mut tx, job, &error.to_string(), now).await?;
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "job put off");
            queries::put_off(&mut tx, job, now.plus_seconds(back_off(job.attempts)), &error.to_string()).await?;
        }
    }
    tx.commit().await
}
