use super::Person;
use crate::{
    db::{Tx, on},
    kernel::Day,
    members::{Contact, ContactId, ContactRole, OrganizationId},
};

/// Who acted for it before, the latest first.
pub async fn ended(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Contact>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact
         where organization_id = $1 and to_day is not null order by to_day desc, id desc")
        .bind(id)
        .fetch_all(conn).await)
}

pub(in crate::members) async fn by_id(tx: &mut Tx, organization: OrganizationId, id: ContactId) -> sqlx::Result<Option<Contact>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact
         where organization_id = $1 and id = $2")
        .bind(organization).bind(id)
        .fetch_optional(conn).await)
}

/// `None` when the delegate's seat is taken.
pub(in crate::members) async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    role: ContactRole,
    person: &Person,
    from: Day,
) -> sqlx::Result<Option<ContactId>> {
    let id = ContactId::new();
    let made = on!(tx, conn => sqlx::query(
        "insert into contact (id, organization_id, role, name, title, email, phone, from_day) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing")
        .bind(id).bind(organization).bind(role).bind(&person.name).bind(&person.title).bind(&person.email)
        .bind(person.phone.as_deref()).bind(from)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    Ok(made.then_some(id))
}

/// `false` when the term ended meanwhile.
pub(in crate::members) async fn change(tx: &mut Tx, id: ContactId, person: &Person, from: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update contact set name = $2, title = $3, email = $4, phone = $5, from_day = $6 where id = $1 and to_day is null")
        .bind(id).bind(&person.name).bind(&person.title).bind(&person.email).bind(person.phone.as_deref()).bind(from)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it had ended before.
pub(in crate::members) async fn end(tx: &mut Tx, id: ContactId, on_day: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update contact set to_day = $2 where id = $1 and to_day is null")
        .bind(id).bind(on_day)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
