//! Subscriptions that run already when we first look: whose they are, what they come to, or why that can't be said in
//! our words.
use super::Subscription;

/// One page of what runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningPage {
    pub rows: Vec<Running>,
    /// Behind which row the next page begins; `None` when this was the last.
    pub after: Option<String>,
}

/// A subscription that is active, tried out, paused or behind with a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// `sub_…`
    pub id: String,
    pub customer: PayingCustomer,
    /// `prod_…` of the one thing it is for.
    pub product: Option<String>,
    /// In our words, or why not.
    pub told: Result<Subscription, Unfit>,
    /// Its bills are sent, and paid by hand.
    pub is_billed_by_hand: bool,
    /// Another program takes a share of each payment.
    pub is_shared: bool,
}

/// Who pays, as the gateway knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayingCustomer {
    /// `cus_…`
    pub id: String,
    pub name: Option<String>,
    /// As it was written there.
    pub email: Option<String>,
    /// Several lines.
    pub address: Option<String>,
}

/// Why a subscription is no recurring gift of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("It bills {0} things together, and a recurring gift is for one.")]
    SeveralItems(usize),
    #[error("It comes {0}. Recurring gifts come every month or every year.")]
    Interval(String),
    #[error("Its amount depends on what is used.")]
    Metered,
    #[error("Its price has tiers.")]
    Tiered,
    #[error("Its price is no whole amount.")]
    NoWholeAmount,
    #[error("Its amount is nothing.")]
    Nothing,
    #[error("Stripe’s answer about it can’t be read: {0}")]
    Unreadable(String),
}
