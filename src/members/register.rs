//! The admission register: every number ever issued, in order, with its holder. A number is issued once and
//! never again; a past member is entered by hand with the number it had, and the sequence goes on after it.
mod page;
pub(super) mod queries;

use super::{Organization, standing};
use crate::app::App;
use axum::Router;
use std::collections::BTreeMap;

pub(super) fn router() -> Router<App> {
    page::router()
}

/// What is known of one number.
#[derive(Debug, Clone)]
enum Entry {
    Held(Box<Organization>),
    /// Nobody ever held it; why.
    NotIssued(String),
    /// Below the highest number, and nothing is noted.
    Unknown,
}

/// Every number from 1 to the last one issued.
fn entries(holders: Vec<Organization>, gaps: Vec<(i64, String)>, last: i64) -> BTreeMap<i64, Entry> {
    let mut all: BTreeMap<i64, Entry> = (1..=last).map(|number| (number, Entry::Unknown)).collect();
    all.extend(gaps.into_iter().map(|(number, reason)| (number, Entry::NotIssued(reason))));
    all.extend(holders.into_iter().filter_map(|o| Some((o.admission_number?, Entry::Held(Box::new(o))))));
    all
}

/// The standing of each holder.
type Stands = std::collections::HashMap<super::OrganizationId, standing::State>;
