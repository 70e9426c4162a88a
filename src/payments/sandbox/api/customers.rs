//! <https://docs.stripe.com/api/customers>
use super::super::{
    errors::Problem,
    params::Params,
    paying::new_customer,
    store::{Filter, Work},
    values::text,
};
use serde_json::{Value, json};

pub(super) async fn create(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut customer = new_customer(work.now, None, None);
    fill_in(&mut customer, p)?;
    work.save(&customer).await?;
    work.event("customer.created", &customer).await?;
    Ok(customer)
}

fn fill_in(customer: &mut Value, p: &mut Params) -> Result<(), Problem> {
    for field in ["email", "name", "phone", "description"] {
        if let Some(value) = p.take(field) {
            customer[field] = Some(value).filter(|v| !v.is_empty()).into();
        }
    }
    if customer["email"].as_str().is_some_and(|e| !e.contains('@')) {
        let told = format!("Invalid email address: {}", text(customer, "email"));
        return Err(Problem::invalid(told).code("email_invalid").param("email"));
    }
    let given = p.map("address");
    if !given.is_empty() {
        let fields = ["city", "country", "line1", "line2", "postal_code", "state"];
        if let Some(unknown) = given.keys().find(|k| !fields.contains(&k.as_str())) {
            let told = Problem::invalid(format!("Received unknown parameter: address[{unknown}]"));
            return Err(told.code("parameter_unknown").param(&format!("address[{unknown}]")));
        }
        let held = customer["address"].clone();
        customer["address"] =
            fields.iter().map(|f| ((*f).to_owned(), given.get(*f).map_or(held[*f].clone(), |v| v.as_str().into()))).collect();
    }
    for locale in p.list("preferred_locales") {
        customer["preferred_locales"] = json!([locale]);
    }
    p.merge_metadata("metadata", &mut customer["metadata"])
}

/// A deleted customer is answered as `{id, object, deleted: true}`.
pub(super) async fn read(work: &mut Work, id: &str) -> Result<Value, Problem> {
    let customer = work.get("customer", id).await?;
    Ok(if customer["deleted"] == true { gone(id) } else { customer })
}

fn gone(id: &str) -> Value {
    json!({"id": id, "object": "customer", "deleted": true})
}

pub(super) async fn update(work: &mut Work, id: &str, p: &mut Params) -> Result<Value, Problem> {
    let before = work.get("customer", id).await?;
    super::ensure_exists(&before, "customer")?;
    let mut customer = before.clone();
    fill_in(&mut customer, p)?;
    work.save(&customer).await?;
    work.event_after("customer.updated", &before, &customer).await?;
    Ok(customer)
}

/// Also ends the customer's subscriptions.
pub(super) async fn delete(work: &mut Work, id: &str) -> Result<Value, Problem> {
    let mut customer = work.get("customer", id).await?;
    super::ensure_exists(&customer, "customer")?;
    for subscription in work.all("subscription", Filter::by("customer", id)).await? {
        if text(&subscription, "status") != "canceled" {
            work.end(subscription, "cancellation_requested").await?;
        }
    }
    work.event("customer.deleted", &customer).await?;
    customer["deleted"] = true.into();
    work.save(&customer).await?;
    Ok(gone(id))
}

pub(super) async fn list(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["email"], p);
    super::page(work, "customer", "customers", filter, p).await
}
