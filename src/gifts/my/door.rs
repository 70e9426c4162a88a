//! The way in: an address is asked for and always answered with the same sentence; the link that is mailed works half
//! an hour, and in the first browser that uses it. Opening it uses nothing up: a button does.
use super::{HOME, session};
use crate::{
    app::App,
    db::Tx,
    donors::{self, Donor},
    gifts::{letters, queries},
    kernel::{Email, Timestamp},
    links::{self, LinkError},
    web::{ClientIp, Csrf, Draft, Error, Field, Form, Page, error_summary, field, notice, redirect},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use std::net::IpAddr;

pub(super) const LINK: &str = "my-giving";
const LINK_MINUTES: i64 = 30;
const MOST_PER_PLACE: i64 = 20;
const MOST_PER_EMAIL: i64 = 5;

/// The page that asks for an address.
pub(super) fn ask_page(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Your gifts, receipts and statements, and your recurring gifts to change or stop. There is no password: a link is mailed to you." }
        form method="post" action="/my-giving/link" novalidate {
            (csrf.field())
            (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("The one you gave with."), ..field("email", "Your e-mail address") }.input(draft))
            p.actions { button type="submit" { "Mail me the link" } }
        }
    };
    Page::bare("My giving", content)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    email: String,
}

pub(super) async fn ask(State(app): State<App>, csrf: Csrf, ip: ClientIp, Form(typed): Form<Typed>) -> Result<Page, Error> {
    let mut draft = Draft::default();
    let Some(email) = draft.read::<Email>("email", &typed.email) else {
        return Err(Draft::refuse(ask_page(&csrf, &draft).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if limit(&mut tx, &app, ip, &email, now).await?
        && let Some(donor) = donors::by_email(&mut tx, &email).await?
    {
        let token = links::issue(&mut tx, &app.keys, LINK, &donor.id.to_string(), now, now.plus_minutes(LINK_MINUTES)).await?;
        letters::way_in(&app, &mut tx, &donor, &email, &app.url(&format!("/my-giving/link/{token}")), LINK_MINUTES).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let content = html! {
        p.lead { "If somebody has given with " strong { (email) } ", a mail with a link is on its way. The link works for " (LINK_MINUTES) " minutes." }
        p { "Nothing there? Look into the folder for unwanted mail, or try another address you may have given with." }
        p { a href=(HOME) { "Ask again" } }
    };
    Ok(Page::bare("Look into your mail", content))
}

/// Refuses a network that asks too often. An address that is asked for too often gets no mail, and its asker reads
/// the same sentence as everybody.
async fn limit(tx: &mut Tx, app: &App, ip: ClientIp, email: &Email, now: Timestamp) -> Result<bool, Error> {
    let hour = now.unix().div_euclid(3_600);
    let until = Timestamp::from_unix((hour + 1) * 3_600).unwrap_or(now);
    let code = |subject: String| app.keys.code("my-giving limit", subject.as_bytes());
    queries::forget_counts(tx, now).await?;
    if queries::count_up(tx, &code(network(ip.0)), hour, until).await? > MOST_PER_PLACE {
        let seconds = until.seconds_since(now);
        return Err(Error::TooMany { seconds, what: "Links were asked for too often from your network.".to_owned() });
    }
    Ok(queries::count_up(tx, &code(email.to_string()), hour, until).await? <= MOST_PER_EMAIL)
}

/// One address of the network, or the /64 that a household is given.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

enum Opened {
    Works(Box<(Donor, Email)>),
    /// By this browser, a moment ago.
    UsedHere,
    Shut(String),
}

async fn open(tx: &mut Tx, app: &App, token: &str, headers: &HeaderMap) -> Result<Opened, Error> {
    let shut = |why: &str| Ok(Opened::Shut(why.to_owned()));
    let subject = match links::open(tx, &app.keys, LINK, token, app.clock.now()).await? {
        Ok(subject) => subject,
        Err(LinkError::Unknown) => return Err(Error::NotFound),
        Err(LinkError::Used) => {
            let pass = session::door(headers).map(|door| session::Pass::of(app, token, &door));
            if let Some(pass) = pass
                && queries::is_of_link(tx, &pass.digest, &pass.link).await?
            {
                return Ok(Opened::UsedHere);
            }
            return shut("This link was used already, in another browser or before you left. Ask for a new one.");
        }
        Err(why) => return Ok(Opened::Shut(format!("{why} It works for {LINK_MINUTES} minutes. Ask for a new one."))),
    };
    let donor = match subject.parse() {
        Ok(id) => donors::by_id(tx, id).await?,
        Err(_) => None,
    };
    match donor.and_then(|donor| donor.email.clone().map(|email| (donor, email))) {
        Some(found) => Ok(Opened::Works(Box::new(found))),
        None => shut("This link leads nowhere any more. Ask for a new one."),
    }
}

/// What a link that does not work is answered.
fn shut(sentence: &str) -> Page {
    let content = html! {
        p.lead { (sentence) }
        p { a.button href=(HOME) { "Ask for a link" } }
    };
    Page::bare("This link does not open your giving", content).status(StatusCode::GONE)
}

fn doorstep(csrf: &Csrf, token: &str, donor: &Donor, warning: Option<&str>) -> Markup {
    html! {
        @if let Some(warning) = warning { (notice("warn", &html! { p { (warning) } })) }
        p.lead { "For " (donor.name) "." }
        form method="post" action={ "/my-giving/link/" (token) } {
            (csrf.field())
            p.actions { button type="submit" { "Open my giving" } }
        }
        p.hint { "The link then works in this browser alone, and its time ends after half a day." }
    }
}

pub(super) async fn look(
    State(app): State<App>,
    csrf: Csrf,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    Ok(match open(&mut tx, &app, &token, &headers).await? {
        Opened::Shut(why) => shut(&why).into_response(),
        Opened::UsedHere => redirect(HOME),
        Opened::Works(found) => {
            let mut response = Page::bare("Open my giving", doorstep(&csrf, &token, &found.0, None)).into_response();
            if let Some(cookie) = session::door_cookie(&app, &headers) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    })
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn enter(
    State(app): State<App>,
    csrf: Csrf,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let door = session::door(&headers);
    let pass = match (open(&mut tx, &app, &token, &headers).await?, door) {
        (Opened::Shut(why), _) => return Ok(shut(&why).into_response()),
        (Opened::Works(found), None) => {
            let warning = "Your browser keeps no cookies for this site. Allow them, then open the link again.";
            let content = doorstep(&csrf, &token, &found.0, Some(warning));
            return Ok(Page::bare("Open my giving", content).status(StatusCode::CONFLICT).into_response());
        }
        (Opened::Works(found), Some(door)) => {
            let pass = session::Pass::of(&app, &token, &door);
            if links::use_up(&mut tx, &app.keys, LINK, &token, now).await?.is_err() {
                return Ok(redirect(format!("/my-giving/link/{token}")));
            }
            let of = (found.0.id, &found.1);
            queries::open_giving_session(&mut tx, (&pass.digest, &pass.link), of, now, session::until(now)).await?;
            tx.commit().await?;
            pass
        }
        (Opened::UsedHere, door) => session::Pass::of(&app, &token, &door.unwrap_or_default()),
    };
    let mut response = redirect(HOME);
    response.headers_mut().append(header::SET_COOKIE, pass.cookie(&app));
    Ok(response)
}

pub(super) async fn leave(
    State(app): State<App>,
    headers: HeaderMap,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    if let Some(carried) = session::carried(&headers) {
        let mut tx = app.db.write().await?;
        queries::close_giving_session(&mut tx, &carried, app.clock.now()).await?;
        tx.commit().await?;
    }
    let mut response = redirect(HOME);
    response.headers_mut().append(header::SET_COOKIE, session::no_cookie(&app));
    Ok(response)
}
