use super::COLUMNS;
use crate::{
    db::{Tx, on},
    donors::DonorId,
    gifts::{
        Gift,
        my::{Erasure, ErasureId, Session},
    },
    kernel::{Day, Email, Timestamp},
};
use sqlx::AssertSqlSafe;

pub(in crate::gifts) async fn giving_session(tx: &mut Tx, digest: &str) -> sqlx::Result<Option<Session>> {
    on!(tx, conn => sqlx::query_as("select donor_id, email, expires_at, closed_at from giving_session where digest = $1")
        .bind(digest)
        .fetch_optional(conn).await)
}

/// Whether this session was opened by this link and lasts.
pub(in crate::gifts) async fn is_of_link(tx: &mut Tx, digest: &str, link: &str) -> sqlx::Result<bool> {
    let found: Option<String> = on!(tx, conn => sqlx::query_scalar(
        "select digest from giving_session where digest = $1 and link = $2 and closed_at is null")
        .bind(digest).bind(link)
        .fetch_optional(conn).await)?;
    Ok(found.is_some())
}

pub(in crate::gifts) async fn open_giving_session(
    tx: &mut Tx,
    (digest, link): (&str, &str),
    (donor, email): (DonorId, &Email),
    now: Timestamp,
    until: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into giving_session (digest, link, donor_id, email, opened_at, expires_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(digest).bind(link).bind(donor).bind(email).bind(now).bind(until)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn close_giving_session(tx: &mut Tx, digest: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update giving_session set closed_at = $2 where digest = $1 and closed_at is null")
        .bind(digest).bind(now)
        .execute(conn).await.map(drop))
}

/// A donor's received gifts of these days, oldest first.
pub(in crate::gifts) async fn received_in(tx: &mut Tx, donor: DonorId, (from, to): (Day, Day)) -> sqlx::Result<Vec<Gift>> {
    let sql = format!(
        "select {COLUMNS} from gift where donor_id = $1 and state = 'settled' and given_on >= $2 and given_on <= $3 order by shown_at, id"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).bind(from).bind(to).fetch_all(conn).await)
}

/// Writes the wish down. `false` when one is open already.
pub(in crate::gifts) async fn ask_erasure(tx: &mut Tx, donor: DonorId, note: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into erasure_request (id, donor_id, asked_at, note, state) values ($1, $2, $3, $4, 'open') on conflict do nothing")
        .bind(ErasureId::new()).bind(donor).bind(now).bind(note)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The newest wish of a donor.
pub(in crate::gifts) async fn erasure_of(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Option<Erasure>> {
    on!(tx, conn => sqlx::query_as(
        "select id, donor_id, asked_at, note, state, ended_at, ended_by, reason from erasure_request
         where donor_id = $1 order by asked_at desc, id desc limit 1")
        .bind(donor)
        .fetch_optional(conn).await)
}

/// The wishes that wait, oldest first.
pub(in crate::gifts) async fn erasures_open(tx: &mut Tx) -> sqlx::Result<Vec<Erasure>> {
    on!(tx, conn => sqlx::query_as(
        "select id, donor_id, asked_at, note, state, ended_at, ended_by, reason from erasure_request
         where state = 'open' order by asked_at, id")
        .fetch_all(conn).await)
}

/// How many wait, and the donor of the first.
pub async fn erasures_waiting(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select cast(count(*) as bigint) from erasure_request where state = 'open'").fetch_one(conn).await)
}

pub(in crate::gifts) async fn end_erasure(
    tx: &mut Tx,
    id: ErasureId,
    by: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let note = if reason.is_some() { "note" } else { "''" };
    let sql = format!(
        "update erasure_request set state = case when cast($4 as text) is null then 'done' else 'declined' end, ended_at = $2, ended_by = $3, reason = $4,
                note = {note} where id = $1 and state = 'open'"
    );
    on!(tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(id).bind(now).bind(by).bind(reason).execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes away what is personal beside the donor's own row; sums, days and the payment service's ids stay.
pub(in crate::gifts) async fn erase_traces(tx: &mut Tx, donor: DonorId, now: Timestamp) -> sqlx::Result<()> {
    const ALL: [&str; 9] = [
        "update gift set tribute_kind = null, tribute_name = null, card = null, submission = null, checkout_url = null where donor_id = $1",
        "update recurring_gift set card = null, card_until = null where donor_id = $1",
        "update recurring_change set actor_name = '', before = case when what = 'card' then null else before end,
                after = case when what = 'card' then null else after end
         where recurring_id in (select id from recurring_gift where donor_id = $1) and (actor_kind = 'donor' or what = 'card')",
        "update recurring_request set actor_name = '' where actor_kind = 'donor' and recurring_id in (select id from recurring_gift where donor_id = $1)",
        "update thanks_letter set name = '', address = null, subject = '', body = '' where gift_id in (select id from gift where donor_id = $1)",
        "update pledge set note = '' where donor_id = $1",
        "update offline_gift set reference = null, adviser = null where gift_id in (select id from gift where donor_id = $1)",
        "delete from thanks_note where gift_id in (select id from gift where donor_id = $1)",
        "update tribute_notice set to_name = 'Erased', email = null, address = null, words = '',
                subject = case when subject is null then null else '' end, body = case when body is null then null else '' end
         where gift_id in (select id from gift where donor_id = $1)",
    ];
    for sql in ALL {
        on!(&mut *tx, conn => sqlx::query(sql).bind(donor).execute(conn).await.map(drop))?;
    }
    on!(tx, conn => sqlx::query("update giving_session set email = '', closed_at = coalesce(closed_at, $2) where donor_id = $1")
        .bind(donor).bind(now)
        .execute(conn).await.map(drop))
}
