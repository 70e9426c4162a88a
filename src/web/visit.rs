//! Tells one visitor's browser from another's where nobody signs in.
//!
//! A kept page is the same for everybody, so what makes a form one person's lies beside it: a random
//! cookie, set while the page is answered and sent along with its form alone. It lasts a day, names
//! nobody, and is written down only as part of a digest. Behind a point it holds the moment it was set, so that a
//! form can tell how long its page was open; whoever forges that is a program that knows us.
use crate::kernel::{Timestamp, Token};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use std::{convert::Infallible, sync::Arc};

const COOKIE: &str = "convener_visit";
const SECONDS: i64 = 86_400;

/// How the cookie is set: where it goes, and whether over HTTPS alone.
#[derive(Debug, Clone)]
pub struct VisitCookie {
    rest: Arc<str>,
}

impl VisitCookie {
    pub fn new(path: &str, secure: bool) -> Self {
        let secure = if secure { "; Secure" } else { "" };
        Self { rest: format!("; Path={path}; HttpOnly; SameSite=Lax; Max-Age={SECONDS}{secure}").into() }
    }

    /// The cookie for a browser that opens a page and has none.
    pub(super) fn for_visitor(&self, method: &Method, headers: &HeaderMap, now: Timestamp) -> Option<HeaderValue> {
        (*method == Method::GET && of(headers).is_none()).then(|| {
            let text = [COOKIE, "=", Token::new().as_str(), ".", &now.unix().to_string(), &self.rest].concat();
            HeaderValue::try_from(text).expect("a token is URL-safe text")
        })
    }
}

/// Sends the cookie along with an answer.
pub(super) fn set(headers: &mut HeaderMap, cookie: HeaderValue) {
    headers.append(header::SET_COOKIE, cookie);
    // A cache that several people share must not hand one's cookie to the next.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}

fn of(headers: &HeaderMap) -> Option<String> {
    headers.get(header::COOKIE)?;
    let value = CookieJar::from_headers(headers).get(COOKIE)?.value().to_owned();
    let ours =
        (20..=100).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    ours.then_some(value)
}

/// The cookie of the browser that asks; `None` when it keeps none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit(pub Option<String>);

impl Visit {
    /// When this browser first opened the page.
    pub fn opened(&self) -> Option<Timestamp> {
        let (_, moment) = self.0.as_deref()?.rsplit_once('.')?;
        Timestamp::from_unix(moment.parse().ok()?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(of(&parts.headers)))
    }
}
