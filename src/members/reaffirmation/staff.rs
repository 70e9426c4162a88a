//! Reaffirmation on an organization's record: when it is due, what became of the reminders; a reaffirmation
//! noted by hand, and the link mailed again.
use super::{How, Reaffirmation, ReaffirmationId, answer, link, queries, rule_in_words};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, text},
    members::{
        self, Organization, OrganizationId, contacts, contacts_of,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, day_of, error_summary, field, redirect_saying},
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
        .route("/staff/organizations/{id}/reaffirmation", get(ask).post(note))
        .route("/staff/organizations/{id}/delegate-link", post(mail_link))
}

/// The member and its due day, or why there is nothing to reaffirm.
pub(super) async fn due_of(tx: &mut Tx, o: &Organization, today: Day) -> Result<Day, Error> {
    let not_asked = || {
        Error::Conflict(format!("{} is not asked to reaffirm: it is an observer, has left, or the settings ask nobody.", o.name))
    };
    answer::due(tx, o.id, today).await?.map(|(_, due)| due).ok_or_else(not_asked)
}

/// The part of the record; nothing for who is not asked.
pub(in crate::members) async fn part(tx: &mut Tx, app: &App, o: &Organization, may: bool) -> sqlx::Result<Markup> {
    let coalition = app.coalition.get();
    let (zone, now) = (coalition.zone(), app.clock.now());
    let all = queries::of_organization(tx, o.id).await?;
    let due = answer::due(tx, o.id, zone.day(now)).await?.map(|(_, due)| due);
    if due.is_none() && all.is_empty() {
        return Ok(html! {});
    }
    let reminders = match due {
        Some(due) => {
            queries::reminders(tx, due).await?.into_iter().filter(|r| r.organization_id == o.id && r.term == due).collect()
        }
        None => Vec::new(),
    };
    let calls = queries::calls(tx, o.id).await?;
    Ok(html! {
        section aria-labelledby="reaffirmation" {
            div.list-head {
                h2 #reaffirmation { "Reaffirmation" }
                @if may && due.is_some() {
                    a href={ (href(o.id)) "/reaffirmation" } { "Note a reaffirmation" }
                    a href={ (href(o.id)) "/calls" } { "Note a call" }
                }
            }
            @if let Some(due) = due { p { "The next is due on " (day(due)) "." } }
            ol.timeline {
                @for call in calls.iter().take(3) { li { (day(call.on_day)) p { "Called: " (call.outcome.label().to_lowercase()) @if !call.note.is_empty() { ". " (call.note) } " (" (call.noted_by) ")" } } }
                @for r in reminders.iter().rev() { li {
                    (day_of(r.at, &zone))
                    p { "Reminder " (rule_in_words(&r.rule)) ": " @match &r.skipped { Some(why) => { "skipped. " (why) }, None => "mailed" } }
                } }
                @for r in all.iter().take(3) { li {
                    (day(r.on_day))
                    p { strong { "Reaffirmed" } " by " (r.who) @if let Some(version) = r.commitment_version { ", version " (version) } }
                    @if !r.note.is_empty() { p { (r.note) } }
                } }
            }
        }
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    on: String,
    who: String,
    note: String,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization, due: Day, delegate: Option<&str>) -> Page {
    let content = html! {
        (error_summary(draft))
        p { "Due on " (day(due)) ". By its link the delegate does this without you." }
        @match delegate {
            Some(name) => form method="post" action={ (href(o.id)) "/delegate-link" } {
                (csrf.field())
                p.actions { button.secondary type="submit" { "Mail the link to " (name) } }
            },
            None => div.notice data-mood="warn" { p { "Nobody holds the delegate’s seat, so there is nobody to mail a link to." } },
        }
        h2 { "Note it by hand" }
        p { "When the organization told you another way. The term is answered then, and no more reminders are mailed." }
        form method="post" action={ (href(o.id)) "/reaffirmation" } novalidate {
            (csrf.field())
            (Field { kind: "date", width: "medium", ..field("on", "Reaffirmed on") }.input(draft))
            (Field { width: "medium", ..field("who", "By whom") }.input(draft))
            (Field { hint: Some("Such as: by letter, kept among the documents"), ..field("note", "How it reached you") }.textarea(draft, 2))
            p.actions { button type="submit" { "Note the reaffirmation" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Reaffirmation", o, content)
}

async fn delegate_of(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Option<members::Contact>> {
    Ok(contacts::delegate(&contacts_of(tx, id).await?).cloned())
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let due = due_of(&mut tx, &o, today).await?;
    let delegate = delegate_of(&mut tx, id).await?.map(|d| d.name);
    let draft = Draft::of([("on", today.to_string()), ("who", delegate.clone().unwrap_or_default())]);
    Ok(page(&csrf, &draft, &o, due, delegate.as_deref()))
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
    let last = queries::basis(&mut tx, id).await?.map_or(o.admitted_on, |b| b.reaffirmed_on.unwrap_or(b.admitted_on));
    let mut draft = Draft::default();
    let on = draft.read::<Day>("on", &typed.on);
    if on.is_some_and(|on| on > today) {
        draft.reject("on", "Enter a day that is not in the future");
    } else if on.is_some_and(|on| on < last) {
        draft.reject("on", format!("Its last commitment is of {}. Enter that day or a later one", last.words()));
    }
    let who = draft.text("who", &text::line(&typed.who), 120, "Write who reaffirmed");
    let how = draft.text("note", &typed.note, 1_000, "Write how it reached you");
    let (Some(on), Some(who), Some(how), true) = (on, who, how, draft.is_right()) else {
        let delegate = delegate_of(&mut tx, id).await?.map(|d| d.name);
        return Err(Draft::refuse(page(&csrf, &draft, &o, due, delegate.as_deref())));
    };
    let noted = Reaffirmation {
        id: ReaffirmationId::new(),
        organization_id: id,
        term: due,
        on_day: on,
        commitment_version: members::commitment(&mut tx, on).await?.map(|c| c.version),
        how: How::Staff,
        who,
        note: how,
        document_id: None,
        noted_at: now,
        noted_by: staff.name.clone(),
    };
    if !answer::note(&mut tx, &noted, &staff.actor()).await? {
        return Err(Error::Conflict(format!("{} reaffirmed for this term meanwhile. Nothing was changed.", o.name)));
    }
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, format!("The reaffirmation of {} is noted.", o.name)))
}

#[derive(Deserialize)]
struct Nothing {}

async fn mail_link(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<OrganizationId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let (now, coalition) = (app.clock.now(), app.coalition.get());
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let due = due_of(&mut tx, &o, coalition.zone().day(now)).await?;
    let nobody =
        || Error::Conflict(format!("Nobody holds the delegate’s seat of {}, so there is nobody to mail a link to.", o.name));
    let delegate = delegate_of(&mut tx, id).await?.ok_or_else(nobody)?;
    link::mail_it(&mut tx, &app, &o, &delegate, due, &coalition, now).await?;
    let after = serde_json::json!({ "to": delegate.name, "due": due });
    let record = id.to_string();
    crate::audit::record(
        &mut tx,
        &staff.actor(),
        "mail a link to reaffirm",
        ("organization", &record),
        None::<&()>,
        Some(&after),
        now,
    )
    .await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(href(id), Mood::Good, format!("The link is mailed to {}.", delegate.name)))
}
