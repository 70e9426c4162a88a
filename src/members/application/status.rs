//! All answers in one place, sending, and how far an application is, in plain sentences.
use super::{
    Application, ApplicationState, EventKind, answers,
    forms::{self, ApplicationForm},
    queries, start,
    steps::{self, Step},
    verbs,
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Zone, text},
    members::{self, documents},
    web::{Csrf, Draft, Error, Field, Form, Page, RawForm, day, day_of, error_summary, field, notice, redirect},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/join/{token}", get(show))
        .route("/join/{token}/check", get(check).post(send))
        .route("/join/{token}/sent", get(sent))
        .route("/join/{token}/withdrawal", get(ask_withdrawal).post(withdraw))
}

/// What a question was answered with; `None` when it is not answered yet.
pub(super) fn answered(step: &str, a: &Application, categories: &[members::Category], form: &ApplicationForm) -> Option<Markup> {
    Some(match step {
        "track" => html! { (a.track?.label()) },
        "organization" => {
            let (name, city, state) = (a.name.as_deref()?, a.city.as_deref()?, a.state_code.as_deref()?);
            html! {
                (name) br;
                @if let Some(legal_name) = &a.legal_name { "Legally " (legal_name) br; }
                @if let Some(ein) = &a.ein { "EIN " (ein) br; }
                (city) ", " (state)
                @if let Some(website) = &a.website { br; (website) }
                @if let Some(year) = a.founded { br; "Founded in " (year) }
                @if let Some(mission) = &a.mission { br; (mission) }
            }
        }
        "category" => html! { (categories.iter().find(|c| Some(c.id) == a.category_id)?.name) },
        "eligibility" => {
            a.eligibility.as_ref()?;
            let confirmed = a.confirmed();
            let met: Vec<_> = form.body.conditions.iter().filter(|condition| confirmed.contains(&condition.name)).collect();
            if met.len() < form.body.conditions.len() {
                return None;
            }
            html! { @for (n, condition) in met.iter().enumerate() { @if n > 0 { br; } (condition.label) } }
        }
        "commitment" => {
            a.committed_at?;
            let paper = a.document_kind.zip(a.signatory.as_deref()).zip(a.signatory_title.as_deref()).zip(a.document_day);
            if form.document && paper.is_none() {
                return None;
            }
            html! {
                @match paper {
                    Some((((kind, who), title), on)) => { (kind.label()) ", signed by " (who) ", " (title) ", on " (day(on)) },
                    None => "Made on line",
                }
                @if let Some(version) = a.commitment_version { br; "Accepted: version " (version) " of the text" }
            }
        }
        "document" => {
            a.file.as_ref()?;
            html! { (a.file_name.as_deref().unwrap_or("The document")) " (" (documents::paper::size_in_words(a.file_size.unwrap_or_default())) ")" }
        }
        "contacts" => {
            let people = a.people();
            people.first()?;
            html! { @for (n, person) in people.iter().enumerate() { @if n > 0 { br; } (person.role.label()) ": " (person.name) ", " (person.email) } }
        }
        page => {
            let (questions, answers) = (form.page(page)?, a.answers());
            if questions.iter().any(|q| q.required && !answers.contains_key(&q.key)) {
                return None;
            }
            let many = questions.len() > 1;
            html! {
                @for (n, question) in questions.iter().enumerate() {
                    @if n > 0 { br; }
                    @if many { (question.label) ": " }
                    (forms::answer_words(question, &answers).unwrap_or_else(|| "—".to_owned()))
                }
            }
        }
    })
}

async fn check(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Result<Page, Response>, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(Err(away));
    }
    let asked = question_of_staff(&mut tx, &application).await?;
    let draft = Draft::of([("note", application.note.clone().unwrap_or_default())]);
    Ok(Ok(check_page(&mut tx, &csrf, &draft, &token, &application, asked.as_deref()).await?))
}

/// What staff asked for last, while it is open.
async fn question_of_staff(tx: &mut Tx, application: &Application) -> sqlx::Result<Option<String>> {
    if application.state != ApplicationState::NeedsInformation {
        return Ok(None);
    }
    let events = queries::events(tx, application.id).await?;
    Ok(events.into_iter().find(|e| e.kind == EventKind::Asked).and_then(|e| e.message))
}

async fn check_page(
    tx: &mut Tx,
    csrf: &Csrf,
    draft: &Draft,
    token: &str,
    a: &Application,
    asked: Option<&str>,
) -> Result<Page, Error> {
    let categories = members::categories(tx).await?;
    let form = forms::of(tx, a).await?;
    let content = html! {
        (error_summary(draft))
        h1 { "Check your answers" }
        @if let Some(asked) = asked { (notice("warn", &html! { p { strong { "We asked: " } (asked) } })) }
        dl.check-answers {
            @for Step { name: step, title } in &steps::steps(a, &form) {
                div #(step) {
                    dt { (title) }
                    dd { @match answered(step, a, &categories, &form) { Some(answer) => (answer), None => span.error { "Not answered yet" } } }
                    dd { a href={ "/join/" (token) "/" (step) "?back=check" } { "Change" span.visually-hidden { ": " (title) } } }
                }
            }
        }
        form method="post" action={ "/join/" (token) "/check" } novalidate {
            (csrf.field())
            (Field { optional: true, hint: Some("Anything the reviewers should know."), ..field("note", "A note to us") }.textarea(draft, 4))
            p.actions { button type="submit" { @if asked.is_some() { "Send it again" } @else { "Send the application" } } }
        }
    };
    Ok(Page::bare("Check your answers", content).own_heading())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Note {
    note: String,
}

async fn send(State(app): State<App>, csrf: Csrf, Path(token): Path<String>, Form(typed): Form<Note>) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let mut application = start::open(&mut tx, &app, &token).await?;
    if !application.state.is_open() {
        // A second click: it was sent by the first.
        return Ok(redirect(format!("/join/{token}")));
    }
    let asked = question_of_staff(&mut tx, &application).await?;
    let categories = members::categories(&mut tx).await?;
    let mut draft = Draft::default();
    application.note = draft.optional_text("note", &text::lines(&typed.note), 2_000).filter(|note| !note.is_empty());
    let form = forms::of(&mut tx, &application).await?;
    for Step { name, title } in steps::steps(&application, &form) {
        if answered(&name, &application, &categories, &form).is_none() {
            draft.reject(&name, format!("Answer: {title}"));
        }
    }
    let commitment = members::commitment(&mut tx, app.coalition.get().zone().day(now)).await?;
    let is_draft = application.state == ApplicationState::Draft;
    if let Some(text) = commitment.filter(|text| is_draft && answers::is_outdated(&application, Some(text)))
        && application.committed_at.is_some()
    {
        let since = text.in_force.words();
        draft.reject("commitment", format!("Read the commitment again: its text is a new one since {since}"));
    }
    if !draft.is_right() {
        return Err(Draft::refuse(check_page(&mut tx, &csrf, &draft, &token, &application, asked.as_deref()).await?));
    }
    if !verbs::submit(&mut tx, &app, &application, &token, now).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect(format!("/join/{token}/sent")))
}

async fn sent(State(app): State<App>, Path(token): Path<String>) -> Result<Result<Page, Response>, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if !application.state.is_waiting() {
        return Ok(Err(redirect(format!("/join/{token}"))));
    }
    let review = verbs::next_review(&mut tx, &app, &application, app.clock.now()).await?;
    let content = html! {
        div.confirmation { h1 { "Your application has arrived" } p { "It is the application of " strong { (application.title()) } "." } }
        h2 { "What happens next" }
        p { (review) }
        p { "A mail to " (application.email) " confirms it. When we need something more, we ask you by mail." }
        p { a href={ "/join/" (token) } { "See how far it is" } }
    };
    Ok(Ok(Page::public("Your application has arrived", content).own_heading()))
}

async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    let zone = app.coalition.get().zone();
    let review = verbs::next_review(&mut tx, &app, &application, app.clock.now()).await?;
    let asked = question_of_staff(&mut tx, &application).await?;
    let organization = match application.organization_id {
        Some(id) => members::organization(&mut tx, id).await?,
        None => None,
    };
    let content = html! {
        (standing(&application, &zone, &review, asked.as_deref(), organization.as_ref(), &token))
        @if application.state.is_open() || application.state.is_waiting() {
            p { a href={ "/join/" (token) "/withdrawal" } { "Withdraw the application" } }
        }
    };
    Ok(Page::public(format!("The application of {}", application.title()), content).crumb("Join", "/join"))
}

fn standing(
    a: &Application,
    zone: &Zone,
    review: &str,
    asked: Option<&str>,
    organization: Option<&members::Organization>,
    token: &str,
) -> Markup {
    html! {
        @match a.state {
            ApplicationState::Draft => {
                p.lead { "It is begun and not sent yet. You changed it last on " (day_of(a.changed_at, zone)) "." }
                p.actions { a.button href={ "/join/" (token) "/check" } { "Go on" } }
            }
            ApplicationState::Submitted | ApplicationState::InReview => {
                p.lead { "Your application arrived" @if let Some(at) = a.submitted_at { " on " (day_of(at, zone)) } "." }
                p { (review) }
            }
            ApplicationState::NeedsInformation => {
                p.lead { "We need something from you before we can go on." }
                @if let Some(asked) = asked { blockquote { p { (asked) } } }
                p.actions { a.button href={ "/join/" (token) "/check" } { "Change the answers and send them again" } }
            }
            ApplicationState::Approved => {
                p.lead { "It was approved" @if let Some(at) = a.decided_at { " on " (day_of(at, zone)) } "." }
                @if let Some(organization) = organization { p { a href=(organization.path()) { (organization.name) " on the roll" } } }
            }
            ApplicationState::Declined => {
                p.lead { "It was declined" @if let Some(at) = a.decided_at { " on " (day_of(at, zone)) } "." }
                @if let Some(reason) = &a.reason { p { (reason) } }
                p { "You may apply again when this has changed." }
            }
            ApplicationState::Withdrawn => { p.lead { "You withdrew it on " (day_of(a.changed_at, zone)) ". You may apply again at any time." } }
        }
    }
}

async fn ask_withdrawal(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Page, Error> {
    let application = start::open(&mut app.db.read().await?, &app, &token).await?;
    let content = html! {
        p { "The application of " strong { (application.title()) } " will not be looked at any more. What you wrote is kept with the secretariat’s records. You may apply again at any time." }
        form method="post" action={ "/join/" (token) "/withdrawal" } {
            (csrf.field())
            p.actions { button.danger type="submit" { "Withdraw the application" } a href={ "/join/" (token) } { "Keep it" } }
        }
    };
    Ok(Page::bare("Withdraw the application", content))
}

async fn withdraw(State(app): State<App>, Path(token): Path<String>, RawForm(_): RawForm) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if queries::withdraw(&mut tx, application.id, now).await? {
        queries::note_event(&mut tx, application.id, EventKind::Withdrawn, application.email.as_str(), None, now).await?;
    }
    tx.commit().await?;
    Ok(redirect(format!("/join/{token}")))
}
