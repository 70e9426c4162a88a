//! The public roll, and a page for each organization on it.
use super::{
    Category, Organization, Track,
    queries::{self, Counts, Narrowed, Order},
};
use crate::{
    app::App,
    kernel::text,
    web::{Column, Download, Draft, Error, Field, Page, badge, day, empty, facts, field},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

/// Rows on one page, and on one that was asked to show all.
const PAGE: i64 = 100;
const LONG_PAGE: i64 = 10_000;

pub(super) fn router() -> Router<App> {
    Router::new().route("/members", get(roll)).route("/members.csv", get(csv)).route("/members/{name}", get(show))
}

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) q: String,
    pub(super) category: String,
    pub(super) state: String,
    pub(super) track: String,
    pub(super) sort: String,
    /// `all` for as many rows as a page can hold.
    pub(super) show: String,
    #[serde(deserialize_with = "page")]
    pub(super) page: i64,
}

/// Anything that is not a page is the first one.
fn page<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    String::deserialize(from).map(|s| s.parse().ok().filter(|page| (1..1_000_000).contains(page)).unwrap_or(1))
}

impl Asked {
    pub(super) fn narrowed(&self) -> Narrowed {
        let some = |s: &str| Some(said(s)).filter(|s| !s.is_empty());
        Narrowed {
            words: text::fold(&said(&self.q)),
            category: some(&self.category),
            state_code: some(&self.state).map(|s| s.to_uppercase()),
            track: self.track.parse().ok(),
            order: match self.sort.as_str() {
                "-number" => Order::NumberFalling,
                "name" => Order::Name,
                "-name" => Order::NameFalling,
                "since" => Order::Since,
                "-since" => Order::SinceFalling,
                _ => Order::Number,
            },
        }
    }

    fn sort(&self) -> &str {
        if self.sort.is_empty() { "number" } else { &self.sort }
    }

    /// Rows on one page.
    pub(super) fn size(&self) -> i64 {
        if self.show == "all" { LONG_PAGE } else { PAGE }
    }

    pub(super) fn first(&self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.size())
    }

    /// The same list on one long page, or on short ones.
    fn showing(&self, show: &str) -> Self {
        Self { show: show.to_owned(), ..self.clone() }
    }

    /// The query string, with another page.
    pub(super) fn query(&self, page: i64) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("category", &self.category),
            ("state", &self.state),
            ("track", &self.track),
            ("sort", &self.sort),
            ("show", &self.show),
        ] {
            if !value.is_empty() {
                out.append_pair(name, value);
            }
        }
        if page > 1 {
            out.append_pair("page", &page.to_string());
        }
        out.finish()
    }

    fn draft(&self) -> Draft {
        Draft::of([("q", &self.q), ("category", &self.category), ("state", &self.state), ("track", &self.track)])
    }
}

/// What an address says of one thing: no longer than any name, and without the characters that
/// PostgreSQL does not take.
fn said(words: &str) -> String {
    text::line(words).chars().take(200).collect()
}

/// `39 members and 6 observers`.
pub(super) fn in_words(counts: Counts) -> String {
    let members = text::count(counts.members, "member", "members");
    let observers = text::count(counts.observers, "observer", "observers");
    match (counts.members, counts.observers) {
        (_, 0) => members,
        (0, _) => observers,
        _ => format!("{members} and {observers}"),
    }
}

async fn roll(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let narrowed = asked.narrowed();
    let mut tx = app.db.read().await?;
    let rows = queries::listed(&mut tx, &narrowed, asked.first(), asked.size()).await?;
    let counts = queries::counted(&mut tx, &narrowed).await?;
    let categories = queries::categories(&mut tx).await?;
    let states = queries::states(&mut tx).await?;
    let coalition = app.coalition.get();
    let content = html! {
        (filters("/members", &asked, &categories, &states))
        div.list-head {
            p { strong { (in_words(counts)) } @if narrowed_at_all(&narrowed) { " match. " a href="/members" { "Show all" } } }
            @if !rows.is_empty() { p.actions { a.button.quiet href={ "/members.csv?" (asked.query(1)) } { "Download as CSV" } } }
        }
        @if rows.is_empty() {
            @if narrowed_at_all(&narrowed) { (empty("No organization matches. Try fewer letters of its name, or another state.", Some(("Show all", "/members")))) }
            @else { (empty("Nobody has joined yet. The first member will stand here with number 1.", Some(("Join", "/join")))) }
        } @else {
            (table(&rows, &asked))
            (pager("/members", &asked, counts))
        }
    };
    let description = format!("The member organizations and observers of {}.", coalition.name);
    Ok(Page::public("Members", content).describe(description).wide())
}

fn narrowed_at_all(narrowed: &Narrowed) -> bool {
    Narrowed { order: Order::default(), ..narrowed.clone() } != Narrowed::default()
}

pub(super) fn filters(action: &str, asked: &Asked, categories: &[Category], states: &[String]) -> Markup {
    let draft = asked.draft();
    let mut kinds = vec![(String::new(), "All categories".to_owned())];
    kinds.extend(categories.iter().map(|c| (c.slug.clone(), c.name.clone())));
    let mut places = vec![(String::new(), "All states".to_owned())];
    places.extend(states.iter().map(|s| (s.clone(), s.clone())));
    let mut tracks = vec![("", "Members and observers".to_owned())];
    tracks.extend(Track::ALL.iter().map(|t| (t.as_str(), t.label())));
    html! {
        form.filters method="get" action=(action) role="search" {
            (Field { kind: "search", optional: true, width: "medium", ..field("q", "Name or city") }.input(&draft))
            (Field { optional: true, ..field("category", "Category") }.select(&draft, &kinds))
            (Field { optional: true, ..field("state", "State") }.select(&draft, &places))
            (Field { optional: true, ..field("track", "Track") }.select(&draft, &tracks))
            @if !asked.sort.is_empty() { input type="hidden" name="sort" value=(asked.sort); }
            button.secondary type="submit" { "Show" }
        }
    }
}

fn table(rows: &[Organization], asked: &Asked) -> Markup {
    let query = asked.query(1);
    let heading = |column: Column| column.heading("/members", &query, asked.sort());
    html! {
        table.roll {
            caption { "Organizations by admission number; observers have none" }
            thead { tr {
                (heading(Column::number("Number").sorted_by("number"))) (heading(Column::text("Name").sorted_by("name")))
                (heading(Column::text("Category"))) (heading(Column::text("State"))) (heading(Column::text("Since").sorted_by("since")))
            } }
            tbody { @for row in rows { tr {
                td.member-number.num data-label="Number" { @if let Some(number) = row.admission_number { (number) } @else { "Observer" } }
                th scope="row" { a href=(row.path()) { (row.name) } }
                td data-label="Category" { (row.category) }
                td data-label="State" { (row.state_code) }
                td data-label="Since" { (day(row.admitted_on)) }
            } } }
        }
    }
}

pub(super) fn pager(path: &str, asked: &Asked, counts: Counts) -> Markup {
    let (all, size) = (counts.members + counts.observers, asked.size());
    let (page, last) = (asked.page.max(1), (all + size - 1) / size);
    html! {
        @if all > PAGE {
            nav.pager aria-label="Pages" {
                @if page > 1 { a rel="prev" href={ (path) "?" (asked.query(page - 1)) } { "Previous page" } }
                @if last > 1 { span { "Page " (page) " of " (last) } }
                @if page < last { a rel="next" href={ (path) "?" (asked.query(page + 1)) } { "Next page" } }
                @if size == PAGE { a href={ (path) "?" (asked.showing("all").query(1)) } { "Show all " (text::number(all.min(LONG_PAGE))) } }
                @else { a href={ (path) "?" (asked.showing("").query(1)) } { "Show " (PAGE) " a page" } }
            }
        }
    }
}

async fn csv(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let rows = queries::listed(&mut app.db.read().await?, &asked.narrowed(), 0, 100_000).await?;
    download("members.csv", &rows)
}

pub(super) fn download(name: &str, rows: &[Organization]) -> Result<Response, Error> {
    let mut file = Download::new(name, &["Number", "Name", "Track", "Category", "City", "State", "Since", "Website"])?;
    for row in rows {
        file.row(&[
            row.admission_number.map_or_else(String::new, |n| n.to_string()),
            row.name.clone(),
            row.track.label(),
            row.category.clone(),
            row.city.clone(),
            row.state_code.clone(),
            row.admitted_on.to_string(),
            row.website.clone().unwrap_or_default(),
        ])?;
    }
    file.finish()
}

/// `39-international-justice-project`, `39`, or an observer's name. Every other spelling leads to the right one.
async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    let found = match digits.parse::<i64>() {
        Ok(number) => queries::by_number(&mut tx, number).await?,
        Err(_) => queries::by_slug(&mut tx, &said(&name)).await?,
    };
    let organization = found.ok_or(Error::NotFound)?;
    if organization.path() != format!("/members/{name}") {
        return Ok(Redirect::permanent(&organization.path()).into_response());
    }
    let coalition = app.coalition.get();
    let place = format!("{}, {}", organization.city, organization.state_code);
    let since = html! { (day(organization.admitted_on)) };
    let mut rows = vec![("Category", html! { (organization.category) }), ("Place", html! { (place) }), ("Since", since)];
    if let Some(founded) = organization.founded {
        rows.push(("Founded", html! { (founded) }));
    }
    if let Some(website) = &organization.website {
        rows.push(("Website", html! { a href=(website) rel="nofollow" { (website) } }));
    }
    let content = html! {
        header.org-head {
            @match organization.admission_number {
                Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                None => p.member-number { "Observer" },
            }
            h1 { (organization.name) }
            @if !organization.mission.is_empty() { p.lead { (organization.mission) } }
            (badge(organization.track, organization.track.label()))
        }
        (facts(&rows))
        p { a href="/members" { "All members" } }
    };
    let title = organization.name.clone();
    Ok(Page::public(title, content).own_heading().crumb("Members", "/members").describe(organization.mission).into_response())
}
