use super::Alliance;
use crate::db::{Tx, on};
use sqlx::AssertSqlSafe;

const COLUMNS: &str = "id, slug, name, territory, summary, leader, leader_title, host_id, state, launched_on, created_at";
/// What visitors are told of: alliances that exist or are being made.
const SHOWN: &str = "state in ('organizing', 'launched')";

pub async fn insert(tx: &mut Tx, alliance: &Alliance) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into alliance (id, slug, name, territory, summary, leader, leader_title, host_id, state, launched_on, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(alliance.id).bind(&alliance.slug).bind(&alliance.name).bind(&alliance.territory).bind(&alliance.summary)
        .bind(&alliance.leader).bind(&alliance.leader_title).bind(alliance.host_id).bind(alliance.state)
        .bind(alliance.launched_on).bind(alliance.created_at)
        .execute(conn).await.map(drop))
}

pub(super) async fn shown(tx: &mut Tx) -> sqlx::Result<Vec<Alliance>> {
    let sql = format!("select {COLUMNS} from alliance where {SHOWN} order by name limit 500");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

pub(super) async fn by_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<Alliance>> {
    let sql = format!("select {COLUMNS} from alliance where slug = $1 and {SHOWN}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_optional(conn).await)
}
