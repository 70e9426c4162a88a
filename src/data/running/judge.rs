//! The fate of a subscription: whose recurring gift it will be, that it is on record, or why it can't be brought in.
//! Nothing is written here; the reading and the applying both ask.
use super::{Fate, Row};
use crate::{
    app::App,
    db::Tx,
    donors::{self, Donor, DonorId},
    gifts::{self, GiftId, Giving, RecurringId, running},
    kernel::{Currency, Email, Timestamp, Zone, text},
    payments::{Frequency, PayingCustomer, Running, Subscription, SubscriptionState},
    settings,
};
use std::collections::{HashMap, HashSet};

/// All that subscriptions are compared with.
pub(super) struct Ground {
    zone: Zone,
    /// What gifts are taken in.
    currency: Currency,
    plans: HashMap<String, (RecurringId, DonorId)>,
    /// First gifts that subscriptions name and that are ours.
    gifts: HashSet<GiftId>,
    by_customer: HashMap<String, Donor>,
    by_email: HashMap<Email, Vec<Donor>>,
}

/// Who gives, when nobody on record does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Newcomer {
    pub(super) name: String,
    pub(super) email: Option<Email>,
    pub(super) address: Option<String>,
}

impl Newcomer {
    pub(super) fn donor(self, customer: &str, now: Timestamp) -> Donor {
        Donor {
            id: DonorId::new(),
            kind: donors::DonorKind::Person,
            name: self.name,
            email: self.email,
            address: self.address,
            gateway_customer: Some(customer.to_owned()),
            consent_updates: false,
            consent_at: None,
            created_at: now,
        }
    }
}

/// A subscription's fate, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) fate: Fate,
    pub(super) name: String,
    what: String,
    pub(super) reason: String,
    notes: Vec<String>,
    giver: String,
    pub(super) donor: Option<Donor>,
    recurring: Option<RecurringId>,
    pub(super) newcomer: Option<Newcomer>,
}

fn email_of(customer: &PayingCustomer) -> Option<Email> {
    customer.email.as_ref()?.parse().ok()
}

impl Ground {
    pub(super) async fn read(app: &App, tx: &mut Tx, all: &[Running]) -> sqlx::Result<Self> {
        let giving: Giving = settings::get(tx).await?;
        let customers: Vec<_> = all.iter().map(|one| one.customer.id.as_str()).collect();
        let emails: Vec<_> = all.iter().filter_map(|one| email_of(&one.customer)).collect();
        let plans: Vec<_> = all.iter().map(|one| one.id.as_str()).collect();
        let named: Vec<GiftId> = all.iter().filter_map(|one| one.told.as_ref().ok()?.gift.as_ref()?.parse().ok()).collect();
        let mut by_customer = donors::customers::with_customers(tx, &customers).await?;
        // A donor keeps one customer; others pay for the same donor all the same.
        let payers = running::payers(tx, &customers).await?;
        let ids: Vec<_> = payers.values().copied().collect();
        let paying: HashMap<DonorId, Donor> =
            donors::by_ids(tx, &ids).await?.into_iter().map(|donor| (donor.id, donor)).collect();
        for (customer, id) in payers {
            if let Some(donor) = paying.get(&id) {
                by_customer.entry(customer).or_insert_with(|| donor.clone());
            }
        }
        Ok(Self {
            zone: app.coalition.get().zone(),
            currency: giving.currency,
            plans: running::on_record(tx, &plans).await?,
            gifts: gifts::by_ids(tx, &named).await?.into_iter().map(|gift| gift.id).collect(),
            by_customer,
            by_email: donors::customers::with_emails(tx, &emails).await?,
        })
    }

    pub(super) fn sight(&self, one: &Running) -> Sight {
        let customer = &one.customer;
        let email = email_of(customer);
        let own = customer.name.clone().map(|name| text::shorten(&text::line(&name), 200)).filter(|name| !name.is_empty());
        let name = own.clone().or_else(|| email.as_ref().map(ToString::to_string));
        let mut sight = Sight {
            fate: Fate::Refused,
            name: name.clone().unwrap_or_else(|| customer.id.clone()),
            what: one.told.as_ref().map(|told| self.words(told)).unwrap_or_default(),
            reason: String::new(),
            notes: Vec::new(),
            giver: email.as_ref().map_or_else(|| customer.id.clone(), ToString::to_string),
            donor: None,
            recurring: None,
            newcomer: None,
        };
        if let Some((plan, _)) = self.plans.get(&one.id) {
            sight.fate = Fate::Matches;
            sight.recurring = Some(*plan);
            "This recurring gift is on record.".clone_into(&mut sight.reason);
            return sight;
        }
        let told = match &one.told {
            Ok(told) => told,
            Err(unfit) => {
                sight.reason = unfit.to_string();
                return sight;
            }
        };
        if told.gift.as_ref().and_then(|id| id.parse().ok()).is_some_and(|id| self.gifts.contains(&id)) {
            sight.fate = Fate::Matches;
            "It began on our own donation page.".clone_into(&mut sight.reason);
            return sight;
        }
        if told.currency != self.currency {
            let (theirs, ours) = (told.currency.code().to_uppercase(), self.currency.code().to_uppercase());
            sight.reason = format!("It is in {theirs}, and gifts are taken in {ours} here.");
            return sight;
        }
        match self.whose(customer, email.as_ref()) {
            Ok(Some((donor, by))) => {
                sight.reason = format!("A recurring gift of {}, {by}.", donor.name);
                sight.donor = Some(donor.clone());
            }
            Ok(None) => {
                let Some(name) = name else {
                    "Stripe knows neither the name nor the e-mail address of who pays. Write one of them there."
                        .clone_into(&mut sight.reason);
                    return sight;
                };
                "A new donor.".clone_into(&mut sight.reason);
                sight.newcomer = Some(Newcomer { name, email: email.clone(), address: customer.address.clone() });
            }
            Err(reason) => {
                sight.reason = reason;
                return sight;
            }
        }
        sight.fate = Fate::New;
        sight.notes = self.notes(one, told, &sight);
        sight
    }

    /// The donor that this customer is, and by what it is known.
    fn whose(&self, customer: &PayingCustomer, email: Option<&Email>) -> Result<Option<(&Donor, &'static str)>, String> {
        if let Some(donor) = self.by_customer.get(&customer.id) {
            return Ok(Some((donor, "who is this customer of Stripe")));
        }
        match email.and_then(|email| self.by_email.get(email)).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([only]) => Ok(Some((only, "known by the e-mail address"))),
            Some([first, second, ..]) => Err(format!(
                "{} and {} both have its e-mail address as a further one. Merge them, or take it from one of them.",
                first.name, second.name
            )),
        }
    }

    /// `$25.00 every month since 3 March 2024, next on 3 April 2026`.
    fn words(&self, told: &Subscription) -> String {
        let every = if told.frequency == Frequency::Yearly { "every year" } else { "every month" };
        let since = self.zone.day(told.started_at).words();
        let next = told.period_end.filter(|_| told.cancels_at.is_none() && told.state == SubscriptionState::Active);
        let next = next.map(|at| format!(", next on {}", self.zone.day(at).words())).unwrap_or_default();
        format!("{} {every} since {since}{next}", told.amount.of(told.currency))
    }

    fn notes(&self, one: &Running, told: &Subscription, sight: &Sight) -> Vec<String> {
        let mut notes = Vec::new();
        match told.state {
            SubscriptionState::PastDue => {
                notes.push("Its last payment is missing. When it is made after all, it is a gift.".to_owned());
            }
            SubscriptionState::Paused => notes.push("It is paused.".to_owned()),
            _ => {}
        }
        notes.extend(told.cancels_at.map(|at| format!("It ends on {}.", self.zone.day(at).words())));
        if one.is_billed_by_hand {
            notes.push("Stripe sends its bills, and they are paid by hand.".to_owned());
        }
        if one.is_shared {
            notes.push("The program that began it takes a share of each payment, also from now on.".to_owned());
        }
        match (&one.customer.email, &sight.newcomer) {
            (Some(typed), Some(newcomer)) if newcomer.email.is_none() => {
                notes.push(format!("“{typed}” is no e-mail address that mail can go to, and is left out."));
            }
            (None, Some(_)) => {
                notes.push(
                    "Without an e-mail address there are no thanks, receipts and links by mail. Add one to the donor.".to_owned(),
                );
            }
            (_, Some(_)) if one.customer.name.is_none() => {
                notes.push("Stripe knows no name: the e-mail address stands for it.".to_owned());
            }
            _ => {}
        }
        notes
    }
}

impl Sight {
    /// As it is kept. `seen` are the givers whom earlier rows bring.
    pub(super) fn row(self, number: i64, one: &Running, product: String, seen: &mut HashSet<String>) -> Row {
        let again = self.newcomer.is_some() && !seen.insert(self.giver.clone());
        Row {
            number,
            subscription: one.id.clone(),
            customer: one.customer.id.clone(),
            giver: self.giver,
            product,
            fate: self.fate,
            name: self.name,
            what: self.what,
            reason: if again { "A further recurring gift of a donor whom another row brings.".to_owned() } else { self.reason },
            notes: serde_json::to_string(&self.notes).unwrap_or_default(),
            donor_id: self.donor.map(|donor| donor.id),
            recurring_id: self.recurring,
            outcome: None,
            outcome_why: None,
            made_donor: false,
            linked: false,
            print: None,
        }
    }

    pub(super) fn giver(&self) -> &str {
        &self.giver
    }
}
