//! The public roll, and a page for each organization on it.
use super::{
    Category, Organization, OrganizationId, Track,
    queries::{self, Belonging, Counts, Narrowed, Order},
    record,
    standing::{self, Standing},
};
use crate::{
    app::App,
    kernel::text,
    web::{Column, Download, Draft, Error, Field, Page, day, empty, field},
};
use axum::{
    Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Rows on one page, and on one that was asked to show all.
pub(super) const PAGE: i64 = 100;
const LONG_PAGE: i64 = 10_000;

pub(super) fn router() -> Router<App> {
    Router::new().route("/members", get(roll)).route("/members.csv", get(csv)).route("/members.json", get(json))
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
    /// These only staff narrow by.
    pub(super) tag: String,
    /// Who belongs, who left, or a standing.
    pub(super) who: String,
    pub(super) delegate: String,
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
            widely: false,
            tag: None,
            belonging: Belonging::Now,
            without_delegate: false,
            apart: true,
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

    /// The same, and what only staff narrow by.
    pub(super) fn narrowed_for_staff(&self) -> Narrowed {
        Narrowed {
            widely: true,
            apart: false,
            tag: Some(said(&self.tag).to_lowercase()).filter(|tag| !tag.is_empty()),
            belonging: self.standing().map_or_else(|| self.who.parse().unwrap_or(Belonging::Now), Belonging::of),
            without_delegate: self.delegate == "none",
            ..self.narrowed()
        }
    }

    /// The standing that staff narrow to.
    pub(super) fn standing(&self) -> Option<Standing> {
        self.who.parse().ok()
    }

    pub(super) fn sort(&self) -> &str {
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
            ("tag", &self.tag),
            ("who", &self.who),
            ("delegate", &self.delegate),
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
        Draft::of([
            ("q", &self.q),
            ("category", &self.category),
            ("state", &self.state),
            ("track", &self.track),
            ("tag", &self.tag),
            ("who", &self.who),
            ("delegate", &self.delegate),
        ])
    }
}

/// What an address says of one thing: no longer than any name, and without the characters that
/// PostgreSQL does not take.
pub(super) fn said(words: &str) -> String {
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
    let everybody = !narrowed_at_all(&narrowed);
    let retired = if everybody { queries::retired(&mut tx).await? } else { Vec::new() };
    let facts = if retired.is_empty() { Vec::new() } else { standing::all_facts(&mut tx).await? };
    let today = app.coalition.get().zone().day(app.clock.now());
    let coalition = app.coalition.get();
    let content = html! {
        (filters("/members", &asked, &categories, &states, &html! {}))
        div.list-head {
            p { strong { (in_words(counts)) } @if !everybody { " match. " a href="/members" { "Show all" } } }
            @if !rows.is_empty() { p.actions { a.button.quiet href={ "/members.csv?" (asked.query(1)) } { "Download as CSV" } a.button.quiet href={ "/members.json?" (asked.query(1)) } { "As JSON" } } }
        }
        @if rows.is_empty() {
            @if !everybody { (empty("No organization matches. Try fewer letters of its name, or another state.", Some(("Show all", "/members")))) }
            @else { (empty("Nobody has joined yet. The first member will stand here with number 1.", Some(("Join", "/join")))) }
        } @else {
            (tables(&rows, &asked))
            (pager("/members", &asked, counts))
        }
        @if !retired.is_empty() { (numbers_retired(&retired, &facts, today)) }
    };
    let description = format!("The member organizations and observers of {}.", coalition.name);
    Ok(Page::public("Members", content).describe(description).wide())
}

fn narrowed_at_all(narrowed: &Narrowed) -> bool {
    Narrowed { order: Order::default(), apart: false, ..narrowed.clone() } != Narrowed::default()
}

/// Who held a number that is never given again.
fn numbers_retired(retired: &[Organization], facts: &[standing::Fact], today: crate::kernel::Day) -> Markup {
    html! {
        details {
            summary { "Numbers retired (" (retired.len()) ")" }
            p { "An admission number is given once. These belonged to members who left and are not given again." }
            ul {
                @for o in retired {
                    @let own: Vec<_> = facts.iter().filter(|fact| fact.organization_id == o.id).cloned().collect();
                    @let state = standing::derive(&own, today);
                    li {
                        @if let Some(number) = o.admission_number { span.member-number { (number) } " " }
                        (o.name) ", member from " (day(o.admitted_on)) @if let Some(left) = o.left_on { " to " (day(left)) }
                        @if let Some(successor) = state.by.and_then(|fact| fact.successor) { "; merged into " (successor) }
                    }
                }
            }
        }
    }
}

/// `more` stands after the filters that visitors have too.
pub(super) fn filters(action: &str, asked: &Asked, categories: &[Category], states: &[String], more: &Markup) -> Markup {
    let draft = asked.draft();
    let mut kinds = vec![(String::new(), "All categories".to_owned())];
    kinds.extend(categories.iter().map(|c| (c.slug.clone(), c.name.clone())));
    let mut places = vec![(String::new(), "All states".to_owned())];
    places.extend(states.iter().map(|s| (s.clone(), s.clone())));
    let mut tracks = vec![("", "Members and observers".to_owned())];
    tracks.extend(Track::ALL.iter().map(|t| (t.as_str(), t.label())));
    html! {
        form.filters method="get" action=(action) role="search" {
            (Field { kind: "search", optional: true, width: "medium", ..field("q", "Name, former name or city") }.input(&draft))
            (Field { optional: true, ..field("category", "Category") }.select(&draft, &kinds))
            (Field { optional: true, ..field("state", "State") }.select(&draft, &places))
            (Field { optional: true, ..field("track", "Track") }.select(&draft, &tracks))
            (more)
            @if !asked.sort.is_empty() { input type="hidden" name="sort" value=(asked.sort); }
            button.secondary type="submit" { "Show" }
        }
    }
}

/// Members and observers, each track in a table of its own.
fn tables(rows: &[Organization], asked: &Asked) -> Markup {
    html! {
        @for (track, heading) in [(Track::Member, "Members"), (Track::Observer, "Observers")] {
            @let own: Vec<_> = rows.iter().filter(|row| row.track == track).collect();
            @if !own.is_empty() { section aria-labelledby=(track) { h2 id=(track) { (heading) } (table(&own, track, asked)) } }
        }
    }
}

fn table(rows: &[&Organization], track: Track, asked: &Asked) -> Markup {
    let query = asked.query(1);
    let heading = |column: Column| column.heading("/members", &query, asked.sort());
    let numbered = track == Track::Member;
    html! {
        table.roll {
            caption.visually-hidden { @if numbered { "Members with their admission numbers" } @else { "Observers, who have no admission number" } }
            thead { tr {
                @if numbered { (heading(Column::number("Number").sorted_by("number"))) }
                (heading(Column::text("Name").sorted_by("name")))
                (heading(Column::text("Category"))) (heading(Column::text("State"))) (heading(Column::text("Since").sorted_by("since")))
            } }
            tbody { @for row in rows { tr {
                @if numbered { td.member-number.num data-label="Number" { @if let Some(number) = row.admission_number { (number) } } }
                th scope="row" { (record::small_logo(row)) a href=(row.path()) { (row.name) } }
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
    let mut file = Download::new("members.csv", &["Number", "Name", "Track", "Category", "City", "State", "Since", "Website"])?;
    for row in &rows {
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

/// One organization of `/members.json`: what its public page says.
#[derive(Serialize)]
struct Listed<'a> {
    number: Option<i64>,
    name: &'a str,
    formerly: Vec<&'a str>,
    track: Track,
    category: &'a str,
    city: &'a str,
    state: &'a str,
    since: String,
    website: Option<&'a str>,
    page: String,
}

/// The same rows as the roll, with the same filters, for programs.
async fn json(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let rows = queries::listed(&mut tx, &asked.narrowed(), 0, 100_000).await?;
    let names = record::queries::all_former_names(&mut tx).await?;
    let mut former: HashMap<OrganizationId, Vec<&str>> = HashMap::new();
    for (id, name) in &names {
        former.entry(*id).or_default().push(name);
    }
    let listed: Vec<_> = rows
        .iter()
        .map(|o| Listed {
            number: o.admission_number,
            name: &o.name,
            formerly: former.remove(&o.id).unwrap_or_default(),
            track: o.track,
            category: &o.category,
            city: &o.city,
            state: &o.state_code,
            since: o.admitted_on.to_string(),
            website: o.website.as_deref(),
            page: app.url(&o.path()),
        })
        .collect();
    Ok(Json(listed).into_response())
}
