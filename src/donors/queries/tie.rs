use super::COLUMNS;
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{Donor, DonorId, DonorKind, ties::Given},
    kernel::{Email, Timestamp},
};
use sqlx::AssertSqlSafe;

pub async fn organization_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<String>> {
    on!(tx, conn => sqlx::query_scalar("select organization_id from donor_organization where donor_id = $1")
        .bind(id)
        .fetch_optional(conn).await)
}

pub async fn of_organization(tx: &mut Tx, organization: &str) -> sqlx::Result<Vec<Donor>> {
    let sql = format!(
        "select {COLUMNS} from donor where merged_into is null and id in (select donor_id from donor_organization where organization_id = $1) order by search, id"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(organization).fetch_all(conn).await)
}

pub async fn given_by(tx: &mut Tx, organization: &str) -> sqlx::Result<Vec<Given>> {
    on!(tx, conn => sqlx::query_as(
        "select t.currency, cast(sum(t.gifts) as bigint) as gifts, cast(sum(t.given) as bigint) as given, max(t.last_at) as last_at
         from donor_total t join donor_organization o on o.donor_id = t.donor_id
         where o.organization_id = $1 and t.gifts > 0 group by t.currency order by t.currency")
        .bind(organization)
        .fetch_all(conn).await)
}

/// Of these addresses.
pub(in crate::donors) async fn by_emails(tx: &mut Tx, emails: &[Email]) -> sqlx::Result<Vec<Donor>> {
    if emails.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places = vec!["{}"; emails.len()].join(", ");
    all.and(&format!("email in ({places})"), emails.iter().map(|email| email.as_str().into()));
    let sql = format!("select {COLUMNS} from donor{} order by search, id", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Those of these who are tied already.
pub(in crate::donors) async fn tied(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<Vec<DonorId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places = vec!["{}"; ids.len()].join(", ");
    all.and(&format!("donor_id in ({places})"), ids.iter().map(|id| id.to_string().into()));
    let sql = format!("select donor_id from donor_organization{}", all.sql());
    on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Ties a donor to the organization it is, which makes it a donor of that kind. `false` when it is tied already.
pub async fn tie(tx: &mut Tx, id: DonorId, organization: &str, who: &str, now: Timestamp) -> sqlx::Result<bool> {
    let tied = on!(tx, conn => sqlx::query(
        "insert into donor_organization (donor_id, organization_id, tied_at, tied_by) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(id).bind(organization).bind(now).bind(who)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    if tied {
        on!(tx, conn => sqlx::query("update donor set kind = $2 where id = $1")
            .bind(id).bind(DonorKind::Organization)
            .execute(conn).await.map(drop))?;
    }
    Ok(tied)
}

/// `false` when it was not tied to this one.
pub async fn untie(tx: &mut Tx, id: DonorId, organization: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("delete from donor_organization where donor_id = $1 and organization_id = $2")
        .bind(id).bind(organization)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
