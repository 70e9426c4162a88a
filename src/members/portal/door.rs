//! The way into the portal: an address is asked for, and always answered with the same sentence; the link that is
//! mailed works half an hour, and in the first browser that uses it. Opening it uses nothing up: a button does.
use super::{letters, queries, session};
use crate::{
    app::App,
    db::Tx,
    kernel::{Email, Timestamp},
    links::{self, LinkError},
    mail::{self, Class},
    members::{Contact, ContactRole, Organization, record::find},
    web::{ClientIp, Csrf, Draft, Error, Field, Form, Page, error_summary, field, notice, redirect},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use std::net::IpAddr;

const LINK: &str = "portal";
const LINK_MINUTES: i64 = 30;
const MOST_PER_PLACE: i64 = 20;
const MOST_PER_EMAIL: i64 = 5;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/portal/link", post(ask))
        .route("/portal/link/{token}", get(look).post(enter))
        .route("/portal/sign-out", post(leave))
}

/// The page that asks for an address; `why` says why somebody is no longer in.
pub fn ask_page(csrf: &Csrf, draft: &Draft, why: Option<&str>) -> Page {
    let content = html! {
        (error_summary(draft))
        @if let Some(why) = why { (notice("warn", &html! { p { (why) } })) }
        p.lead { "For the delegates of member and observer organizations. There is no password: a link is mailed to you." }
        form method="post" action="/portal/link" novalidate {
            (csrf.field())
            (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("The one we know you by as the delegate."), ..field("email", "Your e-mail address") }.input(draft))
            p.actions { button type="submit" { "Mail me the link" } }
        }
    };
    Page::bare("Portal", content)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    email: String,
}

async fn ask(State(app): State<App>, csrf: Csrf, ip: ClientIp, Form(typed): Form<Typed>) -> Result<Page, Error> {
    let mut draft = Draft::default();
    let Some(email) = draft.read::<Email>("email", &typed.email) else {
        return Err(Draft::refuse(ask_page(&csrf, &draft, None)));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let may = limit(&mut tx, &app, ip, &email, now).await?;
    if may {
        mail_link_for(&mut tx, &app, &email, now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let content = html! {
        p.lead { "If " strong { (email) } " is the address of a delegate, a mail with a link is on its way. The link works for " (LINK_MINUTES) " minutes." }
        p { "Nothing there? Look into the folder for unwanted mail, or try the address under which the secretariat writes to you." }
        p { a href="/portal" { "Ask again" } }
    };
    Ok(Page::bare("Look into your mail", content))
}

/// Refuses a network that asks too often. An address that is asked for too often gets no mail, and its asker reads
/// the same sentence as everybody.
async fn limit(tx: &mut Tx, app: &App, ip: ClientIp, email: &Email, now: Timestamp) -> Result<bool, Error> {
    let hour = now.unix().div_euclid(3_600);
    let code = |subject: String| app.keys.code("portal limit", subject.as_bytes());
    let from_place = queries::count(tx, &code(network(ip.0)), hour).await?;
    if from_place > MOST_PER_PLACE {
        let seconds = (hour + 1) * 3_600 - now.unix();
        return Err(Error::TooMany { seconds, what: "Links were asked for too often from your network.".to_owned() });
    }
    Ok(queries::count(tx, &code(email.to_string()), hour).await? <= MOST_PER_EMAIL)
}

/// One address of the network, or the /64 that a household is given.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

/// Mails one link for each seat that is held with this address; nothing when none is.
pub async fn mail_link_for(tx: &mut Tx, app: &App, email: &Email, now: Timestamp) -> sqlx::Result<()> {
    let mut ways = Vec::new();
    let seats = queries::seats(tx, email).await?;
    for seat in &seats {
        let subject = format!("{} {}", seat.id, seat.email);
        let token = links::issue(tx, &app.keys, LINK, &subject, now, now.plus_seconds(LINK_MINUTES * 60)).await?;
        let Some(o) = crate::members::organization(tx, seat.organization_id).await? else { continue };
        ways.push((o, app.url(&format!("/portal/link/{token}"))));
    }
    let Some((first, _)) = ways.first() else { return Ok(()) };
    let record = first.id.to_string();
    let letter = letters::link(&app.coalition.get(), &seats[0].name, &ways, LINK_MINUTES);
    mail::send(tx, email, Class::Transactional, ("organization", &record), &letter, now).await?;
    Ok(())
}

/// What a link that does not work is answered.
fn shut(sentence: &str, status: StatusCode) -> Page {
    let content = html! {
        p.lead { (sentence) }
        p { a.button href="/portal" { "To the portal" } }
    };
    Page::bare("This link does not open the portal", content).status(status)
}

enum Opened {
    Works(Box<(Contact, Organization)>),
    /// By this browser, a moment ago.
    UsedHere,
    Shut(Page),
}

async fn open(tx: &mut Tx, app: &App, token: &str, headers: &HeaderMap) -> Result<Opened, Error> {
    let gone = |sentence: String| Ok(Opened::Shut(shut(&sentence, StatusCode::GONE)));
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
            return gone(
                "This link was used already, in another browser or before you signed out. Ask for a new one.".to_owned(),
            );
        }
        Err(why) => return gone(format!("{why} It works for {LINK_MINUTES} minutes. Ask for a new one.")),
    };
    let (id, email) = subject.split_once(' ').ok_or(Error::NotFound)?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let person = queries::contact(tx, id).await?.ok_or(Error::NotFound)?;
    let o = find(tx, person.organization_id).await?;
    if person.to_day.is_some() || person.role != ContactRole::Delegate {
        return gone(format!(
            "It was for {}, whose term as the delegate of {} has ended. The delegate of today asks for a link of their own.",
            person.name, o.name
        ));
    }
    if person.email.as_str() != email {
        return gone(format!("The e-mail address of the delegate of {} has changed. Ask for a link with the new one.", o.name));
    }
    if let Some(carried) = session::carried(headers)
        && let session::Entry::In(other) = session::recognise(tx, app, &carried).await?
        && other.person.email != person.email
    {
        let sentence = format!(
            "This link is for {} of {}, and this browser is in the portal for {} of {}. Sign out there first, then open the link again.",
            person.name, o.name, other.person.name, other.o.name
        );
        return Ok(Opened::Shut(shut(&sentence, StatusCode::CONFLICT)));
    }
    Ok(Opened::Works(Box::new((person, o))))
}

fn doorstep(csrf: &Csrf, token: &str, person: &Contact, o: &Organization, warning: Option<&str>) -> Markup {
    html! {
        @if let Some(warning) = warning { (notice("warn", &html! { p { (warning) } })) }
        p.lead { "For " (person.name) ", the delegate of " strong { (o.name) } "." }
        form method="post" action={ "/portal/link/" (token) } {
            (csrf.field())
            p.actions { button type="submit" { "Open the portal" } }
        }
        p.hint { "The link then works in this browser alone, and its time ends after half a day." }
    }
}

async fn look(State(app): State<App>, csrf: Csrf, headers: HeaderMap, Path(token): Path<String>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    Ok(match open(&mut tx, &app, &token, &headers).await? {
        Opened::Shut(page) => page.into_response(),
        Opened::UsedHere => redirect("/portal"),
        Opened::Works(seat) => {
            let mut response = Page::bare("Open the portal", doorstep(&csrf, &token, &seat.0, &seat.1, None)).into_response();
            if let Some(cookie) = session::door_cookie(&app, &headers) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    })
}

#[derive(Deserialize)]
struct Nothing {}

async fn enter(
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
        (Opened::Shut(page), _) => return Ok(page.into_response()),
        (Opened::Works(seat), None) => {
            let warning = "Your browser keeps no cookies for this site. Allow them, then open the link again.";
            let content = doorstep(&csrf, &token, &seat.0, &seat.1, Some(warning));
            return Ok(Page::bare("Open the portal", content).status(StatusCode::CONFLICT).into_response());
        }
        (Opened::Works(seat), Some(door)) => {
            let pass = session::Pass::of(&app, &token, &door);
            if links::use_up(&mut tx, &app.keys, LINK, &token, now).await?.is_err() {
                return Ok(redirect(format!("/portal/link/{token}")));
            }
            queries::open_session(&mut tx, (&pass.digest, &pass.link), &seat.0, now, session::until(now)).await?;
            tx.commit().await?;
            pass
        }
        (Opened::UsedHere, door) => session::Pass::of(&app, &token, &door.unwrap_or_default()),
    };
    let mut response = redirect("/portal");
    response.headers_mut().append(header::SET_COOKIE, pass.cookie(&app));
    Ok(response)
}

async fn leave(State(app): State<App>, headers: HeaderMap, Form(Nothing {}): Form<Nothing>) -> Result<Response, Error> {
    if let Some(carried) = session::carried(&headers) {
        let mut tx = app.db.write().await?;
        queries::close_session(&mut tx, &carried, app.clock.now()).await?;
        tx.commit().await?;
    }
    let mut response = redirect("/portal");
    response.headers_mut().append(header::SET_COOKIE, session::no_cookie(&app));
    Ok(response)
}
