//! Alliances: local groups with a leader and a host organization.
use crate::app::App;
use axum::Router;

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    Router::new()
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}
