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
    /// Below the highest number, and nothing is noted; up to and with this number.
    Unknown(i64),
}

/// From so many on, numbers that follow each other and of which nothing is known stand in one line.
const STRETCH: i64 = 50;

/// Every number from 1 to the last one issued, by the first of each line.
fn entries(holders: Vec<Organization>, gaps: Vec<(i64, String)>, last: i64) -> BTreeMap<i64, Entry> {
    let mut all: BTreeMap<i64, Entry> = gaps.into_iter().map(|(number, reason)| (number, Entry::NotIssued(reason))).collect();
    all.extend(holders.into_iter().filter_map(|o| Some((o.admission_number?, Entry::Held(Box::new(o))))));
    let known: Vec<i64> = all.keys().copied().chain([last + 1]).collect();
    let mut from = 1;
    for number in known {
        if number - from >= STRETCH {
            all.insert(from, Entry::Unknown(number - 1));
        } else {
            all.extend((from..number).map(|each| (each, Entry::Unknown(each))));
        }
        from = number + 1;
    }
    all
}

/// How many numbers nothing is known of.
fn unknown(register: &BTreeMap<i64, Entry>) -> i64 {
    register.iter().map(|(from, entry)| if let Entry::Unknown(to) = entry { to - from + 1 } else { 0 }).sum()
}

/// The standing of each holder.
type Stands = std::collections::HashMap<super::OrganizationId, standing::State>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_far_ahead_fills_one_line_and_not_a_million() {
        let jumped = |number: i64| (number, "The list jumped.".to_owned());
        let register = entries(Vec::new(), vec![jumped(3), jumped(900_000)], 900_002);
        let lines: Vec<_> = register.iter().map(|(from, entry)| (*from, matches!(entry, Entry::Unknown(_)))).collect();
        let expected = [(1, true), (2, true), (3, false), (4, true), (900_000, false), (900_001, true), (900_002, true)];
        assert_eq!(lines, expected);
        assert!(matches!(register[&4], Entry::Unknown(899_999)));
        assert_eq!(unknown(&register), 900_000);
    }
}
