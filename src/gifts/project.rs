//! What follows from a payment, a plan or an invoice, in the caller's transaction: the gift's state, the
//! books, the totals, the receipt and the mail, each once.
use super::{
    CampaignId, FundId, Gift, GiftId, GiftState, RecurringGift, RecurringId, burst, letters, offline, parts, plans, postings,
    queries, refresh::RefreshError, returned,
};
use crate::{
    app::App,
    audit::{self, Actor},
    books,
    db::Tx,
    donors::{self, Donor, DonorId},
    kernel::{Cents, Zone},
    payments::{Dispute, Invoice, Payment, PaymentState, Refund, Split, Subscription},
    receipts,
};

/// A payment as the service has it now, with what went back of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) payment: Payment,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
}

/// Puts a gift where its payment is. `complete` says that the donor is done with the payment page.
pub(super) async fn payment(
    app: &App,
    tx: &mut Tx,
    id: GiftId,
    told: &Told,
    complete: bool,
) -> Result<Option<String>, RefreshError> {
    let Some(gift) = queries::hold(tx, id).await? else { return Ok(None) };
    let payment = &told.payment;
    let failure = payment.failure.as_deref();
    if payment.state == PaymentState::Failed {
        burst::note(app, tx, payment).await?;
    }
    match payment.state {
        PaymentState::Succeeded => {}
        PaymentState::Failed if complete || gift.state == GiftState::Processing => {
            let failed = queries::fail(tx, id, failure).await?;
            return Ok(
                failed.then(|| format!("The gift of {} failed: {}", gift.charged(), failure.unwrap_or("no reason was given")))
            );
        }
        PaymentState::Failed => {
            let noted = queries::note_decline(tx, id, failure).await?;
            return Ok(noted.then(|| format!("A card was declined for the gift of {}.", gift.charged())));
        }
        PaymentState::Pending if complete => {
            let waits = queries::await_bank(tx, id).await?;
            return Ok(waits.then(|| format!("The gift of {} waits for the donor's bank.", gift.charged())));
        }
        PaymentState::Pending => return Ok(None),
    }
    refuse_contradictions(&gift, payment, app.config.is_live())?;
    let zone = app.coalition.get().zone();
    let now = app.clock.now();
    let mut said = Vec::new();
    if queries::settle(tx, id, payment, zone.day(payment.at)).await? {
        settled(app, tx, id, payment, &zone).await?;
        said.push(format!("The gift of {} was received.", gift.charged()));
    }
    if let Some(fee) = payment.fee
        && queries::set_fee(tx, id, fee).await?
        && !fee.is_zero()
        && let Some(gift) = queries::by_id(tx, id).await?
    {
        let book = parts::Book::read(tx, &gift).await?;
        books::post(tx, &postings::fee(&gift, &id.to_string(), &book, fee), &zone).await?;
        said.push(format!("Its processor fee is {}.", fee.of(gift.currency)));
    }
    if !told.refunds.is_empty() || !told.disputes.is_empty() {
        said.extend(returned::project(app, tx, id, told, &zone, now).await?);
    }
    Ok((!said.is_empty()).then(|| said.join(" ")))
}

fn refuse_contradictions(gift: &Gift, payment: &Payment, is_live: bool) -> Result<(), RefreshError> {
    if payment.livemode != is_live {
        return Err(RefreshError::Contradiction(format!(
            "The gift {} was paid in the payment service's other mode: this installation keeps live and test apart.",
            gift.id
        )));
    }
    if payment.amount != gift.charged || payment.currency != gift.currency {
        return Err(RefreshError::Contradiction(format!(
            "The gift {} is {}, but {} was paid for it.",
            gift.id,
            gift.charged(),
            payment.amount.of(payment.currency)
        )));
    }
    match (&gift.payment, &payment.id) {
        (Some(ours), Some(theirs)) if ours != theirs => Err(RefreshError::Contradiction(format!(
            "The gift {} was paid by {ours}, and again by {theirs}; refund one of them.",
            gift.id
        ))),
        _ => Ok(()),
    }
}

/// All that a gift's settling brings with it.
async fn settled(app: &App, tx: &mut Tx, id: GiftId, payment: &Payment, zone: &Zone) -> Result<(), RefreshError> {
    let Some(gift) = queries::by_id(tx, id).await? else { return Ok(()) };
    let now = app.clock.now();
    let (id_text, fund) = (id.to_string(), gift.fund_id.to_string());
    queries::mend(tx, id, now).await?;
    books::post(tx, &postings::settled(&gift, &id_text, &fund), zone).await?;
    let day = zone.day(payment.at);
    queries::add_to_month(tx, (day.month(), gift.currency, gift.fund_id), 1, (gift.intended, gift.covered_fee), Cents::ZERO)
        .await?;
    let counted = donors::Counted { currency: gift.currency, net: gift.intended, at: payment.at, on: day };
    donors::add_gift(tx, gift.donor_id, &counted).await?;
    queries::count_giver(tx, day.month(), gift.donor_id, gift.id).await?;
    if gift.campaign_id.is_some() {
        tx.site_changed();
    }
    if let Some(customer) = &payment.customer {
        donors::link_customer(tx, gift.donor_id, customer).await?;
    }
    let facts =
        serde_json::json!({ "state": gift.state, "charged": gift.charged, "currency": gift.currency, "payment": gift.payment });
    audit::record(tx, &Actor::system(), "settle", ("gift", &id_text), None::<&()>, Some(&facts), now).await?;
    let Some(donor) = donors::by_id(tx, gift.donor_id).await? else { return Ok(()) };
    let receipt = match acknowledge(tx, &gift, &donor).await? {
        Ok(frozen) => receipts::issue(tx, &id_text, &frozen, now).await?,
        Err(refusal) => {
            let why = serde_json::json!({ "rule": refusal.to_string() });
            audit::record(tx, &Actor::system(), "refuse_receipt", ("gift", &id_text), None::<&()>, Some(&why), now).await?;
            None
        }
    };
    letters::thank(app, tx, &gift, &donor, receipt.as_ref()).await?;
    Ok(())
}

/// What the gift's receipt would say now, or why there may be none.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    gift: &Gift,
    donor: &Donor,
) -> sqlx::Result<Result<receipts::Frozen, receipts::Refusal>> {
    let Some(given_on) = gift.given_on else { return Ok(Err(receipts::Refusal::NothingGiven)) };
    let fund = parts::words(tx, gift).await?;
    let donee = receipts::entity_on(tx, given_on).await?;
    let acknowledged = receipts::Acknowledged {
        donor: donor.name.clone(),
        donor_address: donor.address.clone(),
        given_on,
        intended: gift.intended,
        covered_fee: gift.covered_fee,
        refunded: gift.refunded,
        currency: gift.currency,
        fund,
        tribute: gift.tribute(),
        benefit: receipts::Benefit::Nothing,
        given: offline::given(tx, gift).await?,
    };
    Ok(receipts::compile(&acknowledged, donee.as_ref()))
}

/// Puts a plan where its subscription is; makes it when the first gift is one of ours.
pub(super) async fn plan(
    app: &App,
    tx: &mut Tx,
    told: &Subscription,
) -> Result<(Option<RecurringGift>, Option<String>), RefreshError> {
    if let Some(plan) = queries::plan_of(tx, &told.id).await? {
        let split = split(told.amount, told.split, &plan);
        queries::update_plan(tx, &plan, told, split).await?;
        let fresh = queries::plan_of(tx, &told.id).await?;
        let what = match &fresh {
            Some(fresh) => {
                plans::note(app, tx, Some(&plan), fresh).await?;
                change(&plan, fresh)
            }
            None => None,
        };
        return Ok((fresh, what));
    }
    let first = match told.gift.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => queries::hold(tx, id).await?,
        None => None,
    };
    let Some(first) = first else { return Ok((None, None)) };
    let (intended, covered_fee) = match told.split.filter(|split| split.charged() == told.amount) {
        Some(split) => (split.intended, split.covered_fee),
        None if told.amount == first.charged => (first.intended, first.covered_fee),
        None => (told.amount, Cents::ZERO),
    };
    let plan = RecurringGift::of(told, (first.donor_id, first.fund_id, first.campaign_id), (intended, covered_fee));
    queries::insert_plan(tx, &plan).await?;
    queries::link(tx, first.id, &plan, None).await?;
    plans::note(app, tx, None, &plan).await?;
    let what = format!("A recurring gift of {} began.", plan.charged.of(plan.currency));
    Ok((Some(plan), Some(what)))
}

/// How an amount divides: as was written down with it, or as the plan does, when it is still the plan's. All of it is
/// meant, when it was changed elsewhere.
fn split(amount: Cents, written: Option<Split>, plan: &RecurringGift) -> (Cents, Cents) {
    match written.filter(|split| split.charged() == amount) {
        Some(split) => (split.intended, split.covered_fee),
        None if amount == plan.charged => (plan.intended, plan.covered_fee),
        None => (amount, Cents::ZERO),
    }
}

impl RecurringGift {
    /// A new plan as its subscription is now.
    pub(super) fn of(
        told: &Subscription,
        (donor_id, fund_id, campaign_id): (DonorId, FundId, Option<CampaignId>),
        (intended, covered_fee): (Cents, Cents),
    ) -> Self {
        Self {
            id: RecurringId::new(),
            donor_id,
            fund_id,
            campaign_id,
            subscription: told.id.clone(),
            customer: told.customer.clone(),
            state: told.state,
            frequency: told.frequency,
            intended,
            covered_fee,
            charged: intended + covered_fee,
            currency: told.currency,
            started_at: told.started_at,
            next_at: told.period_end,
            cancels_at: told.cancels_at,
            ended_at: told.ended_at,
            resumes_at: told.resumes_at,
            card: told.card.as_ref().map(|card| card.label.clone()),
            card_until: told.card.as_ref().map(|card| card.until),
            livemode: told.livemode,
        }
    }
}

fn change(before: &RecurringGift, now: &RecurringGift) -> Option<String> {
    let amount = now.charged.of(now.currency);
    if before.state != now.state {
        return Some(format!("The recurring gift of {amount} is now {}.", now.state.label()));
    }
    if before.charged != now.charged {
        return Some(format!("The recurring gift of {} is now {amount}.", before.charged.of(before.currency)));
    }
    match (before.cancels_at, now.cancels_at) {
        (None, Some(_)) => Some(format!("The recurring gift of {amount} ends with its current period.")),
        (Some(_), None) => Some(format!("The recurring gift of {amount} goes on.")),
        _ => None,
    }
}

/// Puts an invoice's gift where the invoice is: the form's own gift for the first, a new one for each renewal.
/// `complete` says that the donor is done with the payment page of the first; `refusal` is why the bank did not pay it.
pub(super) async fn invoice(
    app: &App,
    tx: &mut Tx,
    invoice: &Invoice,
    subscription: &Subscription,
    told: Option<&Told>,
    refusal: Option<&str>,
    complete: bool,
) -> Result<Option<String>, RefreshError> {
    let (plan, mut what) = plan(app, tx, subscription).await?;
    let Some(plan) = plan else { return Ok(None) };
    if told.is_none() && (invoice.paid || invoice.attempts == 0) {
        return Ok(what);
    }
    let brought_at = queries::brought_at(tx, plan.id).await?;
    if brought_at.is_some_and(|at| !plans::counts(invoice, at)) {
        return Ok(what);
    }
    let first =
        if invoice.is_first && brought_at.is_none() { subscription.gift.as_deref().and_then(|id| id.parse().ok()) } else { None };
    let known = match first {
        Some(id) => Some(id),
        None => queries::by_gateway_id(tx, &invoice.id).await?,
    };
    let id = if let Some(id) = known {
        id
    } else {
        let id = GiftId::new();
        queries::insert_renewal(tx, id, &plan, &invoice.id, split(invoice.amount, invoice.split, &plan), app.clock.now()).await?;
        // Another may have told of the same invoice a moment before.
        queries::by_gateway_id(tx, &invoice.id).await?.unwrap_or(id)
    };
    queries::link(tx, id, &plan, Some(&invoice.id)).await?;
    let more = match told {
        Some(told) => payment(app, tx, id, told, invoice.paid || complete).await?,
        None if invoice.is_first => None,
        None => missed(app, tx, id, &plan, invoice, refusal).await?,
    };
    if let Some(more) = more {
        what = Some(what.map_or_else(|| more.clone(), |what| format!("{what} {more}")));
    }
    Ok(what)
}

/// A renewal that was not paid: the donor is told once.
async fn missed(
    app: &App,
    tx: &mut Tx,
    id: GiftId,
    plan: &RecurringGift,
    invoice: &Invoice,
    refusal: Option<&str>,
) -> Result<Option<String>, RefreshError> {
    let reason = refusal.unwrap_or("The card was not charged.");
    let is_new = queries::fail(tx, id, Some(reason)).await?;
    queries::put_failure(tx, id, plan.id, invoice, reason, app.clock.now()).await?;
    if !is_new {
        return Ok(None);
    }
    let Some(donor) = donors::by_id(tx, plan.donor_id).await? else { return Ok(None) };
    letters::missed(app, tx, id, plan, &donor, invoice, reason).await?;
    Ok(Some(format!("A recurring gift of {} could not be charged.", invoice.amount.of(invoice.currency))))
}
