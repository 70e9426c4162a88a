//! A checked file of donors or gifts is applied, a stretch of rows to a transaction, each marked in the transaction
//! that writes it, so that a restart goes on behind the last and doubles nothing.
use super::{
    check::known_by,
    rows::{self, Brought, Ground, Who},
};
use crate::{
    app::App,
    audit,
    data::{
        Fate, ImportId, Kind, Outcome, Run, RunState, apply,
        plan::Typed,
        queries::{self, Outcomes, PlannedRow},
    },
    db::Tx,
    donors::{
        self, Donor, DonorId,
        carried::{Index, Known},
    },
    gifts::{self, GiftId, carried::Carried},
    kernel::{Timestamp, Zone},
    members::carried::Matching,
    work::{self, Job, JobError},
};

/// Rows of one transaction: others write between two. Each stretch touches most pages of the indexes of gifts, so that
/// many short ones would write them all many times.
const AT_ONCE: i64 = 20_000;

/// Rows that are read and understood, not yet applied.
struct Stretch {
    /// The row behind which it begins.
    after: i64,
    rows: Vec<(PlannedRow, Result<Brought, String>)>,
}

/// Applies the whole file. While one stretch is written the next is read: its rows change no more.
pub(in crate::data) async fn apply(app: &App, job: &Job, run: &Run) -> Result<(), JobError> {
    let mut next = tokio::spawn(read(app.clone(), run.id, run.kind, run.reached));
    loop {
        let stretch = next.await.map_err(|panic| JobError::Again(panic.to_string()))??;
        let last = stretch.rows.last().map_or(stretch.after, |(row, _)| row.row_number);
        next = tokio::spawn(read(app.clone(), run.id, run.kind, last));
        let Some(reached) = write(app, job, run.id, stretch).await? else { return Ok(()) };
        if reached != last {
            next = tokio::spawn(read(app.clone(), run.id, run.kind, reached));
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

/// Applies a stretch, unless somebody else did so. Gives the row that the file is applied up to; none when it is done.
async fn write(app: &App, job: &Job, id: ImportId, stretch: Stretch) -> Result<Option<i64>, JobError> {
    let now = app.clock.now();
    let mut tx = app.db.write_much().await?;
    // Whoever else works on it waits here, and then sees what is done.
    let Some(run) = queries::hold(&mut tx, id).await?.filter(|run| run.state == RunState::Applying) else {
        return Ok(None);
    };
    if run.reached != stretch.after {
        return Ok(Some(run.reached));
    }
    let Some(last) = stretch.rows.last().map(|(row, _)| row.row_number) else {
        queries::advance(&mut tx, run.id, RunState::Applying, RunState::Applied, now).await?;
        let outcomes = queries::outcomes(&mut tx, run.id).await?;
        audit::record(&mut tx, &apply::actor(&run), "finish", ("import", &run.id.to_string()), None::<&()>, Some(&outcomes), now)
            .await?;
        tx.commit().await?;
        return Ok(None);
    };
    let zone = app.coalition.get().zone();
    let mut hand = Hand {
        run: &run,
        zone,
        now,
        livemode: app.config.is_live(),
        donors: Index::default(),
        new: Vec::new(),
        gifts: Vec::new(),
    };
    let brought: Vec<&Brought> = stretch.rows.iter().filter_map(|(_, brought)| brought.as_ref().ok()).collect();
    let (emails, names) = known_by(&brought);
    hand.donors.read(&mut tx, &emails, &names).await?;
    let called: Vec<&str> = brought.iter().filter_map(|b| b.given.as_ref()?.called.as_deref()).collect();
    let on_record = gifts::carried::named(&mut tx, &called).await?;
    let mut outcomes = Vec::with_capacity(stretch.rows.len());
    for (row, brought) in stretch.rows.iter().filter(|(row, _)| row.fate != Fate::Refused) {
        let done = match (brought, row.fate) {
            (Err(reason), _) => Err(reason.clone()),
            (Ok(brought), Fate::New)
                if brought.given.as_ref().is_some_and(|g| g.called.as_ref().is_some_and(|c| on_record.contains_key(c))) =>
            {
                Err("A gift of its number came on record.".to_owned())
            }
            (Ok(brought), Fate::New) => hand.enter(row, brought).map(|()| None),
            (Ok(brought), _) if run.kind == Kind::Donors => hand.change(&mut tx, row, &brought.who).await?,
            (Ok(_), _) => Ok(None),
        };
        match done {
            Ok(None) if row.fate == Fate::New => outcomes.push(Outcome::Made),
            Ok(None) => outcomes.push(Outcome::Left),
            Ok(Some(change)) => {
                outcomes.push(Outcome::Changed);
                queries::conclude_changed(&mut tx, run.id, row.row_number, &change).await?;
            }
            Err(reason) => {
                outcomes.push(Outcome::Refused);
                let why = format!("Since its dry run something changed: {reason}");
                queries::conclude_refused(&mut tx, run.id, row.row_number, &why).await?;
            }
        }
    }
    hand.write(&mut tx).await.map_err(|error| JobError::Again(error.to_string()))?;
    queries::conclude_rest(&mut tx, run.id, run.reached, last).await?;
    queries::count_outcomes(&mut tx, run.id, &Outcomes::of(outcomes.into_iter())).await?;
    queries::set_reached(&mut tx, run.id, last).await?;
    let total = queries::last_row(&mut tx, run.id).await?;
    work::progress(&mut tx, job.id, last, total, &run.file_name).await?;
    tx.commit().await?;
    Ok(Some(last))
}

/// What a stored row brings, read again.
fn sight(ground: &Ground, kind: Kind, row: &PlannedRow) -> Result<Brought, String> {
    let typed: Typed = serde_json::from_str(&row.cells).unwrap_or_default();
    rows::read(ground, kind, &typed).brought.map_err(|reasons| reasons.join(" "))
}

/// What enters a stretch of rows.
struct Hand<'a> {
    run: &'a Run,
    zone: Zone,
    now: Timestamp,
    livemode: bool,
    donors: Index,
    new: Vec<Donor>,
    gifts: Vec<Carried>,
}

impl Hand<'_> {
    /// Takes a new row in hand; the sentence says why it can't be entered.
    fn enter(&mut self, row: &PlannedRow, brought: &Brought) -> Result<(), String> {
        let who = &brought.who;
        let planned = row.planned_id.as_deref().unwrap_or_default();
        let known = self.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, _)| known.clone());
        let Some(given) = &brought.given else {
            if known.is_some() {
                return Err("This donor came on record.".to_owned());
            }
            let id = planned.parse().map_err(|_| "It has no id.".to_owned())?;
            self.found(who, id);
            return Ok(());
        };
        let donor_id = match (known, &row.record_id) {
            (Some(known), Some(meant)) if known.id.to_string() != *meant => {
                return Err("Another donor has this e-mail address or name now.".to_owned());
            }
            (None, Some(_)) => return Err("Its donor has another e-mail address or name now.".to_owned()),
            (Some(known), _) => known.id,
            (None, None) => self.found(who, DonorId::new()),
        };
        let id: GiftId = planned.parse().map_err(|_| "It has no id.".to_owned())?;
        self.gifts.push(Carried {
            id,
            donor_id,
            fund_id: given.fund,
            campaign_id: given.campaign,
            source: given.source.clone(),
            amount: given.amount,
            currency: given.currency,
            on: given.on,
            tribute: given.tribute.clone(),
            name: given.called.clone(),
            by_hand: given.by_hand(self.run.applied_by.as_deref().unwrap_or_default()),
        });
        Ok(())
    }

    fn found(&mut self, who: &Who, id: DonorId) -> DonorId {
        let donor = who.donor(id, self.now);
        self.donors.add(&donor, true);
        self.new.push(donor);
        id
    }

    /// Gives a donor on record what the file knows, as far as staff chose: what it was and is, in JSON, if it changed.
    async fn change(&self, tx: &mut Tx, row: &PlannedRow, who: &Who) -> sqlx::Result<Result<Option<[String; 2]>, String>> {
        let known = self.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, _)| known.clone());
        let Some(known) = known.filter(|known| Some(known.id.to_string()) == row.record_id) else {
            return Ok(Err("Another donor has this e-mail address or name now.".to_owned()));
        };
        let Known { id, name, address, .. } = known;
        let (new_name, new_address) = match self.run.matching.unwrap_or(Matching::Leave) {
            Matching::Leave => return Ok(Ok(None)),
            Matching::Fill => (name.clone(), address.clone().or_else(|| who.address.clone())),
            Matching::Replace => (who.name.clone(), who.address.clone().or_else(|| address.clone())),
        };
        if (&new_name, &new_address) == (&name, &address) {
            return Ok(Ok(None));
        }
        let (was, is) = ((name.as_str(), address.as_deref()), (new_name.as_str(), new_address.as_deref()));
        if !donors::put_carried(tx, id, was, is, who.email.as_ref()).await? {
            return Ok(Err("Somebody changed this donor.".to_owned()));
        }
        let record = id.to_string();
        audit::record(tx, &apply::actor(self.run), "change by import", ("donor", &record), Some(&was), Some(&is), self.now)
            .await?;
        Ok(Ok(Some([apply::json(&was)?, apply::json(&is)?])))
    }

    async fn write(self, tx: &mut Tx) -> Result<(), crate::books::BooksError> {
        donors::bulk_insert(tx, &self.new).await?;
        queries::insert_founded(tx, self.run.id, &self.new).await?;
        gifts::carried::insert(tx, &self.gifts, &self.zone, self.now, self.livemode).await
    }
}
