//! `expand[]`: ids become the objects they name, as deep as asked.
use super::{
    errors::Problem,
    store::{Filter, Work},
    values::{list, text},
};
use serde_json::Value;
use std::pin::Pin;

/// Follows `path` (such as `latest_charge.balance_transaction`) into a value.
pub(super) fn expand<'a>(
    work: &'a mut Work,
    value: &'a mut Value,
    path: &'a [&'a str],
) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>> {
    Box::pin(async move {
        let Some((field, rest)) = path.split_first() else { return Ok(()) };
        if let Value::Array(items) = value {
            for item in items {
                expand(work, item, path).await?;
            }
            return Ok(());
        }
        match (text(value, "object"), *field) {
            ("checkout.session", "line_items") => {
                let lines = value["_line_items"].as_array().cloned().unwrap_or_default();
                value["line_items"] = list(&format!("/v1/checkout/sessions/{}/line_items", text(value, "id")), lines, false);
            }
            ("invoice", "payments") => {
                let parts = work.all("invoice_payment", Filter::by("invoice", text(value, "id"))).await?;
                value["payments"] = list(&format!("/v1/invoice_payments?invoice={}", text(value, "id")), parts, false);
            }
            ("charge", "refunds") => {
                let refunds = work.all("refund", Filter::by("charge", text(value, "id"))).await?;
                value["refunds"] = list(&format!("/v1/refunds?charge={}", text(value, "id")), refunds, false);
            }
            _ => {}
        }
        let Some(inner) = value.get_mut(*field) else {
            let told = format!("This property cannot be expanded ({field}).");
            return Err(Problem::invalid(told).param("expand"));
        };
        if let Some(id) = inner.as_str().map(ToOwned::to_owned)
            && let Some(object) = work.find(&id).await?
        {
            *inner = object;
        }
        if inner.is_null() { Ok(()) } else { expand(work, inner, rest).await }
    })
}
