//! The shape of a subscription: <https://docs.stripe.com/api/subscriptions/object>.
use super::{
    errors::Problem,
    values::{int, list, new_id, nulls, text, with},
};
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};

/// How often a price is paid.
pub(super) fn every(interval: &str, times: i64) -> Value {
    json!({"interval": interval, "interval_count": times, "meter": null, "trial_period_days": null, "usage_type": "licensed"})
}

/// What a line of a session or a subscription costs; `recurring` is null when it is paid once.
pub(super) fn price(now: i64, currency: &str, amount: i64, name: &str, recurring: &Value) -> Value {
    json!({
        "id": new_id("price"), "object": "price", "active": false, "billing_scheme": "per_unit", "created": now,
        "currency": currency, "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {}, "nickname": null,
        "product": new_id("prod"), "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null,
        "type": if recurring.is_null() { "one_time" } else { "recurring" }, "recurring": recurring, "unit_amount": amount,
        "unit_amount_decimal": amount.to_string(), "_name": name,
    })
}

/// Of a session that is being paid: begun, not yet active.
pub(super) fn new(now: i64, session: &Value) -> Result<Value, Problem> {
    of(&new_id("sub"), now, session)
}

/// The same with an id that is known already.
pub(super) fn of(id: &str, now: i64, session: &Value) -> Result<Value, Problem> {
    let lines = session["_line_items"].as_array().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for line in &lines {
        let price = &line["price"];
        let end = period_end(now, 1, price)?;
        items.push(json!({
            "id": new_id("si"), "object": "subscription_item", "billing_thresholds": null, "created": now,
            "current_period_start": now, "current_period_end": end, "current_trial": null, "discounts": [],
            "metadata": {}, "plan": plan(price), "price": price, "quantity": line["quantity"], "subscription": id,
            "tax_rates": [],
        }));
    }
    let end = items.first().map_or(now, |item| int(item, "current_period_end"));
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
            "items": list(&format!("/v1/subscription_items?subscription={id}"), &items, false), "id": id,
            "object": "subscription", "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
            "billing_cycle_anchor": now, "billing_mode": {"type": "flexible", "flexible": null, "updated_at": null},
            "billing_schedules": [], "cancel_at_period_end": false,
            "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": null},
            "collection_method": "charge_automatically", "created": now, "currency": session["currency"],
            "customer": session["customer"], "default_tax_rates": [], "discounts": [],
            "invoice_settings": {
                "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": {"type": "self", "account": null},
            },
            "livemode": false, "metadata": session["_subscription_metadata"], "start_date": now, "status": "incomplete",
            "payment_settings": {
                "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
            },
            "_periods": 1, "_due": end, "_fail": 0,
        }),
    ))
}

/// The end of the `periods`-th period; the 31st becomes the last day of shorter months.
pub(super) fn period_end(anchor: i64, periods: i64, price: &Value) -> Result<i64, Problem> {
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
