//! Recurring gifts: who has promised to give again, when the next payment is due, what they come to.
use super::{
    PAGE, STEP,
    queries::{self, RecurringRow, RecurringSum, Which},
};
use crate::{
    app::App,
    gifts::{AnnualValue, annual_values},
    kernel::{Zone, text},
    payments::{Frequency, SubscriptionState},
    staff::Staff,
    web::{Column, Draft, Error, Field, Page, Pager, active_filters, badge, day_of, download, empty, field, figure, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    response::Response,
};
use maud::{Markup, html};

pub(super) const PATH: &str = "/staff/recurring";

const AT_RISK: &str = "at_risk";

#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    after: String,
    before: String,
}

impl Asked {
    fn which(&self) -> Which {
        Which { state: self.state.parse().ok(), at_risk: self.state == AT_RISK }
    }

    fn label(&self) -> Option<String> {
        let Which { state, at_risk } = self.which();
        state.map(SubscriptionState::label).or_else(|| at_risk.then(|| "At risk".to_owned()))
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
    let which = asked.which();
    let backwards = !asked.before.is_empty();
    let from = Some(if backwards { &asked.before } else { &asked.after }).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut tx = app.db.read().await?;
    let mut rows = queries::recurring_rows(&mut tx, which, from.map(String::as_str), backwards, most).await?;
    let sums = queries::recurring_sums(&mut tx, which).await?;
    drop(tx);
    let today = zone.day(app.clock.now());
    let kept = format!("annual {today} {}", app.coalition.get().time_zone);
    let values = {
        let zone = zone.clone();
        app.db.figures(kept, async move |tx| annual_values(tx, today, &zone).await).await?
    };
    let pager = Pager::cut(&mut rows, PAGE, from.is_some(), backwards, key);
    let active: Vec<_> = asked.label().map(|label| ("state", label)).into_iter().collect();
    let content = html! {
        (figures(&values, today.year()))
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

/// What recurring gifts come to, this year and next.
fn figures(values: &[AnnualValue], year: i16) -> Markup {
    html! {
        @if !values.is_empty() {
            div.figures {
                @for value in values {
                    @let of = |amount: crate::kernel::Cents| amount.of(value.currency);
                    (figure(&format!("Worth in {year}"), of(value.this_year()), None,
                        Some(html! { (of(value.received)) " arrived, " (of(value.due)) " still due" })))
                    (figure(&format!("Worth in {}", year + 1), of(value.next_year), None, Some(html! { "If all go on as they are" })))
                }
            }
            details {
                summary { "What these numbers count" }
                dl.facts {
                    div { dt { "Arrived" } dd { "Received payments of recurring gifts since the first of January, as they were intended, less refunds." } }
                    div { dt { "Still due" } dd { "Payments that fall due by the end of the year if each gift goes on as it is. Gifts that are stopped, or paused without an end, count nothing; those whose last payment failed count." } }
                    div { dt { "At risk" } dd { "Active, and the card runs out before the next payment." } }
                }
            }
        }
    }
}

fn filter(asked: &Asked) -> Markup {
    let mut states = vec![(String::new(), "Any state".to_owned())];
    states.extend(SubscriptionState::ALL.iter().map(|state| (state.to_string(), state.label())));
    states.push((AT_RISK.to_owned(), "At risk".to_owned()));
    let draft = Draft::of([("state", asked.state.clone())]);
    html! {
        details.filters open[asked.label().is_some()] {
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
                        th scope="row" { a href={ "/staff/recurring/" (row.id) } { (row.donor) } }
                        td data-label="Fund" { (row.fund) }
                        td data-label="State" {
                            (badge(row.state, row.state.label()))
                            @if row.is_at_risk(zone) { " " (badge("warn", "At risk")) " The card runs out before the next payment." }
                            @if row.state == SubscriptionState::PastDue && let Some(failure) = &row.failure { " " (failure) }
                        }
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
            (SubscriptionState::Paused, ..) => { "paused" @if let Some(at) = row.resumes_at { " until " (day_of(at, zone)) } }
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
    let which = asked.which();
    let today = zone.day(app.clock.now());
    download(&format!("recurring-gifts-{today}.csv"), &HEADER, None::<String>, move |from| {
        let (app, zone) = (app.clone(), zone.clone());
        async move {
            let mut tx = app.db.read().await?;
            let most = i64::try_from(STEP).expect("a step is small");
            let rows = queries::recurring_rows(&mut tx, which, from.as_deref(), false, most).await?;
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

impl RecurringRow {
    fn is_at_risk(&self, zone: &Zone) -> bool {
        let runs_out = self.card_until.zip(self.next_at).is_some_and(|(until, next)| until < zone.day(next));
        self.state == SubscriptionState::Active && self.cancels_at.is_none() && runs_out
    }
}
