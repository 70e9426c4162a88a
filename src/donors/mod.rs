//! Who gives: people, organizations, households, with the totals of what they gave.
use crate::app::App;
use axum::Router;

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}
