//! The books: every movement of money as a balanced entry, only ever added to.
//!
//! It refuses an entry whose debits and credits differ, and posts an entry of one key once, however
//! often it is offered. Corrections are entries of their own that go the other way.
mod payouts;
mod queries;

use crate::{
    db::Tx,
    kernel::{Cents, Currency, Timestamp, Zone, id, words},
};

pub use payouts::{PayoutError, refresh_payout};
pub use queries::{
    Balance, EntryRow, FundBalance, batch_post, bulk_post, count_of, entries_of, fund_balances, trial_balance, unbalanced,
};

id!(
    /// Names one row of `ledger_entry`.
    EntryId
);

words! {
    /// Where money is, came from or went to.
    pub enum Account {
        /// What the payment service holds for us.
        Gateway = "gateway", "Balance at the payment service";
        /// Left the payment service, not seen at the bank yet.
        InTransit = "in_transit", "On its way to the bank";
        Bank = "bank", "Bank";
        /// Checks and cash that are here and not at the bank yet.
        Undeposited = "undeposited", "Received, not deposited yet";
        Securities = "securities", "Donated securities";
        InKind = "in_kind", "Goods and services received";
        /// What donors meant to give.
        Contributions = "contributions", "Contributions";
        InKindContributions = "in_kind_contributions", "Contributions in kind";
        /// What donors added so that the fee does not lessen their gift.
        CoveredFees = "covered_fees", "Fees covered by donors";
        ProcessorFees = "processor_fees", "Processor fees";
        /// Given back to donors.
        Refunds = "refunds", "Refunds";
        /// Taken by a bank while it decides; ours again, or lost.
        DisputesOpen = "disputes_open", "Held in disputes";
        DisputeLosses = "dispute_losses", "Lost in disputes";
        DisputeFees = "dispute_fees", "Dispute fees";
    }
}

/// One line of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    pub account: Account,
    pub fund: Option<&'a str>,
    /// Debit positive, credit negative; never zero.
    pub amount: Cents,
}

/// One movement of money, on its way to the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When the money moved.
    pub at: Timestamp,
    /// What the entry is for: `settle:<gift>`. An entry of one key is posted once.
    pub key: String,
    pub description: String,
    /// What it is about: (`gift`, its id).
    pub record: (&'a str, &'a str),
    pub currency: Currency,
    pub lines: Vec<Line<'a>>,
}

/// Why an entry is not posted.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    #[error("the entry {key} is not balanced: {difference} left over")]
    Unbalanced { key: String, difference: i64 },
    #[error("the entry {0} moves nothing")]
    Empty(String),
    #[error("the entry {0} is larger than can be counted")]
    TooLarge(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl<'a> Entry<'a> {
    /// An entry without lines; add them with [`Entry::debit`] and [`Entry::credit`].
    pub fn new(
        key: impl Into<String>,
        description: impl Into<String>,
        record: (&'a str, &'a str),
        currency: Currency,
        at: Timestamp,
    ) -> Self {
        Self { at, key: key.into(), description: description.into(), record, currency, lines: Vec::new() }
    }

    /// Adds to an account that grows by debits. Zero adds no line; a negative amount is a credit.
    #[must_use]
    pub fn debit(mut self, account: Account, fund: Option<&'a str>, amount: Cents) -> Self {
        if !amount.is_zero() {
            self.lines.push(Line { account, fund, amount });
        }
        self
    }

    /// The other side of [`Entry::debit`].
    #[must_use]
    pub fn credit(self, account: Account, fund: Option<&'a str>, amount: Cents) -> Self {
        self.debit(account, fund, -amount)
    }

    /// The same movement the other way, under its own key.
    #[must_use]
    pub fn reversed(mut self, key: impl Into<String>, description: impl Into<String>, at: Timestamp) -> Self {
        self.key = key.into();
        self.description = description.into();
        self.at = at;
        for line in &mut self.lines {
            line.amount = -line.amount;
        }
        self
    }

    /// Refuses what can't stand in the books.
    pub fn check(&self) -> Result<(), BooksError> {
        let mut sum: i64 = 0;
        for line in &self.lines {
            sum = sum.checked_add(line.amount.get()).ok_or_else(|| BooksError::TooLarge(self.key.clone()))?;
        }
        if self.lines.is_empty() {
            return Err(BooksError::Empty(self.key.clone()));
        }
        if sum != 0 {
            return Err(BooksError::Unbalanced { key: self.key.clone(), difference: sum });
        }
        Ok(())
    }
}

/// Posts an entry: `true` when it is new, `false` when the books have one of its key. `zone` says on
/// which day the money moved.
pub async fn post(tx: &mut Tx, entry: &Entry<'_>, zone: &Zone) -> Result<bool, BooksError> {
    entry.check()?;
    let id = EntryId::new();
    let new = queries::insert_entry(tx, id, entry, zone.day(entry.at)).await?;
    if new {
        let mut lines = tx.batch();
        queries::insert_lines(&mut lines, &[(id, entry)]);
        tx.run(lines).await?;
    }
    Ok(new)
}
