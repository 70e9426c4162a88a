//! Alliances as a file carries them in: known again by their name, written with the steps that their status
//! rests on, and taken back whole.
//!
//! It refuses a status whose leader, host or launch is not told. The status of an alliance on record is never
//! changed: it follows from its steps.
mod place;
mod write;

use super::{AllianceId, AllianceState, Part, RowId, StepKind, Term, TermId, Territory, TerritoryId};
use crate::{
    kernel::{Day, Email},
    members::{
        OrganizationId,
        carried::{Change, Matching},
    },
};
use serde::{Deserialize, Serialize};

pub use super::queries::carried::{all, kept, naming};
pub use place::{Place, places};
pub use write::{insert, put, remove};

/// What a file says of one alliance, each part read and right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub name: String,
    pub summary: String,
    pub places: Vec<Place>,
    pub host: Option<OrganizationId>,
    pub leader: Option<Leader>,
    pub status: Option<AllianceState>,
    pub launched_on: Option<Day>,
}

/// Who leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    pub name: String,
    pub title: String,
    pub email: Option<Email>,
}

/// The whole record of an alliance: what an import may write, and a word for each thing besides that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub own: Own,
    pub territories: Vec<Territory>,
    pub hosts: Vec<HostTerm>,
    pub terms: Vec<Term>,
    pub around: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Own {
    pub id: AllianceId,
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub state: AllianceState,
}

/// One row of `alliance_host`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct HostTerm {
    pub id: RowId,
    pub alliance_id: AllianceId,
    pub organization_id: OrganizationId,
    pub from_day: Day,
    pub to_day: Option<Day>,
}

impl Carried {
    /// The steps that the status rests on.
    ///
    /// # Errors
    /// A sentence, when something that a step rests on is not told.
    pub fn steps(&self, today: Day) -> Result<Vec<(StepKind, Day)>, String> {
        use AllianceState as S;
        let status = self.status.unwrap_or(match (self.launched_on, &self.leader) {
            (Some(_), _) => S::Launched,
            _ => S::Prospective,
        });
        let reached = match status {
            S::Hosted => 2,
            S::Visited => 3,
            S::Organizing => 4,
            S::Launched => 5,
            S::Dormant | S::Closed if self.launched_on.is_some() => 5,
            S::Prospective | S::Dormant | S::Closed => usize::from(self.leader.is_some()),
        };
        let words = status.label().to_lowercase();
        if reached > 1 && self.leader.is_none() {
            return Err(format!("An alliance that is {words} has a leader. Name the leader."));
        }
        if reached > 1 && self.host.is_none() {
            return Err(format!("An alliance that is {words} has a host organization. Name the host."));
        }
        if status == S::Launched && self.launched_on.is_none() {
            return Err("An active alliance was launched on a day. Add the launch date.".to_owned());
        }
        if self.launched_on.is_some() && reached < 5 {
            return Err(format!("It is {words} and has a launch date. One of them is wrong."));
        }
        let on = self.launched_on.unwrap_or(today);
        let mut steps: Vec<_> = super::pipeline::CHECKLIST[..reached].iter().map(|kind| (*kind, on)).collect();
        match status {
            S::Dormant => steps.push((StepKind::Dormant, today)),
            S::Closed => steps.push((StepKind::Closed, today)),
            _ => {}
        }
        Ok(steps)
    }
}

/// A record with a file's facts merged into it, and notes on what was not taken over.
pub fn merge(kept: &Kept, carried: &Carried, matching: Matching, today: Day) -> (Kept, Vec<String>) {
    let (mut merged, mut notes) = (kept.clone(), Vec::new());
    let id = kept.own.id;
    if carried.status.is_some_and(|status| status != kept.own.state) {
        notes.push("Its status follows from its steps. Record the step on its page.".to_owned());
    }
    let host = kept.hosts.iter().find(|h| h.to_day.is_none());
    if host.zip(carried.host).is_some_and(|(held, given)| held.organization_id != given) {
        notes.push("Another host organization is on record. Change it on its page.".to_owned());
    }
    let leader = kept.terms.iter().find(|t| t.part == Part::Leader && t.runs(today));
    if leader.zip(carried.leader.as_ref()).is_some_and(|(held, given)| held.name != given.name) {
        notes.push("Another leader is on record. Hand over on its page.".to_owned());
    }
    if matching == Matching::Leave {
        return (merged, notes);
    }
    let replace = matching == Matching::Replace;
    if !carried.summary.is_empty() && (replace || merged.own.summary.is_empty()) {
        merged.own.summary.clone_from(&carried.summary);
    }
    if replace || merged.territories.is_empty() {
        for place in &carried.places {
            let same = |t: &Territory| t.grain == place.grain && t.name == place.name && t.state_code == place.state_code;
            if !merged.territories.iter().any(same) {
                merged.territories.push(place.of(id, TerritoryId::new()));
            }
        }
    }
    if let Some(organization_id) = carried.host.filter(|_| host.is_none()) {
        merged.hosts.push(HostTerm { id: RowId::new(), alliance_id: id, organization_id, from_day: today, to_day: None });
    }
    if let Some(given) = &carried.leader {
        match merged.terms.iter_mut().find(|t| t.part == Part::Leader && t.runs(today)) {
            None => merged.terms.push(given.term(id, today)),
            Some(held) if held.name == given.name && given.email.is_some() && (replace || held.email.is_none()) => {
                held.email.clone_from(&given.email);
            }
            Some(_) => {}
        }
    }
    (merged, notes)
}

impl Leader {
    fn term(&self, alliance_id: AllianceId, from_day: Day) -> Term {
        Term {
            id: TermId::new(),
            alliance_id,
            part: Part::Leader,
            name: self.name.clone(),
            title: self.title.clone(),
            email: self.email.clone(),
            founder: false,
            from_day,
            to_day: None,
            staff_id: None,
        }
    }
}

/// The difference in words; `name` says an organization's.
pub fn changes(before: &Kept, after: &Kept, name: impl Fn(OrganizationId) -> String) -> Vec<Change> {
    let hosts = |kept: &Kept| {
        kept.hosts.iter().filter(|h| h.to_day.is_none()).map(|h| name(h.organization_id)).collect::<Vec<_>>().join(", ")
    };
    let leaders = |kept: &Kept| {
        let said = |t: &Term| t.email.as_ref().map_or_else(|| t.who(), |email| format!("{}, {email}", t.who()));
        kept.terms.iter().filter(|t| t.part == Part::Leader && t.to_day.is_none()).map(said).collect::<Vec<_>>().join("; ")
    };
    let territory = |kept: &Kept| super::places::in_words(&kept.territories);
    [
        ("Summary", before.own.summary.clone(), after.own.summary.clone()),
        ("Territory", territory(before), territory(after)),
        ("Host organization", hosts(before), hosts(after)),
        ("Leader", leaders(before), leaders(after)),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| Change { what: what.to_owned(), before, after })
    .collect()
}
