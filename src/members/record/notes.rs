//! Notes: what staff write down for each other about an organization, dated and signed. Never public,
//! never changed.
use super::{find, href, queries, subject};
use crate::{
    app::App,
    audit,
    kernel::text,
    members::{Organization, OrganizationId},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/notes", get(ask).post(add))
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Typed {
    note: String,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/notes" } {
            (csrf.field())
            (Field { hint: Some("It carries your name and this day. Staff read it; nobody else does."), ..field("note", "Note") }.textarea(draft, 6))
            p.actions { button type="submit" { "Add the note" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Add a note", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    Ok(page(&csrf, &Draft::default(), &find(&mut app.db.read().await?, id).await?))
}

async fn add(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let mut draft = Draft::default();
    let Some(body) = draft.text("note", &text::lines(&typed.note), 5_000, "Write the note") else {
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    };
    let now = app.clock.now();
    queries::insert_note(&mut tx, id, &staff.name, &body, now).await?;
    let record = ("organization", id.to_string());
    audit::record(
        &mut tx,
        &staff.actor(),
        "add a note",
        (record.0, &record.1),
        None::<&()>,
        Some(&serde_json::json!({ "note": body })),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The note is added."))
}
