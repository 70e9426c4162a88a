//! One's own account: name, password, the browsers that are signed in.
use super::{
    Account, OpenSession, Role,
    caller::Caller,
    choose, letters,
    limits::Limit,
    password,
    people::{self, PersonState, Record},
    queries,
    session::{self, SESSION_ABSOLUTE_HOURS, SESSION_IDLE_HOURS, idle_since},
    sign_in,
};
use crate::{
    app::App,
    audit,
    kernel::Zone,
    mail::{self, Class},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, badge, error_summary, field, moment, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

const HERE: &str = "/staff/me";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(HERE, get(show))
        .route("/staff/me/name", post(rename))
        .route("/staff/me/password", post(change_password))
        .route("/staff/me/sessions/revocation", post(revoke_others))
        .route("/staff/me/sessions/{digest}/revocation", post(revoke))
}

async fn show(State(app): State<App>, staff: Account, caller: Caller, csrf: Csrf) -> Result<Page, Error> {
    page(&app, &staff, &caller, &csrf, &Draft::of([("name", staff.name.as_str())])).await
}

async fn page(app: &App, staff: &Account, caller: &Caller, csrf: &Csrf, draft: &Draft) -> Result<Page, Error> {
    let now = app.clock.now();
    let sessions = queries::sessions(&mut app.db.read().await?, staff.id, now, idle_since(now)).await?;
    let content = html! {
        (error_summary(draft))
        p.lead { "You are signed in as " strong { (staff.email) } ", in the role " strong { (staff.role.label().to_lowercase()) } "." }
        form.actions method="post" action="/staff/sign-out" { (csrf.field()) button type="submit" { "Sign out" } }
        section aria-labelledby="own-name" {
            h2 #own-name { "Your name" }
            form method="post" action="/staff/me/name" {
                (csrf.field())
                (Field { hint: Some("As colleagues and the people you write to read it."), autocomplete: Some("name"), ..field("name", "Name") }.input(draft))
                p.actions { button type="submit" { "Change the name" } }
            }
        }
        section aria-labelledby="own-password" {
            h2 #own-password { "Your password" }
            form method="post" action="/staff/me/password" {
                (csrf.field())
                (choose::account(&staff.email))
                (Field { kind: "password", autocomplete: Some("current-password"), ..field("current", "Current password") }.input(draft))
                (choose::fields(draft))
                p.hint { "Every other browser that is signed in as you will have to sign in again." }
                p.actions { button type="submit" { "Change the password" } }
            }
        }
        section aria-labelledby="sessions" {
            h2 #sessions { "Where you are signed in" }
            p.hint {
                "A browser is signed out after " (SESSION_IDLE_HOURS) " hours without use, and after "
                (SESSION_ABSOLUTE_HOURS / 24) " days in any case."
            }
            (sessions_table(&sessions, caller, csrf, &app.coalition.get().zone()))
        }
        section aria-labelledby="rights" {
            h2 #rights { "What you may do" }
            ul { @if staff.role == Role::AllianceLeader { li { "Keep the roster and the activities of your alliance, and write to its roster" } } @else { li { "Read every page for staff" } } @for right in staff.role.rights() { li { (right) } } }
        }
    };
    let page = Page::staff("Your account", content);
    Ok(if staff.role == Role::AllianceLeader { page.crumb("Your alliance", "/leader") } else { page.crumb("Staff", "/staff") })
}

fn sessions_table(sessions: &[OpenSession], caller: &Caller, csrf: &Csrf, zone: &Zone) -> Markup {
    let here = |session: &OpenSession| caller.session.as_deref() == Some(&session.digest);
    html! {
        table {
            caption { "Open sessions, the last used first" }
            thead { tr { th scope="col" { "Browser and address" } th scope="col" { "Signed in" } th scope="col" { "Last used" } th scope="col" { "End it" } } }
            tbody {
                @for session in sessions {
                    tr {
                        th scope="row" { (session.opened_from) }
                        td data-label="Signed in" { (moment(session.opened_at, zone)) }
                        td data-label="Last used" { (moment(session.seen_at, zone)) }
                        td data-label="End it" {
                            @if here(session) { (badge("active", "This browser")) } @else {
                                form method="post" action={ "/staff/me/sessions/" (session.digest) "/revocation" } {
                                    (csrf.field())
                                    button.quiet type="submit" { "Sign out" span.visually-hidden { " " (session.opened_from) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if sessions.iter().any(|session| !here(session)) {
            form.actions method="post" action="/staff/me/sessions/revocation" { (csrf.field()) button type="submit" { "Sign out everywhere else" } }
        } @else {
            p.hint { "This is the only browser that is signed in as you. Others will stand here too, so that you can sign them out." }
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Name {
    name: String,
}

async fn rename(
    State(app): State<App>,
    staff: Account,
    caller: Caller,
    csrf: Csrf,
    Form(typed): Form<Name>,
) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let Some(name) = draft.text("name", &crate::kernel::text::line(&typed.name), 120, "Write your name") else {
        return Err(Draft::refuse(page(&app, &staff, &caller, &csrf, &draft).await?));
    };
    let mut tx = app.db.write().await?;
    queries::set_name(&mut tx, staff.id, &name).await?;
    let record =
        |name| Record { name, email: &staff.email, role: staff.role, reviews: staff.reviews, state: PersonState::Active };
    people::note(&mut tx, &staff.actor(), "rename", staff.id, Some(&record(&staff.name)), Some(&record(&name)), app.clock.now())
        .await?;
    tx.commit().await?;
    Ok(redirect_saying(HERE, Mood::Good, "Your name is changed."))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Passwords {
    current: String,
    password: String,
    repeated: String,
}

async fn change_password(
    State(app): State<App>,
    staff: Account,
    caller: Caller,
    csrf: Csrf,
    Form(typed): Form<Passwords>,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let busy = |busy: crate::hashing::Busy| Error::Unavailable(busy.to_string());
    let mut draft = Draft::of([("name", staff.name.as_str())]);
    let Some(chosen) = choose::read(&mut draft, &typed.password, &typed.repeated, &staff.email) else {
        return Err(Draft::refuse(page(&app, &staff, &caller, &csrf, &draft).await?));
    };
    let limit = Limit::own_password(staff.id);
    let mut tx = app.db.write().await?;
    limit.count(&mut tx, now).await?;
    tx.commit().await?;
    let access = queries::access(&mut app.db.read().await?, &staff.email).await?;
    let stored = access.as_ref().map(|access| access.password_hash.as_str());
    if !password::verify(&app.hashing, &typed.current, stored).await.map_err(busy)?.right {
        draft.reject("current", "This is not your current password");
        return Err(Draft::refuse(page(&app, &staff, &caller, &csrf, &draft).await?));
    }
    let hash = password::hash(&app.hashing, &chosen).await.map_err(busy)?;
    let mut tx = app.db.write().await?;
    let compared = stored.unwrap_or_default();
    if !queries::confirm_password(&mut tx, staff.id, compared, compared).await? {
        return Err(Error::Conflict("Your password was changed at the same moment from elsewhere. Sign in again.".to_owned()));
    }
    queries::set_password(&mut tx, staff.id, &hash, now).await?;
    queries::close_sessions(&mut tx, staff.id, "", now).await?;
    people::revoke_links(&mut tx, staff.id, now).await?;
    limit.forget(&mut tx).await?;
    people::note(&mut tx, &staff.actor(), "change_password", staff.id, None, None, now).await?;
    let letter = letters::password_changed(&staff, now, &app.url("/staff/forgotten"), &app.coalition.get());
    mail::send(&mut tx, &staff.email, Class::Transactional, ("staff_user", &staff.id.to_string()), &letter, now).await?;
    let session = sign_in::open_for(&mut tx, &app, &caller, &staff).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let mut response = redirect_saying(HERE, Mood::Good, "Your password is changed. Every other browser is signed out.");
    response.headers_mut().append(header::SET_COOKIE, session::cookie(&app, &session));
    Ok(response)
}

async fn revoke(State(app): State<App>, staff: Account, Path(digest): Path<String>, _: RawForm) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let ended = queries::close_session_of(&mut tx, staff.id, &digest, now).await?;
    if ended {
        people::note(&mut tx, &staff.actor(), "end_session", staff.id, None, None, now).await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(
        HERE,
        Mood::Good,
        if ended { "That browser is signed out." } else { "That browser was signed out already." },
    ))
}

async fn revoke_others(State(app): State<App>, staff: Account, caller: Caller, _: RawForm) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let ended = queries::close_sessions(&mut tx, staff.id, caller.session.as_deref().unwrap_or_default(), now).await?;
    let after = serde_json::json!({ "ended": ended });
    audit::record::<(), _>(
        &mut tx,
        &staff.actor(),
        "end_other_sessions",
        ("staff_user", &staff.id.to_string()),
        None,
        Some(&after),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(HERE, Mood::Good, "You are signed out everywhere else."))
}
