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
        Fate, Kind, Outcome, Run, RunState, apply,
        plan::Typed,
        queries::{self, Outcomes, StoredRow},
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

/// Rows of one transaction: others write between two.
const AT_ONCE: i64 = 4_000;

/// Applies the next rows; `false` when none was left.
pub(in crate::data) async fn apply_some(app: &App, job: &Job, mut tx: Tx, run: &Run) -> Result<bool, JobError> {
    let now = app.clock.now();
    let mut stretch = queries::stretch(&mut tx, run.id, run.reached, AT_ONCE).await?;
    let Some(last) = stretch.last().map(|row| row.row_number) else {
        queries::advance(&mut tx, run.id, RunState::Applying, RunState::Applied, now).await?;
        let outcomes = queries::outcomes(&mut tx, run.id).await?;
        audit::record(&mut tx, &apply::actor(run), "finish", ("import", &run.id.to_string()), None::<&()>, Some(&outcomes), now)
            .await?;
        tx.commit().await?;
        return Ok(false);
    };
    stretch.retain(|row| row.fate != Fate::Refused);
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let ground = Ground::read(&mut tx, zone.day(now), coalition.currency).await?;
    let mut hand =
        Hand { run, zone, now, livemode: app.config.is_live(), donors: Index::default(), new: Vec::new(), gifts: Vec::new() };
    let sights: Vec<_> = stretch.iter().map(|row| sight(&ground, run.kind, row)).collect();
    let brought: Vec<&Brought> = sights.iter().filter_map(|sight| sight.as_ref().ok()).collect();
    let (emails, names) = known_by(&brought);
    hand.donors.read(&mut tx, &emails, &names).await?;
    let called: Vec<String> = brought.iter().filter_map(|b| b.given.as_ref()?.called.clone()).collect();
    let on_record = gifts::carried::named(&mut tx, &called).await?;
    for (row, sight) in stretch.iter_mut().zip(&sights) {
        let done = match (sight, row.fate) {
            (Err(reason), _) => Err(reason.clone()),
            (Ok(brought), Fate::New)
                if brought.given.as_ref().is_some_and(|g| g.called.as_ref().is_some_and(|c| on_record.contains_key(c))) =>
            {
                Err("A gift of its number came on record.".to_owned())
            }
            (Ok(brought), Fate::New) => hand.enter(row, brought),
            (Ok(brought), _) if run.kind == Kind::Donors => hand.change(&mut tx, row, &brought.who).await?,
            (Ok(_), _) => Ok(Outcome::Left),
        };
        match done {
            Ok(Outcome::Made) => {}
            Ok(outcome) => {
                row.outcome = Some(outcome);
                queries::conclude(&mut tx, run.id, row).await?;
            }
            Err(reason) => {
                row.outcome = Some(Outcome::Refused);
                row.outcome_why = Some(format!("Since its dry run something changed: {reason}"));
                queries::conclude(&mut tx, run.id, row).await?;
            }
        }
    }
    hand.write(&mut tx).await.map_err(|error| JobError::Again(error.to_string()))?;
    queries::conclude_made(&mut tx, run.id, run.reached, last).await?;
    let outcomes = stretch.iter().map(|row| row.outcome.unwrap_or(Outcome::Made));
    queries::count_outcomes(&mut tx, run.id, &Outcomes::of(outcomes)).await?;
    queries::set_reached(&mut tx, run.id, last).await?;
    let total = queries::last_row(&mut tx, run.id).await?;
    work::progress(&mut tx, job.id, last, total, &run.file_name).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a stored row brings, read again.
fn sight(ground: &Ground, kind: Kind, row: &StoredRow) -> Result<Brought, String> {
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
    fn enter(&mut self, row: &StoredRow, brought: &Brought) -> Result<Outcome, String> {
        let who = &brought.who;
        let planned = row.planned_id.as_deref().unwrap_or_default();
        let known = self.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, _)| known.clone());
        let Some(given) = &brought.given else {
            if known.is_some() {
                return Err("This donor came on record.".to_owned());
            }
            let id = planned.parse().map_err(|_| "It has no id.".to_owned())?;
            self.found(who, id);
            return Ok(Outcome::Made);
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
        Ok(Outcome::Made)
    }

    fn found(&mut self, who: &Who, id: DonorId) -> DonorId {
        let donor = who.donor(id, self.now);
        self.donors.add(&donor, true);
        self.new.push(donor);
        id
    }

    /// Gives a donor on record what the file knows, as far as staff chose.
    async fn change(&self, tx: &mut Tx, row: &mut StoredRow, who: &Who) -> sqlx::Result<Result<Outcome, String>> {
        let known = self.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, _)| known.clone());
        let Some(known) = known.filter(|known| Some(known.id.to_string()) == row.record_id) else {
            return Ok(Err("Another donor has this e-mail address or name now.".to_owned()));
        };
        let Known { id, name, address, .. } = known;
        let (new_name, new_address) = match self.run.matching.unwrap_or(Matching::Leave) {
            Matching::Leave => return Ok(Ok(Outcome::Left)),
            Matching::Fill => (name.clone(), address.clone().or_else(|| who.address.clone())),
            Matching::Replace => (who.name.clone(), who.address.clone().or_else(|| address.clone())),
        };
        if (&new_name, &new_address) == (&name, &address) {
            return Ok(Ok(Outcome::Left));
        }
        let (was, is) = ((name.as_str(), address.as_deref()), (new_name.as_str(), new_address.as_deref()));
        if !donors::put_carried(tx, id, was, is, who.email.as_ref()).await? {
            return Ok(Err("Somebody changed this donor.".to_owned()));
        }
        row.before = serde_json::to_string(&was).ok();
        row.after = serde_json::to_string(&is).ok();
        let record = id.to_string();
        audit::record(tx, &apply::actor(self.run), "change by import", ("donor", &record), Some(&was), Some(&is), self.now)
            .await?;
        Ok(Ok(Outcome::Changed))
    }

    async fn write(self, tx: &mut Tx) -> Result<(), crate::books::BooksError> {
        donors::bulk_insert(tx, &self.new).await?;
        queries::insert_founded(tx, self.run.id, &self.new).await?;
        gifts::carried::insert(tx, &self.gifts, &self.zone, self.now, self.livemode).await
    }
}
