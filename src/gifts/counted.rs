//! Whether a gift counts: all that sums received gifts takes it in, or leaves it out again, in the
//! transaction of the change. Refuses nothing; who calls it holds the gift.
use super::{
    Gift, history,
    parts::{self, Part},
    queries,
    returned::counted,
};
use crate::{db::Tx, donors, kernel::Cents};

/// Adds a received gift to its month, its donor's totals and the count of givers.
pub(super) async fn add(tx: &mut Tx, gift: &Gift) -> sqlx::Result<()> {
    let (Some(day), Some(at)) = (gift.given_on, gift.settled_at) else { return Ok(()) };
    let parts = parts::of(tx, gift).await?;
    add_to_months(tx, gift, &parts).await?;
    let back = counted(gift, gift.refunded);
    let counted = donors::Counted { currency: gift.currency, net: gift.intended - back, at, on: day };
    donors::add_gift(tx, gift.donor_id, &counted).await?;
    queries::count_giver(tx, day.month(), gift.donor_id, gift.id).await?;
    tx.site_changed();
    Ok(())
}

/// Adds each part of a gift to the month of its fund; the gift counts once, with the first.
pub(super) async fn add_to_months(tx: &mut Tx, gift: &Gift, parts: &[Part]) -> sqlx::Result<()> {
    let Some(day) = gift.given_on else { return Ok(()) };
    for (one, part) in std::iter::once(1).chain(std::iter::repeat(0)).zip(parts) {
        let month = (day.month(), gift.currency, part.fund_id);
        queries::add_to_month(tx, month, one, (part.amount, part.covered), part.refunded).await?;
    }
    Ok(())
}

/// Takes each part out of the month of its fund.
pub(super) async fn take_from_months(tx: &mut Tx, gift: &Gift, parts: &[Part]) -> sqlx::Result<()> {
    let Some(day) = gift.given_on else { return Ok(()) };
    for (one, part) in std::iter::once(1).chain(std::iter::repeat(0)).zip(parts) {
        let month = (day.month(), gift.currency, part.fund_id);
        queries::take_from_month(tx, month, one, (part.amount, part.covered), part.refunded).await?;
    }
    Ok(())
}

/// Counts what went back of a gift since `before`. Comes after the entries and after the gift's row.
pub(super) async fn returned(tx: &mut Tx, before: &Gift, after: &Gift) -> sqlx::Result<()> {
    let Some(day) = after.given_on else { return Ok(()) };
    let old = parts::of(tx, before).await?;
    let new = parts::recount(tx, after).await?;
    for (old, new) in old.iter().zip(&new) {
        let month = (day.month(), after.currency, new.fund_id);
        queries::add_to_month(tx, month, 0, (Cents::ZERO, Cents::ZERO), new.refunded - old.refunded).await?;
    }
    history::retotal(tx, after.donor_id).await
}

/// Counts a gift as it is now instead of as it was, each with its parts. Comes after the gift's row has changed.
pub(super) async fn replace(tx: &mut Tx, (before, was): (&Gift, &[Part]), (after, is): (&Gift, &[Part])) -> sqlx::Result<()> {
    let (Some(old), Some(new)) = (before.given_on, after.given_on) else { return Ok(()) };
    take_from_months(tx, before, was).await?;
    add_to_months(tx, after, is).await?;
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
    let parts = parts::of(tx, before).await?;
    take_from_months(tx, before, &parts).await?;
    history::retotal(tx, before.donor_id).await?;
    queries::discount_giver(tx, day.month(), before.donor_id).await?;
    tx.site_changed();
    Ok(())
}
