use super::{Reminder, ReminderState, Rule};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
    members::ApplicationId,
};

/// Drafts with the moment of their last change.
pub(super) async fn drafts(tx: &mut Tx) -> sqlx::Result<Vec<(ApplicationId, Timestamp)>> {
    on!(tx, conn => sqlx::query_as("select id, changed_at from application where state = 'draft' order by id").fetch_all(conn).await)
}

/// Applications that were asked something: the last question's moment, and how many there were.
pub(super) async fn asked(tx: &mut Tx) -> sqlx::Result<Vec<(ApplicationId, Timestamp, i64)>> {
    on!(tx, conn => sqlx::query_as(
        "select a.id, max(e.at), count(*) from application a join application_event e on e.application_id = a.id and e.kind = 'asked'
         where a.state = 'needs_information' group by a.id order by a.id")
        .fetch_all(conn).await)
}

/// Plans a reminder, or moves one that is planned.
pub(super) async fn plan(
    tx: &mut Tx,
    id: ApplicationId,
    rule: Rule,
    question: i64,
    days: i64,
    due: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into application_reminder (application_id, rule, question, days, due_at, state) values ($1, $2, $3, $4, $5, 'planned')
         on conflict (application_id, rule, question, days) do update set due_at = excluded.due_at
         where application_reminder.state = 'planned'")
        .bind(id).bind(rule).bind(question).bind(days).bind(due)
        .execute(conn).await.map(drop))
}

/// Everything planned that is due, the latest of each application first.
pub(super) async fn due(tx: &mut Tx, now: Timestamp) -> sqlx::Result<Vec<Reminder>> {
    on!(tx, conn => sqlx::query_as(
        "select application_id, rule, question, days, due_at, state, done_at, why from application_reminder
         where state = 'planned' and due_at <= $1 order by application_id, rule, question desc, days desc")
        .bind(now)
        .fetch_all(conn).await)
}

/// How many questions were asked about an application.
pub(super) async fn questions(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from application_event where application_id = $1 and kind = 'asked'")
        .bind(id)
        .fetch_one(conn).await)
}

/// Ends a planned reminder: sent, or skipped with the reason. `false` when somebody else ended it.
pub(super) async fn end(tx: &mut Tx, r: &Reminder, why: Option<&str>, now: Timestamp) -> sqlx::Result<bool> {
    let state = if why.is_some() { ReminderState::Skipped } else { ReminderState::Sent };
    on!(tx, conn => sqlx::query(
        "update application_reminder set state = $5, done_at = $6, why = $7
         where application_id = $1 and rule = $2 and question = $3 and days = $4 and state = 'planned'")
        .bind(r.application_id).bind(r.rule).bind(r.question).bind(r.days).bind(state).bind(now).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn of_application(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<Reminder>> {
    on!(tx, conn => sqlx::query_as(
        "select application_id, rule, question, days, due_at, state, done_at, why from application_reminder
         where application_id = $1 order by due_at, days")
        .bind(id)
        .fetch_all(conn).await)
}
