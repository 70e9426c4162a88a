//! What a record becomes when a file's facts are merged into it, and the difference in words. Nothing is
//! written here.
use super::{Carried, Kept, Matching, name_key};
use crate::{
    kernel::{Day, text},
    members::{
        Category, Contact, ContactId, ContactRole, NewContact,
        record::{FormerName, FormerNameId},
    },
};
use serde::{Deserialize, Serialize};

/// One fact before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub what: String,
    /// Empty when nothing was known.
    pub before: String,
    pub after: String,
}

/// A record after the merger, and what staff should know of what was not taken over.
#[derive(Debug, Clone)]
pub struct Merged {
    pub kept: Kept,
    pub notes: Vec<String>,
}

/// Merges; `slug` finds the address of a new name.
pub fn merge(kept: &Kept, carried: &Carried, matching: Matching, today: Day, mut slug: impl FnMut(&str) -> String) -> Merged {
    let mut merged = Merged { kept: kept.clone(), notes: notes(kept, carried) };
    if matching == Matching::Leave {
        return merged;
    }
    let replace = matching == Matching::Replace;
    let own = &mut merged.kept.own;
    if carried.name != own.name && replace {
        rename(&mut merged, carried, &mut slug);
    }
    let own = &mut merged.kept.own;
    for (held, given) in [
        (&mut own.legal_name, &carried.legal_name),
        (&mut own.ein, &carried.ein),
        (&mut own.website, &carried.website),
        (&mut own.postal_address, &carried.postal_address),
    ] {
        if given.is_some() && (replace || held.is_none()) {
            held.clone_from(given);
        }
    }
    if carried.committed_on.is_some() && (replace || own.committed_on.is_none()) {
        own.committed_on = carried.committed_on;
    }
    if replace {
        own.category_id = carried.category_id.unwrap_or(own.category_id);
        own.city = carried.city.clone().unwrap_or_else(|| own.city.clone());
        own.state_code = carried.state_code.clone().unwrap_or_else(|| own.state_code.clone());
        own.admitted_on = carried.admitted_on.unwrap_or(own.admitted_on);
    }
    if !carried.states.is_empty() && (replace || merged.kept.states.is_empty()) {
        merged.kept.states.clone_from(&carried.states);
        merged.kept.states.sort_unstable();
    }
    if replace || merged.kept.former_names.is_empty() {
        for name in &carried.former_names {
            keep_former(&mut merged.kept, name, None, None);
        }
    }
    for contact in &carried.contacts {
        let seat_is_free = !merged.kept.contacts.iter().any(|c| c.to_day.is_none() && c.role == contact.role);
        let is_known = merged.kept.contacts.iter().any(|c| c.to_day.is_none() && c.email == contact.email);
        if (replace || seat_is_free || is_known)
            && let Err(note) = add_contact(&mut merged.kept, contact, matching, today)
        {
            merged.notes.push(note);
        }
    }
    merged
}

/// Names a contact, or changes the one with this e-mail.
///
/// # Errors
/// A sentence, when somebody else holds the delegate's seat.
pub fn add_contact(kept: &mut Kept, contact: &NewContact, matching: Matching, from: Day) -> Result<(), String> {
    let of = kept.own.id;
    if let Some(held) = kept.contacts.iter_mut().find(|c| c.to_day.is_none() && c.email == contact.email) {
        if matching == Matching::Replace {
            held.name.clone_from(&contact.name);
        }
        if !contact.title.is_empty() && (matching == Matching::Replace || held.title.is_empty()) && matching != Matching::Leave {
            held.title.clone_from(&contact.title);
        }
        if contact.phone.is_some() && (matching == Matching::Replace || held.phone.is_none()) && matching != Matching::Leave {
            held.phone.clone_from(&contact.phone);
        }
        return Ok(());
    }
    let holder = kept.contacts.iter().find(|c| c.to_day.is_none() && c.role == ContactRole::Delegate);
    if let Some(holder) = holder.filter(|_| contact.role == ContactRole::Delegate) {
        return Err(format!(
            "{} is not made delegate: {} holds the seat of {}. Hand it over on the record.",
            contact.name, holder.name, kept.own.name
        ));
    }
    kept.contacts.push(Contact {
        id: ContactId::new(),
        organization_id: of,
        role: contact.role,
        name: contact.name.clone(),
        title: contact.title.clone(),
        email: contact.email.clone(),
        phone: contact.phone.clone(),
        from_day: from,
        to_day: None,
    });
    Ok(())
}

/// Takes the file's name. One that the record knows as a former or legal name is none it has today.
fn rename(merged: &mut Merged, carried: &Carried, slug: &mut impl FnMut(&str) -> String) {
    let key = name_key(&carried.name);
    let (own, former) = (&merged.kept.own, &merged.kept.former_names);
    if former.iter().any(|f| name_key(&f.name) == key) || own.legal_name.as_deref().is_some_and(|n| name_key(n) == key) {
        merged.notes.push(format!("The file calls it by another name it has or had; it stays “{}”.", own.name));
        return;
    }
    let (old_name, old_slug) = (own.name.clone(), own.slug.clone());
    if text::slug(&carried.name) != text::slug(&old_name) {
        merged.kept.own.slug = slug(&carried.name);
    }
    merged.kept.own.name.clone_from(&carried.name);
    if name_key(&old_name) != key {
        let led = (merged.kept.own.slug != old_slug).then_some(old_slug);
        keep_former(&mut merged.kept, &old_name, led, None);
    }
}

fn keep_former(kept: &mut Kept, name: &str, slug: Option<String>, until: Option<Day>) {
    let known = |f: &FormerName| name_key(&f.name) == name_key(name);
    if name != kept.own.name && !kept.former_names.iter().any(known) {
        let id = FormerNameId::new();
        kept.former_names.push(FormerName { id, name: name.to_owned(), slug, from_day: None, until_day: until });
    }
}

fn notes(kept: &Kept, carried: &Carried) -> Vec<String> {
    let own = &kept.own;
    let mut notes = Vec::new();
    if carried.track.is_some_and(|track| track != own.track) {
        notes.push(format!("It stays {} on record: an import does not change the track.", own.track.label().to_lowercase()));
    }
    if let Some((day, _)) = carried.left.filter(|(day, _)| own.left_on != Some(*day)) {
        notes.push(format!("The file says that it left on {}. Note that on its record.", day.words()));
    }
    notes
}

/// The difference between two states of one record, in words.
pub fn changes(before: &Kept, after: &Kept, categories: &[Category]) -> Vec<Change> {
    let category = |kept: &Kept| categories.iter().find(|c| c.id == kept.own.category_id).map_or("", |c| &c.name).to_owned();
    let text = |v: &Option<String>| v.clone().unwrap_or_default();
    let day = |d: Option<Day>| d.map_or_else(String::new, Day::words);
    let former = |kept: &Kept| kept.former_names.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join("; ");
    let (b, a) = (&before.own, &after.own);
    let all = [
        ("Name", b.name.clone(), a.name.clone()),
        ("Legal name", text(&b.legal_name), text(&a.legal_name)),
        ("Former names", former(before), former(after)),
        ("EIN", text(&b.ein), text(&a.ein)),
        ("Website", text(&b.website), text(&a.website)),
        ("Category", category(before), category(after)),
        ("City", b.city.clone(), a.city.clone()),
        ("State", b.state_code.clone(), a.state_code.clone()),
        ("Postal address", text(&b.postal_address), text(&a.postal_address)),
        ("Works in", before.states.join(", "), after.states.join(", ")),
        ("Admitted on", b.admitted_on.words(), a.admitted_on.words()),
        ("Commitment document", day(b.committed_on), day(a.committed_on)),
    ];
    let mut changes: Vec<_> = all
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| Change { what: what.to_owned(), before, after })
        .collect();
    for person in &after.contacts {
        let held = before.contacts.iter().find(|c| c.id == person.id);
        if held != Some(person) {
            let what = person.role.label();
            changes.push(Change { what, before: held.map_or_else(String::new, said), after: said(person) });
        }
    }
    changes
}

/// `Ada Doe, Director, ada@example.org, 555 0100`.
fn said(person: &Contact) -> String {
    let parts = [person.name.as_str(), person.title.as_str(), person.email.as_str(), person.phone.as_deref().unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
