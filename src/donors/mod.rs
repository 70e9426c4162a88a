//! Who gives: people, organizations, households, with the totals of what they gave.
//!
//! A donor is known by the e-mail address; there is no account. It refuses two donors with one address.
pub mod carried;
mod queries;
pub mod staff;
pub mod ties;

use crate::{
    app::App,
    kernel::{Cents, Currency, Email, Timestamp, id, words},
};
use axum::Router;

pub use queries::{
    add_to_total, add_to_totals, bulk_insert, by_customer, by_email, by_id, link_customer, matching, put_carried, rebuild_totals,
    set_total, totals_of, upsert, wrong_totals,
};

id!(
    /// Names one row of `donor`.
    DonorId
);

words! {
    /// What kind of giver a donor is.
    pub enum DonorKind {
        Person = "person", "Person";
        Organization = "organization", "Organization";
        Household = "household", "Household";
    }
}

/// One row of `donor`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Donor {
    pub id: DonorId,
    pub kind: DonorKind,
    pub name: String,
    pub email: Option<Email>,
    /// Several lines.
    pub address: Option<String>,
    /// The gateway's id of this donor.
    pub gateway_customer: Option<String>,
    /// Whether they asked for updates by mail.
    pub consent_updates: bool,
    pub consent_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// What a donor's settled gifts in one currency come to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DonorTotal {
    pub donor_id: DonorId,
    pub currency: Currency,
    pub gifts: i64,
    /// Intended, less refunds.
    pub given: Cents,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// What somebody says about themselves when they give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    pub name: String,
    pub email: Email,
    pub address: Option<String>,
    /// `true` gives the consent; `false` leaves it as it was.
    pub consent_updates: bool,
}

/// What the search compares: name and address, folded.
pub fn search_text(name: &str, email: Option<&Email>) -> String {
    let email = email.map_or("", Email::as_str);
    crate::kernel::text::fold(&format!("{name} {email}"))
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    staff::router()
}
