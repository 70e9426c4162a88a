//! Thanks by a person: the queue, the letters and what went out of them, the templates they are written from.
mod letters;
mod list;
mod note;
mod templates;

use crate::{app::App, gifts::GiftId};
use axum::{
    Router,
    routing::{get, post},
};

pub(super) use letters::paragraphs;
pub(super) use note::notes;

const PATH: &str = "/staff/thanks";
/// So many letters are written at once; a page of the queue holds no more.
const MOST: usize = 50;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/thanks", get(list::page).post(list::act))
        .route("/staff/thanks/letters", get(letters::preview).post(letters::send))
        .route("/staff/thanks/batches/{id}", get(letters::batch))
        .route("/staff/thanks/batches/{id}/print", get(letters::print))
        .route("/staff/thanks/batches/{id}/undo", post(letters::undo))
        .route("/staff/thanks/templates", get(templates::list))
        .route("/staff/thanks/templates/new", get(templates::new).post(templates::create))
        .route("/staff/thanks/templates/{id}", get(templates::edit).post(templates::save))
        .route("/staff/gifts/{id}/calls", post(note::save))
}

/// The gifts that are named, each once; what names none is left out.
fn named(typed: &[String]) -> Vec<GiftId> {
    let mut all: Vec<GiftId> = typed.iter().filter_map(|id| id.parse().ok()).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST);
    all
}
