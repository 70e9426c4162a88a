//! Figures that take long to add up, kept while nothing was written. Only where one process writes.
use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The command line may write beside the server; what it changes is seen after this long.
const GOOD_FOR: Duration = Duration::from_secs(30);
const MOST: usize = 500;

#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    commits: Arc<AtomicU64>,
    kept: Arc<Mutex<HashMap<String, Kept>>>,
    turns: Arc<Mutex<HashMap<String, Weak<Turn>>>>,
}

/// Who holds it adds up; the others wait and find what was added up.
pub(super) type Turn = tokio::sync::Mutex<()>;

#[derive(Debug, Clone)]
struct Kept {
    commits: u64,
    made: Instant,
    figures: Arc<dyn Any + Send + Sync>,
}

impl Recent {
    pub(super) fn wrote(&self) {
        self.commits.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    pub(super) fn find<T: Any + Send + Sync + Clone>(&self, key: &str) -> Option<T> {
        let kept = self.kept.lock().expect("nobody panics here").get(key)?.clone();
        let good = kept.commits == self.commits() && kept.made.elapsed() < GOOD_FOR;
        if good { kept.figures.downcast_ref().cloned() } else { None }
    }

    /// Whose turn it is to add up these figures: many may ask at the same moment, and one is enough.
    pub(super) fn turn(&self, key: &str) -> Arc<Turn> {
        let mut turns = self.turns.lock().expect("nobody panics here");
        if let Some(turn) = turns.get(key).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(key.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// Keeps what was added up since `commits` was read.
    pub(super) fn keep<T: Any + Send + Sync>(&self, key: String, commits: u64, figures: T) {
        let mut kept = self.kept.lock().expect("nobody panics here");
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Kept { commits, made: Instant::now(), figures: Arc::new(figures) });
    }
}
