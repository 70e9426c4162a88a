//! Who gives: people, organizations, households, with the totals of what they gave.
//!
//! A donor is known by the e-mail address; there is no account. It refuses two donors with one address.
pub mod alike;
pub mod care;
pub mod carried;
pub mod carried_back;
pub mod customers;
pub mod merge;
mod queries;
pub mod reach;
pub mod staff;
pub mod ties;
mod totals;

use crate::{
    app::App,
    db::Tx,
    kernel::{Email, Timestamp, id, words},
};
use axum::Router;

pub use alike::{MATCH, jobs};
pub use queries::{
    ERASED, batch_insert, bulk_insert, by_customer, by_email, by_id, by_ids, change_own, emails_of, erase, link_customer,
    matching, put_carried, upsert,
};
pub use totals::{
    Counted, DonorTotal, DonorYear, Sums, add_gift, batch_add_gifts, hold, rebuild_totals, retotal, totals_of, wrong_totals,
    years_of,
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

/// What somebody says about themselves when they give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    pub name: String,
    pub email: Email,
    pub address: Option<String>,
    /// `true` gives the consent; `false` leaves it as it was.
    pub consent_updates: bool,
}

/// The donors with this address or with exactly this name, whatever the case; at most a few.
pub async fn called(tx: &mut Tx, typed: &str) -> sqlx::Result<Vec<Donor>> {
    if let Ok(email) = typed.parse::<Email>() {
        return Ok(by_email(tx, &email).await?.into_iter().collect());
    }
    let folded = crate::kernel::text::fold(typed);
    let mut found = matching(tx, typed, 50).await?;
    found.retain(|donor| crate::kernel::text::fold(&donor.name) == folded);
    Ok(found)
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
