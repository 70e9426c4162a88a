//! Donors whom an import entered, on their way out again.
//!
//! It refuses nobody itself: it says why a donor stays, and whoever calls takes the others off the record.
use super::{Donor, DonorId, queries};
use crate::{
    audit,
    db::Tx,
    kernel::{Email, digest},
};
use std::collections::{HashMap, HashSet};

pub use queries::carried_back::{hold_all, receive, remove, retotal_all};

/// Names no donor, and stands in the place of one who left the record with an import: gifts that were taken back keep
/// their pages. The roll does not list it.
pub const TAKEN_BACK: DonorId = DonorId::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0117);
/// What stands in the place of the name.
pub const NOBODY: &str = "A donor who was taken back with an import";

/// What imports write about a donor; what else is in its history was done by people.
pub const BY_IMPORTS: &[&str] = &["change by import", "take back an import"];

/// What a file says of a donor, as a fingerprint.
pub fn print(donor: &Donor) -> String {
    let email = donor.email.as_ref().map_or("", Email::as_str);
    digest(&format!("{}\n{}\n{email}\n{}", donor.kind.as_str(), donor.name, donor.address.as_deref().unwrap_or_default()))
}

/// Why these donors stay, as far as they do; each with its fingerprint as it was entered, where it is known.
pub async fn held(tx: &mut Tx, all: &[(DonorId, Option<String>)]) -> sqlx::Result<HashMap<DonorId, String>> {
    let ids: Vec<DonorId> = all.iter().map(|(id, _)| *id).collect();
    let prints: HashMap<DonorId, &String> = all.iter().filter_map(|(id, print)| Some((*id, print.as_ref()?))).collect();
    let found = queries::carried_back::standing(tx, &ids).await?;
    let there: HashSet<DonorId> = found.iter().map(|found| found.donor.id).collect();
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let touched = audit::touched(tx, "donor", &names, BY_IMPORTS).await?;
    let mut held: HashMap<DonorId, String> =
        ids.iter().filter(|id| !there.contains(id)).map(|id| (*id, "It is no longer on record.".to_owned())).collect();
    for found in found {
        let id = found.donor.id;
        let changed =
            prints.get(&id).is_some_and(|entered| **entered != print(&found.donor)) || touched.contains(&id.to_string());
        let why = found.held.or_else(|| changed.then(|| "It was changed since.".to_owned()));
        held.extend(why.map(|why| (id, why)));
    }
    Ok(held)
}

/// A donor that an import gave another name or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub id: DonorId,
    /// Name and postal address.
    pub before: (String, Option<String>),
    pub after: (String, Option<String>),
}

/// Why these stay as they are, as far as they do.
pub async fn changed_since(tx: &mut Tx, all: &[Changed]) -> sqlx::Result<HashMap<DonorId, String>> {
    let ids: Vec<DonorId> = all.iter().map(|one| one.id).collect();
    let now: HashMap<DonorId, Donor> = queries::by_ids(tx, &ids).await?.into_iter().map(|donor| (donor.id, donor)).collect();
    let why = |one: &Changed| match now.get(&one.id) {
        None => Some("It was merged with another donor, or is no longer on record."),
        Some(donor) if (&donor.name, &donor.address) != (&one.after.0, &one.after.1) => Some("It was changed since."),
        Some(_) => None,
    };
    Ok(all.iter().filter_map(|one| Some((one.id, why(one)?.to_owned()))).collect())
}

/// Gives donors back the names and addresses they had.
pub async fn restore(tx: &mut Tx, all: &[Changed]) -> sqlx::Result<()> {
    let ids: Vec<DonorId> = all.iter().map(|one| one.id).collect();
    let emails: HashMap<DonorId, Option<Email>> =
        queries::by_ids(tx, &ids).await?.into_iter().map(|donor| (donor.id, donor.email)).collect();
    let rows: Vec<_> = all
        .iter()
        .filter_map(|one| {
            let email = emails.get(&one.id)?.as_ref();
            Some((one.id, one.before.0.clone(), one.before.1.clone(), super::search_text(&one.before.0, email)))
        })
        .collect();
    queries::carried_back::put_all(tx, &rows).await?;
    queries::rematch(tx, &ids).await
}
