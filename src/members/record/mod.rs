//! The record of an organization as staff keep it, by subject: names, profile, where it works, mailboxes,
//! tags, notes, logo. Each subject has its page, and each change its audit event.
//!
//! Notes and tags are never public.
mod logo;
pub(in crate::members) mod name;
mod notes;
mod page;
pub(in crate::members) mod profile;
pub(in crate::members) mod queries;
mod reach;
mod tags;

use super::{Organization, OrganizationId};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, Email, Timestamp, id, words},
    web::{Error, Page},
};
use axum::Router;
use maud::Markup;

pub(in crate::members) use logo::{shown as logo, small as small_logo};
pub use name::ein;
pub use queries::{former_names, mailboxes, notes, states, tags};

id!(
    /// Names one row of `former_name`.
    FormerNameId
);
id!(
    /// Names one row of `role_mailbox`.
    MailboxId
);
id!(
    /// Names one row of `organization_note`.
    NoteId
);

words! {
    /// What a mailbox is for.
    pub enum Purpose {
        General = "general", "General";
        Press = "press", "Press";
        Membership = "membership", "Membership";
        Policy = "policy", "Policy and advocacy";
        Events = "events", "Events";
        Billing = "billing", "Billing";
    }
}

/// What an organization was called, and until when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct FormerName {
    pub id: FormerNameId,
    pub name: String,
    /// The part of its public address then, which leads to the new one.
    pub slug: Option<String>,
    pub from_day: Option<Day>,
    pub until_day: Option<Day>,
}

impl FormerName {
    /// `until 3 March 2026`, as far as it is known.
    pub fn when(&self) -> String {
        match (self.from_day, self.until_day) {
            (Some(from), Some(until)) => format!("{} to {}", from.words(), until.words()),
            (None, Some(until)) => format!("until {}", until.words()),
            (Some(from), None) => format!("from {}", from.words()),
            (None, None) => "days not known".to_owned(),
        }
    }
}

/// A mailbox of a task.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Mailbox {
    pub purpose: Purpose,
    pub email: Email,
}

/// What staff wrote down for each other.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    pub id: NoteId,
    pub at: Timestamp,
    pub who: String,
    pub body: String,
}

/// What is known of an organization that belonged before Convener kept its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    pub states: Vec<String>,
    pub tags: Vec<String>,
    /// A name it had, and its last day.
    pub former_name: Option<(String, Day)>,
}

/// Writes it down as it is.
pub async fn insert_background(tx: &mut Tx, id: OrganizationId, known: &Background, now: Timestamp) -> sqlx::Result<()> {
    queries::set_states(tx, id, &known.states).await?;
    queries::set_tags(tx, id, &known.tags).await?;
    if let Some((name, until)) = &known.former_name {
        let (id_of_name, until_day) = (FormerNameId::new(), Some(*until));
        let former = FormerName { id: id_of_name, name: name.clone(), slug: None, from_day: None, until_day };
        queries::insert_former_name(tx, id, &former, now).await?;
    }
    queries::reindex(tx, id).await
}

/// Writes down what its application said of its name in its papers and of its EIN, and lets it be found by them.
pub(in crate::members) async fn identify(
    tx: &mut Tx,
    id: OrganizationId,
    legal_name: Option<&str>,
    ein: Option<&str>,
) -> sqlx::Result<()> {
    if legal_name.is_none() && ein.is_none() {
        return Ok(());
    }
    queries::identify(tx, id, legal_name, ein).await?;
    queries::reindex(tx, id).await
}

pub(super) fn router() -> Router<App> {
    page::router()
        .merge(name::router())
        .merge(profile::router())
        .merge(reach::router())
        .merge(tags::router())
        .merge(notes::router())
        .merge(logo::router())
}

/// The organization a page is about.
pub(in crate::members) async fn find(tx: &mut Tx, id: OrganizationId) -> Result<Organization, Error> {
    super::queries::organization(tx, id).await?.ok_or(Error::NotFound)
}

/// Where the record of an organization is.
pub(in crate::members) fn href(id: OrganizationId) -> String {
    format!("/staff/organizations/{id}")
}

/// A page about one subject of a record.
pub(in crate::members) fn subject(title: impl Into<String>, organization: &Organization, content: Markup) -> Page {
    Page::staff(title, content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb(organization.name.clone(), href(organization.id))
}
