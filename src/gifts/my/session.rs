//! The time that a link opens: a cookie derived from the link and from the browser that used it. It ends after half a
//! day, when the donor leaves, and when the address changes.
use super::Mine;
use crate::{
    app::App,
    db::Tx,
    donors,
    gifts::queries,
    kernel::{Timestamp, Token, digest},
    web::{Error, GIVING_COOKIE, redirect},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;

/// A browser is known by this before it uses a link.
const DOOR_COOKIE: &str = "convener_giving_door";
const SESSION_HOURS: i64 = 12;

fn cookie(app: &App, name: &str, value: &str, hours: i64) -> HeaderValue {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let seconds = hours * 3_600;
    let text = format!("{name}={value}; Path=/my-giving; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).expect("a token is URL-safe text")
}

pub(super) fn no_cookie(app: &App) -> HeaderValue {
    cookie(app, GIVING_COOKIE, "", 0)
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
    CookieJar::from_headers(headers).get(GIVING_COOKIE).map(|cookie| digest(cookie.value()))
}

/// What a link becomes in one browser: always the same there, and something else in every other.
pub(super) struct Pass {
    token: String,
    pub(super) digest: String,
    pub(super) link: String,
}

impl Pass {
    pub(super) fn of(app: &App, link: &str, door: &str) -> Self {
        let token = app.keys.code("giving session", format!("{link} {door}").as_bytes());
        Self { digest: digest(&token), link: digest(link), token }
    }

    pub(super) fn cookie(&self, app: &App) -> HeaderValue {
        cookie(app, GIVING_COOKIE, &self.token, SESSION_HOURS)
    }
}

pub(super) fn until(now: Timestamp) -> Timestamp {
    now.plus_hours(SESSION_HOURS)
}

/// Who carries this session, while it lasts and the address is still theirs.
async fn recognise(tx: &mut Tx, app: &App, carried: &str) -> sqlx::Result<Option<Mine>> {
    let now = app.clock.now();
    let Some(session) = queries::giving_session(tx, carried).await? else { return Ok(None) };
    if session.closed_at.is_some() || session.expires_at <= now {
        return Ok(None);
    }
    let donor = donors::by_id(tx, session.donor_id).await?;
    Ok(donor.filter(|donor| donor.email.as_ref() == Some(&session.email)).map(Mine))
}

/// The donor, or nobody.
pub(super) async fn who(app: &App, headers: &HeaderMap) -> Result<Option<Mine>, Error> {
    match carried(headers) {
        Some(carried) => Ok(recognise(&mut app.db.read().await?, app, &carried).await?),
        None => Ok(None),
    }
}

/// Whoever is not in is led to the door.
impl FromRequestParts<App> for Mine {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match who(app, &parts.headers).await {
            Ok(Some(mine)) => Ok(mine),
            Ok(None) => Err(redirect(super::HOME)),
            Err(error) => Err(error.into_response()),
        }
    }
}
