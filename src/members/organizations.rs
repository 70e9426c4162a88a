//! Organizations as staff keep them: the list, a record with its contacts, and its facts.
use super::{
    Category, CategoryId, Organization, OrganizationId, Track, queries,
    roll::{self, Asked},
};
use crate::{
    app::App,
    audit,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, empty, error_summary, facts, field, moment, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations", get(list))
        .route("/staff/organizations.csv", get(csv))
        .route("/staff/organizations/{id}", get(show))
        .route("/staff/organizations/{id}/facts", get(ask).post(describe))
}

async fn list(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let narrowed = asked.narrowed();
    let mut tx = app.db.read().await?;
    let rows = queries::listed(&mut tx, &narrowed, asked.first(), asked.size()).await?;
    let counts = queries::counted(&mut tx, &narrowed).await?;
    let categories = queries::categories(&mut tx).await?;
    let states = queries::states(&mut tx).await?;
    let content = html! {
        (roll::filters("/staff/organizations", &asked, &categories, &states))
        div.list-head {
            p { strong { (roll::in_words(counts)) } }
            p.actions { a.button.quiet href={ "/staff/organizations.csv?" (asked.query(1)) } { "Download as CSV" } }
        }
        @if rows.is_empty() {
            (empty("No organization matches. A new one comes here when its application is approved.", Some(("Applications", "/staff/applications"))))
        } @else {
            table {
                caption { "Organizations by admission number; observers after them" }
                thead { tr { th.num scope="col" { "Number" } th scope="col" { "Name" } th scope="col" { "Track" } th scope="col" { "Category" } th scope="col" { "Place" } th scope="col" { "Since" } } }
                tbody { @for row in &rows { tr {
                    td.num data-label="Number" { @if let Some(number) = row.admission_number { (number) } @else { "—" } }
                    th scope="row" { a href={ "/staff/organizations/" (row.id) } { (row.name) } }
                    td data-label="Track" { (badge(row.track, row.track.label())) }
                    td data-label="Category" { (row.category) }
                    td data-label="Place" { (row.city) ", " (row.state_code) }
                    td data-label="Since" { (day(row.admitted_on)) }
                } } }
            }
            (roll::pager("/staff/organizations", &asked, counts))
        }
    };
    Ok(Page::staff("Organizations", content).crumb("Staff", "/staff").wide())
}

async fn csv(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let rows = queries::listed(&mut app.db.read().await?, &asked.narrowed(), 0, 100_000).await?;
    roll::download("organizations.csv", &rows)
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let organization = queries::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let contacts = queries::contacts_of(&mut tx, id).await?;
    let application = super::application::of_organization(&mut tx, id).await?;
    let history = audit::of_record(&mut tx, ("organization", &id.to_string())).await?;
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let content = html! {
        header.org-head {
            @match organization.admission_number {
                Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                None => p.member-number { "Observer" },
            }
            h1 { (organization.name) }
            @if !organization.mission.is_empty() { p.lead { (organization.mission) } }
        }
        div.split {
            div {
                h2 { "Facts" }
                (record(&organization))
                h2 { "Contacts" }
                @if contacts.is_empty() { p { "Nobody is named for this organization." } } @else {
                    table {
                        caption { "Who speaks for it today" }
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "E-mail" } th scope="col" { "Phone" } } }
                        tbody { @for contact in &contacts { tr {
                            th scope="row" { (contact.name) @if !contact.title.is_empty() { ", " (contact.title) } }
                            td data-label="Role" { (contact.role.label()) }
                            td data-label="E-mail" { a href={ "mailto:" (contact.email) } { (contact.email) } }
                            td data-label="Phone" { (contact.phone.as_deref().unwrap_or("—")) }
                        } } }
                    }
                }
            }
            aside {
                p.actions {
                    @if staff.may_admit().is_ok() { a.button.secondary href={ "/staff/organizations/" (id) "/facts" } { "Change the facts" } }
                    a href=(organization.path()) { "Public page" }
                    @if let Some(application) = application { a href={ "/staff/applications/" (application) } { "Its application" } }
                }
                h2 { "What happened" }
                ol.timeline {
                    @for event in &history { li { (moment(event.at, &zone)) p { (event.actor_name) ": " (event.action) } } }
                    li { (day(organization.admitted_on)) p { "Admitted" } }
                }
            }
        }
    };
    Ok(Page::staff(organization.name, content)
        .own_heading()
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations"))
}

fn record(organization: &Organization) -> Markup {
    let place = format!("{}, {}", organization.city, organization.state_code);
    facts(&[
        ("Track", html! { (badge(organization.track, organization.track.label())) }),
        ("Category", html! { (organization.category) }),
        ("Place", html! { (place) }),
        ("Founded", html! { @if let Some(year) = organization.founded { (year) } @else { "Not known" } }),
        (
            "Website",
            html! { @if let Some(site) = &organization.website { a href=(site) rel="nofollow" { (site) } } @else { "None" } },
        ),
        ("Admitted", html! { (day(organization.admitted_on)) }),
    ])
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    category: String,
    city: String,
    state: String,
    website: String,
    founded: String,
    mission: String,
}

/// What staff may change about an organization.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) category_id: CategoryId,
    pub(super) city: String,
    pub(super) state_code: String,
    pub(super) website: Option<String>,
    pub(super) founded: Option<i64>,
    pub(super) mission: String,
}

impl Facts {
    fn of(o: Organization) -> Self {
        let Organization { name, category_id, city, state_code, website, founded, mission, .. } = o;
        Self { name, category_id, city, state_code, website, founded, mission }
    }
}

fn form(csrf: &Csrf, draft: &Draft, organization: &Organization, categories: &[Category]) -> Page {
    let kinds: Vec<_> = categories.iter().map(|c| (c.id.to_string(), c.name.clone())).collect();
    let back = format!("/staff/organizations/{}", organization.id);
    let content = html! {
        (error_summary(draft))
        p { "Its page keeps its address, and " @if organization.track == Track::Member { "its admission number" } @else { "its place on the roll" } " does not change." }
        form method="post" action={ (back) "/facts" } {
            (csrf.field())
            (field("name", "Name").input(draft))
            (field("category", "Category").select(draft, &kinds))
            (Field { width: "medium", ..field("city", "City") }.input(draft))
            (Field { width: "short", hint: Some("Two letters, such as MN"), ..field("state", "State") }.input(draft))
            (Field { optional: true, kind: "url", ..field("website", "Website") }.input(draft))
            (Field { optional: true, width: "short", inputmode: Some("numeric"), ..field("founded", "Year it was founded") }.input(draft))
            (Field { optional: true, ..field("mission", "What it does, in a sentence") }.textarea(draft, 3))
            p.actions { button type="submit" { "Save" } a href=(back) { "Cancel" } }
        }
    };
    Page::staff(format!("Change the facts of {}", organization.name), content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb(organization.name.clone(), back)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let organization = queries::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let categories = queries::categories(&mut tx).await?;
    let o = &organization;
    let draft = Draft::of([
        ("name", o.name.clone()),
        ("category", o.category_id.to_string()),
        ("city", o.city.clone()),
        ("state", o.state_code.clone()),
        ("website", o.website.clone().unwrap_or_default()),
        ("founded", o.founded.map_or_else(String::new, |y| y.to_string())),
        ("mission", o.mission.clone()),
    ]);
    Ok(form(&csrf, &draft, &organization, &categories))
}

async fn describe(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let this_year = i64::from(app.coalition.get().zone().day(now).year());
    let mut tx = app.db.write().await?;
    let organization = queries::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let categories = queries::categories(&mut tx).await?;
    let mut draft = Draft::default();
    let Some(facts) = read(&mut draft, &typed, this_year, &categories) else {
        return Err(Draft::refuse(form(&csrf, &draft, &organization, &categories)));
    };
    queries::describe(&mut tx, id, &facts).await?;
    let record = ("organization", id.to_string());
    audit::record(
        &mut tx,
        &staff.actor(),
        "change the facts",
        (record.0, &record.1),
        Some(&Facts::of(organization)),
        Some(&facts),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/organizations/{id}"), Mood::Good, "The facts are saved. Visitors see them at once."))
}

fn read(draft: &mut Draft, typed: &Typed, this_year: i64, categories: &[Category]) -> Option<Facts> {
    let name = draft.text("name", &text::line(&typed.name), 200, "Write the organization’s name");
    let category = draft.read::<CategoryId>("category", &typed.category).filter(|id| categories.iter().any(|c| c.id == *id));
    let city = draft.text("city", &text::line(&typed.city), 120, "Write the city");
    let state = draft.text("state", &text::line(&typed.state).to_uppercase(), 2, "Write the state’s two letters");
    let website = draft.optional_text("website", &text::line(&typed.website), 300);
    if website.as_ref().is_some_and(|w| !(w.starts_with("https://") || w.starts_with("http://"))) {
        draft.reject("website", "Write the whole address, beginning with https://");
    }
    let founded = draft.read_optional::<i64>("founded", &typed.founded).flatten();
    if founded.is_some_and(|year| !(1500..=this_year).contains(&year)) {
        draft.reject("founded", format!("Write a year between 1500 and {this_year}"));
    }
    let mission = draft.optional_text("mission", &text::line(&typed.mission), 600);
    let facts = Facts {
        name: name?,
        category_id: category?,
        city: city?,
        state_code: state?,
        website,
        founded,
        mission: mission.unwrap_or_default(),
    };
    draft.is_right().then_some(facts)
}
