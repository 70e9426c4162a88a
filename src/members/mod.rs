//! Members and observers: from the application to the register.
use crate::{app::App, work::Handlers};
use axum::Router;

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    Router::new()
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
}

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
