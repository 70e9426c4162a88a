use super::{Happened, Sort};
use crate::{
    db::{Tx, on},
    members::OrganizationId,
};

/// The newest first, at most `most`, of one sort or of all; older than what `before` names by its time and id.
pub async fn happened(
    tx: &mut Tx,
    id: OrganizationId,
    sort: Option<Sort>,
    before: Option<(&str, &str)>,
    most: i64,
) -> sqlx::Result<Vec<Happened>> {
    let (at, key) = before.unzip();
    on!(tx, conn => sqlx::query_as(
        "select at, id, sort, what, who, more from (
             select e.at as at, e.id as id, 'application' as sort, e.kind as what, e.who as who, e.message as more
               from application_event e join application a on a.id = e.application_id where a.organization_id = $1
             union all
             select admitted_on, organization_id, 'standing', 'admitted', '', null from membership where organization_id = $1
             union all
             select f.on_day, f.id, 'standing', f.kind, f.noted_by || ': ' || f.reason, s.name
               from standing_fact f left join organization s on s.id = f.successor_id where f.organization_id = $1
             union all
             select on_day, id, 'standing', 'Reaffirmed', who, null from reaffirmation where organization_id = $1
             union all
             select on_day, id, 'standing', 'Called about the reaffirmation', noted_by, null from reaffirmation_call where organization_id = $1
             union all
             select from_day, id || '-1', 'contact', 'began', name, role from contact where organization_id = $1
             union all
             select to_day, id || '-2', 'contact', 'ended', name, role from contact where organization_id = $1 and to_day is not null
             union all
             select added_at, id, 'document', kind, added_by, title from organization_document where organization_id = $1
             union all
             select at, id, 'note', body, who, null from organization_note where organization_id = $1
             union all
             select coalesce(until_day, substr(noted_at, 1, 10)), id, 'name', '', name, null from former_name where organization_id = $1
         ) everything
         where ($2 is null or sort = $2) and ($3 is null or at < $3 or (at = $3 and id < $4))
         order by at desc, id desc limit $5")
        .bind(id).bind(sort.map(Sort::as_str)).bind(at).bind(key).bind(most)
        .fetch_all(conn).await)
}
