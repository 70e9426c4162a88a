//! A checked file of donors or gifts is applied, many rows to a transaction, each marked in the transaction that writes
//! it, so that a restart goes on behind the last and doubles nothing.
use super::{
    hand::Hand,
    stretch::{Judged, Stretch},
};
use crate::{
    app::App,
    audit,
    books::BooksError,
    data::{
        ImportId, Kind, Outcome, Run, RunState, apply,
        queries::{self, Outcomes},
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

/// How long one transaction goes on when nobody waits. What many stretches write to (a page of an index, a donor's
/// sums) is written to the disk once.
const LONGEST: Duration = Duration::from_secs(5);
/// How long it waits, not committed, for the next stretch: whoever has the connections that read it may wait for the commit.
const PATIENCE: Duration = Duration::from_secs(1);

/// Applies the whole file. While one stretch is written the next is read: its rows change no more.
pub(in crate::data) async fn apply(app: &App, job: &Job, run: &Run) -> Result<(), JobError> {
    let read_behind = |reached| tokio::spawn(Stretch::read(app.clone(), run.id, run.kind, reached));
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
        let Some(last) = stretch.last() else { return writing.finish(job).await };
        next = read_behind(last);
        writing.add(stretch, last).await?;
        if app.db.others_wait() || writing.since.elapsed() >= LONGEST {
            writing.commit(job).await?;
        } else {
            open = Some(writing);
        }
    }
}

/// A stretch that is being judged, with what is needed for the next.
type Judging = JoinHandle<Result<(Judged, Hand, Sums), BooksError>>;

/// A transaction that applies stretches. While the statements of one run, the next is judged and its statements built.
struct Writing<'a> {
    app: &'a App,
    tx: Tx,
    since: Instant,
    /// Whose file it is, as it stood when the transaction began.
    run: Run,
    /// The row up to which the file is taken in hand.
    reached: i64,
    /// The row up to which it is written.
    written: i64,
    /// What its rows come to, and add to the sums; whoever judges a stretch has them meanwhile.
    hand: Option<(Hand, Sums)>,
    judging: Option<Judging>,
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
        let hand = Some((Hand::new(run.clone(), app), Sums::begin(&mut tx).await?));
        let (reached, written, since) = (run.reached, run.reached, Instant::now());
        Ok(Some(Self { app, tx, since, run, reached, written, hand, judging: None, outcomes: Vec::new(), donors: 0 }))
    }

    /// Takes a stretch in hand, and writes the one before; `last` is its last row.
    async fn add(&mut self, stretch: Stretch, last: i64) -> Result<(), JobError> {
        let ready = self.judged().await?;
        let (mut hand, mut sums) = self.hand()?;
        let brought: Vec<_> = stretch.brought().collect();
        hand.know(&mut self.tx, &brought).await?;
        let on_record = gifts::carried::named(&mut self.tx, &stretch.called()).await?;
        let batch = self.tx.batch();
        self.judging = Some(spawn_blocking(move || {
            let judged = stretch.judge(&mut hand, &mut sums, &on_record, batch)?;
            Ok((judged, hand, sums))
        }));
        self.write(ready).await?;
        self.reached = last;
        Ok(())
    }

    fn hand(&mut self) -> Result<(Hand, Sums), JobError> {
        self.hand.take().ok_or_else(|| JobError::Again("the last stretch is still being judged".to_owned()))
    }

    /// The statements of the stretch that was being judged, what came of its rows written down.
    async fn judged(&mut self) -> Result<Option<Batch>, JobError> {
        let Some(judging) = self.judging.take() else { return Ok(None) };
        let again = |error: String| JobError::Again(error);
        let (judged, hand, mut sums) =
            judging.await.map_err(|panic| again(panic.to_string()))?.map_err(|error| again(error.to_string()))?;
        let Judged { outcomes, mut refused, changes, asked, donors, batch } = judged;
        let (tx, id) = (&mut self.tx, self.run.id);
        for change in changes {
            self.outcomes.push(match hand.change(tx, &change.known, &change.who).await? {
                Ok(None) => Outcome::Left,
                Ok(Some(what)) => {
                    queries::conclude_changed(tx, id, change.row, &what).await?;
                    Outcome::Changed
                }
                Err(reason) => {
                    refused.push((change.row, reason));
                    Outcome::Refused
                }
            });
        }
        for (row, reason) in refused {
            let why = format!("Since its dry run something changed: {reason}");
            queries::conclude_refused(tx, id, row, &why).await?;
        }
        sums.count_givers(tx, &asked).await?;
        self.outcomes.extend(outcomes);
        self.donors += donors;
        self.hand = Some((hand, sums));
        Ok(Some(batch))
    }

    /// Writes what is taken in hand.
    async fn write(&mut self, ready: Option<Batch>) -> Result<(), JobError> {
        let Some(batch) = ready else { return Ok(()) };
        self.tx.run(batch).await?;
        if self.run.kind == Kind::Donors {
            queries::conclude_rest(&mut self.tx, self.run.id, self.written, self.reached).await?;
        }
        self.written = self.reached;
        Ok(())
    }

    /// Writes the last stretch and the sums of all.
    async fn sum_up(mut self, job: &Job) -> Result<Tx, JobError> {
        let ready = self.judged().await?;
        let ((_, sums), batch) = (self.hand()?, self.tx.batch());
        let building = spawn_blocking(move || sums.build(batch));
        self.write(ready).await?;
        let sums = building.await.map_err(|panic| JobError::Again(panic.to_string()))?;
        let Self { mut tx, reached, run, outcomes, donors, .. } = self;
        sums.write(&mut tx).await?;
        let outcomes = Outcomes::of(outcomes.into_iter());
        queries::count_outcomes(&mut tx, run.id, &outcomes).await?;
        queries::count_founded(&mut tx, run.id, donors).await?;
        queries::set_applied_to(&mut tx, run.id, reached).await?;
        let total = queries::last_row(&mut tx, run.id).await?;
        // The first row has the headings.
        work::progress(&mut tx, job.id, (reached - 1).max(0), (total - 1).max(0), &run.file_name).await?;
        Ok(tx)
    }

    async fn commit(self, job: &Job) -> Result<(), JobError> {
        Ok(self.sum_up(job).await?.commit().await?)
    }

    /// Nothing is left of the file.
    async fn finish(self, job: &Job) -> Result<(), JobError> {
        let (id, now, actor) = (self.run.id, self.app.clock.now(), apply::actor(&self.run));
        let mut tx = self.sum_up(job).await?;
        queries::advance(&mut tx, id, RunState::Applying, RunState::Applied, now).await?;
        let outcomes = queries::outcomes(&mut tx, id).await?;
        audit::record(&mut tx, &actor, "finish", ("import", &id.to_string()), None::<&()>, Some(&outcomes), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
