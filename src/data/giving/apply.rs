//! A checked file of donors or gifts is applied, many rows to a transaction, each marked in the transaction that writes
//! it, so that a restart goes on behind the last and doubles nothing.
use super::{
    hand::Hand,
    rows::{self, Brought, Ground},
};
use crate::{
    app::App,
    audit,
    books::BooksError,
    data::{
        Fate, ImportId, Kind, Outcome, Run, RunState, apply,
        plan::Typed,
        queries::{self, Outcomes, PlannedRow},
    },
    db::{Batch, Tx},
    gifts::{self, carried::Sums},
    work::{self, Job, JobError},
};
use std::time::{Duration, Instant};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

/// Rows that are read, and written, together: this long somebody waits who wants to write to SQLite too.
const AT_ONCE: i64 = 5_000;
/// How long one transaction goes on when nobody waits. What many stretches write to (a page of an index, a donor's
/// sums) is written to the disk once.
const LONGEST: Duration = Duration::from_secs(5);
/// How long it waits, not committed, for the next stretch: whoever has the connections that read it may wait for the commit.
const PATIENCE: Duration = Duration::from_secs(1);

/// Rows that are read and understood, not yet applied.
struct Stretch {
    /// The row behind which it begins.
    after: i64,
    rows: Vec<(PlannedRow, Result<Brought, String>)>,
}

/// Applies the whole file. While one stretch is written the next is read: its rows change no more.
pub(in crate::data) async fn apply(app: &App, job: &Job, run: &Run) -> Result<(), JobError> {
    let read_behind = |reached| tokio::spawn(read(app.clone(), run.id, run.kind, reached));
    let (mut next, mut open): (_, Option<Writing<'_>>) = (read_behind(run.reached), None);
    loop {
        let read = if let Ok(read) = timeout(PATIENCE, &mut next).await {
            read
        } else {
            if let Some(writing) = open.take() {
                writing.commit(job).await?;
            }
            next.await
        };
        let stretch = read.map_err(|panic| JobError::Again(panic.to_string()))??;
        let mut writing = match open.take() {
            Some(writing) => writing,
            None => match Writing::begin(app, run.id).await? {
                Some(writing) => writing,
                None => return Ok(()),
            },
        };
        if writing.reached != stretch.after {
            next = read_behind(writing.reached);
            continue;
        }
        let Some(last) = stretch.rows.last().map(|(row, _)| row.row_number) else { return writing.finish(job).await };
        next = read_behind(last);
        writing.add(stretch, last).await?;
        if app.db.others_wait() || writing.since.elapsed() >= LONGEST {
            writing.commit(job).await?;
        } else {
            open = Some(writing);
        }
    }
}

async fn read(app: App, id: ImportId, kind: Kind, after: i64) -> sqlx::Result<Stretch> {
    let coalition = app.coalition.get();
    let mut tx = app.db.read().await?;
    let ground = Ground::read(&mut tx, coalition.zone().day(app.clock.now()), coalition.currency).await?;
    let mut rows = queries::stretch(&mut tx, id, after, AT_ONCE).await?;
    drop(tx);
    // A refused last row counts: it says how far the stretch goes.
    let last = rows.last().map(|row| row.row_number);
    rows.retain(|row| row.fate != Fate::Refused || Some(row.row_number) == last);
    let rows = rows.into_iter().map(|row| {
        let brought = sight(&ground, kind, &row);
        (row, brought)
    });
    Ok(Stretch { after, rows: rows.collect() })
}

/// What a stored row brings, read again.
fn sight(ground: &Ground, kind: Kind, row: &PlannedRow) -> Result<Brought, String> {
    let typed: Typed = serde_json::from_str(&row.cells).unwrap_or_default();
    rows::read(ground, kind, &typed).brought.map_err(|reasons| reasons.join(" "))
}

/// Statements of a stretch that are being built, and the row that it goes up to.
type Building = (i64, JoinHandle<Result<(Batch, Sums), BooksError>>);

/// A transaction that applies stretches. While the statements of one run, those of the next are built.
struct Writing<'a> {
    app: &'a App,
    tx: Tx,
    since: Instant,
    /// The row up to which the file is taken in hand.
    reached: i64,
    /// The row up to which it is written.
    written: i64,
    hand: Hand,
    /// What its gifts add to the sums; whoever builds statements has it meanwhile.
    sums: Option<Sums>,
    building: Option<Building>,
    outcomes: Vec<Outcome>,
    donors: usize,
}

impl<'a> Writing<'a> {
    /// Begins, unless somebody else applied it whole.
    async fn begin(app: &'a App, id: ImportId) -> sqlx::Result<Option<Self>> {
        let mut tx = app.db.write_much().await?;
        // Whoever else works on it waits here, and then sees what is done.
        let Some(run) = queries::hold(&mut tx, id).await?.filter(|run| run.state == RunState::Applying) else {
            return Ok(None);
        };
        let (reached, written) = (run.reached, run.reached);
        let sums = Some(Sums::begin(&mut tx).await?);
        let (hand, since) = (Hand::new(run, app.clock.now()), Instant::now());
        Ok(Some(Self { app, tx, since, reached, written, hand, sums, building: None, outcomes: Vec::new(), donors: 0 }))
    }

    /// Takes a stretch in hand, and writes the one before; `last` is its last row.
    async fn add(&mut self, stretch: Stretch, last: i64) -> Result<(), JobError> {
        self.judge(&stretch).await?;
        let ready = self.built().await?;
        let taken = self.hand.take(self.app);
        self.donors += taken.donors.len();
        let mut sums = self.sums()?;
        sums.count_givers(&mut self.tx, &taken.gifts).await?;
        let batch = self.tx.batch();
        self.building = Some((last, spawn_blocking(move || taken.build(batch, sums))));
        self.reached = last;
        self.write(ready).await
    }

    /// Says what comes of the rows of a stretch, and takes in hand what enters.
    async fn judge(&mut self, stretch: &Stretch) -> Result<(), JobError> {
        let Self { tx, hand, .. } = self;
        let id = hand.run.id;
        let brought: Vec<&Brought> = stretch.rows.iter().filter_map(|(_, brought)| brought.as_ref().ok()).collect();
        hand.know(tx, &brought).await?;
        let called: Vec<&str> = brought.iter().filter_map(|b| b.given.as_ref()?.called.as_deref()).collect();
        let on_record = gifts::carried::named(tx, &called).await?;
        for (row, brought) in stretch.rows.iter().filter(|(row, _)| row.fate != Fate::Refused) {
            let done = match (brought, row.fate) {
                (Err(reason), _) => Err(reason.clone()),
                (Ok(brought), Fate::New)
                    if brought.given.as_ref().is_some_and(|g| g.called.as_ref().is_some_and(|c| on_record.contains_key(c))) =>
                {
                    Err("A gift of its number came on record.".to_owned())
                }
                (Ok(brought), Fate::New) => hand.enter(row, brought).map(|()| None),
                (Ok(brought), _) if hand.run.kind == Kind::Donors => hand.change(tx, row, &brought.who).await?,
                (Ok(_), _) => Ok(None),
            };
            self.outcomes.push(match done {
                Ok(None) if row.fate == Fate::New => Outcome::Made,
                Ok(None) => Outcome::Left,
                Ok(Some(change)) => {
                    queries::conclude_changed(tx, id, row.row_number, &change).await?;
                    Outcome::Changed
                }
                Err(reason) => {
                    let why = format!("Since its dry run something changed: {reason}");
                    queries::conclude_refused(tx, id, row.row_number, &why).await?;
                    Outcome::Refused
                }
            });
        }
        Ok(())
    }

    /// The statements that were being built, and the row that they go up to.
    async fn built(&mut self) -> Result<Option<(i64, Batch)>, JobError> {
        let Some((last, building)) = self.building.take() else { return Ok(None) };
        let again = |error: String| JobError::Again(error);
        let (batch, sums) =
            building.await.map_err(|panic| again(panic.to_string()))?.map_err(|error| again(error.to_string()))?;
        self.sums = Some(sums);
        Ok(Some((last, batch)))
    }

    fn sums(&mut self) -> Result<Sums, JobError> {
        self.sums.take().ok_or_else(|| JobError::Again("the sums are still with the last stretch".to_owned()))
    }

    async fn write(&mut self, ready: Option<(i64, Batch)>) -> Result<(), JobError> {
        if let Some((last, batch)) = ready {
            self.tx.run(batch).await?;
            queries::conclude_rest(&mut self.tx, self.hand.run.id, self.written, last).await?;
            self.written = last;
        }
        Ok(())
    }

    /// Writes the last stretch and the sums of all.
    async fn sum_up(mut self, job: &Job) -> Result<Tx, JobError> {
        let ready = self.built().await?;
        self.write(ready).await?;
        let sums = self.sums()?;
        let Self { mut tx, reached, hand, outcomes, donors, .. } = self;
        sums.write(&mut tx).await?;
        let (id, outcomes) = (hand.run.id, Outcomes::of(outcomes.into_iter()));
        queries::count_outcomes(&mut tx, id, &outcomes).await?;
        queries::count_founded(&mut tx, id, donors).await?;
        queries::set_reached(&mut tx, id, reached).await?;
        let total = queries::last_row(&mut tx, id).await?;
        work::progress(&mut tx, job.id, reached, total, &hand.run.file_name).await?;
        Ok(tx)
    }

    async fn commit(self, job: &Job) -> Result<(), JobError> {
        Ok(self.sum_up(job).await?.commit().await?)
    }

    /// Nothing is left of the file.
    async fn finish(self, job: &Job) -> Result<(), JobError> {
        let (id, now, actor) = (self.hand.run.id, self.app.clock.now(), apply::actor(&self.hand.run));
        let mut tx = self.sum_up(job).await?;
        queries::advance(&mut tx, id, RunState::Applying, RunState::Applied, now).await?;
        let outcomes = queries::outcomes(&mut tx, id).await?;
        audit::record(&mut tx, &actor, "finish", ("import", &id.to_string()), None::<&()>, Some(&outcomes), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
