//! One condition of a form: added, changed, removed. Who confirmed it before is asked nothing anew.
use super::{changed_meanwhile, done, fresh_name, here, removal, subject, track_of, write};
use crate::{
    app::App,
    kernel::text,
    members::application::forms::{self, ApplicationForm, Condition},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Page, error_summary, field},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::html;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/settings/forms/{track}/conditions/{name}", get(open).post(save))
        .route("/staff/settings/forms/{track}/conditions/{name}/removal", post(remove))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    version: String,
    label: String,
    meaning: String,
}

async fn open(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((track, name)): Path<(String, String)>,
) -> Result<Page, Error> {
    staff.may_administer()?;
    let form = forms::latest(&mut app.db.read().await?, track_of(&track)?).await?;
    let draft = match form.body.conditions.iter().find(|condition| condition.name == name) {
        Some(condition) => Draft::of([("label", &condition.label), ("meaning", &condition.meaning)]),
        None if name == "new" => Draft::default(),
        None => return Err(Error::NotFound),
    };
    Ok(page(&form, &name, &csrf, &draft, &form.version.to_string()))
}

fn page(form: &ApplicationForm, name: &str, csrf: &Csrf, draft: &Draft, seen: &str) -> Page {
    let at = format!("{}/conditions/{name}", here(form.track));
    let is_new = name == "new";
    let meaning = if name == "purpose" { "Empty: the coalition’s tagline says it." } else { "In a sentence or two." };
    let content = html! {
        (error_summary(draft))
        form method="post" action=(at) novalidate {
            (csrf.field())
            input type="hidden" name="version" value=(seen);
            (Field { hint: Some("A sentence that applicants confirm, such as: It works nationally"), ..field("label", "Condition") }.input(draft))
            (Field { optional: true, hint: Some(meaning), ..field("meaning", "What it means") }.textarea(draft, 3))
            div.actions { button type="submit" { @if is_new { "Add the condition" } @else { "Save" } } a href=(here(form.track)) { "Cancel" } }
        }
        @if !is_new { (removal(&at, seen, csrf, "condition", "Whoever begins from now on does not confirm it.")) }
    };
    subject(if is_new { "Add a condition" } else { "Change a condition" }, form.track, content)
}

async fn save(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((track, name)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let mut tx = app.db.read().await?;
    let form = forms::latest(&mut tx, track).await?;
    let mut draft = Draft::default();
    let label = draft.text("label", &text::line(&typed.label), 200, "Write what is confirmed");
    let meaning = draft.optional_text("meaning", &text::line(&typed.meaning), 500);
    let Some((label, meaning)) = label.zip(meaning) else {
        return Err(Draft::refuse(page(&form, &name, &csrf, &draft, &typed.version)));
    };
    let is_new = name == "new";
    let name = if is_new { fresh_name(&mut tx, track, &label).await? } else { name };
    drop(tx);
    let version = write(&app, &staff, track, &typed.version, |_, body| {
        match body.conditions.iter_mut().find(|condition| condition.name == name) {
            Some(condition) => (condition.label, condition.meaning) = (label, meaning),
            None if is_new => body.conditions.push(Condition { name, label, meaning }),
            None => return Err(Error::NotFound),
        }
        Ok(())
    })
    .await?;
    Ok(done(track, version, "The condition is kept."))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path((track, name)): Path<(String, String)>,
    Form(seen): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let version = write(&app, &staff, track, &seen.version, |_, body| {
        let at = body.conditions.iter().position(|condition| condition.name == name).ok_or_else(changed_meanwhile)?;
        body.conditions.remove(at);
        Ok(())
    })
    .await?;
    Ok(done(track, version, "The condition is not asked any more."))
}
