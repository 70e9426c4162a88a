//! <https://docs.stripe.com/api/refunds>, and the lists of payments, charges and refunds.
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
    values::{int, money, text},
};
use serde_json::{Value, json};

pub(super) async fn list(work: &mut Work, url: &str, p: &mut Params) -> Result<Value, Problem> {
    let (kind, fields): (_, &[&str]) = match url {
        "charges" => ("charge", &["payment_intent", "customer"]),
        "refunds" => ("refund", &["payment_intent", "charge"]),
        "payment_intents" => ("payment_intent", &["customer"]),
        _ => ("radar.early_fraud_warning", &["payment_intent", "charge"]),
    };
    let mut filter = Filter::default();
    super::by(&mut filter, fields, p);
    super::page(work, kind, url, filter, p).await
}

pub(super) async fn refund(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let (charge, payment) = (p.text("charge"), p.text("payment_intent"));
    let of = charge.or(payment).ok_or_else(|| {
        Problem::invalid("One of the following params should be provided for this request: payment_intent or charge.")
    })?;
    let charge = work.charge_of(&of).await?;
    let id = text(&charge, "id");
    let reason = p.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let mut metadata = json!({});
    p.merge_metadata("metadata", &mut metadata)?;
    if text(&charge, "status") != "succeeded" {
        return Err(Problem::invalid(format!("Charge {id} was not successful and cannot be refunded.")));
    }
    let disputes = work.all("dispute", Filter::by("charge", id)).await?;
    if charge["disputed"] == true && disputes.iter().any(|dispute| dispute["is_charge_refundable"] == false) {
        return Err(
            Problem::invalid(format!("Charge {id} has been charged back; cannot issue a refund.")).code("charge_disputed")
        );
    }
    let rest = int(&charge, "amount") - int(&charge, "amount_refunded");
    if rest == 0 {
        return Err(Problem::invalid(format!("Charge {id} has already been refunded.")).code("charge_already_refunded"));
    }
    let amount = p.int("amount")?.unwrap_or(rest);
    if amount < 1 {
        return Err(Problem::invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount"));
    }
    if amount > rest {
        let (asked, rest) = (money(amount, text(&charge, "currency")), money(rest, text(&charge, "currency")));
        return Err(Problem::invalid(format!("Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})"))
            .param("amount"));
    }
    work.refund(charge, amount, reason.into(), metadata).await
}
