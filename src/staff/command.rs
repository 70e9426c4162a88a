//! Accounts from the command line: how the first administrator comes in, and the way back when no
//! mail arrives. Every error is a sentence.
use super::{
    AccountError, Password, Person, PersonState, Role, StaffId,
    limits::Limit,
    password,
    people::{self, Record},
    queries,
};
use crate::{
    app::App,
    audit::Actor,
    kernel::{Email, text},
};

/// Makes an account that can sign in at once.
pub async fn add(app: &App, email: &Email, name: &str, role: Role, password: &str) -> Result<StaffId, AccountError> {
    let name = text::line(name);
    if name.is_empty() || name.chars().count() > 120 {
        return Err(AccountError::Name);
    }
    if role == Role::AllianceLeader {
        return Err(AccountError::Refused(people::LEADERS_ELSEWHERE));
    }
    let hash = password::hash(&app.hashing, &Password::choose(password, email)?).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let Some(id) = people::create(&mut tx, email, &name, role, &hash, now).await? else {
        let state = queries::person_by_email(&mut tx, email).await?.map_or_else(String::new, |p| p.state().label());
        return Err(AccountError::Taken { email: email.clone(), state });
    };
    let record = Record { name: &name, email, role, reviews: false, state: PersonState::Active };
    people::note(&mut tx, &Actor::command_line(), "add", id, None, Some(&record), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives an open account another password; every session of it ends.
pub async fn reset_password(app: &App, email: &Email, password: &str) -> Result<(), AccountError> {
    let hash = password::hash(&app.hashing, &Password::choose(password, email)?).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let staff = queries::account_by_email(&mut tx, email).await?.ok_or_else(|| AccountError::Unknown(email.clone()))?;
    queries::set_password(&mut tx, staff.id, &hash, now).await?;
    queries::close_sessions(&mut tx, staff.id, "", now).await?;
    people::revoke_links(&mut tx, staff.id, now).await?;
    Limit::account(email.as_str()).forget(&mut tx).await?;
    people::note(&mut tx, &Actor::command_line(), "reset_password", staff.id, None, None, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Every account, open ones first, by name.
pub async fn list(app: &App) -> Result<Vec<Person>, AccountError> {
    let mut tx = app.db.read().await?;
    Ok(queries::people(&mut tx).await?)
}
