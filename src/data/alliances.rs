//! Rows of alliances.
use super::{
    Fate,
    cells::Cells,
    plan::{Brought, Plan, Sight, Typed, World},
};
use crate::{
    alliances::{
        AllianceId, AllianceState,
        carried::{Carried, Leader, changes, merge, places},
    },
    kernel::text,
    members::{OrganizationId, carried::Matching},
};

pub(super) fn sight(world: &World, typed: &Typed) -> Sight {
    let mut cells = Cells::new(typed, world.today);
    let label = text::shorten(&cells.line("name"), 120);
    let carried = read(world, &mut cells);
    let mut wrong = std::mem::take(&mut cells.wrong);
    if carried.name.is_empty() {
        wrong.push("It has no name.".to_owned());
    }
    let known = world.alliances.get(&text::fold(&carried.name));
    if known.is_none() && carried.places.is_empty() && wrong.is_empty() {
        wrong.push("It has no territory.".to_owned());
    }
    if let Err(reason) = carried.steps(world.today)
        && known.is_none()
        && wrong.is_empty()
    {
        wrong.push(reason);
    }
    if !wrong.is_empty() {
        return Sight { name: label, brought: None, target: Err(wrong) };
    }
    let target = Ok(known.map(|own| (own.id.to_string(), "name")));
    Sight { name: label, brought: Some(Brought::Alliance(Box::new(carried))), target }
}

fn read(world: &World, cells: &mut Cells<'_>) -> Carried {
    let name = cells.short("name", "The name", 120).unwrap_or_default();
    let territory = cells.lines("territory", "The territory", 1_000).unwrap_or_default();
    let summary = cells.lines("summary", "The summary", 1_000).unwrap_or_default();
    let launched_on = cells.past_day("launched_on", "Launch date");
    let leader_name = cells.short("leader", "The leader’s name", 120);
    let title = cells.short("leader_title", "The leader’s title", 120).unwrap_or_default();
    let email = cells.email("leader_email");
    if leader_name.is_none() && (email.is_some() || !title.is_empty()) {
        cells.wrong.push("It tells of a leader and has no name for one.".to_owned());
    }
    Carried {
        name,
        summary,
        places: places(&territory),
        host: host(world, cells),
        leader: leader_name.map(|name| Leader { name, title, email }),
        status: status(cells),
        launched_on,
    }
}

fn host(world: &World, cells: &mut Cells<'_>) -> Option<OrganizationId> {
    let line = cells.line("host");
    if line.is_empty() {
        return None;
    }
    let number = line.trim_start_matches('#').parse().ok();
    let name = if number.is_some() { "" } else { &line };
    world.index.meant(number, name).map(|known| known.id).map_err(|reason| cells.wrong.push(format!("Host: {reason}"))).ok()
}

fn status(cells: &mut Cells<'_>) -> Option<AllianceState> {
    let line = cells.line("status");
    let folded = text::fold(&line);
    let found = AllianceState::ALL.iter().find(|s| folded == s.as_str() || folded == text::fold(&s.label()));
    if found.is_none() && !line.is_empty() {
        let all: Vec<_> = AllianceState::ALL.iter().map(|s| s.label().to_lowercase()).collect();
        cells.wrong.push(format!("“{line}” is no status of an alliance. Write one of: {}.", all.join(", ")));
    }
    found.copied()
}

pub(super) fn plan(world: &World, name: &str, carried: &Carried, target: Option<(&str, &'static str)>) -> Plan {
    let name = name.to_owned();
    let Some((id, by)) = target else {
        let places = carried.places.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
        return Plan {
            fate: Fate::New,
            name,
            reason: format!("An alliance for {places}."),
            record: None,
            changes: Vec::new(),
            notes: Vec::new(),
        };
    };
    let Some(kept) = id.parse::<AllianceId>().ok().and_then(|id| world.local.get(&id)) else {
        let reason = "Its record is gone.".to_owned();
        return Plan { fate: Fate::Refused, name, reason, record: None, changes: Vec::new(), notes: Vec::new() };
    };
    let (merged, notes) = merge(kept, carried, Matching::Replace, world.today);
    let called = |id| world.index.get(id).map_or_else(|| "an organization".to_owned(), |known| known.name.clone());
    Plan {
        fate: Fate::Matches,
        name,
        reason: format!("Known again by its {by}."),
        record: Some((id.to_owned(), kept.own.name.clone())),
        changes: changes(kept, &merged, called),
        notes,
    }
}
