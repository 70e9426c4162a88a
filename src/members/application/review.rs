//! Applications as staff see them: the queue, one with everything it holds, and a question to its applicant.
use super::{
    Application, ApplicationEvent, ApplicationId, ApplicationState, duplicates, export, forms, queries, reminders,
    status::answered,
    steps::{self, Step},
    verbs, votes,
};
use crate::{
    app::App,
    kernel::{Timestamp, Zone, text},
    mail,
    members::{self, documents},
    staff::Staff,
    web::{
        Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, badge, day_of, empty, error_summary, field, moment, redirect,
        redirect_saying,
    },
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/applications", get(queue))
        .route("/staff/applications/{id}", get(show))
        .route("/staff/applications/{id}/question", post(ask))
        .route("/staff/applications/{id}/review", post(take_up))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Narrow {
    state: String,
    /// `mine`: what waits for one's own vote.
    votes: String,
}

async fn queue(State(app): State<App>, staff: Staff, Query(narrow): Query<Narrow>) -> Result<Page, Error> {
    let state = narrow.state.parse::<ApplicationState>().ok();
    let mut tx = app.db.read().await?;
    let mine = narrow.votes == "mine";
    let rows = if mine { queries::listed_for(&mut tx, staff.id).await? } else { queries::listed(&mut tx, state, 1_000).await? };
    let counts = queries::counts(&mut tx).await?;
    let (waiting, _) = queries::waiting(&mut tx).await?;
    let (now, zone) = (app.clock.now(), app.coalition.get().zone());
    let content = html! {
        p { a href=(export::path(state)) { "These as CSV" } }
        nav.tabs aria-label="Applications by state" {
            ul {
                li { a href="/staff/applications" aria-current=[(state.is_none() && !mine).then_some("page")] { "Waiting for us (" (waiting) ")" } }
                @for (each, count) in &counts {
                    li { a href={ "/staff/applications?state=" (each) } aria-current=[(state == Some(*each)).then_some("page")] { (each.label()) " (" (count) ")" } }
                }
                li { a href="/staff/review-rounds" { "Review rounds" } }
            }
        }
        @if mine { p { "What you are asked to look at and have not voted on. " a href="/staff/applications" { "All that wait" } } }
        @if rows.is_empty() && mine {
            (empty("No application waits for your vote. When somebody asks you to look at one, it comes here.", None))
        } @else if rows.is_empty() {
            (empty("No application waits for us. Organizations apply on the page Join; what they send comes here, the longest waiting first.", Some(("The page Join", "/join"))))
        } @else {
            table {
                caption { "The longest waiting first" }
                thead { tr { th scope="col" { "Organization" } th scope="col" { "Track" } th scope="col" { "State" } th scope="col" { "Arrived" } th.num scope="col" { "Days" } } }
                tbody { @for row in &rows { tr {
                    th scope="row" { a href={ "/staff/applications/" (row.id) } { (row.title()) } }
                    td data-label="Track" { @if let Some(track) = row.track { (track.label()) } @else { "—" } }
                    td data-label="State" { (badge(row.state, row.state.label())) }
                    td data-label="Arrived" { @if let Some(at) = row.submitted_at { (day_of(at, &zone)) } @else { "Not sent yet" } }
                    td.num data-label="Days" { (days(row, now)) }
                } } }
            }
        }
    };
    Ok(Page::staff("Applications", content).crumb("Staff", "/staff").wide())
}

/// How long it has been waiting, or was until it was decided.
fn days(a: &Application, now: Timestamp) -> String {
    let until = a.decided_at.unwrap_or(now);
    a.submitted_at.map_or_else(|| "—".to_owned(), |at| (until.seconds_since(at) / 86_400).to_string())
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ApplicationId>) -> Result<Page, Error> {
    page(&app, &staff, &csrf, &Draft::default(), id).await
}

pub(super) async fn page(app: &App, staff: &Staff, csrf: &Csrf, draft: &Draft, id: ApplicationId) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let categories = members::categories(&mut tx).await?;
    let form = forms::of(&mut tx, &application).await?;
    let steps = steps::steps(&application, &form);
    let events = queries::events(&mut tx, id).await?;
    let mails = mail::of_record(&mut tx, ("application", &id.to_string())).await?;
    let undecided = application.state.is_open() || application.state.is_waiting();
    let matches = if undecided { duplicates::find(&mut tx, &application).await? } else { Vec::new() };
    let zone = app.coalition.get().zone();
    let today = zone.day(app.clock.now());
    let review = votes::section(&mut tx, &application, staff, csrf, draft, (&zone, today)).await?;
    let reminders = reminders::list(&mut tx, &application, &zone).await?;
    let record = votes::record_of(&mut tx, id).await?;
    let may = staff.may_admit().is_ok();
    let content = html! {
        (error_summary(draft))
        p { (badge(application.state, application.state.label())) " " (sentence(&application, &zone)) }
        div.split {
            div {
                h2 { "Answers" }
                dl.check-answers {
                    @for Step { name: step, title } in &steps {
                        div { dt { (title) } dd { @match answered(step, &application, &categories, &form) {
                            Some(answer) => { (answer) @if step == "document" { br; (download(&application)) } }
                            None => "Not answered",
                        } } }
                    }
                    @if let Some(version) = application.form_version { div { dt { "Form" } dd { "Version " (version) } } }
                    @if let Some(note) = application.note.as_deref().filter(|note| !note.is_empty()) { div { dt { "A note to us" } dd { (note) } } }
                }
                (duplicates::side_by_side(&application, &matches, &categories))
                (review)
            }
            aside {
                @if may && application.state.is_waiting() { (actions(csrf, draft, &application)) }
                @if let Some(record) = &record { p { a href=(record) { "The record of the decision" } } }
                @if let Some(organization) = application.organization_id { p { a href={ "/staff/organizations/" (organization) } { "The organization" } } }
                h2 { "What happened" }
                (timeline(&events, &zone))
                (reminders)
                @if !mails.is_empty() {
                    h2 { "Mail" }
                    ul { @for mail in &mails { li { a href={ "/staff/mail/" (mail.id) } { (mail.subject) } ", " (day_of(mail.queued_at, &zone)) } } }
                }
            }
        }
    };
    Ok(Page::staff(application.title().to_owned(), content).crumb("Staff", "/staff").crumb("Applications", "/staff/applications"))
}

fn download(a: &Application) -> Markup {
    html! {
        a href={ "/staff/applications/" (a.id) "/document" } { "Download the document" }
        @if let Some(size) = a.file_size { " (" (a.file_kind.as_deref().unwrap_or_default().to_uppercase()) ", " (documents::paper::size_in_words(size)) ")" }
    }
}

fn sentence(a: &Application, zone: &Zone) -> Markup {
    html! {
        @match (a.state, a.submitted_at, a.decided_at) {
            (ApplicationState::Draft, ..) => { "Begun by " (a.email) " on " (day_of(a.created_at, zone)) " and not sent yet." }
            (ApplicationState::NeedsInformation, ..) => { "We wait for " (a.email) "." }
            (ApplicationState::Withdrawn, ..) => { "Withdrawn by the applicant on " (day_of(a.changed_at, zone)) "." }
            (ApplicationState::Approved | ApplicationState::Declined, _, Some(at)) => {
                "Decided by " (a.decided_by.as_deref().unwrap_or("staff")) " on " (day_of(at, zone)) "."
                @if let Some(reason) = &a.reason { " " (reason) }
            }
            (_, Some(at), _) => { "Sent by " (a.email) " on " (day_of(at, zone)) "; it waits for a decision." }
            _ => {}
        }
    }
}

fn actions(csrf: &Csrf, draft: &Draft, application: &Application) -> Markup {
    let id = application.id;
    html! {
        @if application.state == ApplicationState::Submitted {
            form method="post" action={ "/staff/applications/" (id) "/review" } {
                (csrf.field())
                p.actions { button.secondary type="submit" { "Take into review" } }
            }
        }
        h2 { "Decide" }
        p.actions { a.button href={ "/staff/applications/" (id) "/decision" } { "Approve or decline" } }
        h2 { "Ask for information" }
        form method="post" action={ "/staff/applications/" (id) "/question" } novalidate {
            (csrf.field())
            (Field { hint: Some("It is mailed to the applicant with the link to the application."), ..field("message", "What do you need from them?") }.textarea(draft, 4))
            p.actions { button.secondary type="submit" { "Ask the applicant" } }
        }
    }
}

fn timeline(events: &[ApplicationEvent], zone: &Zone) -> Markup {
    html! {
        ol.timeline {
            @for event in events {
                li {
                    (moment(event.at, zone))
                    p { (event.kind.label()) " by " (event.who) @if let Some(message) = event.message.as_deref().filter(|m| !m.is_empty()) { ": " (message) } }
                }
            }
        }
    }
}

async fn take_up(State(app): State<App>, staff: Staff, Path(id): Path<ApplicationId>, _: RawForm) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let page = format!("/staff/applications/{id}");
    if !verbs::take_up(&mut tx, &app, &staff, &before, now).await? {
        if before.state == ApplicationState::InReview {
            return Ok(redirect(page));
        }
        return Err(Error::Conflict(format!("The application of {} does not wait for a review any more.", before.title())));
    }
    tx.commit().await?;
    Ok(redirect_saying(page, Mood::Good, "It is in review."))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Question {
    message: String,
}

async fn ask(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Question>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut draft = Draft::default();
    let Some(message) = draft.text("message", &text::lines(&typed.message), 2_000, "Write what you need from them") else {
        return Err(Draft::refuse(page(&app, &staff, &csrf, &draft, id).await?));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !verbs::ask(&mut tx, &app, &staff, &before, &message, now).await? {
        return Err(Error::Conflict(format!("The application of {} does not wait for us any more.", before.title())));
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(
        format!("/staff/applications/{id}"),
        Mood::Good,
        format!("The question is on its way to {}.", before.email),
    ))
}
