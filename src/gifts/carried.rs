//! Gifts that files bring: received long ago, counted and posted like any other, many at a time.
use super::{
    CampaignId, Frequency, FundId, Gift, GiftId, GiftState, Method, TributeKind,
    offline::{Deposit, OfflineGift},
    postings, queries,
};
use crate::{
    books,
    db::Tx,
    donors::{self, DonorId},
    kernel::{Cents, Coalition, Currency, Day, Month, Timestamp, Zone},
    settings,
};
use std::collections::{BTreeMap, HashMap};

/// A gift as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub id: GiftId,
    pub donor_id: DonorId,
    pub fund_id: FundId,
    pub campaign_id: Option<CampaignId>,
    /// Which link or letter brought it.
    pub source: Option<String>,
    pub amount: Cents,
    pub currency: Currency,
    /// The day it came.
    pub on: Day,
    pub tribute: Option<(TributeKind, String)>,
    /// What the system it comes from calls it.
    pub name: Option<String>,
    /// How it came, where the file says so.
    pub by_hand: Option<ByHand>,
}

/// What a file says of how a gift came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    pub method: Method,
    /// The number of the check, or what the bank's statement says.
    pub reference: Option<String>,
    /// Of what was given in kind, of the shares.
    pub description: Option<String>,
    /// Who brought the file.
    pub entered_by: String,
}

impl Carried {
    fn gift(&self, zone: &Zone, now: Timestamp, livemode: bool) -> Gift {
        let at = zone.start_of(self.on).plus_hours(12);
        let (tribute_kind, tribute_name) = self.tribute.clone().unzip();
        Gift {
            id: self.id,
            donor_id: self.donor_id,
            fund_id: self.fund_id,
            campaign_id: self.campaign_id,
            source: self.source.clone(),
            recurring_id: None,
            state: GiftState::Settled,
            frequency: Frequency::Once,
            intended: self.amount,
            covered_fee: Cents::ZERO,
            charged: self.amount,
            refunded: Cents::ZERO,
            currency: self.currency,
            disputed: false,
            tribute_kind,
            tribute_name,
            created_at: now,
            settled_at: Some(at),
            given_on: Some(self.on),
            shown_at: at,
            attempt: 1,
            checkout: None,
            checkout_url: None,
            checkout_until: None,
            payment: None,
            charge: None,
            invoice: None,
            processor_fee: None,
            card: None,
            failure: None,
            thanked_at: Some(at),
            livemode,
            method: self.by_hand.as_ref().map_or(Method::Card, |by_hand| by_hand.method),
            split: false,
        }
    }

    /// It lies in the past: the money is at the bank since the day it came.
    fn details(&self, now: Timestamp) -> Option<OfflineGift> {
        let ByHand { method, reference, description, entered_by } = self.by_hand.clone()?;
        let deposit = method.lands(true);
        Some(OfflineGift {
            gift_id: self.id,
            received_on: self.on,
            reference,
            description,
            adviser: None,
            deposit,
            deposited_on: (deposit == Deposit::Deposited).then_some(self.on),
            entered_at: now,
            entered_by,
            changes: 0,
        })
    }
}

/// Enters gifts with their entries and all sums that count them, in few statements. Donors, funds and campaigns must
/// be there. Nobody is thanked for them again: they count as thanked on their day.
///
/// # Errors
/// [`books::BooksError`] when the database does not answer; nothing else of it can come of gifts.
pub async fn insert(tx: &mut Tx, all: &[Carried], zone: &Zone, now: Timestamp, livemode: bool) -> Result<(), books::BooksError> {
    let mut gifts: Vec<Gift> = all.iter().map(|carried| carried.gift(zone, now, livemode)).collect();
    // In the order of most indexes: each of their pages is then written to once.
    gifts.sort_unstable_by_key(|gift| (gift.shown_at, gift.id));
    count_givers(tx, all).await?;
    queries::carried::bulk_insert(tx, &gifts, now, livemode).await?;
    let details: Vec<OfflineGift> = all.iter().filter_map(|carried| carried.details(now)).collect();
    queries::offline::bulk_insert_details(tx, &details).await?;
    let ids: Vec<_> = gifts.iter().map(|gift| (gift.id.to_string(), gift.fund_id.to_string())).collect();
    let entries: Vec<_> = gifts.iter().zip(&ids).map(|(gift, (id, fund))| postings::carried(gift, id, fund)).collect();
    books::bulk_post(tx, &entries, zone).await?;
    let names: Vec<_> = all.iter().filter_map(|carried| Some((carried.name.as_deref()?, carried.id))).collect();
    queries::carried::insert_names(tx, &names).await?;
    let mut months: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    let coalition = settings::get::<Coalition>(tx).await?;
    let mut totals: HashMap<_, donors::DonorTotal> = HashMap::new();
    let mut years: HashMap<_, donors::DonorYear> = HashMap::new();
    for gift in &gifts {
        let Some(on) = gift.given_on else { continue };
        let month = months.entry((on.month(), gift.currency.code(), gift.fund_id)).or_default();
        *month = (month.0 + 1, month.1 + gift.intended.get());
        let (donor_id, currency, at) = (gift.donor_id, gift.currency, gift.shown_at);
        let total = totals.entry((donor_id, currency)).or_insert_with(|| donors::DonorTotal {
            donor_id,
            currency,
            gifts: 0,
            given: Cents::ZERO,
            largest: Cents::ZERO,
            first_at: at,
            last_at: at,
        });
        total.gifts += 1;
        total.given += gift.intended;
        total.largest = total.largest.max(gift.intended);
        (total.first_at, total.last_at) = (total.first_at.min(at), total.last_at.max(at));
        let number = i64::from(coalition.year_of(on));
        let year = years.entry((donor_id, currency, number)).or_insert_with(|| donors::DonorYear {
            year: number,
            currency,
            gifts: 0,
            given: Cents::ZERO,
        });
        year.gifts += 1;
        year.given += gift.intended;
    }
    for ((month, code, fund), (count, given)) in months {
        let Ok(currency) = code.parse() else { continue };
        let given = (Cents::new(given), Cents::ZERO);
        queries::add_to_month(tx, (month, currency, fund), count, given, Cents::ZERO).await?;
    }
    let mut totals: Vec<_> = totals.into_values().collect();
    totals.sort_unstable_by_key(|total| total.donor_id);
    let mut years: Vec<_> = years.into_iter().map(|((donor, ..), year)| (donor, year)).collect();
    years.sort_unstable_by_key(|(donor, year)| (*donor, year.year));
    donors::add_gifts(tx, &totals, &years).await?;
    Ok(())
}

/// Counts those donors of each month who had no received gift in it. Comes before the gifts themselves.
async fn count_givers(tx: &mut Tx, all: &[Carried]) -> sqlx::Result<()> {
    let mut pairs: Vec<(DonorId, Month)> = all.iter().map(|carried| (carried.donor_id, carried.on.month())).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let had = queries::carried::givers_among(tx, &pairs).await?;
    let mut fresh: BTreeMap<Month, i64> = BTreeMap::new();
    for (_, month) in pairs.iter().filter(|pair| !had.contains(pair)) {
        *fresh.entry(*month).or_default() += 1;
    }
    for (month, count) in fresh {
        queries::carried::add_givers(tx, month, count).await?;
    }
    Ok(())
}

/// The gifts on record that other systems call so.
pub async fn named(tx: &mut Tx, names: &[&str]) -> sqlx::Result<HashMap<String, GiftId>> {
    queries::carried::named(tx, names).await
}

/// How many received gifts each donor has of each day and amount, from one day to another.
pub async fn alike(tx: &mut Tx, donors: &[DonorId], from: Day, to: Day) -> sqlx::Result<HashMap<(DonorId, Day, Cents), i64>> {
    queries::carried::alike(tx, donors, from, to).await
}
