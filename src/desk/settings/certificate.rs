//! Who signs certificates. A certificate made from now on has the new name; those given out keep theirs.
use crate::{
    app::App,
    audit,
    kernel::text,
    members::Signatory,
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

const PATH: &str = "/staff/settings/certificate";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    title: String,
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let now: Signatory = settings::get(&mut app.db.read().await?).await?;
    Ok(page(&Draft::of([("name", now.name), ("title", now.title)]), &csrf))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut draft = Draft::default();
    let name = draft.optional_text("name", &text::line(&typed.name), 120);
    let title = draft.optional_text("title", &text::line(&typed.title), 120);
    if name.as_deref() == Some("") && title.as_deref().is_some_and(|title| !title.is_empty()) {
        draft.reject("name", "Write who has this title, or leave both empty");
    }
    let (Some(name), Some(title), true) = (name, title, draft.is_right()) else {
        return Err(Draft::refuse(page(&draft, &csrf)));
    };
    let (after, now) = (Signatory { name, title }, app.clock.now());
    let mut tx = app.db.write().await?;
    let before: Signatory = settings::get(&mut tx).await?;
    if after != before {
        settings::set(&mut tx, &after, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Signatory::KEY), Some(&before), Some(&after), now).await?;
    }
    tx.commit().await?;
    Ok(redirect_saying("/staff/settings", Mood::Good, "The signatory of certificates is saved."))
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "A certificate says who an organization is in the coalition. It is made when it is asked for, as a PDF." }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { optional: true, width: "medium", hint: Some("Left empty, certificates have no line for a signature."), ..field("name", "Who signs") }.input(draft))
            (Field { optional: true, width: "medium", hint: Some("Such as Convener or Chair of the board."), ..field("title", "Title") }.input(draft))
            div.actions {
                button type="submit" { "Save" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Certificate", content).crumb("Settings", "/staff/settings")
}
