//! The way into the table. Events that arrive at the same moment share one transaction, and none is
//! acknowledged before it is on disk: waiting for the disk is what a commit costs, not the rows in it.
use super::{EventState, NewEvent, PROCESS, queries};
use crate::{app::App, db::Tx, work};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many events one transaction takes at most.
const MOST_AT_ONCE: usize = 256;
/// How many may wait before the gateway is told to come again.
const MOST_WAITING: usize = 2_048;
/// How long the gateway is kept waiting; it gives up itself after some ten seconds.
const LONGEST: Duration = Duration::from_secs(8);

/// Nothing was promised: the gateway must send it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event could not be stored")]
pub(super) struct NotStored;

struct Arrival {
    event: NewEvent,
    answer: oneshot::Sender<Result<(), NotStored>>,
}

/// Where events are handed in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake(mpsc::Sender<Arrival>);

impl Intake {
    /// Starts the task that stores; it ends when the last `Intake` is gone and all is stored.
    pub(super) fn start(app: &App) -> Self {
        let (sender, mut arrivals) = mpsc::channel(MOST_WAITING);
        let app = app.clone();
        tokio::spawn(async move {
            let mut batch: Vec<Arrival> = Vec::with_capacity(MOST_AT_ONCE);
            while arrivals.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
                let stored = store_all(&app, &batch).await;
                if let Err(error) = &stored {
                    tracing::error!(error = error as &dyn std::error::Error, events = batch.len(), "events can't be stored");
                }
                for arrival in batch.drain(..) {
                    // Who has stopped waiting hears from the gateway again.
                    let _ = arrival.answer.send(stored.as_ref().map(|_| ()).map_err(|_| NotStored));
                }
                if stored.is_ok_and(|waiting| waiting > 0) {
                    app.bell.notify_one();
                }
            }
        });
        Self(sender)
    }

    /// Returns when the event, or the one it repeats, is on disk.
    pub(super) async fn store(&self, event: NewEvent) -> Result<(), NotStored> {
        let (answer, stored) = oneshot::channel();
        let wait = async {
            self.0.send(Arrival { event, answer }).await.map_err(|_| NotStored)?;
            stored.await.map_err(|_| NotStored)?
        };
        tokio::time::timeout(LONGEST, wait).await.unwrap_or(Err(NotStored))
    }
}

async fn store_all(app: &App, batch: &[Arrival]) -> sqlx::Result<usize> {
    let mut tx = app.db.write().await?;
    let mut waiting = 0;
    for arrival in batch {
        waiting += usize::from(store(&mut tx, app, &arrival.event).await?);
    }
    tx.commit().await?;
    Ok(waiting)
}

/// Writes an event down with the job that works it off. `false` when there is nothing to do: it is
/// there already, or of no use.
pub(super) async fn store(tx: &mut Tx, app: &App, event: &NewEvent) -> sqlx::Result<bool> {
    let now = app.clock.now();
    if !queries::insert(tx, event, now).await? || event.state != EventState::Waiting {
        return Ok(false);
    }
    work::soon(tx, PROCESS, &event.id, now).await
}
