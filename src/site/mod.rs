//! The public pages that cross features: the home page.
use crate::app::App;
use axum::Router;

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    Router::new()
}
