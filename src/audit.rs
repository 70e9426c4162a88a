//! Who did what to which record, when, with the record before and after. Only ever added to.
mod queries;

use crate::{
    db::{Tx, on},
    kernel::{Timestamp, id},
};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

pub use queries::{Filter, by_id, count, forget, lately, page, record_all, touched};

id!(
    /// Names one row of `audit_event`.
    AuditEventId
);

/// Events are read in the order of their ids: a version 7 UUID that begins with the moment of the act, and goes
/// on in the order of writing.
fn id_at(now: Timestamp) -> AuditEventId {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let millis = u128::from(now.unix().unsigned_abs()) * 1_000;
    let written = u128::from(WRITTEN.fetch_add(1, Ordering::Relaxed));
    let (high, low) = ((written >> 30) & 0xfff, written & 0x3fff_ffff);
    let any = u128::from(rand::random::<u32>());
    AuditEventId::from_u128(millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 32 | any)
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `staff`, `applicant`, `donor`, `delegate`, `system`, `command_line`.
    pub kind: &'static str,
    /// The acting row's id; empty when there is none.
    pub id: String,
    /// As it is shown in the list.
    pub name: String,
}

impl Actor {
    pub fn system() -> Self {
        Self { kind: "system", id: String::new(), name: "Convener".to_owned() }
    }

    pub fn command_line() -> Self {
        Self { kind: "command_line", id: String::new(), name: "Command line".to_owned() }
    }
}

/// One event as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditEvent {
    pub id: AuditEventId,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_name: String,
    pub action: String,
    pub record_kind: String,
    pub record_id: String,
    /// JSON, or none.
    pub before: Option<String>,
    /// JSON, or none.
    pub after: Option<String>,
}

/// Writes down that `actor` did `action` (a verb: `approve`) to a record (`application`, its id), in
/// the transaction of the act itself. Secrets do not belong in `before` and `after`.
pub async fn record<B: Serialize, A: Serialize>(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    record: (&str, &str),
    before: Option<&B>,
    after: Option<&A>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let before = before.map(serde_json::to_string).transpose().map_err(|e| sqlx::Error::Encode(e.into()))?;
    let after = after.map(serde_json::to_string).transpose().map_err(|e| sqlx::Error::Encode(e.into()))?;
    on!(tx, conn => sqlx::query(
        "insert into audit_event (id, at, actor_kind, actor_id, actor_name, action, record_kind, record_id, before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(id_at(now)).bind(now).bind(actor.kind).bind(&actor.id).bind(&actor.name)
        .bind(action).bind(record.0).bind(record.1).bind(before).bind(after)
        .execute(conn).await.map(drop))
}

/// The newest events first, at most `most`, older than `before` when it is given.
pub async fn latest(tx: &mut Tx, before: Option<AuditEventId>, most: i64) -> sqlx::Result<Vec<AuditEvent>> {
    on!(tx, conn => sqlx::query_as(
        "select id, at, actor_kind, actor_name, action, record_kind, record_id, before, after
         from audit_event where ($1 is null or id < $1) order by id desc limit $2")
        .bind(before.map(|id| id.to_string())).bind(most)
        .fetch_all(conn).await)
}

/// Everything done to one record, newest first.
pub async fn of_record(tx: &mut Tx, record: (&str, &str)) -> sqlx::Result<Vec<AuditEvent>> {
    on!(tx, conn => sqlx::query_as(
        "select id, at, actor_kind, actor_name, action, record_kind, record_id, before, after
         from audit_event where record_kind = $1 and record_id = $2 order by id desc limit 200")
        .bind(record.0).bind(record.1)
        .fetch_all(conn).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_stand_in_the_order_of_their_moments_and_then_of_their_writing() {
        let at = |seconds| Timestamp::from_unix(seconds).expect("a time");
        let written: Vec<_> = [at(2_000_000_000), at(1_900_000_000), at(1_900_000_000), at(1_999_999_999)].map(id_at).to_vec();
        let mut ordered = written.clone();
        ordered.sort();
        assert_eq!(ordered, [written[1], written[2], written[3], written[0]]);
        let text = written[0].to_string();
        assert_eq!((&text[14..15], "89ab".contains(&text[19..20])), ("7", true), "{text}");
    }
}
