//! Who belongs: organizations, their membership and contacts, and the applications they come by.
//!
//! Standing never depends on money. It refuses a second admission number for one organization, and a
//! number given out twice.
pub mod application;
mod brief;
pub mod carried;
pub mod certificate;
pub mod contacts;
pub mod documents;
pub mod happened;
mod history;
mod member_page;
mod organizations;
mod place;
pub mod portal;
mod queries;
pub mod reaffirmation;
pub mod record;
mod register;
mod roll;
pub mod rounds;
mod setup;
pub mod standing;
mod website;

use crate::{
    app::App,
    kernel::{Day, Email, Timestamp, id, words},
    work::Handlers,
};
use axum::Router;

pub use application::reminders::{REMIND, ReminderDays};
pub use application::{Application, ApplicationId, waiting as applications_waiting};
pub use brief::{Brief, meant};
pub use certificate::Signatory;
pub use history::{PastOrganization, insert_history};
pub use queries::{
    Counts, Newest, addresses, admit, briefly, categories, commitment, contacts_of, counts, insert_category, insert_commitment,
    newest, next_number, organization,
};
pub use rounds::{insert as insert_review_round, next_review, notice as review_notice};
pub use setup::{
    CommitmentVersion, NotOpen, UsedCategory, add_category, add_commitment, commitments, in_force, move_category, named,
    not_open, remove_category, rename_category, take_back_commitment, used_categories,
};
pub use website::Website;

id!(
    /// Names one row of `organization`.
    OrganizationId
);
id!(
    /// Names one row of `category`.
    CategoryId
);
id!(
    /// Names one row of `contact`.
    ContactId
);
id!(
    /// Names one row of `review_round`.
    ReviewRoundId
);

words! {
    /// As what an organization belongs.
    pub enum Track {
        Member = "member", "Member";
        /// Without an admission number.
        Observer = "observer", "Observer";
    }
}

words! {
    /// What a person does for an organization towards the coalition.
    pub enum ContactRole {
        Delegate = "delegate", "Delegate";
        Alternate = "alternate", "Alternate";
        /// May bind the organization: signs its letters and resolutions.
        Signatory = "signatory", "Authorized signatory";
        Press = "press", "Press contact";
        Billing = "billing", "Billing contact";
    }
}

impl ContactRole {
    /// Those an application asks for.
    pub const ASKED: [Self; 3] = [Self::Delegate, Self::Alternate, Self::Press];
}

/// One row of `category`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Category {
    pub id: CategoryId,
    pub slug: String,
    pub name: String,
    pub position: i64,
}

/// The text applicants accept, in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Commitment {
    pub version: i64,
    /// Paragraphs with an empty line between.
    pub body: String,
    pub in_force: Day,
}

/// An organization with its membership: what the roll and its page show.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub category_id: CategoryId,
    pub category: String,
    pub city: String,
    /// Two letters.
    pub state_code: String,
    pub website: Option<String>,
    /// Year.
    pub founded: Option<i64>,
    pub mission: String,
    pub track: Track,
    pub admission_number: Option<i64>,
    pub admitted_on: Day,
    /// The day it stopped to belong; kept with the facts its standing is derived from.
    pub left_on: Option<Day>,
    /// The day on its commitment document, where an import told it.
    pub committed_on: Option<Day>,
    /// As it stands in its papers, when that differs from the name people know.
    pub legal_name: Option<String>,
    /// `NN-NNNNNNN`.
    pub ein: Option<String>,
    /// Of its web site, without `www`.
    pub domain: Option<String>,
    pub postal_address: Option<String>,
    /// The logo's name in its public address.
    pub logo: Option<String>,
    pub logo_width: Option<i64>,
    pub logo_height: Option<i64>,
    pub created_at: Timestamp,
}

impl Organization {
    /// `/members/39-international-justice-project`; observers have no number before their name.
    pub fn path(&self) -> String {
        path(self.admission_number, &self.slug)
    }
}

fn path(number: Option<i64>, slug: &str) -> String {
    match number {
        Some(number) => format!("/members/{number}-{slug}"),
        None => format!("/members/{slug}"),
    }
}

/// One row of `contact`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct Contact {
    pub id: ContactId,
    pub organization_id: OrganizationId,
    pub role: ContactRole,
    pub name: String,
    pub title: String,
    pub email: Email,
    pub phone: Option<String>,
    pub from_day: Day,
    pub to_day: Option<Day>,
}

/// What is written down when an organization is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub name: String,
    pub track: Track,
    pub category_id: CategoryId,
    pub city: String,
    pub state_code: String,
    pub website: Option<String>,
    pub founded: Option<i64>,
    pub mission: String,
    pub contacts: Vec<NewContact>,
}

/// A person somebody names for their organization.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewContact {
    pub role: ContactRole,
    pub name: String,
    pub title: String,
    pub email: Email,
    pub phone: Option<String>,
}

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    roll::router().merge(member_page::router())
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    application::router()
        .merge(rounds::router())
        .merge(organizations::router())
        .merge(record::router())
        .merge(contacts::router())
        .merge(documents::router())
        .merge(standing::router())
        .merge(certificate::router())
        .merge(reaffirmation::router())
        .merge(register::router())
        .merge(portal::router())
}

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    reaffirmation::jobs(handlers).with(rounds::GENERATE.kind, rounds::daily).with(REMIND.kind, application::reminders::daily)
}
