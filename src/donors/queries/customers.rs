use super::COLUMNS;
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{Donor, DonorId},
};
use sqlx::AssertSqlSafe;

/// Values of one statement.
const AT_ONCE: usize = 2_000;

/// A donor by the customer it was found by: of one that was merged, the survivor.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::donors) struct Found {
    pub(in crate::donors) by: String,
    #[sqlx(flatten)]
    pub(in crate::donors) donor: Donor,
}

pub(in crate::donors) async fn by_customers(tx: &mut Tx, customers: &[&str]) -> sqlx::Result<Vec<Found>> {
    let columns = COLUMNS.split(", ").map(|column| format!("d.{column}")).collect::<Vec<_>>().join(", ");
    let mut found = Vec::new();
    for some in customers.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|customer| all.place(*customer)).collect();
        let sql = format!(
            "select k.gateway_customer as by, {columns} from donor k join donor d on d.id = coalesce(k.merged_into, k.id)
             where k.gateway_customer in ({})",
            places.join(", ")
        );
        let rows: Vec<Found> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Takes a customer from a donor that has this one.
pub async fn unlink_customer(tx: &mut Tx, id: DonorId, customer: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update donor set gateway_customer = null where id = $1 and gateway_customer = $2")
        .bind(id).bind(customer)
        .execute(conn).await.map(drop))
}

/// What of the donors' own tables names this donor, in words.
pub(in crate::donors) async fn names(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<&'static str>> {
    const ALL: [(&str, &str, &str); 12] = [
        ("donor", "merged_into", "Another donor was merged into them."),
        ("donor_merge", "survivor_id", "They were merged."),
        ("donor_merge", "merged_id", "They were merged."),
        ("donor_organization", "donor_id", "They are tied to an organization."),
        ("donor_postal", "donor_id", "They have a further postal address."),
        ("donor_other_email", "donor_id", "They have a further e-mail address."),
        ("household_member", "donor_id", "They belong to a household."),
        ("household_member", "household_id", "They belong to a household."),
        ("donor_tag", "donor_id", "They have a tag."),
        ("donor_note", "donor_id", "There is a note about them."),
        ("donor_task", "donor_id", "There is a task about them."),
        ("donor_total", "donor_id", "They have given."),
    ];
    for (table, column, why) in ALL {
        let sql = format!("select 1 from {table} where {column} = $1 limit 1");
        let found: Option<i32> =
            on!(&mut *tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)?;
        if found.is_some() {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

/// Takes a donor off whom nothing names, with what is kept to find them by.
pub async fn remove(tx: &mut Tx, id: DonorId) -> sqlx::Result<()> {
    let sought: &[&str] = match tx {
        Tx::Sqlite(..) => &[
            "delete from donor_search where rowid = (select number from donor_key where donor_id = $1)",
            "delete from donor_key where donor_id = $1",
        ],
        Tx::Postgres(..) => &[],
    };
    let all = [
        "delete from donor_match where donor_id = $1",
        "delete from donor_distinct where one_id = $1 or other_id = $1",
        "delete from donor_year where donor_id = $1",
        "delete from donor where id = $1",
    ];
    for &sql in sought.iter().chain(&all) {
        on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop))?;
    }
    Ok(())
}
