//! The shapes of payments, charges and customers: <https://docs.stripe.com/api/payment_intents/object>,
//! <https://docs.stripe.com/api/charges/object>.
use super::{
    paying::Card,
    store::Work,
    values::{new_id, nulls, with},
};
use serde_json::{Value, json};

impl Work {
    pub(super) fn new_payment(&self, amount: i64, currency: &str, customer: &Value) -> Value {
        let id = new_id("pi");
        with(
            nulls(&[
                "allowed_payment_method_types",
                "application",
                "application_fee_amount",
                "automatic_payment_methods",
                "canceled_at",
                "cancellation_reason",
                "customer_account",
                "description",
                "excluded_payment_method_types",
                "last_payment_error",
                "latest_charge",
                "managed_payments",
                "next_action",
                "on_behalf_of",
                "payment_method",
                "payment_method_configuration_details",
                "payment_record",
                "processing",
                "receipt_email",
                "review",
                "setup_future_usage",
                "shipping",
                "source",
                "statement_descriptor",
                "statement_descriptor_suffix",
                "transfer_data",
                "transfer_group",
            ]),
            json!({
                "client_secret": new_id(&format!("{id}_secret")), "id": id, "object": "payment_intent", "amount": amount,
                "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0, "capture_method": "automatic",
                "confirmation_method": "automatic", "created": self.now, "currency": currency, "customer": customer,
                "livemode": false, "metadata": {}, "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
                "payment_method_types": ["card"], "status": "requires_payment_method",
            }),
        )
    }

    pub(super) fn new_charge(&self, payment: &Value, card: Card, method: &Value) -> Value {
        let id = new_id("ch");
        with(
            nulls(&[
                "application",
                "application_fee",
                "application_fee_amount",
                "balance_transaction",
                "failure_balance_transaction",
                "failure_code",
                "failure_message",
                "on_behalf_of",
                "receipt_number",
                "review",
                "shipping",
                "source",
                "source_transfer",
                "statement_descriptor",
                "statement_descriptor_suffix",
                "transfer_data",
                "transfer_group",
            ]),
            json!({
                "receipt_url": format!("{}/receipt/{id}", self.pages), "id": id, "object": "charge", "amount": payment["amount"],
                "amount_captured": payment["amount"], "amount_refunded": 0, "billing_details": billing(&payment["_payer"]),
                "calculated_statement_descriptor": "SANDBOX", "captured": true, "created": self.now,
                "currency": payment["currency"], "customer": payment["customer"], "description": payment["description"],
                "disputed": false, "fraud_details": {}, "livemode": false, "metadata": payment["metadata"],
                "outcome": {
                    "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                    "network_status": "approved_by_network", "reason": null, "risk_level": "normal", "risk_score": 12,
                    "seller_message": "Payment complete.", "type": "authorized",
                },
                "paid": true, "payment_intent": payment["id"], "payment_method": method,
                "payment_method_details": {
                    "type": "card",
                    "card": with(card_face(card), json!({
                        "amount_authorized": payment["amount"], "authorization_code": "123456", "installments": null, "mandate": null,
                        "network": "visa", "network_token": {"used": false}, "network_transaction_id": "123456789012345",
                        "overcapture": {"maximum_amount_capturable": payment["amount"], "status": "unavailable"},
                        "extended_authorization": {"status": "disabled"}, "incremental_authorization": {"status": "unavailable"},
                        "multicapture": {"status": "unavailable"},
                    })),
                },
                "receipt_email": payment["receipt_email"], "refunded": false, "status": "succeeded",
            }),
        )
    }
}

pub(super) fn card_face(card: Card) -> Value {
    json!({
        "brand": "visa", "country": "US", "display_brand": "visa", "exp_month": 12, "exp_year": 2034, "fingerprint": "sandbox",
        "funding": "credit", "last4": card.last4(), "regulated_status": "unregulated", "three_d_secure": null,
        "three_d_secure_usage": {"supported": true}, "wallet": null,
        "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
    })
}

pub(super) fn billing(payer: &Value) -> Value {
    json!({"address": payer["address"], "email": payer["email"], "name": payer["name"], "phone": payer["phone"], "tax_id": null})
}

pub(super) fn new_customer(now: i64, email: Option<&str>, name: Option<&str>) -> Value {
    json!({
        "id": new_id("cus"), "object": "customer", "address": null, "balance": 0, "created": now, "currency": null,
        "default_source": null, "delinquent": false, "description": null, "discount": null, "email": email,
        "invoice_prefix": new_id("x")[2..10].to_uppercase(), "livemode": false, "metadata": {}, "name": name,
        "next_invoice_sequence": 1, "phone": null, "preferred_locales": [], "shipping": null, "tax_exempt": "none",
        "test_clock": null,
        "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
    })
}
