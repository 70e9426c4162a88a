//! <https://docs.stripe.com/api/products/list>
use super::super::{
    errors::Problem,
    params::Params,
    store::{Filter, Work},
};
use serde_json::Value;

pub(super) async fn list(work: &mut Work, p: &mut Params) -> Result<Value, Problem> {
    let mut filter = Filter::default();
    let ids = p.list("ids");
    if !ids.is_empty() {
        filter.among.push(("id", ids));
    }
    super::page(work, "product", "products", filter, p).await
}
