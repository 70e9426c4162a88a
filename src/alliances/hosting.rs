//! The host organization: which member stands behind the leader, and since when.
use super::{AllianceId, Overview, form, queries};
use crate::{
    app::App,
    kernel::Day,
    members,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, day, error_summary, field, redirect_saying},
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
    Router::new().route("/staff/alliances/{id}/host", get(ask).post(name)).route("/staff/alliances/{id}/host/end", post(end))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    organization: String,
    from: String,
}

fn page(of: &Overview, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let content = html! {
        (error_summary(draft))
        @if let Some(host) = &of.host {
            p { (host.organization.name) " has stood behind it since " (day(host.from_day)) ". When you name another, its time ends on the day the other’s begins." }
        } @else { p { "A member of the coalition stands behind the leader: it lends rooms, a name and somebody to ask." } }
        form method="post" action={ (base) "/host" } {
            (csrf.field())
            (Field { hint: Some("The name of a member, its beginning, or its admission number"), autocomplete: Some("off"), ..field("organization", "Host organization") }.input(draft))
            (form::date("from", "From which day").input(draft))
            p.actions { button type="submit" { "Name it as host organization" } a href=(base) { "Cancel" } }
        }
        @if let Some(host) = &of.host {
            section.danger-zone aria-labelledby="end" {
                h2 #end { "End without another" }
                p { (host.organization.name) " stands behind the alliance no longer, from today on. The record stays." }
                form.actions method="post" action={ (base) "/host/end" } { (csrf.field()) button type="submit" { "End its time as host organization" } }
            }
        }
    };
    form::page(&of.alliance, "Host organization", content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let of = form::find(&app, &mut app.db.read().await?, id).await?;
    Ok(page(&of, &csrf, &Draft::of([("from", form::today(&app).to_string())])))
}

async fn name(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let today = form::today(&app);
    let mut tx = app.db.write().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let mut draft = Draft::default();
    let typed_name = draft.text("organization", &typed.organization, 200, "Write which member stands behind it");
    let from = draft.read::<Day>("from", &typed.from);
    form::not_ahead(&mut draft, "from", from, today);
    let found = match &typed_name {
        Some(name) => members::meant(&mut tx, name).await?.map_err(|why| draft.reject("organization", why)).ok(),
        None => None,
    };
    if let (Some(host), Some(found)) = (&of.host, &found) {
        if host.organization.id == found.id {
            draft.reject("organization", format!("{} is the host organization already", found.name));
        } else if from.is_some_and(|from| from < host.from_day) {
            draft.reject(
                "from",
                format!("{} has been host since {}; another can only follow", host.organization.name, host.from_day.words()),
            );
        }
    }
    if found.as_ref().is_some_and(|found| !found.is_member()) {
        draft.reject("organization", "An observer can’t be a host organization; it takes a member");
    }
    let (Some(found), Some(from), true) = (found, from, draft.is_right()) else {
        return Err(Draft::refuse(page(&of, &csrf, &draft)));
    };
    queries::set_host(&mut tx, id, found.id, from).await?;
    let before = of.host.as_ref().map(|h| serde_json::json!({ "host": h.organization.name, "from": h.from_day }));
    let after = serde_json::json!({ "host": found.name, "from": from });
    form::note(&mut tx, &app, &staff, "name_host", id, before.as_ref(), Some(&after)).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, format!("{} stands behind the alliance.", found.name)))
}

async fn end(State(app): State<App>, staff: Staff, Path(id): Path<AllianceId>, _: RawForm) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let Some(host) = of.host else {
        return Err(Error::Conflict("No host organization is named any more. Look at the alliance again.".to_owned()));
    };
    queries::end_host(&mut tx, id, form::today(&app)).await?;
    let before = serde_json::json!({ "host": host.organization.name, "from": host.from_day });
    form::note(&mut tx, &app, &staff, "end_host", id, Some(&before), None).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, format!("{} is host organization no longer.", host.organization.name)))
}
