//! All SQL of the audit list.
use super::{Actor, AuditEvent, AuditEventId, id_at};
use crate::{
    db::{Conditions, Tx, bound, on},
    kernel::Timestamp,
};
use std::collections::HashSet;

/// What narrows the list. Everything that is empty narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name of who acted.
    pub who: Option<String>,
    pub action: Option<String>,
    pub record_kind: Option<String>,
    pub record_id: Option<String>,
    /// This moment or later.
    pub from: Option<Timestamp>,
    /// Earlier than this moment.
    pub until: Option<Timestamp>,
}

impl Filter {
    fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        if let Some(who) = &self.who {
            all.and("lower(actor_name) like {}", [format!("%{}%", who.to_lowercase().replace(['%', '_'], "")).into()]);
        }
        for (column, value) in [("action", &self.action), ("record_kind", &self.record_kind), ("record_id", &self.record_id)] {
            if let Some(value) = value {
                all.and(&format!("{column} = {{}}"), [value.clone().into()]);
            }
        }
        if let Some(from) = self.from {
            all.and("at >= {}", [from.to_string().into()]);
        }
        if let Some(until) = self.until {
            all.and("at < {}", [until.to_string().into()]);
        }
        all
    }
}

/// At most `most` events, newest first, older than `after`; or, towards the newest and in reverse,
/// newer than `before`.
pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<AuditEventId>,
    before: Option<AuditEventId>,
    most: i64,
) -> sqlx::Result<Vec<AuditEvent>> {
    let mut all = filter.conditions();
    match (after, before) {
        (Some(after), _) => all.and("id < {}", [after.to_string().into()]),
        (None, Some(before)) => all.and("id > {}", [before.to_string().into()]),
        (None, None) => {}
    }
    let order = if after.is_none() && before.is_some() { "asc" } else { "desc" };
    let limit = all.place(most);
    let sql = format!(
        "select id, at, actor_kind, actor_name, action, record_kind, record_id, before, after
         from audit_event{} order by id {order} limit {limit}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many events the filter holds.
pub async fn count(tx: &mut Tx, filter: &Filter) -> sqlx::Result<i64> {
    let all = filter.conditions();
    let sql = format!("select cast(count(*) as bigint) from audit_event{}", all.sql());
    on!(tx, conn => bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)), all.values()).fetch_one(conn).await)
}

/// One event.
pub async fn by_id(tx: &mut Tx, id: AuditEventId) -> sqlx::Result<Option<AuditEvent>> {
    on!(tx, conn => sqlx::query_as(
        "select id, at, actor_kind, actor_name, action, record_kind, record_id, before, after from audit_event where id = $1")
        .bind(id)
        .fetch_optional(conn).await)
}

/// Which actions were done to which kinds of record among the last 2,000 events: what a filter offers.
pub async fn lately(tx: &mut Tx) -> sqlx::Result<Vec<(String, String)>> {
    on!(tx, conn => sqlx::query_as(
        "select distinct action, record_kind
         from (select action, record_kind from audit_event order by id desc limit 2000) newest order by 2, 1")
        .fetch_all(conn).await)
}

/// Takes away what is written of a record before and after each act, and the name of a donor who acted: the one
/// exception to a journal that is only added to, for who asks to be erased. That, when and by whom something was done
/// stays.
pub async fn forget(tx: &mut Tx, (kind, id): (&str, &str)) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("update audit_event set before = null, after = null where record_kind = $1 and record_id = $2")
        .bind(kind).bind(id)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query("update audit_event set actor_name = 'Erased donor' where actor_kind = $1 and actor_id = $2")
        .bind(kind).bind(id)
        .execute(conn).await.map(drop))
}

/// Which of these records people did something to; events of the actions `but` do not count.
pub async fn touched(tx: &mut Tx, kind: &str, ids: &[String], but: &[&str]) -> sqlx::Result<HashSet<String>> {
    let mut found = HashSet::new();
    for some in ids.chunks(1_000) {
        let mut all = Conditions::default();
        all.and("record_kind = {}", [kind.into()]);
        all.and(&format!("record_id in ({})", vec!["{}"; some.len()].join(", ")), some.iter().map(|id| id.as_str().into()));
        for action in but {
            all.and("action <> {}", [(*action).into()]);
        }
        let sql = format!("select distinct record_id from audit_event{}", all.sql());
        let rows: Vec<String> =
            on!(&mut *tx, conn => bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Writes down one act done to many records: the id of each, and what it was before and after, as JSON.
pub async fn record_all(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    kind: &str,
    records: &[(String, String, String)],
    now: Timestamp,
) -> sqlx::Result<()> {
    for some in records.chunks(1_000) {
        on!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into audit_event (id, at, actor_kind, actor_id, actor_name, action, record_kind, record_id, before, after) ");
            query.push_values(some, |mut row, (id, before, after)| {
                row.push_bind(id_at(now)).push_bind(now).push_bind(actor.kind).push_bind(actor.id.as_str()).push_bind(actor.name.as_str())
                    .push_bind(action).push_bind(kind).push_bind(id.as_str()).push_bind(before.as_str()).push_bind(after.as_str());
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}
