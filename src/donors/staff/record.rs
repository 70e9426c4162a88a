//! What a donor's page shows beside gifts: how to reach them and how not to, tags, household, tasks, notes.
use super::keep::note_list;
use crate::{
    db::Tx,
    donors::{
        Donor, DonorKind,
        care::{self, More, Note, Task},
        reach::{self, Belongs},
    },
    kernel::Day,
    web::{badge, day, notice},
};
use maud::{Markup, html};

/// So many notes stand on the page; their own page has them all.
const NEWEST: i64 = 5;

/// All of it, for one donor.
#[derive(Debug, Clone)]
pub struct Record {
    pub more: More,
    tags: Vec<String>,
    notes: Vec<Note>,
    tasks: Vec<Task>,
    household: Belongs,
    further: i64,
}

impl Record {
    pub async fn of(tx: &mut Tx, donor: &Donor) -> sqlx::Result<Self> {
        let mut tasks = care::tasks_of(tx, donor.id).await?;
        tasks.retain(|task| task.done_at.is_none());
        Ok(Self {
            more: care::more_of(tx, donor.id).await?,
            tags: care::tags_of(tx, donor.id).await?,
            notes: care::notes_of(tx, donor.id, NEWEST).await?,
            tasks,
            household: reach::belongs(tx, donor.id).await?,
            further: reach::count_addresses(tx, donor.id).await?,
        })
    }

    /// What must be seen first.
    pub fn banner(&self) -> Markup {
        let refused: Vec<_> = self.more.refused().iter().map(|channel| channel.label()).collect();
        html! {
            @if let Some(on) = self.more.deceased_on { (notice("warn", &html! { p { "This donor died on " (day(on)) ". Neither updates nor appeals are sent." } })) }
            @if !refused.is_empty() { (notice("warn", &html! { p { "Do not contact: not " (refused.join(", not ")) "." } })) }
        }
    }

    /// More rows for the contact details.
    pub fn facts(&self, donor: &Donor) -> Vec<(&'static str, Markup)> {
        let path = format!("/staff/donors/{}", donor.id);
        let mut rows = Vec::new();
        rows.extend(self.more.phone.as_ref().map(|phone| ("Phone", html! { (phone) })));
        rows.extend(self.more.greeting.as_ref().map(|greeting| ("Greeting", html! { (greeting) })));
        rows.push((
            "Addresses",
            html! { a href={ (path) "/addresses" } { @if self.further == 0 { "Add further addresses" } @else { (self.further) " on record" } } },
        ));
        rows.push((
            "Tags",
            html! {
                @for tag in &self.tags { a href=(crate::web::with("/staff/donors", "", &[("tag", Some(tag))])) { (badge("info", tag)) } " " }
                a href={ (path) "/tags" } { @if self.tags.is_empty() { "Add tags" } @else { "Change" span.visually-hidden { " the tags" } } }
            },
        ));
        rows.push(("Household", self.household(donor, &path)));
        rows
    }

    fn household(&self, donor: &Donor, path: &str) -> Markup {
        let household = format!("{path}/household");
        html! {
            @if donor.kind == DonorKind::Household {
                @for (n, member) in self.household.members.iter().enumerate() { @if n > 0 { ", " } a href={ "/staff/donors/" (member.id) } { (member.name) } }
                @if !self.household.members.is_empty() { ". " }
                a href=(household) { "Who belongs to it" }
            } @else if let Some(of) = &self.household.of {
                "Belongs to " a href={ "/staff/donors/" (of.id) } { (of.name) }
            } @else { "None" }
        }
    }

    /// Tasks and notes, each with the way to its page.
    pub fn sections(&self, donor: &Donor, today: Day) -> Markup {
        let path = format!("/staff/donors/{}", donor.id);
        html! {
            section #tasks {
                h2 { "Tasks" }
                @if self.tasks.is_empty() { p { "Nothing is to be done." } } @else {
                    ul { @for task in &self.tasks { li { (task.what) ", by " (day(task.due_day)) @if task.due_day < today { " " (badge("bad", "Overdue")) } } } }
                }
                p { a href={ (path) "/tasks" } { "Tasks about this donor" } }
            }
            section #notes {
                h2 { "Notes" }
                @if self.notes.is_empty() { p { "No note was written yet." } } @else { (note_list(&self.notes)) }
                p { a href={ (path) "/notes" } { "Notes about this donor" } }
            }
        }
    }
}
