//! Background jobs: a table, workers that take from it, retries, progress and a calendar.
//!
//! A job is written in the transaction of its cause and runs after the commit. Several processes share
//! the table; a job is held by one at a time, and one whose holder died is offered again.
mod queries;
mod worker;

use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, id},
};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;

pub use queries::{
    Counts, JobRow, KindCount, counts, counts_by_kind, enqueue, enqueue_all, fail_for_good, failed, failed_by_id, finish,
    give_back, listed, open, open_by_key, progress, put_off, recently_finished, retry, retry_all, take,
};
pub use worker::{Workers, run_due};

id!(
    /// Names one row of `job`.
    JobId
);

/// A job on its way: what its handler sees.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    /// What it is about: an id, a date. Of two open jobs of one kind with one key there is only one.
    pub key: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    pub most_attempts: i64,
    pub held_until: Timestamp,
}

impl Job {
    /// Whether a failure of this try is final.
    pub const fn is_last_try(&self) -> bool {
        self.attempts >= self.most_attempts
    }
}

/// Why a job did not end well.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another try later.
    #[error("{0}")]
    Again(String),
    /// Trying again would change nothing.
    #[error("{0}")]
    Never(String),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

/// What a kind of job does. It must be safe to run twice: its holder may die after the work and before
/// the word of it.
pub type Handler = fn(App, Job) -> BoxFuture<'static, Result<(), JobError>>;

/// Every kind of job and what it does, put together where the whole program is.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<&'static str, Handler>);

impl Handlers {
    #[must_use]
    pub fn with(mut self, kind: &'static str, handler: Handler) -> Self {
        self.0.insert(kind, handler);
        self
    }

    pub fn get(&self, kind: &str) -> Option<Handler> {
        self.0.get(kind).copied()
    }
}

/// Work that comes by the calendar: once for each period, whichever process is there.
#[derive(Debug, Clone, Copy)]
pub struct Regular {
    pub kind: &'static str,
    /// Seconds between two runs.
    pub every: i64,
}

/// How often a job is tried, unless its cause knows better: the last try comes ten hours after the first.
pub const MOST_ATTEMPTS: i64 = 8;

/// Queues a job to run as soon as it is committed. A job of the same kind and key that is still open
/// is enough: `false` then.
pub async fn soon(tx: &mut Tx, kind: &str, key: &str, now: Timestamp) -> sqlx::Result<bool> {
    enqueue(tx, kind, key, now, MOST_ATTEMPTS, now).await
}

/// As [`soon`], for many keys at once.
pub async fn soon_all(tx: &mut Tx, kind: &str, keys: &[String], now: Timestamp) -> sqlx::Result<()> {
    enqueue_all(tx, kind, keys, now, MOST_ATTEMPTS, now).await
}

/// How long to wait before try number `attempts` + 1: 10 s, 40 s, 160 s … at most 6 hours.
pub fn back_off(attempts: i64) -> i64 {
    let doublings = u32::try_from((attempts - 1).clamp(0, 12) * 2).unwrap_or(0);
    10_i64.saturating_mul(2_i64.saturating_pow(doublings)).min(6 * 3_600)
}
