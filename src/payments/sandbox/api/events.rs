//! <https://docs.stripe.com/api/events>
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
};
use serde_json::Value;

pub(super) async fn list(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut kinds = p.list("types");
    kinds.extend(p.text("type"));
    let mut filter = Filter { arrived: p.flag("delivery_success")?, ..Filter::default() };
    if !kinds.is_empty() {
        filter.among.push(("type", kinds));
    }
    super::page(work, "event", "events", filter, p).await
}
