//! Gifts as staff see them: the list, one gift, its refund, recurring gifts, and the donors with what
//! they gave. What a gift is and how it changes is decided elsewhere; here it is shown and asked for.
mod act;
mod campaigns;
mod credits;
mod dispute;
mod disputes;
mod donor;
mod donors;
mod file;
pub mod filter;
mod fund;
mod funds;
mod gift;
mod gifts;
mod giving;
mod held;
mod matching;
mod met;
mod money_back;
mod plan;
mod queries;
mod receipt;
mod recurring;
mod thanks;
mod timeline;
mod tribute;

pub(super) use gift::{event_list, known};

pub(super) use receipt::duplicate as receipt_paper;

use super::my;
use crate::app::App;
use axum::{
    Router,
    routing::{get, post},
};

/// The staff's pages about gifts and those who gave them.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/gifts", get(gifts::page))
        .route("/staff/gifts.csv", get(file::csv))
        .route("/staff/gifts/{id}", get(gift::page))
        .route("/staff/gifts/{id}/thanks", post(act::thank))
        .route("/staff/gifts/{id}/receipt", get(receipt::page))
        .route("/staff/gifts/{id}/receipt/printed", post(receipt::print))
        .route("/staff/gifts/{id}/receipt/mail", post(act::resend))
        .route("/staff/gifts/{id}/refund", get(money_back::page).post(money_back::refund))
        .route("/staff/gifts/{id}/fund", get(fund::page).post(fund::change))
        .route("/staff/disputes", get(disputes::page))
        .route("/staff/disputes/{id}", get(dispute::page).post(dispute::act))
        .route("/staff/held", get(held::page))
        .route("/staff/held/{id}", post(held::decide))
        .route("/staff/held/bursts/{id}", post(held::see))
        .route("/staff/tributes", get(tribute::list))
        .route("/staff/gifts/{id}/tribute", get(tribute::page).post(tribute::add))
        .route("/staff/gifts/{id}/tribute/{notice}", get(tribute::print))
        .route("/staff/gifts/{id}/tribute/{notice}/sending", post(tribute::send))
        .route("/staff/gifts/{id}/tribute/{notice}/removal", post(tribute::remove))
        .route("/staff/gifts/{id}/credits", get(credits::page).post(credits::add))
        .route("/staff/gifts/{id}/credits/{credit}/removal", post(credits::remove))
        .route("/staff/recurring", get(recurring::page))
        .route("/staff/recurring.csv", get(recurring::csv))
        .route("/staff/recurring/{id}", get(plan::page))
        .route("/staff/recurring/{id}/amount", get(plan::amount).post(plan::change_amount))
        .route("/staff/recurring/{id}/pause", get(plan::pause).post(plan::begin_pause))
        .route("/staff/recurring/{id}/{action}", post(plan::press))
        .route("/staff/donors/erasures", get(my::list_for_staff))
        .route("/staff/donors/{id}/erasure", get(my::page_for_staff).post(my::act_for_staff))
        .route("/staff/donors/{id}/statements/{year}", get(my::staff_page))
        .route("/staff/donors/{id}/statements/{year}/pdf", get(my::pdf_for_staff))
        .route("/staff/donors", get(donors::page))
        .route("/staff/donors.csv", get(donors::csv))
        .route("/staff/donors/{id}", get(donor::page))
        .merge(thanks::router())
        .merge(matching::router())
        .merge(funds::router())
        .merge(campaigns::router())
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
