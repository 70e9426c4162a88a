//! What the payment gateway tells us, kept raw, answered fast, worked off later; and the comparison
//! with the gateway that repairs what was never told.
//!
//! An event is a notification, never a fact: its object is fetched again and the fresh state is taken,
//! so the order, the repetition and the loss of events do not matter. It refuses unsigned and stale
//! messages, and those of the other mode (live or test).
mod intake;
mod pages;
mod process;
mod projection;
mod queries;
mod receive;
mod sync;
mod sync_pages;

use crate::{
    app::App,
    kernel::{Timestamp, id, words},
    payments::Event,
    work::{Handlers, Regular},
};
use axum::Router;

pub use queries::failed_count;

words! {
    /// How far an event has come.
    pub enum EventState {
        Waiting = "waiting", "Waiting";
        Done = "done", "Worked off";
        /// Of a kind we have no use for.
        Ignored = "ignored", "Not needed";
        Failed = "failed", "Failed";
    }
}

words! {
    /// How an event reached us.
    pub enum Source {
        Webhook = "webhook", "by webhook";
        Sync = "sync", "fetched by a comparison";
    }
}

/// The kind of a message that is authentic and can't be read.
const UNREADABLE: &str = "unreadable";

/// One event on its way into the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NewEvent {
    id: String,
    kind: String,
    object: String,
    related: Vec<(String, String)>,
    body: String,
    source: Source,
    created_at: Timestamp,
    state: EventState,
    result: Option<String>,
}

impl NewEvent {
    fn of(event: Event, body: String, source: Source) -> Self {
        let wanted = projection::Target::of(&event.kind, &event.object, &event.related).is_some();
        Self {
            state: if wanted { EventState::Waiting } else { EventState::Ignored },
            result: None,
            id: event.id,
            kind: event.kind,
            object: event.object,
            related: event.related,
            body,
            source,
            created_at: event.created,
        }
    }
}

/// One event as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct EventRow {
    id: String,
    kind: String,
    object: String,
    state: EventState,
    source: Source,
    created_at: Timestamp,
    received_at: Timestamp,
    attempts: i64,
    settled_at: Option<Timestamp>,
    result: Option<String>,
}

id!(
    /// Names one row of `sync_run`.
    SyncId
);

words! {
    /// How far a comparison has come.
    pub enum SyncState {
        Running = "running", "Running";
        Done = "done", "Finished";
        Failed = "failed", "Stopped";
    }
}

words! {
    /// The parts of a comparison, in their order.
    pub enum Step {
        Events = "events", "Events that did not arrive";
        Checkouts = "checkouts", "Payment pages";
        Subscriptions = "subscriptions", "Recurring gifts and their bills";
        // After the bills: a refund finds the gift that its bill has made.
        Charges = "charges", "Charges, refunds and disputes";
        Payouts = "payouts", "Payouts to the bank";
    }
}

words! {
    /// What a comparison found about one object.
    pub enum Outcome {
        Repaired = "repaired", "Repaired";
        Skipped = "skipped", "Left alone";
    }
}

/// One comparison with the gateway.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct SyncRun {
    id: SyncId,
    asked_by: String,
    begun_at: Timestamp,
    ended_at: Option<Timestamp>,
    state: SyncState,
    step: Step,
    last: String,
    compared: i64,
    repaired: i64,
    skipped: i64,
    error: Option<String>,
}

/// One thing a comparison repaired or left.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Finding {
    number: i64,
    outcome: Outcome,
    object: String,
    sentence: String,
}

/// The kind of the job that works off one event; its key is the event's id.
pub const PROCESS: &str = "webhooks.process";
/// The comparison that comes every night.
pub const SYNC: Regular = Regular { kind: "webhooks.sync", every: 86_400 };

/// Where the gateway sends its events: no proof of a form, no frame, a limit of its own.
pub fn gateway(app: &App) -> Router<App> {
    receive::router(app)
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    pages::router().merge(sync_pages::router())
}

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(PROCESS, process::process).with(SYNC.kind, sync::nightly).with(sync::RUN, sync::run)
}
