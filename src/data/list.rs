//! Every import: who brought which file when, and what became of it.
use super::{ImportId, Kind, Run, RunState, queries};
use crate::{
    app::App,
    kernel::{Zone, text},
    staff::Staff,
    web::{Error, Page, Pager, badge, empty, moment},
};
use axum::{
    Router,
    extract::{Query, RawQuery, State},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) const PATH: &str = "/staff/imports";
const ROWS: usize = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(show))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    after: String,
}

/// A run and its rows in words.
struct Row {
    run: Run,
    rows: String,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let after: Option<ImportId> = asked.after.parse().ok();
    let most = i64::try_from(ROWS + 1).unwrap_or_default();
    let mut tx = app.db.read().await?;
    let mut runs = queries::runs(&mut tx, after, most).await?;
    let pager = Pager { before: None, ..Pager::cut(&mut runs, ROWS, after.is_some(), false, |run| run.id.to_string()) };
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        let words = match run.state {
            RunState::Applied | RunState::Undone => applied(run.outcomes),
            RunState::Checked | RunState::Applying | RunState::Undoing => tried(run.fates),
            RunState::Columns | RunState::Checking | RunState::Discarded => "—".to_owned(),
        };
        rows.push(Row { run, rows: words });
    }
    drop(tx);
    let may = Kind::ALL.iter().any(|kind| kind.allow(&staff).is_ok());
    let content = html! {
        p.lead { "Organizations, contacts, alliances, donors and gifts from files. Each import is tried first, and can be taken back whole." }
        @if staff.may_keep_gifts().is_ok() { p { "Donors who give every month through Stripe already are brought in " a href="/staff/imports/stripe" { "from the Stripe account" } "." } }
        @if rows.is_empty() {
            (empty("Nothing was imported yet. A CSV file with a row of headings is enough: its columns are matched, and you see every row’s fate before anything is written.", may.then_some(("Import a file", "/staff/imports/new"))))
        } @else {
            @if may { p.actions { a.button href="/staff/imports/new" { "Import a file" } } }
            (table(&rows, &app.coalition.get().zone()))
            (pager.links(PATH, query.as_deref().unwrap_or_default()))
        }
    };
    Ok(Page::staff("Imports", content).crumb("Staff", "/staff").wide().script("staff.js"))
}

fn tried(fates: queries::Fates) -> String {
    let n = text::number;
    format!("{} new, {} on record already, {} refused", n(fates.fresh), n(fates.matches), n(fates.refused))
}

fn applied(o: queries::Outcomes) -> String {
    let n = text::number;
    let mut parts = Vec::new();
    for (count, words) in [
        (o.made, "entered"),
        (o.changed, "changed"),
        (o.stayed, "left as they were"),
        (o.refused, "not applied"),
        (o.undone, "taken back"),
        (o.kept, "kept"),
    ] {
        if count > 0 {
            parts.push(format!("{} {words}", n(count)));
        }
    }
    if parts.is_empty() { "Nothing".to_owned() } else { parts.join(", ") }
}

fn table(rows: &[Row], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Imports, the newest first" }
            thead { tr {
                th scope="col" { "File" } th scope="col" { "Holds" } th scope="col" { "Brought" } th scope="col" { "State" } th scope="col" { "Rows" }
            } }
            tbody { @for Row { run, rows } in rows { tr {
                th scope="row" { a href=(run.path()) { (run.file_name) } }
                td data-label="Holds" { (run.kind.label()) }
                td data-label="Brought" { span { (moment(run.begun_at, zone)) " by " (run.begun_by) } }
                td data-label="State" { (badge(run.state.mood(), run.state.label())) }
                td data-label="Rows" { (rows) }
            } } }
        }
    }
}
