//! One sentence carried over a redirect, shown once.
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub(super) const COOKIE: &str = "convener_flash";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    Warn,
}

/// What was just done, for the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    pub mood: Mood,
    pub text: String,
}

impl Flash {
    pub(super) fn read(cookie: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cookie).ok()?).ok()?;
        let (mood, text) = text.split_at_checked(1)?;
        Some(Self { mood: if mood == "w" { Mood::Warn } else { Mood::Good }, text: text.to_owned() })
    }
}

/// `303` to `to`: every write ends so.
pub fn redirect(to: impl AsRef<str>) -> Response {
    let to = HeaderValue::from_str(to.as_ref()).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// `303` to `to`, whose page says `text` once.
pub fn redirect_saying(to: impl AsRef<str>, mood: Mood, text: impl AsRef<str>) -> Response {
    let mark = if mood == Mood::Warn { "w" } else { "g" };
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60",
        URL_SAFE_NO_PAD.encode(format!("{mark}{}", text.as_ref()))
    );
    let mut response = redirect(to);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
