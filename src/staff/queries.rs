//! All SQL of accounts, sessions and the counts of tries.
use super::{Access, Account, OpenSession, Person, Role, Staff, StaffId};
use crate::{
    db::{Tx, on},
    kernel::{Email, Timestamp},
};

/// A query for whole accounts.
macro_rules! person {
    ($rest:literal) => {
        concat!(
            "select u.id, u.email, u.name, u.role, u.reviews, u.created_at, u.closed_at, u.invited_at, ",
            "u.password_hash is not null as has_password, ",
            "(select max(s.seen_at) from staff_session s where s.staff_id = u.id) as seen_at from staff_user u ",
            $rest
        )
    };
}

/// Makes an account without a password; `None` when the address has one already.
pub async fn insert(tx: &mut Tx, email: &Email, name: &str, role: Role, now: Timestamp) -> sqlx::Result<Option<StaffId>> {
    let id = StaffId::new();
    on!(tx, conn => sqlx::query(
        "insert into staff_user (id, email, name, role, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(id).bind(email).bind(name).bind(role).bind(now)
        .execute(conn).await.map(|done| (done.rows_affected() == 1).then_some(id)))
}

/// An open account of the secretariat.
pub async fn by_id(tx: &mut Tx, id: StaffId) -> sqlx::Result<Option<Staff>> {
    Ok(account(tx, id).await?.and_then(Staff::of))
}

/// An open account of the secretariat by its address.
pub async fn by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Staff>> {
    Ok(account_by_email(tx, email).await?.and_then(Staff::of))
}

/// An open account, whoever's.
pub(super) async fn account(tx: &mut Tx, id: StaffId) -> sqlx::Result<Option<Account>> {
    on!(tx, conn => sqlx::query_as("select id, email, name, role, reviews, created_at from staff_user where id = $1 and closed_at is null")
        .bind(id)
        .fetch_optional(conn).await)
}

/// An open account by its address, whoever's.
pub(super) async fn account_by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Account>> {
    on!(tx, conn => sqlx::query_as("select id, email, name, role, reviews, created_at from staff_user where email = $1 and closed_at is null")
        .bind(email)
        .fetch_optional(conn).await)
}

/// Every open account of the secretariat, by name.
pub(super) async fn open_accounts(tx: &mut Tx) -> sqlx::Result<Vec<Staff>> {
    let accounts: Vec<Account> = on!(tx, conn => sqlx::query_as(
        "select id, email, name, role, reviews, created_at from staff_user where closed_at is null order by lower(name), id")
        .fetch_all(conn).await)?;
    Ok(accounts.into_iter().filter_map(Staff::of).collect())
}

/// Names somebody as a reviewer, or no longer. `false` when the account is closed or it was so already.
pub(super) async fn set_reviews(tx: &mut Tx, id: StaffId, reviews: bool) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update staff_user set reviews = $2 where id = $1 and reviews <> $2 and closed_at is null")
        .bind(id).bind(reviews)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// An open account with its password's hash, when it has one.
pub(super) async fn access(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Access>> {
    on!(tx, conn => sqlx::query_as(
        "select id, email, name, role, reviews, created_at, password_hash from staff_user
         where email = $1 and closed_at is null and password_hash is not null")
        .bind(email)
        .fetch_optional(conn).await)
}

/// Whether anybody can sign in at all.
pub(super) async fn anybody(tx: &mut Tx) -> sqlx::Result<bool> {
    let one: Option<i64> = on!(tx, conn => sqlx::query_scalar("select cast(1 as bigint) from staff_user limit 1")
        .fetch_optional(conn).await)?;
    Ok(one.is_some())
}

/// Every account, open ones first, by name.
pub(super) async fn people(tx: &mut Tx) -> sqlx::Result<Vec<Person>> {
    on!(tx, conn => sqlx::query_as(
        person!("order by u.closed_at is not null, lower(u.name), u.id"))
        .fetch_all(conn).await)
}

/// One account, open or not.
pub(super) async fn person(tx: &mut Tx, id: StaffId) -> sqlx::Result<Option<Person>> {
    on!(tx, conn => sqlx::query_as(
        person!("where u.id = $1"))
        .bind(id)
        .fetch_optional(conn).await)
}

/// One account by its address, open or not.
pub(super) async fn person_by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Person>> {
    on!(tx, conn => sqlx::query_as(
        person!("where u.email = $1"))
        .bind(email)
        .fetch_optional(conn).await)
}

/// Holds every administrator's row until the end of this work, so that of two administrators who
/// remove each other at the same moment one comes second.
pub(super) async fn hold_administrators(tx: &mut Tx) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update staff_user set role = role where role = 'administrator'")
        .execute(conn).await.map(drop))
}

/// `false` when the account is closed, has another role by now, or is the last that administers.
pub(super) async fn set_role(tx: &mut Tx, id: StaffId, from: Role, to: Role) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update staff_user set role = $3
         where id = $1 and role = $2 and closed_at is null
           and ($2 <> 'administrator' or password_hash is null or exists (select 1 from staff_user o
                where o.id <> $1 and o.role = 'administrator' and o.closed_at is null and o.password_hash is not null))")
        .bind(id).bind(from).bind(to)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when the account is closed already, or is the last that administers.
pub(super) async fn close(tx: &mut Tx, id: StaffId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update staff_user set closed_at = $2
         where id = $1 and closed_at is null
           and (role <> 'administrator' or password_hash is null or exists (select 1 from staff_user o
                where o.id <> $1 and o.role = 'administrator' and o.closed_at is null and o.password_hash is not null))")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn reopen(tx: &mut Tx, id: StaffId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update staff_user set closed_at = null where id = $1 and closed_at is not null")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn set_name(tx: &mut Tx, id: StaffId, name: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update staff_user set name = $2 where id = $1")
        .bind(id).bind(name)
        .execute(conn).await.map(drop))
}

pub(super) async fn set_invited(tx: &mut Tx, id: StaffId, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update staff_user set invited_at = $2 where id = $1")
        .bind(id).bind(now)
        .execute(conn).await.map(drop))
}

/// Gives an open account its password. `false` when it is closed.
pub(super) async fn set_password(tx: &mut Tx, id: StaffId, hash: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update staff_user set password_hash = $2, password_changed_at = $3 where id = $1 and closed_at is null")
        .bind(id).bind(hash).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Replaces the hash that was just compared (often by itself) and holds the row until the end of this
/// work. `false` when the password was changed, or the account closed, meanwhile.
pub(super) async fn confirm_password(tx: &mut Tx, id: StaffId, compared: &str, now_stored_as: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update staff_user set password_hash = $3 where id = $1 and password_hash = $2 and closed_at is null")
        .bind(id).bind(compared).bind(now_stored_as)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    digest: &str,
    id: StaffId,
    now: Timestamp,
    expires_at: Timestamp,
    from: &str,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into staff_session (digest, staff_id, opened_at, seen_at, expires_at, opened_from) values ($1, $2, $3, $3, $4, $5)")
        .bind(digest).bind(id).bind(now).bind(expires_at).bind(from)
        .execute(conn).await.map(drop))
}

/// Who holds a session that is neither closed, nor past its end, nor idle since `idle_since`.
pub(super) async fn by_session(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> sqlx::Result<Option<(Account, Timestamp)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        account: Account,
        seen_at: Timestamp,
    }
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(
        "select u.id, u.email, u.name, u.role, u.reviews, u.created_at, s.seen_at
         from staff_session s join staff_user u on u.id = s.staff_id
         where s.digest = $1 and s.closed_at is null and s.expires_at > $2 and s.seen_at > $3 and u.closed_at is null")
        .bind(digest).bind(now).bind(idle_since)
        .fetch_optional(conn).await)?;
    Ok(row.map(|row| (row.account, row.seen_at)))
}

pub(super) async fn touch_session(tx: &mut Tx, digest: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update staff_session set seen_at = $2 where digest = $1 and seen_at < $2")
        .bind(digest).bind(now)
        .execute(conn).await.map(drop))
}

/// The open sessions of one person, the last used first.
pub(super) async fn sessions(tx: &mut Tx, id: StaffId, now: Timestamp, idle_since: Timestamp) -> sqlx::Result<Vec<OpenSession>> {
    on!(tx, conn => sqlx::query_as(
        "select digest, opened_at, seen_at, opened_from from staff_session
         where staff_id = $1 and closed_at is null and expires_at > $2 and seen_at > $3 order by seen_at desc, digest")
        .bind(id).bind(now).bind(idle_since)
        .fetch_all(conn).await)
}

/// Ends one session, whoever holds it.
pub(super) async fn close_session(tx: &mut Tx, digest: &str, now: Timestamp) -> sqlx::Result<Option<StaffId>> {
    on!(tx, conn => sqlx::query_scalar("update staff_session set closed_at = $2 where digest = $1 and closed_at is null returning staff_id")
        .bind(digest).bind(now)
        .fetch_optional(conn).await)
}

/// Ends one session of this person. `false` when it is not theirs, or over.
pub(super) async fn close_session_of(tx: &mut Tx, id: StaffId, digest: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update staff_session set closed_at = $3 where staff_id = $1 and digest = $2 and closed_at is null")
        .bind(id).bind(digest).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Ends every session of this person but the one of `kept` (none, when it is empty).
pub(super) async fn close_sessions(tx: &mut Tx, id: StaffId, kept: &str, now: Timestamp) -> sqlx::Result<u64> {
    on!(tx, conn => sqlx::query("update staff_session set closed_at = $3 where staff_id = $1 and digest <> $2 and closed_at is null")
        .bind(id).bind(kept).bind(now)
        .execute(conn).await.map(|done| done.rows_affected()))
}

/// Counts one more try. `false`, and nothing counted, when there were `most` since the count began
/// and it began after `over_at`; an older count begins anew.
pub(super) async fn count_try(tx: &mut Tx, key: &str, now: Timestamp, over_at: Timestamp, most: i64) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into sign_in_limit (key, started_at, tried) values ($1, $2, 1)
         on conflict (key) do update set
            tried = case when sign_in_limit.started_at <= $3 then 1 else sign_in_limit.tried + 1 end,
            started_at = case when sign_in_limit.started_at <= $3 then excluded.started_at else sign_in_limit.started_at end
         where sign_in_limit.started_at <= $3 or sign_in_limit.tried < $4")
        .bind(key).bind(now).bind(over_at).bind(most)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn count_began(tx: &mut Tx, key: &str) -> sqlx::Result<Option<Timestamp>> {
    on!(tx, conn => sqlx::query_scalar("select started_at from sign_in_limit where key = $1").bind(key).fetch_optional(conn).await)
}

pub(super) async fn forget_count(tx: &mut Tx, key: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from sign_in_limit where key = $1").bind(key).execute(conn).await.map(drop))
}

/// Takes one try back that turned out to be right.
pub(super) async fn uncount_try(tx: &mut Tx, key: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update sign_in_limit set tried = tried - 1 where key = $1 and tried > 0")
        .bind(key)
        .execute(conn).await.map(drop))
}

pub(super) async fn forget_counts_before(tx: &mut Tx, before: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from sign_in_limit where started_at < $1").bind(before).execute(conn).await.map(drop))
}
