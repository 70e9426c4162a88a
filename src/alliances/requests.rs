//! Requests of visitors to join an alliance, or to start one: read and answered by mail. A welcome puts the
//! person on the roster in the same act.
use super::{
    Alliance, RequestId, RequestKind, RequestState, RosterEntry, RosterId, RosterKind, form,
    keeper::Keeper,
    letters, places,
    queries::{self, Request},
};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::Zone,
    mail::{self, Class},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, empty, error_summary, facts, field, moment, redirect_saying},
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
        .route("/staff/alliances/requests", get(list_starts))
        .route("/staff/alliances/requests/{request}", get(show_start).post(answer_start))
        .route("/staff/alliances/{id}/requests", get(list))
        .route("/staff/alliances/{id}/requests/{request}", get(show).post(answer))
        .route("/leader/{id}/requests", get(list))
        .route("/leader/{id}/requests/{request}", get(show).post(answer))
}

#[derive(Deserialize)]
struct At {
    request: RequestId,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    decision: String,
    answer: String,
}

fn mood(state: RequestState) -> &'static str {
    match state {
        RequestState::New => "waiting",
        RequestState::Welcomed => "good",
        RequestState::Answered => "done",
    }
}

fn table(requests: &[Request], base: &str, zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Requests, those that wait first" }
            thead { tr { th scope="col" { "Who" } th scope="col" { "Place" } th scope="col" { "Arrived" } th scope="col" { "State" } } }
            tbody { @for r in requests { tr {
                th scope="row" { a href={ (base) "/requests/" (r.id) } { (r.name) } @if !r.organization.is_empty() { ", " (r.organization) } }
                td data-label="Place" { (r.city) ", " (r.state_code) }
                td data-label="Arrived" { (moment(r.received_at, zone)) }
                td data-label="State" { (badge(mood(r.state), r.state.label())) }
            } } }
        }
    }
}

async fn list(State(app): State<App>, keeper: Keeper) -> Result<Page, Error> {
    let requests = queries::requests(&mut app.db.read().await?, Some(keeper.alliance.id)).await?;
    let content = html! {
        @if requests.is_empty() { (empty("Nobody has asked to join yet. The alliance’s public page has a form; what is sent there stands here and waits for an answer.", None)) }
        @else { (table(&requests, &keeper.base, &app.coalition.get().zone())) }
    };
    Ok(keeper.page("Requests to join", content))
}

async fn list_starts(State(app): State<App>, _: Staff) -> Result<Page, Error> {
    let requests = queries::requests(&mut app.db.read().await?, None).await?;
    let content = html! {
        @if requests.is_empty() { (empty("Nobody has asked to start an alliance yet. The page for visitors has a form; what is sent there stands here.", Some(("See the form", "/alliances/start")))) }
        @else { (table(&requests, "/staff/alliances", &app.coalition.get().zone())) }
    };
    Ok(starts_page("Requests to start an alliance", content))
}

fn starts_page(title: impl Into<String>, content: Markup) -> Page {
    Page::staff(title, content).crumb("Staff", "/staff").crumb("Alliances", "/staff/alliances")
}

/// What one request says, and the form that answers it while it waits.
fn body(r: &Request, base: &str, keeps: bool, csrf: &Csrf, draft: &Draft, zone: &Zone) -> Markup {
    let join = r.kind == RequestKind::Join;
    let choices = [
        ("welcome", "Welcome, and put them on the roster", Some("From today. The answer is mailed with a welcome.")),
        ("answer", "Answer only", Some("The answer is mailed; the roster stays as it is.")),
    ];
    html! {
        (error_summary(draft))
        p { (badge(mood(r.state), r.state.label())) }
        (facts(&[
            ("Name", html! { (r.name) }),
            ("E-mail", html! { a href={ "mailto:" (r.email) } { (r.email) } }),
            ("Organization", html! { @if r.organization.is_empty() { "None named" } @else { (r.organization) } }),
            ("Place", html! { (r.city) ", " (places::state_name(&r.state_code).unwrap_or(&r.state_code)) }),
            ("Arrived", moment(r.received_at, zone)),
            ("Message", html! { @if r.message.is_empty() { "None" } @else { @for p in r.message.split("\n\n") { p { (p) } } } }),
        ]))
        @if let (Some(at), Some(by)) = (r.answered_at, &r.answered_by) {
            h2 { "The answer" }
            p.hint { (by) ", " (moment(at, zone)) }
            @for p in r.answer.as_deref().unwrap_or_default().split("\n\n") { p { (p) } }
        } @else if keeps {
            h2 { "Answer" }
            form method="post" action={ (base) "/requests/" (r.id) } {
                (csrf.field())
                @if join { (field("decision", "What you decide").radios(draft, &choices)) }
                @else { input type="hidden" name="decision" value="answer"; }
                (Field { hint: Some("Mailed to them as you write it."), ..field("answer", "Your answer") }.textarea(draft, 6))
                p.actions { button type="submit" { "Send the answer" } }
            }
        }
        @if !join && keeps {
            p { a href={ "/staff/alliances/new?" (url::form_urlencoded::Serializer::new(String::new()).append_pair("place", &r.city).append_pair("state", &r.state_code).finish()) } { "Begin an alliance in " (r.city) } }
        }
    }
}

async fn show(State(app): State<App>, keeper: Keeper, csrf: Csrf, Path(at): Path<At>) -> Result<Page, Error> {
    let r = queries::request(&mut app.db.read().await?, Some(keeper.alliance.id), at.request).await?.ok_or(Error::NotFound)?;
    Ok(join_page(&app, &keeper, &r, &csrf, &Draft::of([("decision", "welcome")])))
}

fn join_page(app: &App, keeper: &Keeper, r: &Request, csrf: &Csrf, draft: &Draft) -> Page {
    let content = body(r, &keeper.base, keeper.may_keep().is_ok(), csrf, draft, &app.coalition.get().zone());
    keeper.page(format!("{} would like to join", r.name), content).crumb("Requests to join", format!("{}/requests", keeper.base))
}

async fn show_start(State(app): State<App>, staff: Staff, csrf: Csrf, Path(at): Path<At>) -> Result<Page, Error> {
    let r = queries::request(&mut app.db.read().await?, None, at.request).await?.ok_or(Error::NotFound)?;
    Ok(start_page(&app, &staff, &r, &csrf, &Draft::default()))
}

fn start_page(app: &App, staff: &Staff, r: &Request, csrf: &Csrf, draft: &Draft) -> Page {
    let content = body(r, "/staff/alliances", staff.may_admit().is_ok(), csrf, draft, &app.coalition.get().zone());
    starts_page(format!("{} would like to start an alliance", r.name), content)
        .crumb("Requests to start one", "/staff/alliances/requests")
}

/// What was decided, once it is typed right.
fn read(draft: &mut Draft, typed: &Typed, r: &Request) -> Option<(bool, String)> {
    draft.keep("decision", &typed.decision);
    let welcome = typed.decision == "welcome" && r.kind == RequestKind::Join;
    if !welcome && typed.decision != "answer" {
        draft.reject("decision", "Choose one of the answers");
    }
    let answer = draft.text("answer", &typed.answer, 4_000, "Write the answer; it is mailed to them");
    answer.filter(|_| draft.is_right()).map(|answer| (welcome, answer))
}

/// Writes the answer down and mails it. Of two who answer at the same moment, one is told so.
async fn settle(
    tx: &mut Tx,
    app: &App,
    r: &Request,
    alliance: Option<&Alliance>,
    by: (&Actor, &str),
    welcome: bool,
    answer: &str,
) -> Result<(), Error> {
    let now = app.clock.now();
    let state = if welcome { RequestState::Welcomed } else { RequestState::Answered };
    if !queries::answer(tx, r.id, state, answer, by.1, now).await? {
        return Err(Error::Conflict("Somebody answered this request already. Look at it again.".to_owned()));
    }
    if let Some(alliance) = alliance.filter(|_| welcome) {
        let organization = !r.organization.is_empty();
        let entry = RosterEntry {
            id: RosterId::new(),
            alliance_id: alliance.id,
            kind: if organization { RosterKind::Organization } else { RosterKind::Person },
            name: if organization { r.organization.clone() } else { r.name.clone() },
            email: Some(r.email.clone()),
            note: if organization { r.name.clone() } else { String::new() },
            organization_id: None,
            from_day: form::today(app),
            to_day: None,
        };
        queries::add_roster(tx, &entry).await?;
    }
    let record = ("alliance_request", &*r.id.to_string());
    let letter = letters::answered(&app.coalition.get(), r, alliance, answer, welcome);
    mail::send(tx, &r.email, Class::Transactional, record, &letter, now).await?;
    let (kind, id) = alliance.map_or(("alliance_request", r.id.to_string()), |a| ("alliance", a.id.to_string()));
    let after = serde_json::json!({ "request_of": r.name, "state": state });
    audit::record::<(), _>(tx, by.0, "answer_request", (kind, &id), None, Some(&after), now).await?;
    Ok(())
}

async fn answer(
    State(app): State<App>,
    keeper: Keeper,
    csrf: Csrf,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let r = queries::request(&mut tx, Some(keeper.alliance.id), at.request).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let Some((welcome, words)) = read(&mut draft, &typed, &r) else {
        return Err(Draft::refuse(join_page(&app, &keeper, &r, &csrf, &draft)));
    };
    settle(&mut tx, &app, &r, Some(&keeper.alliance), (&keeper.actor(), keeper.name()), welcome, &words).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let said = if welcome {
        format!("{} is welcomed and stands on the roster.", r.name)
    } else {
        format!("The answer to {} is on its way.", r.name)
    };
    Ok(redirect_saying(format!("{}/requests", keeper.base), Mood::Good, said))
}

async fn answer_start(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let r = queries::request(&mut tx, None, at.request).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let Some((_, words)) = read(&mut draft, &typed, &r) else {
        return Err(Draft::refuse(start_page(&app, &staff, &r, &csrf, &draft)));
    };
    settle(&mut tx, &app, &r, None, (&staff.actor(), &staff.name), false, &words).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying("/staff/alliances/requests", Mood::Good, format!("The answer to {} is on its way.", r.name)))
}
