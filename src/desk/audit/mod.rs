//! The audit for administrators: who did what to which record, and what changed by it.
pub(super) mod changes;
mod event;
mod list;

use crate::app::App;
use axum::{Router, routing::get};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/audit", get(list::list))
        .route("/staff/audit.csv", get(list::csv))
        .route("/staff/audit/{id}", get(event::show))
}

/// `needs_information` as `Needs information`.
fn action_words(action: &str) -> String {
    super::records::words(action)
}
