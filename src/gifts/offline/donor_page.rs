//! The page that gives a gift by hand to the donor who gave it: what will change, who it is, and the act.
use super::{change, change_pages::Before};
use crate::{
    app::App,
    donors::{self, Donor},
    kernel::{Email, text},
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
pub(super) struct Other {
    who: String,
    donor: String,
    reason: String,
}

pub(super) async fn ask_donor(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    Ok(donor_page(&before, &Draft::default(), &[], &csrf))
}

fn donor_page(before: &Before, draft: &Draft, choices: &[Donor], csrf: &Csrf) -> Page {
    let options: Vec<_> =
        choices.iter().map(|donor| (donor.id.to_string(), donor.name.clone(), donor.email.as_ref().map(Email::as_str))).collect();
    before.framed(
        "Whose gift is it?",
        html! {
            (error_summary(draft))
            p { "It stands as a gift of " (before.donor.name) "." }
            h2 { "What will change" }
            ul {
                li { "Two entries of today: one takes it back, one posts it for the other donor." }
                li { "The totals of both donors follow at once." }
                @if let Some(receipt) = &before.receipt { li { "Receipt " (receipt.label()) " is superseded by one in the other name. Both hear of it where they have an e-mail address." } }
            }
            form method="post" action={ (before.path()) "/donor" } novalidate {
                (csrf.field())
                (Field { autocomplete: Some("off"), hint: Some("A name or an e-mail address."), ..field("who", "The right donor") }.input(draft))
                @if !options.is_empty() { (field("donor", "Which donor is it?").radios(draft, &options)) }
                (Field { hint: Some("Such as: two people of the same name."), ..field("reason", "What was wrong?") }.input(draft))
                div.actions { button { "Change the donor" } a href=(before.path()) { "Leave it as it is" } }
            }
        },
    )
}

pub(super) async fn change_donor(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(sent): Form<Other>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let mut draft = Draft::of([("donor", sent.donor.clone())]);
    let who = draft.text("who", &text::line(&sent.who), 200, "Enter the donor’s name or e-mail address");
    let reason = draft.text("reason", &text::line(&sent.reason), 300, "Say what was wrong");
    let mut tx = app.db.write().await?;
    let mut choices = Vec::new();
    let mut to = None;
    if let Some(who) = who {
        if let Ok(email) = who.parse() {
            to = donors::by_email(&mut tx, &email).await?.map(|donor| donor.id);
        }
        if to.is_none() {
            choices =
                donors::matching(&mut tx, &who, 12).await?.into_iter().filter(|donor| donor.id != before.donor.id).collect();
            to = choices.iter().map(|donor| donor.id).find(|id| id.to_string() == sent.donor);
            match (to, choices.is_empty()) {
                (None, true) => {
                    draft.reject("who", "Nobody else of this name is among the donors. Enter another name or an e-mail address");
                }
                (None, false) => draft.reject("donor", "Choose which donor it is"),
                _ => {}
            }
        }
    }
    let (Some(to), Some(reason), true) = (to, reason, draft.is_right()) else {
        return Err(Draft::refuse(donor_page(&before, &draft, &choices, &csrf)));
    };
    let donor = change::change_donor(&app, &mut tx, &staff, before.gift.id, to, &reason).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(before.path(), Mood::Good, format!("It is a gift of {} now.", donor.name)))
}
