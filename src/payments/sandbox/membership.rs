//! Money that comes again: a subscription's start, its bills, its renewals and its end.
use super::{
    errors::Problem,
    invoice,
    paying::Card,
    store::{Filter, Work},
    subscription::{self, period_end},
    values::{int, new_id, set, text},
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// A renewal's bill is a draft for about an hour.
const DRAFT: i64 = 3_600;
/// Days until a failed bill is tried again; after the last one the subscription ends.
const RETRIES: [i64; 3] = [3, 5, 7];

impl Work {
    /// The subscription of a session that is being paid; the charge, unless the method is slow.
    pub(super) async fn start_membership(&mut self, session: &mut Value, card: Card) -> Result<Option<Value>, Problem> {
        let mut subscription = subscription::new(self.now, session)?;
        for item in subscription["items"]["data"].as_array().into_iter().flatten() {
            self.save_product(text(&item["price"], "product"), text(&item["price"], "_name")).await?;
        }
        let mut invoice = invoice::new(self.now, &subscription, "subscription_create", &session["customer_details"]);
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

    /// Something is due: the period is over, or the day to end has come.
    pub(super) async fn renew(&mut self, mut subscription: Value) -> Result<(), Problem> {
        if subscription["cancel_at"].as_i64().is_some_and(|at| at <= self.now) {
            return self.end(subscription, "cancellation_requested").await;
        }
        let resumes_at = subscription["pause_collection"]["resumes_at"].as_i64();
        if resumes_at.is_some_and(|at| at <= self.now) {
            let before = subscription.clone();
            subscription["pause_collection"] = Value::Null;
            self.note_due(&mut subscription);
            self.save(&subscription).await?;
            return self.event_after("customer.subscription.updated", &before, &subscription).await;
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
        let mut invoice = invoice::new(self.now, &subscription, "subscription_cycle", &Value::Null);
        subscription["latest_invoice"] = invoice["id"].clone();
        invoice["_due"] = (self.now + DRAFT).into();
        invoice["automatically_finalizes_at"] = invoice["_due"].clone();
        let is_paused = subscription["pause_collection"].is_object();
        if is_paused {
            // Void at once, and nobody is asked to pay.
            set(&mut invoice, json!({"status": "void", "auto_advance": false, "_due": null, "automatically_finalizes_at": null}));
            invoice["status_transitions"]["voided_at"] = self.now.into();
        }
        self.note_due(&mut subscription);
        self.save(&subscription).await?;
        self.save(&invoice).await?;
        self.event_after("customer.subscription.updated", &before, &subscription).await?;
        self.event("invoice.created", &invoice).await?;
        if is_paused { self.event("invoice.voided", &invoice).await } else { Ok(()) }
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
            return self.refuse_bill(invoice, subscription, ("card_declined", "Your card was declined.")).await;
        }
        if self.card_has_run_out(&subscription).await? {
            return self.refuse_bill(invoice, subscription, ("expired_card", "Your card has expired.")).await;
        }
        let mut payment = self.payment_for(&invoice).await?;
        let charge = self.charge(&mut payment, Card::Success).await?;
        self.mark_paid(&mut invoice).await?;
        self.set_status(&mut subscription, "active").await?;
        self.book(charge).await
    }

    async fn card_has_run_out(&mut self, subscription: &Value) -> Result<bool, Problem> {
        let Some(id) = subscription["default_payment_method"].as_str() else { return Ok(false) };
        let method = self.get("payment_method", id).await?;
        let now =
            jiff::Timestamp::from_second(self.now).map_err(|e| Problem::fault(e.to_string()))?.to_zoned_datetime(TimeZone::UTC);
        let (year, month) = (int(&method["card"], "exp_year"), int(&method["card"], "exp_month"));
        Ok((year, month) < (i64::from(now.year()), i64::from(now.month())))
    }

    async fn refuse_bill(
        &mut self,
        mut invoice: Value,
        mut subscription: Value,
        (code, words): (&str, &str),
    ) -> Result<(), Problem> {
        let mut payment = self.payment_for(&invoice).await?;
        self.fail_payment(&mut payment, Card::Decline, code, words).await?;
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
        self.note_due(subscription);
        self.save(subscription).await
    }

    /// What happens to it next: its period is over, it ends, or it collects again.
    pub(super) fn note_due(&self, subscription: &mut Value) {
        let end = int(&subscription["items"]["data"][0], "current_period_end");
        let next = [subscription["cancel_at"].as_i64(), subscription["pause_collection"]["resumes_at"].as_i64()];
        subscription["_due"] = next.into_iter().flatten().fold(end, i64::min).max(self.now).into();
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
}
