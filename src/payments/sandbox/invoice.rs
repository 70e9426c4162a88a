//! The shape of a bill: <https://docs.stripe.com/api/invoices/object>.
use super::values::{int, list, new_id, nulls, text, with};
use serde_json::{Value, json};

/// A draft for the subscription's current period. A bill that begins a subscription covers no time before.
pub(super) fn new(now: i64, subscription: &Value, reason: &str, customer: &Value) -> Value {
    of(&new_id("in"), now, subscription, reason, customer)
}

/// The same with an id that is known already.
pub(super) fn of(id: &str, now: i64, subscription: &Value, reason: &str, customer: &Value) -> Value {
    let items = subscription["items"]["data"].as_array().cloned().unwrap_or_default();
    let lines: Vec<Value> = items.iter().map(|item| line(id, subscription, item)).collect();
    let total: i64 = lines.iter().map(|line| int(line, "amount")).sum();
    let is_first = reason == "subscription_create";
    let (start, end) = items.first().map_or((now, now), |item| {
        let start = int(item, "current_period_start");
        let recurring = &item["price"]["recurring"];
        let before = if text(recurring, "interval") == "year" { 365 } else { 30 } * 86_400;
        (if is_first { start } else { start - before }, start)
    });
    let base = with(
        nulls(&[
            "account_country",
            "account_name",
            "account_tax_ids",
            "application",
            "automatically_finalizes_at",
            "custom_fields",
            "customer_account",
            "customer_address",
            "customer_phone",
            "customer_shipping",
            "default_payment_method",
            "default_source",
            "description",
            "due_date",
            "effective_at",
            "ending_balance",
            "footer",
            "from_invoice",
            "hosted_invoice_url",
            "invoice_pdf",
            "last_finalization_error",
            "latest_revision",
            "next_payment_attempt",
            "number",
            "on_behalf_of",
            "receipt_number",
            "rendering",
            "shipping_cost",
            "shipping_details",
            "statement_descriptor",
            "test_clock",
            "threshold_reason",
            "webhooks_delivered_at",
        ]),
        json!({
            "lines": list(&format!("/v1/invoices/{id}/lines"), &lines, false), "id": id, "object": "invoice", "amount_due": total,
            "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": total, "amount_shipping": 0, "attempt_count": 0,
            "attempted": false, "auto_advance": !is_first, "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "billing_reason": reason, "collection_method": "charge_automatically", "created": now,
            "currency": subscription["currency"], "customer": subscription["customer"], "customer_email": customer["email"],
            "customer_name": customer["name"], "customer_tax_exempt": "none", "customer_tax_ids": [], "default_tax_rates": [],
            "discounts": [], "issuer": {"type": "self", "account": null}, "livemode": false, "metadata": {},
        }),
    );
    with(
        base,
        json!({
            "parent": {
                "quote_details": null, "type": "subscription_details",
                "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            },
            "payment_settings": {"default_mandate": null, "payment_method_options": null, "payment_method_types": null},
            "period_start": start, "period_end": end, "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": "draft",
            "status_transitions": {"finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null},
            "subtotal": total, "subtotal_excluding_tax": total, "total": total, "total_discount_amounts": [],
            "total_excluding_tax": total, "total_pretax_credit_amounts": [], "total_taxes": [],
        }),
    )
}

fn line(invoice: &str, subscription: &Value, item: &Value) -> Value {
    let price = &item["price"];
    let quantity = item["quantity"].as_i64().unwrap_or(1);
    let amount = int(price, "unit_amount") * quantity;
    let words = format!("{quantity} × {} (each {})", text(price, "_name"), text(&price["recurring"], "interval"));
    json!({
        "id": new_id("il"), "object": "line_item", "amount": amount, "currency": price["currency"], "description": words,
        "discount_amounts": [], "discountable": true, "discounts": [], "invoice": invoice, "livemode": false, "metadata": {},
        "parent": {
            "invoice_item_details": null, "type": "subscription_item_details",
            "subscription_item_details": {
                "invoice_item": null, "proration": false, "proration_details": {"credited_items": null},
                "subscription": subscription["id"], "subscription_item": item["id"],
            },
        },
        "period": {"start": item["current_period_start"], "end": item["current_period_end"]}, "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]}, "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity, "quantity_decimal": quantity.to_string(), "subscription": subscription["id"], "subtotal": amount,
        "taxes": [],
    })
}
