use super::{CommitmentVersion, UsedCategory};
use crate::{
    db::{Tx, on},
    kernel::Day,
    members::CategoryId,
};

/// Every category in its place, with how much names it.
pub async fn used_categories(tx: &mut Tx) -> sqlx::Result<Vec<UsedCategory>> {
    on!(tx, conn => sqlx::query_as(
        "select c.id, c.slug, c.name, c.position,
                (select count(*) from organization o where o.category_id = c.id) as organizations,
                (select count(*) from application a where a.category_id = c.id) as applications
         from category c order by c.position, c.name")
        .fetch_all(conn).await)
}

pub(super) async fn insert_last(tx: &mut Tx, id: CategoryId, slug: &str, name: &str) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into category (id, slug, name, position)
         values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from category)) on conflict do nothing")
        .bind(id).bind(slug).bind(name)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn rename(tx: &mut Tx, id: CategoryId, name: &str) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update category set name = $2 where id = $1").bind(id).bind(name).execute(conn).await.map(drop))
}

/// Numbers the places from 1, in the order they stand.
pub(super) async fn number_places(tx: &mut Tx) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update category set position = (select place from
             (select id, row_number() over (order by position, name) as place from category) placed where placed.id = category.id)")
        .execute(conn).await.map(drop))
}

pub(super) async fn set_place(tx: &mut Tx, id: CategoryId, place: i64) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update category set position = $2 where id = $1").bind(id).bind(place).execute(conn).await.map(drop))
}

/// Removes a category that nothing names. `false` when something does.
pub async fn remove_category(tx: &mut Tx, id: CategoryId) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "delete from category where id = $1 and not exists (select 1 from organization where category_id = $1)
             and not exists (select 1 from application where category_id = $1)")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Every version of the text that applicants accept, the newest first.
pub async fn commitments(tx: &mut Tx) -> sqlx::Result<Vec<CommitmentVersion>> {
    on!(tx, conn => sqlx::query_as(
        "select t.version, t.body, t.in_force,
                (select count(*) from application a where a.commitment_version = t.version) as accepted
         from commitment_text t order by t.version desc")
        .fetch_all(conn).await)
}

/// Adds the next version; `None` when somebody else added one at the same moment.
pub async fn add_commitment(tx: &mut Tx, body: &str, in_force: Day) -> sqlx::Result<Option<i64>> {
    on!(tx, conn => sqlx::query_scalar(
        "insert into commitment_text (version, body, in_force)
         values ((select coalesce(max(version), 0) + 1 from commitment_text), $1, $2) on conflict do nothing returning version")
        .bind(body).bind(in_force)
        .fetch_optional(conn).await)
}

/// Takes back a version whose first day has not come. `false` when it has, or somebody accepted it.
pub async fn take_back_commitment(tx: &mut Tx, version: i64, today: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "delete from commitment_text where version = $1 and in_force > $2
             and not exists (select 1 from application where commitment_version = $1)")
        .bind(version).bind(today)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// How many categories and texts in force there are, and from which day the next text is.
pub(super) async fn ground(tx: &mut Tx, today: Day) -> sqlx::Result<(i64, i64, Option<Day>)> {
    on!(tx, conn => sqlx::query_as(
        "select (select count(*) from category), (select count(*) from commitment_text where in_force <= $1),
                (select min(in_force) from commitment_text where in_force > $1)")
        .bind(today)
        .fetch_one(conn).await)
}
