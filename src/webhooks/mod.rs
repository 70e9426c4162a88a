//! What the payment gateway tells us, kept raw, answered fast, worked off later.
use crate::{app::App, work::Handlers};
use axum::Router;

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
