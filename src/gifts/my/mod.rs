//! `/my-giving`: what a donor sees and does alone, without a password: gifts, receipts, statements, recurring gifts,
//! the own details and data. A link that is mailed opens it for half a day in one browser.
//!
//! It refuses to say whether an address is known, and shows nobody but the donor of the address the link went to.
mod data;
mod details;
mod door;
mod erasure;
mod home;
mod plans;
mod session;
mod statement;

use crate::{
    app::App,
    db::Tx,
    donors::{Donor, DonorId},
    kernel::{Email, Timestamp, id, words},
    web::Page,
};
use axum::{
    Router,
    routing::{get, post},
};
use maud::Markup;

pub(super) use erasure::{act_for_staff, list_for_staff, page_for_staff};
pub(super) use statement::{pdf_for_staff, staff_page};

id!(
    /// Names one row of `erasure_request`.
    ErasureId
);

words! {
    /// How far a wish to be erased is.
    pub enum ErasureState {
        Open = "open", "Waits for us";
        Done = "done", "Done";
        Declined = "declined", "Not done";
    }
}

/// One row of `erasure_request`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Erasure {
    pub id: ErasureId,
    pub donor_id: DonorId,
    pub asked_at: Timestamp,
    pub note: String,
    pub state: ErasureState,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<String>,
    pub reason: Option<String>,
}

/// One row of `giving_session`, as far as it decides.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    pub donor_id: DonorId,
    pub email: Email,
    pub expires_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

/// Who is in the own pages.
#[derive(Debug, Clone)]
struct Mine(Donor);

/// A page below the first one.
fn page(title: impl Into<String>, content: Markup) -> Page {
    Page::bare(title, content).crumb("My giving", HOME)
}

const HOME: &str = "/my-giving";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/my-giving", get(home::show))
        .route("/my-giving/link", post(door::ask))
        .route("/my-giving/link/{token}", get(door::look).post(door::enter))
        .route("/my-giving/sign-out", post(door::leave))
        .route("/my-giving/receipts/{gift}", get(home::receipt))
        .route("/my-giving/statements/{year}", get(statement::page))
        .route("/my-giving/statements/{year}/pdf", get(statement::pdf))
        .route("/my-giving/recurring/{id}", get(plans::page))
        .route("/my-giving/recurring/{id}/amount", get(plans::amount).post(plans::change_amount))
        .route("/my-giving/recurring/{id}/pause", get(plans::pause).post(plans::begin_pause))
        .route("/my-giving/recurring/{id}/{action}", post(plans::press))
        .route("/my-giving/details", get(details::form).post(details::save))
        .route("/my-giving/email/{token}", get(details::look).post(details::confirm))
        .route("/my-giving/data.json", get(data::json))
        .route("/my-giving/gifts.csv", get(data::csv))
        .route("/my-giving/erasure", get(erasure::form).post(erasure::ask))
}

/// Ends every way in that an old address has.
async fn shut(tx: &mut Tx, donor: DonorId, now: Timestamp) -> sqlx::Result<()> {
    crate::links::revoke(tx, door::LINK, &donor.to_string(), now).await
}
