//! When the secretariat and an alliance were in touch: one line each, from the alliance's page.
use super::{AllianceId, form, queries};
use crate::{
    app::App,
    kernel::{Day, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}/contacts", post(add))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    on: String,
    note: String,
}

pub(super) fn form(id: AllianceId, csrf: &Csrf, draft: &Draft) -> Markup {
    html! {
        form method="post" action={ "/staff/alliances/" (id) "/contacts" } {
            (csrf.field())
            (form::date("on", "When").input(draft))
            (Field { autocomplete: Some("off"), hint: Some("Called Ellen about the fall meeting"), ..field("note", "What was said") }.input(draft))
            p.actions { button.secondary type="submit" { "Note the contact" } }
        }
    }
}

fn page(alliance: &super::Alliance, csrf: &Csrf, draft: &Draft) -> Page {
    form::page(alliance, "Note a contact", html! { (error_summary(draft)) (form(alliance.id, csrf, draft)) })
}

async fn add(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let alliance = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let on = draft.read::<Day>("on", &typed.on);
    form::not_ahead(&mut draft, "on", on, form::today(&app));
    let note = draft.text("note", &text::line(&typed.note), 400, "Write in a few words what was said");
    let (Some(on), Some(note), true) = (on, note, draft.is_right()) else {
        return Err(Draft::refuse(page(&alliance, &csrf, &draft)));
    };
    queries::add_contact(&mut tx, id, on, &note, &staff.name, app.clock.now()).await?;
    form::note(&mut tx, &app, &staff, "note_contact", id, None, Some(&serde_json::json!({ "on": on, "note": note }))).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}#contact", form::base(id)), Mood::Good, "The contact is noted."))
}
