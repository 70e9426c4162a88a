//! A recurring gift that another program had begun at the payment service becomes ours: from then on its bills are
//! gifts like any other. Nothing is changed there, and nobody is written to.
//!
//! It refuses a subscription that is on record, and to take back one that somebody gave by or changed since.
use super::{Change, ChangeId, What, log};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    donors::DonorId,
    gifts::{CampaignId, FundId, RecurringGift, RecurringId, queries},
    kernel::{Cents, Timestamp},
    payments::{Invoice, Subscription},
};
use std::collections::HashMap;

/// To whom and where the gifts of a subscription go.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    pub donor: DonorId,
    pub fund: FundId,
    pub campaign: Option<CampaignId>,
    /// Who brings it in.
    pub by: &'a Actor,
}

/// Makes the recurring gift of a subscription that was asked for just now. `None` when it is on record.
pub async fn bring_in(app: &App, tx: &mut Tx, told: &Subscription, whose: Whose<'_>) -> sqlx::Result<Option<RecurringId>> {
    let now = app.clock.now();
    let (intended, covered) = match told.split.filter(|split| split.charged() == told.amount) {
        Some(split) => (split.intended, split.covered_fee),
        None => (told.amount, Cents::ZERO),
    };
    let plan = RecurringGift::of(told, (whose.donor, whose.fund, whose.campaign), (intended, covered));
    if !queries::insert_plan(tx, &plan).await? {
        return Ok(None);
    }
    queries::insert_brought(tx, plan.id, now).await?;
    let change = Change {
        id: ChangeId::new(),
        at: now,
        what: What::Began,
        actor_kind: whose.by.kind.to_owned(),
        actor_name: whose.by.name.clone(),
        before: None,
        after: Some(format!("{}, brought in from Stripe", log::amount(&plan))),
    };
    queries::insert_change(tx, plan.id, &change).await?;
    let facts = serde_json::json!({
        "subscription": plan.subscription, "amount": plan.intended, "currency": plan.currency, "frequency": plan.frequency,
        "state": plan.state, "since": plan.started_at,
    });
    audit::record(tx, whose.by, "bring in", ("recurring_gift", &plan.id.to_string()), None::<&()>, Some(&facts), now).await?;
    Ok(Some(plan.id))
}

/// Which of these subscriptions have their recurring gift, and whose it is.
pub async fn on_record(tx: &mut Tx, subscriptions: &[&str]) -> sqlx::Result<HashMap<String, (RecurringId, DonorId)>> {
    let found = queries::plans_of(tx, "subscription", subscriptions).await?;
    Ok(found.into_iter().map(|plan| (plan.subscription.clone(), (plan.id, plan.donor_id))).collect())
}

/// Who gives by something recurring that these customers pay.
pub async fn payers(tx: &mut Tx, customers: &[&str]) -> sqlx::Result<HashMap<String, DonorId>> {
    let found = queries::plans_of(tx, "customer", customers).await?;
    Ok(found.into_iter().map(|plan| (plan.customer, plan.donor_id)).collect())
}

/// Whether a bill is a gift of a plan that was brought in then: those paid before are not, and those that were not
/// paid before only when they are.
pub(in crate::gifts) fn counts(invoice: &Invoice, brought_at: Timestamp) -> bool {
    invoice.paid_at.unwrap_or(invoice.at) >= brought_at
}

/// Why a plan that was brought in can't be taken back; `None` when it can.
pub async fn held(tx: &mut Tx, id: RecurringId) -> sqlx::Result<Option<&'static str>> {
    let Some(plan) = queries::recurring_by_id(tx, id).await? else { return Ok(Some("It is no longer on record.")) };
    if queries::brought_at(tx, plan.id).await?.is_none() {
        return Ok(Some("It began here."));
    }
    if queries::latest_gift_of(tx, plan.id).await?.is_some() {
        return Ok(Some("A gift came of it since."));
    }
    if queries::was_asked_of(tx, plan.id).await? {
        return Ok(Some("It was changed here since."));
    }
    Ok(None)
}

/// Keeps a plan as it is until the transaction ends.
pub async fn hold(tx: &mut Tx, id: RecurringId) -> sqlx::Result<()> {
    queries::hold_plan(tx, id).await.map(drop)
}

/// Takes a plan off that nothing holds. At the payment service it goes on, as one that we do not know.
pub async fn take_back(tx: &mut Tx, id: RecurringId, by: &Actor, now: Timestamp) -> sqlx::Result<()> {
    let Some(plan) = queries::recurring_by_id(tx, id).await? else { return Ok(()) };
    queries::delete_brought(tx, id).await?;
    let facts = serde_json::json!({ "subscription": plan.subscription, "amount": plan.intended, "currency": plan.currency });
    audit::record(tx, by, "take back an import", ("recurring_gift", &id.to_string()), Some(&facts), None::<&()>, now).await
}
