//! What happened before the sandbox began: customers, payments, subscriptions with their bills, as they
//! would lie there by now. Whoever has them in their books can refund, dispute, renew and end them here.
//!
//! Nothing is told of them: they make no events. It refuses nothing; an id that is there is replaced.
use super::{
    Sandbox,
    charge::new_customer,
    errors::Problem,
    invoice,
    ledger::{Movement, paid},
    paying::Card,
    store::{Filter, Work},
    subscription,
    values::{int, new_id, set, text, with},
};
use crate::{
    kernel::{Cents, Currency, Day, Timestamp},
    payments::{Frequency, SubscriptionState},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that happened.
#[derive(Debug, Clone, Default)]
pub struct Past {
    pub customers: Vec<PastCustomer>,
    /// Those of no subscription.
    pub payments: Vec<PastPayment>,
    pub subscriptions: Vec<PastSubscription>,
}

#[derive(Debug, Clone)]
pub struct PastCustomer {
    /// `cus_…`
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    pub at: Timestamp,
}

/// A payment that went through.
#[derive(Debug, Clone)]
pub struct PastPayment {
    /// `pi_…`
    pub id: String,
    /// `ch_…`
    pub charge: String,
    /// What the shop calls it.
    pub gift: String,
    pub amount: Cents,
    pub fee: Cents,
    pub currency: Currency,
    /// `Visa ending in 4242`
    pub card: String,
    pub customer: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub at: Timestamp,
}

/// One bill of a subscription.
#[derive(Debug, Clone)]
pub struct PastBill {
    /// `in_…`
    pub id: String,
    pub at: Timestamp,
    /// What paid it; without, the card was declined once.
    pub payment: Option<PastPayment>,
    /// When a bill that is not paid is tried again.
    pub again_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct PastSubscription {
    /// `sub_…`
    pub id: String,
    pub customer: PastCustomer,
    /// What the shop calls its first payment.
    pub gift: String,
    pub state: SubscriptionState,
    pub frequency: Frequency,
    pub amount: Cents,
    pub currency: Currency,
    pub started_at: Timestamp,
    /// The end of what is paid for.
    pub period_end: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// `Visa ending in 4242`, and the last day it can be charged on.
    pub card: Option<(String, Day)>,
    /// Oldest first.
    pub bills: Vec<PastBill>,
}

impl Sandbox {
    /// Puts all of it there, or nothing.
    pub async fn remember(&self, past: &Past) -> Result<(), Problem> {
        let mut work = self.work().await?;
        for customer in &past.customers {
            work.past_customer(customer).await?;
        }
        for payment in &past.payments {
            work.past_payment(payment, None).await?;
        }
        for subscription in &past.subscriptions {
            work.past_subscription(subscription).await?;
        }
        work.commit().await
    }
}

impl Sandbox {
    /// Pays out at each of these moments, oldest first, what was available by then.
    pub async fn remember_payouts(&self, moments: &[Timestamp]) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let mut rows = work.all("balance_transaction", Filter::by("_payout", "")).await?;
        for moment in moments {
            work.now = moment.unix();
            let (due, later): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| int(row, "available_on") <= work.now);
            rows = later;
            let mut by_currency: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for row in due {
                by_currency.entry(text(&row, "currency").to_owned()).or_default().push(row);
            }
            for (currency, rows) in by_currency {
                let total = rows.iter().map(|row| int(row, "net")).sum();
                let mut payout = work.begin_payout(&currency, total, rows).await?;
                set(&mut payout, with(paid(), json!({"reconciliation_status": "completed"})));
                work.save(&payout).await?;
            }
        }
        work.commit().await
    }
}

/// Brand and last digits of `Visa ending in 4242`.
fn face(label: &str) -> Value {
    let Some((brand, last4)) = label.split_once(" ending in ") else { return json!({}) };
    let brand = if brand == "American Express" { "amex".to_owned() } else { brand.to_lowercase() };
    json!({"brand": brand, "display_brand": brand, "last4": last4})
}

impl Work {
    async fn past_customer(&mut self, past: &PastCustomer) -> Result<(), Problem> {
        let mut customer =
            new_customer(past.at.unix(), past.email.as_deref(), Some(past.name.as_str()).filter(|name| !name.is_empty()));
        set(&mut customer, json!({ "id": past.id }));
        self.save(&customer).await
    }

    /// A payment with its charge and its line on the balance; `bill` is what it paid.
    async fn past_payment(&mut self, past: &PastPayment, bill: Option<&Value>) -> Result<(), Problem> {
        self.now = past.at.unix();
        let mut payment = self.new_payment(past.amount.get(), past.currency.code(), &past.customer.clone().into());
        let (metadata, description) = match bill {
            None => (json!({ "gift": past.gift }), json!("Gift")),
            Some(bill) if bill["billing_reason"] == "subscription_create" => (json!({}), json!("Subscription creation")),
            Some(_) => (json!({}), json!("Subscription update")),
        };
        set(
            &mut payment,
            json!({
                "id": past.id, "client_secret": new_id(&format!("{}_secret", past.id)), "metadata": metadata, "status": "succeeded",
                "description": description, "amount_received": past.amount, "latest_charge": past.charge,
                "_payer": {"email": past.email, "name": past.name}, "_invoice": bill.map(|bill| &bill["id"]),
            }),
        );
        let method = self.payment_method(&payment, Card::Success).await?;
        payment["payment_method"] = method.clone();
        self.save(&payment).await?;
        let mut charge = self.new_charge(&payment, Card::Success, &method);
        set(&mut charge, json!({"id": past.charge, "receipt_url": format!("{}/receipt/{}", self.pages, past.charge)}));
        set(&mut charge["payment_method_details"]["card"], face(&past.card));
        let (amount, fee) = (past.amount.get(), past.fee.get());
        let line = self.move_money(Movement { kind: "charge", category: "charge", amount, fee, source: &charge }).await?;
        charge["balance_transaction"] = line["id"].clone();
        self.save(&charge).await
    }

    pub(super) async fn past_subscription(&mut self, past: &PastSubscription) -> Result<(), Problem> {
        self.past_customer(&past.customer).await?;
        let customer = json!({"email": past.customer.email, "name": past.customer.name});
        let (started, end) = (past.started_at.unix(), past.period_end.unix());
        let interval = if past.frequency == Frequency::Yearly { "year" } else { "month" };
        let recurring = subscription::every(interval, 1);
        let price = subscription::price(started, past.currency.code(), past.amount.get(), "Gift", &recurring);
        let session = json!({
            "_line_items": [{"price": price, "quantity": 1}], "currency": past.currency.code(), "customer": past.customer.id,
            "_subscription_metadata": {"gift": past.gift},
        });
        let mut subscription = subscription::of(&past.id, started, &session)?;
        self.save_product(text(&subscription["items"]["data"][0]["price"], "product"), "Gift").await?;
        let status = match past.state {
            SubscriptionState::PastDue => "past_due",
            SubscriptionState::Cancelled | SubscriptionState::Ended => "canceled",
            _ => "active",
        };
        let last = past.bills.last().map_or(started, |bill| bill.at.unix());
        let ended = past.ended_at.map(Timestamp::unix);
        // Periods are counted from the end of this one on.
        set(
            &mut subscription,
            json!({
                "status": status, "billing_cycle_anchor": end, "_periods": 0, "_due": ended.is_none().then_some(end),
                "canceled_at": ended, "ended_at": ended, "latest_invoice": past.bills.last().map(|bill| &bill.id),
            }),
        );
        if ended.is_some() {
            subscription["cancellation_details"]["reason"] = "cancellation_requested".into();
        }
        for (number, bill) in past.bills.iter().enumerate() {
            let next = past.bills.get(number + 1).map_or(end, |next| next.at.unix());
            set(
                &mut subscription["items"]["data"][0],
                json!({"current_period_start": bill.at.unix(), "current_period_end": next}),
            );
            self.past_bill(bill, &subscription, number == 0, &customer).await?;
        }
        set(&mut subscription["items"]["data"][0], json!({"current_period_start": last, "current_period_end": end}));
        self.now = last;
        let payer = json!({"customer": past.customer.id, "_payer": customer});
        subscription["default_payment_method"] = self.payment_method(&payer, Card::Success).await?;
        if let Some((label, until)) = &past.card {
            let mut method = self.get("payment_method", text(&subscription, "default_payment_method")).await?;
            set(&mut method["card"], face(label));
            set(&mut method["card"], json!({"exp_year": until.year(), "exp_month": until.month().number()}));
            self.save(&method).await?;
        }
        self.save(&subscription).await
    }

    async fn past_bill(
        &mut self,
        past: &PastBill,
        subscription: &Value,
        is_first: bool,
        customer: &Value,
    ) -> Result<(), Problem> {
        self.now = past.at.unix();
        let reason = if is_first { "subscription_create" } else { "subscription_cycle" };
        let mut bill = invoice::of(&past.id, self.now, subscription, reason, customer);
        let (total, again) = (int(&bill, "total"), past.again_at.map(Timestamp::unix));
        let paid = past.payment.is_some();
        set(
            &mut bill,
            json!({
                "status": if paid { "paid" } else { "open" }, "number": format!("SANDBOX-{}", past.id.to_uppercase()),
                "effective_at": self.now, "hosted_invoice_url": format!("{}/invoice/{}", self.pages, past.id), "attempted": true,
                "attempt_count": 1, "amount_paid": if paid { total } else { 0 }, "amount_remaining": if paid { 0 } else { total },
                "next_payment_attempt": again, "_due": again,
            }),
        );
        bill["status_transitions"]["finalized_at"] = self.now.into();
        bill["status_transitions"]["paid_at"] = paid.then_some(self.now).into();
        let payment = match &past.payment {
            Some(payment) => {
                self.past_payment(payment, Some(&bill)).await?;
                payment.id.clone()
            }
            None => self.declined_payment(&bill).await?,
        };
        self.save(&bill).await?;
        let share = json!({
            "id": new_id("inpay"), "object": "invoice_payment", "amount_paid": paid.then_some(total), "amount_requested": total,
            "created": self.now, "currency": bill["currency"], "invoice": past.id, "is_default": true, "livemode": false,
            "payment": {"type": "payment_intent", "payment_intent": payment}, "status": if paid { "paid" } else { "open" },
            "status_transitions": {"canceled_at": null, "paid_at": paid.then_some(self.now)},
        });
        self.save(&share).await
    }

    async fn declined_payment(&mut self, bill: &Value) -> Result<String, Problem> {
        let mut payment =
            self.new_payment(int(bill, "amount_due"), bill["currency"].as_str().unwrap_or("usd"), &bill["customer"]);
        let error = json!({"type": "card_error", "code": "card_declined", "message": "Your card was declined.", "doc_url": null});
        set(
            &mut payment,
            json!({
                "description": "Subscription update", "last_payment_error": error, "_invoice": bill["id"],
                "_payer": {"email": bill["customer_email"], "name": bill["customer_name"]},
            }),
        );
        self.save(&payment).await?;
        Ok(payment["id"].as_str().unwrap_or_default().to_owned())
    }
}
