//! <https://docs.stripe.com/api/disputes>
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
    values::text,
};
use serde_json::Value;

pub(super) async fn list(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["payment_intent", "charge"], p);
    super::page(work, "dispute", "disputes", filter, p).await
}

/// Takes evidence; sends it to the bank unless `submit` is false.
pub(super) async fn answer(work: &mut Work, id: &str, p: &mut Params) -> Result<Value, Problem> {
    let before = work.get("dispute", id).await?;
    let mut dispute = before.clone();
    p.merge_metadata("metadata", &mut dispute["metadata"])?;
    let evidence = p.map("evidence");
    if !evidence.is_empty() && !text(&before, "status").ends_with("needs_response") {
        return Err(Problem::invalid("This dispute is no longer open for evidence."));
    }
    let sends = p.flag("submit")?.unwrap_or(true);
    for (name, value) in evidence {
        dispute["evidence"][name] = value.into();
        dispute["evidence_details"]["has_evidence"] = true.into();
        if sends {
            dispute["status"] = text(&before, "status").replace("needs_response", "under_review").into();
            dispute["evidence_details"]["submission_count"] = 1.into();
        }
    }
    work.save(&dispute).await?;
    work.event_after("charge.dispute.updated", &before, &dispute).await?;
    Ok(dispute)
}
