//! Tells one visitor's browser from another's where nobody signs in.
//!
//! A kept page is the same for everybody, so what makes a form one person's lies beside it: a random
//! cookie, set while the page is answered and sent along with its form alone. It lasts a day, names
//! nobody, and is written down only as part of a digest.
use crate::kernel::Token;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::CookieJar;
use std::convert::Infallible;

const COOKIE: &str = "convener_visit";
const SECONDS: i64 = 86_400;

/// Where the cookie goes, and whether over HTTPS alone.
#[derive(Debug, Clone, Copy)]
pub struct VisitCookie {
    pub path: &'static str,
    pub secure: bool,
}

/// Gives a browser that opens a page its cookie, unless it has one. Stands around [`super::keep`], which
/// never sees it: the kept bytes go out as they are.
pub async fn visit(State(cookie): State<VisitCookie>, request: Request, next: Next) -> Response {
    let opens = request.method() == Method::GET && of(request.headers()).is_none();
    let mut response = next.run(request).await;
    if opens {
        let secure = if cookie.secure { "; Secure" } else { "" };
        let (token, path) = (Token::new(), cookie.path);
        let text = format!("{COOKIE}={}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={SECONDS}{secure}", token.as_str());
        let headers = response.headers_mut();
        headers.append(header::SET_COOKIE, HeaderValue::from_str(&text).expect("a token is URL-safe text"));
        // A cache that several people share must not hand one's cookie to the next.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

fn of(headers: &HeaderMap) -> Option<String> {
    let value = CookieJar::from_headers(headers).get(COOKIE)?.value().to_owned();
    let ours = (20..=100).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    ours.then_some(value)
}

/// The cookie of the browser that asks; `None` when it keeps none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(of(&parts.headers)))
    }
}
