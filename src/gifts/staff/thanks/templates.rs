//! The letters that thanks are written from. A change is a new version; what went out stays as it was.
use crate::{
    app::App,
    audit,
    gifts::{
        TemplateId,
        acknowledge::Template,
        merge::{self, FIELDS},
        queries,
    },
    kernel::{Zone, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day_of, empty, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

const PATH: &str = "/staff/thanks/templates";

pub(super) async fn list(staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let templates = queries::templates(&mut app.db.read().await?).await?;
    let zone = app.coalition.get().zone();
    let content = html! {
        @if templates.is_empty() {
            (empty("A template is a letter with fields for the donor’s name, the amount and the like.", Some(("Write the first one", "/staff/thanks/templates/new"))))
        } @else {
            @if staff.may_keep_gifts().is_ok() { p { a.button href="/staff/thanks/templates/new" { "Write another" } } }
            table {
                caption { "Letters of thanks" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Subject" } th scope="col" { "Version" } th scope="col" { "Saved" } } }
                tbody {
                    @for t in &templates {
                        tr {
                            th scope="row" { a href={ (PATH) "/" (t.id) } { (t.name) } }
                            td data-label="Subject" { (t.subject) }
                            td data-label="Version" { (t.version) }
                            td data-label="Saved" { (t.by_name) ", " (day_of(t.at, &zone)) }
                        }
                    }
                }
            }
        }
    };
    Ok(framed("Templates", content))
}

fn framed(title: impl Into<String>, content: Markup) -> Page {
    Page::staff(title, content).crumb("Gifts", "/staff/gifts").crumb("Thanks", super::PATH)
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    subject: String,
    body: String,
    /// The version that was changed.
    version: String,
}

impl Typed {
    /// A template to save, or the draft that says what is wrong.
    fn read(&self, id: TemplateId, version: i64, staff: &Staff, app: &App) -> Result<Template, Draft> {
        let mut draft = Draft::default();
        draft.keep("version", &self.version);
        let name = draft.text("name", &self.name, 100, "Enter a name to find it by");
        let subject = draft.text("subject", &self.subject, 150, "Enter what the letter is about");
        let body = draft.text("body", &self.body, 10_000, "Write the letter");
        for (field, words) in [("subject", &subject), ("body", &body)] {
            if let Some(Err(reason)) = words.as_deref().map(merge::check) {
                draft.reject(field, reason);
            }
        }
        match (name, subject, body) {
            (Some(name), Some(subject), Some(body)) if draft.is_right() => Ok(Template {
                id,
                name: text::line(&name),
                version,
                subject: text::line(&subject),
                body,
                by_name: staff.name.clone(),
                at: app.clock.now(),
            }),
            _ => Err(draft),
        }
    }
}

pub(super) async fn new(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let body = "Dear {name},\n\nthank you for your gift of {amount} on {date}.\n\n{sender}\n{coalition}";
    let draft = Draft::of([("subject", "Thank you for your gift"), ("body", body)]);
    Ok(framed("New template", form(&format!("{PATH}/new"), &draft, &csrf)).crumb("Templates", PATH))
}

pub(super) async fn create(
    staff: Staff,
    State(app): State<App>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let again = |draft: &Draft| {
        let page = framed("New template", form(&format!("{PATH}/new"), draft, &csrf)).crumb("Templates", PATH);
        Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    };
    let template = typed.read(TemplateId::new(), 1, &staff, &app).map_err(|draft| again(&draft))?;
    keep(&app, &staff, None, &template).await?.map_err(|draft| again(&draft))?;
    Ok(redirect_saying(PATH, Mood::Good, format!("“{}” is saved.", template.name)))
}

pub(super) async fn edit(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let versions = known(&app, &id).await?;
    let Some(now) = versions.first() else { return Err(Error::NotFound) };
    let draft = Draft::of([
        ("name", now.name.clone()),
        ("subject", now.subject.clone()),
        ("body", now.body.clone()),
        ("version", now.version.to_string()),
    ]);
    Ok(page(&versions, &draft, &staff, &csrf, &app.coalition.get().zone()))
}

pub(super) async fn save(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let versions = known(&app, &id).await?;
    let Some(now) = versions.first() else { return Err(Error::NotFound) };
    let zone = app.coalition.get().zone();
    let again =
        |draft: &Draft| Draft::refuse(page(&versions, draft, &staff, &csrf, &zone).status(StatusCode::UNPROCESSABLE_ENTITY));
    let version: i64 = typed.version.parse().map_err(|_| Error::bad_form("It names no version"))?;
    let template = typed.read(now.id, version + 1, &staff, &app).map_err(|draft| again(&draft))?;
    keep(&app, &staff, Some(now), &template).await?.map_err(|draft| again(&draft))?;
    Ok(redirect_saying(PATH, Mood::Good, format!("“{}” is saved as version {}.", template.name, template.version)))
}

async fn known(app: &App, id: &str) -> Result<Vec<Template>, Error> {
    let id: TemplateId = id.parse().map_err(|_| Error::NotFound)?;
    Ok(queries::versions(&mut app.db.read().await?, id).await?)
}

async fn keep(app: &App, staff: &Staff, before: Option<&Template>, template: &Template) -> Result<Result<(), Draft>, Error> {
    let refused = |field: &str, why: &str| {
        let mut draft =
            Draft::of([("name", template.name.clone()), ("subject", template.subject.clone()), ("body", template.body.clone())]);
        draft.keep("version", &(template.version - 1).to_string());
        draft.reject(field, why);
        Ok(Err(draft))
    };
    let mut tx = app.db.write().await?;
    if !queries::put_template(&mut tx, template).await? {
        return refused("name", "Another template has this name");
    }
    if !queries::insert_version(&mut tx, template).await? {
        return refused("body", "Somebody saved another version meanwhile. Copy your words, open it again and put them in");
    }
    let told = |t: &Template| serde_json::json!({ "name": t.name, "subject": t.subject, "body": t.body, "version": t.version });
    let id = template.id.to_string();
    audit::record(
        &mut tx,
        &staff.actor(),
        if before.is_some() { "change" } else { "add" },
        ("letter_template", &id),
        before.map(told).as_ref(),
        Some(&told(template)),
        template.at,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(()))
}

fn page(versions: &[Template], draft: &Draft, staff: &Staff, csrf: &Csrf, zone: &Zone) -> Page {
    let (id, name) = versions.first().map(|t| (t.id.to_string(), t.name.clone())).unwrap_or_default();
    let content = html! {
        @if staff.may_keep_gifts().is_ok() { (form(&format!("{PATH}/{id}"), draft, csrf)) }
        @else { p { strong { (draft.value("subject")) } } @for line in draft.value("body").lines() { p { (line) } } }
        section {
            h2 { "Versions" }
            ul { @for t in versions { li { "Version " (t.version) ", " (t.by_name) ", " (day_of(t.at, zone)) ": " (t.subject) } } }
        }
    };
    framed(name, content).crumb("Templates", PATH)
}

fn form(action: &str, draft: &Draft, csrf: &Csrf) -> Markup {
    html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            input type="hidden" name="version" value=(draft.value("version"));
            (Field { width: "medium", ..field("name", "Name") }.input(draft))
            (field("subject", "Subject").input(draft))
            (Field { hint: Some("An empty line begins a new paragraph. A line whose field is empty is left out."), ..field("body", "Letter") }.textarea(draft, 14))
            details open {
                summary { "Fields" }
                ul { @for (name, what) in FIELDS { li { code { "{" (name) "}" } " " (what) } } }
            }
            div.actions { button { "Save" } a href=(PATH) { "Leave it as it is" } }
        }
    }
}
