//! Stripe's objects in our words. What can't be said in them is refused, never guessed.
use crate::{
    kernel::{Cents, Currency, Month, Timestamp, Zone},
    payments::{
        BalanceLine, Checkout, CheckoutState, Dispute, DisputeState, Frequency, GatewayError, Invoice, PayingCard, Payment,
        PaymentState, Payout, PricedItem, Refund, RefundState, Split, Subscription, SubscriptionState,
    },
};
use std::collections::HashMap;
use stripe_shared as s;
use stripe_shared::{
    ChargeStatus, CheckoutSessionPaymentStatus, CheckoutSessionStatus, DisputeStatus, InvoiceBillingReason, InvoiceStatus,
    PaymentIntentStatus, PayoutReconciliationStatus, RecurringInterval, SubscriptionStatus,
};
use stripe_types::{AsCursorOpt, Expandable, Object};

type Told<T> = Result<T, GatewayError>;

fn unreadable<T>(what: impl Into<String>) -> Told<T> {
    Err(GatewayError::Unreadable(what.into()))
}

pub(super) fn moment(seconds: i64) -> Told<Timestamp> {
    Timestamp::from_unix(seconds).map_or_else(|| unreadable(format!("the time {seconds}")), Ok)
}

fn moment_if(seconds: Option<i64>) -> Told<Option<Timestamp>> {
    seconds.map(moment).transpose()
}

pub(super) fn to_currency(currency: Currency) -> Told<stripe_types::Currency> {
    currency.code().parse().or_else(|_| unreadable(format!("the currency {currency}")))
}

fn currency(theirs: &stripe_types::Currency) -> Told<Currency> {
    theirs.to_string().parse().or_else(|_| unreadable(format!("the currency {theirs}")))
}

fn id<T: Object>(of: Option<&Expandable<T>>) -> Option<String> {
    of.and_then(|of| of.id().as_cursor_opt().map(str::to_owned))
}

/// Where our id of the gift stands in the metadata of each object. Nothing personal stands there.
pub(super) const OUR_ID: &str = "gift";
/// The two parts of a recurring gift's amount, in the metadata of the subscription and of each bill of it.
pub(super) const OUR_INTENDED: &str = "intended";
pub(super) const OUR_COVERED: &str = "covered_fee";

fn gift(metadata: &HashMap<String, String>) -> Option<String> {
    metadata.get(OUR_ID).filter(|gift| !gift.is_empty()).cloned()
}

pub(super) fn checkout(session: s::CheckoutSession) -> Told<Checkout> {
    let state = match session.status {
        Some(CheckoutSessionStatus::Open) => CheckoutState::Open,
        Some(CheckoutSessionStatus::Complete) => CheckoutState::Complete,
        Some(CheckoutSessionStatus::Expired) => CheckoutState::Expired,
        other => return unreadable(format!("{} is {other:?}", session.id)),
    };
    let Some(theirs) = &session.currency else { return unreadable(format!("{} has no currency", session.id)) };
    Ok(Checkout {
        state,
        paid: matches!(
            session.payment_status,
            CheckoutSessionPaymentStatus::Paid | CheckoutSessionPaymentStatus::NoPaymentRequired
        ),
        charged: Cents::new(session.amount_total.unwrap_or(0)),
        currency: currency(theirs)?,
        gift: session.metadata.as_ref().and_then(gift).or(session.client_reference_id),
        customer: id(session.customer.as_ref()),
        email: session.customer_details.and_then(|details| details.email).or(session.customer_email),
        payment: id(session.payment_intent.as_ref()),
        subscription: id(session.subscription.as_ref()),
        invoice: id(session.invoice.as_ref()),
        livemode: session.livemode,
        id: session.id.to_string(),
    })
}

pub(super) fn payment_of_intent(intent: &s::PaymentIntent) -> Told<Payment> {
    let failure = intent.last_payment_error.as_ref().map(|e| e.message.clone().unwrap_or_else(|| "declined".to_owned()));
    let state = match intent.status {
        PaymentIntentStatus::Succeeded => PaymentState::Succeeded,
        PaymentIntentStatus::Canceled => PaymentState::Failed,
        // Waiting for a card again, after one was declined.
        PaymentIntentStatus::RequiresPaymentMethod if failure.is_some() => PaymentState::Failed,
        _ => PaymentState::Pending,
    };
    let customer = id(intent.customer.as_ref());
    let own = gift(&intent.metadata);
    let payment = intent.id.to_string();
    if let Some(charge) = intent.latest_charge.as_ref().and_then(Expandable::as_object) {
        let told = payment_of_charge(charge)?;
        return Ok(Payment {
            id: Some(payment),
            state,
            gift: own.or(told.gift),
            customer: customer.or(told.customer),
            failure: if state == PaymentState::Succeeded { None } else { failure.or(told.failure) },
            ..told
        });
    }
    Ok(Payment {
        id: Some(payment),
        charge: id(intent.latest_charge.as_ref()),
        state,
        amount: Cents::new(intent.amount),
        refunded: Cents::ZERO,
        currency: currency(&intent.currency)?,
        fee: None,
        balance_transaction: None,
        customer,
        card: None,
        failure,
        gift: own,
        disputed: false,
        at: moment(intent.created)?,
        livemode: intent.livemode,
    })
}

pub(super) fn payment_of_charge(charge: &s::Charge) -> Told<Payment> {
    let state = match &charge.status {
        ChargeStatus::Succeeded => PaymentState::Succeeded,
        ChargeStatus::Failed => PaymentState::Failed,
        ChargeStatus::Pending => PaymentState::Pending,
        other => return unreadable(format!("{} is {other}", charge.id)),
    };
    let ours = currency(&charge.currency)?;
    // A fee in the currency of the account says nothing about a charge in another.
    let fee = charge
        .balance_transaction
        .as_ref()
        .and_then(Expandable::as_object)
        .filter(|line| line.currency == charge.currency)
        .map(|line| Cents::new(line.fee));
    let intent = charge.payment_intent.as_ref().and_then(Expandable::as_object);
    Ok(Payment {
        id: id(charge.payment_intent.as_ref()),
        charge: Some(charge.id.to_string()),
        state,
        amount: Cents::new(charge.amount),
        refunded: Cents::new(charge.amount_refunded),
        currency: ours,
        fee,
        balance_transaction: charge.balance_transaction.as_ref().map(|line| line.id().to_string()),
        customer: id(charge.customer.as_ref()),
        card: card(charge),
        failure: charge.failure_message.clone().or_else(|| charge.failure_code.clone()),
        gift: intent.and_then(|intent| gift(&intent.metadata)).or_else(|| gift(&charge.metadata)),
        disputed: charge.disputed,
        at: moment(charge.created)?,
        livemode: charge.livemode,
    })
}

/// `Visa ending in 4242`.
fn card(charge: &s::Charge) -> Option<String> {
    let card = charge.payment_method_details.as_ref()?.card.as_ref()?;
    Some(named(card.brand.as_deref(), card.last4.as_deref()?))
}

fn named(brand: Option<&str>, last4: &str) -> String {
    let brand = match brand {
        Some("amex") => "American Express".to_owned(),
        Some("jcb") => "JCB".to_owned(),
        Some(brand) => {
            let mut letters = brand.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
        None => "Card".to_owned(),
    };
    format!("{brand} ending in {last4}")
}

/// The card of a subscription, when the answer holds it.
fn paying_card(told: &s::Subscription) -> Option<PayingCard> {
    let card = told.default_payment_method.as_ref().and_then(Expandable::as_object)?.card.as_ref()?;
    let month = Month::new(i16::try_from(card.exp_year).ok()?, i8::try_from(card.exp_month).ok()?)?;
    Some(PayingCard { label: named(Some(&card.brand), &card.last4), until: month.last_day() })
}

/// The two parts of an amount as we wrote them down, when they are whole.
fn split(metadata: &HashMap<String, String>) -> Option<Split> {
    let part = |name: &str| metadata.get(name)?.parse().ok().filter(|cents: &i64| *cents >= 0).map(Cents::new);
    Some(Split { intended: part(OUR_INTENDED)?, covered_fee: part(OUR_COVERED)? }).filter(|split| split.intended.is_positive())
}

pub(super) fn refund(refund: s::Refund) -> Told<Refund> {
    let state = match refund.status.as_deref() {
        Some("pending" | "requires_action") => RefundState::Pending,
        Some("succeeded") => RefundState::Succeeded,
        Some("failed") => RefundState::Failed,
        Some("canceled") => RefundState::Canceled,
        other => return unreadable(format!("{} is {other:?}", refund.id)),
    };
    Ok(Refund {
        id: refund.id.to_string(),
        charge: id(refund.charge.as_ref()),
        payment: id(refund.payment_intent.as_ref()),
        amount: Cents::new(refund.amount),
        currency: currency(&refund.currency)?,
        state,
        reason: refund.failure_reason.or_else(|| refund.reason.map(|reason| reason.to_string())),
        at: moment(refund.created)?,
    })
}

pub(super) fn dispute(dispute: s::Dispute) -> Told<Dispute> {
    let state = match &dispute.status {
        DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview => DisputeState::Inquiry,
        DisputeStatus::NeedsResponse => DisputeState::NeedsResponse,
        DisputeStatus::UnderReview => DisputeState::UnderReview,
        DisputeStatus::Won => DisputeState::Won,
        DisputeStatus::Lost => DisputeState::Lost,
        DisputeStatus::WarningClosed | DisputeStatus::Prevented => DisputeState::Closed,
        // An appeal is newer than the client's list of states.
        DisputeStatus::Unknown(word) if word == "appeal_needs_response" => DisputeState::NeedsResponse,
        DisputeStatus::Unknown(word) if word == "appeal_under_review" => DisputeState::UnderReview,
        word => return unreadable(format!("{} is {word}", dispute.id)),
    };
    let lines = &dispute.balance_transactions;
    Ok(Dispute {
        id: dispute.id.to_string(),
        charge: dispute.charge.id().to_string(),
        payment: id(dispute.payment_intent.as_ref()),
        amount: Cents::new(dispute.amount),
        currency: currency(&dispute.currency)?,
        state,
        reason: dispute.reason,
        respond_by: moment_if(dispute.evidence_details.due_by)?,
        withdrawn: -lines.iter().map(|line| Cents::new(line.amount)).sum::<Cents>(),
        fee: lines.iter().map(|line| Cents::new(line.fee)).sum(),
        at: moment(dispute.created)?,
    })
}

pub(super) fn subscription(told: &s::Subscription) -> Told<Subscription> {
    let state = match &told.status {
        SubscriptionStatus::Incomplete => SubscriptionState::Incomplete,
        // Stripe says "active" while nothing is collected (<https://docs.stripe.com/billing/subscriptions/pause-payment>).
        SubscriptionStatus::Active | SubscriptionStatus::Trialing if told.pause_collection.is_some() => SubscriptionState::Paused,
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => SubscriptionState::Active,
        SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => SubscriptionState::PastDue,
        SubscriptionStatus::Paused => SubscriptionState::Paused,
        SubscriptionStatus::Canceled => SubscriptionState::Cancelled,
        SubscriptionStatus::IncompleteExpired => SubscriptionState::Ended,
        word => return unreadable(format!("{} is {word}", told.id)),
    };
    let Some(first) = told.items.data.first() else { return unreadable(format!("{} is for nothing", told.id)) };
    let recurring = first.price.recurring.as_ref().map(|every| (&every.interval, every.interval_count));
    let frequency = match recurring {
        Some((RecurringInterval::Month, 1)) => Frequency::Monthly,
        Some((RecurringInterval::Year, 1) | (RecurringInterval::Month, 12)) => Frequency::Yearly,
        other => return unreadable(format!("{} comes every {other:?}", told.id)),
    };
    let mut amount = Cents::ZERO;
    for item in &told.items.data {
        let quantity = i64::try_from(item.quantity.unwrap_or(1)).unwrap_or(i64::MAX);
        let each = item.price.unit_amount.and_then(|each| each.checked_mul(quantity));
        amount += Cents::new(each.map_or_else(|| unreadable(format!("the price of {}", told.id)), Ok)?);
    }
    let period_end = moment(first.current_period_end)?;
    let cancels_at = moment_if(told.cancel_at)?.or_else(|| told.cancel_at_period_end.then_some(period_end));
    Ok(Subscription {
        id: told.id.to_string(),
        customer: told.customer.id().to_string(),
        state,
        amount,
        currency: currency(&told.currency)?,
        frequency,
        period_end: Some(period_end),
        cancels_at,
        started_at: moment(told.start_date)?,
        ended_at: moment_if(told.ended_at)?,
        resumes_at: moment_if(told.pause_collection.as_ref().and_then(|pause| pause.resumes_at))?,
        item: match told.items.data.as_slice() {
            [only] => Some(PricedItem { id: only.id.to_string(), product: only.price.product.id().to_string() }),
            _ => None,
        },
        card: paying_card(told),
        split: split(&told.metadata),
        gift: gift(&told.metadata),
        livemode: told.livemode,
    })
}

pub(super) fn invoice(told: &s::Invoice) -> Told<Invoice> {
    let Some(name) = &told.id else { return unreadable("an invoice without an id") };
    let paid = told.status == Some(InvoiceStatus::Paid);
    let details = told.parent.as_ref().and_then(|parent| parent.subscription_details.as_ref());
    let payments = told.payments.as_ref().map_or(&[][..], |list| list.data.as_slice());
    let chosen = payments.iter().find(|p| p.status == "paid").or_else(|| payments.iter().find(|p| p.is_default));
    Ok(Invoice {
        id: name.to_string(),
        subscription: details.map(|details| details.subscription.id().to_string()),
        paid,
        amount: Cents::new(if paid { told.amount_paid } else { told.amount_due }),
        currency: currency(&told.currency)?,
        payment: chosen.and_then(|p| id(p.payment.payment_intent.as_ref())),
        paid_at: moment_if(told.status_transitions.paid_at)?,
        is_first: told.billing_reason == Some(InvoiceBillingReason::SubscriptionCreate),
        attempts: i64::try_from(told.attempt_count).unwrap_or(i64::MAX),
        next_attempt_at: moment_if(told.next_payment_attempt)?,
        page: told.hosted_invoice_url.clone(),
        closed: matches!(told.status, Some(InvoiceStatus::Void | InvoiceStatus::Uncollectible)),
        split: details.and_then(|details| details.metadata.as_ref()).and_then(split),
        at: moment(told.created)?,
    })
}

pub(super) fn payout(told: &s::Payout) -> Told<Payout> {
    let Ok(state) = told.status.parse() else { return unreadable(format!("{} is {}", told.id, told.status)) };
    Ok(Payout {
        id: told.id.to_string(),
        amount: Cents::new(told.amount),
        currency: currency(&told.currency)?,
        state,
        // Stripe gives a day as its midnight in UTC.
        arrives: Zone::utc().day(moment(told.arrival_date)?),
        itemized: told.automatic && told.reconciliation_status == PayoutReconciliationStatus::Completed,
        at: moment(told.created)?,
    })
}

pub(super) fn balance_line(line: &s::BalanceTransaction) -> Told<BalanceLine> {
    Ok(BalanceLine {
        id: line.id.to_string(),
        category: line.reporting_category.clone(),
        amount: Cents::new(line.amount),
        fee: Cents::new(line.fee),
        net: Cents::new(line.net),
        currency: currency(&line.currency)?,
        source: line.source.as_ref().map(|source| source.id().to_string()),
        at: moment(line.created)?,
    })
}

/// An event as the body of its webhook.
pub(super) fn event_body(event: &s::Event) -> String {
    let object: serde_json::Value =
        serde_json::from_str(&miniserde::json::to_string(&event.data.object)).unwrap_or(serde_json::Value::Null);
    serde_json::json!({
        "id": event.id.to_string(),
        "object": "event",
        "api_version": event.api_version,
        "created": event.created,
        "livemode": event.livemode,
        "type": event.type_.as_str(),
        "data": { "object": object },
    })
    .to_string()
}
