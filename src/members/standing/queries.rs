use super::Fact;
use crate::{
    db::{Tx, on},
    kernel::Day,
    members::OrganizationId,
};
use sqlx::AssertSqlSafe;

const SELECT: &str = "select f.id, f.organization_id, f.kind, f.on_day, f.until_day, f.standing, f.successor_id, s.name as successor, \
    f.reason, f.noted_at, f.noted_by from standing_fact f left join organization s on s.id = f.successor_id";

/// In their order.
pub async fn facts(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Fact>> {
    let sql = format!("{SELECT} where f.organization_id = $1 order by f.on_day, f.id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Everybody's, each organization's in their order.
pub async fn all_facts(tx: &mut Tx) -> sqlx::Result<Vec<Fact>> {
    let sql = format!("{SELECT} order by f.organization_id, f.on_day, f.id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

/// Locks the membership until the commit, so that two acts at the same moment follow each other.
pub(super) async fn hold(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update membership set left_on = left_on where organization_id = $1").bind(id).execute(conn).await.map(drop))
}

/// Adds the fact, and keeps the day of leaving with it.
pub(in crate::members) async fn add(tx: &mut Tx, f: &Fact, left_on: Option<Day>) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into standing_fact (id, organization_id, kind, on_day, until_day, standing, successor_id, reason, noted_at, noted_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(f.id).bind(f.organization_id).bind(f.kind).bind(f.on_day).bind(f.until_day).bind(f.standing).bind(f.successor_id)
        .bind(&f.reason).bind(f.noted_at).bind(&f.noted_by)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query("update membership set left_on = $2 where organization_id = $1")
        .bind(f.organization_id).bind(left_on)
        .execute(conn).await.map(drop))
}

/// Who may be a successor: everybody who belongs, but itself.
pub(super) async fn successors(tx: &mut Tx, except: OrganizationId) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    on!(tx, conn => sqlx::query_as(
        "select o.id, o.name from organization o join membership m on m.organization_id = o.id
         where m.left_on is null and o.id <> $1 order by o.search, o.id")
        .bind(except)
        .fetch_all(conn).await)
}
