//! Rows of contacts, each for an organization that is on record.
use super::{
    Fate,
    cells::Cells,
    plan::{self, Plan, Sight, Typed, World},
};
use crate::{
    kernel::{Day, text},
    members::{
        ContactRole, NewContact, OrganizationId,
        carried::{Matching, add_contact, changes},
    },
};

/// A person and whom they act for.
#[derive(Debug, Clone)]
pub(super) struct Brought {
    pub(super) organization: OrganizationId,
    pub(super) contact: NewContact,
    pub(super) from: Day,
}

pub(super) fn sight(world: &World, typed: &Typed) -> Sight {
    let mut cells = Cells::new(typed, world.today);
    let label = text::shorten(&cells.line("name"), 120);
    let name = cells.short("name", "The name", 120);
    let typed_email = cells.line("email");
    let email = cells.email("email");
    let phone = cells.short("phone", "The phone", 40);
    let title = cells.short("title", "The title", 120).unwrap_or_default();
    let role = cells.role("role").unwrap_or(ContactRole::Alternate);
    let from = cells.past_day("from", "Since").unwrap_or(world.today);
    let (number, organization) = (cells.number("number"), cells.line("organization"));
    let mut wrong = std::mem::take(&mut cells.wrong);
    if name.is_none() {
        wrong.push("It has no name.".to_owned());
    }
    if typed_email.is_empty() {
        wrong.push("It has no e-mail address.".to_owned());
    }
    let of = if number.is_none() && organization.is_empty() {
        Err("It names no organization: neither a name nor an admission number.".to_owned())
    } else {
        world.index.meant(number, &organization).map(|known| known.id)
    };
    match (name, email, of) {
        (Some(name), Some(email), Ok(organization)) if wrong.is_empty() => {
            let contact = NewContact { role, name, title, email, phone };
            let brought = plan::Brought::Contact(Brought { organization, contact, from });
            Sight { name: label, brought: Some(brought), target: Ok(Some((organization.to_string(), "organization"))) }
        }
        (_, _, of) => {
            wrong.extend(of.err());
            Sight { name: label, brought: None, target: Err(wrong) }
        }
    }
}

/// Merges the person into the record as it is with the rows before, so that a second delegate is seen.
pub(super) fn plan(world: &mut World, name: &str, brought: &Brought) -> Plan {
    let mut plan = Plan {
        fate: Fate::Refused,
        name: name.to_owned(),
        reason: "Its organization’s record is gone.".to_owned(),
        record: None,
        changes: Vec::new(),
        notes: Vec::new(),
    };
    let Some(kept) = world.organizations.get_mut(&brought.organization) else { return plan };
    plan.record = Some((kept.own.id.to_string(), kept.own.name.clone()));
    let is_known = kept.contacts.iter().any(|c| c.to_day.is_none() && c.email == brought.contact.email);
    let before = kept.clone();
    let mut after = kept.clone();
    match add_contact(&mut after, &brought.contact, Matching::Replace, brought.from) {
        Err(reason) => plan.reason = reason,
        Ok(()) if is_known => {
            plan.fate = Fate::Matches;
            plan.reason = format!("{} names this e-mail address already.", before.own.name);
            plan.changes = changes(&before, &after, &world.categories);
        }
        Ok(()) => {
            plan.fate = Fate::New;
            plan.reason = format!("{} of {}.", brought.contact.role.label(), before.own.name);
            *kept = after;
        }
    }
    plan
}
