//! Rows of organizations, each with up to three contacts.
use super::{
    Fate,
    cells::Cells,
    plan::{Brought, Plan, Sight, Typed, World, target},
};
use crate::{
    kernel::text,
    members::{
        ContactRole, NewContact, OrganizationId, Track,
        carried::{Carried, Matching, changes, merge},
    },
};

pub(super) fn sight(world: &World, typed: &Typed) -> Sight {
    let mut cells = Cells::new(typed, world.today);
    let carried = read(world, &mut cells);
    let wrong = std::mem::take(&mut cells.wrong);
    let name = text::shorten(&cells.line("name"), 120);
    if !wrong.is_empty() {
        return Sight { name, brought: None, target: Err(wrong) };
    }
    let found = world.index.find(carried.number, &carried.name, carried.ein.as_deref(), carried.website.as_deref(), &world.fresh);
    let mut target = target(found);
    if matches!(target, Ok(None)) {
        let missing = missing(world, &carried);
        if !missing.is_empty() {
            target = Err(missing);
        }
    }
    Sight { name, brought: Some(Brought::Organization(Box::new(carried))), target }
}

fn read(world: &World, cells: &mut Cells<'_>) -> Carried {
    let name = cells.short("name", "The name", 200).unwrap_or_default();
    if name.is_empty() {
        cells.wrong.push("It has no name.".to_owned());
    }
    let category = cells.line("category");
    let named = world.categories.iter().find(|c| {
        let folded = text::fold(&category);
        folded == text::fold(&c.name) || folded == c.slug
    });
    if !category.is_empty() && named.is_none() {
        cells.wrong.push(format!("“{category}” is no category. Add it in the settings, or change the file."));
    }
    let number = cells.number("number");
    let track = track(cells, number);
    let admitted_on = cells.past_day("admitted_on", "Admitted on");
    let left = cells.left();
    if let (Some(admitted), Some((left, _))) = (admitted_on, left)
        && left < admitted
    {
        cells.wrong.push(format!("It left on {}, before it was admitted.", left.words()));
    }
    Carried {
        name,
        legal_name: cells.short("legal_name", "The legal name", 200),
        former_names: cells.several("former_names", "A former name", 200),
        ein: cells.ein("ein"),
        website: cells.website("website"),
        category_id: named.map(|c| c.id),
        city: cells.short("city", "The city", 120),
        state_code: cells.state("state"),
        postal_address: cells.lines("postal_address", "The postal address", 500),
        states: cells.states("states"),
        track,
        number,
        admitted_on,
        committed_on: cells.past_day("committed_on", "Commitment document"),
        left,
        contacts: contacts(cells),
    }
}

/// A number makes a member, where the file says nothing.
fn track(cells: &mut Cells<'_>, number: Option<i64>) -> Option<Track> {
    let line = text::fold(&cells.line("track"));
    let said = match line.as_str() {
        "" => return number.map(|_| Track::Member),
        "member" | "full member" | "institutional member" | "members" => Track::Member,
        "observer" | "observers" => Track::Observer,
        _ => {
            cells.wrong.push(format!("“{}” is no track. Write member or observer.", cells.line("track")));
            return None;
        }
    };
    if said == Track::Observer && number.is_some() {
        cells.wrong.push("An observer has no admission number.".to_owned());
    }
    Some(said)
}

/// Without a role the first is the delegate and the others are alternates.
fn contacts(cells: &mut Cells<'_>) -> Vec<NewContact> {
    let mut all: Vec<NewContact> = Vec::new();
    for n in 1..=3 {
        let at = |what: &str| format!("contact_{n}_{what}");
        let name = cells.short(&at("name"), "A contact’s name", 120);
        let typed = cells.line(&at("email"));
        let email = cells.email(&at("email"));
        let phone = cells.short(&at("phone"), "A contact’s phone", 40);
        let role = cells.role(&at("role"));
        if name.is_none() && typed.is_empty() {
            if phone.is_some() {
                cells.wrong.push(format!("Contact {n} has a phone and no name."));
            }
            continue;
        }
        match (name, email) {
            (Some(name), Some(email)) => {
                let role = role.unwrap_or(if n == 1 { ContactRole::Delegate } else { ContactRole::Alternate });
                if all.iter().any(|c| c.email == email) {
                    cells.wrong.push(format!("{email} stands there twice."));
                } else if role == ContactRole::Delegate && all.iter().any(|c| c.role == role) {
                    cells.wrong.push("It has two delegates. One speaks for it.".to_owned());
                } else {
                    all.push(NewContact { role, name, title: String::new(), email, phone });
                }
            }
            (None, _) => cells.wrong.push(format!("Contact {n} has an e-mail address and no name.")),
            (Some(_), None) if typed.is_empty() => cells.wrong.push(format!("Contact {n} has a name and no e-mail address.")),
            (Some(_), None) => {}
        }
    }
    all
}

/// What an organization that is not on record has to bring.
fn missing(world: &World, c: &Carried) -> Vec<String> {
    let mut missing = Vec::new();
    if c.category_id.or(world.category).is_none() {
        missing.push("It has no category.");
    }
    if c.city.is_none() {
        missing.push("It has no city.");
    }
    if c.state_code.is_none() {
        missing.push("It has no state.");
    }
    if c.admitted_on.is_none() {
        missing.push("The day it was admitted is missing.");
    }
    match (c.track, c.number) {
        (None, _) => missing.push("Say that it is an observer, or give its admission number."),
        (Some(Track::Member), None) => missing.push("A member has an admission number."),
        _ => {}
    }
    let mut missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
    if let Some((number, why)) = c.number.and_then(|n| Some((n, world.index.not_issued(n)?))) {
        missing.push(format!("Number {number} is noted as not issued ({why}). Take that back in the register first."));
    }
    missing
}

pub(super) fn plan(world: &World, name: &str, carried: &Carried, target: Option<(&str, &'static str)>) -> Plan {
    let name = name.to_owned();
    let Some((id, by)) = target else {
        let what = carried.number.map_or_else(|| "An observer".to_owned(), |number| format!("Member number {number}"));
        let reason = match carried.left {
            Some((day, _)) => format!("{what}, which left on {}.", day.words()),
            None => format!("{what}."),
        };
        return Plan { fate: Fate::New, name, reason, record: None, changes: Vec::new(), notes: Vec::new() };
    };
    let kept = id.parse::<OrganizationId>().ok().and_then(|id| world.organizations.get(&id));
    let Some(kept) = kept else {
        let reason = "Its record is gone.".to_owned();
        return Plan { fate: Fate::Refused, name, reason, record: None, changes: Vec::new(), notes: Vec::new() };
    };
    let merged = merge(kept, carried, Matching::Replace, world.today, text::slug);
    Plan {
        fate: Fate::Matches,
        name,
        reason: format!("Known again by its {by}."),
        record: Some((id.to_owned(), kept.own.name.clone())),
        changes: changes(kept, &merged.kept, &world.categories),
        notes: merged.notes,
    }
}
