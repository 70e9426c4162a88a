//! The public roll, and what the roll of staff shares with it.
mod asked;
mod files;

use super::{
    Category, Organization, OrganizationId, Track,
    queries::{self, Counts, Narrowed, Order},
    record, standing,
};
use crate::{
    app::App,
    kernel::{Day, text},
    web::{Column, Error, Field, Page, day, empty, field},
};
use asked::{LONG_PAGE, PAGE};
use axum::{
    Router,
    extract::{Query, State},
    routing::get,
};
use maud::{Markup, html};
use std::collections::HashMap;

pub(super) use asked::{Asked, said};

pub(super) fn router() -> Router<App> {
    Router::new().route("/members", get(roll)).route("/members.csv", get(files::csv)).route("/members.json", get(files::json))
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
        @if !retired.is_empty() { (numbers_retired(&retired, facts, today)) }
    };
    let description = format!("The member organizations and observers of {}.", coalition.name);
    Ok(Page::public("Members", content).describe(description).wide())
}

fn narrowed_at_all(narrowed: &Narrowed) -> bool {
    Narrowed { order: Order::default(), apart: false, ..narrowed.clone() } != Narrowed::default()
}

/// Who held a number that is never given again.
fn numbers_retired(retired: &[Organization], facts: Vec<standing::Fact>, today: Day) -> Markup {
    let mut of: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    for fact in facts {
        of.entry(fact.organization_id).or_default().push(fact);
    }
    html! {
        details {
            summary { "Numbers retired (" (retired.len()) ")" }
            p { "An admission number is given once. These belonged to members who left and are not given again." }
            ul {
                @for o in retired {
                    @let state = standing::derive(of.get(&o.id).map_or(&[][..], Vec::as_slice), today);
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
