//! The days on which applications are reviewed, and the rules of it. Applicants read the next day in their
//! status; a day is added, and stays once it was told.
use super::round_rules;
use crate::{
    app::App,
    audit,
    kernel::Day,
    members::rounds::{self, ReviewRound, RoundRules, RoundState},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, empty, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

pub(super) const PATH: &str = "/staff/settings/review-rounds";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    on: String,
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    page(&app, &csrf, &Draft::default()).await
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let (now, zone) = (app.clock.now(), app.coalition.get().zone());
    let mut draft = Draft::default();
    let on: Option<Day> = draft.read("on", &typed.on);
    if on.is_some_and(|on| on < zone.day(now)) {
        draft.reject("on", "Enter a day that is not over yet");
    }
    let mut tx = app.db.write().await?;
    if let Some(on) = on.filter(|_| draft.is_right()) {
        if rounds::add(&mut tx, on, &zone, now).await? {
            let after = serde_json::json!({ "on_day": on });
            audit::record(&mut tx, &staff.actor(), "add", ("review_round", &on.to_string()), None::<&()>, Some(&after), now)
                .await?;
            tx.commit().await?;
            return Ok(redirect_saying(PATH, Mood::Good, format!("Applications are reviewed on {}.", on.words())));
        }
        draft.reject("on", "Enter another day: a review is set for this one already");
    }
    drop(tx);
    Err(Draft::refuse(page(&app, &csrf, &draft).await?))
}

/// The page with what was typed: `draft` is of either form.
pub(super) async fn page(app: &App, csrf: &Csrf, draft: &Draft) -> Result<Page, Error> {
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let (all, rules) = (rounds::all(&mut tx).await?, settings::get::<RoundRules>(&mut tx).await?);
    drop(tx);
    let content = html! {
        (error_summary(draft))
        p.lead { "Applications are decided in rounds. Whoever applies reads in the status of the application when the next one is." }
        @if all.is_empty() { (empty("No review is set yet. Add the days you meet on, a year ahead, or let them be set by the rules below.", None)) }
        @else {
            table {
                caption { "Days of review, the latest first" }
                thead { tr { th scope="col" { "Day" } th scope="col" { "When" } th scope="col" { "State" } } }
                tbody { @for round in &all { (row(round, &rules, today)) } }
            }
        }
        h2 { "Add a day" }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { kind: "date", width: "short", ..field("on", "Day of the review") }.input(draft))
            div.actions {
                button type="submit" { "Add" }
                a href="/staff/settings" { "Cancel" }
            }
        }
        h2 { "Rules" }
        (round_rules::form(csrf, draft, &rules))
    };
    Ok(Page::staff("Review rounds", content).crumb("Settings", "/staff/settings"))
}

fn row(round: &ReviewRound, rules: &RoundRules, today: Day) -> maud::Markup {
    let state: RoundState = round.state(rules, today);
    html! {
        tr {
            th scope="row" { a href=(round.path()) { (day(round.on_day)) } }
            td data-label="When" { (when(round.on_day, today)) }
            td data-label="State" { (badge(state, state.label())) }
        }
    }
}

fn when(on: Day, today: Day) -> &'static str {
    match on.cmp(&today) {
        std::cmp::Ordering::Less => "Over",
        std::cmp::Ordering::Equal => "Today",
        std::cmp::Ordering::Greater => "To come",
    }
}
