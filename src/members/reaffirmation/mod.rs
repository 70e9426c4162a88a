//! Reaffirmation: every so many months a member makes its commitment again. When it is due is derived from
//! its admission or its last reaffirmation; a ladder of reminders leads there, and after the last one a call.
//!
//! It refuses a second answer to one term and a second reminder of one rung. Observers are not asked.
mod answer;
mod calls;
mod delegate;
mod ladder;
mod letters;
mod link;
mod list;
pub(in crate::members) mod queries;
mod staff;

use super::{
    OrganizationId,
    standing::{Fact, FactKind, Standing},
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, Timestamp, id, text, words},
    settings::Setting,
    work::{Handlers, Regular},
};
use axum::Router;
use serde::{Deserialize, Serialize};

pub(in crate::members) use link::link_for;
pub use list::to_call;
pub(in crate::members) use staff::part;

id!(
    /// Names one row of `reaffirmation`.
    ReaffirmationId
);
id!(
    /// Names one row of `reaffirmation_call`.
    CallId
);

words! {
    /// How a reaffirmation reached us.
    pub enum How {
        Link = "link", "By the delegate’s link";
        Staff = "staff", "Noted by staff";
        /// From before Convener kept the record.
        Before = "before", "Before the record began";
    }
}

words! {
    /// What came of a call.
    pub enum Outcome {
        Promised = "promised", "Will reaffirm";
        Message = "message", "Left a message";
        NoAnswer = "no_answer", "No answer";
        Leaves = "leaves", "Wants to leave";
        Other = "other", "Something else";
    }
}

/// How often members reaffirm, and what happens around the day. All in days but `months`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// Months between two; 0 is never.
    pub months: i64,
    /// Nobody is asked before this day: who joined long ago is not overdue on the day it is switched on.
    pub first_due: Option<Day>,
    /// Reminders before the day, the earliest first. From the earliest one it is due.
    pub before: Vec<i64>,
    /// Reminders after it, the earliest first.
    pub after: Vec<i64>,
    /// From so long after the day the organization is inactive; 0 is never.
    pub inactive_after: i64,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { months: 0, first_due: None, before: vec![60, 14], after: vec![14, 45], inactive_after: 180 }
    }
}

impl Setting for Rhythm {
    const KEY: &'static str = "reaffirmation";
}

/// A rung of the ladder: so many days after the day, or before it when negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rung(pub i64);

impl Rung {
    /// As a row names it: `before-60`, `after-14`.
    pub fn rule(self) -> String {
        if self.0 < 0 { format!("before-{}", -self.0) } else { format!("after-{}", self.0) }
    }
}

/// A row's name of a rung in words: `60 days before`.
fn rule_in_words(rule: &str) -> String {
    match rule.split_once('-').and_then(|(side, days)| Some((side, days.parse().ok()?))) {
        Some((side, days)) => format!("{} {side}", text::count(days, "day", "days")),
        None => rule.to_owned(),
    }
}

impl Rhythm {
    pub const fn asks(&self) -> bool {
        self.months > 0
    }

    /// When the next is due for who made its commitment last on this day.
    pub fn due(&self, affirmed: Day) -> Option<Day> {
        let due = self.asks().then(|| later_by(affirmed, self.months))?;
        Some(self.first_due.map_or(due, |first| first.max(due)))
    }

    /// Where who has to answer by `due` stands on a day.
    pub fn stands(&self, due: Day, today: Day) -> Standing {
        let lead = self.before.iter().copied().max().unwrap_or(0);
        match today.days_since(due) {
            late if self.inactive_after > 0 && late > self.inactive_after => Standing::Inactive,
            late if late > 0 => Standing::ReaffirmationOverdue,
            late if late >= -lead => Standing::ReaffirmationDue,
            _ => Standing::InGoodStanding,
        }
    }

    /// In the order of their days.
    pub fn rungs(&self) -> Vec<Rung> {
        let mut all: Vec<_> = self.before.iter().map(|d| Rung(-d)).chain(self.after.iter().map(|d| Rung(*d))).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether the last reminder is behind: from here on a person calls.
    pub fn is_past_ladder(&self, due: Day, today: Day) -> bool {
        let late = today.days_since(due);
        late > 0 && late >= self.after.iter().copied().max().unwrap_or(0)
    }
}

/// The same day so many months later, or the last of a shorter month.
fn later_by(day: Day, months: i64) -> Day {
    let month = day.month().plus(months);
    Day::new(month.year(), month.number(), day.day_of_month()).unwrap_or_else(|| month.last_day())
}

/// What the due day of a member is counted from.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Basis {
    pub organization_id: OrganizationId,
    pub name: String,
    pub admitted_on: Day,
    pub reaffirmed_on: Option<Day>,
}

impl Basis {
    /// The day of its commitment that counts: admission, readmission or the last reaffirmation.
    pub fn affirmed(&self, facts: &[Fact], today: Day) -> Day {
        let readmitted = facts.iter().filter(|f| f.kind == FactKind::Readmitted && f.on_day <= today).map(|f| f.on_day);
        readmitted.chain(self.reaffirmed_on).fold(self.admitted_on, Day::max)
    }
}

/// One row of `reaffirmation`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reaffirmation {
    pub id: ReaffirmationId,
    pub organization_id: OrganizationId,
    /// The day it was due.
    pub term: Day,
    pub on_day: Day,
    pub commitment_version: Option<i64>,
    pub how: How,
    pub who: String,
    pub note: String,
    pub document_id: Option<super::documents::DocumentId>,
    pub noted_at: Timestamp,
    pub noted_by: String,
}

/// Writes down a reaffirmation from before the record began.
pub async fn insert_past(tx: &mut Tx, organization: OrganizationId, on_day: Day, now: Timestamp) -> sqlx::Result<bool> {
    let before = Reaffirmation {
        id: ReaffirmationId::new(),
        organization_id: organization,
        term: on_day,
        on_day,
        commitment_version: None,
        how: How::Before,
        who: "The delegate of the time".to_owned(),
        note: String::new(),
        document_id: None,
        noted_at: now,
        noted_by: "Convener".to_owned(),
    };
    queries::insert(tx, &before).await
}

/// Looks every day whom to remind.
pub const REMIND: Regular = Regular { kind: "members.reaffirmation", every: 86_400 };

pub(super) fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(REMIND.kind, ladder::remind)
}

pub(super) fn router() -> Router<App> {
    list::router().merge(staff::router()).merge(calls::router()).merge(delegate::router())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn the_day_is_counted_from_the_last_commitment_and_never_before_the_first() {
        let rhythm = Rhythm { months: 24, first_due: Some(day("2026-12-01")), ..Rhythm::default() };
        assert_eq!(rhythm.due(day("2012-05-01")), Some(day("2026-12-01")));
        assert_eq!(rhythm.due(day("2026-02-28")), Some(day("2028-02-28")));
        assert_eq!(Rhythm { months: 1, ..Rhythm::default() }.due(day("2026-01-31")), Some(day("2026-02-28")));
        assert_eq!(Rhythm::default().due(day("2012-05-01")), None);
    }

    #[test]
    fn standing_goes_down_day_by_day() {
        let rhythm = Rhythm { months: 24, inactive_after: 180, ..Rhythm::default() };
        let due = day("2026-12-01");
        for (late, standing) in [
            (-61, Standing::InGoodStanding),
            (-60, Standing::ReaffirmationDue),
            (0, Standing::ReaffirmationDue),
            (1, Standing::ReaffirmationOverdue),
            (180, Standing::ReaffirmationOverdue),
            (181, Standing::Inactive),
        ] {
            assert_eq!(rhythm.stands(due, due.plus_days(late)), standing, "{late}");
        }
        let never = Rhythm { inactive_after: 0, ..rhythm.clone() };
        assert_eq!(never.stands(due, due.plus_days(5_000)), Standing::ReaffirmationOverdue);
        assert!(!rhythm.is_past_ladder(due, due.plus_days(44)) && rhythm.is_past_ladder(due, due.plus_days(45)));
        assert_eq!(
            rhythm.rungs().iter().map(|r| r.rule()).collect::<Vec<_>>(),
            ["before-60", "before-14", "after-14", "after-45"]
        );
    }
}
