use crate::{
    db::{Tx, on},
    donors::{DonorId, search_text},
    kernel::Email,
};
use sqlx::QueryBuilder;

/// Values of one statement.
const AT_ONCE: usize = 500;

/// A donor by what it was found by: of one that was merged, the survivor.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::donors) struct Found {
    /// The address it was found by; none when it was the name.
    pub(in crate::donors) by_email: Option<Email>,
    pub(in crate::donors) id: DonorId,
    pub(in crate::donors) name: String,
    pub(in crate::donors) address: Option<String>,
}

/// Donors with one of these addresses, and those without an address that have one of these folded names.
pub(in crate::donors) async fn by_email_or_name(tx: &mut Tx, emails: &[Email], names: &[String]) -> sqlx::Result<Vec<Found>> {
    let emails: Vec<_> = emails.iter().map(Email::as_str).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for (key, from, values) in [
        ("k.email", "donor k join donor d on d.id = coalesce(k.merged_into, k.id) where k.email in (", &emails),
        (
            "k.email",
            "donor_other_email k join donor o on o.id = k.donor_id join donor d on d.id = coalesce(o.merged_into, o.id) where k.email in (",
            &emails,
        ),
        (
            "cast(null as text)",
            "donor k join donor d on d.id = coalesce(k.merged_into, k.id) where k.email is null and k.search in (",
            &names,
        ),
    ] {
        for some in values.chunks(AT_ONCE) {
            let sql = format!("select {key} as by_email, d.id, d.name, d.address from {from}");
            let rows: Vec<Found> = on!(&mut *tx, conn => {
                let mut query = QueryBuilder::new(sql);
                let mut places = query.separated(", ");
                for value in some {
                    places.push_bind(*value);
                }
                query.push(")");
                query.build_query_as().fetch_all(conn).await
            })?;
            found.extend(rows);
        }
    }
    Ok(found)
}

/// Writes what a file knows of a donor, as long as it is as it was. `false` when somebody changed it.
pub async fn put(
    tx: &mut Tx,
    id: DonorId,
    was: (&str, Option<&str>),
    is: (&str, Option<&str>),
    email: Option<&Email>,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor set name = $4, address = $5, search = $6, matched = false
         where id = $1 and name = $2 and coalesce(address, '') = coalesce(cast($3 as text), '')")
        .bind(id).bind(was.0).bind(was.1).bind(is.0).bind(is.1).bind(search_text(is.0, email))
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
