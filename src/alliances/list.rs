//! Every alliance as staff see them: by state, place and health; and as CSV.
use super::{
    AllianceState, Overview,
    form::today,
    health::{self, Health},
    places, queries,
};
use crate::{
    app::App,
    kernel::{Day, text},
    staff::Staff,
    web::{Column, Download, Draft, Error, Field, Page, active_filters, badge, day, empty, field, with},
};
use axum::{
    Router,
    extract::{Query, RawQuery, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

const HERE: &str = "/staff/alliances";

pub(super) fn router() -> Router<App> {
    Router::new().route(HERE, get(list)).route("/staff/alliances.csv", get(csv))
}

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    place: String,
    health: String,
    sort: String,
}

/// An alliance with the verdict over it.
struct Row {
    of: Overview,
    health: Health,
    warnings: Vec<health::Warning>,
}

impl Asked {
    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.state.is_empty() && self.place.is_empty() && self.health.is_empty())
    }

    fn sort(&self) -> &str {
        if self.sort.is_empty() { "name" } else { &self.sort }
    }

    /// Alliances are at most some hundred, so they are chosen and ordered here.
    fn choose(&self, all: Vec<Overview>, today: Day) -> Vec<Row> {
        let words = text::fold(&text::line(&self.q));
        let state = self.state.parse::<AllianceState>().ok();
        let wanted = self.health.parse::<Health>().ok();
        let place = places::state_of(&self.place);
        let mut rows: Vec<Row> = all
            .into_iter()
            .map(|of| Row { health: health::health(&of, today), warnings: health::warnings(&of, today), of })
            .filter(|row| state.is_none_or(|s| row.of.alliance.state == s))
            .filter(|row| wanted.is_none_or(|h| row.health == h))
            .filter(|row| place.is_none_or(|code| places::reaches(&row.of.territories, code)))
            .filter(|row| words.is_empty() || haystack(&row.of).contains(&words))
            .collect();
        let ill = |row: &Row| match row.health {
            Health::Bad => 0,
            Health::Warn => 1,
            Health::Good => 2,
            Health::Resting => 3,
        };
        match self.sort().trim_start_matches('-') {
            "health" => rows.sort_by_key(ill),
            "state" => rows.sort_by_key(|row| row.of.alliance.state),
            "activity" => rows.sort_by_key(|row| row.of.last_activity),
            "roster" => rows.sort_by_key(|row| row.of.roster),
            _ => {}
        }
        if self.sort().starts_with('-') {
            rows.reverse();
        }
        rows
    }
}

fn haystack(of: &Overview) -> String {
    let people: Vec<_> = of.terms.iter().map(|term| term.name.as_str()).collect();
    let host = of.host.as_ref().map_or("", |host| host.organization.name.as_str());
    text::fold(&format!("{} {} {} {host}", of.alliance.name, of.territory(), people.join(" ")))
}

async fn list(
    State(app): State<App>,
    staff: Staff,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let (query, today) = (query.unwrap_or_default(), today(&app));
    let mut tx = app.db.read().await?;
    let all = queries::overviews(&mut tx, today).await?;
    let (_, starts) = queries::requests_waiting(&mut tx).await?;
    let (total, rows) = (all.len(), asked.choose(all, today));
    let count = text::count(i64::try_from(rows.len()).unwrap_or(i64::MAX), "alliance", "alliances");
    let content = html! {
        @if starts > 0 {
            div.notice data-mood="info" { p {
                (text::count(starts, "person asks", "people ask")) " to start an alliance. " a href="/staff/alliances/requests" { "Read and answer" }
            } }
        }
        @if total > 0 { (filters(&asked)) (active(&asked, &query)) }
        div.list-head {
            p { strong { (count) } }
            p.actions {
                @if staff.may_admit().is_ok() { a.button href="/staff/alliances/new" { "Begin an alliance" } }
                @if staff.may_import().is_ok() { a.button.quiet href="/staff/imports" { "Import" } }
                a.button.quiet href="/staff/alliances/requests" { "Requests to start one" }
                @if !rows.is_empty() { a.button.quiet href=(with("/staff/alliances.csv", &query, &[])) { "Download as CSV" } }
            }
        }
        @if total == 0 {
            (empty("No alliance yet. Each will stand here with its territory, its leader, its host organization, how far it has come and how it is.",
                Some(("Begin an alliance", "/staff/alliances/new")).filter(|_| staff.may_admit().is_ok())))
        } @else if rows.is_empty() {
            (empty("No alliance matches.", Some(("Show all", HERE))))
        } @else { (table(&rows, &asked, &query, today)) }
    };
    Ok(Page::staff("Alliances", content).crumb("Staff", "/staff").wide().script("staff.js"))
}

fn filters(asked: &Asked) -> Markup {
    let draft = Draft::of([("q", &asked.q), ("state", &asked.state), ("place", &asked.place), ("health", &asked.health)]);
    let mut states = vec![("", "All steps".to_owned())];
    states.extend(AllianceState::ALL.iter().map(|s| (s.as_str(), s.label())));
    let mut verdicts = vec![("", "Any".to_owned())];
    verdicts.extend(Health::ALL.iter().map(|h| (h.as_str(), h.label())));
    html! {
        form.filters method="get" action=(HERE) role="search" {
            (Field { kind: "search", optional: true, ..field("q", "Name, place, leader or host") }.input(&draft))
            (Field { optional: true, ..field("state", "How far it is") }.select(&draft, &states))
            (Field { optional: true, ..field("place", "State") }.select(&draft, &places::choices("All states")))
            (Field { optional: true, ..field("health", "How it is") }.select(&draft, &verdicts))
            @if !asked.sort.is_empty() { input type="hidden" name="sort" value=(asked.sort); }
            button type="submit" { "Show" }
        }
    }
}

fn active(asked: &Asked, query: &str) -> Markup {
    let mut words = Vec::new();
    if !asked.q.is_empty() {
        words.push(("q", format!("with “{}”", text::line(&asked.q))));
    }
    if let Ok(state) = asked.state.parse::<AllianceState>() {
        words.push(("state", state.label().to_lowercase()));
    }
    if let Some(name) = places::state_of(&asked.place).and_then(places::state_name) {
        words.push(("place", format!("in {name}")));
    }
    if let Ok(health) = asked.health.parse::<Health>() {
        words.push(("health", health.label().to_lowercase()));
    }
    active_filters(HERE, query, &words)
}

fn table(rows: &[Row], asked: &Asked, query: &str, today: Day) -> Markup {
    let heading = |column: Column| column.heading(HERE, query, asked.sort());
    html! {
        table {
            caption { "Alliances" @if asked.filtered() { " that match" } }
            thead { tr {
                (heading(Column::text("Name").sorted_by("name"))) (heading(Column::text("Territory"))) (heading(Column::text("Leader")))
                (heading(Column::text("How far").sorted_by("state"))) (heading(Column::text("How it is").sorted_by("health")))
                (heading(Column::text("Last activity").sorted_by("activity"))) (heading(Column::number("Roster").sorted_by("roster")))
            } }
            tbody { @for row in rows {
                @let base = format!("/staff/alliances/{}", row.of.alliance.id);
                tr {
                    th scope="row" { a href=(base) { (row.of.alliance.name) } }
                    td data-label="Territory" { (row.of.territory()) }
                    td data-label="Leader" { (leaders(&row.of, today)) }
                    td data-label="How far" { (badge(state_mood(row.of.alliance.state), row.of.alliance.state.label())) }
                    td data-label="How it is" { span {
                        (badge(row.health, row.health.label()))
                        @if let Some(first) = row.warnings.first() { " " small { (first.words) } } } }
                    td data-label="Last activity" { @if let Some(on) = row.of.last_activity { (day(on)) } @else { "None" } }
                    td.num data-label="Roster" { a href={ (base) "/roster" } { (row.of.roster) } }
                }
            } }
        }
    }
}

pub(super) fn leaders(of: &Overview, today: Day) -> String {
    let names: Vec<_> = of.leaders(today).iter().map(|term| term.name.as_str()).collect();
    if names.is_empty() { "Nobody".to_owned() } else { names.join(", ") }
}

/// The colour of a state: one the stylesheet has.
pub(super) const fn state_mood(state: AllianceState) -> &'static str {
    match state {
        AllianceState::Launched => "active",
        AllianceState::Organizing => "running",
        AllianceState::Prospective | AllianceState::Hosted | AllianceState::Visited => "draft",
        AllianceState::Dormant => "warn",
        AllianceState::Closed => "closed",
    }
}

async fn csv(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let today = today(&app);
    let rows = asked.choose(queries::overviews(&mut app.db.read().await?, today).await?, today);
    let mut file = Download::new(
        "alliances.csv",
        &[
            "Name",
            "Territory",
            "Leader",
            "Host organization",
            "How far",
            "How it is",
            "Warnings",
            "Launched",
            "Last activity",
            "Last contact",
            "Roster",
        ],
    )?;
    let on = |day: Option<Day>| day.map_or_else(String::new, |day| day.to_string());
    for row in &rows {
        let warnings: Vec<_> = row.warnings.iter().map(|w| w.words.as_str()).collect();
        file.row(&[
            row.of.alliance.name.clone(),
            row.of.territory(),
            leaders(&row.of, today),
            row.of.host.as_ref().map_or_else(String::new, |h| h.organization.name.clone()),
            row.of.alliance.state.label(),
            row.health.label(),
            warnings.join(" "),
            on(row.of.launched_on),
            on(row.of.last_activity),
            on(row.of.last_contact),
            row.of.roster.to_string(),
        ])?;
    }
    file.finish()
}
