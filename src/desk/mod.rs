//! Staff pages that cross features: what needs attention today, mail, background work, the audit, the
//! settings. It asks the features by their public functions and holds no SQL.
mod alliance_fund;
mod audit;
mod home;
mod jobs;
mod mail;
pub mod merging;
mod organization;
mod records;
mod settings;

use crate::app::App;
use axum::Router;

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
        .merge(home::router())
        .merge(mail::router())
        .merge(audit::router())
        .merge(jobs::router())
        .merge(organization::router())
        .merge(merging::router())
        .merge(settings::router())
        .merge(alliance_fund::router())
}

/// What was typed into a filter, when it was.
fn given(typed: &str) -> Option<String> {
    Some(typed.trim()).filter(|t| !t.is_empty()).map(ToOwned::to_owned)
}
