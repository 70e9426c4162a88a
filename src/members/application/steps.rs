//! One question a page: which comes when, what each shows, and what is done with its answer.
use super::{Application, answers, queries, start};
use crate::{
    app::App,
    kernel::{Coalition, Day, Timestamp},
    members::{self, Category, Commitment},
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

/// The questions in their order; the document, which is a file, has pages of its own.
pub(super) const STEPS: [(&str, &str); 7] = [
    ("track", "How does your organization want to belong?"),
    ("organization", "Which organization is it?"),
    ("category", "What kind of organization is it?"),
    ("eligibility", "Does it meet the conditions?"),
    ("commitment", "Does it make the commitment?"),
    ("document", "Where is the commitment written down?"),
    ("contacts", "Who speaks for it?"),
];

/// What a question's page may need besides the application.
pub(super) struct Ground {
    pub(super) coalition: std::sync::Arc<Coalition>,
    pub(super) categories: Vec<Category>,
    pub(super) commitment: Option<Commitment>,
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

pub(super) async fn ground(tx: &mut crate::db::Tx, app: &App) -> sqlx::Result<Ground> {
    let coalition = app.coalition.get();
    let now = app.clock.now();
    let today = coalition.zone().day(now);
    Ok(Ground {
        categories: members::categories(tx).await?,
        commitment: members::commitment(tx, today).await?,
        coalition,
        today,
        now,
    })
}

fn position(step: &str) -> Option<usize> {
    STEPS.iter().position(|(name, _)| *name == step)
}

/// Where to go after a question.
pub(super) fn after(token: &str, step: &str, to_check: bool) -> String {
    match position(step).and_then(|at| STEPS.get(at + 1)).filter(|_| !to_check) {
        Some((next, _)) => format!("/join/{token}/{next}"),
        None => format!("/join/{token}/check"),
    }
}

/// The way to where an application stands, when it can’t be changed any more.
pub(super) fn closed(application: &Application, token: &str) -> Option<Response> {
    (!application.state.is_open()).then(|| redirect(format!("/join/{token}")))
}

/// The frame of every question: progress, the question as heading, its form, and how to come back.
pub(super) fn question(token: &str, step: &str, draft: &Draft, form: &Markup) -> Page {
    let at = position(step).unwrap_or_default();
    let (title, last) = (STEPS[at].1, STEPS.len());
    let content = html! {
        p { @if at > 0 { a href={ "/join/" (token) "/" (STEPS[at - 1].0) } { "Back" } } @else { a href="/join" { "Back" } } }
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
    position(&step).ok_or(Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = closed(&application, &token) {
        return Ok(Err(away));
    }
    let ground = ground(&mut tx, &app).await?;
    let draft = answers::given(&step, &application, &ground);
    let fields = answers::fields(&step, &draft, &ground);
    Ok(Ok(question(&token, &step, &draft, &form_of(&token, &step, &back, &csrf, &fields))))
}

async fn answer(
    State(app): State<App>,
    csrf: Csrf,
    Path((token, step)): Path<(String, String)>,
    Query(back): Query<Back>,
    RawForm(typed): RawForm,
) -> Result<Response, Error> {
    position(&step).filter(|_| step != "document").ok_or(Error::NotFound)?;
    let mut tx = app.db.write().await?;
    let mut application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = closed(&application, &token) {
        return Ok(away);
    }
    let ground = ground(&mut tx, &app).await?;
    let mut draft = Draft::of(typed.clone());
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in typed {
        fields.entry(name).or_default().push(value);
    }
    answers::read(&step, &fields, &mut draft, &mut application, &ground);
    if !draft.is_right() {
        let shown = answers::fields(&step, &draft, &ground);
        return Err(Draft::refuse(question(&token, &step, &draft, &form_of(&token, &step, &back, &csrf, &shown))));
    }
    let namesake = match (&application.name, step.as_str()) {
        (Some(name), "organization") => members::spoken_for(&mut tx, name).await?.filter(|known| known.left_on.is_none()),
        _ => None,
    };
    if !queries::save(&mut tx, &application, ground.now).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    tx.commit().await?;
    let next = after(&token, &step, back.to_check());
    Ok(match namesake {
        Some(known) => redirect_saying(
            next,
            Mood::Warn,
            format!("An organization called {} is on the roll already. Go on only if yours is another one.", known.name),
        ),
        None => redirect(next),
    })
}
