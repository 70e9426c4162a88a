//! The days on which applications are reviewed. Applicants read the next one in their status; a day is
//! added, and stays once it was told.
use crate::{
    app::App,
    audit,
    kernel::Day,
    members,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, empty, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

const PATH: &str = "/staff/settings/review-rounds";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    on: String,
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let mut tx = app.db.read().await?;
    let rounds = members::review_rounds(&mut tx).await?;
    Ok(page(&Draft::default(), &csrf, &rounds, app.coalition.get().zone().day(app.clock.now())))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let rounds = members::review_rounds(&mut tx).await?;
    let mut draft = Draft::default();
    let on: Option<Day> = draft.read("on", &typed.on);
    if on.is_some_and(|on| on < today) {
        draft.reject("on", "Enter a day that is not over yet");
    }
    if on.is_some_and(|on| rounds.contains(&on)) {
        draft.reject("on", "Enter another day: a review is set for this one already");
    }
    let Some(on) = on.filter(|_| draft.is_right()) else { return Err(Draft::refuse(page(&draft, &csrf, &rounds, today))) };
    members::insert_review_round(&mut tx, on).await?;
    let after = serde_json::json!({ "on_day": on });
    audit::record(&mut tx, &staff.actor(), "add", ("review_round", &on.to_string()), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("Applications are reviewed on {}.", on.words())))
}

/// `rounds` stand newest first.
fn page(draft: &Draft, csrf: &Csrf, rounds: &[Day], today: Day) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Applications are decided in rounds. Whoever applies reads in the status of the application when the next one is." }
        @if rounds.is_empty() { (empty("No review is set yet. Add the days you meet on, a year ahead.", None)) }
        @else {
            table {
                caption { "Days of review, the latest first" }
                thead { tr { th scope="col" { "Day" } th scope="col" { "When" } } }
                tbody {
                    @for on in rounds {
                        tr {
                            th scope="row" { (day(*on)) }
                            td data-label="When" { (when(*on, today)) }
                        }
                    }
                }
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
    };
    Page::staff("Review rounds", content).crumb("Settings", "/staff/settings")
}

fn when(on: Day, today: Day) -> &'static str {
    match on.cmp(&today) {
        std::cmp::Ordering::Less => "Over",
        std::cmp::Ordering::Equal => "Today",
        std::cmp::Ordering::Greater => "To come",
    }
}
