//! Local groups of the coalition: where they are, who leads them, and who stands behind them.
mod pages;
mod queries;

use crate::{
    app::App,
    kernel::{Day, Timestamp, id, words},
    members::OrganizationId,
};
use axum::Router;

pub use queries::insert;

id!(
    /// Names one row of `alliance`.
    AllianceId
);

words! {
    /// How far an alliance has come.
    pub enum AllianceState {
        Prospective = "prospective", "Prospective";
        Hosted = "hosted", "Hosted";
        Visited = "visited", "Visited";
        Organizing = "organizing", "Organizing";
        Launched = "launched", "Active";
        Dormant = "dormant", "Dormant";
        Closed = "closed", "Closed";
    }
}

/// One row of `alliance`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Alliance {
    pub id: AllianceId,
    pub slug: String,
    pub name: String,
    /// The county, city, state or region, in words.
    pub territory: String,
    pub summary: String,
    pub leader: String,
    pub leader_title: String,
    /// The organization that backs the leader.
    pub host_id: Option<OrganizationId>,
    pub state: AllianceState,
    pub launched_on: Option<Day>,
    pub created_at: Timestamp,
}

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    pages::router()
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}
