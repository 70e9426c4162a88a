//! Donors that files bring: who is known by what, and what they are given.
use super::{Donor, DonorId, queries};
use crate::{
    db::Tx,
    kernel::{Email, text},
};
use std::collections::HashMap;

/// Donors as they are known again: by their e-mail address, or without one by name and address.
#[derive(Debug, Default)]
pub struct Index {
    by_email: HashMap<Email, Known>,
    by_name: HashMap<String, Vec<Known>>,
}

/// A donor in an [`Index`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: DonorId,
    pub name: String,
    pub address: Option<String>,
    /// Whether an earlier row brought it and no record has it yet.
    pub fresh: bool,
}

impl Index {
    /// Adds the donors on record that have one of these addresses, or one of these names and no address.
    pub async fn read(&mut self, tx: &mut Tx, emails: &[Email], names: &[String]) -> sqlx::Result<()> {
        for found in queries::carried::by_email_or_name(tx, emails, names).await? {
            self.know(found.by_email, Known { id: found.id, name: found.name, address: found.address, fresh: false });
        }
        Ok(())
    }

    /// Holds everybody in it until the transaction ends; `false` on SQLite, where nobody else writes meanwhile. Else
    /// somebody may have changed before, and it is to be read anew.
    pub async fn hold(&self, tx: &mut Tx) -> sqlx::Result<bool> {
        if matches!(tx, Tx::Sqlite(..)) {
            return Ok(false);
        }
        let all = self.by_email.values().chain(self.by_name.values().flatten()).map(|known| known.id);
        queries::carried_back::hold_all(tx, all.collect()).await?;
        Ok(true)
    }

    /// Adds one; what is there already stays.
    pub fn add(&mut self, donor: &Donor, fresh: bool) {
        let known = Known { id: donor.id, name: donor.name.clone(), address: donor.address.clone(), fresh };
        self.know(donor.email.clone(), known);
    }

    fn know(&mut self, email: Option<Email>, known: Known) {
        if let Some(email) = email {
            self.by_email.entry(email).or_insert(known);
            return;
        }
        let same = self.by_name.entry(name_key(&known.name)).or_default();
        if !same.iter().any(|other| other.id == known.id) {
            same.push(known);
        }
    }

    /// Whether a donor of this address is in it.
    pub fn has_email(&self, email: &Email) -> bool {
        self.by_email.contains_key(email)
    }

    /// Whether donors of this name and no address are in it; the name as [`name_key`] gives it.
    pub fn has_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The donor a row names. Without an e-mail address it is one of the same name whose address is the same, or
    /// not known on one of the two sides when there is only one of the name.
    pub fn find(&self, name: &str, email: Option<&Email>, address: Option<&str>) -> Option<(&Known, &'static str)> {
        if let Some(email) = email {
            return self.by_email.get(email).map(|known| (known, "e-mail address"));
        }
        let same = self.by_name.get(&name_key(name))?;
        let place = address.map(place_key);
        let here = same.iter().find(|known| place.is_some() && known.address.as_deref().map(place_key) == place);
        if let Some(known) = here {
            return Some((known, "name and postal address"));
        }
        match same.as_slice() {
            [only] if place.is_none() || only.address.is_none() => Some((only, "name; neither has an e-mail address")),
            _ => None,
        }
    }
}

/// A name as names are compared.
pub fn name_key(name: &str) -> String {
    text::fold(name)
}

/// An address as addresses are compared: letters and digits alone.
fn place_key(address: &str) -> String {
    text::fold(address).chars().filter(|c| c.is_alphanumeric()).collect()
}
