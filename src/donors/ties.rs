//! Which organization of the roll a donor is. Donors know no organizations: they keep its id, and whoever knows
//! both shows it. It refuses two organizations for one donor, and a tied donor that is no organization.
use super::{Donor, DonorId, DonorKind, queries};
use crate::{
    db::Tx,
    kernel::{Cents, Currency, Email, Timestamp, text},
};
use std::collections::HashSet;

pub use queries::{given_by, of_organization, organization_of, tie, untie};

/// What the donors of one organization gave in one currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Given {
    pub currency: Currency,
    pub gifts: i64,
    /// Intended, less refunds.
    pub given: Cents,
    pub last_at: Timestamp,
}

/// An organization of the roll that pays.
#[derive(Debug, Clone)]
pub struct Payer<'a> {
    pub organization: &'a str,
    pub name: &'a str,
    pub address: Option<&'a str>,
    /// Where it may be written to, the best first.
    pub emails: &'a [Email],
}

/// The donor an organization pays as: the one tied to it, or a new one that is tied now. An address at which a person
/// gives stays that person's; when no other is left, the donor has none.
pub async fn payer(tx: &mut Tx, payer: &Payer<'_>, now: Timestamp) -> sqlx::Result<DonorId> {
    let tied = queries::of_organization(tx, payer.organization).await?;
    if let Some(donor) = tied.iter().find(|donor| donor.email.is_some()).or(tied.first()) {
        return Ok(donor.id);
    }
    let taken: HashSet<_> = queries::by_emails(tx, payer.emails).await?.into_iter().filter_map(|donor| donor.email).collect();
    let donor = Donor {
        id: DonorId::new(),
        kind: DonorKind::Organization,
        name: payer.name.to_owned(),
        email: payer.emails.iter().find(|email| !taken.contains(email)).cloned(),
        address: payer.address.map(ToOwned::to_owned),
        gateway_customer: None,
        consent_updates: false,
        consent_at: None,
        created_at: now,
    };
    queries::bulk_insert(tx, std::slice::from_ref(&donor)).await?;
    tie(tx, donor.id, payer.organization, "Convener", now).await?;
    Ok(donor.id)
}

/// Why a donor could be an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its address is one that the organization is reached at.
    Address,
    /// Its address is at the domain of the organization's web site.
    Domain,
    Name,
}

/// The most donors of a domain that are offered.
const MOST: i64 = 20;

/// Donors that nobody tied yet and who could be this organization, the surest first. A person who has the same
/// employer is among them: whoever ties them decides.
pub async fn could_be(tx: &mut Tx, name: &str, domain: Option<&str>, emails: &[Email]) -> sqlx::Result<Vec<(Donor, Why)>> {
    let mut found: Vec<_> = queries::by_emails(tx, emails).await?.into_iter().map(|donor| (donor, Why::Address)).collect();
    let same = text::fold(name);
    let named = super::matching(tx, name, MOST).await?;
    found.extend(named.into_iter().filter(|donor| text::fold(&donor.name) == same).map(|donor| (donor, Why::Name)));
    if let Some(domain) = domain {
        let at = format!("@{domain}");
        let there = super::matching(tx, &at, MOST).await?;
        let is_there = |donor: &Donor| donor.email.as_ref().is_some_and(|email| email.as_str().ends_with(&at));
        found.extend(there.into_iter().filter(is_there).map(|donor| (donor, Why::Domain)));
    }
    let ids: Vec<DonorId> = found.iter().map(|(donor, _)| donor.id).collect();
    let mut seen: HashSet<_> = queries::tied(tx, &ids).await?.into_iter().collect();
    found.retain(|(donor, _)| seen.insert(donor.id));
    found.sort_by_key(|(donor, _)| donor.kind != DonorKind::Organization);
    Ok(found)
}
