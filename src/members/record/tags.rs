//! Tags: free words that staff sort organizations by. Never public.
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

const MOST: usize = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/tags", get(ask).post(save))
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Typed {
    tags: String,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization, used: &[String]) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/tags" } {
            (csrf.field())
            (Field { optional: true, hint: Some("Words with commas between, such as founding member, speaker"), ..field("tags", "Tags") }.input(draft))
            @if !used.is_empty() { p.hint { "In use: " (used.join(", ")) "." } }
            p.actions { button type="submit" { "Save the tags" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Change the tags", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let draft = Draft::of([("tags", queries::tags(&mut tx, id).await?.join(", "))]);
    let used = queries::all_tags(&mut tx).await?;
    Ok(page(&csrf, &draft, &o, &used))
}

async fn save(
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
    draft.keep("tags", &typed.tags);
    let mut tags: Vec<_> =
        typed.tags.split([',', ';', '\n']).map(text::line).map(|t| t.to_lowercase()).filter(|t| !t.is_empty()).collect();
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > MOST || tags.iter().any(|tag| tag.chars().count() > 40) {
        draft.reject("tags", format!("Write at most {MOST} tags of at most 40 letters each"));
        let used = queries::all_tags(&mut tx).await?;
        return Err(Draft::refuse(page(&csrf, &draft, &o, &used)));
    }
    let before = serde_json::json!({ "tags": queries::tags(&mut tx, id).await? });
    let after = serde_json::json!({ "tags": tags });
    queries::set_tags(&mut tx, id, &tags).await?;
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    audit::record(&mut tx, &staff.actor(), "change the tags", record, Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The tags are saved."))
}
