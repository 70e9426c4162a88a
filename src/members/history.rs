//! Organizations that belonged before Convener kept the roll: written as they are, numbers and all.
use super::{Admission, OrganizationId, queries};
use crate::{
    db::Tx,
    kernel::{Day, Timestamp, text},
};

/// An organization with the number and day it was admitted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastOrganization {
    pub id: OrganizationId,
    /// `None` for an observer.
    pub admission_number: Option<i64>,
    pub admitted_on: Day,
    pub admission: Admission,
}

/// Writes them, and lets the next admission number follow the highest. Names must differ.
pub async fn insert_history(tx: &mut Tx, organizations: &[PastOrganization], now: Timestamp) -> sqlx::Result<()> {
    for past in organizations {
        queries::insert_organization(tx, past.id, &text::slug(&past.admission.name), &past.admission, now).await?;
        queries::insert_membership(tx, past.id, past.admission.track, past.admission_number, past.admitted_on).await?;
        queries::insert_contacts(tx, past.id, &past.admission, past.admitted_on).await?;
    }
    if let Some(highest) = organizations.iter().filter_map(|past| past.admission_number).max() {
        queries::set_counter(tx, highest).await?;
    }
    tx.site_changed();
    Ok(())
}
