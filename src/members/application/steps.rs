//! One question a page: which comes when, what each shows, and what is done with its answer.
use super::{
    Application, answers, duplicates,
    forms::{self, ApplicationForm},
    queries, start,
};
use crate::{
    app::App,
    kernel::{Coalition, Day, Timestamp},
    members::{self, Category, Commitment, Track},
    web::{Csrf, Draft, Error, Mood, Page, RawForm, error_summary, redirect, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A page of the application: the last part of its address, and the question it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) title: String,
}

/// The pages in their order; the document, which is a file, has pages of its own. What is not asked for but
/// was given once still has its place.
pub(super) fn steps(a: &Application, form: &ApplicationForm) -> Vec<Step> {
    let step = |name: &str, title: &str| Some(Step { name: name.to_owned(), title: title.to_owned() });
    let mut all = vec![
        step("track", "How does your organization want to belong?"),
        step("organization", "Which organization is it?"),
        step("category", "What kind of organization is it?"),
        step("eligibility", "Does it meet the conditions?").filter(|_| !form.body.conditions.is_empty()),
    ];
    all.extend(form.pages().into_iter().map(|(page, _)| Some(page)));
    all.extend([
        step("commitment", "Does it make the commitment?"),
        step("document", "Where is the commitment written down?").filter(|_| form.document || a.file.is_some()),
        step("contacts", "Who speaks for it?"),
    ]);
    all.into_iter().flatten().collect()
}

/// What a question's page may need besides the application.
pub(super) struct Ground {
    pub(super) coalition: std::sync::Arc<Coalition>,
    pub(super) categories: Vec<Category>,
    pub(super) commitment: Option<Commitment>,
    /// What the application is bound to.
    pub(super) form: ApplicationForm,
    /// The newest form of each track.
    pub(super) latest: Vec<ApplicationForm>,
    pub(super) today: Day,
    pub(super) now: Timestamp,
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/join/{token}/{step}", get(show).post(answer))
}

/// Whether the applicant came from the page that shows all answers, and goes back to it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Back {
    pub(super) back: String,
}

impl Back {
    pub(super) fn to_check(&self) -> bool {
        self.back == "check"
    }

    /// The query string that remembers it.
    pub(super) fn query(&self) -> &'static str {
        if self.to_check() { "?back=check" } else { "" }
    }
}

pub(super) async fn ground(tx: &mut crate::db::Tx, app: &App, a: &Application) -> sqlx::Result<Ground> {
    let coalition = app.coalition.get();
    let now = app.clock.now();
    let today = coalition.zone().day(now);
    Ok(Ground {
        categories: members::categories(tx).await?,
        commitment: members::commitment(tx, today).await?,
        form: forms::of(tx, a).await?,
        latest: vec![forms::latest(tx, Track::Member).await?, forms::latest(tx, Track::Observer).await?],
        coalition,
        today,
        now,
    })
}

fn position(steps: &[Step], step: &str) -> Option<usize> {
    steps.iter().position(|each| each.name == step)
}

/// Where to go after a question.
pub(super) fn after(steps: &[Step], token: &str, step: &str, to_check: bool) -> String {
    match position(steps, step).and_then(|at| steps.get(at + 1)).filter(|_| !to_check) {
        Some(next) => format!("/join/{token}/{}", next.name),
        None => format!("/join/{token}/check"),
    }
}

/// The way to where an application stands, when it can’t be changed any more.
pub(super) fn closed(application: &Application, token: &str) -> Option<Response> {
    (!application.state.is_open()).then(|| redirect(format!("/join/{token}")))
}

/// The frame of every question: progress, the question as heading, its form, and how to come back.
pub(super) fn question(steps: &[Step], token: &str, step: &str, draft: &Draft, form: &Markup) -> Page {
    let at = position(steps, step).unwrap_or_default();
    let (title, last) = (steps[at].title.as_str(), steps.len());
    let content = html! {
        p { @if at > 0 { a href={ "/join/" (token) "/" (steps[at - 1].name) } { "Back" } } @else { a href="/join" { "Back" } } }
        div.question {
            (error_summary(draft))
            p.progress { "Question " (at + 1) " of " (last) }
            h1 { (title) }
            (form)
            p.hint { "Each answer is kept when you go on. To stop here, close the page: the link we mailed you brings you back." }
        }
    };
    Page::bare(title, content).own_heading()
}

fn form_of(token: &str, step: &str, back: &Back, csrf: &Csrf, fields: &Markup) -> Markup {
    html! {
        form method="post" action={ "/join/" (token) "/" (step) (back.query()) } novalidate {
            (csrf.field())
            (fields)
            p.actions { button type="submit" { @if back.to_check() { "Save" } @else { "Go on" } } }
        }
    }
}

async fn show(
    State(app): State<App>,
    csrf: Csrf,
    Path((token, step)): Path<(String, String)>,
    Query(back): Query<Back>,
) -> Result<Result<Page, Response>, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = closed(&application, &token) {
        return Ok(Err(away));
    }
    let ground = ground(&mut tx, &app, &application).await?;
    let steps = steps(&application, &ground.form);
    position(&steps, &step).ok_or(Error::NotFound)?;
    let draft = answers::given(&step, &application, &ground);
    let fields = answers::fields(&step, &draft, &ground);
    Ok(Ok(question(&steps, &token, &step, &draft, &form_of(&token, &step, &back, &csrf, &fields))))
}

async fn answer(
    State(app): State<App>,
    csrf: Csrf,
    Path((token, step)): Path<(String, String)>,
    Query(back): Query<Back>,
    RawForm(typed): RawForm,
) -> Result<Response, Error> {
    let mut tx = app.db.write().await?;
    let mut application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = closed(&application, &token) {
        return Ok(away);
    }
    let ground = ground(&mut tx, &app, &application).await?;
    let steps = steps(&application, &ground.form);
    position(&steps, &step).filter(|_| step != "document").ok_or(Error::NotFound)?;
    let mut draft = Draft::of(typed.clone());
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in typed {
        fields.entry(name).or_default().push(value);
    }
    answers::read(&step, &fields, &mut draft, &mut application, &ground);
    if !draft.is_right() {
        let shown = answers::fields(&step, &draft, &ground);
        return Err(Draft::refuse(question(&steps, &token, &step, &draft, &form_of(&token, &step, &back, &csrf, &shown))));
    }
    let warning = if step == "organization" { duplicates::warning(&mut tx, &application).await? } else { None };
    if !queries::save(&mut tx, &application, ground.now).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    tx.commit().await?;
    let next = after(&steps, &token, &step, back.to_check());
    Ok(match warning {
        Some(warning) => redirect_saying(next, Mood::Warn, warning),
        None => redirect(next),
    })
}
