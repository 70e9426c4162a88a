//! How each movement of a gift stands in the books.
use super::{
    Gift, GiftDispute,
    offline::{self, Deposit},
};
use crate::{
    books::{Account, Entry},
    kernel::{Cents, Timestamp},
    payments::{DisputeState, RefundState},
};

/// The money came: it lies at the payment service.
pub(super) fn settled<'a>(gift: &Gift, id: &'a str, fund: &'a str) -> Entry<'a> {
    let at = gift.settled_at.unwrap_or(gift.shown_at);
    Entry::new(format!("settle:{id}"), "Gift received", ("gift", id), gift.currency, at)
        .debit(Account::Gateway, Some(fund), gift.charged)
        .credit(Account::Contributions, Some(fund), gift.intended)
        .credit(Account::CoveredFees, Some(fund), gift.covered_fee)
}

/// The money came by another way and is at the bank: what a file brings lies in the past.
pub(super) fn carried<'a>(gift: &Gift, id: &'a str, fund: &'a str) -> Entry<'a> {
    let at = gift.settled_at.unwrap_or(gift.shown_at);
    Entry::new(format!("settle:{id}"), "Gift received", ("gift", id), gift.currency, at)
        .debit(offline::place(gift.method, Deposit::Deposited), Some(fund), gift.charged)
        .credit(offline::income(gift.method), Some(fund), gift.intended)
}

/// The payment service kept its share.
pub(super) fn fee<'a>(gift: &Gift, id: &'a str, fund: &'a str, fee: Cents) -> Entry<'a> {
    let at = gift.settled_at.unwrap_or(gift.shown_at);
    Entry::new(format!("fee:{id}"), "Processor fee", ("gift", id), gift.currency, at)
        .debit(Account::ProcessorFees, Some(fund), fee)
        .credit(Account::Gateway, Some(fund), fee)
}

/// Whether a refund took the money from the balance: at once when it is asked for.
pub(super) const fn moved(state: RefundState) -> bool {
    matches!(state, RefundState::Pending | RefundState::Succeeded)
}

/// Money went back to the donor.
pub(super) fn refund<'a>(gift: &Gift, fund: &'a str, refund: &'a str, amount: Cents, at: Timestamp) -> Entry<'a> {
    Entry::new(format!("refund:{refund}"), "Refund", ("refund", refund), gift.currency, at)
        .debit(Account::Refunds, Some(fund), amount)
        .credit(Account::Gateway, Some(fund), amount)
}

/// A dispute changed from what we knew (nothing, at first) to what it is now.
pub(super) fn dispute<'a>(
    key: String,
    gift: &Gift,
    fund: &'a str,
    before: Option<&GiftDispute>,
    now: &'a GiftDispute,
    at: Timestamp,
) -> Entry<'a> {
    let old = before.map_or([Cents::ZERO; 4], standing);
    let new = standing(now);
    let accounts = [Account::DisputesOpen, Account::DisputeLosses, Account::DisputeFees, Account::Gateway];
    let entry = Entry::new(key, format!("Dispute: {}", now.state.label()), ("dispute", &now.dispute), gift.currency, at);
    accounts
        .into_iter()
        .zip(old.into_iter().zip(new))
        .fold(entry, |entry, (account, (old, new))| entry.debit(account, Some(fund), new - old))
}

/// What a dispute in this state has moved: held, lost, fees, and what the balance is less by.
fn standing(dispute: &GiftDispute) -> [Cents; 4] {
    let (held, lost) =
        if dispute.state == DisputeState::Lost { (Cents::ZERO, dispute.withdrawn) } else { (dispute.withdrawn, Cents::ZERO) };
    [held, lost, dispute.fee, -(dispute.withdrawn + dispute.fee)]
}
