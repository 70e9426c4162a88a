//! An alliance is begun: a name, what it is for, and the first place of its territory.
use super::{
    Alliance, AllianceId, AllianceState, Grain,
    facts::{self, Place},
    form, queries,
};
use crate::{
    app::App,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying},
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/new", get(ask).post(begin))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    summary: String,
    grain: String,
    place: String,
    state: String,
}

async fn ask(staff: Staff, csrf: Csrf, Query(given): Query<Typed>) -> Result<Page, Error> {
    staff.may_admit()?;
    let grain = if given.grain.is_empty() { Grain::City.as_str() } else { &given.grain };
    Ok(page(&csrf, &Draft::of([("grain", grain), ("place", &given.place), ("state", &given.state), ("name", &given.name)])))
}

fn page(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        (error_summary(draft))
        p { "It begins as prospective. The leader, the host organization and every other place of its territory come next, on its own page." }
        form method="post" action="/staff/alliances/new" {
            (csrf.field())
            (facts::fields(draft))
            (facts::place_fields(draft))
            p.actions { button type="submit" { "Begin the alliance" } a href="/staff/alliances" { "Cancel" } }
        }
    };
    Page::staff("Begin an alliance", content).crumb("Staff", "/staff").crumb("Alliances", "/staff/alliances")
}

async fn begin(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut draft = Draft::default();
    let named = facts::read(&mut draft, &typed.name, &typed.summary);
    let place = Place::read(&mut draft, &typed.grain, &typed.place, &typed.state);
    let (Some((name, summary)), Some(place)) = (named, place) else { return Err(Draft::refuse(page(&csrf, &draft))) };
    let mut tx = app.db.write().await?;
    let alliance = Alliance {
        id: AllianceId::new(),
        slug: queries::free_slug(&mut tx, &text::slug(&name)).await?,
        name,
        summary,
        state: AllianceState::Prospective,
        fund_slug: None,
        created_at: app.clock.now(),
    };
    if !queries::insert(&mut tx, &alliance).await? {
        draft.reject("name", "Another alliance of this name was begun at the same moment. Look at the list");
        return Err(Draft::refuse(page(&csrf, &draft)));
    }
    queries::add_territory(&mut tx, alliance.id, place.grain, &place.name, place.state_code.as_deref()).await?;
    let after = serde_json::json!({ "name": alliance.name, "summary": alliance.summary, "territory": place });
    form::note(&mut tx, &app, &staff, "begin", alliance.id, None, Some(&after)).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(alliance.id), Mood::Good, format!("{} is begun. Name its leader next.", alliance.name)))
}
