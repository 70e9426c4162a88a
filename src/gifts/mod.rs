//! Gifts: from the form to money on the books.
//!
//! A gift is a row before the payment service hears of it, and from then on a projection of what the
//! service says. It refuses an amount that is not intended + covered fee = charged, a second gift from
//! one submission, and any change of state that an older fact would undo.
mod acknowledge;
mod again;
mod appeal;
mod asked;
mod batch;
mod burst;
mod by_hand;
pub mod carried;
pub mod carried_back;
mod counted;
mod credit;
mod disputes;
mod donate;
mod form;
mod fund;
mod give;
mod giving;
mod held;
mod held_page;
mod history;
mod ids;
mod letters;
mod manage;
mod matching;
mod merge;
pub mod merging;
mod my;
mod offline;
mod parts;
mod plans;
mod pledge;
mod postings;
mod project;
mod queries;
mod refresh;
mod refund;
mod returned;
pub mod running;
pub mod staff;
mod start;
mod thanks;
mod tribute;

use crate::{
    app::App,
    donors::DonorId,
    kernel::{Cents, Currency, Day, Money, Timestamp, words},
    payments::{DisputeState, RefundState, SubscriptionState},
    work::{Handlers, Job, JobError, Regular},
};
use axum::{
    Router,
    routing::{get, post},
};
use futures_util::future::BoxFuture;

pub use crate::payments::Frequency;
pub use appeal::AppealId;
pub use asked::{ask, close_page, payment_page};
pub use burst::Burst;
pub use by_hand::{ByHand, NotDone, Promise, Rhythm, close_batch, enter_by_hand, open_batch, promise};
pub use giving::{Giving, Limit};
pub use history::{History, insert_history, rebuild_donor_totals, rebuild_summaries, retotal, verify_summaries};
pub use ids::{
    BatchId, BurstId, CampaignId, CreditId, DisputeId, EmployerId, FundId, GiftBatchId, GiftId, HeldId, MatchId, NoteId,
    NoticeId, RecurringId, RefundId, TemplateId, WarningId,
};
pub use my::{Erasure, ErasureId, ErasureState, Session as GivingSession};
pub use plans::{AnnualValue, Asked, Change, ChangeId, RequestId, What, annual_values};
pub use pledge::{PledgeId, REMIND};
pub use queries::{
    COLUMNS, Movement, by_id, by_ids, campaigns, disputes_of, disputes_to_answer, erasures_waiting, fund_by_id, funds,
    given_to_fund, givers_in, held_waiting, insert_campaign, insert_fund, insert_plan, month_totals, movements_of, of_donor,
    pledge::pledges_overdue, recurring_by_id, recurring_care, recurring_of, recurring_running, refunds_of, to_thank,
    unseen_burst, warned_of,
};
pub use refresh::{
    RefreshError, Refreshed, refresh_charge, refresh_checkout, refresh_customer, refresh_dispute, refresh_invoice,
    refresh_payment, refresh_refund, refresh_subscription, refresh_warning,
};
pub use refund::{Because, NotRefunded, RefundRequest, RefundRequestId, refund};
pub use start::{Wish, cancelled_path, thanks_path};

words! {
    /// How far a gift is.
    pub enum GiftState {
        /// The donor has not paid yet.
        Open = "open", "Not paid yet";
        /// Paid by a bank that takes days.
        Processing = "processing", "On its way";
        /// The money moved.
        Settled = "settled", "Received";
        Failed = "failed", "Payment failed";
        /// The payment page ran out.
        Abandoned = "abandoned", "Not completed";
    }
}

words! {
    /// How a gift came: by card through the payment service, or by hand.
    pub enum Method {
        Card = "card", "Card";
        Check = "check", "Check";
        Cash = "cash", "Cash";
        Wire = "wire", "Wire transfer";
        Stock = "stock", "Stock";
        InKind = "in_kind", "In kind";
        DonorAdvised = "donor_advised", "Donor-advised fund";
        /// A qualified charitable distribution.
        Ira = "ira", "IRA distribution";
        Grant = "grant", "Grant";
    }
}

words! {
    /// For whom a gift is given.
    pub enum TributeKind {
        Honor = "honor", "In honor of";
        Memory = "memory", "In memory of";
    }
}

words! {
    /// How far a fund binds what may be done with its money.
    pub enum Restriction {
        None = "none", "Unrestricted";
        Purpose = "purpose", "For a purpose";
        Permanent = "permanent", "Endowment";
    }
}

/// One row of `gift`; selected by [`COLUMNS`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Gift {
    pub id: GiftId,
    pub donor_id: DonorId,
    pub fund_id: FundId,
    pub campaign_id: Option<CampaignId>,
    /// Which link brought it.
    pub source: Option<String>,
    pub recurring_id: Option<RecurringId>,
    pub state: GiftState,
    pub frequency: Frequency,
    /// What the donor wants to give; goals and totals count it, less refunds.
    pub intended: Cents,
    /// What the donor added for the fee.
    pub covered_fee: Cents,
    /// The two together: what the card pays.
    pub charged: Cents,
    /// Of the charged amount, gone back.
    pub refunded: Cents,
    pub currency: Currency,
    /// A dispute is not decided, or was lost.
    pub disputed: bool,
    pub tribute_kind: Option<TributeKind>,
    pub tribute_name: Option<String>,
    pub created_at: Timestamp,
    /// When the money moved.
    pub settled_at: Option<Timestamp>,
    /// That day where the coalition is.
    pub given_on: Option<Day>,
    /// `settled_at`, or `created_at` before: the order of lists.
    pub shown_at: Timestamp,
    pub attempt: i64,
    pub checkout: Option<String>,
    pub checkout_url: Option<String>,
    pub checkout_until: Option<Timestamp>,
    pub payment: Option<String>,
    pub charge: Option<String>,
    pub invoice: Option<String>,
    pub processor_fee: Option<Cents>,
    /// `Visa ending in 4242`.
    pub card: Option<String>,
    pub failure: Option<String>,
    pub thanked_at: Option<Timestamp>,
    pub livemode: bool,
    /// How it came.
    pub method: Method,
    /// It goes to several funds, of which `fund_id` is the first.
    pub split: bool,
}

impl Gift {
    pub const fn intended(&self) -> Money {
        self.intended.of(self.currency)
    }

    pub const fn charged(&self) -> Money {
        self.charged.of(self.currency)
    }

    /// `In honor of Ada Lovelace`.
    pub fn tribute(&self) -> Option<String> {
        Some(format!("{} {}", self.tribute_kind?.label(), self.tribute_name.as_deref()?))
    }
}

/// One row of `fund`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Fund {
    pub id: FundId,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub restriction: Restriction,
    /// Offered on the donate page.
    pub open: bool,
    /// Its place in lists.
    pub position: i64,
}

/// What names a fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
struct FundUse {
    id: FundId,
    gifts: i64,
    /// Recurring gifts that go on.
    recurring: i64,
}

/// One row of `campaign`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Campaign {
    pub id: CampaignId,
    pub slug: String,
    pub name: String,
    pub goal: Option<Cents>,
    pub currency: Currency,
    pub starts_on: Option<Day>,
    pub ends_on: Option<Day>,
    /// What visitors read on its page, in paragraphs.
    pub story: String,
}

/// One row of `recurring_gift`: a plan, as the payment service has it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RecurringGift {
    pub id: RecurringId,
    pub donor_id: DonorId,
    pub fund_id: FundId,
    pub campaign_id: Option<CampaignId>,
    /// `sub_…`
    pub subscription: String,
    /// `cus_…` that pays it.
    pub customer: String,
    pub state: SubscriptionState,
    pub frequency: Frequency,
    pub intended: Cents,
    pub covered_fee: Cents,
    pub charged: Cents,
    pub currency: Currency,
    pub started_at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub cancels_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// While it is paused: nothing is collected before then.
    pub resumes_at: Option<Timestamp>,
    /// `Visa ending in 4242`.
    pub card: Option<String>,
    /// The last day the card can be charged on.
    pub card_until: Option<Day>,
    pub livemode: bool,
}

/// One row of `gift_refund`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GiftRefund {
    pub id: RefundId,
    pub gift_id: GiftId,
    /// `re_…`
    pub refund: String,
    pub amount: Cents,
    pub state: RefundState,
    pub reason: Option<String>,
    pub at: Timestamp,
}

/// One row of `gift_dispute`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GiftDispute {
    pub id: DisputeId,
    pub gift_id: GiftId,
    /// `dp_…`
    pub dispute: String,
    pub amount: Cents,
    pub state: DisputeState,
    /// Taken from the balance so far.
    pub withdrawn: Cents,
    pub fee: Cents,
    pub reason: String,
    pub respond_by: Option<Timestamp>,
    pub at: Timestamp,
}

/// One row of `fraud_warning`: what a card's bank says before it disputes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FraudWarning {
    pub id: WarningId,
    pub gift_id: GiftId,
    /// `issfr_…`
    pub warning: String,
    /// `made_with_stolen_card`, …
    pub kind: String,
    /// A refund still prevents a dispute.
    pub actionable: bool,
    pub at: Timestamp,
}

/// What the settled gifts of a month come to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MonthTotal {
    /// `2026-03`.
    pub month: String,
    pub currency: Currency,
    pub gifts: i64,
    /// Intended, less refunds.
    pub given: Cents,
}

/// Disputes that wait for our answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToAnswer {
    pub count: i64,
    /// The one that is due first.
    pub first: Option<DisputeId>,
    /// When it is due, if the bank said so.
    pub by: Option<Timestamp>,
}

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    Router::new().route("/donate", get(donate::show)).route("/give/{slug}", get(give::show))
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    staff::router()
        .merge(offline::router())
        .merge(batch::router())
        .merge(pledge::router())
        .merge(appeal::router())
        .merge(my::router())
        .route("/donate", post(donate::give))
        .route("/donate/thanks/{token}", get(thanks::thanks))
        .route("/donate/held/{token}", get(held_page::show).post(held_page::go_on))
        .route("/donate/cancelled/{token}", get(thanks::cancelled).post(thanks::resume))
        .route("/gifts/manage/{token}", get(manage::show))
        .route("/gifts/manage/{token}/amount", get(manage::amount).post(manage::change_amount))
        .route("/gifts/manage/{token}/pause", get(manage::pause).post(manage::begin_pause))
        .route("/gifts/manage/{token}/{action}", post(manage::press))
}

/// Gives up, once a day, gifts that never reached the payment page, and forgets what was held long ago.
pub const SWEEP: Regular = Regular { kind: "gifts.sweep", every: 86_400 };

/// Warns, once a day, of cards that run out before the next payment.
pub const CARDS: Regular = Regular { kind: "gifts.cards", every: 86_400 };

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(SWEEP.kind, sweep).with(CARDS.kind, cards).with(REMIND.kind, pledge::daily)
}

fn cards(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        plans::warn_of_cards(&app).await?;
        Ok(())
    })
}

fn sweep(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let mut tx = app.db.write().await?;
        queries::abandon_unasked(&mut tx, app.clock.now().plus_days(-2)).await?;
        held::sweep(&mut tx, app.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    })
}
