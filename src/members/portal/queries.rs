use crate::{
    db::{Tx, on},
    kernel::{Email, Timestamp},
    members::{Contact, ContactId},
};
use sqlx::AssertSqlSafe;

const CONTACT: &str = "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact where";

/// Every delegate's seat that is held with this address, by the organization's name.
pub(super) async fn seats(tx: &mut Tx, email: &Email) -> sqlx::Result<Vec<Contact>> {
    let sql = format!(
        "{CONTACT} email = $1 and role = 'delegate' and to_day is null
         order by (select o.search from organization o where o.id = contact.organization_id), id"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(email).fetch_all(conn).await)
}

/// A contact, whether the term lasts or not.
pub(super) async fn contact(tx: &mut Tx, id: ContactId) -> sqlx::Result<Option<Contact>> {
    let sql = format!("{CONTACT} id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// One row of `portal_session`, as far as it decides.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Session {
    pub(super) contact_id: ContactId,
    pub(super) email: Email,
    pub(super) expires_at: Timestamp,
    pub(super) closed_at: Option<Timestamp>,
}

pub(super) async fn session(tx: &mut Tx, digest: &str) -> sqlx::Result<Option<Session>> {
    on!(tx, conn => sqlx::query_as("select contact_id, email, expires_at, closed_at from portal_session where digest = $1")
        .bind(digest)
        .fetch_optional(conn).await)
}

/// Whether this session was opened by this link.
pub(super) async fn is_of_link(tx: &mut Tx, digest: &str, link: &str) -> sqlx::Result<bool> {
    let found: Option<String> = on!(tx, conn => sqlx::query_scalar(
        "select digest from portal_session where digest = $1 and link = $2 and closed_at is null")
        .bind(digest).bind(link)
        .fetch_optional(conn).await)?;
    Ok(found.is_some())
}

pub(super) async fn open_session(
    tx: &mut Tx,
    (digest, link): (&str, &str),
    contact: &Contact,
    now: Timestamp,
    until: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into portal_session (digest, link, contact_id, email, opened_at, expires_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(digest).bind(link).bind(contact.id).bind(&contact.email).bind(now).bind(until)
        .execute(conn).await.map(drop))
}

pub(super) async fn close_session(tx: &mut Tx, digest: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update portal_session set closed_at = $2 where digest = $1 and closed_at is null")
        .bind(digest).bind(now)
        .execute(conn).await.map(drop))
}

/// Counts one more within the hour and says how many there are; older hours are forgotten.
pub(super) async fn count(tx: &mut Tx, subject: &str, hour: i64) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query("delete from portal_count where hour < $1").bind(hour - 24).execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query_scalar(
        "insert into portal_count (subject, hour, count) values ($1, $2, 1)
         on conflict (subject, hour) do update set count = portal_count.count + 1 returning count")
        .bind(subject).bind(hour)
        .fetch_one(conn).await)
}
