//! Who is due, and the call list: members whose last reminder is behind, the longest overdue first.
use super::{Rhythm, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, text},
    members::{
        Contact, OrganizationId,
        record::href,
        standing::{self, FactKind, Standing},
    },
    settings,
    staff::Staff,
    web::{Error, Page, day, empty},
};
use axum::{Router, extract::State, routing::get};
use maud::{Markup, html};
use std::collections::HashMap;

const PATH: &str = "/staff/reaffirmations";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(show))
}

/// A member that is due, overdue or inactive for it.
struct Row {
    id: OrganizationId,
    name: String,
    due: Day,
    standing: Standing,
    delegate: Option<Contact>,
    last_contact: Option<Day>,
}

/// The longest overdue first. Who is suspended or set by hand is not asked and not among them.
async fn rows(tx: &mut Tx, rhythm: &Rhythm, today: Day) -> sqlx::Result<Vec<Row>> {
    let mut facts: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    for fact in standing::all_facts(tx).await? {
        facts.entry(fact.organization_id).or_default().push(fact);
    }
    let mut delegates: HashMap<_, _> = queries::delegates(tx).await?.into_iter().map(|c| (c.organization_id, c)).collect();
    let last: HashMap<_, _> = queries::last_contacts(tx).await?.into_iter().collect();
    let mut rows = Vec::new();
    for basis in queries::bases(tx).await? {
        let id = basis.organization_id;
        let own = facts.get(&id).map_or(&[][..], Vec::as_slice);
        let Some(due) = rhythm.due(basis.affirmed(own, today)) else { continue };
        let state = standing::derive(own, today).with_due(rhythm, Some(due), today);
        let by_hand = state.by.as_ref().is_some_and(|fact| fact.kind == FactKind::Override);
        let asked = matches!(state.standing, Standing::ReaffirmationDue | Standing::ReaffirmationOverdue | Standing::Inactive);
        if asked && !by_hand {
            let (delegate, last_contact) = (delegates.remove(&id), last.get(&id).copied());
            rows.push(Row { id, name: basis.name, due, standing: state.standing, delegate, last_contact });
        }
    }
    rows.sort_by_key(|row| row.due);
    Ok(rows)
}

/// How many members are overdue past the last reminder.
pub async fn to_call(tx: &mut Tx, today: Day) -> sqlx::Result<i64> {
    let rhythm: Rhythm = settings::get(tx).await?;
    if !rhythm.asks() {
        return Ok(0);
    }
    let rows = rows(tx, &rhythm, today).await?;
    Ok(i64::try_from(rows.iter().filter(|row| rhythm.is_past_ladder(row.due, today)).count()).unwrap_or(i64::MAX))
}

async fn show(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let rhythm: Rhythm = settings::get(&mut tx).await?;
    let all = if rhythm.asks() { rows(&mut tx, &rhythm, today).await? } else { Vec::new() };
    drop(tx);
    let (call, reminded): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| rhythm.is_past_ladder(row.due, today));
    let may = staff.may_admit().is_ok();
    let content = html! {
        @if rhythm.asks() {
            p.lead { "Members reaffirm their commitment every " (text::count(rhythm.months, "month", "months")) ". Reminders go out on their days; who has not answered after the last one is called." }
        } @else {
            p.lead { "Nobody is asked to reaffirm. An administrator can change this under Settings." }
        }
        h2 { "To call" }
        @if call.is_empty() { (empty("Nobody has to be called: no member is overdue past its last reminder.", None)) }
        @else { (table("Overdue past the last reminder, the longest first", &call, today, may)) }
        h2 { "Reminded by mail" }
        @if reminded.is_empty() { p { "Nobody is due at the moment." } }
        @else { (table("Due or overdue, the earliest first", &reminded, today, may)) }
    };
    Ok(Page::staff("Reaffirmations", content).crumb("Staff", "/staff").crumb("Organizations", "/staff/organizations").wide())
}

fn ago(then: Option<Day>, today: Day) -> String {
    match then.map(|then| today.days_since(then)) {
        None => "Never".to_owned(),
        Some(..1) => "Today".to_owned(),
        Some(days) => format!("{} ago", text::count(days, "day", "days")),
    }
}

fn table(caption: &str, rows: &[Row], today: Day, may: bool) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "Organization" } th scope="col" { "Due" } th scope="col" { "Standing" } th scope="col" { "Delegate" }
                th scope="col" { "Phone" } th scope="col" { "Last contact" }
                @if may { th scope="col" { span.visually-hidden { "Action" } } }
            } }
            tbody { @for row in rows { tr {
                th scope="row" { a href=(href(row.id)) { (row.name) } }
                td data-label="Due" { (day(row.due)) }
                td data-label="Standing" { (standing::shown(row.standing)) }
                td data-label="Delegate" { @match &row.delegate { Some(d) => (d.name), None => "Nobody" } }
                td data-label="Phone" { (row.delegate.as_ref().and_then(|d| d.phone.as_deref()).unwrap_or("—")) }
                td data-label="Last contact" { (ago(row.last_contact, today)) }
                @if may { td {
                    a href={ (href(row.id)) "/calls" } { "Note a call" span.visually-hidden { " to " (row.name) } }
                } }
            } } }
        }
    }
}
