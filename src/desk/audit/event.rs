//! One event: the act in a sentence, and the record before and after it.
use super::{
    action_words,
    changes::{self, Change},
};
use crate::{
    app::App,
    audit::{self, AuditEventId},
    desk::records,
    kernel::text,
    staff::Staff,
    web::{Error, Page, facts, moment},
};
use axum::extract::{Path, State};
use maud::{Markup, html};

pub(super) async fn show(State(app): State<App>, staff: Staff, Path(id): Path<String>) -> Result<Page, Error> {
    staff.may_administer()?;
    let id: AuditEventId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let event = audit::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let (changes, unchanged) = changes::between(event.before.as_deref(), event.after.as_deref());
    let title = format!("{}: {}", records::words(&event.record_kind), action_words(&event.action).to_lowercase());
    let same = [("record_kind", event.record_kind.as_str()), ("record_id", event.record_id.as_str())];
    let same = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(same).finish();
    let content = html! {
        (facts(&[
            ("When", moment(event.at, &zone)),
            ("Who", html! { (event.actor_name) " (" (records::words(&event.actor_kind).to_lowercase()) ")" }),
            ("What", html! { (action_words(&event.action)) }),
            ("Record", html! { (records::link(&event.record_kind, &event.record_id)) " " code { (event.record_id) } }),
        ]))
        h2 { "What changed" }
        @if changes.is_empty() {
            p { "No field of the record changed, or the act itself says everything." }
        } @else {
            (table(&changes))
        }
        @if unchanged > 0 {
            p.hint { (text::count(i64::try_from(unchanged).unwrap_or(i64::MAX), "field", "fields")) " stayed as before." }
        }
        p { a href={ "/staff/audit?" (same) } { "Everything done to this record" } }
    };
    Ok(Page::staff(title, content).crumb("Audit", "/staff/audit").script("staff.js"))
}

fn table(changes: &[Change]) -> Markup {
    html! {
        table {
            caption { "The fields that differ" }
            thead { tr { th scope="col" { "Field" } th scope="col" { "Before" } th scope="col" { "After" } } }
            tbody {
                @for change in changes {
                    tr {
                        th scope="row" { (records::words(&change.field)) }
                        td data-label="Before" { @if let Some(text) = &change.before { del { (text) } } @else { "—" } }
                        td data-label="After" { @if let Some(text) = &change.after { ins { (text) } } @else { "—" } }
                    }
                }
            }
        }
    }
}
