use super::{Role, Staff, StaffId};
use crate::{
    db::{Tx, on},
    kernel::{Email, Timestamp},
};

/// Makes an account without a password; `None` when the address has one already.
pub async fn insert(tx: &mut Tx, email: &Email, name: &str, role: Role, now: Timestamp) -> sqlx::Result<Option<StaffId>> {
    let id = StaffId::new();
    on!(tx, conn => sqlx::query(
        "insert into staff_user (id, email, name, role, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(id).bind(email).bind(name).bind(role).bind(now)
        .execute(conn).await.map(|done| (done.rows_affected() == 1).then_some(id)))
}

/// An open account.
pub async fn by_id(tx: &mut Tx, id: StaffId) -> sqlx::Result<Option<Staff>> {
    on!(tx, conn => sqlx::query_as("select id, email, name, role, created_at from staff_user where id = $1 and closed_at is null")
        .bind(id)
        .fetch_optional(conn).await)
}

/// An open account by its address.
pub async fn by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Staff>> {
    on!(tx, conn => sqlx::query_as("select id, email, name, role, created_at from staff_user where email = $1 and closed_at is null")
        .bind(email)
        .fetch_optional(conn).await)
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
) -> sqlx::Result<Option<(Staff, Timestamp)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        staff: Staff,
        seen_at: Timestamp,
    }
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(
        "select u.id, u.email, u.name, u.role, u.created_at, s.seen_at
         from staff_session s join staff_user u on u.id = s.staff_id
         where s.digest = $1 and s.closed_at is null and s.expires_at > $2 and s.seen_at > $3 and u.closed_at is null")
        .bind(digest).bind(now).bind(idle_since)
        .fetch_optional(conn).await)?;
    Ok(row.map(|row| (row.staff, row.seen_at)))
}

pub(super) async fn touch_session(tx: &mut Tx, digest: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update staff_session set seen_at = $2 where digest = $1 and seen_at < $2")
        .bind(digest).bind(now)
        .execute(conn).await.map(drop))
}
