//! Works off one event: what it is about is fetched again and the books are brought up to it. Doing it
//! twice changes nothing.
use super::{EventState, PROCESS, projection::Target, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::Timestamp,
    work::{self, Job, JobError},
};
use futures_util::future::BoxFuture;

pub(super) fn process(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let mut tx = app.db.read().await?;
        let Some(event) = queries::by_id(&mut tx, &job.key).await? else {
            return Err(JobError::Never("the event is not in the table".to_owned()));
        };
        if event.state != EventState::Waiting {
            return Ok(());
        }
        let related = queries::related(&mut tx, &event.id).await?;
        drop(tx);
        let Some(target) = Target::of(&event.kind, &event.object, &related) else {
            return settle(&app, &event.id, EventState::Ignored, None).await;
        };
        match target.refresh(&app).await {
            Ok(changed) => settle(&app, &event.id, EventState::Done, changed.as_deref()).await,
            Err(error) => {
                let again = error.temporary && !job.is_last_try();
                let state = if again { EventState::Waiting } else { EventState::Failed };
                settle(&app, &event.id, state, Some(&error.reason)).await?;
                Err(if error.temporary { JobError::Again(error.reason) } else { JobError::Never(error.reason) })
            }
        }
    })
}

async fn settle(app: &App, id: &str, state: EventState, result: Option<&str>) -> Result<(), JobError> {
    let mut tx = app.db.write().await?;
    queries::settle(&mut tx, id, state, result, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes sure that a waiting event has a job: the failed one again, or a new one.
pub(super) async fn offer(tx: &mut Tx, id: &str, now: Timestamp) -> sqlx::Result<()> {
    if !work::retry(tx, PROCESS, id, now).await? {
        work::soon(tx, PROCESS, id, now).await?;
    }
    Ok(())
}
