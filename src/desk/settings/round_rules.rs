//! The rules of review: which days come by themselves, until when applications are in time, and what
//! votes must reach. A new rule counts from now on; decisions keep the rules they were made by.
use super::rounds;
use crate::{
    app::App,
    audit,
    kernel::{Month, text},
    members::rounds::{self as review, RoundRules, Threshold},
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::{Markup, html};

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    every_months: String,
    first_month: String,
    day: String,
    cut_off_days: String,
    threshold: String,
    quorum: String,
}

pub(super) fn form(csrf: &Csrf, draft: &Draft, rules: &RoundRules) -> Markup {
    let mut shown = draft.clone();
    if draft.value("threshold").is_empty() {
        for (name, value) in [
            ("every_months", rules.every_months.to_string()),
            ("first_month", rules.first_month.to_string()),
            ("day", rules.day.to_string()),
            ("cut_off_days", rules.cut_off_days.to_string()),
            ("threshold", rules.threshold.to_string()),
            ("quorum", rules.quorum.to_string()),
        ] {
            shown.keep(name, &value);
        }
    }
    let every = [
        ("0", "By hand, as added above"),
        ("1", "Every month"),
        ("2", "Every two months"),
        ("3", "Every quarter"),
        ("6", "Twice a year"),
        ("12", "Once a year"),
    ];
    let months: Vec<_> = (1..=12).filter_map(|n| Month::new(2000, n)).map(|m| (m.number().to_string(), m.name())).collect();
    let thresholds = [
        (Threshold::SimpleMajority, "More for than against."),
        (Threshold::TwoThirds, "At least two in favor for each one against."),
        (Threshold::Consensus, "Nobody against."),
    ];
    let thresholds: Vec<_> = thresholds.iter().map(|(t, hint)| (t.as_str(), t.label(), Some(*hint))).collect();
    html! {
        form method="post" action={ (rounds::PATH) "/rules" } novalidate {
            (csrf.field())
            (Field { hint: Some("Days are set a year ahead. Those that are set already stay."), ..field("every_months", "Rounds come") }.select(&shown, &every))
            (field("first_month", "The first one of a year in").select(&shown, &months))
            (Field { width: "short", inputmode: Some("numeric"), hint: Some("1 to 28"), ..field("day", "On the day of the month") }.input(&shown))
            (Field { width: "short", inputmode: Some("numeric"), hint: Some("What arrives later goes into the next round."), ..field("cut_off_days", "Applications are in time until so many days before") }.input(&shown))
            (field("threshold", "What votes must reach").radios(&shown, &thresholds))
            (Field { width: "short", inputmode: Some("numeric"), hint: Some("Abstentions count, recusals do not. With 0 a decision needs no vote."), ..field("quorum", "Quorum: the fewest votes") }.input(&shown))
            div.actions { button type="submit" { "Save the rules" } a href="/staff/settings" { "Cancel" } }
        }
    }
}

impl Typed {
    fn read(&self) -> Result<RoundRules, Draft> {
        let mut draft = Draft::default();
        let mut number = |name: &str, typed: &str, least: i64, most: i64| {
            let read: Option<i64> = draft.text(name, typed, 9, "Enter a number").and_then(|t| t.trim().parse().ok());
            let read = read.filter(|n| (least..=most).contains(n));
            if read.is_none() && draft.error(name).is_none() {
                draft.reject(name, format!("Enter a whole number from {least} to {most}"));
            }
            read
        };
        let (every, first) = (number("every_months", &self.every_months, 0, 12), number("first_month", &self.first_month, 1, 12));
        let (day, cut_off) = (number("day", &self.day, 1, 28), number("cut_off_days", &self.cut_off_days, 0, 90));
        let quorum = number("quorum", &self.quorum, 0, 100);
        let threshold = draft.read::<Threshold>("threshold", &self.threshold);
        let small = |n: Option<i64>| n.and_then(|n| i8::try_from(n).ok());
        match (every, small(first), small(day), cut_off, threshold, quorum) {
            (Some(every_months), Some(first_month), Some(day), Some(cut_off_days), Some(threshold), Some(quorum)) => {
                Ok(RoundRules { every_months, first_month, day, cut_off_days, threshold, quorum })
            }
            _ => Err(draft),
        }
    }
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let rules = match typed.read() {
        Ok(rules) => rules,
        Err(draft) => return Err(Draft::refuse(rounds::page(&app, &csrf, &draft).await?)),
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before: RoundRules = settings::get(&mut tx).await?;
    settings::set(&mut tx, &rules, now).await?;
    let added = review::generate(&mut tx, &rules, &app.coalition.get().zone(), now).await?;
    audit::record(&mut tx, &staff.actor(), "change", ("setting", RoundRules::KEY), Some(&before), Some(&rules), now).await?;
    tx.commit().await?;
    let said = match i64::try_from(added.len()).unwrap_or(i64::MAX) {
        0 => "The rules are saved.".to_owned(),
        days => format!("The rules are saved, and {} set.", text::count(days, "day is", "days are")),
    };
    Ok(redirect_saying(rounds::PATH, Mood::Good, said))
}
