//! Tasks about donors: what is to be done, by whom, by which day. It refuses to do one twice.
use super::{known, under};
use crate::{
    app::App,
    audit,
    donors::{
        Donor,
        care::{self, Task, TaskId},
    },
    kernel::{Day, text},
    staff::{self, Staff, StaffId},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, Pager, badge, day, empty, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

const PAGE: usize = 50;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    of: String,
    after: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    what: String,
    due: String,
    assignee: String,
}

/// What a list of tasks needs to know.
struct Look<'a> {
    people: &'a [Staff],
    today: Day,
    may: bool,
    csrf: &'a Csrf,
    /// Also names the donor.
    across: bool,
}

/// Everybody's tasks, or one's own.
pub(super) async fn all(staff: Staff, State(app): State<App>, Query(asked): Query<Asked>, csrf: Csrf) -> Result<Page, Error> {
    let mine = asked.of == "me";
    let after = Some(asked.after.as_str()).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut tx = app.db.read().await?;
    let mut tasks = care::open_tasks(&mut tx, mine.then_some(staff.id), after, most).await?;
    let people = staff::secretariat(&mut tx).await?;
    drop(tx);
    let mut pager = Pager::cut(&mut tasks, PAGE, after.is_some(), false, |task| format!("{}~{}", task.due_day, task.id));
    pager.before = None;
    let today = app.coalition.get().zone().day(app.clock.now());
    let look = Look { people: &people, today, may: staff.may_keep_gifts().is_ok(), csrf: &csrf, across: true };
    let content = html! {
        p {
            @if mine { "Your open tasks. " a href="/staff/tasks" { "Show everybody’s" } }
            @else { "Everybody’s open tasks. " a href="/staff/tasks?of=me" { "Show yours" } }
        }
        @if tasks.is_empty() {
            (empty("Nothing is to be done. A task is written on the page of the donor it is about.", Some(("Go to the donors", "/staff/donors"))))
        } @else { (table(&tasks, &look)) (pager.links("/staff/tasks", if mine { "of=me" } else { "" })) }
    };
    Ok(Page::staff("Tasks", content).crumb("Staff", "/staff").wide())
}

fn table(tasks: &[Task], look: &Look<'_>) -> Markup {
    let name = |id: StaffId| look.people.iter().find(|one| one.id == id).map_or("Somebody who left", |one| one.name.as_str());
    html! {
        table {
            caption { "Tasks, by the day they are due" }
            thead { tr { th scope="col" { "What" } @if look.across { th scope="col" { "Donor" } } th scope="col" { "Due" } th scope="col" { "Who" } th scope="col" { span.visually-hidden { "Done" } } } }
            tbody { @for task in tasks { tr {
                th scope="row" { (task.what) }
                @if look.across { td data-label="Donor" { a href={ "/staff/donors/" (task.donor_id) } { (task.donor) } } }
                td data-label="Due" { (day(task.due_day)) @if task.done_at.is_none() && task.due_day < look.today { " " (badge("bad", "Overdue")) } }
                td data-label="Who" { (name(task.assignee_id)) }
                td {
                    @if let Some(by) = &task.done_by { "Done by " (by) }
                    @else if look.may { form method="post" action={ "/staff/donors/" (task.donor_id) "/tasks/" (task.id) } {
                        (look.csrf.field()) @if look.across { input type="hidden" name="back" value="tasks"; }
                        button.secondary type="submit" { "Done" span.visually-hidden { ": " (task.what) } }
                    } }
                }
            } } }
        }
    }
}

pub(super) async fn of_donor(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let donor = known(&app, &id).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let draft = Draft::of([("due", today.plus_days(7).to_string()), ("assignee", staff.id.to_string())]);
    page(&app, &staff, &donor, &draft, &csrf).await
}

async fn page(app: &App, staff: &Staff, donor: &Donor, draft: &Draft, csrf: &Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let tasks = care::tasks_of(&mut tx, donor.id).await?;
    let people = staff::secretariat(&mut tx).await?;
    drop(tx);
    let today = app.coalition.get().zone().day(app.clock.now());
    let look = Look { people: &people, today, may: staff.may_keep_gifts().is_ok(), csrf, across: false };
    let choices: Vec<_> = people.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let content = html! {
        (error_summary(draft))
        @if look.may {
            form method="post" action={ "/staff/donors/" (donor.id) "/tasks" } novalidate {
                (csrf.field())
                (Field { autocomplete: Some("off"), ..field("what", "What is to be done") }.input(draft))
                (Field { kind: "date", width: "short", ..field("due", "By") }.input(draft))
                (Field { width: "medium", ..field("assignee", "Who does it") }.select(draft, &choices))
                div.actions { button { "Add the task" } }
            }
        }
        @if tasks.is_empty() { p { "Nothing is to be done." } } @else { (table(&tasks, &look)) }
        p { a href="/staff/tasks" { "All tasks" } }
    };
    Ok(under(donor, format!("Tasks about {}", donor.name), content))
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut draft = Draft::default();
    let what = draft.text("what", &typed.what, 300, "Write what is to be done").map(|what| text::line(&what));
    let due: Option<Day> = draft.read("due", &typed.due);
    draft.keep("assignee", &typed.assignee);
    let people = staff::secretariat(&mut app.db.read().await?).await?;
    let assignee = people.iter().find(|one| one.id.to_string() == typed.assignee);
    if assignee.is_none() {
        draft.reject("assignee", "Choose one of the people");
    }
    let (Some(what), Some(due), Some(assignee), true) = (what, due, assignee, draft.is_right()) else {
        let page = page(&app, &staff, &donor, &draft, &csrf).await?;
        return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let id = care::add_task(&mut tx, donor.id, (&what, due, assignee.id), &staff.name, now).await?;
    let details = serde_json::json!({ "task": id, "what": what, "due": due, "assignee": assignee.name });
    let record = ("donor", &*donor.id.to_string());
    audit::record(&mut tx, &staff.actor(), "add_task", record, None::<&()>, Some(&details), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{}/tasks", donor.id), Mood::Good, "The task is added."))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Back {
    back: String,
}

pub(super) async fn finish(
    staff: Staff,
    State(app): State<App>,
    Path((id, task)): Path<(String, TaskId)>,
    Form(typed): Form<Back>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let done = care::finish_task(&mut tx, donor.id, task, &staff.name, now).await?;
    let what = done.ok_or_else(|| Error::Conflict("This task is done already.".to_owned()))?;
    let details = serde_json::json!({ "task": task, "done": what });
    let record = ("donor", &*donor.id.to_string());
    audit::record(&mut tx, &staff.actor(), "finish_task", record, None::<&()>, Some(&details), now).await?;
    tx.commit().await?;
    let back = if typed.back == "tasks" { "/staff/tasks".to_owned() } else { format!("/staff/donors/{}/tasks", donor.id) };
    Ok(redirect_saying(back, Mood::Good, "The task is done."))
}
