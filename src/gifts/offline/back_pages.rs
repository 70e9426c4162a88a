//! The page that takes a gift by hand out of the books, and the form that notes its deposit.
use super::{
    NotDone,
    change::{self, Reason},
    change_pages::Before,
    place,
};
use crate::{
    app::App,
    gifts::Method,
    kernel::{Day, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Back {
    why: String,
    note: String,
}

pub(super) async fn ask_back(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    Ok(back_page(&Before::read(&app, &id).await?, &Draft::default(), &csrf))
}

fn back_page(before: &Before, draft: &Draft, csrf: &Csrf) -> Page {
    let gift = &before.gift;
    let reasons: Vec<_> = Reason::ALL
        .iter()
        .filter(|reason| **reason != Reason::Bounced || gift.method == Method::Check)
        .map(|reason| (reason.as_str(), reason.label(), None))
        .collect();
    before.framed(
        format!("Take back the gift of {}", gift.charged()),
        html! {
            (error_summary(draft))
            h2 { "What will happen" }
            ul {
                li { "An entry of today takes " (gift.charged()) " out of " (place(gift.method, before.row.deposit).label()) " and out of the contributions." }
                li { "It counts no more in the totals of " (before.donor.name) ", of its month and of its fund." }
                @if let Some(receipt) = &before.receipt {
                    li { "Receipt " (receipt.label()) " becomes void" @if let Some(email) = &before.donor.email { ", and a mail to " (email) " says so" } "." }
                }
                li { "The gift keeps its page, with the reason. It can’t be brought back; it would be entered again." }
            }
            form method="post" action={ (before.path()) "/taken-back" } novalidate {
                (csrf.field())
                (field("why", "Why?").radios(draft, &reasons))
                (Field { optional: true, ..field("note", "Note") }.input(draft))
                div.actions { button.danger { "Take it back" } a href=(before.path()) { "Leave it as it is" } }
            }
        },
    )
}

pub(super) async fn take_back(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(sent): Form<Back>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let mut draft = Draft::default();
    let why = draft.read::<Reason>("why", &sent.why);
    let note = draft.optional_text("note", &text::line(&sent.note), 300);
    let (Some(why), Some(note)) = (why, note) else { return Err(Draft::refuse(back_page(&before, &draft, &csrf))) };
    let mut tx = app.db.write().await?;
    change::take_back(&app, &mut tx, &staff, before.gift.id, why, &note).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(before.path(), Mood::Good, "The gift is taken back. It counts no more."))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Deposited {
    on: String,
}

pub(super) async fn deposit(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(sent): Form<Deposited>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let Ok(on) = sent.on.parse::<Day>() else {
        return Ok(redirect_saying(before.path(), Mood::Warn, "Nothing was deposited. Enter a date such as 2026-03-31."));
    };
    let mut tx = app.db.write().await?;
    match change::deposit(&app, &mut tx, &staff, before.gift.id, on).await {
        Ok(()) => {}
        Err(NotDone::Impossible(sentence)) => return Ok(redirect_saying(before.path(), Mood::Warn, sentence)),
        Err(other) => return Err(other.into()),
    }
    tx.commit().await?;
    Ok(redirect_saying(before.path(), Mood::Good, format!("It is at the bank since {}.", on.words())))
}
