use super::{Assignment, Choice, Decided, Vote};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
    members::ApplicationId,
    staff::{Staff, StaffId},
};

/// Holds an application that is in review until the end of this work. `false` when it is not.
pub(in crate::members::application) async fn hold_in_review(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update application set state = state where id = $1 and state = 'in_review'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Holds an application whatever its state.
pub(in crate::members::application) async fn hold(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update application set state = state where id = $1").bind(id).execute(conn).await.map(drop))
}

/// Every vote on an application, in the order they were first cast.
pub(super) async fn votes(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<Vote>> {
    on!(tx, conn => sqlx::query_as(
        "select staff_id, name, choice, comment, cast_at, changed_at from vote where application_id = $1 order by cast_at, staff_id")
        .bind(id)
        .fetch_all(conn).await)
}

pub(super) async fn cast(
    tx: &mut Tx,
    id: ApplicationId,
    by: &Staff,
    choice: Choice,
    comment: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into vote (application_id, staff_id, name, choice, comment, cast_at, changed_at) values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (application_id, staff_id) do update
             set name = excluded.name, choice = excluded.choice, comment = excluded.comment, changed_at = excluded.changed_at")
        .bind(id).bind(by.id).bind(&by.name).bind(choice).bind(comment).bind(now)
        .execute(conn).await.map(drop))
}

/// Who is asked to look at an application, by name.
pub(super) async fn assignments(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<Assignment>> {
    on!(tx, conn => sqlx::query_as(
        "select staff_id, name, assigned_at, assigned_by from assignment where application_id = $1 order by lower(name), staff_id")
        .bind(id)
        .fetch_all(conn).await)
}

pub(super) async fn assign(tx: &mut Tx, id: ApplicationId, to: &Staff, by: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into assignment (application_id, staff_id, name, assigned_at, assigned_by) values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(id).bind(to.id).bind(&to.name).bind(now).bind(by)
        .execute(conn).await.map(drop))
}

pub(super) async fn unassign(tx: &mut Tx, id: ApplicationId, from: StaffId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from assignment where application_id = $1 and staff_id = $2")
        .bind(id).bind(from)
        .execute(conn).await.map(drop))
}

/// How many applications in review wait for the vote of somebody who is assigned.
pub(super) async fn missing_from(tx: &mut Tx, staff: StaffId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select count(*) from assignment s join application a on a.id = s.application_id
         where s.staff_id = $1 and a.state = 'in_review'
           and not exists (select 1 from vote v where v.application_id = s.application_id and v.staff_id = s.staff_id)")
        .bind(staff)
        .fetch_one(conn).await)
}

pub(super) async fn insert_decision(tx: &mut Tx, d: &Decided) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into decision (application_id, round_id, outcome, decided_at, staff_id, decided_by, reason, why, supported, standing, rules, votes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
        .bind(d.application_id).bind(d.round_id).bind(d.outcome).bind(d.decided_at).bind(d.staff_id).bind(&d.decided_by)
        .bind(d.reason.as_deref()).bind(d.why.as_deref()).bind(d.supported).bind(&d.standing).bind(&d.rules).bind(&d.votes)
        .execute(conn).await.map(drop))
}

pub(super) async fn decision(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Option<Decided>> {
    on!(tx, conn => sqlx::query_as(
        "select d.application_id, d.round_id, r.on_day, d.outcome, d.decided_at, d.staff_id, d.decided_by, d.reason, d.why, d.supported,
                d.standing, d.rules, d.votes, d.minutes, d.minutes_name, d.minutes_kind, d.minutes_size, d.minutes_digest
         from decision d left join review_round r on r.id = d.round_id where d.application_id = $1")
        .bind(id)
        .fetch_optional(conn).await)
}

/// Files the minutes, in the place of `before`. `false` when others were filed meanwhile.
pub(super) async fn file_minutes(tx: &mut Tx, d: &Decided, before: Option<&str>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update decision set minutes = $3, minutes_name = $4, minutes_kind = $5, minutes_size = $6, minutes_digest = $7
         where application_id = $1 and coalesce(minutes, '') = $2")
        .bind(d.application_id).bind(before.unwrap_or_default()).bind(d.minutes.as_deref()).bind(d.minutes_name.as_deref())
        .bind(d.minutes_kind.as_deref()).bind(d.minutes_size).bind(d.minutes_digest.as_deref())
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
