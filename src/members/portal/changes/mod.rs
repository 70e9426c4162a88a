//! Sensitive changes: a delegate asks for them, staff see before and after and approve or refuse with a reason, and
//! both sides are told by mail. What was changed meanwhile is never written over.
mod apply;
mod ask;
mod desk;
mod queries;

use super::{Delegate, Doing};
use crate::{
    app::App,
    kernel::{Timestamp, Zone, id, words},
    members::{Contact, ContactId, Organization, OrganizationId, standing::Allowed},
    web::{Csrf, badge, day_of},
};
use axum::Router;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(in crate::members) use queries::of_organization;
pub use queries::waiting;

id!(
    /// Names one row of `change_request`.
    ChangeId
);

words! {
    /// What a delegate can't change alone.
    pub enum ChangeKind {
        Names = "names", "Names";
        Email = "email", "The delegate’s e-mail address";
        HandOver = "hand_over", "The delegate’s seat";
    }
}

words! {
    /// Where a request stands.
    pub enum ChangeState {
        Waiting = "waiting", "Waits for the secretariat";
        Approved = "approved", "Made";
        Refused = "refused", "Not made";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl ChangeKind {
    /// Within a sentence.
    const fn what(self) -> &'static str {
        match self {
            Self::Names => "the names",
            Self::Email => "the delegate’s e-mail address",
            Self::HandOver => "who holds the delegate’s seat",
        }
    }
}

/// The facts of a change, as far as its kind has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct What {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ein: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl TryFrom<String> for What {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text)
    }
}

impl What {
    /// What is so today.
    fn today(kind: ChangeKind, o: &Organization, holder: Option<&Contact>) -> Self {
        match (kind, holder) {
            (ChangeKind::Names, _) => {
                Self { name: Some(o.name.clone()), legal_name: o.legal_name.clone(), ein: o.ein.clone(), ..Self::default() }
            }
            (_, None) => Self::default(),
            (ChangeKind::Email, Some(holder)) => Self { email: Some(holder.email.to_string()), ..Self::default() },
            (ChangeKind::HandOver, Some(holder)) => Self {
                name: Some(holder.name.clone()),
                title: Some(holder.title.clone()).filter(|t| !t.is_empty()),
                email: Some(holder.email.to_string()),
                phone: holder.phone.clone(),
                ..Self::default()
            },
        }
    }

    /// Label, before, after, for what differs.
    fn differences(&self, after: &Self) -> Vec<(&'static str, String, String)> {
        let all = [
            ("Name", &self.name, &after.name),
            ("Legal name", &self.legal_name, &after.legal_name),
            ("EIN", &self.ein, &after.ein),
            ("Title", &self.title, &after.title),
            ("E-mail", &self.email, &after.email),
            ("Phone", &self.phone, &after.phone),
        ];
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "None".to_owned());
        all.into_iter().filter(|(_, before, after)| before != after).map(|(l, b, a)| (l, said(b), said(a))).collect()
    }
}

/// One row of `change_request`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    pub id: ChangeId,
    pub organization_id: OrganizationId,
    pub contact_id: ContactId,
    pub kind: ChangeKind,
    #[sqlx(try_from = "String")]
    pub before: What,
    #[sqlx(try_from = "String")]
    pub after: What,
    pub note: String,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub state: ChangeState,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub reason: String,
}

impl Change {
    fn rows_for_mail(&self) -> Vec<(String, String)> {
        self.before.differences(&self.after).into_iter().map(|(label, b, a)| (label.to_owned(), format!("{b} → {a}"))).collect()
    }
}

/// Before and after as a table.
fn compared(change: &Change) -> Markup {
    html! {
        table {
            caption { "What changes" }
            thead { tr { th scope="col" { "Fact" } th scope="col" { "Before" } th scope="col" { "After" } } }
            tbody { @for (label, before, after) in change.before.differences(&change.after) { tr {
                th scope="row" { (label) } td data-label="Before" { (before) } td data-label="After" { strong { (after) } }
            } } }
        }
    }
}

fn state_badge(state: ChangeState) -> Markup {
    let looks_as = match state {
        ChangeState::Approved => "done",
        ChangeState::Refused => "declined",
        other => other.as_str(),
    };
    badge(looks_as, state.label())
}

/// The latest requests on the first page of the portal.
pub(super) fn part(d: &Delegate, all: &[Change], csrf: &Csrf, zone: &Zone) -> Markup {
    if all.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="asked-changes" {
            h2 #asked-changes { "Changes you asked for" }
            ol.timeline { @for change in all.iter().take(5) { li {
                (day_of(change.asked_at, zone))
                p { strong { (change.kind.label()) } " " (state_badge(change.state)) }
                @for (label, before, after) in change.before.differences(&change.after) { p { (label) ": " (before) " → " (after) } }
                @if !change.reason.is_empty() { p { "The secretariat says: " (change.reason) } }
                @if change.state == ChangeState::Waiting && d.allowed(Doing::Ask) == Allowed::Yes {
                    form method="post" action={ "/portal/changes/" (change.id) "/withdrawal" } {
                        (csrf.field())
                        button.quiet type="submit" { "Withdraw" span.visually-hidden { " this request" } }
                    }
                }
            } } }
        }
    }
}

pub(super) fn router() -> Router<App> {
    ask::router().merge(desk::router())
}
