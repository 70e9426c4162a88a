use crate::{
    db::{Tx, on},
    donors::{Donor, DonorId, search_text},
    kernel::{Email, Timestamp},
};
use sqlx::AssertSqlSafe;

/// What stands in the place of the name of a donor whose personal data was taken away.
pub const ERASED: &str = "Erased donor";

/// Writes what a donor says about themselves. `false` when another donor has the address.
pub async fn change_own(tx: &mut Tx, donor: &Donor) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor set name = $2, email = $3, address = $4, consent_updates = $5, consent_at = $6, search = $7, matched = false
         where id = $1 and not exists (select 1 from donor o where o.email = $3 and o.id <> $1)")
        .bind(donor.id).bind(&donor.name).bind(&donor.email).bind(&donor.address)
        .bind(donor.consent_updates).bind(donor.consent_at).bind(search_text(&donor.name, donor.email.as_ref()))
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes away what is personal of a donor and of those who were merged into it: names, addresses, consent, what staff kept
/// in mind. The rows stay, for the gifts that name them; a merge can't be undone any more.
pub async fn erase(tx: &mut Tx, id: DonorId, now: Timestamp) -> sqlx::Result<()> {
    const ALL: &str = "(select id from donor where id = $1 or merged_into = $1)";
    for table in ["donor_postal", "donor_other_email", "donor_tag", "donor_note", "donor_task", "donor_match", "household_member"]
    {
        let sql = format!("delete from {table} where donor_id in {ALL}");
        on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(id).execute(conn).await.map(drop))?;
    }
    let merges = format!(
        "update donor_merge set survivor_before = '{{}}', survivor_after = '{{}}', merged_before = '{{}}',
                undone_at = coalesce(undone_at, $2), undone_by = coalesce(undone_by, 'The erasure')
         where survivor_id in {ALL} or merged_id in {ALL}"
    );
    on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(merges)).bind(id).bind(now).execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query(
        "update donor set name = $2, email = null, address = null, gateway_customer = null, consent_updates = $3, consent_at = null,
                search = $4, phone = null, greeting = null, deceased_on = null, matched = true
         where id = $1 or merged_into = $1")
        .bind(id).bind(ERASED).bind(false).bind(search_text(ERASED, None::<&Email>))
        .execute(conn).await.map(drop))
}
