//! The question to somebody whose form has brought a gift already that is paid: the way back, a second
//! click, or another gift? It is answered by a button and never guessed.
use super::{Frequency, Gift, GiftState};
use crate::{
    kernel::Timestamp,
    web::{Draft, Page, VisitorCsrf},
};
use maud::html;

/// What the form sends along when the answer is yes, besides the gift it comes after.
const FIELDS: &[&str] = &[
    "amount",
    "other_amount",
    "frequency",
    "fund",
    "tribute",
    "tribute_name",
    "cover",
    "name",
    "email",
    "address",
    "updates",
    "anonymous",
    "campaign",
    "source",
];

/// `gift_page` is the address of the paid gift, for who may see it.
pub(super) fn question(gift: &Gift, typed: &Draft, csrf: &VisitorCsrf, gift_page: Option<&str>, now: Timestamp) -> Page {
    let amount = gift.charged();
    let every = match gift.frequency {
        Frequency::Once => "",
        Frequency::Monthly => " every month",
        Frequency::Yearly => " every year",
    };
    let when = ago(now.seconds_since(gift.shown_at));
    let content = html! {
        p.lead {
            @if gift.frequency == Frequency::Once { "You gave " (amount) " " (when) }
            @else { "You began to give " (amount) (every) " " (when) }
            @if gift.state == GiftState::Settled { ", and it has arrived." } @else { ". Your bank takes a few days to confirm it." }
        }
        p { "If you came back to the form, or pressed its button twice, you need to do nothing: you are charged once." }
        form method="post" action="/donate" {
            (csrf.field())
            input type="hidden" name="again" value=(gift.id);
            @for name in FIELDS.iter().filter(|name| !typed.value(name).is_empty()) {
                input type="hidden" name=(name) value=(typed.value(name));
            }
            div.actions {
                button.give type="submit" {
                    @if gift.frequency == Frequency::Once { "Give " (amount) " again" } @else { "Give another " (amount) (every) }
                }
                @if let Some(path) = gift_page { " " a href=(path) { "See the gift you made" } }
                " " a href="/donate" { "Give another amount" }
            }
        }
    };
    Page::public("Give again?", content)
}

fn ago(seconds: i64) -> String {
    match (seconds / 60, seconds / 3_600) {
        (..1, _) => "a moment ago".to_owned(),
        (1, _) => "a minute ago".to_owned(),
        (minutes, 0) => format!("{minutes} minutes ago"),
        (_, 1) => "an hour ago".to_owned(),
        (_, hours) => format!("{hours} hours ago"),
    }
}
