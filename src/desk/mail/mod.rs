//! The outbox as staff see it: every message, why one did not leave, and another try.
//!
//! Letters about staff accounts carry links that sign somebody in: only administrators read them, and
//! for read-only staff every signed link is taken out of what is shown.
mod list;
mod message;
mod redact;

use crate::{
    app::App,
    config::Delivery,
    mail::{self, MessageId, State},
    staff::Staff,
};
use axum::{
    Router,
    routing::{get, post},
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/mail", get(list::list))
        .route("/staff/mail/attempts", post(message::try_all_again))
        .route("/staff/mail/{id}", get(message::show))
        .route("/staff/mail/{id}/html", get(message::html))
        .route("/staff/mail/{id}/attempts", post(message::try_again))
}

fn sees_accounts(staff: &Staff) -> bool {
    staff.may_administer().is_ok()
}

/// Where mail goes on this installation, when that needs saying.
fn delivery(app: &App) -> Markup {
    html! {
        @match &app.config.delivery {
            Delivery::Captured => div.notice data-mood="info" {
                p { strong { "Mail is captured. " } "You can read every message here, and nothing leaves Convener until a mail server is set (" code { "SMTP_URL" } " in the configuration)." }
            },
            Delivery::Folder(_) => div.notice data-mood="info" {
                p { strong { "Mail is written into a folder. " } "Each message becomes a file on the server, and nothing leaves it until a mail server is set (" code { "SMTP_URL" } " in the configuration)." }
            },
            Delivery::Smtp(_) => {},
        }
    }
}

const fn state_name(state: State) -> &'static str {
    match state {
        State::Queued => "Waiting",
        State::Sent => "Sent",
        State::Captured => "Captured",
        State::Dead => "Given up",
    }
}

fn href(id: MessageId) -> String {
    format!("/staff/mail/{id}")
}

/// The messages this person may see.
fn visible_to(staff: &Staff) -> mail::Filter {
    mail::Filter { with_accounts: sees_accounts(staff), ..mail::Filter::default() }
}
