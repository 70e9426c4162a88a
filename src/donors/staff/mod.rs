//! Donors as staff find and correct them: the search, the roll's rows and sums, the form for contact
//! details. The pages that also show gifts belong to the gifts; it refuses to know them.
mod addresses;
mod edit;
mod form;
mod household;
mod keep;
mod new;
mod queries;
mod record;
mod tasks;

use crate::{
    app::App,
    donors::{self, Donor, DonorId},
    kernel::Cents,
    web::{Error, Page},
};
use axum::{
    Router,
    routing::{get, post},
};
use maud::Markup;

pub use queries::{
    FIRST, Found, Gave, JOIN, Purpose, Roll, RollOrder, RollRow, RollSum, counted, find, names_of, rows, similar, sums,
};
pub use record::Record;

/// The form for a donor's contact details.
pub fn router() -> Router<App> {
    Router::new()
        .route("/staff/donors/new", get(new::ask).post(new::save))
        .route("/staff/donors/{id}/details", get(edit::form).post(edit::save))
        .route("/staff/donors/{id}/addresses", get(addresses::show))
        .route("/staff/donors/{id}/addresses/postal", post(addresses::add_place))
        .route("/staff/donors/{id}/places/{place}/{what}", post(addresses::change_place))
        .route("/staff/donors/{id}/addresses/email", post(addresses::add_email))
        .route("/staff/donors/{id}/emails/{email}/{what}", post(addresses::change_email))
        .route("/staff/donors/{id}/tags", get(keep::ask_tags).post(keep::save_tags))
        .route("/staff/donors/{id}/notes", get(keep::notes).post(keep::add_note))
        .route("/staff/donors/{id}/tasks", get(tasks::of_donor).post(tasks::add))
        .route("/staff/donors/{id}/tasks/{task}", post(tasks::finish))
        .route("/staff/donors/{id}/household", get(household::show).post(household::add))
        .route("/staff/donors/{id}/household/{member}/removal", post(household::remove))
        .route("/staff/tasks", get(tasks::all))
}

/// The donor of this address, or the one it was merged into.
async fn known(app: &App, id: &str) -> Result<Donor, Error> {
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)
}

/// A page about one thing of a donor.
fn under(donor: &Donor, title: String, content: Markup) -> Page {
    Page::staff(title, content).crumb("Donors", "/staff/donors").crumb(donor.name.clone(), format!("/staff/donors/{}", donor.id))
}

impl RollRow {
    /// The key of this row in a roll of this order: where the next page begins.
    pub fn key(&self, order: RollOrder) -> String {
        match order {
            RollOrder::Name => format!("{}~{}", self.search, self.id),
            RollOrder::Given => format!("{}~{}", self.given.unwrap_or(Cents::ZERO).get(), self.id),
            RollOrder::Last => format!("{}~{}", self.last_at.map(|at| at.to_string()).unwrap_or_default(), self.id),
        }
    }
}
