//! The proof that a form came from a page of ours.
//!
//! A code over the browser's session cookie (or, for a visitor without one, over nothing) and the
//! moment the page was made, with a random part so that no two pages carry the same text. A visitor's
//! code is the same for every visitor, so that public pages can be kept; what protects those forms is
//! that a browser says where a form comes from (`Sec-Fetch-Site`, `Origin`), and that they act for
//! nobody: there is no session to borrow.
use crate::kernel::{Clock, Keys, Timestamp, digest, hex};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};
use std::convert::Infallible;

const GOOD_FOR_DAYS: i64 = 3;
pub(super) const FIELD: &str = "csrf";

/// Asking for one as a parameter is how a page gets the hidden field for its forms.
#[derive(Clone)]
pub struct Csrf {
    keys: Keys,
    binding: String,
    now: Timestamp,
}

impl Csrf {
    pub(super) fn new(keys: Keys, headers: &HeaderMap, now: Timestamp) -> Self {
        let jar = CookieJar::from_headers(headers);
        let sessions =
            [super::SESSION_COOKIE, super::PORTAL_COOKIE, super::GIVING_COOKIE].into_iter().filter_map(|name| jar.get(name));
        let binding = sessions.map(|cookie| digest(cookie.value())).collect();
        Self { keys, binding, now }
    }

    /// The hidden field; stands first in its form, so that an upload is judged before it is read.
    pub fn field(&self) -> Markup {
        html! { input type="hidden" name=(FIELD) value=(self.token()); }
    }

    /// The field's value.
    pub fn token(&self) -> String {
        let nonce = hex(&rand::random::<[u8; 6]>());
        let issued = self.now.unix();
        let code = self.keys.code("csrf", self.message(issued, &nonce).as_bytes());
        format!("{issued}.{nonce}.{code}")
    }

    fn message(&self, issued: i64, nonce: &str) -> String {
        format!("{issued}.{nonce}.{}", self.binding)
    }

    /// Whether the token was made for this browser, lately.
    pub(super) fn accepts(&self, token: &str) -> bool {
        let mut parts = token.splitn(3, '.');
        let (Some(issued), Some(nonce), Some(code)) = (parts.next().and_then(|t| t.parse().ok()), parts.next(), parts.next())
        else {
            return false;
        };
        let age = self.now.unix().saturating_sub(issued);
        (-300..GOOD_FOR_DAYS * 86_400).contains(&age) && self.keys.verify("csrf", self.message(issued, nonce).as_bytes(), code)
    }
}

/// Whether the browser says that this request was sent by another site.
pub(super) fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").map(|(_, rest)| rest) != Some(host),
        _ => false,
    }
}

impl<S> FromRequestParts<S> for Csrf
where
    S: Send + Sync,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::new(Keys::from_ref(state), &parts.headers, Clock::from_ref(state).now()))
    }
}

/// For a form on a page that is kept and served to everybody: its proof is bound to no session, also
/// when somebody with one is the first to open it. Its form is read as [`super::VisitorForm`].
#[derive(Clone)]
pub struct VisitorCsrf(Csrf);

impl VisitorCsrf {
    pub(super) fn new(keys: Keys, now: Timestamp) -> Self {
        Self(Csrf { keys, binding: String::new(), now })
    }

    pub fn field(&self) -> Markup {
        self.0.field()
    }

    pub(super) fn accepts(&self, token: &str) -> bool {
        self.0.accepts(token)
    }
}

impl<S> FromRequestParts<S> for VisitorCsrf
where
    S: Send + Sync,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::new(Keys::from_ref(state), Clock::from_ref(state).now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(session: Option<&str>, now: i64) -> Csrf {
        let mut headers = HeaderMap::new();
        if let Some(session) = session {
            headers.insert("cookie", format!("convener_session={session}").parse().unwrap());
        }
        Csrf::new(Keys::new(b"secret"), &headers, Timestamp::from_unix(now).unwrap())
    }

    #[test]
    fn a_token_belongs_to_a_browser_and_a_time() {
        let token = browser(Some("a"), 1_000_000).token();
        assert!(browser(Some("a"), 1_000_060).accepts(&token));
        assert!(!browser(Some("b"), 1_000_060).accepts(&token));
        assert!(!browser(None, 1_000_060).accepts(&token));
        assert!(!browser(Some("a"), 1_000_000 + 4 * 86_400).accepts(&token));
        assert!(!browser(Some("a"), 1_000_060).accepts("1.2.3") && !browser(Some("a"), 1_000_060).accepts(""));
        assert_ne!(browser(Some("a"), 1).token(), browser(Some("a"), 1).token());
    }

    #[test]
    fn a_browser_tells_where_a_form_comes_from() {
        let headers = |pairs: &[(&'static str, &str)]| {
            pairs.iter().map(|(k, v)| (axum::http::HeaderName::from_static(k), v.parse().unwrap())).collect::<HeaderMap>()
        };
        assert!(is_cross_site(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(is_cross_site(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(!is_cross_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_cross_site(&headers(&[("origin", "https://evil.example"), ("host", "amicc.example")])));
        assert!(is_cross_site(&headers(&[("origin", "null"), ("host", "amicc.example")])));
        assert!(!is_cross_site(&headers(&[("origin", "https://amicc.example"), ("host", "amicc.example")])));
        assert!(!is_cross_site(&headers(&[])));
    }
}
