//! One account: its role, its state, what was done to it.
use super::{
    AccountError, Person, PersonState, Role, Staff, StaffId,
    people::{self, INVITATION_DAYS},
    people_pages::role_choice,
    queries, reviewing,
};
use crate::{
    app::App,
    audit::{self, AuditEvent},
    kernel::Zone,
    web::{Csrf, Draft, Error, Form, Mood, Page, RawForm, badge, error_summary, facts, moment, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/people/{id}", get(show))
        .route("/staff/people/{id}/role", post(change_role))
        .route("/staff/people/{id}/deactivation", get(ask_deactivate).post(deactivate))
        .route("/staff/people/{id}/reactivation", post(reactivate))
        .route("/staff/people/{id}/invitation", post(invite_again))
}

async fn find(app: &App, id: &str) -> Result<(Person, Vec<AuditEvent>), Error> {
    let id: StaffId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let person = queries::person(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let events = audit::of_record(&mut tx, ("staff_user", &id.to_string())).await?;
    Ok((person, events))
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<String>) -> Result<Page, Error> {
    staff.may_administer()?;
    let (person, events) = find(&app, &id).await?;
    let draft = Draft::of([("role", person.role.as_str())]);
    Ok(page(&person, &events, &staff, &csrf, &draft, &app.coalition.get().zone()))
}

fn page(person: &Person, events: &[AuditEvent], staff: &Staff, csrf: &Csrf, draft: &Draft, zone: &Zone) -> Page {
    let here = format!("/staff/people/{}", person.id);
    let open = person.closed_at.is_none();
    let content = html! {
        (error_summary(draft))
        p.lead { (sentence(person, zone)) }
        (facts(&[
            ("E-mail", html! { (person.email) }),
            ("Role", html! { (person.role.label()) }),
            ("State", badge(person.state(), person.state().label())),
            ("Account made", moment(person.created_at, zone)),
            ("Last seen", html! { @if let Some(at) = person.seen_at { (moment(at, zone)) } @else { "Never" } }),
        ]))
        @if person.state() == PersonState::Invited {
            form.actions method="post" action={ (here) "/invitation" } { (csrf.field()) button type="submit" { "Send the invitation again" } }
        }
        @if person.role == Role::AllianceLeader {
            p { "Sees one alliance and nothing else. The account is opened and closed with the leader’s term, under " a href="/staff/alliances" { "Alliances" } "." }
        } @else if open {
                form method="post" action={ (here) "/role" } {
                    (csrf.field())
                    (role_choice(draft))
                    p.actions { button type="submit" { "Change the role" } }
                }
                (reviewing::form(person, csrf))
        }
        @if open && person.id != staff.id {
            section.danger-zone aria-labelledby="close" {
                @if person.has_password {
                    h2 #close { "Deactivate" }
                    p { (person.name) " will be signed out everywhere and can't sign in again, until the account is reactivated." }
                    p.actions { a.button href={ (here) "/deactivation" } { "Deactivate this account" } }
                } @else {
                    h2 #close { "Withdraw the invitation" }
                    p { "The link in the mail will stop working." }
                    p.actions { a.button href={ (here) "/deactivation" } { "Withdraw the invitation" } }
                }
            }
        }
        @if !open {
            form.actions method="post" action={ (here) "/reactivation" } {
                (csrf.field())
                button type="submit" { @if person.has_password { "Reactivate this account" } @else { "Invite again" } }
            }
        }
        section aria-labelledby="history" {
            h2 #history { "What was done" }
            (history(events, zone))
        }
    };
    Page::staff(&person.name, content).crumb("Staff", "/staff").crumb("People", "/staff/people")
}

/// Where the account stands, and what comes next.
fn sentence(person: &Person, zone: &Zone) -> String {
    match person.state() {
        PersonState::Active => "This account is open.".to_owned(),
        PersonState::Invited => person.invited_at.map_or_else(
            || "This account has no password yet. Send an invitation, so that one can be chosen.".to_owned(),
            |at| {
                let until = zone.words(at.plus_days(INVITATION_DAYS));
                format!("Invited on {}, and has not chosen a password yet. The link works until {until}.", zone.words(at))
            },
        ),
        PersonState::Deactivated => "This account is deactivated: nobody can sign in to it.".to_owned(),
        PersonState::Withdrawn => "The invitation was withdrawn before it was followed.".to_owned(),
    }
}

fn history(events: &[AuditEvent], zone: &Zone) -> Markup {
    html! {
        @if events.is_empty() { p.empty { "Nothing yet. Every change of this account will stand here, with who made it." } } @else {
            ol.timeline {
                @for event in events {
                    li { (moment(event.at, zone)) " " (words(&event.action)) " · by " (event.actor_name) }
                }
            }
        }
    }
}

/// An action of the audit as this page tells it.
fn words(action: &str) -> String {
    match action {
        "invite" => "Invited",
        "invite_again" => "Invited again",
        "accept_invitation" => "Chose a password",
        "withdraw_invitation" => "Invitation withdrawn",
        "add" => "Account made",
        "change_role" => "Role changed",
        "name_reviewer" => "Named as a reviewer",
        "unname_reviewer" => "No longer a reviewer",
        "deactivate" => "Deactivated",
        "reactivate" => "Reactivated",
        "rename" => "Name changed",
        "sign_in" => "Signed in",
        "sign_out" => "Signed out",
        "change_password" => "Password changed",
        "reset_password" => "Password reset",
        "refused_page" => "Asked for a page that is not theirs",
        "end_session" => "One browser signed out",
        "end_other_sessions" => "Other browsers signed out",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chosen {
    role: String,
}

async fn change_role(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let (person, events) = find(&app, &id).await?;
    let mut draft = Draft::default();
    let refuse = |draft: &Draft| Draft::refuse(page(&person, &events, &staff, &csrf, draft, &app.coalition.get().zone()));
    let Some(role) = draft.read::<Role>("role", &chosen.role) else {
        return Err(refuse(&draft));
    };
    let here = format!("/staff/people/{}", person.id);
    if role == person.role {
        return Ok(redirect_saying(here, Mood::Good, "Nothing changed: this was the role already."));
    }
    let mut tx = app.db.write().await?;
    match people::change_role(&mut tx, &app, &staff, person.id, role).await {
        Ok(_) => {}
        Err(AccountError::Refused(why)) => {
            draft.reject("role", why);
            return Err(refuse(&draft));
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    let to = if person.id == staff.id && role != Role::Administrator { "/staff".to_owned() } else { here };
    Ok(redirect_saying(to, Mood::Good, format!("{} is now: {}.", person.name, role.label().to_lowercase())))
}

async fn ask_deactivate(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<String>) -> Result<Page, Error> {
    staff.may_administer()?;
    let (person, _) = find(&app, &id).await?;
    if person.closed_at.is_some() {
        return Err(Error::Conflict("This account is deactivated already.".to_owned()));
    }
    let here = format!("/staff/people/{}", person.id);
    let title = if person.has_password { "Deactivate" } else { "Withdraw the invitation of" };
    let content = html! {
        ul {
            @if person.has_password {
                li { "Every browser that is signed in as " (person.name) " is signed out at once." }
                li { "Signing in and resetting the password will not work." }
                li { "What they did stays in the audit under their name." }
                li { "You can reactivate the account; its role is kept." }
            } @else {
                li { "The link in the mail to " (person.email) " stops working." }
                li { "You can invite them again." }
            }
        }
        form method="post" action={ (here) "/deactivation" } {
            (csrf.field())
            p.actions {
                button.danger type="submit" { (title) " " (person.name) }
                a href=(here) { "Cancel" }
            }
        }
    };
    Ok(Page::staff(format!("{title} {}?", person.name), content)
        .crumb("Staff", "/staff")
        .crumb("People", "/staff/people")
        .crumb(person.name, here))
}

async fn deactivate(State(app): State<App>, staff: Staff, Path(id): Path<String>, _: RawForm) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut tx = app.db.write().await?;
    let person = people::deactivate(&mut tx, &app, &staff, parse(&id)?).await?;
    tx.commit().await?;
    let done = if person.has_password { "is deactivated and signed out everywhere" } else { "is no longer invited" };
    Ok(redirect_saying("/staff/people", Mood::Good, format!("{} {done}.", person.name)))
}

async fn reactivate(State(app): State<App>, staff: Staff, Path(id): Path<String>, _: RawForm) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut tx = app.db.write().await?;
    let person = people::reactivate(&mut tx, &app, &staff, parse(&id)?).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let done = if person.has_password { "can sign in again" } else { "is invited again" };
    Ok(redirect_saying(format!("/staff/people/{}", person.id), Mood::Good, format!("{} {done}.", person.name)))
}

async fn invite_again(State(app): State<App>, staff: Staff, Path(id): Path<String>, _: RawForm) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut tx = app.db.write().await?;
    let person = people::invite_again(&mut tx, &app, &staff, parse(&id)?).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let here = format!("/staff/people/{}", person.id);
    Ok(redirect_saying(
        here,
        Mood::Good,
        format!("Another mail is on its way to {}. The older link stops working.", person.email),
    ))
}

fn parse(id: &str) -> Result<StaffId, Error> {
    id.parse().map_err(|_| Error::NotFound)
}
