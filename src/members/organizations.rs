//! Organizations as staff find them: the list, searched and narrowed by more than the roll, and as a file.
use super::{
    Organization, OrganizationId, Track,
    queries::{self, Belonging, Counts, Narrowed},
    reaffirmation::{self, Basis, Rhythm},
    record,
    roll::{self, Asked},
    standing::{self, Fact, Standing, State as Stands},
};
use crate::{
    app::App,
    db::Tx,
    kernel::Day,
    settings,
    staff::Staff,
    web::{Column, Download, Draft, Error, Field, Page, day, empty, field},
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use std::collections::HashMap;

const PATH: &str = "/staff/organizations";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(list)).route("/staff/organizations.csv", get(csv))
}

/// What a row needs besides the organization.
struct Around {
    facts: HashMap<OrganizationId, Vec<Fact>>,
    rhythm: Rhythm,
    bases: HashMap<OrganizationId, Basis>,
    delegates: HashMap<OrganizationId, String>,
    today: Day,
}

impl Around {
    async fn read(tx: &mut Tx, today: Day) -> sqlx::Result<Self> {
        let mut facts: HashMap<_, Vec<_>> = HashMap::new();
        for fact in standing::all_facts(tx).await? {
            facts.entry(fact.organization_id).or_default().push(fact);
        }
        let rhythm: Rhythm = settings::get(tx).await?;
        let bases = if rhythm.asks() { reaffirmation::queries::bases(tx).await? } else { Vec::new() };
        let bases = bases.into_iter().map(|basis| (basis.organization_id, basis)).collect();
        Ok(Self { facts, rhythm, bases, delegates: queries::delegates(tx).await?.into_iter().collect(), today })
    }

    fn stands(&self, id: OrganizationId) -> Stands {
        let facts = self.facts.get(&id).map_or(&[][..], Vec::as_slice);
        let due = self.bases.get(&id).and_then(|basis| self.rhythm.due(basis.affirmed(facts, self.today)));
        standing::derive(facts, self.today).with_due(&self.rhythm, due, self.today)
    }

    fn delegate(&self, id: OrganizationId) -> &str {
        self.delegates.get(&id).map_or("", String::as_str)
    }
}

/// As many rows as a roll can have.
const EVERY: i64 = 100_000;

/// The rows of a stretch of the list, and how many it has as a whole. A standing is derived, not stored, so
/// whoever asks for one has all rows looked at, of a few thousand at most.
async fn stretch(
    tx: &mut Tx,
    asked: &Asked,
    around: &Around,
    first: i64,
    most: i64,
) -> sqlx::Result<(Vec<Organization>, Counts)> {
    let narrowed = asked.narrowed_for_staff();
    let Some(standing) = asked.standing() else {
        return Ok((queries::listed(tx, &narrowed, first, most).await?, queries::counted(tx, &narrowed).await?));
    };
    let mut rows = queries::listed(tx, &narrowed, 0, EVERY).await?;
    rows.retain(|row| around.stands(row.id).standing == standing);
    let of = |track| i64::try_from(rows.iter().filter(|row| row.track == track).count()).unwrap_or_default();
    let counts = Counts { members: of(Track::Member), observers: of(Track::Observer) };
    let [first, most] = [first, most].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    Ok((rows.into_iter().skip(first).take(most).collect(), counts))
}

async fn list(State(app): State<App>, staff: Staff, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let narrowed = asked.narrowed_for_staff();
    let mut tx = app.db.read().await?;
    let around = Around::read(&mut tx, app.coalition.get().zone().day(app.clock.now())).await?;
    let (rows, counts) = stretch(&mut tx, &asked, &around, asked.first(), asked.size()).await?;
    let categories = queries::categories(&mut tx).await?;
    let states = queries::states(&mut tx).await?;
    let tags = record::queries::all_tags(&mut tx).await?;
    let everybody =
        asked.standing().is_none() && narrowed == Narrowed { widely: true, order: narrowed.order, ..Narrowed::default() };
    let content = html! {
        (roll::filters(PATH, &asked, &categories, &states, &own_filters(&asked, &tags)))
        div.list-head {
            p { strong { (roll::in_words(counts)) } @if !everybody { " match. " a href=(PATH) { "Show all" } } }
            p.actions {
                a.button.quiet href="/staff/reaffirmations" { "Reaffirmations" }
                a.button.quiet href="/staff/changes" { "Changes asked for" }
                a.button.quiet href="/staff/contributions" { "Contributions" }
                a.button.quiet href="/staff/register" { "Admission register" }
                @if staff.may_import().is_ok() { a.button.quiet href="/staff/imports" { "Import" } }
                @if !rows.is_empty() { a.button.quiet href={ "/staff/organizations.csv?" (asked.query(1)) } { "Download as CSV" } }
            }
        }
        @if rows.is_empty() {
            @if everybody { (empty("Nobody belongs yet. An organization comes here when its application is approved; one that joined before Convener is entered in the register.", Some(if staff.may_admit().is_ok() { ("Enter a past member", "/staff/register/new") } else { ("Applications", "/staff/applications") }))) }
            @else { (empty("No organization matches. Try fewer letters, or look among those who left.", Some(("Show all", PATH)))) }
        } @else {
            (table(&rows, &asked, &around))
            (roll::pager(PATH, &asked, counts))
        }
    };
    Ok(Page::staff("Organizations", content).crumb("Staff", "/staff").wide())
}

fn own_filters(asked: &Asked, tags: &[String]) -> Markup {
    let draft = Draft::of([("tag", &asked.tag), ("who", &asked.who), ("delegate", &asked.delegate)]);
    let mut words = vec![(String::new(), "All tags".to_owned())];
    words.extend(tags.iter().map(|tag| (tag.clone(), tag.clone())));
    let mut who: Vec<_> = Belonging::ALL.iter().map(|b| (b.as_str(), b.label())).collect();
    who.extend(Standing::ALL.iter().map(|s| (s.as_str(), s.label())));
    html! {
        @if !tags.is_empty() { (Field { optional: true, ..field("tag", "Tag") }.select(&draft, &words)) }
        (Field { optional: true, ..field("delegate", "Delegate") }.select(&draft, &[("", "With and without"), ("none", "Without a delegate")]))
        (Field { optional: true, ..field("who", "Standing") }.select(&draft, &who))
    }
}

fn table(rows: &[Organization], asked: &Asked, around: &Around) -> Markup {
    let query = asked.query(1);
    let heading = |column: Column| column.heading(PATH, &query, asked.sort());
    html! {
        table {
            caption { "Organizations by admission number; observers after them" }
            thead { tr {
                (heading(Column::number("Number").sorted_by("number"))) (heading(Column::text("Name").sorted_by("name")))
                (heading(Column::text("Track"))) (heading(Column::text("Category"))) (heading(Column::text("Place")))
                (heading(Column::text("Delegate"))) (heading(Column::text("Since").sorted_by("since"))) (heading(Column::text("Standing")))
            } }
            tbody { @for row in rows { tr {
                @let stands = around.stands(row.id);
                td.num data-label="Number" { @if let Some(number) = row.admission_number { (number) } @else { "—" } }
                th scope="row" { a href={ (PATH) "/" (row.id) } { (row.name) } }
                td data-label="Track" { (row.track.label()) }
                td data-label="Category" { (row.category) }
                td data-label="Place" { (row.city) ", " (row.state_code) }
                td data-label="Delegate" { @if around.delegate(row.id).is_empty() { "Nobody" } @else { (around.delegate(row.id)) } }
                td data-label="Since" { (day(row.admitted_on)) }
                td data-label="Standing" { (standing::shown(stands.standing)) }
            } } }
        }
    }
}

/// Exactly the rows and columns of the list, all its pages.
async fn csv(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let around = Around::read(&mut tx, app.coalition.get().zone().day(app.clock.now())).await?;
    let (rows, _) = stretch(&mut tx, &asked, &around, 0, EVERY).await?;
    let mut file = Download::new(
        "organizations.csv",
        &["Number", "Name", "Track", "Category", "City", "State", "Delegate", "Since", "Standing"],
    )?;
    for row in &rows {
        file.row(&[
            row.admission_number.map_or_else(String::new, |n| n.to_string()),
            row.name.clone(),
            row.track.label(),
            row.category.clone(),
            row.city.clone(),
            row.state_code.clone(),
            around.delegate(row.id).to_owned(),
            row.admitted_on.to_string(),
            around.stands(row.id).standing.label(),
        ])?;
    }
    file.finish()
}
