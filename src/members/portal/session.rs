//! The time that a link opens: a cookie that is derived from the link and from the browser that used it. It ends
//! after half a day, when the delegate signs out, when the term ends and when the address changes.
use super::{Delegate, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, Token, digest},
    members::{ContactRole, reaffirmation::Rhythm, record::find, standing},
    settings,
    web::{Error, PORTAL_COOKIE, redirect},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;

/// A browser is known by this before it uses a link.
const DOOR_COOKIE: &str = "convener_portal_door";
const SESSION_HOURS: i64 = 12;

/// Who asks for a page of the portal.
#[derive(Debug)]
pub enum Entry {
    Nobody,
    /// Somebody whose time is over; the sentence says why.
    Over(String),
    In(Box<Delegate>),
}

fn cookie(app: &App, name: &str, value: &str, hours: i64) -> HeaderValue {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let seconds = hours * 3_600;
    let text = format!("{name}={value}; Path=/portal; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).expect("a token is URL-safe text")
}

pub(super) fn no_cookie(app: &App) -> HeaderValue {
    cookie(app, PORTAL_COOKIE, "", 0)
}

/// Makes a browser known, unless it is.
pub(super) fn door_cookie(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    door(headers).is_none().then(|| cookie(app, DOOR_COOKIE, Token::new().as_str(), 24))
}

/// The browser that asks.
pub(super) fn door(headers: &HeaderMap) -> Option<String> {
    let value = CookieJar::from_headers(headers).get(DOOR_COOKIE)?.value().to_owned();
    (20..=100).contains(&value.len()).then_some(value)
}

/// The digest of the session that a request carries, valid or not.
pub(super) fn carried(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(PORTAL_COOKIE).map(|cookie| digest(cookie.value()))
}

/// What a link becomes in one browser: always the same there, and something else in every other.
pub(super) struct Pass {
    token: String,
    pub(super) digest: String,
    pub(super) link: String,
}

impl Pass {
    pub(super) fn of(app: &App, link: &str, door: &str) -> Self {
        let token = app.keys.code("portal session", format!("{link} {door}").as_bytes());
        Self { digest: digest(&token), link: digest(link), token }
    }

    pub(super) fn cookie(&self, app: &App) -> HeaderValue {
        cookie(app, PORTAL_COOKIE, &self.token, SESSION_HOURS)
    }
}

pub(super) fn until(now: Timestamp) -> Timestamp {
    now.plus_hours(SESSION_HOURS)
}

/// Who carries this session.
pub(super) async fn recognise(tx: &mut Tx, app: &App, carried: &str) -> Result<Entry, Error> {
    let (now, zone) = (app.clock.now(), app.coalition.get().zone());
    let Some(session) = queries::session(tx, carried).await?.filter(|s| s.closed_at.is_none()) else { return Ok(Entry::Nobody) };
    let Some(person) = queries::contact(tx, session.contact_id).await? else { return Ok(Entry::Nobody) };
    let o = find(tx, person.organization_id).await?;
    if person.to_day.is_some() || person.role != ContactRole::Delegate {
        return Ok(Entry::Over(format!(
            "Your term as the delegate of {} has ended, and with it your time in the portal. The delegate of today gets a link of their own.",
            o.name
        )));
    }
    if person.email != session.email {
        return Ok(Entry::Over(format!(
            "The e-mail address of the delegate of {} has changed. A link goes to the new address alone.",
            o.name
        )));
    }
    if session.expires_at <= now {
        return Ok(Entry::Over("Your time in the portal is over. We mail you a new link.".to_owned()));
    }
    let today = zone.day(now);
    let state = standing::standing(tx, o.id, today).await?;
    let rhythm: Rhythm = settings::get(tx).await?;
    let reaffirms = state.due.is_some_and(|due| rhythm.stands(due, today) != standing::Standing::InGoodStanding);
    Ok(Entry::In(Box::new(Delegate { o, person, state, reaffirms, today })))
}

impl FromRequestParts<App> for Entry {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        match carried(&parts.headers) {
            Some(carried) => recognise(&mut app.db.read().await?, app, &carried).await,
            None => Ok(Self::Nobody),
        }
    }
}

/// Whoever is not in the portal is led to its door, which says why.
impl FromRequestParts<App> for Delegate {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match Entry::from_request_parts(parts, app).await {
            Ok(Entry::In(delegate)) => Ok(*delegate),
            Ok(_) => Err(redirect("/portal")),
            Err(error) => Err(error.into_response()),
        }
    }
}
