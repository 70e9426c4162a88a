//! Who looks at an application, what each of them votes, and the record of the decision.
//!
//! A vote can be changed until the decision and is kept after it. It refuses a vote on what is not in
//! review, a recusal without a reason, and a decision against the votes by anybody but an administrator.
mod pages;
mod queries;
mod record;
mod section;
mod tally;

use super::{Application, ApplicationId, ApplicationState};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Day, Timestamp, words},
    members::{
        ReviewRoundId,
        rounds::{self, RoundRules},
    },
    settings,
    staff::{Staff, StaffId},
};
use axum::Router;
use serde::{Deserialize, Serialize};

pub(super) use queries::{hold, hold_in_review};
pub(super) use record::document as record_of;
pub(super) use section::section;
pub(in crate::members) use tally::Tally;

words! {
    /// What a reviewer votes.
    pub enum Choice {
        For = "for", "In favor";
        Against = "against", "Against";
        Abstain = "abstain", "Abstention";
        /// Takes no part; is not counted.
        Recused = "recused", "Recusal";
    }
}

/// One row of `vote`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, Serialize, Deserialize)]
pub struct Vote {
    pub staff_id: StaffId,
    /// As it was when the vote was cast.
    pub name: String,
    pub choice: Choice,
    /// Of a recusal: why.
    pub comment: String,
    pub cast_at: Timestamp,
    pub changed_at: Timestamp,
}

/// One row of `assignment`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Assignment {
    pub staff_id: StaffId,
    pub name: String,
    pub assigned_at: Timestamp,
    pub assigned_by: String,
}

/// One row of `decision`, with the day of its round.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "as the columns are called")]
struct Decided {
    application_id: ApplicationId,
    round_id: Option<ReviewRoundId>,
    on_day: Option<Day>,
    outcome: ApplicationState,
    decided_at: Timestamp,
    staff_id: StaffId,
    decided_by: String,
    /// As it was mailed.
    reason: Option<String>,
    /// Why it departs from the votes.
    why: Option<String>,
    supported: bool,
    standing: String,
    /// JSON: [`RoundRules`].
    rules: String,
    /// JSON: [`Vote`]s.
    votes: String,
    minutes: Option<String>,
    minutes_name: Option<String>,
    minutes_kind: Option<String>,
    minutes_size: Option<i64>,
    minutes_digest: Option<String>,
}

/// What is known about the votes on one application.
pub(in crate::members) struct Case {
    pub(in crate::members) votes: Vec<Vote>,
    pub(in crate::members) assignments: Vec<Assignment>,
    pub(in crate::members) rules: RoundRules,
    pub(in crate::members) tally: Tally,
}

impl Case {
    pub(in crate::members) async fn of(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Self> {
        let votes = queries::votes(tx, id).await?;
        Ok(Self {
            tally: Tally::of(&votes),
            votes,
            assignments: queries::assignments(tx, id).await?,
            rules: settings::get(tx).await?,
        })
    }

    /// `2 of 3 votes in favor; two thirds reached.`
    pub(in crate::members) fn sentence(&self) -> String {
        self.tally.sentence(&self.rules)
    }

    pub(super) fn supports(&self, outcome: ApplicationState) -> bool {
        self.tally.verdict(&self.rules).supports(outcome)
    }

    /// Who is assigned and has not voted.
    pub(in crate::members) fn missing(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|asked| self.votes.iter().all(|vote| vote.staff_id != asked.staff_id))
    }

    fn vote_of(&self, staff: StaffId) -> Option<&Vote> {
        self.votes.iter().find(|vote| vote.staff_id == staff)
    }
}

/// How many applications in review wait for this person's vote.
pub async fn missing_from(tx: &mut Tx, staff: &Staff) -> sqlx::Result<i64> {
    queries::missing_from(tx, staff.id).await
}

/// Asks these people, and nobody else, to look at an application.
pub async fn assign(tx: &mut Tx, by: &Staff, id: ApplicationId, to: &[Staff], now: Timestamp) -> sqlx::Result<()> {
    let before = queries::assignments(tx, id).await?;
    for asked in before.iter().filter(|asked| to.iter().all(|staff| staff.id != asked.staff_id)) {
        queries::unassign(tx, id, asked.staff_id).await?;
    }
    for staff in to {
        queries::assign(tx, id, staff, &by.name, now).await?;
    }
    let after = queries::assignments(tx, id).await?;
    if before == after {
        return Ok(());
    }
    let names = |all: &[Assignment]| serde_json::json!({ "reviewers": all.iter().map(|a| a.name.clone()).collect::<Vec<_>>() });
    let record = id.to_string();
    let (before, after) = (names(&before), names(&after));
    audit::record(tx, &by.actor(), "assign", ("application", &record), Some(&before), Some(&after), now).await
}

/// Casts or changes a vote. `false` when the application is not in review.
pub async fn vote(
    tx: &mut Tx,
    by: &Staff,
    id: ApplicationId,
    choice: Choice,
    comment: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    if !queries::hold_in_review(tx, id).await? {
        return Ok(false);
    }
    let before = queries::votes(tx, id).await?.into_iter().find(|vote| vote.staff_id == by.id);
    queries::cast(tx, id, by, choice, comment, now).await?;
    let told = |choice: Choice, comment: &str| serde_json::json!({ "vote": choice, "comment": comment });
    let (action, record) = (if before.is_some() { "change vote" } else { "vote" }, id.to_string());
    let before = before.map(|vote| told(vote.choice, &vote.comment));
    audit::record(tx, &by.actor(), action, ("application", &record), before.as_ref(), Some(&told(choice, comment)), now).await?;
    Ok(true)
}

/// A decision that was just made.
pub(super) struct Made<'a> {
    pub(super) application: &'a Application,
    pub(super) by: &'a Staff,
    pub(super) outcome: ApplicationState,
    pub(super) reason: Option<&'a str>,
    pub(super) why: Option<&'a str>,
}

/// Keeps how it was decided, with the votes as they stand.
pub(super) async fn keep(tx: &mut Tx, made: &Made<'_>, case: &Case, now: Timestamp) -> sqlx::Result<()> {
    let id = made.application.id;
    let stay = rounds::stays(tx, id).await?.into_iter().find(|stay| stay.deferred_at.is_none());
    let json = |value: serde_json::Result<String>| value.map_err(|error| sqlx::Error::Encode(error.into()));
    let decided = Decided {
        application_id: id,
        round_id: stay.as_ref().map(|stay| stay.round_id),
        on_day: None,
        outcome: made.outcome,
        decided_at: now,
        staff_id: made.by.id,
        decided_by: made.by.name.clone(),
        reason: made.reason.map(ToOwned::to_owned),
        why: made.why.map(ToOwned::to_owned),
        supported: case.supports(made.outcome),
        standing: case.sentence(),
        rules: json(serde_json::to_string(&case.rules))?,
        votes: json(serde_json::to_string(&case.votes))?,
        minutes: None,
        minutes_name: None,
        minutes_kind: None,
        minutes_size: None,
        minutes_digest: None,
    };
    queries::insert_decision(tx, &decided).await
}

pub(super) fn router() -> Router<App> {
    pages::router().merge(record::router())
}
