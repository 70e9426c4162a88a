//! How each movement of a gift stands in the books.
use super::{
    Gift, GiftDispute,
    offline::{self, Deposit},
    parts::Book,
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
pub(super) fn fee<'a>(gift: &Gift, id: &'a str, book: &'a Book, fee: Cents) -> Entry<'a> {
    let at = gift.settled_at.unwrap_or(gift.shown_at);
    let entry = Entry::new(format!("fee:{id}"), "Processor fee", ("gift", id), gift.currency, at);
    let shares = book.paid(fee);
    book.credit(book.debit(entry, Account::ProcessorFees, &shares), Account::Gateway, &shares)
}

/// Whether a refund took the money from the balance: at once when it is asked for.
pub(super) const fn moved(state: RefundState) -> bool {
    matches!(state, RefundState::Pending | RefundState::Succeeded)
}

/// Money went back to the donor.
pub(super) fn refund<'a>(gift: &Gift, book: &'a Book, refund: &'a str, amount: Cents, at: Timestamp) -> Entry<'a> {
    let entry = Entry::new(format!("refund:{refund}"), "Refund", ("refund", refund), gift.currency, at);
    let shares = book.back(amount);
    book.credit(book.debit(entry, Account::Refunds, &shares), Account::Gateway, &shares)
}

/// A refund did not arrive: the money is ours again.
pub(super) fn refund_back<'a>(gift: &Gift, book: &'a Book, refund: &'a str, amount: Cents, at: Timestamp) -> Entry<'a> {
    let key = format!("refund-back:{refund}");
    let entry = Entry::new(key, "Refund that did not arrive", ("refund", refund), gift.currency, at);
    let shares = book.released(Account::Refunds, amount);
    book.debit(book.credit(entry, Account::Refunds, &shares), Account::Gateway, &shares)
}

/// A dispute changed from what we knew (nothing, at first) to what it is now.
pub(super) fn dispute<'a>(
    key: String,
    gift: &Gift,
    book: &'a Book,
    before: Option<&GiftDispute>,
    now: &'a GiftDispute,
    at: Timestamp,
) -> Entry<'a> {
    let old = before.map_or([Cents::ZERO; 3], standing);
    let new = standing(now);
    let changed = book.disputed([new[0] - old[0], new[1] - old[1], new[2] - old[2]]);
    let entry = Entry::new(key, format!("Dispute: {}", now.state.label()), ("dispute", &now.dispute), gift.currency, at);
    let accounts = [Account::DisputesOpen, Account::DisputeLosses, Account::DisputeFees];
    let entry = accounts.into_iter().zip(&changed).fold(entry, |entry, (account, shares)| book.debit(entry, account, shares));
    let [held, lost, fees] = &changed;
    let paid: Vec<_> = held.iter().zip(lost).zip(fees).map(|((held, lost), fee)| *held + *lost + *fee).collect();
    book.credit(entry, Account::Gateway, &paid)
}

/// What a dispute in this state has moved: held, lost, and what it costs. The balance is less by all of it.
fn standing(dispute: &GiftDispute) -> [Cents; 3] {
    let (held, lost) =
        if dispute.state == DisputeState::Lost { (Cents::ZERO, dispute.withdrawn) } else { (dispute.withdrawn, Cents::ZERO) };
    [held, lost, dispute.fee]
}
