//! Where a donor is reached beside the preferred addresses, from and to which day; and who belongs to a household.
//!
//! The preferred postal address is also [`super::Donor::address`], as the lines of an envelope, and the preferred e-mail
//! address is [`super::Donor::email`]. It refuses a household within a household, and two households for one donor.
use super::{Donor, DonorId, DonorKind, queries};
use crate::{
    db::Tx,
    kernel::{Day, Email, id},
};

pub use queries::reach::{
    add_email, add_place, belongs, count_addresses, emails_at, end_email, end_place, join_household, leave_household, places_of,
    prefer_email,
};

id!(
    /// Names one row of `donor_postal`.
    PlaceId
);
id!(
    /// Names one row of `donor_other_email`.
    EmailId
);

/// A postal address as a letter needs it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Place {
    pub id: PlaceId,
    /// Street and house, as they stand on an envelope.
    pub lines: String,
    pub city: String,
    pub state: String,
    pub zip: String,
    /// Empty for the United States.
    pub country: String,
    pub from_day: Option<Day>,
    pub to_day: Option<Day>,
}

impl Place {
    /// The lines of an envelope, without the name.
    pub fn envelope(&self) -> String {
        let state_and_zip = format!("{} {}", self.state, self.zip);
        let last = match (self.city.is_empty(), state_and_zip.trim()) {
            (true, rest) => rest.to_owned(),
            (false, "") => self.city.clone(),
            (false, rest) => format!("{}, {rest}", self.city),
        };
        let lines = [self.lines.trim(), last.trim(), self.country.trim()];
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Whether letters to this donor go there.
    pub fn is_preferred(&self, donor: &Donor) -> bool {
        donor.address.as_deref() == Some(self.envelope().as_str())
    }
}

/// A further e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct OtherEmail {
    pub id: EmailId,
    pub email: Email,
    pub from_day: Option<Day>,
    pub to_day: Option<Day>,
}

/// Somebody of a household, or the household.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Relative {
    pub id: DonorId,
    pub name: String,
}

/// Who belongs to a donor, and to which household the donor belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belongs {
    pub members: Vec<Relative>,
    pub of: Option<Relative>,
}

/// Why somebody can't join a household; `None` when they may.
pub async fn may_join(tx: &mut Tx, household: &Donor, member: &Donor) -> sqlx::Result<Option<String>> {
    if household.kind != DonorKind::Household {
        return Ok(Some(format!("{} is no household. Change its kind under contact details first", household.name)));
    }
    if member.kind != DonorKind::Person {
        return Ok(Some(format!("{} is no person. Only people belong to a household", member.name)));
    }
    Ok(belongs(tx, member.id).await?.of.map(|of| format!("{} belongs to {} already", member.name, of.name)))
}

/// Makes a place the one that letters and receipts go to.
pub async fn prefer_place(tx: &mut Tx, donor: DonorId, place: &Place) -> sqlx::Result<()> {
    queries::reach::put_address(tx, donor, &place.envelope()).await?;
    queries::rematch(tx, &[donor]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_no_empty_line() {
        let place = |lines: &str, city: &str, state: &str, zip: &str, country: &str| Place {
            id: PlaceId::from_u128(1),
            lines: lines.to_owned(),
            city: city.to_owned(),
            state: state.to_owned(),
            zip: zip.to_owned(),
            country: country.to_owned(),
            from_day: None,
            to_day: None,
        };
        for (place, envelope) in [
            (place("1 Elm St\nApt 2", "Duluth", "MN", "55802", ""), "1 Elm St\nApt 2\nDuluth, MN 55802"),
            (place("1 Elm St", "", "", "55802", ""), "1 Elm St\n55802"),
            (place("12 Rue Haute", "Bruxelles", "", "", "Belgium"), "12 Rue Haute\nBruxelles\nBelgium"),
            (place("PO Box 1", "", "", "", ""), "PO Box 1"),
        ] {
            assert_eq!(place.envelope(), envelope);
        }
    }
}
