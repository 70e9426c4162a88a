//! The two pages that ask something about a recurring gift: another amount, and a pause.
use super::{Seat, after_a_pause};
use crate::{
    gifts::Giving,
    kernel::{Zone, text},
    payments::Frequency,
    web::{Csrf, Draft, Field, Page, error_summary, field, tick},
};
use maud::html;

/// `draft` holds what was typed; without, the plan as it is.
pub(in crate::gifts) fn amount_page(seat: &Seat, giving: &Giving, zone: &Zone, draft: Option<Draft>, csrf: &Csrf) -> Page {
    let plan = &seat.plan;
    let draft = draft.unwrap_or_else(|| {
        let mut draft = Draft::of([("amount", plan.intended.plain(plan.currency))]);
        if plan.covered_fee.is_positive() {
            draft.keep("cover", "yes");
        }
        draft
    });
    let fees = Giving { currency: plan.currency, ..giving.clone() };
    let fee = format!(
        "On the present amount this is {}. It is counted anew on the new one.",
        fees.cover(plan.intended).of(plan.currency)
    );
    let every = if plan.frequency == Frequency::Yearly { "every year" } else { "every month" };
    let sign = plan.currency.sign();
    let content = html! {
        (error_summary(&draft))
        p.lead {
            "Now " (plan.charged.of(plan.currency)) " is charged " (every) ". The new amount is taken from the next payment on"
            @if let Some(at) = plan.next_at { ", on " (zone.day(at).words()) } ". Nothing is charged today."
        }
        form method="post" action={ (seat.base) "/amount" } novalidate {
            (csrf.field())
            (Field { width: "short", inputmode: Some("decimal"), autocomplete: Some("off"), prefix: Some(&sign), ..field("amount", "New amount") }.input(&draft))
            (tick("cover", "Cover the processing fee on top", Some(&fee), &draft))
            div.actions { button type="submit" { "Change the amount" } a href=(seat.home.1) { "Leave it as it is" } }
        }
    };
    seat.page("Change the amount", content)
}

pub(in crate::gifts) fn pause_page(seat: &Seat, zone: &Zone, draft: Option<Draft>, csrf: &Csrf) -> Page {
    let plan = &seat.plan;
    let draft = draft.unwrap_or_default();
    let offered: Vec<_> = (1..)
        .zip(after_a_pause(plan, zone))
        .map(|(skipped, (_, day))| {
            (day.to_string(), format!("{}, leaving out {}", day.words(), text::count(skipped, "payment", "payments")))
        })
        .collect();
    let options: Vec<_> = offered.iter().map(|(value, label)| (value.as_str(), label.as_str(), None)).collect();
    let content = html! {
        (error_summary(&draft))
        p.lead { "During a pause nothing is charged, and nothing is made up for after it. You can end it earlier at any time." }
        form method="post" action={ (seat.base) "/pause" } novalidate {
            (csrf.field())
            (field("first", "When is the first payment after the pause?").radios(&draft, &options))
            div.actions { button type="submit" { "Pause the gift" } a href=(seat.home.1) { "Leave it as it is" } }
        }
    };
    seat.page("Pause the gift", content)
}
