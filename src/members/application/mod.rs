//! Applications: from the first question to the decision.
//!
//! A draft belongs to whoever holds its signed link. It refuses changes while staff look at it, a second
//! decision, and an approval without everything the coalition asks for.
mod answers;
mod decision;
mod document;
mod duplicates;
mod export;
pub mod forms;
mod letters;
mod queries;
pub mod reminders;
mod review;
mod start;
mod status;
mod steps;
mod verbs;
pub mod votes;

use super::{CategoryId, ContactRole, NewContact, OrganizationId, Track};
use crate::{
    app::App,
    kernel::{Day, Email, Timestamp, id, words},
};
use axum::Router;

pub use document::attach;
pub use queries::{by_id, of_organization, waiting};
pub use verbs::{answer, ask, begin, submit, take_up};

id!(
    /// Names one row of `application`.
    ApplicationId
);
id!(
    /// Names one row of `application_event`.
    ApplicationEventId
);

words! {
    pub enum ApplicationState {
        Draft = "draft", "Draft";
        Submitted = "submitted", "Submitted";
        NeedsInformation = "needs_information", "Needs information";
        InReview = "in_review", "In review";
        Approved = "approved", "Approved";
        Declined = "declined", "Declined";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl ApplicationState {
    /// Whether the applicant may change the answers.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::NeedsInformation)
    }

    /// Whether it waits for staff.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview)
    }
}

/// What the audit keeps of an application’s way.
fn told(state: ApplicationState) -> serde_json::Value {
    serde_json::json!({ "state": state })
}

words! {
    /// How an organization conveys its commitment.
    pub enum DocumentKind {
        Letter = "letter", "A letter from a senior official";
        Resolution = "resolution", "A resolution of a governing body";
    }
}

words! {
    /// What happened to an application.
    pub enum EventKind {
        Started = "started", "Begun";
        Submitted = "submitted", "Sent";
        Asked = "asked", "Information asked for";
        Answered = "answered", "Answered and sent again";
        InReview = "in_review", "Taken into review";
        Deferred = "deferred", "Deferred";
        Approved = "approved", "Approved";
        Declined = "declined", "Declined";
        Withdrawn = "withdrawn", "Withdrawn";
        Reopened = "reopened", "Opened again";
    }
}

/// One row of `application`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Application {
    pub id: ApplicationId,
    pub state: ApplicationState,
    /// Who applies; the links go there.
    pub email: Email,
    pub track: Option<Track>,
    pub name: Option<String>,
    /// When it differs from the name.
    pub legal_name: Option<String>,
    /// `12-3456789`.
    pub ein: Option<String>,
    pub website: Option<String>,
    pub city: Option<String>,
    pub state_code: Option<String>,
    pub founded: Option<i64>,
    pub mission: Option<String>,
    pub category_id: Option<CategoryId>,
    /// JSON: the points that were confirmed.
    pub eligibility: Option<String>,
    pub commitment_version: Option<i64>,
    pub committed_at: Option<Timestamp>,
    pub document_kind: Option<DocumentKind>,
    pub signatory: Option<String>,
    pub signatory_title: Option<String>,
    pub document_day: Option<Day>,
    /// Its random name in the folder of files.
    pub file: Option<String>,
    /// As the applicant called it.
    pub file_name: Option<String>,
    pub file_kind: Option<String>,
    pub file_size: Option<i64>,
    pub file_digest: Option<String>,
    /// JSON: [`NewContact`]s.
    pub contacts: Option<String>,
    /// What the applicant adds when asked.
    pub note: Option<String>,
    /// Of its track's form; none before the track is chosen.
    pub form_version: Option<i64>,
    /// JSON: question to answers.
    pub answers: Option<String>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub organization_id: Option<OrganizationId>,
}

impl Application {
    /// The organization's name, or how it is spoken of before it has one.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or("An unnamed organization")
    }

    /// Whether its applicant took it back.
    pub fn is_withdrawn(&self) -> bool {
        self.state == ApplicationState::Withdrawn
    }

    /// The people it names; none when what is stored can't be read.
    fn people(&self) -> Vec<NewContact> {
        self.contacts.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    /// Names the people who speak for it.
    pub fn name_people(&mut self, people: &[NewContact]) {
        self.contacts = serde_json::to_string(people).ok();
    }

    /// Who applied and everybody it names, each address once.
    fn addressees(&self) -> Vec<Email> {
        let mut all = vec![self.email.clone()];
        for person in self.people() {
            if !all.contains(&person.email) {
                all.push(person.email);
            }
        }
        all
    }

    fn person(&self, role: ContactRole) -> Option<NewContact> {
        self.people().into_iter().find(|person| person.role == role)
    }
}

/// One row of `application_event`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApplicationEvent {
    pub at: Timestamp,
    pub who: String,
    pub kind: EventKind,
    pub message: Option<String>,
}

pub(super) fn router() -> Router<App> {
    start::router()
        .merge(steps::router())
        .merge(document::router())
        .merge(status::router())
        .merge(review::router())
        .merge(decision::router())
        .merge(votes::router())
        .merge(export::router())
}
