//! Matching gifts: what is outstanding, one of them with its next step, and the employers with their rules.
mod employers;
mod one;

use crate::{
    app::App,
    gifts::{
        matching::{MatchState, Matching},
        queries,
    },
    kernel::{Zone, text},
    staff::Staff,
    web::{Error, Page, badge, day, day_of, empty, figure},
};
use axum::{
    Router,
    extract::{Query, State},
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/matching";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/matching", get(list))
        .route("/staff/matching/employers", get(employers::list))
        .route("/staff/matching/employers/new", get(employers::new).post(employers::save))
        .route("/staff/matching/employers/{id}", get(employers::edit).post(employers::save))
        .route("/staff/matching/gifts/{id}", get(one::page).post(one::step))
        .route("/staff/gifts/{id}/matching", post(one::begin))
}

pub(super) use one::section;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    state: Option<MatchState>,
}

async fn list(_staff: Staff, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let rows = queries::matches(&mut tx, asked.state, 500).await?;
    let owed = queries::matches_owed(&mut tx).await?;
    drop(tx);
    let tab = |of: Option<MatchState>, label: &str| {
        let href = of.map_or_else(|| PATH.to_owned(), |of| format!("{PATH}?state={of}"));
        html! { li { a href=(href) aria-current=[(of == asked.state).then_some("page")] { (label) } } }
    };
    let content = html! {
        p.lead { "Employers that add to what their people give. A matching gift is a gift of the employer’s; here stands what is still to come." }
        @if !owed.is_empty() {
            div.figures {
                @for (currency, count, sum) in &owed {
                    (figure(&format!("Outstanding in {}", currency.code().to_uppercase()), sum.of(*currency), None, Some(html! { (text::count(*count, "matching gift", "matching gifts")) })))
                }
            }
        }
        p { a.button.secondary href={ (PATH) "/employers" } { "Employers and their rules" } }
        nav.tabs aria-label="Which matching gifts" { ul { (tab(None, "Outstanding")) (tab(Some(MatchState::Potential), "Not asked for yet")) (tab(Some(MatchState::Submitted), "Asked for")) (tab(Some(MatchState::Received), "Received")) } }
        @if rows.is_empty() {
            (empty("No matching gift is like that. Name the donor’s employer on the page of a gift, and it stands here until the employer’s own gift has come.", None))
        } @else { (table(&rows, &zone)) }
    };
    Ok(Page::staff("Matching gifts", content).crumb("Gifts", "/staff/gifts").wide())
}

fn table(rows: &[Matching], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "The oldest first" }
            thead { tr { th scope="col" { "Donor" } th scope="col" { "Employer" } th scope="col" { "State" } th scope="col" { "Known since" } th scope="col" { "Asked for on" } th.num scope="col" { "Gift" } th.num scope="col" { "Expected" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { a href={ (PATH) "/gifts/" (row.id) } { (row.donor) } }
                        td data-label="Employer" { (row.employer) }
                        td data-label="State" { (state(row.state)) }
                        td data-label="Known since" { (day_of(row.at, zone)) }
                        td data-label="Asked for on" { @if let Some(on) = row.submitted_on { (day(on)) } @else { "–" } }
                        td.num data-label="Gift" { (row.intended.of(row.currency)) }
                        td.num data-label="Expected" { (row.expected.of(row.currency)) }
                    }
                }
            }
        }
    }
}

/// The state as a badge: waiting, on its way, here.
fn state(state: MatchState) -> Markup {
    let mood = match state {
        MatchState::Potential => "waiting",
        MatchState::Submitted => "submitted",
        MatchState::Received => "done",
    };
    badge(mood, state.label())
}
