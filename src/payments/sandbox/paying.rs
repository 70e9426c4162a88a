//! What happens when somebody pays on the payment page: payments, charges, and the events in Stripe's order.
use super::{
    charge::{billing, card_face, new_customer},
    errors::Problem,
    ledger::{Movement, card_fee},
    store::Work,
    values::{int, new_id, set, text, with},
};
use crate::kernel::words;
use serde_json::{Value, json};

/// How long until a slow payment settles, or a dispute is opened, by itself.
pub(super) const SOON: i64 = 60;

words! {
    /// What the payer does on the payment page.
    pub enum Card {
        Success = "success", "Pay with 4242 4242 4242 4242";
        Decline = "decline", "Card that is declined";
        AuthOk = "auth_ok", "Bank asks to confirm: confirm";
        AuthFail = "auth_fail", "Bank asks to confirm: refuse";
        /// Waits for `settle_later`.
        Later = "later", "Pay by a slow method, settled by hand";
        LaterOk = "later_ok", "Pay by a slow method that succeeds";
        LaterFail = "later_fail", "Pay by a slow method that fails";
        DisputeLater = "dispute_later", "Card that is disputed a minute later";
    }
}

impl Card {
    pub(super) const fn last4(self) -> &'static str {
        match self {
            Self::Success => "4242",
            Self::Decline => "0002",
            Self::AuthOk => "3155",
            Self::AuthFail => "3220",
            Self::Later | Self::LaterOk | Self::LaterFail => "6789",
            Self::DisputeLater => "0259",
        }
    }

    pub(super) const fn is_slow(self) -> bool {
        matches!(self, Self::Later | Self::LaterOk | Self::LaterFail)
    }

    const fn refusal(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Decline => Some(("card_declined", "Your card was declined.")),
            Self::AuthFail => {
                Some(("payment_intent_authentication_failure", "We are unable to authenticate your payment method."))
            }
            _ => None,
        }
    }
}

/// Who pays, as typed on the payment page; used where the session does not say it already.
#[derive(Debug, Clone)]
pub struct Payer {
    pub email: String,
    pub name: String,
}

impl Default for Payer {
    fn default() -> Self {
        Self { email: "donor@example.org".to_owned(), name: "Ada Donor".to_owned() }
    }
}

/// Where the payer goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Back to the shop, at this address.
    Complete(String),
    /// They stay and read why.
    Declined(String),
}

impl Work {
    /// One attempt to pay an open session.
    pub(super) async fn pay(&mut self, session: &str, card: Card, payer: &Payer) -> Result<Outcome, Problem> {
        let mut session = self.get("checkout.session", session).await?;
        if text(&session, "status") != "open" || int(&session, "expires_at") <= self.now {
            return Err(Problem::invalid("This payment page is no longer open."));
        }
        self.fill_in_payer(&mut session, payer).await?;
        let is_gift = text(&session, "mode") == "payment";
        if let Some((code, message)) = card.refusal() {
            let mut payment = self.payment_of(&mut session).await?;
            self.save(&session).await?;
            self.fail_payment(&mut payment, card, code, message).await?;
            return Ok(Outcome::Declined(message.to_owned()));
        }
        let charge = if is_gift {
            let mut payment = self.payment_of(&mut session).await?;
            if card == Card::AuthOk {
                set(&mut payment, json!({"status": "requires_action"}));
                self.event("payment_intent.requires_action", &payment).await?;
            }
            if card.is_slow() { self.begin_slow(&mut payment, card).await? } else { Some(self.charge(&mut payment, card).await?) }
        } else {
            self.start_membership(&mut session, card).await?
        };
        let paid = if charge.is_some() { "paid" } else { "unpaid" };
        set(&mut session, json!({"status": "complete", "payment_status": paid, "url": null, "_due": null}));
        self.save(&session).await?;
        self.event("checkout.session.completed", &session).await?;
        if let Some(charge) = charge {
            self.book(charge).await?;
        }
        Ok(Outcome::Complete(text(&session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(&session, "id"))))
    }

    async fn fill_in_payer(&mut self, session: &mut Value, payer: &Payer) -> Result<(), Problem> {
        let customer = match session["customer"].as_str() {
            Some(id) => Some(self.get("customer", id).await?),
            None => None,
        };
        let known = |field: &str| customer.as_ref().and_then(|c| c[field].as_str()).map(ToOwned::to_owned);
        let email = session["customer_email"].as_str().map(ToOwned::to_owned).or_else(|| known("email"));
        let name = known("name").unwrap_or_else(|| payer.name.clone());
        let address = customer.as_ref().map_or(Value::Null, |c| c["address"].clone());
        let details = json!({
            "email": email.unwrap_or_else(|| payer.email.clone()), "name": name, "individual_name": name, "business_name": null,
            "phone": known("phone"), "address": address, "tax_exempt": "none", "tax_ids": [],
        });
        set(session, json!({ "customer_details": details }));
        let wants = text(session, "mode") == "subscription" || text(session, "customer_creation") == "always";
        if customer.is_none() && wants {
            let made = new_customer(self.now, details["email"].as_str(), details["name"].as_str());
            self.save(&made).await?;
            self.event("customer.created", &made).await?;
            session["customer"] = made["id"].clone();
        }
        Ok(())
    }

    /// The session's payment, made at the first attempt.
    async fn payment_of(&mut self, session: &mut Value) -> Result<Value, Problem> {
        let held =
            if text(session, "mode") == "payment" { session["payment_intent"].as_str() } else { session["_attempt"].as_str() };
        if let Some(id) = held {
            return self.get("payment_intent", id).await;
        }
        let data = &session["_payment_intent_data"];
        let mut payment = self.new_payment(int(session, "amount_total"), text(session, "currency"), &session["customer"]);
        let changes = json!({
            "metadata": data["metadata"].as_object().cloned().unwrap_or_default(), "description": data["description"],
            "receipt_email": data["receipt_email"], "_payer": session["customer_details"],
        });
        set(&mut payment, changes);
        self.save(&payment).await?;
        let field = if text(session, "mode") == "payment" { "payment_intent" } else { "_attempt" };
        session[field] = payment["id"].clone();
        self.event("payment_intent.created", &payment).await?;
        Ok(payment)
    }

    /// A charge that went through; its balance row follows with [`Work::book`].
    pub(super) async fn charge(&mut self, payment: &mut Value, card: Card) -> Result<Value, Problem> {
        let method = self.payment_method(payment, card).await?;
        let mut charge = self.new_charge(payment, card, &method);
        if card == Card::DisputeLater {
            charge["_due"] = (self.now + SOON).into();
        }
        self.save(&charge).await?;
        self.event("charge.succeeded", &charge).await?;
        let changes = json!({
            "status": "succeeded", "amount_received": payment["amount"], "latest_charge": charge["id"], "payment_method": method,
            "last_payment_error": null, "next_action": null, "_due": null,
        });
        set(payment, changes);
        self.save(payment).await?;
        self.event("payment_intent.succeeded", payment).await?;
        Ok(charge)
    }

    /// Writes a charge's money to the balance.
    pub(super) async fn book(&mut self, charge: Value) -> Result<(), Problem> {
        let amount = int(&charge, "amount");
        let movement = Movement { kind: "charge", category: "charge", amount, fee: card_fee(amount), source: &charge };
        let row = self.move_money(movement).await?;
        let after = with(charge.clone(), json!({"balance_transaction": row["id"]}));
        self.save(&after).await?;
        self.event_after("charge.updated", &charge, &after).await
    }

    pub(super) async fn fail_payment(
        &mut self,
        payment: &mut Value,
        card: Card,
        code: &str,
        message: &str,
    ) -> Result<(), Problem> {
        let mut error = json!({"type": "card_error", "code": code, "message": message, "doc_url": null});
        if matches!(code, "card_declined" | "expired_card") {
            let method = self.payment_method(payment, card).await?;
            let changes = json!({
                "status": "failed", "paid": false, "captured": false, "amount_captured": 0, "failure_code": code,
                "failure_message": message, "receipt_url": null,
                "outcome": {
                    "network_status": "declined_by_network", "reason": "generic_decline", "risk_level": "normal", "risk_score": 20,
                    "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined",
                },
            });
            let charge = with(self.new_charge(payment, card, &method), changes);
            self.save(&charge).await?;
            self.event("charge.failed", &charge).await?;
            set(&mut error, json!({"decline_code": "generic_decline", "charge": charge["id"]}));
            payment["latest_charge"] = charge["id"].clone();
        }
        let changes = json!({"status": "requires_payment_method", "last_payment_error": error, "_due": null});
        set(payment, changes);
        self.save(payment).await?;
        self.event("payment_intent.payment_failed", payment).await
    }

    pub(super) async fn begin_slow(&mut self, payment: &mut Value, card: Card) -> Result<Option<Value>, Problem> {
        let due = if card == Card::Later { Value::Null } else { (self.now + SOON).into() };
        set(payment, json!({"status": "processing", "_due": due, "_settles": card == Card::LaterOk}));
        self.save(payment).await?;
        self.event("payment_intent.processing", payment).await?;
        Ok(None)
    }

    pub(super) async fn payment_method(&mut self, payment: &Value, card: Card) -> Result<Value, Problem> {
        let id = new_id("pm");
        let method = json!({
            "id": id, "object": "payment_method", "allow_redisplay": "limited", "billing_details": billing(&payment["_payer"]),
            "card": with(card_face(card), json!({"networks": {"available": ["visa"], "preferred": null}, "generated_from": null})),
            "created": self.now, "customer": payment["customer"], "customer_account": null, "livemode": false, "metadata": {},
            "type": "card",
        });
        self.save(&method).await?;
        Ok(id.into())
    }
}
