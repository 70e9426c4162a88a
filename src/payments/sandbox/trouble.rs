//! What comes after a payment: slow methods that settle, refunds, disputes, fraud warnings; and time, which
//! makes things happen by themselves.
use super::{
    errors::Problem,
    ledger::{DISPUTE_FEE, Movement},
    paying::Card,
    store::{Filter, Work},
    values::{int, new_id, nulls, set, text, with},
};
use serde_json::{Value, json};

const DAY: i64 = 86_400;

impl Work {
    /// Lets everything happen that is due until a moment, in its order, and stands at that moment.
    pub(super) async fn pass_time(&mut self, until: i64) -> Result<(), Problem> {
        while let Some(mut object) = self.next_due(until).await? {
            self.now = int(&object, "_due");
            match text(&object.clone(), "object") {
                "subscription" => self.renew(object).await?,
                "invoice" => self.collect(object).await?,
                "checkout.session" => self.expire(object).await?,
                "payment_intent" => {
                    let ok = object["_settles"] == true;
                    self.settle(object, ok).await?;
                }
                kind => {
                    object["_due"] = Value::Null;
                    self.save(&object).await?;
                    if kind == "charge" && object["disputed"] == false && object["refunded"] == false {
                        self.open_dispute(text(&object, "id")).await?;
                    }
                }
            }
        }
        self.now = until;
        Ok(())
    }

    pub(super) async fn expire(&mut self, mut session: Value) -> Result<(), Problem> {
        set(&mut session, json!({"status": "expired", "url": null, "_due": null}));
        self.save(&session).await?;
        self.event("checkout.session.expired", &session).await
    }

    /// A slow payment succeeds or fails at last.
    pub(super) async fn settle(&mut self, mut payment: Value, ok: bool) -> Result<(), Problem> {
        if text(&payment, "status") != "processing" {
            return Err(Problem::invalid("This payment is not waiting to be settled."));
        }
        let invoice = match payment["_invoice"].as_str() {
            Some(id) => Some(self.get("invoice", id).await?),
            None => None,
        };
        let filter = match &invoice {
            Some(invoice) => Filter::by("invoice", text(invoice, "id")),
            None => Filter::by("payment_intent", text(&payment, "id")),
        };
        let sessions = self.all("checkout.session", filter).await?;
        let charge = if ok {
            Some(self.charge(&mut payment, Card::Later).await?)
        } else {
            let told = "The customer's bank could not make this payment.";
            self.fail_payment(&mut payment, Card::Later, "payment_intent_payment_attempt_failed", told).await?;
            None
        };
        if let Some(mut invoice) = invoice {
            if ok {
                self.mark_paid(&mut invoice).await?;
            } else {
                let subscription = self.subscription_of(&invoice).await?;
                set(&mut invoice, json!({"attempt_count": 1, "attempted": true}));
                self.save(&invoice).await?;
                self.event("invoice.payment_failed", &invoice).await?;
                self.end(subscription, "payment_failed").await?;
            }
        }
        for mut session in sessions {
            let (status, event) = if ok { ("paid", "succeeded") } else { ("unpaid", "failed") };
            session["payment_status"] = status.into();
            self.save(&session).await?;
            self.event(&format!("checkout.session.async_payment_{event}"), &session).await?;
        }
        match charge {
            Some(charge) => self.book(charge).await,
            None => Ok(()),
        }
    }

    /// The newest charge of a payment (`pi_…`), or the charge itself (`ch_…`).
    pub(super) async fn charge_of(&mut self, id: &str) -> Result<Value, Problem> {
        if id.starts_with("ch_") {
            return self.get("charge", id).await;
        }
        let payment = self.get("payment_intent", id).await?;
        let Some(charge) = payment["latest_charge"].as_str() else {
            return Err(
                Problem::invalid(format!("PaymentIntent {id} does not have a successful charge.")).param("payment_intent")
            );
        };
        self.get("charge", charge).await
    }

    /// Sends part of a charge back, `metadata` and `reason` as asked.
    pub(super) async fn refund(&mut self, charge: Value, amount: i64, reason: Value, metadata: Value) -> Result<Value, Problem> {
        let mut refund = with(
            nulls(&[
                "balance_transaction",
                "customer_account",
                "receipt_number",
                "source_transfer_reversal",
                "transfer_reversal",
            ]),
            json!({
                "id": new_id("re"), "object": "refund", "amount": amount, "charge": charge["id"], "created": self.now,
                "currency": charge["currency"], "customer": charge["customer"], "metadata": metadata,
                "payment_intent": charge["payment_intent"], "payment_method": charge["payment_method"], "reason": reason,
                "status": "succeeded",
                "destination_details": {"type": "card", "card": {
                    "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund",
                }},
            }),
        );
        let movement = Movement { kind: "refund", category: "refund", amount: -amount, fee: 0, source: &refund };
        let row = self.move_money(movement).await?;
        refund["balance_transaction"] = row["id"].clone();
        self.save(&refund).await?;
        self.event("refund.created", &refund).await?;
        let charge = self.note_refunded(charge, amount).await?;
        self.event("charge.refunded", &charge).await?;
        let before = refund.clone();
        refund["destination_details"]["card"]["reference_status"] = "available".into();
        refund["destination_details"]["card"]["reference"] = "74682010026000000000001".into();
        self.save(&refund).await?;
        self.event_after("refund.updated", &before, &refund).await?;
        Ok(refund)
    }

    async fn note_refunded(&mut self, mut charge: Value, amount: i64) -> Result<Value, Problem> {
        let refunded = int(&charge, "amount_refunded") + amount;
        let is_all = refunded == int(&charge, "amount");
        set(&mut charge, json!({"amount_refunded": refunded, "refunded": is_all}));
        self.save(&charge).await?;
        if is_all {
            self.settle_warnings(&charge).await?;
        }
        Ok(charge)
    }

    /// The donor's bank can't take a refund: its money comes back to the balance.
    pub(super) async fn return_refund(&mut self, id: &str) -> Result<(), Problem> {
        let mut refund = self.get("refund", id).await?;
        if text(&refund, "status") == "failed" {
            return Err(Problem::invalid("This refund has failed already."));
        }
        let amount = int(&refund, "amount");
        let movement = Movement { kind: "refund_failure", category: "refund_failure", amount, fee: 0, source: &refund };
        let row = self.move_money(movement).await?;
        let charge = self.get("charge", text(&refund, "charge")).await?;
        self.note_refunded(charge, -amount).await?;
        let before = refund.clone();
        let changes = json!({
            "status": "failed", "failure_reason": "lost_or_stolen_card", "failure_balance_transaction": row["id"],
        });
        set(&mut refund, changes);
        self.save(&refund).await?;
        self.event_after("refund.updated", &before, &refund).await?;
        self.event("refund.failed", &refund).await
    }

    /// The card's owner says it was not them: money and fee leave at once.
    pub(super) async fn open_dispute(&mut self, payment: &str) -> Result<String, Problem> {
        self.open(payment, false).await
    }

    /// The bank asks first: no money moves.
    pub(super) async fn open_inquiry(&mut self, payment: &str) -> Result<String, Problem> {
        self.open(payment, true).await
    }

    async fn open(&mut self, payment: &str, asks: bool) -> Result<String, Problem> {
        let mut charge = self.charge_of(payment).await?;
        if charge["disputed"] == true || text(&charge, "status") != "succeeded" {
            return Err(Problem::invalid("This charge can't be disputed, or is already."));
        }
        let amount = int(&charge, "amount") - int(&charge, "amount_refunded");
        let id = new_id("du");
        let evidence = with(
            nulls(&[
                "access_activity_log",
                "billing_address",
                "cancellation_policy",
                "cancellation_policy_disclosure",
                "cancellation_rebuttal",
                "customer_communication",
                "customer_email_address",
                "customer_name",
                "customer_purchase_ip",
                "customer_signature",
                "duplicate_charge_documentation",
                "duplicate_charge_explanation",
                "duplicate_charge_id",
                "product_description",
                "receipt",
                "refund_policy",
                "refund_policy_disclosure",
                "refund_refusal_explanation",
                "service_date",
                "service_documentation",
                "shipping_address",
                "shipping_carrier",
                "shipping_date",
                "shipping_documentation",
                "shipping_tracking_number",
                "uncategorized_file",
                "uncategorized_text",
            ]),
            json!({"enhanced_evidence": {}}),
        );
        let mut dispute = json!({
            "id": id, "object": "dispute", "amount": amount, "balance_transactions": [], "charge": charge["id"],
            "created": self.now, "currency": charge["currency"], "enhanced_eligibility_types": [], "evidence": evidence,
            "evidence_details": {
                "due_by": self.now + 9 * DAY, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
                "submission_count": 0,
            },
            "intended_submission_method": null, "is_charge_refundable": asks, "livemode": false, "metadata": {},
            "payment_intent": charge["payment_intent"], "reason": "fraudulent", "status": if asks { "warning_needs_response" } else { "needs_response" },
            "payment_method_details": {"type": "card", "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"}},
        });
        charge["disputed"] = true.into();
        self.save(&charge).await?;
        self.settle_warnings(&charge).await?;
        if asks {
            self.save(&dispute).await?;
            self.event("charge.dispute.created", &dispute).await?;
            return Ok(id);
        }
        self.event("charge.dispute.created", &dispute).await?;
        let movement = Movement { kind: "adjustment", category: "dispute", amount: -amount, fee: DISPUTE_FEE, source: &dispute };
        let row = self.move_money(movement).await?;
        dispute["balance_transactions"] = json!([row]);
        self.save(&dispute).await?;
        self.event("charge.dispute.funds_withdrawn", &dispute).await?;
        Ok(id)
    }

    /// The bank decides; when it is won the money (not the fee) comes back.
    pub(super) async fn decide_dispute(&mut self, id: &str, won: bool) -> Result<Value, Problem> {
        let mut dispute = self.get("dispute", id).await?;
        if ["won", "lost", "warning_closed"].contains(&text(&dispute, "status")) {
            return Err(Problem::invalid(format!("Dispute {id} is already closed.")));
        }
        let before = dispute.clone();
        if text(&dispute, "status").starts_with("warning") {
            dispute["status"] = "warning_closed".into();
            self.save(&dispute).await?;
            self.event_after("charge.dispute.updated", &before, &dispute).await?;
            self.event("charge.dispute.closed", &dispute).await?;
            return Ok(dispute);
        }
        dispute["status"] = if won { "won" } else { "lost" }.into();
        if won {
            let amount = int(&dispute, "amount");
            let movement = Movement { kind: "adjustment", category: "dispute_reversal", amount, fee: 0, source: &dispute };
            let row = self.move_money(movement).await?;
            if let Some(rows) = dispute["balance_transactions"].as_array_mut() {
                rows.push(row);
            }
        }
        self.save(&dispute).await?;
        self.event_after("charge.dispute.updated", &before, &dispute).await?;
        if won {
            self.event("charge.dispute.funds_reinstated", &dispute).await?;
        }
        self.event("charge.dispute.closed", &dispute).await?;
        Ok(dispute)
    }

    /// A charge that is refunded or disputed: its warnings ask for nothing any more.
    async fn settle_warnings(&mut self, charge: &Value) -> Result<(), Problem> {
        for before in self.all("radar.early_fraud_warning", Filter::by("charge", text(charge, "id"))).await? {
            if before["actionable"] == true {
                let mut warning = before.clone();
                warning["actionable"] = false.into();
                self.save(&warning).await?;
                self.event_after("radar.early_fraud_warning.updated", &before, &warning).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn warn_of_fraud(&mut self, payment: &str) -> Result<String, Problem> {
        let charge = self.charge_of(payment).await?;
        let id = new_id("issfr");
        let warning = json!({
            "id": id, "object": "radar.early_fraud_warning", "actionable": charge["refunded"] == false && charge["disputed"] == false,
            "charge": charge["id"], "created": self.now, "fraud_type": "unauthorized_use_of_card", "livemode": false,
            "payment_intent": charge["payment_intent"],
        });
        self.save(&warning).await?;
        self.event("radar.early_fraud_warning.created", &warning).await?;
        Ok(id)
    }
}
