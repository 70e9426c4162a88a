//! The gateway's objects as far as we read them. Each is a fresh copy of the truth, never a change.
use crate::kernel::{Cents, Currency, Day, Email, Timestamp, words};

words! {
    /// How often a gift is given.
    pub enum Frequency {
        Once = "once", "Once";
        Monthly = "monthly", "Every month";
        Yearly = "yearly", "Every year";
    }
}

/// What a donor is sent to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// Our id of the gift; comes back with the checkout, the payment and the subscription.
    pub gift: String,
    /// What the donor reads on the payment page and the card statement's details.
    pub description: String,
    pub email: Email,
    /// The gateway's customer, when this donor has one.
    pub customer: Option<String>,
    /// What the card is charged each time.
    pub charged: Cents,
    /// Of this, for the fee; a recurring gift carries it along.
    pub covered_fee: Cents,
    pub currency: Currency,
    pub frequency: Frequency,
    /// Where the donor comes back to; the gateway puts the checkout's id for `{CHECKOUT_SESSION_ID}`.
    pub success_url: String,
    pub cancel_url: String,
}

/// A payment page that waits for a donor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutPage {
    pub id: String,
    pub url: String,
    pub expires_at: Timestamp,
}

words! {
    pub enum CheckoutState {
        Open = "open";
        Complete = "complete";
        Expired = "expired";
    }
}

/// A checkout as it is now. `complete` may still be unpaid, when the bank takes days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    pub id: String,
    pub state: CheckoutState,
    pub paid: bool,
    pub charged: Cents,
    pub currency: Currency,
    /// Our id of the gift.
    pub gift: Option<String>,
    pub customer: Option<String>,
    pub email: Option<String>,
    /// The payment of a gift given once.
    pub payment: Option<String>,
    pub subscription: Option<String>,
    /// The first invoice of a subscription.
    pub invoice: Option<String>,
    pub livemode: bool,
}

words! {
    pub enum PaymentState {
        Pending = "pending";
        Succeeded = "succeeded";
        Failed = "failed";
    }
}

/// What happened to a card: one charge, with the payment it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// `pi_…`
    pub id: Option<String>,
    /// `ch_…`; absent while nothing was charged.
    pub charge: Option<String>,
    pub state: PaymentState,
    pub amount: Cents,
    /// What went back to the donor so far, by charge.
    pub refunded: Cents,
    pub currency: Currency,
    /// The gateway's fee, once it is known.
    pub fee: Option<Cents>,
    pub balance_transaction: Option<String>,
    pub customer: Option<String>,
    /// `Visa ending in 4242`.
    pub card: Option<String>,
    /// Why the bank declined, in the gateway's words.
    pub failure: Option<String>,
    /// Our id of the gift, from the payment's metadata.
    pub gift: Option<String>,
    pub disputed: bool,
    /// When the charge was made.
    pub at: Timestamp,
    pub livemode: bool,
}

words! {
    pub enum RefundState {
        Pending = "pending";
        Succeeded = "succeeded";
        Failed = "failed";
        Canceled = "canceled";
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: String,
    pub charge: Option<String>,
    pub payment: Option<String>,
    pub amount: Cents,
    pub currency: Currency,
    pub state: RefundState,
    pub reason: Option<String>,
    pub at: Timestamp,
}

words! {
    /// Why money goes back (<https://docs.stripe.com/api/refunds/create>).
    pub enum RefundReason {
        Requested = "requested_by_customer", "The donor asked for it";
        Duplicate = "duplicate", "It was charged twice";
        Fraudulent = "fraudulent", "The card was used without its owner’s consent";
    }
}

words! {
    /// Stripe's ten states in the five that matter to the books.
    pub enum DisputeState {
        /// A question from the bank; no money has moved.
        Inquiry = "inquiry", "The bank asks";
        NeedsResponse = "needs_response", "Needs an answer";
        UnderReview = "under_review", "With the bank";
        Won = "won", "Won";
        Lost = "lost", "Lost";
        /// Ended without money moving.
        Closed = "closed", "Withdrawn";
    }
}

/// What a card's bank says before it disputes a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudWarning {
    /// `issfr_…`
    pub id: String,
    pub charge: String,
    pub payment: Option<String>,
    /// `made_with_stolen_card`, …
    pub kind: String,
    /// A refund still prevents a dispute: <https://docs.stripe.com/api/early_fraud_warnings/object>.
    pub actionable: bool,
    pub at: Timestamp,
}

/// What we tell the bank about a disputed charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub donor: String,
    pub email: Option<Email>,
    /// What was given, in a sentence.
    pub gift: String,
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    pub id: String,
    pub charge: String,
    pub payment: Option<String>,
    pub amount: Cents,
    pub currency: Currency,
    pub state: DisputeState,
    pub reason: String,
    pub respond_by: Option<Timestamp>,
    /// Taken from the balance so far (positive); back to zero when it was reinstated.
    pub withdrawn: Cents,
    /// The gateway's fees for it so far (positive).
    pub fee: Cents,
    pub at: Timestamp,
}

words! {
    pub enum SubscriptionState {
        Incomplete = "incomplete";
        Active = "active";
        PastDue = "past_due";
        Paused = "paused";
        Cancelled = "cancelled";
        /// Never began: its first payment was not made.
        Ended = "ended";
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub state: SubscriptionState,
    pub amount: Cents,
    pub currency: Currency,
    pub frequency: Frequency,
    /// When the next payment is due.
    pub period_end: Option<Timestamp>,
    /// It runs out then: the donor or we have said so.
    pub cancels_at: Option<Timestamp>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Nothing is collected now: since when it is known, until then.
    pub resumes_at: Option<Timestamp>,
    /// The one thing it is for, with its price; needed to change the amount.
    pub item: Option<PricedItem>,
    /// What it is paid with, when that is a card.
    pub card: Option<PayingCard>,
    /// How we divided the amount when we set it.
    pub split: Option<Split>,
    /// Our id of the first gift, from the subscription's metadata.
    pub gift: Option<String>,
    pub livemode: bool,
}

/// The line of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedItem {
    /// `si_…`
    pub id: String,
    /// `prod_…`
    pub product: String,
}

/// A card, as far as we know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayingCard {
    /// `Visa ending in 4242`.
    pub label: String,
    /// The last day it can be charged on.
    pub until: Day,
}

/// An amount in its two parts. Kept with the subscription, and with each bill as it was when the bill was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    pub intended: Cents,
    pub covered_fee: Cents,
}

impl Split {
    pub fn charged(self) -> Cents {
        self.intended + self.covered_fee
    }
}

/// One bill of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: String,
    pub subscription: Option<String>,
    pub paid: bool,
    pub amount: Cents,
    pub currency: Currency,
    /// `pi_…` of the payment that paid it.
    pub payment: Option<String>,
    pub paid_at: Option<Timestamp>,
    /// The bill that began the subscription.
    pub is_first: bool,
    pub attempts: i64,
    pub next_attempt_at: Option<Timestamp>,
    /// Where the donor can pay it by hand.
    pub page: Option<String>,
    /// Nobody will ask for it any more.
    pub closed: bool,
    /// How the subscription's amount divided when it was made.
    pub split: Option<Split>,
    pub at: Timestamp,
}

words! {
    pub enum PayoutState {
        Pending = "pending";
        InTransit = "in_transit";
        Paid = "paid";
        Failed = "failed";
        Canceled = "canceled";
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub id: String,
    pub amount: Cents,
    pub currency: Currency,
    pub state: PayoutState,
    pub arrives: Day,
    /// The gateway has said of all its lines that they belong to it; never of one made by hand.
    pub itemized: bool,
    pub at: Timestamp,
}

/// One movement on the gateway's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceLine {
    pub id: String,
    /// The gateway's reporting category: `charge`, `refund`, `dispute`, `payout`, …
    pub category: String,
    pub amount: Cents,
    pub fee: Cents,
    pub net: Cents,
    pub currency: Currency,
    /// The charge, refund, dispute or payout behind it.
    pub source: Option<String>,
    pub at: Timestamp,
}

/// What the gateway tells us unasked: enough to know what to fetch again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// `charge.succeeded`
    pub kind: String,
    /// The id of the object it is about; empty when it has none.
    pub object: String,
    /// Ids inside the object that lead further: its `charge`, `payment_intent`, `subscription`, `invoice`.
    pub related: Vec<(String, String)>,
    pub livemode: bool,
    pub created: Timestamp,
}

/// Why the gateway did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// It can't be reached, is slow, busy or broken. Whether it did the thing is not known; asking again
    /// with the same key is safe.
    #[error("the payment service does not answer: {0}")]
    Unavailable(String),
    /// It understood and refused.
    #[error("the payment service refused: {message}")]
    Refused { code: Option<String>, message: String },
    #[error("the payment service has no {0}")]
    Missing(String),
    /// It answered something this version can't read.
    #[error("the payment service's answer can't be read: {0}")]
    Unreadable(String),
}

/// Why an event is authentic and yet of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event can't be read: {0}")]
pub struct UnreadableEvent(pub String);

/// Why a webhook is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    #[error("the header is not of the form t=…,v1=…")]
    Malformed,
    #[error("signed at another time than now")]
    Stale,
    #[error("signed with another secret, or changed on the way")]
    Forged,
}

impl GatewayError {
    /// Whether asking again later may help.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
