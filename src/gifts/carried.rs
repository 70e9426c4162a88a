//! Gifts that files bring: received long ago, counted and posted like any other, many at a time.
mod sums;

use super::{
    CampaignId, Frequency, FundId, Gift, GiftId, GiftState, Method, TributeKind,
    offline::{Deposit, OfflineGift},
    postings, queries,
};
use crate::{
    books,
    db::{Batch, Tx},
    donors::DonorId,
    kernel::{Cents, Currency, Day, Timestamp, Zone},
};
use std::collections::HashMap;

pub use sums::Sums;

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
    /// When it counts as received: at noon.
    fn at(&self, zone: &Zone) -> Timestamp {
        zone.start_of(self.on).plus_hours(12)
    }

    fn gift(&self, zone: &Zone, now: Timestamp, livemode: bool) -> Gift {
        let at = self.at(zone);
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

/// The statements that enter gifts with their entries. Donors, funds and campaigns must be there; the sums that count
/// the gifts are written by [`Sums`]. Nobody is thanked for them again: they count as thanked on their day.
///
/// # Errors
/// [`books::BooksError`] for a gift that the books can't have.
pub fn batch_insert(
    batch: &mut Batch,
    all: &[Carried],
    (zone, now, livemode): (&Zone, Timestamp, bool),
) -> Result<(), books::BooksError> {
    let mut gifts: Vec<Gift> = all.iter().map(|carried| carried.gift(zone, now, livemode)).collect();
    // In the order of most indexes: each of their pages is then written to once.
    gifts.sort_unstable_by_key(|gift| (gift.shown_at, gift.id));
    queries::carried::bulk_insert(batch, &gifts, now, livemode);
    let details: Vec<OfflineGift> = all.iter().filter_map(|carried| carried.details(now)).collect();
    queries::offline::bulk_insert_details(batch, &details);
    let ids: Vec<_> = gifts.iter().map(|gift| (gift.id.to_string(), gift.fund_id.to_string())).collect();
    let entries: Vec<_> = gifts.iter().zip(&ids).map(|(gift, (id, fund))| postings::carried(gift, id, fund)).collect();
    books::batch_post(batch, &entries, zone)?;
    let names: Vec<_> = all.iter().filter_map(|carried| Some((carried.name.as_deref()?, carried.id))).collect();
    queries::carried::insert_names(batch, &names);
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
