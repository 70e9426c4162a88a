//! What staff may do about a standing, and what each act means.
use super::{Standing, State};
use crate::kernel::words;

words! {
    /// An act on a membership; its word is the noun in the page's address.
    pub enum Act {
        Suspend = "suspension", "Suspend";
        Reinstate = "reinstatement", "Reinstate";
        Override = "override", "Set the standing by hand";
        Resign = "resignation", "Note a resignation";
        Merge = "merger", "Note a merger";
        Dissolve = "dissolution", "Note a dissolution";
        Readmit = "readmission", "Readmit";
    }
}

/// Whether an act is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    Yes,
    /// Not now; the sentence says why and what to do.
    Refused(&'static str),
    /// It makes no sense here and is not shown.
    No,
}

/// Each standing and each act: this table decides for the pages and for the verbs.
pub fn allowed(act: Act, state: &State) -> Allowed {
    use Allowed::{No, Refused, Yes};
    // Time alone leads to these; by what staff may do they are as good a standing as any.
    let standing = match state.standing {
        Standing::ReaffirmationDue | Standing::ReaffirmationOverdue => Standing::InGoodStanding,
        Standing::Inactive if !state.is_set() => Standing::InGoodStanding,
        other => other,
    };
    match (standing, act) {
        (Standing::Suspended, Act::Suspend) => Refused("it is suspended already. Reinstate it first to suspend it anew."),
        (Standing::Inactive, Act::Override) => Refused("it is set by hand already. Reinstate it first to set it anew."),
        (Standing::InGoodStanding, Act::Reinstate) if state.is_set() => Yes,
        (Standing::InGoodStanding, Act::Override) if state.is_set() => {
            Refused("it is set by hand already. Reinstate it first to set it anew.")
        }
        (Standing::InGoodStanding, Act::Reinstate | Act::Readmit) | (Standing::Suspended | Standing::Inactive, Act::Readmit) => {
            No
        }
        (Standing::InGoodStanding | Standing::Suspended | Standing::Inactive, _)
        | (Standing::Resigned, Act::Readmit | Act::Merge | Act::Dissolve) => Yes,
        (Standing::Merged, Act::Readmit) => {
            Refused("it lives on in its successor, which speaks for it. Separated again, it applies anew.")
        }
        (Standing::Dissolved, Act::Readmit) => Refused("a dissolved organization does not come back. A successor applies anew."),
        (
            Standing::Resigned
            | Standing::Merged
            | Standing::Dissolved
            | Standing::ReaffirmationDue
            | Standing::ReaffirmationOverdue,
            _,
        ) => No,
    }
}

impl Act {
    /// The button that does it.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Suspend => "Suspend the membership",
            Self::Reinstate => "Reinstate the membership",
            Self::Override => "Set the standing",
            Self::Resign => "Note the resignation",
            Self::Merge => "Note the merger",
            Self::Dissolve => "Note the dissolution",
            Self::Readmit => "Readmit",
        }
    }

    /// The verb the audit keeps.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Override => "set the standing",
            Self::Resign => "note a resignation",
            Self::Merge => "note a merger",
            Self::Dissolve => "note a dissolution",
            Self::Readmit => "readmit",
        }
    }

    /// What the page is about, before anything is typed.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Suspend => {
                "A suspended organization stays on the roll and keeps its number and contacts. With a last day it is in good standing again by itself."
            }
            Self::Reinstate => "Ends a suspension, or a standing that was set by hand.",
            Self::Override => "Sets the standing until a day, whatever else is known. From that day it follows the facts again.",
            Self::Resign => {
                "Who resigns leaves the roll. The number is retired and kept: readmitted, the organization gets it back."
            }
            Self::Merge => "The organization leaves the roll. Its old address and number lead to the successor.",
            Self::Dissolve => "The organization leaves the roll for ever, and its number is retired.",
            Self::Readmit => "The organization returns to the roll with the number it always had.",
        }
    }
}
