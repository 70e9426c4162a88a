//! Choosing a password by a mailed link: after an invitation, which signs in, or after forgetting one,
//! which ends every session. Opening the link changes nothing; sending the form uses it up.
use super::{
    Account, PersonState,
    caller::Caller,
    choose, letters,
    limits::Limit,
    password,
    people::{self, INVITATION, Record},
    queries,
    reset::RESET,
    session, sign_in,
};
use crate::{
    app::App,
    db::Tx,
    links::{self, LinkError},
    mail::{self, Class},
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/reset/{token}", get(ask_anew).post(choose_anew))
        .route("/staff/invitation/{token}", get(ask_first).post(choose_first))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    password: String,
    repeated: String,
}

async fn ask_anew(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Page, Error> {
    ask(&app, &csrf, RESET, &token).await
}

async fn ask_first(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Page, Error> {
    ask(&app, &csrf, INVITATION, &token).await
}

async fn ask(app: &App, csrf: &Csrf, purpose: &str, token: &str) -> Result<Page, Error> {
    let staff = holder(app, purpose, token).await?;
    Ok(page(csrf, purpose, &staff, &Draft::default()))
}

/// Whose link this is, as long as it works.
async fn holder(app: &App, purpose: &str, token: &str) -> Result<Account, Error> {
    let mut tx = app.db.read().await?;
    let subject = links::open(&mut tx, &app.keys, purpose, token, app.clock.now()).await?;
    whose(&mut tx, purpose, subject).await
}

async fn whose(tx: &mut Tx, purpose: &str, subject: Result<String, LinkError>) -> Result<Account, Error> {
    let advice = if purpose == RESET {
        "“Forgotten your password?” on the sign-in page mails you another."
    } else {
        "If you have chosen a password already, sign in with it; else ask an administrator to invite you again."
    };
    let subject = subject.map_err(|why| Error::Gone(format!("{why} {advice}")))?;
    let id = subject.parse().map_err(Error::internal)?;
    queries::account(tx, id)
        .await?
        .ok_or_else(|| Error::Gone("This account is deactivated. An administrator can open it.".to_owned()))
}

fn page(csrf: &Csrf, purpose: &str, staff: &Account, draft: &Draft) -> Page {
    let first = purpose == INVITATION;
    let title = if first { "Choose a password" } else { "Choose a new password" };
    let content = html! {
        div.sign-in {
            h1 { (title) }
            (error_summary(draft))
            @if first {
                p.lead { "Welcome, " (staff.name) ". Your account is " strong { (staff.email) } ", your role: " (staff.role.label().to_lowercase()) "." }
            } @else {
                p { "For the account " strong { (staff.email) } ". Every browser that is signed in to it will have to sign in again." }
            }
            form method="post" {
                (csrf.field())
                (choose::account(&staff.email)) (choose::fields(draft))
                p.actions { button type="submit" { @if first { "Set the password and sign in" } @else { "Set the password" } } }
            }
        }
    };
    Page::bare(title, content).own_heading()
}

async fn choose_anew(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (mut tx, staff) = set(&app, &csrf, RESET, &token, &typed).await?;
    let now = app.clock.now();
    let letter = letters::password_changed(&staff, now, &app.url("/staff/forgotten"), &app.coalition.get());
    mail::send(&mut tx, &staff.email, Class::Transactional, ("staff_user", &staff.id.to_string()), &letter, now).await?;
    people::note(&mut tx, &staff.actor(), "reset_password", staff.id, None, None, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying("/staff/sign-in", Mood::Good, "Your new password is set. Sign in with it."))
}

async fn choose_first(
    State(app): State<App>,
    caller: Caller,
    csrf: Csrf,
    Path(token): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (mut tx, staff) = set(&app, &csrf, INVITATION, &token, &typed).await?;
    let record = |state| Record { name: &staff.name, email: &staff.email, role: staff.role, reviews: staff.reviews, state };
    let (before, after) = (record(PersonState::Invited), record(PersonState::Active));
    people::note(&mut tx, &staff.actor(), "accept_invitation", staff.id, Some(&before), Some(&after), app.clock.now()).await?;
    let session = sign_in::open_for(&mut tx, &app, &caller, &staff).await?;
    tx.commit().await?;
    let mut response =
        redirect_saying(sign_in::home(staff.role), Mood::Good, format!("Welcome, {}. Your password is set.", staff.name));
    response.headers_mut().append(header::SET_COOKIE, session::cookie(&app, &session));
    Ok(response)
}

/// Judges and hashes what was typed, then uses the link up and sets the password. The caller commits.
async fn set(app: &App, csrf: &Csrf, purpose: &str, token: &str, typed: &Typed) -> Result<(Tx, Account), Error> {
    let staff = holder(app, purpose, token).await?;
    let mut draft = Draft::default();
    let Some(password) = choose::read(&mut draft, &typed.password, &typed.repeated, &staff.email) else {
        return Err(Draft::refuse(page(csrf, purpose, &staff, &draft)));
    };
    let hash = password::hash(&app.hashing, &password).await.map_err(|busy| Error::Unavailable(busy.to_string()))?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let subject = links::use_up(&mut tx, &app.keys, purpose, token, now).await?;
    let staff = whose(&mut tx, purpose, subject).await?;
    queries::set_password(&mut tx, staff.id, &hash, now).await?;
    queries::close_sessions(&mut tx, staff.id, "", now).await?;
    people::revoke_links(&mut tx, staff.id, now).await?;
    Limit::account(staff.email.as_str()).forget(&mut tx).await?;
    Ok((tx, staff))
}
