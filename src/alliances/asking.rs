//! Visitors ask to join an alliance, or to start one: one page, a limit on how often, a page that says what
//! happens next. Whoever answers is told by mail in the same act, and so is who asked.
use super::{
    Alliance, RequestId, RequestKind, RequestState,
    form::{self, today},
    letters, places,
    queries::{self, Request},
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Email, Timestamp, digest, text},
    mail::{self, Class},
    web::{ClientIp, Csrf, Draft, Error, Field, Form, Page, error_summary, field, redirect},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

/// Requests per address of the network, and per e-mail address, in an hour.
const MOST_PER_PLACE: i64 = 10;
const MOST_PER_EMAIL: i64 = 3;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/alliances/start", get(ask_start).post(start))
        .route("/alliances/start/received", get(start_received))
        .route("/alliances/{slug}/join", get(ask_join).post(join))
        .route("/alliances/{slug}/join/received", get(join_received))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    email: String,
    organization: String,
    city: String,
    state: String,
    message: String,
    /// No two pages carry the same one, so it tells a second click from a second request.
    csrf: String,
}

async fn find(tx: &mut Tx, slug: &str) -> Result<Alliance, Error> {
    let slug: String = text::line(slug).chars().take(120).collect();
    queries::shown(tx, &slug).await?.ok_or(Error::NotFound)
}

fn page(alliance: Option<&Alliance>, csrf: &Csrf, draft: &Draft) -> Page {
    let (title, action, who) = match alliance {
        Some(a) => (format!("Ask to join {}", a.name), format!("/alliances/{}/join", a.slug), "Its leader"),
        None => ("Start an alliance".to_owned(), "/alliances/start".to_owned(), "The secretariat"),
    };
    let content = html! {
        (error_summary(draft))
        @if alliance.is_none() { p.lead { "An alliance begins with somebody who lives there, and a member of the coalition that stands behind them. The secretariat visits, helps with the first meeting and comes to the launch." } }
        p { (who) " reads this and answers by mail. Nothing of it is published." }
        form method="post" action=(action) {
            (csrf.field())
            (Field { autocomplete: Some("name"), ..field("name", "Your name") }.input(draft))
            (Field { kind: "email", inputmode: Some("email"), autocomplete: Some("email"), ..field("email", "Your e-mail address") }.input(draft))
            (Field { optional: true, autocomplete: Some("organization"), hint: Some("When you write for one"), ..field("organization", "Your organization") }.input(draft))
            (Field { width: "medium", autocomplete: Some("address-level2"), ..field("city", "City") }.input(draft))
            (Field { autocomplete: Some("address-level1"), ..field("state", "State") }.select(draft, &places::choices("Choose your state")))
            (Field { optional: alliance.is_some(), hint: Some(if alliance.is_some() { "What you would like to do" } else { "Whom you know there, and what you would like to do" }), ..field("message", "Message") }.textarea(draft, 5))
            p.actions { button type="submit" { "Send the request" } }
        }
    };
    let page = Page::public(title, content).crumb("Alliances", "/alliances");
    match alliance {
        Some(a) => page.crumb(&a.name, format!("/alliances/{}", a.slug)),
        None => page,
    }
}

fn read(draft: &mut Draft, typed: &Typed, alliance: Option<&Alliance>, id: RequestId, now: Timestamp) -> Option<Request> {
    let name = draft.text("name", &text::line(&typed.name), 120, "Write your name");
    let email = draft.read::<Email>("email", &typed.email);
    let organization = draft.optional_text("organization", &text::line(&typed.organization), 160);
    let city = draft.text("city", &text::line(&typed.city), 120, "Write the city you live or work in");
    draft.keep("state", &typed.state);
    let state = places::state_of(&typed.state);
    if state.is_none() {
        draft.reject("state", "Choose your state");
    }
    let message = if alliance.is_some() {
        draft.optional_text("message", &typed.message, 2_000)
    } else {
        draft.text("message", &typed.message, 2_000, "Write a few words about what you would like to do")
    };
    Some(Request {
        id,
        kind: if alliance.is_some() { RequestKind::Join } else { RequestKind::Start },
        alliance_id: alliance.map(|a| a.id),
        name: name?,
        email: email?,
        organization: organization?,
        city: city?,
        state_code: state?.to_owned(),
        message: message?,
        state: RequestState::New,
        received_at: now,
        answered_at: None,
        answered_by: None,
        answer: None,
    })
}

/// The same page sent twice names the same request.
fn id_of(app: &App, typed: &Typed) -> RequestId {
    let code = digest(&app.keys.code("alliance request", format!("{} {}", typed.csrf, typed.email).as_bytes()));
    RequestId::from_u128(u128::from_str_radix(&code[..32], 16).expect("a digest is hexadecimal"))
}

/// Refuses who asks faster than people do.
async fn limit(tx: &mut Tx, app: &App, ip: ClientIp, email: &Email, now: Timestamp) -> Result<(), Error> {
    let hour = now.unix().div_euclid(3_600);
    let place = app.keys.code("alliance limit", ip.0.to_string().as_bytes());
    let address = app.keys.code("alliance limit", email.as_str().as_bytes());
    let from_place = queries::count_request(tx, &place, hour).await?;
    let from_address = queries::count_request(tx, &address, hour).await?;
    if from_place > MOST_PER_PLACE || from_address > MOST_PER_EMAIL {
        let seconds = (hour + 1) * 3_600 - now.unix();
        return Err(Error::TooMany { seconds, what: "Many requests were sent from here within the hour.".to_owned() });
    }
    Ok(())
}

/// Keeps a request once, and tells both sides of it.
async fn receive(tx: &mut Tx, app: &App, ip: ClientIp, request: &Request, alliance: Option<&Alliance>) -> Result<(), Error> {
    if !queries::insert_request(tx, request).await? {
        return Ok(());
    }
    let now = app.clock.now();
    limit(tx, app, ip, &request.email, now).await?;
    let coalition = app.coalition.get();
    let record = ("alliance_request", &*request.id.to_string());
    let mut to: Vec<(Email, String)> = Vec::new();
    if let Some(alliance) = alliance {
        let of = form::find(app, tx, alliance.id).await?;
        for term in of.leaders(today(app)).into_iter().filter(|term| term.staff_id.is_some()) {
            to.extend(term.email.clone().map(|email| (email, format!("/leader/{}/requests/{}", alliance.id, request.id))));
        }
    }
    if to.is_empty() {
        let page = alliance.map_or_else(|| "/staff/alliances".to_owned(), |a| form::base(a.id));
        to.extend(coalition.contact_email.parse::<Email>().ok().map(|email| (email, format!("{page}/requests/{}", request.id))));
    }
    for (email, path) in &to {
        let letter = letters::asked(&coalition, request, alliance, &app.url(path));
        mail::send(tx, email, Class::MembershipService, record, &letter, now).await?;
    }
    let letter = letters::received(&coalition, request, alliance);
    mail::send(tx, &request.email, Class::Transactional, record, &letter, now).await?;
    Ok(())
}

async fn ask_join(State(app): State<App>, csrf: Csrf, Path(slug): Path<String>) -> Result<Page, Error> {
    let alliance = find(&mut app.db.read().await?, &slug).await?;
    Ok(page(Some(&alliance), &csrf, &Draft::default()))
}

async fn join(
    State(app): State<App>,
    csrf: Csrf,
    ip: ClientIp,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.db.write().await?;
    let alliance = find(&mut tx, &slug).await?;
    let mut draft = Draft::default();
    let Some(request) = read(&mut draft, &typed, Some(&alliance), id_of(&app, &typed), app.clock.now()) else {
        return Err(Draft::refuse(page(Some(&alliance), &csrf, &draft)));
    };
    receive(&mut tx, &app, ip, &request, Some(&alliance)).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect(format!("/alliances/{}/join/received", alliance.slug)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct From {
    state: String,
}

async fn ask_start(csrf: Csrf, Query(from): Query<From>) -> Page {
    page(None, &csrf, &Draft::of([("state", places::state_of(&from.state).unwrap_or_default())]))
}

async fn start(State(app): State<App>, csrf: Csrf, ip: ClientIp, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let Some(request) = read(&mut draft, &typed, None, id_of(&app, &typed), app.clock.now()) else {
        return Err(Draft::refuse(page(None, &csrf, &draft)));
    };
    let mut tx = app.db.write().await?;
    receive(&mut tx, &app, ip, &request, None).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect("/alliances/start/received"))
}

async fn join_received(State(app): State<App>, Path(slug): Path<String>) -> Result<Page, Error> {
    let alliance = find(&mut app.db.read().await?, &slug).await?;
    let content = html! {
        div.confirmation { h1 { "Your request has arrived" } p.lead { "The leader of " (alliance.name) " has it." } }
        h2 { "What happens next" }
        p { "A mail says that it arrived. The leader reads it and answers to the address you gave, often within a week. You need to do nothing until then." }
        p { a href={ "/alliances/" (alliance.slug) } { "Back to " (alliance.name) } }
    };
    Ok(Page::public("Your request has arrived", content).own_heading())
}

async fn start_received() -> Page {
    let content = html! {
        div.confirmation { h1 { "Your request has arrived" } p.lead { "The secretariat has it." } }
        h2 { "What happens next" }
        p { "A mail says that it arrived. The secretariat reads it, looks for a member near you that could stand behind an alliance, and answers to the address you gave. You need to do nothing until then." }
        p { a href="/alliances" { "All alliances" } }
    };
    Page::public("Your request has arrived", content).own_heading()
}
