//! Reminders to applicants: of a draft that rests, and of a question of ours that is not answered.
//!
//! A daily job plans them while an application waits for its applicant, and sends or skips what is due. It
//! refuses to send one twice, two on one day, and one that comes weeks too late.
mod job;
mod queries;

use super::{Application, ApplicationId};
use crate::{
    db::Tx,
    kernel::{Timestamp, Zone, words},
    settings::Setting,
    web::day_of,
    work::Regular,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(in crate::members) use job::daily;

/// What the calendar brings.
pub const REMIND: Regular = Regular { kind: "members.reminders", every: 86_400 };

words! {
    /// What is reminded of.
    pub enum Rule {
        Draft = "draft", "Draft";
        Information = "information", "Question";
    }
}

words! {
    /// Where a reminder stands.
    pub enum ReminderState {
        Planned = "planned", "Planned";
        Sent = "sent", "Sent";
        Skipped = "skipped", "Skipped";
    }
}

/// After how many days applicants are reminded, rising. Empty for never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReminderDays {
    /// After the last change of a draft.
    pub draft: Vec<i64>,
    /// After a question of ours.
    pub information: Vec<i64>,
}

impl Default for ReminderDays {
    fn default() -> Self {
        Self { draft: vec![7, 21], information: vec![7, 14] }
    }
}

impl Setting for ReminderDays {
    const KEY: &'static str = "reminders";
}

/// One row of `application_reminder`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Reminder {
    application_id: ApplicationId,
    rule: Rule,
    question: i64,
    days: i64,
    due_at: Timestamp,
    state: ReminderState,
    done_at: Option<Timestamp>,
    why: Option<String>,
}

/// The reminders of an application, in a list; empty when none was planned.
pub(super) async fn list(tx: &mut Tx, a: &Application, zone: &Zone) -> sqlx::Result<Markup> {
    let all = queries::of_application(tx, a.id).await?;
    Ok(html! {
        @if !all.is_empty() {
            h2 { "Reminders" }
            ul { @for reminder in &all { li {
                @match reminder.rule {
                    Rule::Draft => { (reminder.days) " days after the last change: " },
                    Rule::Information => { (reminder.days) " days after our question: " },
                }
                @match (reminder.state, reminder.done_at) {
                    (ReminderState::Sent, Some(at)) => { "sent on " (day_of(at, zone)) "." },
                    (ReminderState::Skipped, Some(at)) => { "skipped on " (day_of(at, zone)) ", " (reminder.why.as_deref().unwrap_or_default()) "." },
                    _ => { "planned for " (day_of(reminder.due_at, zone)) "." },
                }
            } } }
        }
    })
}
