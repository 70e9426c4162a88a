//! <https://docs.stripe.com/api/checkout/sessions>
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
    subscription,
    values::{self, int, new_id, nulls, text, with},
};
use serde_json::{Value, json};

const HOUR: i64 = 3_600;

pub(super) async fn create(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mode = p.choice("mode", &["payment", "subscription"])?.ok_or_else(|| Problem::missing_param("mode"))?;
    let success_url = p.required("success_url")?;
    let lines = line_items(work, &mode, p)?;
    let total: i64 = lines.iter().map(|line| int(line, "amount_total")).sum();
    let currency = text(&lines[0], "currency").to_owned();
    if mode == "payment" && ["usd", "eur"].contains(&currency.as_str()) && total < 50 {
        let told = "The Checkout Session's total amount must convert to at least 50 cents.";
        return Err(Problem::invalid(told).code("amount_too_small"));
    }
    let customer = p.text("customer");
    let email = p.text("customer_email");
    if let Some(id) = &customer {
        super::ensure_exists(&work.get("customer", id).await.map_err(|e| e.status(400).param("customer"))?, "customer")?;
        if email.is_some() {
            return Err(Problem::invalid("You may only specify one of these parameters: customer, customer_email."));
        }
    }
    let expires_at = p.int("expires_at")?.unwrap_or(work.now + 24 * HOUR);
    if !(work.now + HOUR / 2..=work.now + 24 * HOUR).contains(&expires_at) {
        let told = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.";
        return Err(Problem::invalid(told).param("expires_at"));
    }
    let allowed = p.list("allowed_payment_method_types");
    let (payment_data, subscription_metadata) = data_of_mode(&mode, p)?;
    let id = new_id("cs_test");
    let mut session = with(
        empty(),
        json!({
            "id": id, "object": "checkout.session", "amount_subtotal": total, "amount_total": total,
            "allowed_payment_method_types": Some(allowed).filter(|a| !a.is_empty()),
            "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
            "billing_address_collection": p.choice("billing_address_collection", &["auto", "required"])?,
            "cancel_url": p.text("cancel_url"), "client_reference_id": p.text("client_reference_id"), "created": work.now,
            "currency": currency, "custom_fields": [], "customer": customer, "customer_email": email,
            "custom_text": {"after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null},
            "customer_creation": p.choice("customer_creation", &["always", "if_required"])?.unwrap_or_else(|| default_creation(&mode)),
            "expires_at": expires_at, "livemode": false, "locale": p.text("locale"), "metadata": {}, "mode": mode,
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}}, "payment_method_types": ["card"],
            "payment_method_collection": (mode == "subscription").then_some("always"), "payment_status": "unpaid",
            "shipping_options": [], "status": "open",
            "submit_type": p.choice("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?, "success_url": success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": p.choice("ui_mode", &["hosted_page"])?.unwrap_or_else(|| "hosted_page".to_owned()),
            "url": format!("{}/pay/{id}", work.pages), "_due": expires_at, "_line_items": lines,
            "_payment_intent_data": payment_data, "_subscription_metadata": subscription_metadata,
        }),
    );
    p.merge_metadata("metadata", &mut session["metadata"])?;
    work.save(&session).await?;
    Ok(session)
}

fn default_creation(mode: &str) -> String {
    if mode == "payment" { "if_required" } else { "always" }.to_owned()
}

fn empty() -> Value {
    nulls(&[
        "adaptive_pricing",
        "after_expiration",
        "allow_promotion_codes",
        "client_secret",
        "collected_information",
        "consent",
        "consent_collection",
        "currency_conversion",
        "customer_account",
        "customer_details",
        "discounts",
        "integration_identifier",
        "invoice",
        "invoice_creation",
        "managed_payments",
        "origin_context",
        "payment_intent",
        "payment_link",
        "payment_method_configuration_details",
        "permissions",
        "recovered_from",
        "saved_payment_method_options",
        "setup_intent",
        "shipping_address_collection",
        "shipping_cost",
        "subscription",
        "wallet_options",
    ])
}

/// `payment_intent_data` and the metadata of `subscription_data`; each belongs to its mode.
fn data_of_mode(mode: &str, p: &mut Params) -> Result<(Value, Value), Problem> {
    let (wrong, mine) =
        if mode == "payment" { ("subscription_data", "payment") } else { ("payment_intent_data", "subscription") };
    if p.has(wrong) {
        return Err(Problem::invalid(format!("You can not pass `{wrong}` in `{mine}` mode.")).param(wrong));
    }
    let mut data = json!({
        "description": p.text("payment_intent_data[description]"), "receipt_email": p.text("payment_intent_data[receipt_email]"),
        "metadata": {},
    });
    p.merge_metadata("payment_intent_data[metadata]", &mut data["metadata"])?;
    for unread in ["setup_future_usage", "statement_descriptor", "statement_descriptor_suffix"] {
        p.ignore(&format!("payment_intent_data[{unread}]"));
    }
    let mut metadata = json!({});
    p.merge_metadata("subscription_data[metadata]", &mut metadata)?;
    p.ignore("subscription_data[description]");
    Ok((data, metadata))
}

fn line_items(work: &Work, mode: &str, p: &mut Params) -> Result<Vec<Value>, Problem> {
    let count = p.count("line_items");
    if count == 0 {
        return Err(Problem::missing_param("line_items"));
    }
    let mut lines = Vec::with_capacity(count);
    for n in 0..count {
        let line = line_item(work, mode, n, p)?;
        if lines.first().is_some_and(|first: &Value| first["currency"] != line["currency"]) {
            return Err(Problem::invalid("All line items must have the same currency.").param("line_items"));
        }
        lines.push(line);
    }
    Ok(lines)
}

fn line_item(work: &Work, mode: &str, n: usize, p: &mut Params) -> Result<Value, Problem> {
    let at = |rest: &str| format!("line_items[{n}]{rest}");
    let data = |rest: &str| at(&format!("[price_data]{rest}"));
    let quantity = p.int(&at("[quantity]"))?.ok_or_else(|| Problem::missing_param(&at("[quantity]")))?;
    let currency = p.required(&data("[currency]"))?.to_lowercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(Problem::invalid(format!("Invalid currency: {currency}.")).param(&data("[currency]")));
    }
    let amount = p.int(&data("[unit_amount]"))?.ok_or_else(|| Problem::missing_param(&data("[unit_amount]")))?;
    if !(0..=99_999_999).contains(&amount) || !(1..=1_000_000).contains(&quantity) {
        let told = Problem::invalid("Invalid amount: unit_amount must be 0 to 99999999 and quantity at least 1.");
        return Err(told.code("parameter_invalid_integer").param(&data("[unit_amount]")));
    }
    let name = p.required(&data("[product_data][name]"))?;
    let words = p.text(&data("[product_data][description]"));
    p.ignore(&data("[product_data][metadata]"));
    p.ignore(&data("[product_data][images]"));
    let interval = p.choice(&data("[recurring][interval]"), &["day", "week", "month", "year"])?;
    let times = p.int(&data("[recurring][interval_count]"))?.unwrap_or(1);
    match (mode, &interval) {
        ("payment", Some(_)) => {
            let told = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.";
            return Err(Problem::invalid(told));
        }
        ("subscription", None) => {
            return Err(Problem::invalid(
                "You must provide at least one recurring price in `subscription` mode when using prices.",
            ));
        }
        _ => {}
    }
    let recurring = interval.map_or(Value::Null, |interval| subscription::every(&interval, times));
    let price = subscription::price(work.now, &currency, amount, &name, &recurring);
    Ok(json!({
        "id": new_id("li"), "object": "item", "adjustable_quantity": null, "amount_discount": 0,
        "amount_subtotal": amount * quantity, "amount_tax": 0, "amount_total": amount * quantity, "currency": currency,
        "description": name, "metadata": {}, "price": price, "quantity": quantity, "_words": words,
    }))
}

pub(super) async fn list(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["payment_intent", "subscription", "customer", "status"], p);
    super::page(work, "checkout.session", "checkout/sessions", filter, p).await
}

pub(super) async fn line_items_of(work: &mut Work, id: &str, p: &mut Params) -> Result<Value, Problem> {
    let session = work.get("checkout.session", id).await?;
    p.ignore("limit");
    let lines = session["_line_items"].as_array().cloned().unwrap_or_default();
    Ok(values::list(&format!("/v1/checkout/sessions/{id}/line_items"), &lines, false))
}

pub(super) async fn expire(work: &mut Work, id: &str) -> Result<Value, Problem> {
    let session = work.get("checkout.session", id).await?;
    if text(&session, "status") != "open" {
        let status = text(&session, "status");
        let told = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {status}."
        );
        return Err(Problem::invalid(told));
    }
    work.expire(session).await?;
    work.get("checkout.session", id).await
}
