//! The kinds of members, as the coalition has them: added, renamed, put in order, and removed while
//! nothing names them.
use crate::{
    app::App,
    audit,
    kernel::text,
    members::{self, CategoryId, UsedCategory},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, empty, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/settings/categories";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/staff/settings/categories/{id}", get(ask).post(rename))
        .route("/staff/settings/categories/{id}/place", post(place))
        .route("/staff/settings/categories/{id}/removal", get(ask_removal).post(remove))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
}

impl Typed {
    /// A name that no other category has.
    fn read(&self, others: &[UsedCategory], own: Option<CategoryId>) -> Result<String, Draft> {
        let mut draft = Draft::default();
        let name = draft.text("name", &text::line(&self.name), 80, "Enter a name, such as Human rights");
        if let Some(known) = name.as_ref().and_then(|name| members::named(others, name)).filter(|known| Some(known.id) != own) {
            draft.reject("name", format!("Enter another name: there is a category {} already", known.name));
        }
        name.filter(|_| draft.is_right()).ok_or(draft)
    }
}

/// What the audit keeps of a category.
fn told(name: &str) -> serde_json::Value {
    serde_json::json!({ "name": name })
}

async fn list(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let all = members::used_categories(&mut app.db.read().await?).await?;
    Ok(page(&Draft::default(), &csrf, &all))
}

fn page(draft: &Draft, csrf: &Csrf, all: &[UsedCategory]) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Whoever applies chooses the kind of organization that fits best, and visitors narrow the roll by it. Both see them in this order." }
        @if all.is_empty() { (empty("No category is set yet, so nobody can apply. Add the kinds of organizations that belong to the coalition, such as Bar associations, Human rights, Others.", None)) }
        @else { (table(csrf, all)) }
        h2 { "Add a category" }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { width: "medium", ..field("name", "Name") }.input(draft))
            div.actions {
                button type="submit" { "Add" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Categories", content).crumb("Settings", "/staff/settings")
}

fn table(csrf: &Csrf, all: &[UsedCategory]) -> Markup {
    html! {
        table {
            caption { "Categories in their order" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Used by" } th scope="col" { "Place" } th scope="col" { "Change" } } }
            tbody {
                @for (n, used) in all.iter().enumerate() {
                    @let category = &used.category;
                    tr {
                        th scope="row" { (category.name) }
                        td data-label="Used by" {
                            a href={ "/staff/organizations?category=" (category.slug) } { (text::count(used.organizations, "organization", "organizations")) }
                            @if used.applications > 0 { ", " (text::count(used.applications, "application", "applications")) }
                        }
                        td data-label="Place" {
                            form method="post" action={ (PATH) "/" (category.id) "/place" } {
                                (csrf.field())
                                @if n > 0 { button type="submit" name="to" value="up" { "Up" span.visually-hidden { ": " (category.name) } } " " }
                                @if n + 1 < all.len() { button type="submit" name="to" value="down" { "Down" span.visually-hidden { ": " (category.name) } } }
                            }
                        }
                        td data-label="Change" { a href={ (PATH) "/" (category.id) } { "Rename" @if !used.is_used() { " or remove" } span.visually-hidden { ": " (category.name) } } }
                    }
                }
            }
        }
    }
}

async fn add(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let all = members::used_categories(&mut tx).await?;
    let name = typed.read(&all, None).map_err(|draft| Draft::refuse(page(&draft, &csrf, &all)))?;
    let id = members::add_category(&mut tx, &name).await?.ok_or_else(|| {
        Error::Conflict("Somebody else added this category at the same moment. Look at the list again.".to_owned())
    })?;
    audit::record(&mut tx, &staff.actor(), "add", ("category", &id.to_string()), None::<&()>, Some(&told(&name)), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("{name} is added. Applicants can choose it from now on.")))
}

/// The category of an address, and all of them.
async fn known(tx: &mut crate::db::Tx, id: CategoryId) -> Result<(UsedCategory, Vec<UsedCategory>), Error> {
    let all = members::used_categories(tx).await?;
    let one = all.iter().find(|used| used.category.id == id).cloned().ok_or(Error::NotFound)?;
    Ok((one, all))
}

fn form(draft: &Draft, csrf: &Csrf, used: &UsedCategory) -> Page {
    let category = &used.category;
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (PATH) "/" (category.id) } novalidate {
            (csrf.field())
            (Field { width: "medium", hint: Some("Organizations of this category keep it under the new name, and links to its list stay good."), ..field("name", "Name") }.input(draft))
            div.actions {
                button type="submit" { "Save" }
                a href=(PATH) { "Cancel" }
            }
        }
        @if used.is_used() { p.hint { "It can’t be removed: " (users(used)) "." } }
        @else { p { a href={ (PATH) "/" (category.id) "/removal" } { "Remove this category" } } }
    };
    Page::staff(category.name.clone(), content).crumb("Settings", "/staff/settings").crumb("Categories", PATH)
}

/// `3 organizations and 4 applications name it`.
fn users(used: &UsedCategory) -> String {
    let organizations = text::count(used.organizations, "organization", "organizations");
    let applications = text::count(used.applications, "application", "applications");
    let verb = if used.organizations + used.applications == 1 { "names" } else { "name" };
    match (used.organizations, used.applications) {
        (_, 0) => format!("{organizations} {verb} it"),
        (0, _) => format!("{applications} {verb} it"),
        _ => format!("{organizations} and {applications} {verb} it"),
    }
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<CategoryId>) -> Result<Page, Error> {
    staff.may_administer()?;
    let (used, _) = known(&mut app.db.read().await?, id).await?;
    Ok(form(&Draft::of([("name", used.category.name.as_str())]), &csrf, &used))
}

async fn rename(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<CategoryId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (used, all) = known(&mut tx, id).await?;
    let name = typed.read(&all, Some(id)).map_err(|draft| Draft::refuse(form(&draft, &csrf, &used)))?;
    let before = &used.category.name;
    if name != *before {
        members::rename_category(&mut tx, id, &name).await?;
        let (record, told) = (id.to_string(), [told(before), told(&name)]);
        audit::record(&mut tx, &staff.actor(), "rename", ("category", &record), Some(&told[0]), Some(&told[1]), now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(PATH, Mood::Good, format!("The category is called {name}.")))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Place {
    to: String,
}

async fn place(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<CategoryId>,
    Form(place): Form<Place>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (used, _) = known(&mut tx, id).await?;
    if members::move_category(&mut tx, id, place.to == "up").await? {
        let after = known(&mut tx, id).await?.0.category.position;
        let places = [used.category.position, after].map(|place| serde_json::json!({ "place": place }));
        audit::record(&mut tx, &staff.actor(), "move", ("category", &id.to_string()), Some(&places[0]), Some(&places[1]), now)
            .await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(PATH, Mood::Good, format!("{} stands in its new place.", used.category.name)))
}

async fn ask_removal(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<CategoryId>) -> Result<Page, Error> {
    staff.may_administer()?;
    let (used, _) = known(&mut app.db.read().await?, id).await?;
    if used.is_used() {
        return Err(in_use(&used));
    }
    let content = html! {
        p { "No organization and no application names it. Applicants will not be able to choose it any more." }
        form method="post" action={ (PATH) "/" (id) "/removal" } {
            (csrf.field())
            p.actions { button.danger type="submit" { "Remove the category" } a href=(PATH) { "Keep it" } }
        }
    };
    Ok(Page::staff(format!("Remove {}", used.category.name), content)
        .crumb("Settings", "/staff/settings")
        .crumb("Categories", PATH))
}

fn in_use(used: &UsedCategory) -> Error {
    Error::Conflict(format!("{} can’t be removed: {}. Nothing was changed.", used.category.name, users(used)))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<CategoryId>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (used, _) = known(&mut tx, id).await?;
    if !members::remove_category(&mut tx, id).await? {
        return Err(in_use(&used));
    }
    let before = told(&used.category.name);
    audit::record(&mut tx, &staff.actor(), "remove", ("category", &id.to_string()), Some(&before), None::<&()>, now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("{} is removed.", used.category.name)))
}
