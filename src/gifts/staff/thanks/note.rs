//! Who called a donor about a gift, and when.
use crate::{
    app::App,
    gifts::{
        GiftId,
        acknowledge::{self, Note},
    },
    kernel::Day,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    called_on: String,
    words: String,
}

pub(super) async fn save(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = super::super::gift::known(&mut app.db.read().await?, &id).await?;
    let mut draft = Draft::default();
    let on: Option<Day> = draft.read("called_on", &typed.called_on);
    let words = draft.text("words", &typed.words, 1_000, "Write what was said, or that nobody answered");
    let today = app.coalition.get().zone().day(app.clock.now());
    if on.is_some_and(|on| on > today) {
        draft.reject("called_on", "Enter a day that has come");
    }
    let (Some(on), Some(words), true) = (on, words, draft.is_right()) else {
        let page = Page::staff("Note a call", html! { (error_summary(&draft)) (form(gift.id, &draft, &csrf)) })
            .crumb("Gifts", "/staff/gifts")
            .crumb(format!("Gift of {}", gift.charged()), format!("/staff/gifts/{}", gift.id));
        return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    acknowledge::note(&app, &staff, gift.id, on, &words).await?;
    Ok(redirect_saying(format!("/staff/gifts/{}", gift.id), Mood::Good, "The call is noted."))
}

fn form(gift: GiftId, draft: &Draft, csrf: &Csrf) -> Markup {
    html! {
        form method="post" action={ "/staff/gifts/" (gift) "/calls" } novalidate {
            (csrf.field())
            (Field { kind: "date", width: "short", ..field("called_on", "Called on") }.input(draft))
            (field("words", "What was said").textarea(draft, 3))
            button.secondary { "Note the call" }
        }
    }
}

/// What was noted about a gift, and the form for more.
pub(in crate::gifts::staff) fn notes(gift: GiftId, notes: &[Note], may_add: bool, today: Day, csrf: &Csrf) -> Markup {
    html! {
        section {
            h2 { "Calls" }
            @if notes.is_empty() { p { "No call is noted." } } @else {
                ul { @for note in notes { li { (day(note.on_day)) ", " (note.by_name) ": " (note.words) } } }
            }
            @if may_add {
                details { summary { "Note a call" } (form(gift, &Draft::of([("called_on", today.to_string())]), csrf)) }
            }
        }
    }
}
