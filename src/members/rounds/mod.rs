//! Review rounds: the days on which applications are decided together, what is in each, and the rules.
//!
//! A round's state is derived from its day and from what is undecided in it, never set. It refuses an
//! application in two rounds at once, and a deferral to an earlier day.
mod agenda;
mod pages;
mod queries;
mod rules;

use super::{ApplicationId, ReviewRoundId, application::ApplicationState};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, Timestamp, Zone, words},
    settings,
    work::{Job, JobError, Regular},
};
use axum::Router;
use futures_util::future::BoxFuture;

pub use queries::{all, insert, next_review};
pub use rules::{RoundRules, Threshold};

words! {
    /// Where a round stands.
    pub enum RoundState {
        Open = "open", "Open for applications";
        InReview = "in_review", "In review";
        /// Its day is over and everything in it is decided.
        Closed = "closed", "Closed";
    }
}

/// A round with how much is in it. What was deferred from it does not count.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReviewRound {
    pub id: ReviewRoundId,
    pub on_day: Day,
    pub applications: i64,
    /// Neither decided nor withdrawn.
    pub undecided: i64,
}

impl ReviewRound {
    /// The last day on which an application arrives in time.
    pub fn cut_off(&self, rules: &RoundRules) -> Day {
        self.on_day.plus_days(-rules.cut_off_days)
    }

    pub fn state(&self, rules: &RoundRules, today: Day) -> RoundState {
        if today <= self.cut_off(rules) {
            RoundState::Open
        } else if today <= self.on_day || self.undecided > 0 {
            RoundState::InReview
        } else {
            RoundState::Closed
        }
    }

    pub fn path(&self) -> String {
        format!("/staff/review-rounds/{}", self.on_day)
    }
}

/// One stay of an application in a round.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    pub application_id: ApplicationId,
    pub round_id: ReviewRoundId,
    pub on_day: Day,
    pub state: ApplicationState,
    pub deferred_at: Option<Timestamp>,
    pub reason: Option<String>,
}

/// The first round that an application is in time for when it arrives on a day.
pub async fn open_for(tx: &mut Tx, arrived: Day, today: Day) -> sqlx::Result<Option<ReviewRound>> {
    let rules: RoundRules = settings::get(tx).await?;
    let ahead = queries::from(tx, today).await?;
    Ok(ahead.into_iter().find(|round| arrived <= round.cut_off(&rules)))
}

/// What everybody may know of the next round: its day, and the last day to be in time for it.
pub async fn notice(tx: &mut Tx, today: Day) -> sqlx::Result<Option<(Day, Day)>> {
    let rules: RoundRules = settings::get(tx).await?;
    Ok(open_for(tx, today, today).await?.map(|round| (round.on_day, round.cut_off(&rules))))
}

/// The stays of an application, the latest first.
pub(super) async fn stays(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<Entry>> {
    queries::stays(tx, id).await
}

/// Puts an application that was taken into review into the round it arrived in time for. It stays in the
/// round it is in while that one's day has not come; without a round ahead it waits for one.
pub(super) async fn enter(tx: &mut Tx, id: ApplicationId, arrived: Day, today: Day, now: Timestamp) -> sqlx::Result<Option<Day>> {
    let current = queries::stays(tx, id).await?.into_iter().find(|stay| stay.deferred_at.is_none());
    if let Some(stay) = current.as_ref().filter(|stay| stay.on_day >= today) {
        return Ok(Some(stay.on_day));
    }
    let Some(round) = open_for(tx, arrived, today).await? else { return Ok(None) };
    if let Some(stay) = current {
        queries::leave(tx, id, stay.round_id, "Its day was over before the application came back.", now).await?;
    }
    queries::enter(tx, id, round.id, now).await?;
    Ok(Some(round.on_day))
}

/// The round after the one an application is in.
pub(super) async fn later(tx: &mut Tx, current: Option<Day>, today: Day) -> sqlx::Result<Option<ReviewRound>> {
    let ahead = queries::from(tx, today).await?;
    Ok(ahead.into_iter().find(|round| current.is_none_or(|day| round.on_day > day)))
}

/// Moves an application to a later round. `false` when it is not in the round it was seen in.
pub(super) async fn defer(tx: &mut Tx, stay: &Entry, to: ReviewRoundId, reason: &str, now: Timestamp) -> sqlx::Result<bool> {
    let left = queries::leave(tx, stay.application_id, stay.round_id, reason, now).await?;
    if left {
        queries::enter(tx, stay.application_id, to, now).await?;
    }
    Ok(left)
}

/// Adds a day of review; what is in review without a round goes into it, or into one before. `false` when
/// the day has a round.
pub async fn add(tx: &mut Tx, on: Day, zone: &Zone, now: Timestamp) -> sqlx::Result<bool> {
    let added = queries::insert(tx, on).await?;
    if added {
        for (id, arrived) in queries::without_round(tx).await? {
            enter(tx, id, zone.day(arrived.unwrap_or(now)), zone.day(now), now).await?;
        }
    }
    Ok(added)
}

/// Adds the days that the rules ask for within a year; gives those that were not there.
pub async fn generate(tx: &mut Tx, rules: &RoundRules, zone: &Zone, now: Timestamp) -> sqlx::Result<Vec<Day>> {
    let mut added = Vec::new();
    for on in rules.days(zone.day(now)) {
        if add(tx, on, zone, now).await? {
            added.push(on);
        }
    }
    Ok(added)
}

/// What the calendar brings.
pub const GENERATE: Regular = Regular { kind: "members.review_rounds", every: 86_400 };

pub(super) fn daily(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        let rules: RoundRules = settings::get(&mut tx).await?;
        generate(&mut tx, &rules, &app.coalition.get().zone(), now).await?;
        tx.commit().await?;
        Ok(())
    })
}

pub(super) fn router() -> Router<App> {
    pages::router().merge(agenda::router())
}
