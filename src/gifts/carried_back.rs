//! Gifts that an import entered, on their way out again. As with a gift by hand that is taken back, the row keeps its
//! page and counts no more, and an entry of the day it happens goes the other way.
//!
//! It takes back no gift that somebody has dealt with since.
use super::{Gift, GiftId, GiftState, history, postings, queries};
use crate::{
    audit, books,
    db::Tx,
    donors::{self, DonorId},
    kernel::{Cents, Month, Timestamp, Zone},
    receipts,
};
use std::collections::{BTreeMap, HashMap};

pub use queries::carried_back::{counts_of, donors_held, release};

/// What the page of such a gift says.
pub const WHY: &str = "Its import was taken back.";

/// Gifts that may be taken back, and why the others stay.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    pub free: Vec<Gift>,
    pub held: HashMap<GiftId, String>,
}

/// Sorts the gifts of an import. Hold them first where they are to be taken back.
pub async fn sort(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<Sorted> {
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut why = queries::carried_back::reasons(tx, ids).await?;
    let receipted = receipts::issued_for(tx, &names).await?;
    let touched = audit::touched(tx, "gift", &names, &[]).await?;
    let mut sorted = Sorted::default();
    let mut found: HashMap<GiftId, Gift> = queries::by_ids(tx, ids).await?.into_iter().map(|gift| (gift.id, gift)).collect();
    for (id, name) in ids.iter().zip(&names) {
        let Some(gift) = found.remove(id) else {
            sorted.held.insert(*id, "It is no longer on record.".to_owned());
            continue;
        };
        let said = match () {
            () if gift.state != GiftState::Settled => Some("It was taken back by itself already.".to_owned()),
            () if gift.refunded.is_positive() => Some("Money of it was given back.".to_owned()),
            () if gift.split => Some("It was split over funds.".to_owned()),
            () if receipted.contains(name) => Some("A receipt was issued for it.".to_owned()),
            () => why.remove(id).or_else(|| touched.contains(name).then(|| "Staff changed it since.".to_owned())),
        };
        match said {
            Some(said) => drop(sorted.held.insert(*id, said)),
            None => sorted.free.push(gift),
        }
    }
    Ok(sorted)
}

/// Holds gifts until the transaction ends.
pub async fn hold(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<()> {
    queries::carried_back::hold_all(tx, ids).await
}

/// Takes gifts back that are held and free: out of every sum in few statements, with an entry each.
///
/// # Errors
/// [`books::BooksError`] when the database does not answer, or the books have taken one of them back already.
pub async fn take_back(tx: &mut Tx, gifts: &[Gift], zone: &Zone, now: Timestamp) -> Result<(), books::BooksError> {
    let ids: Vec<GiftId> = gifts.iter().map(|gift| gift.id).collect();
    queries::carried_back::void(tx, &ids, WHY).await?;
    queries::carried_back::forget_names(tx, &ids).await?;
    let mut months: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    let mut pairs: Vec<(DonorId, Month)> = Vec::with_capacity(gifts.len());
    for gift in gifts {
        let Some(on) = gift.given_on else { continue };
        let month = months.entry((on.month(), gift.currency.code(), gift.fund_id)).or_default();
        *month = (month.0 + 1, month.1 + gift.intended.get());
        pairs.push((gift.donor_id, on.month()));
    }
    for ((month, code, fund), (count, given)) in months {
        let Ok(currency) = code.parse() else { continue };
        queries::carried_back::take_from_month(tx, (month, currency, fund), count, Cents::new(given)).await?;
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut donors: Vec<DonorId> = pairs.iter().map(|(donor, _)| *donor).collect();
    donors.dedup();
    donors::carried_back::hold_all(tx, donors.clone()).await?;
    history::retotal_all(tx, &donors).await?;
    discount_givers(tx, &pairs).await?;
    let ids: Vec<_> = gifts.iter().map(|gift| (gift.id.to_string(), gift.fund_id.to_string())).collect();
    let entries: Vec<_> = gifts
        .iter()
        .zip(&ids)
        .map(|(gift, (id, fund))| {
            postings::carried(gift, id, fund).reversed(format!("import-back:{id}"), "Import taken back", now)
        })
        .collect();
    books::bulk_post(tx, &entries, zone).await?;
    tx.site_changed();
    Ok(())
}

/// Counts those donors of each month no more who have no received gift left in it. Comes after the gifts themselves.
async fn discount_givers(tx: &mut Tx, pairs: &[(DonorId, Month)]) -> sqlx::Result<()> {
    let have = queries::carried::givers_among(tx, pairs).await?;
    let mut gone: BTreeMap<Month, i64> = BTreeMap::new();
    for (_, month) in pairs.iter().filter(|pair| !have.contains(pair)) {
        *gone.entry(*month).or_default() += 1;
    }
    for (month, count) in gone {
        queries::carried_back::take_givers(tx, month, count).await?;
    }
    Ok(())
}
