//! The rules of review: which days, until when applications are in time, and what the votes must reach.
use crate::{
    kernel::{Day, Month, words},
    settings::Setting,
};
use serde::{Deserialize, Serialize};

words! {
    /// What share of the votes carries an application. Abstentions and recusals do not count.
    pub enum Threshold {
        /// More for than against.
        SimpleMajority = "simple_majority", "Simple majority";
        /// At least two for each one against.
        TwoThirds = "two_thirds", "Two thirds";
        /// Nobody against.
        Consensus = "consensus", "Consensus";
    }
}

/// What staff decide about review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoundRules {
    /// Months between two rounds; 0 when the days are set by hand.
    pub every_months: i64,
    /// The first round's month of the year, 1 to 12.
    pub first_month: i8,
    /// Of the month, 1 to 28.
    pub day: i8,
    /// How many days before a round applications must have arrived.
    pub cut_off_days: i64,
    pub threshold: Threshold,
    /// How many votes there must be; 0 when a decision needs none.
    pub quorum: i64,
}

impl Default for RoundRules {
    fn default() -> Self {
        Self { every_months: 0, first_month: 1, day: 15, cut_off_days: 7, threshold: Threshold::SimpleMajority, quorum: 0 }
    }
}

impl Setting for RoundRules {
    const KEY: &'static str = "review_rounds";
}

impl RoundRules {
    /// The days of the year that begins today.
    pub fn days(&self, today: Day) -> Vec<Day> {
        let Some(first) = Month::new(today.year(), self.first_month).filter(|_| self.every_months > 0) else { return Vec::new() };
        let end = today.plus_days(365);
        (-12..=24)
            .map(|step| first.plus(step * self.every_months))
            .filter_map(|month| Day::new(month.year(), month.number(), self.day))
            .filter(|day| (today..=end).contains(day))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_as_many_rounds_as_the_rules_say() {
        let today: Day = "2026-09-21".parse().unwrap();
        let days = |every_months, first_month| {
            let rules = RoundRules { every_months, first_month, day: 15, ..RoundRules::default() };
            rules.days(today).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(days(3, 1), ["2026-10-15", "2027-01-15", "2027-04-15", "2027-07-15"]);
        assert_eq!(days(6, 3), ["2027-03-15", "2027-09-15"]);
        assert_eq!(days(12, 9), ["2027-09-15"]);
        assert!(days(0, 1).is_empty());
    }
}
