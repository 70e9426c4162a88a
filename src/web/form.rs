//! Forms on their way in: read whole, proven ours, kept as typed when they are wrong.
use super::{Error, Page, csrf};
use crate::kernel::{Clock, Email, Keys};
use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// A form of ours: the proof is checked before `T` exists. `T` is a struct of `String`s, `Option`s and `Vec`s.
pub struct Form<T>(pub T);

/// A form of ours whose fields are not known in advance, in the order they were sent.
pub struct RawForm(pub Vec<(String, String)>);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: serde::de::DeserializeOwned,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let body = read(request, state).await?;
        serde_html_form::from_bytes(&body)
            .map(Self)
            .map_err(|reason| Error::bad_form(format!("A field is missing or is not what it should be ({reason})")))
    }
}

impl<S> FromRequest<S> for RawForm
where
    S: Send + Sync,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let body = read(request, state).await?;
        Ok(Self(
            url::form_urlencoded::parse(&body)
                .filter(|(k, _)| k != csrf::FIELD)
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        ))
    }
}

/// A form of a page that everybody gets alike, with the proof of [`super::VisitorCsrf`]. It acts for nobody:
/// its handler takes no account of who is signed in.
pub struct VisitorForm<T>(pub T);

impl<S, T> FromRequest<S> for VisitorForm<T>
where
    S: Send + Sync,
    T: serde::de::DeserializeOwned,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        refuse_other_types(request.headers(), "application/x-www-form-urlencoded")?;
        if csrf::is_cross_site(request.headers()) {
            return Err(Error::Csrf);
        }
        let proof = csrf::VisitorCsrf::new(Keys::from_ref(state), Clock::from_ref(state).now());
        let (body, token) = body_and_token(request, state).await?;
        if !token.is_some_and(|token| proof.accepts(&token)) {
            return Err(Error::Csrf);
        }
        serde_html_form::from_bytes(&body)
            .map(Self)
            .map_err(|reason| Error::bad_form(format!("A field is missing or is not what it should be ({reason})")))
    }
}

async fn read<S>(request: Request, state: &S) -> Result<Bytes, Error>
where
    S: Send + Sync,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    refuse_other_types(request.headers(), "application/x-www-form-urlencoded")?;
    let proof = proof(request.headers(), state)?;
    let (body, token) = body_and_token(request, state).await?;
    if token.is_some_and(|token| proof.accepts(&token)) { Ok(body) } else { Err(Error::Csrf) }
}

async fn body_and_token<S: Send + Sync>(request: Request, state: &S) -> Result<(Bytes, Option<String>), Error> {
    let body = Bytes::from_request(request, state).await.map_err(|reason| match reason.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::bad_form("It did not arrive whole"),
    })?;
    if !is_utf8(&body) {
        return Err(Error::bad_form("Its letters are not in UTF-8"));
    }
    let token = url::form_urlencoded::parse(&body).find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.into_owned());
    Ok((body, token))
}

/// Refuses what a browser says another site sent; gives what judges the token.
pub(super) fn proof<S>(headers: &HeaderMap, state: &S) -> Result<csrf::Csrf, Error>
where
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    if csrf::is_cross_site(headers) {
        return Err(Error::Csrf);
    }
    Ok(csrf::Csrf::new(Keys::from_ref(state), headers, Clock::from_ref(state).now()))
}

pub(super) fn refuse_other_types(headers: &HeaderMap, wanted: &str) -> Result<(), Error> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_lowercase();
    let mut parts = given.split(';').map(str::trim);
    if parts.next() != Some(wanted) {
        return Err(Error::BadForm {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            reason: "It was not sent as a form".to_owned(),
        });
    }
    match parts.find_map(|p| p.strip_prefix("charset=")).map(|c| c.trim_matches('"')) {
        None | Some("utf-8" | "utf8") => Ok(()),
        Some(_) => {
            Err(Error::BadForm { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, reason: "Its letters are not in UTF-8".to_owned() })
        }
    }
}

/// Whether every field is UTF-8 once its percent signs are undone; a browser sends nothing else.
fn is_utf8(body: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, tail)) = rest.split_first() {
        let pair =
            tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        if let (b'%', Some(value)) = (byte, pair) {
            plain.push(value);
            rest = &tail[2..];
        } else {
            plain.push(byte);
            rest = tail;
        }
    }
    std::str::from_utf8(&plain).is_ok()
}

/// A form on its way to being right: what was typed, and what is wrong with it.
#[derive(Debug, Default, Clone)]
pub struct Draft {
    typed: BTreeMap<String, Vec<String>>,
    wrong: Vec<(String, String)>,
}

impl Draft {
    /// From what is known already: the values a form opens with.
    pub fn of<K: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut draft = Self::default();
        for (name, value) in values {
            draft.typed.entry(name.into()).or_default().push(value.into());
        }
        draft
    }

    /// Keeps one value as typed, without judging it.
    pub fn keep(&mut self, field: &str, typed: &str) {
        self.typed.insert(field.to_owned(), vec![typed.to_owned()]);
    }

    /// Reads one field, or writes down why it cannot be read.
    pub fn read<T>(&mut self, field: &str, typed: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.keep(field, typed);
        typed.parse().map_err(|reason: T::Err| self.reject(field, reason.to_string())).ok()
    }

    /// Reads one field that may be left empty: `Some(None)` when it is, `None` when it is wrong.
    pub fn read_optional<T>(&mut self, field: &str, typed: &str) -> Option<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        self.keep(field, typed);
        if typed.trim().is_empty() { Some(None) } else { self.read(field, typed).map(Some) }
    }

    /// Reads one line of text of at most `most` characters that must not be empty; `missing` is the
    /// sentence when it is.
    pub fn text(&mut self, field: &str, typed: &str, most: usize, missing: &str) -> Option<String> {
        let text = self.optional_text(field, typed, most)?;
        if text.is_empty() {
            self.reject(field, missing);
            return None;
        }
        Some(text)
    }

    /// Reads text of at most `most` characters that may be empty. Line ends are kept.
    pub fn optional_text(&mut self, field: &str, typed: &str, most: usize) -> Option<String> {
        self.keep(field, typed);
        let text = crate::kernel::text::lines(typed);
        if text.chars().count() > most {
            self.reject(field, format!("Shorten this to {most} characters or fewer"));
            return None;
        }
        Some(text)
    }

    /// Writes down what is wrong with a field, as the sentence under it.
    pub fn reject(&mut self, field: &str, reason: impl Into<String>) {
        self.wrong.push((field.to_owned(), reason.into()));
    }

    /// Reads an e-mail address and asks once about one that looks like a slip. `sent` is what the form
    /// held for [`super::asked_about`]: whoever sends the same address again meant it.
    pub fn read_email(&mut self, field: &str, typed: &str, sent: &str) -> Option<Email> {
        let email: Email = self.read(field, typed)?;
        let Some(meant) = email.likely_meant() else { return Some(email) };
        self.keep(&format!("{field}_asked"), email.as_str());
        if sent == email.as_str() {
            return Some(email);
        }
        self.reject(field, format!("Did you mean {meant}? Correct it, or go on with {email} as it is"));
        None
    }

    pub fn value(&self, field: &str) -> &str {
        self.typed.get(field).and_then(|v| v.first()).map_or("", String::as_str)
    }

    /// Whether `value` is among the values of a field: a ticked box, a chosen answer.
    pub fn has(&self, field: &str, value: &str) -> bool {
        self.typed.get(field).is_some_and(|all| all.iter().any(|v| v == value))
    }

    pub fn error(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| name == field).map(|(_, reason)| reason.as_str())
    }

    /// What is wrong, in the order it was found.
    pub fn errors(&self) -> &[(String, String)] {
        &self.wrong
    }

    pub fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// The form's page again, with what was typed and what is wrong.
    pub fn refuse(page: Page) -> Error {
        Error::Invalid(Box::new(page))
    }
}

#[cfg(test)]
mod tests {
    use super::is_utf8;

    #[test]
    fn only_utf8_is_read() {
        assert!(is_utf8(b"name=Caf%C3%A9&x=%&y=%zz"));
        assert!(!is_utf8(b"name=Caf%E9"));
        assert!(!is_utf8(b"name=Caf\xe9"));
    }
}
