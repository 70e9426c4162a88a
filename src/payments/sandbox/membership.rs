//! Money that comes again: a subscription's start, its bills, its renewals and its end.
use super::{
    errors::Problem,
    paying::Card,
    store::{Filter, Work},
    values::{int, list, new_id, nulls, set, text, with},
};
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// A renewal's bill is a draft for about an hour.
const DRAFT: i64 = 3_600;
/// Days until a failed bill is tried again; after the last one the subscription ends.
const RETRIES: [i64; 3] = [3, 5, 7];

impl Work {
    /// The subscription of a session that is being paid; the charge, unless the method is slow.
    pub(super) async fn start_membership(&mut self, session: &mut Value, card: Card) -> Result<Option<Value>, Problem> {
        let mut subscription = self.new_subscription(session)?;
        let mut invoice = self.new_invoice(&subscription, "subscription_create", &session["customer_details"]);
        subscription["latest_invoice"] = invoice["id"].clone();
        self.event("invoice.created", &invoice).await?;
        self.event("customer.subscription.created", &subscription).await?;
        self.finalize(&mut invoice, session["customer_details"].clone()).await?;
        set(session, json!({"subscription": subscription["id"], "invoice": invoice["id"]}));
        self.save(&subscription).await?;
        let mut payment = self.payment_for(&invoice).await?;
        let charge = if card.is_slow() {
            self.begin_slow(&mut payment, card).await?
        } else {
            let charge = self.charge(&mut payment, card).await?;
            self.mark_paid(&mut invoice).await?;
            Some(charge)
        };
        let before = subscription.clone();
        set(&mut subscription, json!({"status": "active", "default_payment_method": payment["payment_method"]}));
        self.save(&subscription).await?;
        self.event_after("customer.subscription.updated", &before, &subscription).await?;
        Ok(charge)
    }

    fn new_subscription(&self, session: &Value) -> Result<Value, Problem> {
        let id = new_id("sub");
        let lines = session["_line_items"].as_array().cloned().unwrap_or_default();
        let mut items = Vec::new();
        for line in &lines {
            let price = &line["price"];
            let end = period_end(self.now, 1, price)?;
            items.push(json!({
                "id": new_id("si"), "object": "subscription_item", "billing_thresholds": null, "created": self.now,
                "current_period_start": self.now, "current_period_end": end, "current_trial": null, "discounts": [],
                "metadata": {}, "plan": plan(price), "price": price, "quantity": line["quantity"], "subscription": id,
                "tax_rates": [],
            }));
        }
        let end = items.first().map_or(self.now, |item| int(item, "current_period_end"));
        Ok(with(
            nulls(&[
                "application",
                "application_fee_percent",
                "billing_cycle_anchor_config",
                "billing_thresholds",
                "cancel_at",
                "canceled_at",
                "customer_account",
                "days_until_due",
                "default_payment_method",
                "default_source",
                "description",
                "ended_at",
                "latest_invoice",
                "managed_payments",
                "next_pending_invoice_item_invoice",
                "on_behalf_of",
                "pause_collection",
                "pending_invoice_item_interval",
                "pending_setup_intent",
                "pending_update",
                "schedule",
                "test_clock",
                "transfer_data",
                "trial_end",
                "trial_settings",
                "trial_start",
            ]),
            json!({
                "items": list(&format!("/v1/subscription_items?subscription={id}"), items, false), "id": id,
                "object": "subscription", "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
                "billing_cycle_anchor": self.now, "billing_mode": {"type": "flexible", "flexible": null, "updated_at": null},
                "billing_schedules": [], "cancel_at_period_end": false,
                "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": null},
                "collection_method": "charge_automatically", "created": self.now, "currency": session["currency"],
                "customer": session["customer"], "default_tax_rates": [], "discounts": [],
                "invoice_settings": {
                    "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": {"type": "self", "account": null},
                },
                "livemode": false, "metadata": session["_subscription_metadata"], "start_date": self.now, "status": "incomplete",
                "payment_settings": {
                    "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
                },
                "_periods": 1, "_due": end, "_fail": 0,
            }),
        ))
    }

    /// Something is due: the period is over, or the day to end has come.
    pub(super) async fn renew(&mut self, mut subscription: Value) -> Result<(), Problem> {
        if subscription["cancel_at"].as_i64().is_some_and(|at| at <= self.now) {
            return self.end(subscription, "cancellation_requested").await;
        }
        let before = subscription.clone();
        let periods = int(&subscription, "_periods") + 1;
        let anchor = int(&subscription, "billing_cycle_anchor");
        let mut due = self.now;
        for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
            let end = period_end(anchor, periods, &item["price"])?;
            due = end;
            let start = item["current_period_end"].clone();
            set(item, json!({"current_period_start": start, "current_period_end": end}));
        }
        set(&mut subscription, json!({"_periods": periods, "_due": due}));
        let mut invoice = self.new_invoice(&subscription, "subscription_cycle", &Value::Null);
        subscription["latest_invoice"] = invoice["id"].clone();
        invoice["_due"] = (self.now + DRAFT).into();
        invoice["automatically_finalizes_at"] = invoice["_due"].clone();
        self.note_end(&mut subscription);
        self.save(&subscription).await?;
        self.save(&invoice).await?;
        self.event_after("customer.subscription.updated", &before, &subscription).await?;
        self.event("invoice.created", &invoice).await
    }

    /// A bill is due: to be finalized, or to be tried again.
    pub(super) async fn collect(&mut self, mut invoice: Value) -> Result<(), Problem> {
        if text(&invoice, "status") == "draft" {
            let customer = self.get("customer", text(&invoice, "customer")).await?;
            self.finalize(&mut invoice, customer).await?;
        }
        let mut subscription = self.subscription_of(&invoice).await?;
        let fails = int(&subscription, "_fail");
        if fails > 0 {
            subscription["_fail"] = (fails - 1).into();
            self.save(&subscription).await?;
            return self.refuse_bill(invoice, subscription).await;
        }
        let mut payment = self.payment_for(&invoice).await?;
        let charge = self.charge(&mut payment, Card::Success).await?;
        self.mark_paid(&mut invoice).await?;
        self.set_status(&mut subscription, "active").await?;
        self.book(charge).await
    }

    async fn refuse_bill(&mut self, mut invoice: Value, mut subscription: Value) -> Result<(), Problem> {
        let mut payment = self.payment_for(&invoice).await?;
        self.fail_payment(&mut payment, Card::Decline, "card_declined", "Your card was declined.").await?;
        let attempts = int(&invoice, "attempt_count") + 1;
        set(&mut invoice, json!({"attempt_count": attempts, "attempted": true, "_due": null, "next_payment_attempt": null}));
        self.event("invoice.payment_failed", &invoice).await?;
        let before = invoice.clone();
        let wait = usize::try_from(attempts - 1).ok().and_then(|n| RETRIES.get(n));
        if let Some(days) = wait {
            let next = self.now + days * DAY;
            set(&mut invoice, json!({"next_payment_attempt": next, "_due": next}));
        }
        self.save(&invoice).await?;
        self.event_after("invoice.updated", &before, &invoice).await?;
        if wait.is_none() {
            return self.end(subscription, "payment_failed").await;
        }
        self.set_status(&mut subscription, "past_due").await
    }

    async fn set_status(&mut self, subscription: &mut Value, status: &str) -> Result<(), Problem> {
        if text(subscription, "status") == status || text(subscription, "status") == "canceled" {
            return Ok(());
        }
        let before = subscription.clone();
        set(subscription, json!({ "status": status }));
        self.save(subscription).await?;
        self.event_after("customer.subscription.updated", &before, subscription).await
    }

    /// Ends a subscription now.
    pub(super) async fn end(&mut self, mut subscription: Value, reason: &str) -> Result<(), Problem> {
        let canceled = subscription["canceled_at"].as_i64().unwrap_or(self.now);
        subscription["cancellation_details"]["reason"] = reason.into();
        set(&mut subscription, json!({"status": "canceled", "canceled_at": canceled, "ended_at": self.now, "_due": null}));
        self.save(&subscription).await?;
        let filter = Filter::by("parent.subscription_details.subscription", text(&subscription, "id"));
        for mut invoice in self.all("invoice", filter).await? {
            if invoice["_due"].is_i64() {
                set(&mut invoice, json!({"_due": null, "next_payment_attempt": null, "auto_advance": false}));
                self.save(&invoice).await?;
            }
        }
        self.event("customer.subscription.deleted", &subscription).await
    }

    /// Ends it at a moment, or (`None`) lets it go on.
    pub(super) async fn end_at(&mut self, subscription: &mut Value, at: Option<i64>, is_period_end: bool) -> Result<(), Problem> {
        let reason = at.map(|_| "cancellation_requested");
        subscription["cancellation_details"]["reason"] = reason.into();
        let change =
            json!({"cancel_at": at, "cancel_at_period_end": at.is_some() && is_period_end, "canceled_at": at.map(|_| self.now)});
        set(subscription, change);
        self.note_end(subscription);
        self.save(subscription).await
    }

    fn note_end(&self, subscription: &mut Value) {
        let end = int(&subscription["items"]["data"][0], "current_period_end");
        subscription["_due"] = subscription["cancel_at"].as_i64().map_or(end, |at| at.min(end).max(self.now)).into();
    }

    pub(super) async fn subscription_of(&mut self, invoice: &Value) -> Result<Value, Problem> {
        self.get("subscription", text(&invoice["parent"]["subscription_details"], "subscription")).await
    }

    async fn finalize(&mut self, invoice: &mut Value, customer: Value) -> Result<(), Problem> {
        let page = format!("{}/invoice/{}", self.pages, text(invoice, "id"));
        let number = format!("SANDBOX-{}", text(invoice, "id")[3..11].to_uppercase());
        let change = json!({
            "status": "open", "number": number, "effective_at": self.now, "hosted_invoice_url": page,
            "customer_email": customer["email"], "customer_name": customer["name"], "automatically_finalizes_at": null, "_due": null,
        });
        set(invoice, change);
        invoice["status_transitions"]["finalized_at"] = self.now.into();
        self.save(invoice).await?;
        self.event("invoice.finalized", invoice).await
    }

    pub(super) async fn mark_paid(&mut self, invoice: &mut Value) -> Result<(), Problem> {
        let total = int(invoice, "total");
        let attempts = int(invoice, "attempt_count") + 1;
        let change = json!({
            "status": "paid", "amount_paid": total, "amount_remaining": 0, "attempted": true, "attempt_count": attempts,
            "next_payment_attempt": null, "_due": null,
        });
        set(invoice, change);
        invoice["status_transitions"]["paid_at"] = self.now.into();
        self.save(invoice).await?;
        self.event("invoice.paid", invoice).await?;
        self.event("invoice.payment_succeeded", invoice).await?;
        for mut part in self.all("invoice_payment", Filter::by("invoice", text(invoice, "id"))).await? {
            set(&mut part, json!({"status": "paid", "amount_paid": total}));
            part["status_transitions"]["paid_at"] = self.now.into();
            self.save(&part).await?;
            self.event("invoice_payment.paid", &part).await?;
        }
        Ok(())
    }

    /// The payment of a bill, made at its first attempt.
    pub(super) async fn payment_for(&mut self, invoice: &Value) -> Result<Value, Problem> {
        let parts = self.all("invoice_payment", Filter::by("invoice", text(invoice, "id"))).await?;
        if let Some(part) = parts.first() {
            return self.get("payment_intent", text(&part["payment"], "payment_intent")).await;
        }
        let mut payment = self.new_payment(int(invoice, "amount_due"), text(invoice, "currency"), &invoice["customer"]);
        let payer = json!({"email": invoice["customer_email"], "name": invoice["customer_name"]});
        let first = text(invoice, "billing_reason") == "subscription_create";
        let words = if first { "Subscription creation" } else { "Subscription update" };
        set(
            &mut payment,
            json!({"description": words, "setup_future_usage": "off_session", "_payer": payer, "_invoice": invoice["id"]}),
        );
        self.save(&payment).await?;
        let part = json!({
            "id": new_id("inpay"), "object": "invoice_payment", "amount_paid": null, "amount_requested": invoice["amount_due"],
            "created": self.now, "currency": invoice["currency"], "invoice": invoice["id"], "is_default": true, "livemode": false,
            "payment": {"type": "payment_intent", "payment_intent": payment["id"]}, "status": "open",
            "status_transitions": {"canceled_at": null, "paid_at": null},
        });
        self.save(&part).await?;
        self.event("payment_intent.created", &payment).await?;
        Ok(payment)
    }

    fn new_invoice(&self, subscription: &Value, reason: &str, customer: &Value) -> Value {
        super::invoice::new(self.now, subscription, reason, customer)
    }
}

/// The end of the `periods`-th period; the 31st becomes the last day of shorter months.
fn period_end(anchor: i64, periods: i64, price: &Value) -> Result<i64, Problem> {
    let recurring = &price["recurring"];
    let count = periods * int(recurring, "interval_count").max(1);
    let span = match text(recurring, "interval") {
        "year" => count.years(),
        "week" => count.weeks(),
        "day" => count.days(),
        _ => count.months(),
    };
    let beyond = |_| Problem::invalid("The period ends beyond the calendar.");
    let start = jiff::Timestamp::from_second(anchor).map_err(beyond)?.to_zoned_datetime(TimeZone::UTC);
    Ok(start.checked_add(span).map_err(beyond)?.timestamp().as_second())
}

fn plan(price: &Value) -> Value {
    let recurring = &price["recurring"];
    json!({
        "id": price["id"], "object": "plan", "active": true, "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": "per_unit", "created": price["created"],
        "currency": price["currency"], "interval": recurring["interval"], "interval_count": recurring["interval_count"],
        "livemode": false, "metadata": {}, "meter": null, "nickname": null, "product": price["product"], "tiers_mode": null,
        "transform_usage": null, "trial_period_days": null, "usage_type": "licensed",
    })
}
