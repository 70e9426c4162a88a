//! An organization across features: everything that happened to it, what it gave, and the page a secretary
//! takes to a meeting.
mod dossier;
mod events;
mod gifts;
mod giver;
mod reached;
mod timeline;

use crate::app::App;
use axum::{
    Router,
    routing::{get, post},
};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/timeline", get(timeline::show))
        .route("/staff/organizations/{id}/dossier", get(dossier::show))
        .route("/staff/organizations/{id}/gifts", get(gifts::show).post(gifts::tie))
        .route("/staff/organizations/{id}/gifts/{donor}/removal", post(gifts::untie))
        .route("/staff/donors/{id}/organization", get(giver::ask).post(giver::say))
}
