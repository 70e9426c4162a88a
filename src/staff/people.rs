//! What may happen to an account: made, invited, given another role, deactivated, reactivated.
//!
//! Refuses to leave the installation without an administrator who can sign in.
use super::{Role, Staff, StaffId, letters, password, queries, reset};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    hashing::Busy,
    kernel::{Email, Timestamp, words},
    links,
    mail::{self, Class},
    web::Error,
};
use serde::Serialize;

/// The purpose of the link in an invitation.
pub(super) const INVITATION: &str = "staff.invitation";
/// How long an invitation can be followed.
pub const INVITATION_DAYS: i64 = 7;

words! {
    /// Where an account stands, derived from its facts.
    pub enum PersonState {
        Active = "active";
        /// Has not chosen a password yet.
        Invited = "invited";
        Deactivated = "deactivated";
        /// The invitation was taken back before it was followed.
        Withdrawn = "withdrawn", "invitation withdrawn";
    }
}

/// An account, open or not.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    pub id: StaffId,
    pub email: Email,
    pub name: String,
    pub role: Role,
    /// Named as a reviewer of applications.
    pub reviews: bool,
    pub created_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// When the last invitation was mailed.
    pub invited_at: Option<Timestamp>,
    pub has_password: bool,
    /// Within a few minutes; none when they never signed in.
    pub seen_at: Option<Timestamp>,
}

impl Person {
    pub const fn state(&self) -> PersonState {
        match (self.closed_at.is_some(), self.has_password) {
            (false, true) => PersonState::Active,
            (false, false) => PersonState::Invited,
            (true, true) => PersonState::Deactivated,
            (true, false) => PersonState::Withdrawn,
        }
    }

    fn record(&self) -> Record<'_> {
        Record { name: &self.name, email: &self.email, role: self.role, reviews: self.reviews, state: self.state() }
    }
}

/// An account as the audit keeps it.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    pub(super) name: &'a str,
    pub(super) email: &'a Email,
    pub(super) role: Role,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) reviews: bool,
    pub(super) state: PersonState,
}

/// Why an account is not made or changed. The sentence is for who asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("{0}.")]
    Weak(#[from] password::WeakPassword),
    #[error("{email} has an account already ({state}).")]
    Taken { email: Email, state: String },
    #[error("There is no open account for {0}.")]
    Unknown(Email),
    #[error("There is no such account.")]
    Missing,
    #[error("Write the person's name, in at most 120 characters.")]
    Name,
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("The database did not do this: {0}")]
    Database(#[from] sqlx::Error),
}

impl From<AccountError> for Error {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unknown(_) | AccountError::Missing => Self::NotFound,
            AccountError::Busy(busy) => Self::Unavailable(busy.to_string()),
            AccountError::Database(error) => Self::Database(error),
            refused => Self::Conflict(refused.to_string()),
        }
    }
}

/// The hash of a password as the account keeps it, not judged: for accounts a program makes.
pub async fn password_hash(app: &App, password: &str) -> Result<String, Busy> {
    password::hash_unjudged(app, password).await
}

/// Makes an account that can sign in; `None` when the address has one already. Leaves the audit to
/// its caller, who knows who acts.
pub async fn create(
    tx: &mut Tx,
    email: &Email,
    name: &str,
    role: Role,
    hash: &str,
    now: Timestamp,
) -> sqlx::Result<Option<StaffId>> {
    let id = queries::insert(tx, email, name, role, now).await?;
    if let Some(id) = id {
        queries::set_password(tx, id, hash, now).await?;
    }
    Ok(id)
}

/// The sentence for who asks for a leader's account where accounts of the secretariat are kept.
pub(super) const LEADERS_ELSEWHERE: &str =
    "The accounts of alliance leaders are opened and closed on their alliance’s page, with their terms.";

/// Makes an account of the secretariat without a password and mails a link to choose one.
pub async fn invite(tx: &mut Tx, app: &App, by: &Staff, email: &Email, name: &str, role: Role) -> Result<StaffId, AccountError> {
    if role == Role::AllianceLeader {
        return Err(AccountError::Refused(LEADERS_ELSEWHERE));
    }
    invite_as(tx, app, by, email, name, role).await
}

/// Makes an account without a password and mails a link to choose one.
pub(super) async fn invite_as(
    tx: &mut Tx,
    app: &App,
    by: &Staff,
    email: &Email,
    name: &str,
    role: Role,
) -> Result<StaffId, AccountError> {
    let now = app.clock.now();
    let Some(id) = queries::insert(tx, email, name, role, now).await? else {
        let state = queries::person_by_email(tx, email).await?.map_or_else(String::new, |p| p.state().label());
        return Err(AccountError::Taken { email: email.clone(), state });
    };
    mail_invitation(tx, app, by, id, name, email, role).await?;
    note(
        tx,
        &by.actor(),
        "invite",
        id,
        None,
        Some(&Record { name, email, role, reviews: false, state: PersonState::Invited }),
        now,
    )
    .await?;
    Ok(id)
}

/// Mails the link anew; the older one stops working.
pub async fn invite_again(tx: &mut Tx, app: &App, by: &Staff, id: StaffId) -> Result<Person, AccountError> {
    let person = find(tx, id).await?;
    if person.state() != PersonState::Invited {
        return Err(AccountError::Refused("Only who has not chosen a password yet can be invited again."));
    }
    mail_invitation(tx, app, by, id, &person.name, &person.email, person.role).await?;
    note(tx, &by.actor(), "invite_again", id, None, None, app.clock.now()).await?;
    Ok(person)
}

async fn mail_invitation(
    tx: &mut Tx,
    app: &App,
    by: &Staff,
    id: StaffId,
    name: &str,
    email: &Email,
    role: Role,
) -> Result<(), AccountError> {
    let (now, subject) = (app.clock.now(), id.to_string());
    let until = now.plus_days(INVITATION_DAYS);
    links::revoke(tx, INVITATION, &subject, now).await?;
    let token = links::issue(tx, &app.keys, INVITATION, &subject, now, until).await?;
    let link = app.url(&format!("/staff/invitation/{token}"));
    let letter = letters::invitation(name, role, &by.name, &link, until, &app.coalition.get());
    mail::send(tx, email, Class::Transactional, ("staff_user", &subject), &letter, now).await?;
    queries::set_invited(tx, id, now).await?;
    Ok(())
}

/// Gives a person another role, from their next page on.
pub async fn change_role(tx: &mut Tx, app: &App, by: &Staff, id: StaffId, role: Role) -> Result<Person, AccountError> {
    queries::hold_administrators(tx).await?;
    let person = find(tx, id).await?;
    if role == Role::AllianceLeader || person.role == Role::AllianceLeader {
        return Err(AccountError::Refused(LEADERS_ELSEWHERE));
    }
    if !queries::set_role(tx, id, person.role, role).await? {
        return Err(refusal(&person));
    }
    let changed = Person { role, ..person.clone() };
    note(tx, &by.actor(), "change_role", id, Some(&person.record()), Some(&changed.record()), app.clock.now()).await?;
    Ok(changed)
}

/// Names somebody as a reviewer of applications, or no longer.
pub async fn name_reviewer(tx: &mut Tx, app: &App, by: &Staff, id: StaffId, reviews: bool) -> Result<Person, AccountError> {
    let person = find(tx, id).await?;
    if person.closed_at.is_some() {
        return Err(AccountError::Refused("This account is deactivated. Reactivate it first."));
    }
    let changed = Person { reviews, ..person.clone() };
    if queries::set_reviews(tx, id, reviews).await? {
        let action = if reviews { "name_reviewer" } else { "unname_reviewer" };
        note(tx, &by.actor(), action, id, Some(&person.record()), Some(&changed.record()), app.clock.now()).await?;
    }
    Ok(changed)
}

/// Closes an account, or takes an invitation back: its sessions end and its links stop working.
pub async fn deactivate(tx: &mut Tx, app: &App, by: &Staff, id: StaffId) -> Result<Person, AccountError> {
    let now = app.clock.now();
    queries::hold_administrators(tx).await?;
    let person = find(tx, id).await?;
    if by.id == id {
        return Err(AccountError::Refused("You can't deactivate your own account. Another administrator can."));
    }
    if !queries::close(tx, id, now).await? {
        return Err(refusal(&person));
    }
    queries::close_sessions(tx, id, "", now).await?;
    revoke_links(tx, id, now).await?;
    let closed = Person { closed_at: Some(now), ..person.clone() };
    let action = if person.has_password { "deactivate" } else { "withdraw_invitation" };
    note(tx, &by.actor(), action, id, Some(&person.record()), Some(&closed.record()), now).await?;
    Ok(closed)
}

/// Opens a closed account with the role it had. Who never chose a password is invited again.
pub async fn reactivate(tx: &mut Tx, app: &App, by: &Staff, id: StaffId) -> Result<Person, AccountError> {
    let person = find(tx, id).await?;
    if !queries::reopen(tx, id).await? {
        return Err(AccountError::Refused("This account is open already."));
    }
    if !person.has_password {
        mail_invitation(tx, app, by, id, &person.name, &person.email, person.role).await?;
    }
    let open = Person { closed_at: None, ..person.clone() };
    note(tx, &by.actor(), "reactivate", id, Some(&person.record()), Some(&open.record()), app.clock.now()).await?;
    Ok(open)
}

/// Every link that lets its holder choose a password for this account stops working.
pub(super) async fn revoke_links(tx: &mut Tx, id: StaffId, now: Timestamp) -> sqlx::Result<()> {
    links::revoke(tx, INVITATION, &id.to_string(), now).await?;
    links::revoke(tx, reset::RESET, &id.to_string(), now).await
}

async fn find(tx: &mut Tx, id: StaffId) -> Result<Person, AccountError> {
    queries::person(tx, id).await?.ok_or(AccountError::Missing)
}

fn refusal(person: &Person) -> AccountError {
    AccountError::Refused(if person.closed_at.is_some() {
        "This account is deactivated already."
    } else if person.role == Role::Administrator {
        "This is the last active administrator. Make somebody else administrator first."
    } else {
        "Somebody else changed this account at the same moment. Look at it again."
    })
}

/// Writes down what was done to an account.
pub(super) async fn note(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    id: StaffId,
    before: Option<&Record<'_>>,
    after: Option<&Record<'_>>,
    now: Timestamp,
) -> sqlx::Result<()> {
    audit::record(tx, actor, action, ("staff_user", &id.to_string()), before, after, now).await
}
