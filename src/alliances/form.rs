//! What the forms of this room share: days, who is meant, the way back.
use super::{Alliance, AllianceId, Overview, queries};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::Day,
    staff::Staff,
    web::{Draft, Error, Field, Page, field},
};
use maud::Markup;
use serde::Serialize;

pub(super) fn today(app: &App) -> Day {
    app.coalition.get().zone().day(app.clock.now())
}

/// The alliance of an address, with all about it.
pub(super) async fn find(app: &App, tx: &mut Tx, id: AllianceId) -> Result<Overview, Error> {
    queries::overview(tx, id, today(app)).await?.ok_or(Error::NotFound)
}

pub(super) fn base(id: AllianceId) -> String {
    format!("/staff/alliances/{id}")
}

/// A staff page below an alliance's own.
pub(super) fn page(alliance: &Alliance, title: impl Into<String>, content: Markup) -> Page {
    Page::staff(title, content)
        .crumb("Staff", "/staff")
        .crumb("Alliances", "/staff/alliances")
        .crumb(&alliance.name, base(alliance.id))
}

/// A field for a day.
pub(super) const fn date<'a>(name: &'a str, label: &'a str) -> Field<'a> {
    Field { kind: "date", width: "short", autocomplete: Some("off"), ..field(name, label) }
}

/// Refuses a day that lies ahead.
pub(super) fn not_ahead(draft: &mut Draft, name: &str, day: Option<Day>, today: Day) {
    if day.is_some_and(|day| day > today) {
        draft.reject(name, "This day lies ahead. Write when it happened");
    }
}

/// Writes down what staff did to an alliance.
pub(super) async fn note<A: Serialize>(
    tx: &mut Tx,
    app: &App,
    staff: &Staff,
    action: &str,
    id: AllianceId,
    before: Option<&A>,
    after: Option<&A>,
) -> sqlx::Result<()> {
    audit::record(tx, &staff.actor(), action, ("alliance", &id.to_string()), before, after, app.clock.now()).await
}
