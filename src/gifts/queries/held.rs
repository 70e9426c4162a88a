use crate::{
    db::{Tx, on},
    gifts::{
        BurstId, GiftId, HeldId,
        burst::Burst,
        held::{Held, HeldState},
    },
    kernel::{Email, Timestamp},
};
use sqlx::AssertSqlSafe;

const HELD: &str = "id, reason, name, email, amount, currency, form, at, state, decided_at, decided_by, gift_id";

pub(in crate::gifts) async fn insert_held(tx: &mut Tx, held: &Held, digest: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into held_gift (id, digest, reason, name, email, amount, currency, form, at, state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing")
        .bind(held.id).bind(digest).bind(held.reason).bind(&held.name).bind(&held.email).bind(held.amount).bind(held.currency)
        .bind(&held.form).bind(held.at).bind(held.state)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn held_since(tx: &mut Tx, since: Timestamp) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from held_gift where at > $1").bind(since).fetch_one(conn).await)
}

/// How many wait for a decision.
pub async fn held_waiting(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from held_gift where state = 'held'").fetch_one(conn).await)
}

pub(in crate::gifts) async fn held_by_id(tx: &mut Tx, id: HeldId) -> sqlx::Result<Option<Held>> {
    let sql = format!("select {HELD} from held_gift where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Those that wait, the oldest first, or with `decided` the others, the newest decision first.
pub(in crate::gifts) async fn held(tx: &mut Tx, decided: bool, most: i64) -> sqlx::Result<Vec<Held>> {
    let (state, order) = if decided { ("<> 'held'", "decided_at desc, id desc") } else { ("= 'held'", "at, id") };
    let sql = format!("select {HELD} from held_gift where state {state} order by {order} limit $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

/// Decides about one that waits. `false` when it does not.
pub(in crate::gifts) async fn decide_held(
    tx: &mut Tx,
    id: HeldId,
    state: HeldState,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update held_gift set state = $2, decided_by = $3, decided_at = $4 where id = $1 and state = 'held'")
        .bind(id).bind(state).bind(by).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn begin_held(tx: &mut Tx, id: HeldId, gift: GiftId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update held_gift set state = 'given', gift_id = $2 where id = $1 and state in ('let_through', 'given')")
        .bind(id).bind(gift)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn forget_held(tx: &mut Tx, before: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from held_gift where at < $1").bind(before).execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn forget_held_of(tx: &mut Tx, email: &Email) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from held_gift where email = $1").bind(email).execute(conn).await.map(drop))
}

/// `false` when this charge was counted already.
pub(in crate::gifts) async fn insert_declined(tx: &mut Tx, charge: &str, at: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("insert into declined_payment (charge, at) values ($1, $2) on conflict do nothing")
        .bind(charge).bind(at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// After the first moment, up to the second.
pub(in crate::gifts) async fn declined_between(tx: &mut Tx, after: Timestamp, until: Timestamp) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from declined_payment where at > $1 and at <= $2")
        .bind(after).bind(until)
        .fetch_one(conn).await)
}

/// Whether a burst waits to be seen, or one began after this moment.
pub(in crate::gifts) async fn burst_since(tx: &mut Tx, since: Timestamp) -> sqlx::Result<bool> {
    let known: i64 = on!(tx, conn => sqlx::query_scalar("select count(*) from card_testing where seen_at is null or began_at > $1")
        .bind(since)
        .fetch_one(conn).await)?;
    Ok(known > 0)
}

pub(in crate::gifts) async fn insert_burst(tx: &mut Tx, burst: &Burst) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into card_testing (id, began_at, declined, paused) values ($1, $2, $3, $4)")
        .bind(burst.id).bind(burst.began_at).bind(burst.declined).bind(burst.paused)
        .execute(conn).await.map(drop))
}

/// The burst that nobody has looked at yet.
pub async fn unseen_burst(tx: &mut Tx) -> sqlx::Result<Option<Burst>> {
    on!(tx, conn => sqlx::query_as("select id, began_at, declined, paused from card_testing where seen_at is null order by began_at limit 1")
        .fetch_optional(conn).await)
}

pub(in crate::gifts) async fn see_burst(tx: &mut Tx, id: BurstId, by: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update card_testing set seen_at = $2, seen_by = $3 where id = $1 and seen_at is null")
        .bind(id).bind(now).bind(by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
