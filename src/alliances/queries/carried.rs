use crate::{
    alliances::{
        AllianceId, RowId, TermId, Territory,
        carried::{HostTerm, Kept, Own},
    },
    db::{Tx, on},
    members::OrganizationId,
};
use sqlx::AssertSqlSafe;
use std::collections::HashSet;

const OWN: &str = "select id, slug, name, summary, state from alliance";

/// Every alliance in a line.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Own>> {
    let sql = format!("{OWN} order by id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

/// The whole record of an alliance.
pub async fn kept(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Option<Kept>> {
    let sql = format!("{OWN} where id = $1");
    let own: Option<Own> = on!(&mut *tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)?;
    let Some(own) = own else { return Ok(None) };
    let only = id.to_string();
    let hosts: Vec<HostTerm> = on!(&mut *tx, conn => sqlx::query_as(
        "select id, alliance_id, organization_id, from_day, to_day from alliance_host where alliance_id = $1 order by id")
        .bind(id)
        .fetch_all(conn).await)?;
    let around: Vec<String> = on!(&mut *tx, conn => sqlx::query_scalar(
        "select word from (
             select alliance_id, 'step ' || id as word from alliance_step
             union all select alliance_id, 'entry ' || id from roster_entry
             union all select alliance_id, 'activity ' || id from alliance_activity
             union all select alliance_id, 'touch ' || id from alliance_contact
             union all select alliance_id, 'file ' || id from alliance_file
             union all select alliance_id, 'message ' || id from alliance_message
             union all select alliance_id, 'request ' || id from alliance_request where alliance_id is not null
             union all select id, 'fund ' || fund_slug from alliance where fund_slug is not null
         ) everything where alliance_id = $1 order by word")
        .bind(id)
        .fetch_all(conn).await)?;
    let territories = super::way::territories(tx, Some(&only)).await?;
    let mut terms = super::people::terms(tx, Some(&only)).await?;
    terms.sort_by_key(|term| term.id);
    Ok(Some(Kept { own, territories, hosts, terms, around }))
}

/// Which organizations a host's term or a roster names.
pub async fn naming(tx: &mut Tx) -> sqlx::Result<HashSet<OrganizationId>> {
    let ids: Vec<OrganizationId> = on!(tx, conn => sqlx::query_scalar(
        "select organization_id from alliance_host
         union select organization_id from roster_entry where organization_id is not null")
        .fetch_all(conn).await)?;
    Ok(ids.into_iter().collect())
}

pub(in crate::alliances) async fn put_territory(tx: &mut Tx, t: &Territory) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into alliance_territory (id, alliance_id, grain, name, state_code) values ($1, $2, $3, $4, $5)")
        .bind(t.id).bind(t.alliance_id).bind(t.grain).bind(&t.name).bind(t.state_code.as_deref())
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn put_host(tx: &mut Tx, h: &HostTerm) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into alliance_host (id, alliance_id, organization_id, from_day, to_day) values ($1, $2, $3, $4, $5)")
        .bind(h.id).bind(h.alliance_id).bind(h.organization_id).bind(h.from_day).bind(h.to_day)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove_host(tx: &mut Tx, id: RowId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from alliance_host where id = $1").bind(id).execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove_term(tx: &mut Tx, id: TermId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from alliance_leader where id = $1").bind(id).execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove(tx: &mut Tx, id: AllianceId) -> sqlx::Result<()> {
    for sql in [
        "delete from alliance_step where alliance_id = $1",
        "delete from alliance_leader where alliance_id = $1",
        "delete from alliance_host where alliance_id = $1",
        "delete from alliance_territory where alliance_id = $1",
        "delete from alliance where id = $1",
    ] {
        on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop))?;
    }
    Ok(())
}
