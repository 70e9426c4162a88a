//! Gifts as staff see them: the list, one gift, its refund, recurring gifts, and the donors with what
//! they gave. What a gift is and how it changes is decided elsewhere; here it is shown and asked for.
mod donors;
mod filter;
mod gifts;
mod queries;

use crate::app::App;
use axum::{
    Router,
    routing::{get, post},
};

/// The staff's pages about gifts and those who gave them.
pub fn router() -> Router<App> {
    Router::new()
        .route("/staff/gifts", get(gifts::page))
        .route("/staff/gifts.csv", get(gifts::csv))
        .route("/staff/donors", get(donors::page))
        .route("/staff/donors.csv", get(donors::csv))
}

/// How many rows stand on a page.
const PAGE: usize = 50;
/// How many rows a download reads at a time.
const STEP: usize = 2_000;

/// An address that remembers the list it was reached from.
fn remembering(path: &str, list: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { crate::web::with(path, "", &[("back", Some(&format!("{list}?{query}")))]) }
}

/// The list to go back to: only ever one of ours.
fn way_back(back: Option<&str>, list: &str) -> String {
    back.filter(|back| *back == list || back.strip_prefix(list).is_some_and(|rest| rest.starts_with('?')))
        .unwrap_or(list)
        .to_owned()
}

/// The query string that carries the way back.
#[derive(Debug, Default, serde::Deserialize)]
struct Back {
    back: Option<String>,
}
