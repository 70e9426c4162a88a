//! Who is known already, by everything an organization is told by: number, name, EIN, web domain.
use super::{domain, name_key, queries};
use crate::{
    db::Tx,
    kernel::text,
    members::{OrganizationId, Track, register},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// An organization as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub legal_name: Option<String>,
    pub ein: Option<String>,
    pub website: Option<String>,
    pub track: Track,
    pub admission_number: Option<i64>,
}

impl Known {
    /// `World Without Genocide (38)`.
    pub fn said(&self) -> String {
        self.admission_number.map_or_else(|| self.name.clone(), |number| format!("{} ({number})", self.name))
    }
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Nobody,
    /// Its id, and by what it was known again.
    One(OrganizationId, &'static str),
    /// A sentence that says why none can be named.
    Refused(String),
}

/// Everybody on record, past and present.
#[derive(Debug, Default)]
pub struct Index {
    all: Vec<Known>,
    ids: HashMap<OrganizationId, usize>,
    numbers: HashMap<i64, usize>,
    /// Names of today, former and legal ones; whether it is the one of today.
    names: HashMap<String, Vec<(usize, bool)>>,
    eins: HashMap<String, Vec<usize>>,
    domains: HashMap<String, Vec<usize>>,
    slugs: HashSet<String>,
    not_issued: BTreeMap<i64, String>,
}

impl Index {
    pub async fn read(tx: &mut Tx) -> sqlx::Result<Self> {
        let mut index = Self { not_issued: register::queries::gaps(tx).await?.into_iter().collect(), ..Self::default() };
        for known in queries::everybody(tx).await? {
            index.add(known);
        }
        for (id, name, slug) in queries::former(tx).await? {
            index.slugs.extend(slug);
            if let Some(&at) = index.ids.get(&id) {
                index.names.entry(name_key(&name)).or_default().push((at, false));
            }
        }
        Ok(index)
    }

    fn add(&mut self, known: Known) {
        let at = self.all.len();
        self.ids.insert(known.id, at);
        self.slugs.insert(known.slug.clone());
        self.names.entry(name_key(&known.name)).or_default().push((at, true));
        if let Some(legal) = &known.legal_name {
            self.names.entry(name_key(legal)).or_default().push((at, false));
        }
        if let Some(ein) = &known.ein {
            self.eins.entry(ein.clone()).or_default().push(at);
        }
        if let Some(domain) = known.website.as_deref().and_then(domain) {
            self.domains.entry(domain).or_default().push(at);
        }
        if let Some(number) = known.admission_number {
            self.numbers.insert(number, at);
        }
        self.all.push(known);
    }

    pub fn get(&self, id: OrganizationId) -> Option<&Known> {
        self.ids.get(&id).map(|&at| &self.all[at])
    }

    /// Why nobody holds this number and nobody can.
    pub fn not_issued(&self, number: i64) -> Option<&str> {
        self.not_issued.get(&number).map(String::as_str)
    }

    /// An address for a new name; taken from now on.
    pub fn take_slug(&mut self, name: &str) -> String {
        let slug = text::slug(name);
        let slug = if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("the-{slug}") } else { slug };
        let mut choices = std::iter::once(slug.clone()).chain((2..).map(|n| format!("{slug}-{n}")));
        let free = choices.find(|choice| !self.slugs.contains(choice)).unwrap_or(slug);
        self.slugs.insert(free.clone());
        free
    }

    /// Those of this name, each once; those who are called so today before those who were.
    fn called(&self, name: &str) -> Vec<usize> {
        let mut found = self.names.get(&name_key(name)).cloned().unwrap_or_default();
        if found.iter().any(|(_, today)| *today) {
            found.retain(|(_, today)| *today);
        }
        let mut found: Vec<_> = found.into_iter().map(|(at, _)| at).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whom a row is about. Among `fresh`, which the same file brought, nobody is known again by EIN or web site
    /// alone: those may be shared.
    pub fn find(
        &self,
        number: Option<i64>,
        name: &str,
        ein: Option<&str>,
        website: Option<&str>,
        fresh: &HashSet<OrganizationId>,
    ) -> Found {
        let called = self.called(name);
        let same_ein = ein.and_then(|ein| self.eins.get(ein)).cloned().unwrap_or_default();
        let site = website.and_then(domain);
        let same_site = site.and_then(|site| self.domains.get(&site)).cloned().unwrap_or_default();
        if let Some(number) = number
            && let Some(&at) = self.numbers.get(&number)
        {
            let holder = &self.all[at];
            let was_called = self.names.get(&name_key(name)).is_some_and(|all| all.iter().any(|(of, _)| *of == at));
            if was_called || same_ein.contains(&at) || same_site.contains(&at) {
                return Found::One(holder.id, "admission number");
            }
            return Found::Refused(format!("Number {number} is held by {}. A number is issued once.", holder.name));
        }
        match called.as_slice() {
            [] => {}
            [at] => {
                let known = &self.all[*at];
                return match (number, known.admission_number) {
                    (Some(number), Some(held)) => {
                        Found::Refused(format!("{} holds number {held}, not {number}. A number is never changed.", known.name))
                    }
                    (Some(number), None) => Found::Refused(format!(
                        "{} is an observer on record and has no number; the file gives it number {number}.",
                        known.name
                    )),
                    (None, _) if name_key(&known.name) == name_key(name) => Found::One(known.id, "name"),
                    (None, _) => Found::One(known.id, "former or legal name"),
                };
            }
            several => {
                let names: Vec<_> = several.iter().take(3).map(|at| self.all[*at].said()).collect();
                return Found::Refused(format!(
                    "Several organizations are called so: {}. Add the admission number.",
                    names.join(", ")
                ));
            }
        }
        let alone = |found: &[usize]| match found {
            [at] if number.is_none() && !fresh.contains(&self.all[*at].id) => Some(self.all[*at].id),
            _ => None,
        };
        match (alone(&same_ein), alone(&same_site)) {
            (Some(id), _) => Found::One(id, "EIN"),
            (None, Some(id)) if same_ein.is_empty() => Found::One(id, "web domain"),
            _ => Found::Nobody,
        }
    }

    /// The one organization that a cell names by its number or its name.
    ///
    /// # Errors
    /// A sentence that says why it can't be told.
    pub fn meant(&self, number: Option<i64>, name: &str) -> Result<&Known, String> {
        if let Some(number) = number {
            let Some(&at) = self.numbers.get(&number) else { return Err(format!("Nobody holds number {number}.")) };
            if !name.is_empty() && !self.names.get(&name_key(name)).is_some_and(|all| all.iter().any(|(of, _)| *of == at)) {
                return Err(format!("Number {number} is held by {}, not by “{name}”.", self.all[at].name));
            }
            return Ok(&self.all[at]);
        }
        match self.called(name).as_slice() {
            [at] => Ok(&self.all[*at]),
            [] => Err(format!("No organization on record is called “{name}”.")),
            _ => Err(format!("Several organizations are called “{name}”. Add the admission number.")),
        }
    }
}
