//! Appeals: what was sent out to ask, and by its source code which gifts it brought. A code stays for ever:
//! links and gifts hold it.
mod button;
mod form;
mod list;

use super::CampaignId;
use crate::{
    app::App,
    kernel::{Cents, Currency, Day, Timestamp, id, words},
};
use axum::{Router, routing::get};

id!(
    /// Names one row of `appeal`.
    AppealId
);

words! {
    /// How an appeal went out.
    pub enum Channel {
        Mail = "mail", "Letter";
        Email = "email", "E-mail";
        Event = "event", "Event";
        Web = "web", "Web page";
        Social = "social", "Social media";
        Phone = "phone", "Phone";
        Other = "other", "Something else";
    }
}

/// One row of `appeal`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Appeal {
    pub(super) id: AppealId,
    /// Stands in links as `?source=`.
    pub(super) code: String,
    pub(super) name: String,
    pub(super) day: Day,
    pub(super) channel: Channel,
    /// What it cost.
    pub(super) cost: Cents,
    pub(super) currency: Currency,
    pub(super) campaign_id: Option<CampaignId>,
    pub(super) created_at: Timestamp,
}

/// The pages of staff.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/appeals", get(list::page))
        .route("/staff/appeals/new", get(form::ask_new).post(form::add))
        .route("/staff/appeals/button", get(button::page))
        .route("/staff/appeals/{id}", get(list::one))
        .route("/staff/appeals/{id}/facts", get(form::ask).post(form::change))
}
