//! The people of the secretariat: who they are, how they sign in, and what each may do.
//!
//! An account is made on the command line or by invitation, and is never deleted: it is deactivated,
//! so that the audit keeps its names.
mod caller;
mod choose;
pub mod command;
pub mod leaders;
mod letters;
mod limits;
mod linked;
mod me;
mod password;
pub mod people;
mod people_pages;
mod person_page;
mod queries;
mod reset;
mod reviewing;
mod rights;
mod session;
mod sign_in;

use crate::{
    app::App,
    kernel::{Email, Timestamp, id, words},
    work::Handlers,
};
use axum::Router;

pub use limits::{TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, WINDOW_SECONDS};
pub use password::{Password, WeakPassword};
pub use people::{AccountError, Person, PersonState};
pub use queries::{by_email, by_id, insert};
pub use reviewing::{reviewers, secretariat};
pub use rights::Right;
pub use session::{SESSION_ABSOLUTE_HOURS, SESSION_IDLE_HOURS, open_session};

id!(
    /// Names one row of `staff_user`.
    StaffId
);

words! {
    /// What a staff user is there for; what follows from it is in the rights.
    pub enum Role {
        Administrator = "administrator", "Administrator";
        Membership = "membership", "Membership";
        Development = "development", "Development";
        Communications = "communications", "Communications";
        ReadOnly = "read_only", "Read-only";
        /// Not of the secretariat: keeps one alliance and sees nothing else.
        AllianceLeader = "alliance_leader", "Alliance leader";
    }
}

impl Role {
    /// The roles of the secretariat, which administrators give.
    pub const SECRETARIAT: &'static [Self] =
        &[Self::Administrator, Self::Membership, Self::Development, Self::Communications, Self::ReadOnly];
}

/// Whoever can sign in: staff, or the leader of an alliance. It opens no page but those of one's own
/// account; what more it opens is decided by turning it into a [`Staff`] or a [`LeaderAccount`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    pub id: StaffId,
    pub email: Email,
    pub name: String,
    pub role: Role,
    /// Named as a reviewer of applications; means nothing for a leader.
    pub reviews: bool,
    pub created_at: Timestamp,
}

/// The signed-in leader of an alliance. Which alliances, their terms say; no page for staff takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderAccount(Account);

/// Somebody of the secretariat who is signed in. Asking for one as a parameter is what makes a page
/// private; it is made only from an [`Account`] that is not a leader's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub email: Email,
    pub name: String,
    pub role: Role,
    /// Named as a reviewer of applications, whatever the role.
    pub reviews: bool,
    pub created_at: Timestamp,
}

/// An open account and what its password is compared with.
#[derive(Clone, sqlx::FromRow)]
struct Access {
    #[sqlx(flatten)]
    account: Account,
    password_hash: String,
}

/// A session as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct OpenSession {
    digest: String,
    opened_at: Timestamp,
    seen_at: Timestamp,
    /// Browser and address in words.
    opened_from: String,
}

/// Sign-in, accounts, sessions.
pub fn private() -> Router<App> {
    Router::new()
        .merge(sign_in::router())
        .merge(reset::router())
        .merge(linked::router())
        .merge(me::router())
        .merge(people_pages::router())
        .merge(person_page::router())
        .merge(reviewing::router())
}

/// Mails the links that were asked for.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(reset::MAIL_LINK, reset::mail_link)
}
