use super::{Change, ChangeId, ChangeState, What};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
    members::OrganizationId,
};
use sqlx::AssertSqlSafe;

const COLUMNS: &str = "c.id, c.organization_id, c.contact_id, c.kind, c.before, c.after, c.note, c.asked_at, c.asked_by, c.state, \
    c.decided_at, c.decided_by, c.reason, o.name as organization from change_request c join organization o on o.id = c.organization_id";

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    change: Change,
    organization: String,
}

/// The latest first.
pub(in crate::members) async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Change>> {
    let sql = format!("select {COLUMNS} where c.organization_id = $1 order by c.asked_at desc, c.id desc limit 20");
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|row| row.change).collect())
}

/// Those that wait, the earliest first, then the latest decided, each with its organization's name.
pub(super) async fn latest(tx: &mut Tx) -> sqlx::Result<Vec<(Change, String)>> {
    let sql = format!(
        "select {COLUMNS} order by case c.state when 'waiting' then 0 else 1 end,
            case c.state when 'waiting' then c.asked_at else '' end, c.decided_at desc, c.id desc limit 100"
    );
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|row| (row.change, row.organization)).collect())
}

pub(super) async fn by_id(tx: &mut Tx, id: ChangeId) -> sqlx::Result<Option<(Change, String)>> {
    let sql = format!("select {COLUMNS} where c.id = $1");
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)?;
    Ok(row.map(|row| (row.change, row.organization)))
}

/// How many wait for staff.
pub async fn waiting(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select cast(count(*) as bigint) from change_request where state = 'waiting'")
        .fetch_one(conn).await)
}

/// `false` when one of this kind waits already.
pub(super) async fn insert(tx: &mut Tx, c: &Change) -> sqlx::Result<bool> {
    let json = |what: &What| serde_json::to_string(what).map_err(|error| sqlx::Error::Encode(error.into()));
    let (before, after) = (json(&c.before)?, json(&c.after)?);
    on!(tx, conn => sqlx::query(
        "insert into change_request (id, organization_id, contact_id, kind, before, after, note, asked_at, asked_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing")
        .bind(c.id).bind(c.organization_id).bind(c.contact_id).bind(c.kind).bind(&before).bind(&after).bind(&c.note)
        .bind(c.asked_at).bind(&c.asked_by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when somebody decided before.
pub(super) async fn decide(
    tx: &mut Tx,
    id: ChangeId,
    state: ChangeState,
    who: &str,
    reason: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update change_request set state = $2, decided_by = $3, reason = $4, decided_at = $5 where id = $1 and state = 'waiting'")
        .bind(id).bind(state).bind(who).bind(reason).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
