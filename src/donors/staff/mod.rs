//! Donors as staff find and correct them: the search, the roll's rows and sums, the form for contact
//! details. The pages that also show gifts belong to the gifts; it refuses to know them.
mod edit;
mod queries;

use crate::{app::App, kernel::Cents};
use axum::{Router, routing::get};

pub use queries::{FIRST, Found, Gave, JOIN, Purpose, Roll, RollOrder, RollRow, RollSum, counted, find, rows, similar, sums};

/// The form for a donor's contact details.
pub fn router() -> Router<App> {
    Router::new().route("/staff/donors/{id}/details", get(edit::form).post(edit::save))
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
