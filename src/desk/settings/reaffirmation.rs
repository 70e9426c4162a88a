//! How often members reaffirm, when they are reminded, and when silence makes them inactive.
use crate::{
    app::App,
    audit,
    kernel::{Day, text},
    members::reaffirmation::Rhythm,
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

const PATH: &str = "/staff/settings/reaffirmation";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    months: String,
    first_due: String,
    before: String,
    after: String,
    inactive_after: String,
}

fn list(days: &[i64]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let rhythm: Rhythm = settings::get(&mut app.db.read().await?).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let first_due = rhythm.first_due.unwrap_or_else(|| today.plus_days(90));
    let draft = Draft::of([
        ("months", rhythm.months.to_string()),
        ("first_due", first_due.to_string()),
        ("before", list(&rhythm.before)),
        ("after", list(&rhythm.after)),
        ("inactive_after", rhythm.inactive_after.to_string()),
    ]);
    Ok(page(&draft, &csrf))
}

fn number(draft: &mut Draft, name: &str, typed: &str, most: i64) -> Option<i64> {
    draft.keep(name, typed);
    let number = typed.trim().parse().ok().filter(|n| (0..=most).contains(n));
    if number.is_none() {
        draft.reject(name, format!("Enter a number from 0 to {most}"));
    }
    number
}

fn days(draft: &mut Draft, name: &str, typed: &str) -> Option<Vec<i64>> {
    draft.keep(name, typed);
    let all: Option<Vec<i64>> = typed
        .split([';', ','])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|days| (1..=365).contains(days)))
        .collect();
    if all.as_ref().is_none_or(|all| all.len() > 6) {
        draft.reject(name, "Enter up to six numbers of days from 1 to 365, such as 60; 14, or leave it empty");
        return None;
    }
    all
}

impl Typed {
    fn read(&self) -> Result<Rhythm, Draft> {
        let mut draft = Draft::default();
        let months = number(&mut draft, "months", &self.months, 120);
        let first_due = draft.read_optional::<Day>("first_due", &self.first_due);
        if months.is_some_and(|months| months > 0) && first_due == Some(None) {
            draft.reject("first_due", "Enter the day before which nobody is due");
        }
        let mut before = days(&mut draft, "before", &self.before);
        let mut after = days(&mut draft, "after", &self.after);
        let inactive_after = number(&mut draft, "inactive_after", &self.inactive_after, 3_650);
        if let (Some(after), Some(inactive)) = (&after, inactive_after)
            && inactive > 0
            && after.iter().any(|days| *days > inactive)
        {
            draft.reject("inactive_after", "Enter a number that is not below the last reminder, or 0");
        }
        if let Some(before) = &mut before {
            before.sort_unstable_by_key(|days| -days);
            before.dedup();
        }
        if let Some(after) = &mut after {
            after.sort_unstable();
            after.dedup();
        }
        match (months, first_due, before, after, inactive_after) {
            (Some(months), Some(first_due), Some(before), Some(after), Some(inactive_after)) if draft.is_right() => {
                Ok(Rhythm { months, first_due, before, after, inactive_after })
            }
            _ => Err(draft),
        }
    }
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let after = typed.read().map_err(|draft| Draft::refuse(page(&draft, &csrf)))?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before: Rhythm = settings::get(&mut tx).await?;
    if after != before {
        settings::set(&mut tx, &after, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Rhythm::KEY), Some(&before), Some(&after), now).await?;
    }
    tx.commit().await?;
    let said = match after.months {
        0 => "Nobody is asked to reaffirm.".to_owned(),
        months => format!("Members reaffirm every {}.", text::count(months, "month", "months")),
    };
    Ok(redirect_saying("/staff/settings", Mood::Good, said))
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let short = |name, label, hint| Field { hint: Some(hint), width: "short", inputmode: Some("numeric"), ..field(name, label) };
    let content = html! {
        (error_summary(draft))
        p.lead { "Members make their commitment again every so many months, by a link that is mailed to the delegate. Observers are not asked, and money plays no part in it." }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (short("months", "Every so many months", "Counted from the admission or the last reaffirmation. 0: nobody is asked.").input(draft))
            (Field { kind: "date", width: "medium", hint: Some("So that who joined long ago is not overdue at once."), ..field("first_due", "Nobody is due before") }.input(draft))
            (Field { width: "medium", optional: true, hint: Some("Days, separated by semicolons: 60; 14. From the earliest one, the standing says that it is due."), ..field("before", "Reminders before the day") }.input(draft))
            (Field { width: "medium", optional: true, hint: Some("Days, such as 14; 45. After the last one the member is on the call list."), ..field("after", "Reminders after the day") }.input(draft))
            (short("inactive_after", "Inactive after so many days", "Counted from the day it was due. 0: never.").input(draft))
            div.actions {
                button type="submit" { "Save" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Reaffirmation", content).crumb("Settings", "/staff/settings")
}
