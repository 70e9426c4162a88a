//! Recurring gifts: who has promised to give again, when the next payment is due, what they come to.
use super::{
    PAGE, STEP,
    queries::{self, RecurringRow, RecurringSum},
};
use crate::{
    app::App,
    kernel::{Zone, text},
    payments::{Frequency, SubscriptionState},
    staff::Staff,
    web::{Column, Draft, Error, Field, Page, Pager, active_filters, badge, day_of, download, empty, field, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    response::Response,
};
use maud::{Markup, html};

const PATH: &str = "/staff/recurring";

#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    after: String,
    before: String,
}

impl Asked {
    fn state(&self) -> Option<SubscriptionState> {
        self.state.parse().ok()
    }
}

fn key(row: &RecurringRow) -> String {
    format!("{}~{}", row.started_at, row.id)
}

pub(super) async fn page(
    _staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let query = query.unwrap_or_default();
    let state = asked.state();
    let backwards = !asked.before.is_empty();
    let from = Some(if backwards { &asked.before } else { &asked.after }).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut tx = app.db.read().await?;
    let mut rows = queries::recurring_rows(&mut tx, state, from.map(String::as_str), backwards, most).await?;
    let sums = queries::recurring_sums(&mut tx, state).await?;
    drop(tx);
    let pager = Pager::cut(&mut rows, PAGE, from.is_some(), backwards, key);
    let active: Vec<_> = state.map(|state| ("state", state.label())).into_iter().collect();
    let content = html! {
        (filter(&asked))
        (active_filters(PATH, &query, &active))
        @if rows.is_empty() && active.is_empty() {
            (empty("Gifts that come every month or every year will stand here, with the day of the next payment. A donor makes one on the donate page.", Some(("Open the donate page", "/donate"))))
        } @else if rows.is_empty() {
            (empty("No recurring gift is in this state.", Some(("Show all recurring gifts", PATH))))
        } @else {
            div.list-head {
                p { (text::count(sums.iter().map(|s| s.gifts).sum(), "recurring gift", "recurring gifts")) }
                a.button.secondary href=(with("/staff/recurring.csv", &query, &[("after", None), ("before", None)])) { "Download as CSV" }
            }
            (table(&rows, &sums, &zone))
            (pager.links(PATH, &query))
        }
    };
    Ok(Page::staff("Recurring gifts", content).wide())
}

fn filter(asked: &Asked) -> Markup {
    let mut states = vec![(String::new(), "Any state".to_owned())];
    states.extend(SubscriptionState::ALL.iter().map(|state| (state.to_string(), state.label())));
    let draft = Draft::of([("state", asked.state.clone())]);
    html! {
        details.filters open[asked.state().is_some()] {
            summary { "Filter" }
            form method="get" action=(PATH) { (Field { width: "medium", ..field("state", "State") }.select(&draft, &states)) button { "Show" } }
        }
    }
}

fn table(rows: &[RecurringRow], sums: &[RecurringSum], zone: &Zone) -> Markup {
    const COLUMNS: [Column<'static>; 6] = [
        Column::text("Donor"),
        Column::text("Fund"),
        Column::text("State"),
        Column::text("Next payment"),
        Column::text("Since"),
        Column::number("Amount"),
    ];
    html! {
        table {
            caption { "Recurring gifts" }
            thead { tr { @for column in COLUMNS { (column.heading(PATH, "", "")) } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { a href={ "/staff/donors/" (row.donor_id) } { (row.donor) } }
                        td data-label="Fund" { (row.fund) }
                        td data-label="State" { (badge(row.state, row.state.label())) }
                        td data-label="Next payment" { (next(row, zone)) }
                        td data-label="Since" { (day_of(row.started_at, zone)) }
                        td.num data-label="Amount" { (row.intended.of(row.currency)) " " (every(row.frequency)) }
                    }
                }
            }
            tfoot {
                @for sum in sums {
                    tr {
                        th scope="row" colspan="5" { "All " (text::number(sum.gifts)) " " (sum.state.label()) ", " (sum.frequency.label().to_lowercase()) }
                        td.num data-label="Amount" { (sum.intended.of(sum.currency)) " " (every(sum.frequency)) }
                    }
                }
            }
        }
    }
}

/// When money comes again, in a few words.
fn next(row: &RecurringRow, zone: &Zone) -> Markup {
    html! {
        @match (row.state, row.cancels_at, row.next_at) {
            (SubscriptionState::Cancelled | SubscriptionState::Ended, ..) => "none",
            (_, Some(at), _) => { "ends on " (day_of(at, zone)) }
            (_, None, Some(at)) => (day_of(at, zone)),
            (_, None, None) => "not known",
        }
    }
}

pub(super) const fn every(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Once => "once",
        Frequency::Monthly => "a month",
        Frequency::Yearly => "a year",
    }
}

pub(super) async fn csv(_staff: Staff, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    const HEADER: [&str; 9] = ["donor", "fund", "state", "next_payment", "since", "amount", "currency", "frequency", "id"];
    let zone = app.coalition.get().zone();
    let state = asked.state();
    let today = zone.day(app.clock.now());
    download(&format!("recurring-gifts-{today}.csv"), &HEADER, None::<String>, move |from| {
        let (app, zone) = (app.clone(), zone.clone());
        async move {
            let mut tx = app.db.read().await?;
            let most = i64::try_from(STEP).expect("a step is small");
            let rows = queries::recurring_rows(&mut tx, state, from.as_deref(), false, most).await?;
            let next = rows.last().filter(|_| rows.len() == STEP).map(|row| Some(key(row)));
            Ok((rows.iter().map(|row| record(row, &zone)).collect(), next))
        }
    })
}

fn record(row: &RecurringRow, zone: &Zone) -> Vec<String> {
    vec![
        row.donor.clone(),
        row.fund.clone(),
        row.state.to_string(),
        row.next_at.map(|at| zone.day(at).to_string()).unwrap_or_default(),
        zone.day(row.started_at).to_string(),
        row.intended.plain(row.currency),
        row.currency.code().to_uppercase(),
        row.frequency.to_string(),
        row.id.to_string(),
    ]
}
