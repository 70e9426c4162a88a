//! A recurring gift as its donor and staff read it: a sentence, what is wrong, the buttons, what has changed.
use super::{Change, Failure, Seat, What, first_after, goes_on};
use crate::{
    gifts::RecurringGift,
    kernel::{Timestamp, Zone, text},
    payments::{Frequency, SubscriptionState},
    web::{Csrf, day_of, notice},
};
use maud::{Markup, html};

pub(in crate::gifts) fn sentence(plan: &RecurringGift, zone: &Zone) -> Markup {
    let amount = plan.charged.of(plan.currency);
    let every = if plan.frequency == Frequency::Yearly { "year" } else { "month" };
    let on = |at: Option<Timestamp>| at.map_or_else(|| "the end of what is paid for".to_owned(), |at| zone.day(at).words());
    html! {
        p.lead {
            @match (plan.state, plan.cancels_at) {
                (SubscriptionState::Cancelled | SubscriptionState::Ended, _) => { "This recurring gift of " (amount) " has ended. Nothing more is charged." },
                (_, Some(at)) => { "This recurring gift of " (amount) " ends on " (on(Some(at))) ". Nothing more is charged." },
                (SubscriptionState::PastDue, _) => { "The last charge of " (amount) " did not go through. Change the card, or stop the gift." },
                (SubscriptionState::Paused, _) => {
                    "This recurring gift of " (amount) " is paused. "
                    @if let Some(at) = first_after(plan) { "The first payment after the pause is on " (on(Some(at))) "." } @else { "It goes on when somebody lets it." }
                },
                _ => { (amount) " is charged every " (every) "; next on " (on(plan.next_at)) "." },
            }
        }
        @if goes_on(plan) && let (Some(card), Some(until)) = (&plan.card, plan.card_until) {
            p {
                "Paid with " (card) ", good until " (until.words()) "."
                @if plan.cancels_at.is_none() && plan.next_at.is_some_and(|at| zone.day(at) > until) { strong { " It runs out before the next payment." } }
            }
        }
    }
}

/// Why the last payment is missing, and what helps.
pub(in crate::gifts) fn failure(failure: Option<&Failure>, is_staff: bool, zone: &Zone) -> Markup {
    html! {
        @if let Some(failure) = failure {
            (notice("warn", &html! {
                p {
                    "A payment failed on " (day_of(failure.failed_at, zone)) ". The bank’s words: “" (failure.reason) "” "
                    "It was tried " (text::count(failure.attempts, "time", "times")) "."
                    @if let Some(at) = failure.retry_at { " It is tried again on " (day_of(at, zone)) "." } @else { " It is not tried again." }
                }
                @if !is_staff && let Some(page) = &failure.page { p { a href=(page) { "Pay it with another card" } } }
            }))
        }
    }
}

/// What can be done now. Pages that ask something are links; the rest are buttons.
pub(in crate::gifts) fn buttons(seat: &Seat, csrf: &Csrf) -> Markup {
    let plan = &seat.plan;
    if !goes_on(plan) {
        return html! {};
    }
    let base = &seat.base;
    let button = |action: &str, label: &str, class: Option<&str>| {
        html! { form method="post" action={ (base) "/" (action) } { (csrf.field()) button.(class.unwrap_or("secondary")) type="submit" { (label) } } }
    };
    html! {
        div.actions {
            @if seat.is_staff { (button("link", "Mail the donor a link to the card", None)) }
            @else { (button("card", "Change the card or see all payments", None)) }
            @if plan.cancels_at.is_none() {
                a.button.secondary href={ (base) "/amount" } { "Change the amount" }
                @if plan.state == SubscriptionState::Active { a.button.secondary href={ (base) "/pause" } { "Pause" } }
                @if plan.state == SubscriptionState::Paused { (button("resume", "End the pause now", None)) }
            } @else { (button("keep", "Let it go on", None)) }
        }
        @if plan.cancels_at.is_none() {
            form method="post" action={ (base) "/end" } {
                (csrf.field())
                p {
                    @if seat.is_staff { "Stopping refunds nothing: what was given stays given. The donor is told by mail." }
                    @else { "To stop, press the button. What you gave stays given; no further charge is made." }
                }
                button.danger type="submit" { @if seat.is_staff { "Stop this recurring gift" } @else { "Stop my recurring gift" } }
            }
        }
    }
}

/// Who changed what, when, from what to what.
pub(in crate::gifts) fn changes(rows: &[Change], is_staff: bool, zone: &Zone) -> Markup {
    let who = |change: &Change| match (change.actor_kind.as_str(), is_staff) {
        _ if change.what == What::Began => String::new(),
        ("donor", false) => "by you".to_owned(),
        ("staff", false) => "by our staff".to_owned(),
        ("donor" | "staff", true) => format!("by {}", change.actor_name),
        _ => "at the payment service".to_owned(),
    };
    html! {
        @if rows.is_empty() { p { "Nothing has changed since it began." } } @else {
            ol.timeline {
                @for change in rows {
                    li {
                        (day_of(change.at, zone))
                        p {
                            strong { (change.what.label()) }
                            @match (&change.before, &change.after) {
                                (Some(before), Some(after)) => { ": from " (before) " to " (after) }
                                (None, Some(after)) => { ": " (after) }
                                _ => {}
                            }
                            @let who = who(change);
                            @if !who.is_empty() { ", " (who) }
                        }
                    }
                }
            }
        }
    }
}
