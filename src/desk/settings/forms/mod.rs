//! The forms of application, one for each track: what is confirmed, what is asked, and whether a document
//! is. Every edit makes a new version; who began with an older one goes on with that.
mod condition;
mod question;

use crate::{
    app::App,
    audit,
    db::Tx,
    members::{
        Track,
        application::forms::{self, ApplicationForm, FormBody},
    },
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, day_of, empty, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/settings/forms";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/staff/settings/forms/{track}", get(open))
        .route("/staff/settings/forms/{track}/versions/{version}", get(older))
        .route("/staff/settings/forms/{track}/document", post(set_document))
        .merge(question::router())
        .merge(condition::router())
}

fn track_of(word: &str) -> Result<Track, Error> {
    word.parse().map_err(|_| Error::NotFound)
}

fn here(track: Track) -> String {
    format!("{PATH}/{track}")
}

/// `The form for members`.
fn title(track: Track) -> &'static str {
    match track {
        Track::Member => "The form for members",
        Track::Observer => "The form for observers",
    }
}

/// Keeps an edit as the next version. `seen` is the version that was edited: of two who edit the same one,
/// the second is told.
async fn write(
    app: &App,
    staff: &Staff,
    track: Track,
    seen: &str,
    edit: impl FnOnce(&mut bool, &mut FormBody) -> Result<(), Error>,
) -> Result<i64, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = forms::latest(&mut tx, track).await?;
    if before.version.to_string() != seen {
        return Err(changed_meanwhile());
    }
    let (mut document, mut body) = (before.document, before.body.clone());
    edit(&mut document, &mut body)?;
    if (document, &body) == (before.document, &before.body) {
        return Ok(before.version);
    }
    let after = before.next(document, body, &staff.name, now);
    if !forms::insert(&mut tx, &after).await? {
        return Err(changed_meanwhile());
    }
    let record = format!("{track} {}", after.version);
    let told = |form: &ApplicationForm| serde_json::json!({ "document": form.document, "form": form.body });
    audit::record(
        &mut tx,
        &staff.actor(),
        "change",
        ("application_form", &record),
        Some(&told(&before)),
        Some(&told(&after)),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(after.version)
}

fn changed_meanwhile() -> Error {
    Error::Conflict("Somebody else changed this form meanwhile. Nothing was changed; look at it again.".to_owned())
}

/// A page about one part of a form.
fn subject(title: &str, track: Track, content: Markup) -> Page {
    Page::staff(title, content)
        .crumb("Settings", "/staff/settings")
        .crumb("Application forms", PATH)
        .crumb(self::title(track), here(track))
}

/// The way to take a part of a form out: a condition, a question. `at` is the address of its page.
fn removal(at: &str, seen: &str, csrf: &Csrf, what: &str, meaning: &str) -> Markup {
    html! {
        section.danger-zone aria-labelledby="remove" {
            h2 #remove { "Remove" }
            p { (meaning) }
            form method="post" action={ (at) "/removal" } {
                (csrf.field())
                input type="hidden" name="version" value=(seen);
                p.actions { button.danger type="submit" { "Remove the " (what) } }
            }
        }
    }
}

fn done(track: Track, version: i64, what: &str) -> Response {
    redirect_saying(
        here(track),
        Mood::Good,
        format!("{what} Version {version} of the form is in force for whoever begins from now on."),
    )
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    staff.may_administer()?;
    let mut tx = app.db.read().await?;
    let mut all = Vec::new();
    for track in Track::ALL {
        all.push(forms::latest(&mut tx, *track).await?);
    }
    let content = html! {
        p.lead { "Name, place, category, mission, contacts and the commitment are always asked. What is confirmed and asked besides is yours to decide, for each track." }
        table {
            caption { "Forms of application" }
            thead { tr { th scope="col" { "Form" } th.num scope="col" { "Version" } th.num scope="col" { "Conditions" } th.num scope="col" { "Questions" } th scope="col" { "Document" } } }
            tbody { @for form in &all { tr {
                th scope="row" { a href=(here(form.track)) { (title(form.track)) } }
                td.num data-label="Version" { (form.version) }
                td.num data-label="Conditions" { (form.body.conditions.len()) }
                td.num data-label="Questions" { (form.body.questions.len()) }
                td data-label="Document" { (asked(form.document)) }
            } } }
        }
    };
    Ok(Page::staff("Application forms", content).crumb("Settings", "/staff/settings"))
}

const fn asked(document: bool) -> &'static str {
    if document { "Asked for" } else { "Not asked for" }
}

async fn open(State(app): State<App>, staff: Staff, csrf: Csrf, Path(track): Path<String>) -> Result<Page, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let mut tx = app.db.read().await?;
    let versions = forms::versions(&mut tx, track).await?;
    let form = versions.first().ok_or(Error::NotFound)?;
    let zone = app.coalition.get().zone();
    let content = html! {
        p.lead { "Version " (form.version) " is in force. Who began with an older version goes on with it, and no answer is lost." }
        (parts(form, Some(&csrf)))
        h2 { "Document" }
        form method="post" action={ (here(track)) "/document" } {
            (csrf.field())
            input type="hidden" name="version" value=(form.version);
            input type="hidden" name="document" value=(if form.document { "no" } else { "yes" });
            p { @if form.document { "The commitment is conveyed by a signed letter or resolution, which is uploaded." } @else { "The commitment is made on line; no document is asked for." } }
            p.actions { button.secondary type="submit" { @if form.document { "Ask for no document" } @else { "Ask for a document" } } }
        }
        h2 { "Versions" }
        ul { @for version in &versions { li {
            a href={ (here(track)) "/versions/" (version.version) } { "Version " (version.version) }
            @if let (Some(at), Some(by)) = (version.made_at, &version.made_by) { ", made by " (by) " on " (day_of(at, &zone)) } @else { ", as Convener came" }
            ": " (crate::kernel::text::count(version.applications, "application", "applications")) "."
        } } }
    };
    Ok(Page::staff(title(track), content).crumb("Settings", "/staff/settings").crumb("Application forms", PATH))
}

async fn older(State(app): State<App>, staff: Staff, Path((track, version)): Path<(String, i64)>) -> Result<Page, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let form = forms::version(&mut app.db.read().await?, track, version).await?.ok_or(Error::NotFound)?;
    let content = html! { (parts(&form, None)) h2 { "Document" } p { (asked(form.document)) "." } };
    Ok(subject(&format!("{}, version {version}", title(track)), track, content))
}

/// Conditions and questions; with `csrf`, and the ways to change them.
fn parts(form: &ApplicationForm, csrf: Option<&Csrf>) -> Markup {
    let at = here(form.track);
    html! {
        h2 { "Conditions" }
        @if form.body.conditions.is_empty() { (empty("Nothing is confirmed. A condition is a sentence that each applicant ticks.", None)) }
        ol { @for condition in &form.body.conditions { li {
            @if csrf.is_some() { a href={ (at) "/conditions/" (condition.name) } { (condition.label) } } @else { (condition.label) }
            @if !condition.meaning.is_empty() { br; (condition.meaning) }
        } } }
        @if csrf.is_some() { p { a.button.secondary href={ (at) "/conditions/new" } { "Add a condition" } } }
        h2 { "Questions" }
        @if form.body.questions.is_empty() { (empty("Nothing is asked besides the fixed facts. Each question comes on a page of its own, or with others under one heading.", None)) }
        @else {
            table {
                caption { "Questions in their order" }
                thead { tr { th scope="col" { "Question" } th scope="col" { "Answer" } th scope="col" { "Page" } @if csrf.is_some() { th scope="col" { "Order" } } } }
                tbody { @for (n, q) in form.body.questions.iter().enumerate() { tr {
                    th scope="row" { @if csrf.is_some() { a href={ (at) "/questions/" (q.key) } { (q.label) } } @else { (q.label) } }
                    td data-label="Answer" { (q.kind.label()) @if !q.required { ", optional" } @if !q.options.is_empty() { ": " (q.options.join(", ")) } }
                    td data-label="Page" { @if q.heading.is_empty() { "Its own" } @else { (q.heading) } }
                    @if let Some(csrf) = csrf { td data-label="Order" { @if n > 0 { (question::up(form, &q.key, &q.label, csrf)) } @else { "First" } } }
                } } }
            }
        }
        @if csrf.is_some() { p { a.button.secondary href={ (at) "/questions/new" } { "Add a question" } } }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Document {
    version: String,
    document: String,
}

async fn set_document(
    State(app): State<App>,
    staff: Staff,
    Path(track): Path<String>,
    Form(typed): Form<Document>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let wanted = typed.document == "yes";
    let version = write(&app, &staff, track, &typed.version, |document, _| {
        *document = wanted;
        Ok(())
    })
    .await?;
    Ok(done(track, version, if wanted { "A document is asked for." } else { "No document is asked for." }))
}

/// A name for something new that nothing in any version of the form has.
async fn fresh_name(tx: &mut Tx, track: Track, label: &str) -> sqlx::Result<String> {
    let versions = forms::versions(tx, track).await?;
    let taken = |name: &str| {
        versions.iter().any(|form| {
            form.body.questions.iter().any(|q| q.key == name)
                || form.body.conditions.iter().any(|condition| condition.name == name)
        })
    };
    let slug: String =
        crate::kernel::text::slug(label).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let slug = if slug.is_empty() || slug == "new" { "question".to_owned() } else { slug };
    let mut choices = std::iter::once(slug.clone()).chain((2..).map(|n| format!("{slug}-{n}")));
    Ok(choices.find(|name| !taken(name)).unwrap_or(slug))
}
