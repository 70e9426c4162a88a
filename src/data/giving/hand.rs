//! What the rows of a file come to: donors who are found or entered, changes of those on record, gifts.
use super::{
    check::known_by,
    rows::{Brought, Who},
};
use crate::{
    app::App,
    audit,
    books::BooksError,
    data::{
        Run, apply,
        queries::{self, PlannedRow},
    },
    db::{Batch, Tx},
    donors::{
        self, Donor, DonorId,
        carried::{Index, Known},
    },
    gifts::{
        self, GiftId,
        carried::{Carried, Sums},
    },
    kernel::{Timestamp, Zone},
    members::carried::Matching,
};

/// What one transaction enters.
pub(super) struct Hand {
    pub(super) run: Run,
    now: Timestamp,
    zone: Zone,
    livemode: bool,
    /// Everybody its rows have named so far: nobody else writes meanwhile who would change them.
    donors: Index,
    /// Taken in hand since the last [`Hand::take`].
    new: Vec<Donor>,
    gifts: Vec<Carried>,
}

/// New donors and gifts, whose statements are still to be built.
pub(super) struct Taken {
    pub(super) donors: Vec<Donor>,
    pub(super) gifts: Vec<Carried>,
}

impl Hand {
    pub(super) fn new(run: Run, app: &App) -> Self {
        let (now, zone, livemode) = (app.clock.now(), app.coalition.get().zone(), app.config.is_live());
        Self { run, now, zone, livemode, donors: Index::default(), new: Vec::new(), gifts: Vec::new() }
    }

    /// Looks up the donors that rows name, so that they stay who they are until the commit.
    pub(super) async fn know(&mut self, tx: &mut Tx, brought: &[&Brought]) -> sqlx::Result<()> {
        let (mut emails, mut names) = known_by(brought);
        emails.retain(|email| !self.donors.has_email(email));
        names.retain(|name| !self.donors.has_name(name));
        self.donors.read(tx, &emails, &names).await?;
        if self.donors.hold(tx).await? {
            self.donors = Index::default();
            self.donors.read(tx, &emails, &names).await?;
        }
        Ok(())
    }

    /// Takes a new row in hand; the sentence says why it can't be entered.
    pub(super) fn enter(&mut self, row: &PlannedRow, brought: &Brought) -> Result<(), String> {
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

    /// The donor on record whom a row changes; the sentence says why it can't.
    pub(super) fn meant(&self, row: &PlannedRow, who: &Who) -> Result<Known, String> {
        let known = self.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, _)| known.clone());
        let known = known.filter(|known| Some(known.id.to_string()) == row.record_id);
        known.ok_or_else(|| "Another donor has this e-mail address or name now.".to_owned())
    }

    /// Gives a donor on record what the file knows, as far as staff chose: what it was and is, in JSON, if it changed.
    pub(super) async fn change(
        &self,
        tx: &mut Tx,
        known: &Known,
        who: &Who,
    ) -> sqlx::Result<Result<Option<[String; 2]>, String>> {
        let Known { id, name, address, .. } = known.clone();
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
        audit::record(tx, &apply::actor(&self.run), "change by import", ("donor", &record), Some(&was), Some(&is), self.now)
            .await?;
        Ok(Ok(Some([apply::json(&was)?, apply::json(&is)?])))
    }

    /// The statements that enter what was taken in hand; adds the gifts to the sums.
    pub(super) fn build(&self, batch: &mut Batch, taken: &Taken, sums: &mut Sums) -> Result<(), BooksError> {
        donors::batch_insert(batch, &taken.donors);
        queries::insert_founded(batch, self.run.id, &taken.donors);
        gifts::carried::batch_insert(batch, &taken.gifts, (&self.zone, self.now, self.livemode))?;
        sums.add(&taken.gifts, &self.zone);
        Ok(())
    }

    /// Hands over what it took in hand since the last time.
    pub(super) fn take(&mut self) -> Taken {
        Taken { donors: std::mem::take(&mut self.new), gifts: std::mem::take(&mut self.gifts) }
    }
}
