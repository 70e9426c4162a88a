//! One question of a form: added, changed, moved up, removed. What was answered to it before is kept.
use super::{Track, changed_meanwhile, done, fresh_name, here, removal, subject, track_of, write};
use crate::{
    app::App,
    kernel::text,
    members::application::forms::{self, ApplicationForm, Question, QuestionKind},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Page, error_summary, field, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/settings/forms/{track}/questions/{key}", get(open).post(save))
        .route("/staff/settings/forms/{track}/questions/{key}/place", post(move_up))
        .route("/staff/settings/forms/{track}/questions/{key}/removal", post(remove))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    version: String,
    label: String,
    hint: String,
    kind: String,
    required: String,
    options: String,
    heading: String,
}

impl Typed {
    fn read(&self, key: &str) -> Result<Question, Draft> {
        let mut draft = Draft::of([("required", self.required.as_str()), ("version", &self.version)]);
        let label = draft.text("label", &text::line(&self.label), 200, "Write the question");
        let hint = draft.optional_text("hint", &text::line(&self.hint), 300);
        let heading = draft.optional_text("heading", &text::line(&self.heading), 120);
        let kind = draft.read::<QuestionKind>("kind", &self.kind);
        draft.keep("options", &self.options);
        let mut options: Vec<String> = self.options.lines().map(text::line).filter(|line| !line.is_empty()).collect();
        match kind {
            Some(kind) if kind.has_options() => {
                let mut seen = std::collections::BTreeSet::new();
                if options.len() < 2 {
                    draft.reject("options", "Write at least two answers, each on its own line");
                } else if options.len() > 30 || options.iter().any(|option| option.chars().count() > 200) {
                    draft.reject("options", "Write at most 30 answers of at most 200 characters");
                } else if !options.iter().all(|option| seen.insert(option)) {
                    draft.reject("options", "Write each answer once");
                }
            }
            _ => options.clear(),
        }
        match (label, hint, heading, kind) {
            (Some(label), Some(hint), Some(heading), Some(kind)) if draft.is_right() => {
                Ok(Question { key: key.to_owned(), label, hint, kind, required: self.required == "yes", options, heading })
            }
            _ => Err(draft),
        }
    }
}

async fn open(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((track, key)): Path<(String, String)>,
) -> Result<Page, Error> {
    staff.may_administer()?;
    let form = forms::latest(&mut app.db.read().await?, track_of(&track)?).await?;
    let draft = match form.body.questions.iter().find(|q| q.key == key) {
        Some(q) => Draft::of([
            ("label", q.label.clone()),
            ("hint", q.hint.clone()),
            ("kind", q.kind.to_string()),
            ("required", if q.required { "yes" } else { "" }.to_owned()),
            ("options", q.options.join("\n")),
            ("heading", q.heading.clone()),
        ]),
        None if key == "new" => Draft::of([("kind", "short"), ("required", "yes")]),
        None => return Err(Error::NotFound),
    };
    Ok(page(&form, &key, &csrf, &draft, &form.version.to_string()))
}

fn page(form: &ApplicationForm, key: &str, csrf: &Csrf, draft: &Draft, seen: &str) -> Page {
    let at = format!("{}/questions/{key}", here(form.track));
    let is_new = key == "new";
    let kinds: Vec<_> = QuestionKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action=(at) novalidate {
            (csrf.field())
            input type="hidden" name="version" value=(seen);
            (Field { hint: Some("Such as: How many members do you have?"), ..field("label", "The question") }.input(draft))
            (Field { optional: true, ..field("hint", "Hint under it") }.input(draft))
            (field("kind", "It is answered by").radios(draft, &kinds))
            (Field { optional: true, hint: Some("For one or any of several: each answer on its own line."), ..field("options", "Answers to choose from") }.textarea(draft, 5))
            (tick("required", "It must be answered", None, draft))
            (Field { optional: true, hint: Some("Questions that follow each other under the same heading stand on one page. Leave it empty for a page of its own."), ..field("heading", "Heading of its page") }.input(draft))
            div.actions { button type="submit" { @if is_new { "Add the question" } @else { "Save" } } a href=(here(form.track)) { "Cancel" } }
        }
        @if !is_new { (removal(&at, seen, csrf, "question", "Whoever begins from now on is not asked it. What was answered before is kept.")) }
    };
    subject(if is_new { "Add a question" } else { "Change a question" }, form.track, content)
}

async fn save(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((track, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let mut tx = app.db.read().await?;
    let form = forms::latest(&mut tx, track).await?;
    let mut asked = match typed.read(&key) {
        Ok(asked) => asked,
        Err(draft) => return Err(Draft::refuse(page(&form, &key, &csrf, &draft, &typed.version))),
    };
    if key == "new" {
        asked.key = fresh_name(&mut tx, track, &asked.label).await?;
    }
    drop(tx);
    let version = write(&app, &staff, track, &typed.version, |_, body| {
        match body.questions.iter_mut().find(|q| q.key == asked.key) {
            Some(q) => *q = asked,
            None if key == "new" => body.questions.push(asked),
            None => return Err(Error::NotFound),
        }
        Ok(())
    })
    .await?;
    Ok(done(track, version, "The question is kept."))
}

/// The button that moves a question before the one above it.
pub(super) fn up(form: &ApplicationForm, key: &str, label: &str, csrf: &Csrf) -> Markup {
    html! {
        form method="post" action={ (here(form.track)) "/questions/" (key) "/place" } {
            (csrf.field())
            input type="hidden" name="version" value=(form.version);
            button.secondary type="submit" { "Up" span.visually-hidden { ": " (label) } }
        }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Seen {
    version: String,
}

async fn change(app: &App, staff: &Staff, track: Track, key: &str, seen: &str, up: bool) -> Result<i64, Error> {
    write(app, staff, track, seen, |_, body| {
        let at = body.questions.iter().position(|q| q.key == key).ok_or_else(changed_meanwhile)?;
        if up {
            body.questions.swap(at, at.saturating_sub(1));
        } else {
            body.questions.remove(at);
        }
        Ok(())
    })
    .await
}

async fn move_up(
    State(app): State<App>,
    staff: Staff,
    Path((track, key)): Path<(String, String)>,
    Form(seen): Form<Seen>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let version = change(&app, &staff, track, &key, &seen.version, true).await?;
    Ok(done(track, version, "The question stands one place higher."))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path((track, key)): Path<(String, String)>,
    Form(seen): Form<Seen>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let track = track_of(&track)?;
    let version = change(&app, &staff, track, &key, &seen.version, false).await?;
    Ok(done(track, version, "The question is not asked any more."))
}
