//! The accounts of alliance leaders: opened with a term, closed with it, and kept apart from staff.
//!
//! Refuses to turn an account of the secretariat into a leader's, or the other way round. What a leader
//! asks for beyond the own alliance is answered as if it were not there, and written down.
use super::{Account, AccountError, LeaderAccount, PersonState, Role, Staff, StaffId, people, queries};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::{Email, Timestamp},
    web::Error,
};
use axum::{extract::FromRequestParts, http::request::Parts};

impl Staff {
    /// `None` when the account is a leader's.
    pub(super) fn of(account: Account) -> Option<Self> {
        let Account { id, email, name, role, reviews, created_at } = account;
        (role != Role::AllianceLeader).then_some(Self { id, email, name, role, reviews, created_at })
    }
}

impl LeaderAccount {
    pub fn id(&self) -> StaffId {
        self.0.id
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// This person, for the audit.
    pub fn actor(&self) -> Actor {
        self.0.actor()
    }
}

/// What somebody asked for, kept until it is known whether they may.
#[derive(Debug, Clone)]
pub struct Attempt {
    actor: Actor,
    id: StaffId,
    asked: String,
}

impl Attempt {
    pub(super) fn of(account: &Account, parts: &Parts) -> Self {
        let asked = format!("{} {}", parts.method, parts.uri.path()).chars().take(300).collect();
        Self { actor: account.actor(), id: account.id, asked }
    }

    /// The same, of somebody known to be a leader.
    pub fn of_leader(leader: &LeaderAccount, parts: &Parts) -> Self {
        Self::of(&leader.0, parts)
    }

    /// Writes the attempt down; its maker reads that there is no such page.
    pub async fn refuse(self, app: &App) -> Error {
        let written = async {
            let mut tx = app.db.write().await?;
            let after = serde_json::json!({ "asked_for": self.asked });
            let record = ("staff_user", &*self.id.to_string());
            audit::record::<(), _>(&mut tx, &self.actor, "refused_page", record, None, Some(&after), app.clock.now()).await?;
            tx.commit().await
        };
        match written.await {
            Ok(()) => Error::NotFound,
            Err(error) => error.into(),
        }
    }
}

/// Staff who open a leader's page are told that there is none: they have pages of their own.
impl FromRequestParts<App> for LeaderAccount {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let account = <Account as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        if account.role == Role::AllianceLeader { Ok(Self(account)) } else { Err(Error::NotFound) }
    }
}

/// What was done so that a leader can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// An invitation is on its way.
    Invited(StaffId),
    /// The account was closed with an earlier term and is open again.
    Reopened(StaffId),
    /// It was open already: they lead another alliance too, or are invited.
    Open(StaffId),
}

impl Opened {
    pub const fn id(self) -> StaffId {
        match self {
            Self::Invited(id) | Self::Reopened(id) | Self::Open(id) => id,
        }
    }
}

/// Makes sure that the person with this address can sign in as a leader. Whoever may do that was
/// asked before: the right is that of the alliance's page.
pub async fn open(tx: &mut Tx, app: &App, by: &Staff, email: &Email, name: &str) -> Result<Opened, AccountError> {
    let Some(person) = queries::person_by_email(tx, email).await? else {
        return people::invite_as(tx, app, by, email, name, Role::AllianceLeader).await.map(Opened::Invited);
    };
    if person.role != Role::AllianceLeader {
        return Err(AccountError::Refused(
            "This address belongs to an account of the secretariat, which sees the alliance already. Give another address of the leader.",
        ));
    }
    match person.state() {
        PersonState::Active | PersonState::Invited => Ok(Opened::Open(person.id)),
        PersonState::Deactivated => people::reactivate(tx, app, by, person.id).await.map(|p| Opened::Reopened(p.id)),
        PersonState::Withdrawn => people::reactivate(tx, app, by, person.id).await.map(|p| Opened::Invited(p.id)),
    }
}

/// Makes a leader's account that can sign in at once, for data a program makes.
pub async fn create(tx: &mut Tx, email: &Email, name: &str, hash: &str, now: Timestamp) -> sqlx::Result<Option<StaffId>> {
    people::create(tx, email, name, Role::AllianceLeader, hash, now).await
}

/// Closes a leader's account with the last term it served: nobody can sign in to it. Nothing happens
/// when it is closed already.
pub async fn close(tx: &mut Tx, app: &App, by: &Staff, id: StaffId) -> Result<(), AccountError> {
    match queries::person(tx, id).await? {
        Some(person) if person.role == Role::AllianceLeader && person.closed_at.is_none() => {
            people::deactivate(tx, app, by, id).await.map(drop)
        }
        _ => Ok(()),
    }
}
