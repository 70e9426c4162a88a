//! What the page of a gift says more about one that came by hand, and what can be done with it.
use super::{Deposit, OfflineGift};
use crate::{
    gifts::Gift,
    kernel::Day,
    web::{Csrf, Draft, Field, badge, day, field},
};
use maud::{Markup, html};

/// The facts beside those of every gift.
pub(in crate::gifts) fn rows(gift: &Gift, row: &OfflineGift) -> Vec<(&'static str, Markup)> {
    let mut rows = vec![("It came as", html! { (gift.method.label()) }), ("Received on", day(row.received_on))];
    let mut say = |term, words: &Option<String>| rows.extend(words.iter().map(|words| (term, html! { (words) })));
    say("Reference", &row.reference);
    say("What was given", &row.description);
    say("Adviser", &row.adviser);
    if row.deposit != Deposit::None {
        let state = if row.deposit == Deposit::Deposited { "good" } else { "waiting" };
        rows.push((
            "Deposit",
            html! { (badge(state, row.deposit.label())) @if let Some(on) = row.deposited_on { " on " (day(on)) } },
        ));
    }
    rows.push(("Entered by", html! { (row.entered_by) }));
    rows
}

/// The links and the form under the gift's heading.
pub(in crate::gifts) fn actions(gift: &Gift, row: &OfflineGift, in_a_batch: bool, today: Day, csrf: &Csrf) -> Markup {
    let path = format!("/staff/gifts/{}", gift.id);
    html! {
        @if row.deposit == Deposit::Undeposited && !in_a_batch {
            details {
                summary { "Deposit it" }
                form method="post" action={ (path) "/deposit" } novalidate {
                    (csrf.field())
                    (Field { kind: "date", width: "short", ..field("on", "At the bank on") }.input(&Draft::of([("on", today.to_string())])))
                    div.actions { button { "It is at the bank" } }
                }
            }
        }
        div.actions {
            a.button.secondary href={ (path) "/correct" } { "Correct" }
            a.button.secondary href={ (path) "/donor" } { "Another donor" }
            @if !gift.method.is_described() && gift.refunded < gift.charged { a.button.secondary href={ (path) "/given-back" } { "Note a refund" } }
            @if gift.refunded.is_zero() { a.button.danger href={ (path) "/taken-back" } { "Take it back" } }
        }
    }
}
