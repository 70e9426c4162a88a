//! An organization across features: everything that happened to it, and the page a secretary takes to a
//! meeting. Read only.
mod dossier;
mod events;
mod timeline;

use crate::app::App;
use axum::{Router, routing::get};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/timeline", get(timeline::show))
        .route("/staff/organizations/{id}/dossier", get(dossier::show))
}
