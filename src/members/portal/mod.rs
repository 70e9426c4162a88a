//! What the delegate of an organization does alone, without a password: a link that is mailed opens the portal for
//! half a day in one browser. Harmless changes apply at once; sensitive ones wait for staff.
//!
//! It refuses what the standing does not allow, with a sentence, and everybody whose term has ended.
pub mod changes;
mod contacts;
mod door;
mod letters;
mod parts;
mod profile;
mod queries;
mod session;

use super::{
    Contact, Organization,
    standing::{Allowed, Standing, State},
};
use crate::{app::App, kernel::Day, web::Error};
use axum::Router;

pub use door::{ask_page, mail_link_for};
pub use parts::{Home, home};
pub use session::Entry;

/// Who is in the portal, for which organization.
#[derive(Debug, Clone)]
pub struct Delegate {
    pub o: Organization,
    pub person: Contact,
    pub state: State,
    /// Whether the day of the next reaffirmation is near or behind.
    pub reaffirms: bool,
    pub today: Day,
}

/// What a delegate may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Certificate,
    Reaffirm,
    /// Profile and contacts, which apply at once.
    Change,
    /// Names, the delegate's address and the seat, which staff decide.
    Ask,
    /// Contributions, which the organization is asked for.
    Contribute,
}

/// Each standing and each thing to do: this table decides for the pages and for the verbs.
pub fn allowed(doing: Doing, state: &State, reaffirms: bool) -> Allowed {
    use Allowed::{No, Refused, Yes};
    match (state.standing, doing) {
        (Standing::Resigned | Standing::Merged | Standing::Dissolved, Doing::Certificate) => {
            Refused("There is no certificate: the organization no longer belongs to the coalition.")
        }
        (Standing::Resigned | Standing::Merged | Standing::Dissolved, _) => No,
        (Standing::Suspended, Doing::Certificate) => {
            Refused("There is no certificate while the membership is suspended. It is given again after it is reinstated.")
        }
        (_, Doing::Reaffirm) if state.due.is_none() => No,
        (Standing::Suspended, Doing::Reaffirm) => {
            Refused("The membership is suspended. The commitment is reaffirmed after it is reinstated.")
        }
        (_, Doing::Reaffirm) if !reaffirms => Refused("Nothing is to be reaffirmed yet. We write when it is."),
        _ => Yes,
    }
}

impl Delegate {
    pub fn allowed(&self, doing: Doing) -> Allowed {
        allowed(doing, &self.state, self.reaffirms)
    }

    /// Refuses with the sentence; what is not there is not found.
    pub fn may(&self, doing: Doing) -> Result<(), Error> {
        match self.allowed(doing) {
            Allowed::Yes => Ok(()),
            Allowed::Refused(why) => Err(Error::Conflict(why.to_owned())),
            Allowed::No => Err(Error::NotFound),
        }
    }

    pub fn actor(&self) -> crate::audit::Actor {
        crate::audit::Actor { kind: "delegate", id: self.person.id.to_string(), name: self.person.name.clone() }
    }
}

/// A page of the portal below its first one.
pub fn page(title: impl Into<String>, content: maud::Markup) -> crate::web::Page {
    crate::web::Page::bare(title, content).crumb("Portal", "/portal")
}

pub(super) fn router() -> Router<App> {
    door::router().merge(parts::router()).merge(profile::router()).merge(contacts::router()).merge(changes::router())
}
