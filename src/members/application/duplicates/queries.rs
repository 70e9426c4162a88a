use super::Known;
use crate::{
    db::{Tx, on},
    members::ApplicationId,
};

/// Every organization, by each name it has or had, those that resigned too, but the one this application became. A roll has a few
/// thousand at most; names are compared by rules that SQL does not have.
pub(super) async fn organizations(tx: &mut Tx, but: ApplicationId) -> sqlx::Result<Vec<Known>> {
    on!(tx, conn => sqlx::query_as(
        "select o.id as organization_id, null as application_id, null as state, m.left_on is not null as resigned, n.name,
                coalesce(o.legal_name, a.legal_name) as legal_name, coalesce(o.ein, a.ein) as ein, o.website, o.city, o.state_code, o.founded, o.mission, c.name as category, m.track
         from organization o
         join (select id, name from organization union select organization_id, name from former_name) n on n.id = o.id
         join membership m on m.organization_id = o.id join category c on c.id = o.category_id
         left join application a on a.organization_id = o.id
         where a.id is null or a.id <> $1 order by o.search, o.id, case when n.name = o.name then 0 else 1 end, n.name")
        .bind(but)
        .fetch_all(conn).await)
}

/// Every other application that has a name and is not decided.
pub(super) async fn applications(tx: &mut Tx, but: ApplicationId) -> sqlx::Result<Vec<Known>> {
    on!(tx, conn => sqlx::query_as(
        "select null as organization_id, a.id as application_id, a.state, false as resigned, a.name, a.legal_name, a.ein, a.website,
                a.city, a.state_code, a.founded, a.mission, c.name as category, a.track
         from application a left join category c on c.id = a.category_id
         where a.name is not null and a.id <> $1 and a.state in ('draft', 'submitted', 'needs_information', 'in_review')
         order by a.created_at, a.id")
        .bind(but)
        .fetch_all(conn).await)
}
