//! Whether a gift counts: all that sums received gifts takes it in, or leaves it out again, in the
//! transaction of the change. Refuses nothing; who calls it holds the gift.
use super::{Gift, history, queries, returned::counted};
use crate::{db::Tx, donors};

/// Adds a received gift to its month, its donor's totals and the count of givers.
pub(super) async fn add(tx: &mut Tx, gift: &Gift) -> sqlx::Result<()> {
    let (Some(day), Some(at)) = (gift.given_on, gift.settled_at) else { return Ok(()) };
    let month = (day.month(), gift.currency, gift.fund_id);
    let back = counted(gift, gift.refunded);
    queries::add_to_month(tx, month, 1, (gift.intended, gift.covered_fee), back).await?;
    let counted = donors::Counted { currency: gift.currency, net: gift.intended - back, at, on: day };
    donors::add_gift(tx, gift.donor_id, &counted).await?;
    queries::count_giver(tx, day.month(), gift.donor_id, gift.id).await?;
    tx.site_changed();
    Ok(())
}

/// Counts a gift as it is now instead of as it was. Comes after the gift's row has changed.
pub(super) async fn replace(tx: &mut Tx, before: &Gift, after: &Gift) -> sqlx::Result<()> {
    let (Some(old), Some(new)) = (before.given_on, after.given_on) else { return Ok(()) };
    let back = counted(before, before.refunded);
    let month = (old.month(), before.currency, before.fund_id);
    queries::take_from_month(tx, month, (before.intended, before.covered_fee), back).await?;
    let month = (new.month(), after.currency, after.fund_id);
    let back = counted(after, after.refunded);
    queries::add_to_month(tx, month, 1, (after.intended, after.covered_fee), back).await?;
    for donor in [before.donor_id, after.donor_id] {
        history::retotal(tx, donor).await?;
    }
    if (before.donor_id, old.month()) != (after.donor_id, new.month()) {
        queries::discount_giver(tx, old.month(), before.donor_id).await?;
        queries::count_giver(tx, new.month(), after.donor_id, after.id).await?;
    }
    tx.site_changed();
    Ok(())
}

/// Takes a gift out of all of them. Comes after the gift's row has changed: what is left is looked up.
pub(super) async fn remove(tx: &mut Tx, before: &Gift) -> sqlx::Result<()> {
    let Some(day) = before.given_on else { return Ok(()) };
    let month = (day.month(), before.currency, before.fund_id);
    let back = counted(before, before.refunded);
    queries::take_from_month(tx, month, (before.intended, before.covered_fee), back).await?;
    history::retotal(tx, before.donor_id).await?;
    queries::discount_giver(tx, day.month(), before.donor_id).await?;
    tx.site_changed();
    Ok(())
}
