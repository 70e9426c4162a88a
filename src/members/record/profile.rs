//! What an organization says of itself: category, place, web site, year, mission.
use super::{find, href, queries, subject};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::{Day, Timestamp, text},
    members::{self, Category, CategoryId, Organization, OrganizationId, Website, place},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/profile", get(ask).post(describe))
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(in crate::members) struct Typed {
    pub(in crate::members) category: String,
    city: String,
    state: String,
    website: String,
    founded: String,
    mission: String,
}

/// What is written down.
#[derive(Debug)]
pub(in crate::members) struct Profile {
    pub(super) category_id: CategoryId,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) website: Option<Website>,
    pub(super) founded: Option<i64>,
    pub(super) mission: String,
}

/// What the audit keeps, in words.
#[derive(Serialize)]
struct Told<'a> {
    category: &'a str,
    city: &'a str,
    state: &'a str,
    website: Option<String>,
    founded: Option<i64>,
    mission: &'a str,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization, categories: &[Category]) -> Page {
    let kinds: Vec<_> = categories.iter().map(|c| (c.id.to_string(), c.name.clone())).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/profile" } {
            (csrf.field())
            (field("category", "Category").select(draft, &kinds))
            (fields(draft))
            p.actions { button type="submit" { "Save the profile" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Change the profile", o, content)
}

/// All but the category.
pub(in crate::members) fn fields(draft: &Draft) -> Markup {
    html! {
        (Field { width: "medium", ..field("city", "City of its main office") }.input(draft))
        (Field { width: "short", hint: Some("Two letters, such as MN"), ..field("state", "State") }.input(draft))
        (Field { optional: true, inputmode: Some("url"), hint: Some("Such as www.example.org"), ..field("website", "Website") }.input(draft))
        (Field { optional: true, width: "short", inputmode: Some("numeric"), ..field("founded", "Year it was founded") }.input(draft))
        (Field { optional: true, hint: Some("One or two sentences. They stand on its public page."), ..field("mission", "What it does") }.textarea(draft, 4))
    }
}

/// The profile as it is.
pub(in crate::members) fn draft(o: &Organization) -> Draft {
    Draft::of([
        ("category", o.category_id.to_string()),
        ("city", o.city.clone()),
        ("state", o.state_code.clone()),
        ("website", o.website.clone().unwrap_or_default()),
        ("founded", o.founded.map_or_else(String::new, |y| y.to_string())),
        ("mission", o.mission.clone()),
    ])
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let categories = members::categories(&mut tx).await?;
    Ok(page(&csrf, &draft(&o), &o, &categories))
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
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let categories = members::categories(&mut tx).await?;
    let mut draft = Draft::default();
    let Some(profile) = read(&mut draft, &typed, today, &categories) else {
        return Err(Draft::refuse(page(&csrf, &draft, &o, &categories)));
    };
    save(&mut tx, &staff.actor(), &o, &profile, &categories, now).await?;
    let namesake = same_site(&mut tx, &profile, id).await?;
    tx.commit().await?;
    Ok(match namesake {
        Some(other) => redirect_saying(
            href(id),
            Mood::Warn,
            format!("The profile is saved. {} has the same website; look whether they are one.", other.name),
        ),
        None => redirect_saying(href(id), Mood::Good, "The profile is saved. Visitors see it at once."),
    })
}

/// Writes the profile down.
pub(in crate::members) async fn save(
    tx: &mut Tx,
    actor: &Actor,
    o: &Organization,
    profile: &Profile,
    categories: &[Category],
    now: Timestamp,
) -> sqlx::Result<()> {
    queries::describe(tx, o.id, profile).await?;
    queries::reindex(tx, o.id).await?;
    let category = categories.iter().find(|c| c.id == profile.category_id).map_or("", |c| &c.name);
    let before = Told {
        category: &o.category,
        city: &o.city,
        state: &o.state_code,
        website: o.website.clone(),
        founded: o.founded,
        mission: &o.mission,
    };
    let Profile { city, state, founded, mission, .. } = profile;
    let website = profile.website.as_ref().map(ToString::to_string);
    let after = Told { category, city, state, website, founded: *founded, mission };
    let record = o.id.to_string();
    audit::record(tx, actor, "change the profile", ("organization", &record), Some(&before), Some(&after), now).await?;
    Ok(())
}

async fn same_site(tx: &mut Tx, profile: &Profile, id: OrganizationId) -> sqlx::Result<Option<Organization>> {
    match &profile.website {
        Some(site) => members::queries::of_domain(tx, &site.domain(), Some(id)).await,
        None => Ok(None),
    }
}

pub(in crate::members) fn read(draft: &mut Draft, typed: &Typed, today: Day, categories: &[Category]) -> Option<Profile> {
    let this_year = i64::from(today.year());
    let category = draft.read::<CategoryId>("category", &typed.category).filter(|id| categories.iter().any(|c| c.id == *id));
    if category.is_none() && draft.error("category").is_none() {
        draft.reject("category", "Choose a category of the list");
    }
    let city = draft.text("city", &text::line(&typed.city), 120, "Write the city");
    draft.keep("state", &typed.state);
    let state = match place::states(&typed.state) {
        Ok(mut one) if one.len() == 1 => one.pop(),
        _ => {
            draft.reject("state", "Write the state’s two letters, such as MN");
            None
        }
    };
    let website = draft.read_optional::<Website>("website", &typed.website);
    let founded = draft.read_optional::<i64>("founded", &typed.founded).flatten();
    if founded.is_some_and(|year| !(1500..=this_year).contains(&year)) {
        draft.reject("founded", format!("Write a year between 1500 and {this_year}"));
    }
    let mission = draft.optional_text("mission", &text::line(&typed.mission), 600);
    let profile = Profile { category_id: category?, city: city?, state: state?, website: website?, founded, mission: mission? };
    draft.is_right().then_some(profile)
}
