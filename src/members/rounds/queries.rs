use super::{Entry, ReviewRound};
use crate::{
    db::{Tx, on},
    kernel::{Day, Timestamp},
    members::{ApplicationId, ReviewRoundId},
};

macro_rules! round {
    ($rest:literal) => {
        concat!(
            "select r.id, r.on_day, (select count(*) from round_entry e where e.round_id = r.id and e.deferred_at is null) as applications, ",
            "(select count(*) from round_entry e join application a on a.id = e.application_id where e.round_id = r.id ",
            "and e.deferred_at is null and a.state in ('submitted', 'needs_information', 'in_review')) as undecided from review_round r ",
            $rest
        )
    };
}

/// The next day on which applications are reviewed, from `on`.
pub async fn next_review(tx: &mut Tx, on: Day) -> sqlx::Result<Option<Day>> {
    on!(tx, conn => sqlx::query_scalar("select min(on_day) from review_round where on_day >= $1").bind(on).fetch_one(conn).await)
}

/// Every round, the latest first.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<ReviewRound>> {
    on!(tx, conn => sqlx::query_as(round!("order by r.on_day desc")).fetch_all(conn).await)
}

/// The rounds from a day on, the first one first.
pub(super) async fn from(tx: &mut Tx, day: Day) -> sqlx::Result<Vec<ReviewRound>> {
    on!(tx, conn => sqlx::query_as(round!("where r.on_day >= $1 order by r.on_day")).bind(day).fetch_all(conn).await)
}

pub(super) async fn on_day(tx: &mut Tx, day: Day) -> sqlx::Result<Option<ReviewRound>> {
    on!(tx, conn => sqlx::query_as(round!("where r.on_day = $1")).bind(day).fetch_optional(conn).await)
}

/// `false` when the day has a round.
pub async fn insert(tx: &mut Tx, on: Day) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("insert into review_round (id, on_day) values ($1, $2) on conflict do nothing")
        .bind(ReviewRoundId::new()).bind(on)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// What is in review and in no round, with when it arrived.
pub(super) async fn without_round(tx: &mut Tx) -> sqlx::Result<Vec<(ApplicationId, Option<Timestamp>)>> {
    on!(tx, conn => sqlx::query_as(
        "select a.id, a.submitted_at from application a
         where a.state = 'in_review' and not exists (select 1 from round_entry e where e.application_id = a.id and e.deferred_at is null)
         order by a.submitted_at, a.id")
        .fetch_all(conn).await)
}

pub(super) async fn stays(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<Entry>> {
    on!(tx, conn => sqlx::query_as(
        "select e.application_id, e.round_id, r.on_day, a.state, e.deferred_at, e.reason
         from round_entry e join review_round r on r.id = e.round_id join application a on a.id = e.application_id
         where e.application_id = $1 order by r.on_day desc")
        .bind(id)
        .fetch_all(conn).await)
}

/// Everything that is or was in a round, the longest waiting first.
pub(super) async fn entries(tx: &mut Tx, id: ReviewRoundId) -> sqlx::Result<Vec<Entry>> {
    on!(tx, conn => sqlx::query_as(
        "select e.application_id, e.round_id, r.on_day, a.state, e.deferred_at, e.reason
         from round_entry e join review_round r on r.id = e.round_id join application a on a.id = e.application_id
         where e.round_id = $1 order by a.submitted_at, a.id")
        .bind(id)
        .fetch_all(conn).await)
}

pub(super) async fn enter(tx: &mut Tx, id: ApplicationId, round: ReviewRoundId, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into round_entry (application_id, round_id, entered_at) values ($1, $2, $3)")
        .bind(id).bind(round).bind(now)
        .execute(conn).await.map(drop))
}

/// `false` when it is not in this round any more.
pub(super) async fn leave(
    tx: &mut Tx,
    id: ApplicationId,
    round: ReviewRoundId,
    reason: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update round_entry set deferred_at = $3, reason = $4 where application_id = $1 and round_id = $2 and deferred_at is null")
        .bind(id).bind(round).bind(now).bind(reason)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
