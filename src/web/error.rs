//! Why a request did not end well. Each variant is a page the visitor can act on.
use super::{Frame, Page};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such page")]
    NotFound,
    #[error("the form has errors")]
    Invalid(Box<Page>),
    #[error("the form could not be read: {reason}")]
    BadForm { status: StatusCode, reason: String },
    #[error("the form was too large")]
    TooLarge,
    #[error("the form did not come from a page of this site")]
    Csrf,
    #[error("the caller could not be recognised")]
    Unauthorized,
    #[error("sign in first")]
    SignIn { back: String },
    #[error("this is not theirs to do: {0}")]
    Forbidden(&'static str),
    /// What was asked is no longer possible; the sentence says why and what to do.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A link that has run out, was used or taken back; the sentence says how to get another.
    #[error("gone: {0}")]
    Gone(String),
    #[error("too many attempts; again in {seconds} s")]
    TooMany { seconds: i64, what: String },
    /// Something outside does not answer; the sentence says what to do.
    #[error("unavailable: {0}")]
    Unavailable(String),
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("storage")]
    Storage(#[from] std::io::Error),
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn bad_form(reason: impl Into<String>) -> Self {
        Self::BadForm { status: StatusCode::BAD_REQUEST, reason: reason.into() }
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadForm { status, .. } => *status,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Csrf | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Database(sqlx::Error::PoolTimedOut) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(error) if crate::db::is_unreadable(error) => StatusCode::BAD_REQUEST,
            Self::Database(error) if crate::db::is_full(error) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Storage(error) if error.kind() == std::io::ErrorKind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Database(_) | Self::Storage(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The title of its page and what the reader can do.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => ("There is no such page", "Check the address, or start again from the home page.".into()),
            Self::Invalid(_) | Self::SignIn { .. } => ("", String::new()),
            Self::BadForm { reason, .. } => ("This form could not be read", format!("{reason}. Go back, check the form and send it again.")),
            Self::TooLarge => ("That is too large", "Nothing was stored. Go back, choose a smaller file (at most 10 MB) or shorten the text, and send it again.".into()),
            Self::Csrf => (
                "This form was open too long",
                "Nothing was changed. Go back, reload the page and send the form again; your browser keeps what you typed. If you came here from another site, start from our own page.".into(),
            ),
            Self::Unauthorized => ("This request could not be recognised", "It carries no valid signature.".into()),
            Self::Forbidden(what) => ("This is not part of your role", format!("{what} An administrator can do this, or change your role.")),
            Self::Conflict(why) => ("That is no longer possible", why.clone()),
            Self::Gone(why) => ("This link does not work any more", why.clone()),
            Self::TooMany { seconds, what } => ("Too many attempts", format!("{what} Try again in {}.", wait(*seconds))),
            Self::Unavailable(what) => ("Not available at the moment", what.clone()),
            Self::Database(_) | Self::Storage(_) if self.status() == StatusCode::INSUFFICIENT_STORAGE => {
                ("This could not be saved", "Our storage is full. Nothing was changed, and what you typed is still in your browser: go back and try again in a few minutes.".into())
            }
            Self::Database(error) if crate::db::is_unreadable(error) => {
                ("This could not be read", "The address or the form holds a character that can’t be kept. Nothing was changed; check it and try again.".into())
            }
            Self::Database(sqlx::Error::PoolTimedOut) => ("Busy at the moment", "Nothing was changed. Go back and try again in a minute.".into()),
            Self::Database(_) | Self::Storage(_) | Self::Internal(_) => {
                ("Something broke", "It is our fault and it has been noted. Nothing was changed; go back and try again.".into())
            }
        }
    }
}

/// `about 5 minutes`.
fn wait(seconds: i64) -> String {
    match seconds {
        ..=60 => "a minute".to_owned(),
        61..=5_400 => format!("{} minutes", (seconds + 59) / 60),
        _ => format!("{} hours", (seconds + 3_599) / 3_600),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn std::error::Error, "request failed");
        }
        let (title, advice) = self.words();
        let mut response = match self {
            Self::Invalid(page) => return page.status(status).into_response(),
            Self::SignIn { back } => {
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("back", &back).finish();
                return Redirect::to(&format!("/staff/sign-in?{query}")).into_response();
            }
            _ => {
                let mut page = Page::public(title, html! { p.lead { (advice) } p { a href="/" { "Home page" } } }).status(status);
                page.frame = Frame::Public;
                page.into_response()
            }
        };
        if let Self::TooMany { seconds, .. } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}
