//! Organizations as a file carries them in: matched with those on record, written as they were, merged into
//! what is known, and taken back whole.
//!
//! It refuses a number that somebody holds or that is noted as not issued, and to take the delegate's seat from
//! its holder. Track and number of an organization on record are never changed.
mod index;
mod merge;
mod queries;
mod write;

use super::{CategoryId, Contact, NewContact, OrganizationId, Track, record::FormerName, standing::FactKind};
use crate::kernel::{Day, words};
use serde::{Deserialize, Serialize};

pub use super::application::{domain, name_key};
pub use super::record::ein;
pub use index::{Found, Index, Known};
pub use merge::{Change, Merged, add_contact, changes, merge};
pub use queries::{accounted_for, kept};
pub use write::{Author, insert, put, remove, return_sequence, sequence};

words! {
    /// What happens to organizations that are on record already.
    pub enum Matching {
        Leave = "leave", "Leave them as they are";
        Fill = "fill", "Fill only what is empty";
        Replace = "replace", "Take the file’s";
    }
}

/// What a file says of one organization, each part read and right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub name: String,
    pub legal_name: Option<String>,
    pub former_names: Vec<String>,
    pub ein: Option<String>,
    pub website: Option<String>,
    pub category_id: Option<CategoryId>,
    pub city: Option<String>,
    pub state_code: Option<String>,
    pub postal_address: Option<String>,
    /// Where it works besides.
    pub states: Vec<String>,
    pub track: Option<Track>,
    pub number: Option<i64>,
    pub admitted_on: Option<Day>,
    /// The day on its commitment document.
    pub committed_on: Option<Day>,
    pub left: Option<(Day, FactKind)>,
    pub contacts: Vec<NewContact>,
}

/// The whole record of an organization: what an import may write, and a word for each thing besides that hangs
/// on it. Two that are equal are the same record, unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    pub own: Own,
    pub former_names: Vec<FormerName>,
    pub states: Vec<String>,
    pub contacts: Vec<Contact>,
    pub around: Vec<String>,
}

/// The columns of an organization and its membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Own {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub legal_name: Option<String>,
    pub ein: Option<String>,
    pub website: Option<String>,
    pub category_id: CategoryId,
    pub city: String,
    pub state_code: String,
    pub postal_address: Option<String>,
    pub founded: Option<i64>,
    pub mission: String,
    pub track: Track,
    pub admission_number: Option<i64>,
    pub admitted_on: Day,
    pub left_on: Option<Day>,
    pub committed_on: Option<Day>,
}
