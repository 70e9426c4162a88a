//! <https://docs.stripe.com/api/balance_transactions> and <https://docs.stripe.com/api/payouts>
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
};
use serde_json::Value;

pub(super) async fn transactions(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["type", "source", "currency"], p);
    if let Some(id) = p.text("payout") {
        work.get("payout", &id).await?;
        filter.among.push(("_payout", vec![id]));
    }
    super::page(work, "balance_transaction", "balance_transactions", filter, p).await
}

pub(super) async fn payouts(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    super::by(&mut filter, &["status"], p);
    super::range(&mut filter, "arrival_date", p)?;
    super::page(work, "payout", "payouts", filter, p).await
}
