//! The standing of an organization: derived on read, here and nowhere else, from dated facts.
//!
//! Facts are only ever added. A number is kept for ever: who is readmitted gets the own one back. Standing
//! never depends on money.
mod acts;
mod pages;
pub(in crate::members) mod queries;

use super::{
    Organization, OrganizationId,
    reaffirmation::{self, Rhythm},
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, Timestamp, id, words},
    settings,
    web::{badge, day},
};
use axum::Router;
use maud::{Markup, html};

pub use acts::{Act, Allowed, allowed};
pub use queries::{all_facts, facts};

id!(
    /// Names one row of `standing_fact`.
    FactId
);

words! {
    /// Where an organization stands.
    pub enum Standing {
        InGoodStanding = "in_good_standing", "In good standing";
        ReaffirmationDue = "reaffirmation_due", "Reaffirmation due";
        ReaffirmationOverdue = "reaffirmation_overdue", "Reaffirmation overdue";
        Inactive = "inactive", "Inactive";
        Suspended = "suspended", "Suspended";
        Resigned = "resigned", "Resigned";
        Merged = "merged", "Merged";
        Dissolved = "dissolved", "Dissolved";
    }
}

impl Standing {
    /// Whether it is on the roll.
    pub const fn belongs(self) -> bool {
        !matches!(self, Self::Resigned | Self::Merged | Self::Dissolved)
    }
}

words! {
    /// What changes a standing.
    pub enum FactKind {
        Suspended = "suspended", "Suspended";
        Reinstated = "reinstated", "Reinstated";
        Resigned = "resigned", "Resigned";
        Readmitted = "readmitted", "Readmitted";
        Merged = "merged", "Merged";
        Dissolved = "dissolved", "Dissolved";
        /// Staff say what it is until a day, whatever the other facts give.
        Override = "override", "Set by hand";
    }
}

/// One row of `standing_fact`, with the successor's name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Fact {
    pub id: FactId,
    pub organization_id: OrganizationId,
    pub kind: FactKind,
    pub on_day: Day,
    /// Good standing again from this day.
    pub until_day: Option<Day>,
    pub standing: Option<Standing>,
    pub successor_id: Option<OrganizationId>,
    pub successor: Option<String>,
    pub reason: String,
    pub noted_at: Timestamp,
    pub noted_by: String,
}

/// Where an organization stands on a day, and by which fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub standing: Standing,
    /// The fact that decides; none for a member since its admission.
    pub by: Option<Fact>,
    /// When its commitment is to be reaffirmed next, for who is asked.
    pub due: Option<Day>,
}

/// The standing that these facts, in their order, give on a day.
pub fn derive(facts: &[Fact], today: Day) -> State {
    let mut left: Option<&Fact> = None;
    let mut suspended: Option<&Fact> = None;
    let mut set: Option<&Fact> = None;
    let mut back: Option<&Fact> = None;
    for fact in facts.iter().filter(|fact| fact.on_day <= today) {
        let lasts = fact.until_day.is_none_or(|until| today < until);
        match fact.kind {
            FactKind::Suspended => suspended = Some(fact).filter(|_| lasts),
            FactKind::Override => set = Some(fact).filter(|_| lasts),
            FactKind::Resigned | FactKind::Merged | FactKind::Dissolved => left = Some(fact),
            FactKind::Reinstated | FactKind::Readmitted => {
                (left, suspended, set, back) = (None, None, None, Some(fact));
            }
        }
    }
    let (standing, by) = match (left, set, suspended) {
        (Some(fact), ..) => (
            match fact.kind {
                FactKind::Merged => Standing::Merged,
                FactKind::Dissolved => Standing::Dissolved,
                _ => Standing::Resigned,
            },
            Some(fact),
        ),
        (None, Some(fact), _) => (fact.standing.unwrap_or(Standing::InGoodStanding), Some(fact)),
        (None, None, Some(fact)) => (Standing::Suspended, Some(fact)),
        (None, None, None) => (Standing::InGoodStanding, back),
    };
    State { standing, by: by.cloned(), due: None }
}

/// Where an organization stands on a day.
pub async fn standing(tx: &mut Tx, id: OrganizationId, today: Day) -> sqlx::Result<State> {
    let facts = facts(tx, id).await?;
    let rhythm: Rhythm = settings::get(tx).await?;
    let basis = reaffirmation::queries::basis(tx, id).await?;
    let due = basis.and_then(|basis| rhythm.due(basis.affirmed(&facts, today)));
    Ok(derive(&facts, today).with_due(&rhythm, due, today))
}

impl State {
    /// The same, with the day by which the commitment is to be reaffirmed. What facts say by hand goes first.
    #[must_use]
    pub fn with_due(mut self, rhythm: &Rhythm, due: Option<Day>, today: Day) -> Self {
        self.due = due;
        if let (Standing::InGoodStanding, false, Some(due)) = (self.standing, self.is_set(), due) {
            self.standing = rhythm.stands(due, today);
        }
        self
    }

    /// Whether staff set it by hand.
    pub fn is_set(&self) -> bool {
        self.by.as_ref().is_some_and(|fact| fact.kind == FactKind::Override)
    }

    /// Since when, and why, in a sentence.
    pub fn sentence(&self, o: &Organization) -> String {
        if let (Some(due), false) = (self.due.map(Day::words), self.is_set()) {
            match self.standing {
                Standing::ReaffirmationDue => return format!("Its commitment is to be reaffirmed by {due}."),
                Standing::ReaffirmationOverdue => return format!("Its commitment was to be reaffirmed by {due}."),
                Standing::Inactive => return format!("Inactive: its commitment was to be reaffirmed by {due}, and was not."),
                _ => {}
            }
        }
        let Some(fact) = &self.by else {
            return format!("In good standing since it was admitted on {}.", o.admitted_on.words());
        };
        let since = fact.on_day.words();
        let until = fact.until_day.map(|until| format!(" until {}", until.words())).unwrap_or_default();
        let what = match (self.standing, fact.kind) {
            (Standing::InGoodStanding, FactKind::Override) => format!("Kept in good standing from {since}{until}."),
            (Standing::InGoodStanding, FactKind::Readmitted) => format!("In good standing since it was readmitted on {since}."),
            (Standing::InGoodStanding, _) => format!("In good standing again since {since}."),
            (Standing::Inactive | Standing::ReaffirmationDue | Standing::ReaffirmationOverdue, _) => {
                format!("Inactive from {since}{until}.")
            }
            (Standing::Suspended, _) => format!("Suspended on {since}{until}."),
            (Standing::Resigned, _) => format!("It resigned on {since}."),
            (Standing::Merged, _) => {
                format!("It merged into {} on {since}.", fact.successor.as_deref().unwrap_or("another organization"))
            }
            (Standing::Dissolved, _) => format!("It was dissolved on {since}."),
        };
        format!("{what} Reason: {}", fact.reason)
    }
}

/// A standing as its badge.
pub fn shown(standing: Standing) -> Markup {
    let looks_as = match standing {
        Standing::ReaffirmationDue => "pending",
        Standing::ReaffirmationOverdue => "past_due",
        other => other.as_str(),
    };
    badge(looks_as, standing.label())
}

pub(super) fn router() -> Router<App> {
    pages::router()
}

/// The facts, the newest first, down to the admission.
pub(in crate::members) fn timeline(o: &Organization, facts: &[Fact]) -> Markup {
    html! {
        ol.timeline {
            @for fact in facts.iter().rev() {
                li {
                    (day(fact.on_day))
                    p { strong { (in_words(fact)) } }
                    p { (fact.reason) " (" (fact.noted_by) ")" }
                }
            }
            li { (day(o.admitted_on)) p { strong { "Admitted" } } }
        }
    }
}

/// `Suspended until 1 January 2027`, `Merged into World Without Genocide`.
pub fn in_words(fact: &Fact) -> String {
    let until = fact.until_day.map(|until| format!(" until {}", until.words())).unwrap_or_default();
    match (fact.kind, &fact.successor, fact.standing) {
        (FactKind::Merged, Some(successor), _) => format!("Merged into {successor}"),
        (FactKind::Override, _, Some(standing)) => format!("{} by hand{until}", standing.label()),
        (kind, ..) => format!("{}{until}", kind.label()),
    }
}

/// What may be done now: links to the pages that say what will happen; and why not what is not possible.
pub(in crate::members) fn acts(id: OrganizationId, state: &State) -> Markup {
    html! {
        ul {
            @for act in Act::ALL.iter().copied() {
                @match allowed(act, state) {
                    Allowed::Yes => li { a href={ "/staff/organizations/" (id) "/standing/" (act) } { (act.label()) } },
                    Allowed::Refused(why) => li.hint { (act.label()) ": " (why) },
                    Allowed::No => {},
                }
            }
        }
    }
}
