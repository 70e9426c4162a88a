//! The formation pipeline as staff work it: the checklist, the step that comes next, and the last one
//! taken back.
use super::{AllianceId, Overview, Step, StepKind, form, pipeline, queries};
use crate::{
    app::App,
    kernel::Day,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}/steps", get(ask).post(take)).route("/staff/alliances/{id}/steps/undo", post(undo))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    kind: String,
    on: String,
    note: String,
}

fn page(of: &Overview, steps: &[Step], csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let kinds: Vec<_> = pipeline::possible(steps).iter().map(|k| (k.as_str(), k.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        p.lead { (pipeline::sentence(of.alliance.state)) }
        form method="post" action={ (base) "/steps" } {
            (csrf.field())
            (field("kind", "What happened").radios(draft, &kinds))
            (form::date("on", "When").input(draft))
            (Field { optional: true, ..field("note", "Note") }.textarea(draft, 2))
            p.actions { button type="submit" { "Record the step" } a href=(base) { "Cancel" } }
        }
    };
    form::page(&of.alliance, "Record a step", content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let steps = queries::steps(&mut tx, id).await?;
    let first = pipeline::possible(&steps).first().map_or("", |k| k.as_str());
    Ok(page(&of, &steps, &csrf, &Draft::of([("kind", first.to_owned()), ("on", form::today(&app).to_string())])))
}

async fn take(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let today = form::today(&app);
    let mut tx = app.db.write().await?;
    queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let of = form::find(&app, &mut tx, id).await?;
    let steps = queries::steps(&mut tx, id).await?;
    let mut draft = Draft::default();
    let kind = draft.read::<StepKind>("kind", &typed.kind);
    let on = draft.read::<Day>("on", &typed.on);
    let note = draft.optional_text("note", &typed.note, 600);
    let ground = pipeline::Ground { leader: !of.leaders(today).is_empty(), host: of.host.is_some() };
    if let (Some(kind), Some(on)) = (kind, on)
        && let Some(why) = pipeline::refusal(&steps, kind, on, today, ground)
    {
        draft.reject(if why.contains("lie ahead") || why.contains("before it") { "on" } else { "kind" }, why);
    }
    let (Some(kind), Some(on), Some(note), true) = (kind, on, note, draft.is_right()) else {
        return Err(Draft::refuse(page(&of, &steps, &csrf, &draft)));
    };
    let state = queries::take_step(&mut tx, id, kind, on, &note, &staff.name, app.clock.now()).await?;
    let before = serde_json::json!({ "state": of.alliance.state });
    let after = serde_json::json!({ "state": state, "step": kind, "on": on, "note": note });
    form::note(&mut tx, &app, &staff, "take_step", id, Some(&before), Some(&after)).await?;
    tx.commit().await?;
    let said = format!("“{}” is recorded. The alliance is: {}.", kind.label(), state.label().to_lowercase());
    Ok(redirect_saying(form::base(id), Mood::Good, said))
}

async fn undo(State(app): State<App>, staff: Staff, Path(id): Path<AllianceId>, _: RawForm) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let was = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut steps = queries::steps(&mut tx, id).await?;
    let Some(last) = steps.pop() else { return Err(Error::Conflict("No step is recorded that could be taken back.".to_owned())) };
    queries::remove_step(&mut tx, last.id).await?;
    let state = pipeline::state(&steps);
    queries::set_state(&mut tx, id, state).await?;
    let before = serde_json::json!({ "state": was, "step": last.kind, "on": last.on_day, "note": last.note });
    form::note(&mut tx, &app, &staff, "take_step_back", id, Some(&before), Some(&serde_json::json!({ "state": state }))).await?;
    tx.commit().await?;
    let said = format!("“{}” is taken back. The alliance is: {}.", last.kind.label(), state.label().to_lowercase());
    Ok(redirect_saying(form::base(id), Mood::Good, said))
}
