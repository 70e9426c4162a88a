//! After how many days applicants are reminded. A change counts for what is not sent yet.
use crate::{
    app::App,
    audit,
    members::ReminderDays,
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

const PATH: &str = "/staff/settings/reminders";
/// The most of each kind, and the latest day.
const MOST: usize = 5;
const LATEST: i64 = 50;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    draft: String,
    information: String,
}

/// `7, 21`.
pub(super) fn said(days: &[i64]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn read(draft: &mut Draft, name: &str, typed: &str) -> Vec<i64> {
    draft.keep(name, typed);
    let parts = typed.split([',', ' ', ';']).map(str::trim).filter(|part| !part.is_empty());
    let days: Option<Vec<i64>> = parts.map(|part| part.parse().ok().filter(|n| (1..=LATEST).contains(n))).collect();
    match days {
        Some(mut days) if days.len() <= MOST => {
            days.sort_unstable();
            days.dedup();
            days
        }
        _ => {
            draft.reject(name, format!("Enter at most {MOST} numbers from 1 to {LATEST}, such as 7, 21"));
            Vec::new()
        }
    }
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let days: ReminderDays = settings::get(&mut app.db.read().await?).await?;
    Ok(page(&Draft::of([("draft", said(&days.draft)), ("information", said(&days.information))]), &csrf))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut draft = Draft::default();
    let after = ReminderDays {
        draft: read(&mut draft, "draft", &typed.draft),
        information: read(&mut draft, "information", &typed.information),
    };
    if !draft.is_right() {
        return Err(Draft::refuse(page(&draft, &csrf)));
    }
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before: ReminderDays = settings::get(&mut tx).await?;
    if before != after {
        settings::set(&mut tx, &after, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", ReminderDays::KEY), Some(&before), Some(&after), now)
            .await?;
    }
    tx.commit().await?;
    Ok(redirect_saying("/staff/settings", Mood::Good, "The reminders are saved. They count from tomorrow on."))
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Applicants are mailed a reminder with the link to their application. Each is sent once; what was skipped, and why, stands on the page of the application." }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { optional: true, width: "short", hint: Some("Days after the last change of a draft, such as 7, 21. Leave it empty to send none."), ..field("draft", "Of a draft that rests") }.input(draft))
            (Field { optional: true, width: "short", hint: Some("Days after you asked, such as 7, 14."), ..field("information", "Of a question that is not answered") }.input(draft))
            div.actions { button type="submit" { "Save" } a href="/staff/settings" { "Cancel" } }
        }
    };
    Page::staff("Reminders", content).crumb("Settings", "/staff/settings")
}
