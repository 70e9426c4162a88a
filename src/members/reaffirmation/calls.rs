//! A call about reaffirming: whom to call, and what came of it. What was noted stays.
use super::{Outcome, queries, queries::Call, staff::due_of};
use crate::{
    app::App,
    audit,
    kernel::Day,
    members::{
        Contact, Organization, OrganizationId, contacts, contacts_of,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/calls", get(ask).post(note))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    outcome: String,
    on: String,
    note: String,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization, due: Day, people: &[Contact], calls: &[Call]) -> Page {
    let outcomes: Vec<_> = Outcome::ALL.iter().map(|o| (o.as_str(), o.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        p {
            "Reaffirmation was due on " (day(due)) ". "
            @match contacts::delegate(people) {
                Some(delegate) => {
                    "The delegate is " (delegate.name) ", "
                    @match &delegate.phone { Some(phone) => { "phone " (phone) }, None => "whose phone is not known" }
                    ", " (delegate.email) "."
                },
                None => "Nobody holds the delegate’s seat: ask any other contact who takes it.",
            }
        }
        p { "When they reaffirm on the phone or by letter, " a href={ (href(o.id)) "/reaffirmation" } { "note the reaffirmation" } "." }
        @if !calls.is_empty() {
            ol.timeline { @for call in calls { li { (day(call.on_day)) p { strong { (call.outcome.label()) } " (" (call.noted_by) ")" } @if !call.note.is_empty() { p { (call.note) } } } } }
        }
        form method="post" action={ (href(o.id)) "/calls" } novalidate {
            (csrf.field())
            (field("outcome", "What came of it").radios(draft, &outcomes))
            (Field { kind: "date", width: "medium", ..field("on", "Called on") }.input(draft))
            (Field { optional: true, ..field("note", "More") }.textarea(draft, 3))
            p.actions { button type="submit" { "Note the call" } a href="/staff/reaffirmations" { "Cancel" } }
        }
    };
    subject("Call about the reaffirmation", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let due = due_of(&mut tx, &o, today).await?;
    let (people, calls) = (contacts_of(&mut tx, id).await?, queries::calls(&mut tx, id).await?);
    Ok(page(&csrf, &Draft::of([("on", today.to_string())]), &o, due, &people, &calls))
}

async fn note(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let due = due_of(&mut tx, &o, today).await?;
    let mut draft = Draft::default();
    draft.keep("outcome", &typed.outcome);
    let outcome = typed.outcome.parse::<Outcome>().ok();
    if outcome.is_none() {
        draft.reject("outcome", "Choose what came of the call");
    }
    let on = draft.read::<Day>("on", &typed.on);
    if on.is_some_and(|on| on > today) {
        draft.reject("on", "Enter a day that is not in the future");
    }
    let words = draft.optional_text("note", &typed.note, 1_000);
    let (Some(outcome), Some(on_day), Some(note), true) = (outcome, on, words, draft.is_right()) else {
        let (people, calls) = (contacts_of(&mut tx, id).await?, queries::calls(&mut tx, id).await?);
        return Err(Draft::refuse(page(&csrf, &draft, &o, due, &people, &calls)));
    };
    let call = Call { on_day, outcome, note, noted_by: staff.name.clone() };
    queries::insert_call(&mut tx, id, &call, now).await?;
    let after = serde_json::json!({ "outcome": call.outcome, "on": call.on_day, "note": call.note });
    let record = id.to_string();
    audit::record(&mut tx, &staff.actor(), "note a call", ("organization", &record), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying("/staff/reaffirmations", Mood::Good, format!("The call to {} is noted.", o.name)))
}
