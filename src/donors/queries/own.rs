use crate::{
    db::{Tx, on},
    donors::{Donor, DonorId, search_text},
    kernel::Email,
};

/// What stands in the place of the name of a donor whose personal data was taken away.
pub const ERASED: &str = "Erased donor";

/// Writes what a donor says about themselves. `false` when another donor has the address.
pub async fn change_own(tx: &mut Tx, donor: &Donor) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor set name = $2, email = $3, address = $4, consent_updates = $5, consent_at = $6, search = $7
         where id = $1 and not exists (select 1 from donor o where o.email = $3 and o.id <> $1)")
        .bind(donor.id).bind(&donor.name).bind(&donor.email).bind(&donor.address)
        .bind(donor.consent_updates).bind(donor.consent_at).bind(search_text(&donor.name, donor.email.as_ref()))
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes a donor's name, addresses and consent away; the row stays, for the gifts that name it.
pub async fn erase(tx: &mut Tx, id: DonorId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update donor set name = $2, email = null, address = null, gateway_customer = null, consent_updates = $3, consent_at = null, search = $4
         where id = $1")
        .bind(id).bind(ERASED).bind(false).bind(search_text(ERASED, None::<&Email>))
        .execute(conn).await.map(drop))
}
