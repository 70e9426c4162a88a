//! Parts in words: on receipts and in letters, in lists, in files.
use super::queries;
use crate::{
    db::Tx,
    gifts::{Gift, GiftId, queries as gifts},
    kernel::{Cents, Currency},
};
use std::collections::HashMap;

/// A part by the name of its fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gifts) struct Named {
    pub(in crate::gifts) fund: String,
    pub(in crate::gifts) amount: Cents,
}

/// The parts of those of these gifts that are split.
pub(in crate::gifts) async fn names_of(tx: &mut Tx, gifts: &[GiftId]) -> sqlx::Result<HashMap<GiftId, Vec<Named>>> {
    let mut found: HashMap<GiftId, Vec<Named>> = HashMap::new();
    for (gift, fund, amount) in queries::named(tx, gifts).await? {
        found.entry(gift).or_default().push(Named { fund, amount });
    }
    Ok(found)
}

/// `General ($60.00) and Legal ($40.00)`.
pub(in crate::gifts) fn in_words(parts: &[Named], currency: Currency) -> String {
    joined(parts.iter().map(|part| format!("{} ({})", part.fund, part.amount.of(currency))).collect())
}

/// `A`, `A and B`, `A, B and C`.
pub(in crate::gifts) fn joined(mut words: Vec<String>) -> String {
    let Some(last) = words.pop() else { return String::new() };
    if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) }
}

/// `General $60.00, Legal $40.00`, in the cell of a list.
fn cell(parts: &[Named], currency: Currency) -> String {
    parts.iter().map(|part| format!("{} {}", part.fund, part.amount.of(currency))).collect::<Vec<_>>().join(", ")
}

/// `General 60.00; Legal 40.00`, in a file.
pub(in crate::gifts) fn plain(parts: &[Named], currency: Currency) -> String {
    parts.iter().map(|part| format!("{} {}", part.fund, part.amount.plain(currency))).collect::<Vec<_>>().join("; ")
}

/// What a gift is for, to its donor: the fund, or the funds with what each gets. What was given in kind is never valued
/// there, so its funds stand without amounts.
pub(in crate::gifts) async fn words(tx: &mut Tx, gift: &Gift) -> sqlx::Result<String> {
    if !gift.split {
        return Ok(gifts::fund_by_id(tx, gift.fund_id).await?.map(|fund| fund.name).unwrap_or_default());
    }
    Ok(words_of(tx, std::slice::from_ref(gift)).await?.remove(&gift.id).unwrap_or_default())
}

/// The same for those of these gifts that are split.
pub(in crate::gifts) async fn words_of(tx: &mut Tx, gifts: &[Gift]) -> sqlx::Result<HashMap<GiftId, String>> {
    let split: Vec<_> = gifts.iter().filter(|gift| gift.split).map(|gift| gift.id).collect();
    let mut names = names_of(tx, &split).await?;
    let words = |gift: &Gift| {
        let parts = names.remove(&gift.id)?;
        let words = if gift.method.is_described() {
            joined(parts.into_iter().map(|part| part.fund).collect())
        } else {
            in_words(&parts, gift.currency)
        };
        Some((gift.id, words))
    };
    Ok(gifts.iter().filter_map(words).collect())
}

/// Puts the parts in the place of the fund in the rows of a list. `of` gives a row's gift, its currency, and the place.
pub(in crate::gifts) async fn name_rows<T>(
    tx: &mut Tx,
    rows: &mut [T],
    of: fn(&mut T) -> (GiftId, Currency, &mut String),
) -> sqlx::Result<()> {
    let gifts: Vec<_> = rows.iter_mut().map(|row| of(row).0).collect();
    let names = names_of(tx, &gifts).await?;
    for row in rows {
        let (gift, currency, fund) = of(row);
        if let Some(parts) = names.get(&gift) {
            *fund = cell(parts, currency);
        }
    }
    Ok(())
}
