//! The coalition's front door.
mod home;
mod sitemap;

use crate::app::App;
use axum::Router;

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    home::router().merge(sitemap::router())
}
