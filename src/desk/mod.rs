//! Staff pages that cross features: what needs attention, mail, the audit.
use crate::app::App;
use axum::Router;

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}
