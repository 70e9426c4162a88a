use super::{EventRow, EventState, Finding, NewEvent, Outcome, Step, SyncId, SyncRun, SyncState};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

/// Writes an event down; `false` when it is there already.
pub(super) async fn insert(tx: &mut Tx, event: &NewEvent, now: Timestamp) -> sqlx::Result<bool> {
    let related = serde_json::to_string(&event.related).map_err(|e| sqlx::Error::Encode(e.into()))?;
    let settled_at = (event.state != EventState::Waiting).then_some(now);
    on!(tx, conn => sqlx::query(
        "insert into gateway_event (id, kind, object, related, body, source, created_at, received_at, state, attempts, settled_at, result)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11) on conflict do nothing")
        .bind(&event.id).bind(&event.kind).bind(&event.object).bind(related).bind(&event.body).bind(event.source)
        .bind(event.created_at).bind(now).bind(event.state).bind(settled_at).bind(&event.result)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

const COLUMNS: &str = "id, kind, object, state, source, created_at, received_at, attempts, settled_at, result";

pub(super) async fn by_id(tx: &mut Tx, id: &str) -> sqlx::Result<Option<EventRow>> {
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(format!("select {COLUMNS} from gateway_event where id = $1")))
        .bind(id).fetch_optional(conn).await)
}

/// What leads further from an event: names and ids.
pub(super) async fn related(tx: &mut Tx, id: &str) -> sqlx::Result<Vec<(String, String)>> {
    let text: String = on!(tx, conn => sqlx::query_scalar("select related from gateway_event where id = $1")
        .bind(id).fetch_one(conn).await)?;
    serde_json::from_str(&text).map_err(|e| sqlx::Error::Decode(e.into()))
}

pub(super) async fn body(tx: &mut Tx, id: &str) -> sqlx::Result<String> {
    on!(tx, conn => sqlx::query_scalar("select body from gateway_event where id = $1").bind(id).fetch_one(conn).await)
}

/// Writes down how one try ended.
pub(super) async fn settle(tx: &mut Tx, id: &str, state: EventState, result: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
    let settled_at = (state != EventState::Waiting).then_some(now);
    on!(tx, conn => sqlx::query(
        "update gateway_event set state = $2, result = $3, settled_at = $4, attempts = attempts + 1 where id = $1")
        .bind(id).bind(state).bind(result).bind(settled_at)
        .execute(conn).await.map(drop))
}

/// Makes a settled event wait again; `false` when it waits already.
pub(super) async fn reopen(tx: &mut Tx, id: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update gateway_event set state = 'waiting', settled_at = null where id = $1 and state <> 'waiting'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The ids of failed events that can be tried again, the oldest first.
pub(super) async fn failed(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar(
        "select id from gateway_event where state = 'failed' and kind <> $1 order by received_at, id limit $2")
        .bind(super::UNREADABLE).bind(most)
        .fetch_all(conn).await)
}

/// The ids of events that wait since before `before`, the oldest first.
pub(super) async fn left_waiting(tx: &mut Tx, before: Timestamp, most: i64) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar(
        "select id from gateway_event where state = 'waiting' and received_at < $1 order by received_at, id limit $2")
        .bind(before).bind(most)
        .fetch_all(conn).await)
}

/// How many events failed and wait for a person.
pub async fn failed_count(tx: &mut Tx) -> sqlx::Result<i64> {
    count(tx, EventState::Failed).await
}

pub(super) async fn count(tx: &mut Tx, state: EventState) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from gateway_event where state = $1").bind(state).fetch_one(conn).await)
}

/// Which events are looked for. Empty words find all.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) state: Option<EventState>,
    /// The beginning of the kind: `charge`, `charge.dispute`.
    pub(super) kind: String,
    /// The id of the object, or of the event itself.
    pub(super) object: String,
}

/// The place of a row in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) received_at: Timestamp,
    pub(super) id: String,
}

/// At most `most` events from `place`, newest first; towards the newest when `backwards`, and then the
/// oldest of them first.
pub(super) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    place: Option<&Place>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<EventRow>> {
    let (order, beyond) = if backwards { ("asc", ">") } else { ("desc", "<") };
    let (mut parts, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
    let mut value = |text: String| {
        values.push(text);
        format!("${}", values.len())
    };
    if let Some(state) = filter.state {
        parts.push(format!("state = {}", value(state.to_string())));
    }
    if !filter.kind.is_empty() {
        let beginning = format!("{}%", filter.kind.replace(['%', '_', '\\'], ""));
        parts.push(format!("replace(kind, '_', '') like {}", value(beginning)));
    }
    if !filter.object.is_empty() {
        let object = value(filter.object.clone());
        parts.push(format!("(object = {object} or id = {object})"));
    }
    if let Some(place) = place {
        let (at, id) = (value(place.received_at.to_string()), value(place.id.clone()));
        parts.push(format!("(received_at, id) {beyond} ({at}, {id})"));
    }
    let sql = format!(
        "select {COLUMNS} from gateway_event where {} order by received_at {order}, id {order} limit {most}",
        parts.join(" and ")
    );
    on!(tx, conn => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for value in &values {
            query = query.bind(value);
        }
        query.fetch_all(conn).await
    })
}

pub(super) async fn begin_run(tx: &mut Tx, id: SyncId, asked_by: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into sync_run (id, asked_by, begun_at, state, step, last, compared, repaired, skipped)
         values ($1, $2, $3, 'running', $4, '', 0, 0, 0)")
        .bind(id).bind(asked_by).bind(now).bind(Step::Events)
        .execute(conn).await.map(drop))
}

const RUN: &str = "id, asked_by, begun_at, ended_at, state, step, last, compared, repaired, skipped, error";

pub(super) async fn run(tx: &mut Tx, id: SyncId) -> sqlx::Result<Option<SyncRun>> {
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(format!("select {RUN} from sync_run where id = $1"))).bind(id).fetch_optional(conn).await)
}

/// The newest runs.
pub(super) async fn runs(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<SyncRun>> {
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(format!("select {RUN} from sync_run order by id desc limit $1")))
        .bind(most).fetch_all(conn).await)
}

/// The run that is not over yet.
pub(super) async fn running(tx: &mut Tx) -> sqlx::Result<Option<SyncId>> {
    on!(tx, conn => sqlx::query_scalar("select id from sync_run where state = 'running' order by id limit 1").fetch_optional(conn).await)
}

pub(super) async fn findings(tx: &mut Tx, run: SyncId, most: i64) -> sqlx::Result<Vec<Finding>> {
    on!(tx, conn => sqlx::query_as(
        "select number, outcome, object, sentence from sync_finding where run_id = $1 order by number limit $2")
        .bind(run).bind(most)
        .fetch_all(conn).await)
}

/// Writes down that one object was compared, and what was found about it.
pub(super) async fn compared(tx: &mut Tx, run: SyncId, object: &str, found: Option<(Outcome, &str)>) -> sqlx::Result<()> {
    let outcome = found.map(|(outcome, _)| outcome);
    let (repaired, skipped) = (i64::from(outcome == Some(Outcome::Repaired)), i64::from(outcome == Some(Outcome::Skipped)));
    let number: i64 = on!(&mut *tx, conn => sqlx::query_scalar(
        "update sync_run set last = $2, compared = compared + 1, repaired = repaired + $3, skipped = skipped + $4
         where id = $1 returning repaired + skipped")
        .bind(run).bind(object).bind(repaired).bind(skipped)
        .fetch_one(conn).await)?;
    let Some((outcome, sentence)) = found else { return Ok(()) };
    on!(tx, conn => sqlx::query("insert into sync_finding (run_id, number, outcome, object, sentence) values ($1, $2, $3, $4, $5)")
        .bind(run).bind(number).bind(outcome).bind(object).bind(sentence)
        .execute(conn).await.map(drop))
}

/// Begins the next part of a run.
pub(super) async fn begin_step(tx: &mut Tx, run: SyncId, step: Step) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update sync_run set step = $2, last = '' where id = $1")
        .bind(run).bind(step)
        .execute(conn).await.map(drop))
}

pub(super) async fn end_run(tx: &mut Tx, run: SyncId, state: SyncState, error: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update sync_run set state = $2, error = $3, ended_at = $4 where id = $1 and state = 'running'")
        .bind(run).bind(state).bind(error).bind(now)
        .execute(conn).await.map(drop))
}

/// Gives up the runs that began before `before` and never ended.
pub(super) async fn end_stale(tx: &mut Tx, before: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update sync_run set state = 'failed', error = 'It was left in the middle.', ended_at = $2 where state = 'running' and begun_at < $1")
        .bind(before).bind(now)
        .execute(conn).await.map(drop))
}
