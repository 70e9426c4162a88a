//! The generated payments as the stand-in for Stripe remembers them: the same ids, amounts and moments.
use crate::{
    donors::{Donor, DonorId},
    gifts::{Gift, RecurringGift, RecurringId},
    kernel::{Cents, Timestamp},
    payments::sandbox::{Past, PastBill, PastCustomer, PastPayment, PastSubscription},
};
use std::collections::HashMap;

/// When a bill that was declined is tried again, in days from now.
const AGAIN_DAYS: i64 = 2;

pub(super) fn of(donors: &[Donor], plans: &[RecurringGift], gifts: &[Gift], now: Timestamp) -> Past {
    let donors: HashMap<DonorId, &Donor> = donors.iter().map(|donor| (donor.id, donor)).collect();
    let mut past = Past::default();
    let mut bills: HashMap<RecurringId, Vec<&Gift>> = HashMap::new();
    for gift in gifts {
        match gift.recurring_id {
            Some(plan) => bills.entry(plan).or_default().push(gift),
            None => past.payments.extend(donors.get(&gift.donor_id).and_then(|donor| payment(gift, donor, None))),
        }
    }
    for plan in plans {
        let (Some(donor), Some(gifts)) = (donors.get(&plan.donor_id), bills.get(&plan.id)) else { continue };
        let Some(first) = gifts.first() else { continue };
        past.subscriptions.push(PastSubscription {
            id: plan.subscription.clone(),
            customer: PastCustomer {
                id: plan.customer.clone(),
                name: donor.name.clone(),
                email: donor.email.as_ref().map(ToString::to_string),
                at: plan.started_at,
            },
            gift: first.id.to_string(),
            state: plan.state,
            frequency: plan.frequency,
            amount: plan.charged,
            currency: plan.currency,
            started_at: plan.started_at,
            period_end: plan.next_at.unwrap_or(plan.started_at),
            ended_at: plan.ended_at,
            card: plan.card.clone().zip(plan.card_until),
            bills: gifts.iter().filter_map(|gift| bill(gift, donor, &plan.customer, now)).collect(),
        });
    }
    past
}

fn bill(gift: &Gift, donor: &Donor, customer: &str, now: Timestamp) -> Option<PastBill> {
    let payment = payment(gift, donor, Some(customer));
    let again_at = payment.is_none().then(|| now.plus_days(AGAIN_DAYS));
    Some(PastBill { id: gift.invoice.clone()?, at: gift.shown_at, payment, again_at })
}

/// `None` for a gift that was not paid.
fn payment(gift: &Gift, donor: &Donor, customer: Option<&str>) -> Option<PastPayment> {
    Some(PastPayment {
        id: gift.payment.clone()?,
        charge: gift.charge.clone()?,
        gift: gift.id.to_string(),
        amount: gift.charged,
        fee: gift.processor_fee.unwrap_or(Cents::ZERO),
        currency: gift.currency,
        card: gift.card.clone()?,
        customer: customer.map(ToOwned::to_owned),
        name: donor.name.clone(),
        email: donor.email.as_ref().map(ToString::to_string),
        at: gift.settled_at?,
    })
}
