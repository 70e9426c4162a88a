//! The people who act for an organization, with from and to: added, changed, ended, and the delegate's seat
//! handed over in one act. Who ended stays as history.
//!
//! It refuses a second delegate at the same time.
pub(in crate::members) mod handover;
mod letters;
mod pages;
pub(in crate::members) mod queries;

use super::{Contact, ContactRole, OrganizationId};
use crate::{
    app::App,
    kernel::{Day, Email, text},
    web::{Draft, Field, day, field},
};
use axum::Router;
use maud::{Markup, html};

pub(in crate::members) use pages::Told;
pub use queries::ended;

pub(super) fn router() -> Router<App> {
    pages::router().merge(handover::router())
}

/// Who holds the delegate's seat.
pub fn delegate(people: &[Contact]) -> Option<&Contact> {
    people.iter().find(|person| person.role == ContactRole::Delegate && person.to_day.is_none())
}

/// Contacts as a table; with the ways to change and end them.
pub(in crate::members) fn table(id: OrganizationId, people: &[Contact], caption: &str, may: bool) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Reached at" } th scope="col" { "Since" }
                @if may { th scope="col" { span.visually-hidden { "Action" } } }
            } }
            tbody { @for person in people { tr {
                th scope="row" { (person.name) @if !person.title.is_empty() { ", " (person.title) } }
                td data-label="Role" { (person.role.label()) }
                td data-label="Reached at" { span { a href={ "mailto:" (person.email) } { (person.email) } @if let Some(phone) = &person.phone { br; (phone) } } }
                td data-label="Since" { span { (day(person.from_day)) @if let Some(to) = person.to_day { " to " (day(to)) } } }
                @if may { td {
                    a href={ "/staff/organizations/" (id) "/contacts/" (person.id) } { "Change" span.visually-hidden { " " (person.name) } }
                    " "
                    a href={ "/staff/organizations/" (id) "/contacts/" (person.id) "/end" } { "End" span.visually-hidden { " the term of " (person.name) } }
                } }
            } } }
        }
    }
}

/// What is asked of a person.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::members) struct TypedPerson {
    pub(in crate::members) role: String,
    name: String,
    title: String,
    email: String,
    phone: String,
    from: String,
    /// How far a handing over is: `preview`, `change` or `do`.
    step: String,
    /// Who held the seat when its page was made.
    holder: String,
    /// What a delegate writes beside it.
    pub(in crate::members) note: String,
}

/// A person who acts for an organization.
#[derive(Debug, Clone, serde::Serialize)]
pub(in crate::members) struct Person {
    pub(in crate::members) name: String,
    pub(in crate::members) title: String,
    pub(in crate::members) email: Email,
    pub(in crate::members) phone: Option<String>,
}

impl TypedPerson {
    pub(in crate::members) fn person(&self, draft: &mut Draft) -> Option<Person> {
        let name = draft.text("name", &text::line(&self.name), 120, "Write the person’s name");
        let title = draft.optional_text("title", &text::line(&self.title), 120);
        let email = draft.read::<Email>("email", &self.email);
        let phone = draft.optional_text("phone", &text::line(&self.phone), 40);
        Some(Person { name: name?, title: title?, email: email?, phone: phone.filter(|p| !p.is_empty()) })
    }
}

pub(in crate::members) fn person_fields(draft: &Draft) -> Markup {
    html! {
        (Field { autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
        (Field { optional: true, autocomplete: Some("off"), hint: Some("At the organization, such as Executive Director"), ..field("title", "Title") }.input(draft))
        (Field { kind: "email", autocomplete: Some("off"), inputmode: Some("email"), ..field("email", "E-mail") }.input(draft))
        (Field { optional: true, kind: "tel", autocomplete: Some("off"), inputmode: Some("tel"), width: "medium", ..field("phone", "Phone") }.input(draft))
    }
}

/// A day that has come already.
fn past_day(draft: &mut Draft, field: &str, typed: &str, today: Day) -> Option<Day> {
    let day = draft.read::<Day>(field, typed)?;
    if day > today {
        draft.reject(field, "Enter a day that is not in the future");
        return None;
    }
    Some(day)
}
