//! Contributions that organizations are asked for, when the settings say so: an amount, a period, an invoice. Paid by
//! card it is a gift like any other, with its postings, receipt and refunds; paid another way it is noted and posted.
//!
//! It refuses to decide standing: nothing here is read where standing is derived. Who left is asked for nothing.
mod ask;
mod close;
mod delegate;
pub mod invoice;
mod letters;
mod list;
mod pages;
mod queries;
mod setup;

use crate::{
    app::App,
    db::Tx,
    gifts::{self, FundId, Gift, GiftId, GiftState},
    kernel::{Cents, Currency, Day, Money, Timestamp, id, words},
    members::OrganizationId,
    settings::Setting,
};
use axum::Router;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub use ask::{Asking, ask_for};
pub use delegate::{asked, part as portal_part};
pub use setup::about;

id!(
    /// Names one row of `contribution`.
    ContributionId
);

words! {
    /// How a contribution ended without a card.
    pub enum Closed {
        /// By check or transfer.
        Offline = "offline", "Paid";
        Waived = "waived", "Waived";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

words! {
    /// Where a contribution stands; derived.
    pub enum State {
        Open = "open", "Asked for";
        Processing = "processing", "On its way";
        Paid = "paid", "Paid";
        /// All of what was paid went back.
        Returned = "returned", "Given back";
        Waived = "waived", "Waived";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// A suggested amount for organizations up to a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// A year's budget; none for whatever is larger.
    pub up_to: Option<Cents>,
    pub amount: Cents,
}

/// Whether contributions are asked for, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contributions {
    pub on: bool,
    /// Where the money goes.
    pub fund: Option<FundId>,
    pub tiers: Vec<Tier>,
    /// How to pay without a card; stands on the invoice.
    pub by_check: String,
}

impl Setting for Contributions {
    const KEY: &'static str = "contributions";
}

/// One row of `contribution`, with the gift it is paid by.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Contribution {
    pub id: ContributionId,
    pub number: i64,
    pub organization_id: OrganizationId,
    pub fund_id: FundId,
    pub amount: Cents,
    pub currency: Currency,
    pub period: String,
    pub due_day: Day,
    pub note: String,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub closed_as: Option<Closed>,
    pub closed_day: Option<Day>,
    pub closed_by: Option<String>,
    pub closed_note: String,
    pub gift_id: Option<GiftId>,
}

/// A contribution as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub of: Contribution,
    pub state: State,
    pub paid_on: Option<Day>,
    /// It ended without a card, and then money came by card all the same.
    pub also_by_card: bool,
}

impl Contribution {
    pub const fn money(&self) -> Money {
        self.amount.of(self.currency)
    }

    /// Where it stands, after its gift.
    fn stands_by(self, gift: Option<&Gift>) -> Standing {
        let by_gift = match gift {
            Some(gift) if gift.state == GiftState::Settled && gift.refunded >= gift.charged => State::Returned,
            Some(gift) if gift.state == GiftState::Settled => State::Paid,
            Some(gift) if gift.state == GiftState::Processing => State::Processing,
            _ => State::Open,
        };
        let state = match self.closed_as {
            Some(Closed::Offline) => State::Paid,
            Some(Closed::Waived) => State::Waived,
            Some(Closed::Withdrawn) => State::Withdrawn,
            None => by_gift,
        };
        let paid_on = match state {
            State::Paid => self.closed_day.or_else(|| gift.and_then(|gift| gift.given_on)),
            _ => None,
        };
        let also_by_card = self.closed_as.is_some() && matches!(by_gift, State::Paid | State::Processing);
        Standing { of: self, state, paid_on, also_by_card }
    }

    async fn stands(self, tx: &mut Tx) -> sqlx::Result<Standing> {
        let gift = match self.gift_id {
            Some(id) => gifts::by_id(tx, id).await?,
            None => None,
        };
        Ok(self.stands_by(gift.as_ref()))
    }
}

impl Standing {
    /// Whether staff may end it: while it waits, and when what was paid went back.
    const fn may_end(&self) -> bool {
        matches!(self.state, State::Open | State::Returned)
    }
}

/// Each as it stands, in their order.
async fn standing(tx: &mut Tx, all: Vec<Contribution>) -> sqlx::Result<Vec<Standing>> {
    let ids: Vec<_> = all.iter().filter_map(|c| c.gift_id).collect();
    let gifts: HashMap<_, _> = gifts::by_ids(tx, &ids).await?.into_iter().map(|gift| (gift.id, gift)).collect();
    Ok(all.into_iter().map(|c| (c.gift_id.and_then(|id| gifts.get(&id)), c)).map(|(gift, c)| c.stands_by(gift)).collect())
}

/// What an organization was asked for, the latest first: a handful.
pub async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Standing>> {
    let all = queries::of_organization(tx, id).await?;
    standing(tx, all).await
}

/// How many ended without a card and were paid by card all the same: somebody has to choose.
pub async fn paid_twice(tx: &mut Tx) -> sqlx::Result<i64> {
    let all = queries::closed_with_payment(tx).await?;
    let twice = standing(tx, all).await?.iter().filter(|c| c.also_by_card).count();
    Ok(i64::try_from(twice).unwrap_or(i64::MAX))
}

/// Those that were due within the last year and have not come, the latest first.
async fn past_due(tx: &mut Tx, today: Day) -> sqlx::Result<Vec<Standing>> {
    let due = queries::due_between(tx, today.plus_days(-366), today).await?;
    Ok(standing(tx, due).await?.into_iter().filter(|c| c.state == State::Open).collect())
}

/// How many were due within the last year and have not come.
pub async fn overdue(tx: &mut Tx, today: Day) -> sqlx::Result<i64> {
    Ok(i64::try_from(past_due(tx, today).await?.len()).unwrap_or(i64::MAX))
}

pub fn private() -> Router<App> {
    pages::router()
        .merge(ask::router())
        .merge(list::router())
        .merge(close::router())
        .merge(delegate::router())
        .merge(setup::router())
}
