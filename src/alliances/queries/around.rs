use crate::{
    alliances::AllianceId,
    db::{Tx, on},
    kernel::Day,
    members::OrganizationId,
};

/// What an alliance has to do with an organization, when it began or ended.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Around {
    pub on_day: Day,
    pub id: String,
    pub alliance_id: AllianceId,
    pub alliance: String,
    /// As its host organization; else as one of its roster.
    pub host: bool,
    pub began: bool,
    /// Who of it stands on the roster; the organization's own name perhaps.
    pub who: String,
}

/// The latest first; at most a thousand.
pub async fn around(tx: &mut Tx, organization: OrganizationId) -> sqlx::Result<Vec<Around>> {
    on!(tx, conn => sqlx::query_as(
        "select on_day, id, alliance_id, alliance, host, began, who from (
             select h.from_day as on_day, h.id || '-1' as id, a.id as alliance_id, a.name as alliance, true as host, true as began, '' as who
               from alliance_host h join alliance a on a.id = h.alliance_id where h.organization_id = $1
             union all
             select h.to_day, h.id || '-2', a.id, a.name, true, false, ''
               from alliance_host h join alliance a on a.id = h.alliance_id where h.organization_id = $1 and h.to_day is not null
             union all
             select r.from_day, r.id || '-1', a.id, a.name, false, true, r.name
               from roster_entry r join alliance a on a.id = r.alliance_id where r.organization_id = $1
             union all
             select r.to_day, r.id || '-2', a.id, a.name, false, false, r.name
               from roster_entry r join alliance a on a.id = r.alliance_id where r.organization_id = $1 and r.to_day is not null
         ) around order by on_day desc, id desc limit 1000")
        .bind(organization)
        .fetch_all(conn).await)
}
