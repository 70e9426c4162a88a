//! Work that keeps a processor busy and fills memory, such as password hashes: a few at a time, on
//! threads of its own, with a short queue. Beyond the queue the answer is "busy", at once: a burst of
//! sign-ins can neither starve the site nor fill its memory.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// The pool. Clones share it.
#[derive(Debug, Clone)]
pub struct Hashing(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    at_once: usize,
    most_waiting: usize,
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    begun: AtomicUsize,
    peak: AtomicUsize,
}

/// Too many wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Many people are signing in at this moment. Wait a few seconds and try again.")]
pub struct Busy;

/// A place in the queue; leaves it when the one who waits goes away.
struct Waiting<'a>(&'a Pool);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Hashing {
    /// At most `at_once` run, and at most `most_waiting` wait for them.
    pub fn new(at_once: usize, most_waiting: usize) -> Self {
        Self(Arc::new(Pool {
            at_once,
            most_waiting,
            slots: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        }))
    }

    /// Runs `work` on a thread for blocking work when it is its turn. Whoever goes away while it runs
    /// leaves the slot taken until it ends.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = self.queue()?;
        let slot = self.0.slots.clone().acquire_owned().await.expect("the slots are never closed");
        drop(place);
        let pool = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            pool.begun.fetch_add(1, Ordering::AcqRel);
            pool.peak.fetch_max(pool.at_once - pool.slots.available_permits(), Ordering::AcqRel);
            work()
        });
        match done.await {
            Ok(value) => Ok(value),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn queue(&self) -> Result<Waiting<'_>, Busy> {
        // Whoever finds a free slot passes through the queue too, for an instant.
        let before = self.0.waiting.fetch_add(1, Ordering::AcqRel);
        let place = Waiting(&self.0);
        if before < self.0.most_waiting { Ok(place) } else { Err(Busy) }
    }

    /// How many may run at once.
    pub fn at_once(&self) -> usize {
        self.0.at_once
    }

    /// How many may wait.
    pub fn most_waiting(&self) -> usize {
        self.0.most_waiting
    }

    /// How many wait now.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Acquire)
    }

    /// How many were begun since the start.
    pub fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Acquire)
    }

    /// The most that ever ran at the same moment.
    pub fn peak(&self) -> usize {
        self.0.peak.load(Ordering::Acquire)
    }
}
