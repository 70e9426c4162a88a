//! Donors as customers of the payment service, for those whom it knew before us: who is which customer, who has which
//! address, and a donor that came with one and leaves with it.
//!
//! It refuses to say who an address belongs to when it belongs to several, and to remove a donor that anything names.
use super::{Donor, DonorId, queries};
use crate::{
    db::Tx,
    kernel::{Email, digest},
};
use std::collections::HashMap;

pub use queries::customers::{remove, unlink_customer};

/// The donors that are these customers, by customer.
pub async fn with_customers(tx: &mut Tx, customers: &[&str]) -> sqlx::Result<HashMap<String, Donor>> {
    Ok(queries::customers::by_customers(tx, customers).await?.into_iter().map(|found| (found.by, found.donor)).collect())
}

/// The donors with these addresses, those of before a merge and further ones too. Whose own address it is comes alone.
pub async fn with_emails(tx: &mut Tx, emails: &[Email]) -> sqlx::Result<HashMap<Email, Vec<Donor>>> {
    let rows = queries::carried::by_email_or_name(tx, emails, &[]).await?;
    let ids: Vec<DonorId> = rows.iter().map(|row| row.id).collect();
    let donors: HashMap<DonorId, Donor> = queries::by_ids(tx, &ids).await?.into_iter().map(|donor| (donor.id, donor)).collect();
    let mut found: HashMap<Email, Vec<Donor>> = HashMap::new();
    let mut own: HashMap<Email, Donor> = HashMap::new();
    for row in rows {
        let (Some(email), Some(donor)) = (row.by_email, donors.get(&row.id)) else { continue };
        if donor.email.as_ref() == Some(&email) {
            own.insert(email, donor.clone());
            continue;
        }
        let all = found.entry(email).or_default();
        if !all.iter().any(|other| other.id == donor.id) {
            all.push(donor.clone());
        }
    }
    found.extend(own.into_iter().map(|(email, donor)| (email, vec![donor])));
    Ok(found)
}

/// What is known of a donor, as one word that changes with it.
pub async fn print(tx: &mut Tx, id: DonorId) -> sqlx::Result<String> {
    let details = queries::merge::details(tx, id).await?;
    let json = serde_json::to_string(&details).map_err(|error| sqlx::Error::Encode(error.into()))?;
    Ok(digest(&json))
}

/// Why a donor without gifts can't be removed; `None` when it can. `print` is what it was as it came.
pub async fn held(tx: &mut Tx, id: DonorId, came_as: &str) -> sqlx::Result<Option<&'static str>> {
    match queries::merge::survivor_of(tx, id).await? {
        None => return Ok(Some("The donor is no longer on record.")),
        Some(standing) if standing != id => return Ok(Some("The donor was merged into another.")),
        Some(_) => {}
    }
    if print(tx, id).await? != came_as {
        return Ok(Some("Somebody changed the donor."));
    }
    queries::customers::names(tx, id).await
}
