//! How many want to write and can't yet.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

/// One who waits, until it is dropped: whoever gives up waits no more either.
pub(super) struct One<'a>(&'a AtomicUsize);

impl Waiting {
    pub(super) fn one(&self) -> One<'_> {
        self.0.fetch_add(1, Ordering::AcqRel);
        One(&self.0)
    }

    pub(super) fn any(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
