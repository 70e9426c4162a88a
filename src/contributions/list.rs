//! The contributions of all organizations, the latest first, for one period or for all; and as a file.
use super::{
    Standing,
    pages::{badge_of, path},
    past_due, queries, standing,
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, text},
    members::{self, Brief, OrganizationId},
    staff::Staff,
    web::{Draft, Error, Field, Page, Pager, day, download, empty, field, money, with},
};
use axum::{
    Router,
    extract::{Query, RawQuery, State as Held},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::HashMap;

const PATH: &str = "/staff/contributions";
/// Rows on one page, and read at a time for a file.
const PAGE: usize = 50;
const STEP: usize = 1_000;

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(list)).route("/staff/contributions.csv", get(csv))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    period: String,
    /// `overdue` shows what is past its day.
    state: String,
    after: String,
    before: String,
}

impl Asked {
    fn period(&self) -> Option<&str> {
        Some(self.period.as_str()).filter(|period| !period.is_empty())
    }

    fn overdue(&self) -> bool {
        self.state == "overdue"
    }
}

type Names = HashMap<OrganizationId, Brief>;

/// At most `most` rows from a key on, in the way of [`queries::listed`].
async fn rows(
    tx: &mut Tx,
    (asked, today): (&Asked, Day),
    key: Option<i64>,
    backwards: bool,
    most: usize,
) -> sqlx::Result<(Vec<Standing>, Names)> {
    let all = if asked.overdue() {
        let beyond = |c: &Standing| key.is_none_or(|key| if backwards { c.of.number > key } else { c.of.number < key });
        let of_period = |c: &Standing| asked.period().is_none_or(|period| c.of.period == period);
        let mut all = past_due(tx, today).await?;
        all.retain(|c| beyond(c) && of_period(c));
        if backwards {
            all.reverse();
        }
        all.truncate(most);
        all
    } else {
        let most = i64::try_from(most).expect("a page is small");
        let all = queries::listed(tx, asked.period(), key, backwards, most).await?;
        standing(tx, all).await?
    };
    let mut ids: Vec<_> = all.iter().map(|c| c.of.organization_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = members::briefly(tx, &ids).await?.into_iter().map(|brief| (brief.id, brief)).collect();
    Ok((all, names))
}

async fn list(Held(app): Held<App>, _: Staff, Query(asked): Query<Asked>, RawQuery(query): RawQuery) -> Result<Page, Error> {
    let query = query.unwrap_or_default();
    let backwards = !asked.before.is_empty();
    let key = if backwards { &asked.before } else { &asked.after }.parse().ok();
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let (mut all, names) = rows(&mut tx, (&asked, today), key, backwards, PAGE + 1).await?;
    let periods = queries::periods(&mut tx).await?;
    let in_all = queries::asked_in_all(&mut tx, asked.period()).await?;
    drop(tx);
    let pager = Pager::cut(&mut all, PAGE, key.is_some(), backwards, |c| c.of.number.to_string());
    let content = html! {
        p.lead { "What organizations were asked to contribute. Standing does not depend on it." }
        @if periods.is_empty() {
            (empty("No organization was asked for a contribution yet. Each is asked from its own page.", Some(("Go to the organizations", "/staff/organizations"))))
        } @else {
            (filters(&asked, &periods))
            @if all.is_empty() && asked.overdue() { (empty("Nothing of the last twelve months is past its day.", Some(("Show all", PATH)))) }
            @else if all.is_empty() { (empty("Nothing was asked for this period.", Some(("Show all", PATH)))) }
            @else {
                div.list-head {
                    p { @if asked.overdue() { "Past their day within the last twelve months. " } @else { @for (currency, count, amount) in &in_all { (text::count(*count, "contribution", "contributions")) ", " (money(amount.of(*currency))) " in all. " } } "The latest first." }
                    a.button.secondary href=(with("/staff/contributions.csv", &query, &[("after", None), ("before", None)])) { "Download as CSV" }
                }
                (table(&all, &names))
                (pager.links(PATH, &query))
            }
        }
    };
    Ok(Page::staff("Contributions", content).crumb("Staff", "/staff").crumb("Organizations", "/staff/organizations").wide())
}

fn filters(asked: &Asked, periods: &[String]) -> Markup {
    let draft = Draft::of([("period", asked.period.as_str()), ("state", asked.state.as_str())]);
    let states = [(String::new(), "All".to_owned()), ("overdue".to_owned(), "Past their day".to_owned())];
    let mut choices = vec![(String::new(), "All periods".to_owned())];
    choices.extend(periods.iter().map(|period| (period.clone(), period.clone())));
    html! {
        form.filters method="get" action=(PATH) role="search" {
            (Field { optional: true, ..field("period", "Period") }.select(&draft, &choices))
            (Field { optional: true, ..field("state", "Which") }.select(&draft, &states))
            button.secondary type="submit" { "Show" }
        }
    }
}

fn name(names: &Names, id: OrganizationId) -> &str {
    names.get(&id).map_or("", |brief| brief.name.as_str())
}

fn table(all: &[Standing], names: &Names) -> Markup {
    html! {
        table {
            caption { "Contributions" }
            thead { tr {
                th scope="col" { "Organization" } th scope="col" { "For" } th.num scope="col" { "Amount" } th scope="col" { "Due" }
                th scope="col" { "State" } th scope="col" { "Invoice" }
            } }
            tbody { @for c in all { tr {
                th scope="row" { a href=(path(c.of.organization_id)) { (name(names, c.of.organization_id)) } }
                td data-label="For" { (c.of.period) }
                td.num data-label="Amount" { (money(c.of.money())) }
                td data-label="Due" { (day(c.of.due_day)) }
                td data-label="State" { span {
                    (badge_of(c.state))
                    @if let Some(on) = c.paid_on { " " (day(on)) }
                    @if c.also_by_card { br; strong { "Paid by card, too" } }
                } }
                td data-label="Invoice" { a href={ (PATH) "/" (c.of.id) "/invoice" } { (c.of.number) span.visually-hidden { ", PDF" } } }
            } } }
        }
    }
}

async fn csv(Held(app): Held<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    const HEADER: [&str; 10] =
        ["invoice", "organization", "period", "amount", "currency", "due", "state", "paid_on", "also_by_card", "note"];
    let today = app.coalition.get().zone().day(app.clock.now());
    download(&format!("contributions-{today}.csv"), &HEADER, None::<i64>, move |key| {
        let (app, asked) = (app.clone(), asked.clone());
        async move {
            let (all, names) = rows(&mut app.db.read().await?, (&asked, today), key, false, STEP).await?;
            let next = all.last().filter(|_| all.len() == STEP).map(|c| Some(c.of.number));
            Ok((all.iter().map(|c| record(c, name(&names, c.of.organization_id))).collect(), next))
        }
    })
}

fn record(c: &Standing, name: &str) -> Vec<String> {
    vec![
        c.of.number.to_string(),
        name.to_owned(),
        c.of.period.clone(),
        c.of.amount.plain(c.of.currency),
        c.of.currency.code().to_uppercase(),
        c.of.due_day.to_string(),
        c.state.label(),
        c.paid_on.map(|on| on.to_string()).unwrap_or_default(),
        if c.also_by_card { "yes" } else { "no" }.to_owned(),
        text::line(&c.of.closed_note),
    ]
}
