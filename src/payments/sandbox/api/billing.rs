//! <https://docs.stripe.com/api/subscriptions>, bills, and the customer portal.
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
    values::{int, new_id, text},
};
use serde_json::{Value, json};

pub(super) async fn subscriptions(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["customer"], p);
    match p.text("status").as_deref() {
        Some("all") => {}
        Some(status) => filter.among.push(("status", vec![status.to_owned()])),
        None => {
            let live = ["incomplete", "active", "past_due", "paused", "trialing", "unpaid"];
            filter.among.push(("status", live.map(ToOwned::to_owned).to_vec()));
        }
    }
    super::page(work, "subscription", "subscriptions", filter, p).await
}

pub(super) async fn update_subscription(work: &mut Work, id: &str, p: &mut Params) -> Result<Value, Problem> {
    let before = work.get("subscription", id).await?;
    if text(&before, "status") == "canceled" {
        return Err(Problem::invalid("A canceled subscription can only update its cancellation_details and metadata."));
    }
    let mut subscription = before.clone();
    p.merge_metadata("metadata", &mut subscription["metadata"])?;
    p.ignore("proration_behavior");
    p.ignore("payment_behavior");
    for field in ["description", "default_payment_method"] {
        if let Some(value) = p.take(field) {
            subscription[field] = Some(value).filter(|v| !v.is_empty()).into();
        }
    }
    change_items(&mut subscription, p)?;
    change_pause(&mut subscription, work.now, p)?;
    let period_end = int(&subscription["items"]["data"][0], "current_period_end");
    match (p.flag("cancel_at_period_end")?, p.take("cancel_at")) {
        (Some(true), None) => work.end_at(&mut subscription, Some(period_end), true).await?,
        (Some(false), None) => work.end_at(&mut subscription, None, true).await?,
        (None, Some(at)) if at.is_empty() => work.end_at(&mut subscription, None, false).await?,
        (None, Some(at)) => {
            let at = at.parse::<i64>().ok().filter(|at| *at > work.now);
            let past = || Problem::invalid("The `cancel_at` timestamp must be in the future.").param("cancel_at");
            work.end_at(&mut subscription, Some(at.ok_or_else(past)?), false).await?;
        }
        (None, None) => {
            work.note_due(&mut subscription);
            work.save(&subscription).await?;
        }
        (Some(_), Some(_)) => return Err(Problem::invalid("Pass only one of `cancel_at` and `cancel_at_period_end`.")),
    }
    work.event_after("customer.subscription.updated", &before, &subscription).await?;
    Ok(subscription)
}

/// A new amount or quantity for items that are there, from the next bill on.
fn change_items(subscription: &mut Value, p: &mut Params) -> Result<(), Problem> {
    for n in 0..p.count("items") {
        let at = |rest: &str| format!("items[{n}]{rest}");
        let id = p.required(&at("[id]"))?;
        let items = subscription["items"]["data"].as_array_mut();
        let item = items.into_iter().flatten().find(|item| text(item, "id") == id);
        let item = item.ok_or_else(|| Problem::missing_object("subscription_item", &id))?;
        if let Some(quantity) = p.int(&at("[quantity]"))? {
            item["quantity"] = quantity.into();
        }
        if let Some(amount) = p.int(&at("[price_data][unit_amount]"))? {
            let price = &item["price"];
            let same = [
                ("[price_data][currency]", text(price, "currency")),
                ("[price_data][product]", text(price, "product")),
                ("[price_data][recurring][interval]", text(&price["recurring"], "interval")),
            ];
            for (name, held) in same {
                // Stripe would take another interval and bill at once; nothing of ours asks for that.
                if p.required(&at(name))? != held {
                    return Err(Problem::invalid(format!("The sandbox keeps the {name} of an item.")).param(&at(name)));
                }
            }
            for (object, field) in [("price", "unit_amount"), ("plan", "amount")] {
                item[object]["id"] = new_id("price").into();
                item[object][field] = amount.into();
                item[object][format!("{field}_decimal")] = amount.to_string().into();
            }
            item["plan"]["id"] = item["price"]["id"].clone();
            p.ignore(&at("[price_data]"));
        }
    }
    Ok(())
}

/// `pause_collection`, or empty to collect again.
fn change_pause(subscription: &mut Value, now: i64, p: &mut Params) -> Result<(), Problem> {
    if p.take("pause_collection").is_some_and(|value| value.is_empty()) {
        subscription["pause_collection"] = Value::Null;
    } else if p.has("pause_collection") {
        // The two other behaviours keep the bills, and we never ask for them.
        let behavior = p.choice("pause_collection[behavior]", &["void"])?;
        let at = p.int("pause_collection[resumes_at]")?;
        if at.is_some_and(|at| at <= now) {
            return Err(
                Problem::invalid("The `resumes_at` timestamp must be in the future.").param("pause_collection[resumes_at]")
            );
        }
        subscription["pause_collection"] = json!({"behavior": behavior, "resumes_at": at});
    }
    Ok(())
}

pub(super) async fn cancel_subscription(work: &mut Work, id: &str, p: &mut Params) -> Result<Value, Problem> {
    p.ignore("prorate");
    p.ignore("invoice_now");
    p.ignore("cancellation_details");
    let subscription = work.get("subscription", id).await?;
    if text(&subscription, "status") == "canceled" {
        return Err(Problem::missing_object("subscription", id));
    }
    work.end(subscription, "cancellation_requested").await?;
    work.get("subscription", id).await
}

pub(super) async fn invoices(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["customer", "status"], p);
    if let Some(id) = p.text("subscription") {
        filter.among.push(("parent.subscription_details.subscription", vec![id]));
    }
    super::page(work, "invoice", "invoices", filter, p).await
}

pub(super) async fn invoice_payments(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["invoice", "status"], p);
    p.ignore("payment[type]");
    if let Some(id) = p.text("payment[payment_intent]") {
        filter.among.push(("payment.payment_intent", vec![id]));
    }
    super::page(work, "invoice_payment", "invoice_payments", filter, p).await
}

pub(super) async fn open_portal(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let customer = p.required("customer")?;
    super::ensure_exists(&work.get("customer", &customer).await.map_err(|e| e.status(400).param("customer"))?, "customer")?;
    p.ignore("flow_data");
    p.ignore("configuration");
    let id = new_id("bps");
    let session = json!({
        "id": id, "object": "billing_portal.session", "configuration": "bpc_sandbox", "created": work.now, "customer": customer,
        "customer_account": null, "flow": null, "livemode": false, "locale": p.text("locale"), "on_behalf_of": null,
        "return_url": p.text("return_url"), "url": format!("{}/portal/{id}", work.pages),
    });
    work.save(&session).await?;
    Ok(session)
}
