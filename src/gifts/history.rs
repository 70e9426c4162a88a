//! Many gifts at once: what the demo and the bench begin with, and an import will.
//!
//! Entries are balanced like any other; the totals are made anew at the end, by [`rebuild_summaries`].
use super::{
    Gift, GiftRefund, GiftState,
    parts::{self, Book},
    postings, queries,
};
use crate::{
    books,
    db::Tx,
    donors::{self, DonorId},
    kernel::Zone,
    settings,
};
use std::collections::HashMap;

/// Gifts that lie in the past, with what went back of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// As rows of `gift`, whole: settled ones with `settled_at`, `given_on` and `shown_at`. Their
    /// `refunded` is the sum of their refunds.
    pub gifts: Vec<Gift>,
    pub refunds: Vec<GiftRefund>,
}

/// Adds a batch with its entries in few statements. Donors and funds must be there. A few thousand
/// gifts a batch keep memory small; call [`rebuild_summaries`] after the last.
pub async fn insert_history(tx: &mut Tx, history: &History, zone: &Zone) -> Result<(), books::BooksError> {
    queries::bulk_insert(tx, &history.gifts).await?;
    queries::bulk_insert_refunds(tx, &history.refunds).await?;
    let ids: Vec<_> = history.gifts.iter().map(|gift| (gift.id.to_string(), gift.fund_id.to_string())).collect();
    let books: HashMap<_, _> = history.gifts.iter().map(|gift| (gift.id, Book::whole(gift))).collect();
    let mut entries = Vec::with_capacity(history.gifts.len() * 2);
    for (gift, (id, fund)) in history.gifts.iter().zip(&ids) {
        if gift.state != GiftState::Settled {
            continue;
        }
        entries.push(postings::settled(gift, id, fund));
        if let Some((fee, book)) = gift.processor_fee.filter(|fee| !fee.is_zero()).zip(books.get(&gift.id)) {
            entries.push(postings::fee(gift, id, book, fee));
        }
    }
    let places: HashMap<_, _> = history.gifts.iter().map(|gift| (gift.id, gift)).collect();
    for refund in &history.refunds {
        let place = places.get(&refund.gift_id).zip(books.get(&refund.gift_id));
        if let Some((gift, book)) = place.filter(|_| postings::moved(refund.state)) {
            entries.push(postings::refund(gift, book, &refund.refund, refund.amount, refund.at));
        }
    }
    books::bulk_post(tx, &entries, zone).await
}

/// Makes every month's and every donor's totals anew from the gifts.
pub async fn rebuild_summaries(tx: &mut Tx) -> sqlx::Result<()> {
    queries::rebuild_months(tx).await?;
    rebuild_donor_totals(tx).await?;
    tx.site_changed();
    Ok(())
}

/// Makes every donor's totals anew: the years are others when the fiscal year begins with another month.
pub async fn rebuild_donor_totals(tx: &mut Tx) -> sqlx::Result<()> {
    let coalition = settings::get(tx).await?;
    donors::rebuild_totals(tx, &queries::sums_of_donors(&coalition, None)).await
}

/// Makes one donor's totals anew, after money went back or gifts changed hands.
pub async fn retotal(tx: &mut Tx, donor: DonorId) -> sqlx::Result<()> {
    let coalition = settings::get(tx).await?;
    donors::retotal(tx, donor, &queries::sums_of_donors(&coalition, Some("$1"))).await
}

/// The same for many.
pub(super) async fn retotal_all(tx: &mut Tx, donors: &[DonorId]) -> sqlx::Result<()> {
    let coalition = settings::get(tx).await?;
    donors::carried_back::retotal_all(tx, donors, |places| queries::sums_of_donors(&coalition, Some(places))).await
}

/// How many totals differ from the gifts they sum: none, unless something is wrong.
pub async fn verify_summaries(tx: &mut Tx) -> sqlx::Result<i64> {
    let coalition = settings::get(tx).await?;
    Ok(queries::wrong_months(tx).await?
        + parts::wrong(tx).await?
        + donors::wrong_totals(tx, &queries::sums_of_donors(&coalition, None)).await?)
}
