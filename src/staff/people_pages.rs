//! The list of accounts, what each role may do, and the invitation of another person.
use super::{
    AccountError, Person, Role, Staff,
    people::{self, INVITATION_DAYS},
    queries,
};
use crate::{
    app::App,
    kernel::{Email, Zone, text},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, error_summary, field, moment, redirect_saying},
};
use axum::{Router, extract::State, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/people", get(list)).route("/staff/people/invite", get(ask).post(invite))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    staff.may_administer()?;
    let people = queries::people(&mut app.db.read().await?).await?;
    let zone = app.coalition.get().zone();
    let content = html! {
        div.list-head {
            p { (text::count(i64::try_from(people.len()).unwrap_or(i64::MAX), "person has", "people have")) " an account, open or not." }
            p.actions { a.button href="/staff/people/invite" { "Invite a person" } }
        }
        (table(&people, &staff, &zone))
        @if people.len() == 1 {
            p.hint { "You are alone here. Invite a second administrator, so that somebody can let you in again if you lose your password and your mail." }
        }
        section aria-labelledby="roles" {
            h2 #roles { "What each role may do" }
            p { "Everybody who can sign in reads every page for staff, except those about people, the audit and the settings." }
            (rights_table())
        }
    };
    Ok(Page::staff("People", content).crumb("Staff", "/staff").wide())
}

fn table(people: &[Person], staff: &Staff, zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Accounts, open ones first" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "Role" } th scope="col" { "State" } th scope="col" { "Last seen" } } }
            tbody {
                @for person in people {
                    tr {
                        th scope="row" { a href={ "/staff/people/" (person.id) } { (person.name) } @if person.id == staff.id { " (you)" } }
                        td data-label="E-mail" { (person.email) }
                        td data-label="Role" { (person.role.label()) }
                        td data-label="State" { (badge(person.state(), person.state().label())) }
                        td data-label="Last seen" { @if let Some(at) = person.seen_at { (moment(at, zone)) } @else { "Never" } }
                    }
                }
            }
        }
    }
}

fn rights_table() -> Markup {
    html! {
        table {
            caption { "Roles and what comes with them" }
            thead { tr { th scope="col" { "Role" } th scope="col" { "May also" } } }
            tbody {
                @for role in Role::SECRETARIAT {
                    tr {
                        th scope="row" { (role.label()) }
                        td data-label="May also" {
                            @if role.rights().next().is_none() { "Nothing else: reads and changes nothing" } @else {
                                ul { @for right in role.rights() { li { (right) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The roles to choose from, each with what it may do.
pub(super) fn role_choice(draft: &Draft) -> Markup {
    let hints: Vec<String> = Role::SECRETARIAT.iter().map(|role| hint(*role)).collect();
    let options: Vec<_> =
        Role::SECRETARIAT.iter().zip(&hints).map(|(role, hint)| (role.as_str(), role.label(), Some(hint.as_str()))).collect();
    field("role", "Role").radios(draft, &options)
}

fn hint(role: Role) -> String {
    let rights: Vec<_> = role.rights().collect();
    match (role, rights.is_empty()) {
        (Role::Administrator, _) => "Everything.".to_owned(),
        (_, true) => "Reads, and changes nothing.".to_owned(),
        (_, false) => format!("{}.", rights.join(". ")),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    email: String,
    role: String,
}

async fn ask(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    Ok(page(&csrf, &Draft::default()))
}

fn page(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        (error_summary(draft))
        p { "They get a mail with a link that works for " (INVITATION_DAYS) " days, choose a password and are signed in." }
        form method="post" action="/staff/people/invite" {
            (csrf.field())
            (Field { autocomplete: Some("off"), ..field("name", "Their name") }.input(draft))
            (Field { kind: "email", inputmode: Some("email"), autocomplete: Some("off"), hint: Some("They sign in with it."), ..field("email", "Their e-mail address") }.input(draft))
            (role_choice(draft))
            p.actions { button type="submit" { "Send the invitation" } a href="/staff/people" { "Cancel" } }
        }
    };
    Page::staff("Invite a person", content).crumb("Staff", "/staff").crumb("People", "/staff/people")
}

async fn invite(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut draft = Draft::default();
    let name = draft.text("name", &text::line(&typed.name), 120, "Write their name");
    let email = draft.read::<Email>("email", &typed.email);
    let role = draft.read::<Role>("role", &typed.role);
    let (Some(name), Some(email), Some(role)) = (name, email, role) else {
        return Err(Draft::refuse(page(&csrf, &draft)));
    };
    let mut tx = app.db.write().await?;
    match people::invite(&mut tx, &app, &staff, &email, &name, role).await {
        Ok(_) => {}
        Err(AccountError::Taken { state, .. }) => {
            draft.reject("email", format!("This address has an account already ({state}); you find it in the list of people"));
            return Err(Draft::refuse(page(&csrf, &draft)));
        }
        Err(AccountError::Refused(why)) => {
            draft.reject("role", why);
            return Err(Draft::refuse(page(&csrf, &draft)));
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying("/staff/people", Mood::Good, format!("{name} is invited. The mail is on its way to {email}.")))
}
