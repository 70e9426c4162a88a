//! Local groups of the coalition: where they are, who leads them, who stands behind them, what they do.
//!
//! The state of an alliance follows from dated steps and is never set by hand. It refuses overlapping
//! terms of one person, a second host at the same time, and a step before the one it rests on.
mod account;
mod activities;
mod asking;
pub mod carried;
mod contacts;
mod facts;
mod files;
mod form;
mod found;
pub mod health;
mod hosting;
mod keeper;
mod letters;
mod list;
mod messages;
pub mod pipeline;
mod places;
mod public;
mod queries;
mod record;
mod requests;
mod roster;
mod steps;
mod succession;
mod terms;
mod workspace;

use crate::{
    app::App,
    kernel::{Day, Email, Timestamp, id, words},
    members::{self, OrganizationId},
    staff::StaffId,
};
use axum::Router;

pub use pipeline::{Step, StepKind};
pub use places::state_of;
pub use queries::{
    Around, add_activity, add_contact, add_roster, add_term, add_territory, addresses, around, by_id, insert, overview,
    overviews, requests_waiting, set_fund, set_host, take_step,
};

id!(
    /// Names one row of `alliance`.
    AllianceId
);
id!(
    /// Names one row of `alliance_territory`.
    TerritoryId
);
id!(
    /// Names one row of `alliance_leader`.
    TermId
);
id!(
    /// Names one row of `alliance_step`.
    StepId
);
id!(
    /// Names one row of `roster_entry`.
    RosterId
);
id!(
    /// Names one row of `alliance_activity`.
    ActivityId
);
id!(
    /// Names one row of `alliance_file`.
    FileId
);
id!(
    /// Names one row of `alliance_message`.
    RosterMessageId
);
id!(
    /// Names one row of `alliance_request`.
    RequestId
);
id!(
    /// Names one row of `alliance_host` or `alliance_contact`, which nothing else points at.
    RowId
);

words! {
    /// How far an alliance has come.
    pub enum AllianceState {
        Prospective = "prospective", "Prospective";
        Hosted = "hosted", "Hosted";
        Visited = "visited", "Visited";
        Organizing = "organizing", "Organizing";
        Launched = "launched", "Active";
        Dormant = "dormant", "Dormant";
        Closed = "closed", "Closed";
    }
}

words! {
    /// How large a place of a territory is.
    pub enum Grain {
        City = "city", "City";
        County = "county", "County";
        State = "state", "State";
        Region = "region", "Region";
        Country = "country", "Country";
    }
}

words! {
    /// For what somebody has a term.
    pub enum Part {
        Leader = "leader", "Leader";
        Deputy = "deputy", "Deputy";
    }
}

words! {
    /// What stands on a roster.
    pub enum RosterKind {
        Organization = "organization", "Organization";
        Person = "person", "Person";
    }
}

words! {
    /// What an alliance does.
    pub enum ActivityKind {
        Meeting = "meeting", "Meeting";
        Congress = "congress", "Visit to a congressional office";
        Media = "media", "Media";
        School = "school", "School";
        Event = "event", "Event";
    }
}

words! {
    /// What somebody asks for.
    pub enum RequestKind {
        Join = "join", "Join";
        Start = "start", "Start one";
    }
}

words! {
    /// Where a request stands.
    pub enum RequestState {
        New = "new", "Waits for an answer";
        Welcomed = "welcomed", "Welcomed, on the roster";
        Answered = "answered", "Answered";
    }
}

/// One row of `alliance`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Alliance {
    pub id: AllianceId,
    pub slug: String,
    pub name: String,
    pub summary: String,
    /// Follows from the steps; kept beside them so that lists need not add up.
    pub state: AllianceState,
    /// The slug of the fund that gifts for it go to.
    pub fund_slug: Option<String>,
    pub created_at: Timestamp,
}

/// One row of `alliance_territory`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct Territory {
    pub id: TerritoryId,
    pub alliance_id: AllianceId,
    pub grain: Grain,
    pub name: String,
    /// Two letters.
    pub state_code: Option<String>,
}

/// One row of `alliance_leader`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct Term {
    pub id: TermId,
    pub alliance_id: AllianceId,
    pub part: Part,
    pub name: String,
    pub title: String,
    pub email: Option<Email>,
    pub founder: bool,
    pub from_day: Day,
    /// The day it ends, which is no part of it.
    pub to_day: Option<Day>,
    pub staff_id: Option<StaffId>,
}

impl Term {
    /// Whether it runs on a day.
    pub fn runs(&self, on: Day) -> bool {
        self.from_day <= on && self.to_day.is_none_or(|to| to > on)
    }

    /// `Ellen Kennedy, Executive Director`.
    pub fn who(&self) -> String {
        if self.title.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.title) }
    }
}

/// One row of `roster_entry`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RosterEntry {
    pub id: RosterId,
    pub alliance_id: AllianceId,
    pub kind: RosterKind,
    pub name: String,
    pub email: Option<Email>,
    pub note: String,
    /// The national member it is an affiliate of.
    pub organization_id: Option<OrganizationId>,
    pub from_day: Day,
    pub to_day: Option<Day>,
}

/// One row of `alliance_activity`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Activity {
    pub id: ActivityId,
    pub alliance_id: AllianceId,
    pub kind: ActivityKind,
    pub title: String,
    pub on_day: Day,
    pub place: String,
    pub attendance: Option<i64>,
    pub notes: String,
    /// Also on the public page.
    pub shown: bool,
    pub recorded_by: String,
}

/// An alliance with all that lists, health and its page need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    pub alliance: Alliance,
    pub territories: Vec<Territory>,
    /// Every term, the current ones first.
    pub terms: Vec<Term>,
    pub host: Option<Host>,
    pub launched_on: Option<Day>,
    pub last_activity: Option<Day>,
    pub last_contact: Option<Day>,
    /// How many stand on the roster today.
    pub roster: i64,
    /// How many requests to join wait.
    pub requests: i64,
}

/// The host of today and whether it still belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub organization: members::Brief,
    pub from_day: Day,
}

impl Overview {
    /// The terms that run on a day.
    pub fn current(&self, on: Day) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.runs(on))
    }

    /// Those who lead on a day.
    pub fn leaders(&self, on: Day) -> Vec<&Term> {
        self.current(on).filter(|term| term.part == Part::Leader).collect()
    }

    /// The territory in words: `Minneapolis and Saint Paul, Minnesota`.
    pub fn territory(&self) -> String {
        places::in_words(&self.territories)
    }
}

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    public::router()
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    Router::new()
        .merge(asking::router())
        .merge(list::router())
        .merge(found::router())
        .merge(record::router())
        .merge(facts::router())
        .merge(hosting::router())
        .merge(terms::router())
        .merge(account::router())
        .merge(steps::router())
        .merge(contacts::router())
        .merge(files::router())
        .merge(succession::router())
        .merge(workspace::router())
        .merge(roster::router())
        .merge(activities::router())
        .merge(messages::router())
        .merge(requests::router())
}
