//! Sessions: a random 256-bit token in a cookie, its digest in the database, two ends: idle and absolute.
use super::{Account, Role, Staff, StaffId, leaders, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, Token, digest},
    web::{Error, SESSION_COOKIE, Viewer, ViewerSlot},
};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderValue, request::Parts},
};
use axum_extra::extract::CookieJar;

/// A session that nobody used for so long is over.
pub const SESSION_IDLE_HOURS: i64 = 12;
/// A session is over then, used or not.
pub const SESSION_ABSOLUTE_HOURS: i64 = 24 * 7;
/// The last use is written at most this often, so that reading a page does not write.
const TOUCH_SECONDS: i64 = 300;

/// Opens a session; the token goes into the cookie and nowhere else. `from` is what the list of
/// sessions shows: address and browser.
pub async fn open_session(tx: &mut Tx, id: StaffId, from: &str, now: Timestamp) -> sqlx::Result<Token> {
    let token = Token::new();
    queries::insert_session(tx, &digest(token.as_str()), id, now, now.plus_hours(SESSION_ABSOLUTE_HOURS), from).await?;
    Ok(token)
}

/// The cookie that carries a session: out of reach of scripts, not sent along by other sites' forms.
pub(super) fn cookie(app: &App, token: &Token) -> HeaderValue {
    write_cookie(app, token.as_str(), SESSION_ABSOLUTE_HOURS * 3_600)
}

/// Takes the cookie away.
pub(super) fn no_cookie(app: &App) -> HeaderValue {
    write_cookie(app, "", 0)
}

fn write_cookie(app: &App, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"))
        .expect("a token is URL-safe text")
}

/// Since when a session must have been used to live.
pub(super) fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_hours(-SESSION_IDLE_HOURS)
}

impl FromRequestParts<App> for Account {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let back = if parts.method == axum::http::Method::GET {
            parts.uri.path_and_query().map_or("/staff", |p| p.as_str())
        } else {
            "/staff"
        };
        let sign_in = || Error::SignIn { back: back.to_owned() };
        let jar = CookieJar::from_headers(&parts.headers);
        let digest = digest(jar.get(SESSION_COOKIE).ok_or_else(sign_in)?.value());
        let now = app.clock.now();
        let mut tx = app.db.read().await?;
        let (account, seen_at) = queries::by_session(&mut tx, &digest, now, idle_since(now)).await?.ok_or_else(sign_in)?;
        drop(tx);
        if now.seconds_since(seen_at) > TOUCH_SECONDS {
            let mut tx = app.db.write().await?;
            queries::touch_session(&mut tx, &digest, now).await?;
            tx.commit().await?;
        }
        if let Some(slot) = parts.extensions.get::<ViewerSlot>() {
            slot.fill(Viewer {
                name: account.name.clone(),
                role: account.role.label(),
                administrator: account.role == Role::Administrator,
                leader: account.role == Role::AllianceLeader,
            });
        }
        Ok(account)
    }
}

impl OptionalFromRequestParts<App> for Account {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Error> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(account) => Ok(Some(account)),
            Err(Error::SignIn { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A leader who asks for a page of staff is told that there is none, and the attempt is written down.
impl FromRequestParts<App> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let account = <Account as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let attempt = leaders::Attempt::of(&account, parts);
        match Self::of(account) {
            Some(staff) => Ok(staff),
            None => Err(attempt.refuse(app).await),
        }
    }
}
