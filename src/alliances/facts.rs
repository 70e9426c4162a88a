//! What an alliance is called and for, and the places of its territory.
use super::{AllianceId, Grain, Overview, TerritoryId, form, places, queries};
use crate::{
    app::App,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/alliances/{id}/facts", get(ask).post(describe))
        .route("/staff/alliances/{id}/territory", get(ask_place).post(add_place))
        .route("/staff/alliances/{id}/territory/{place}/removal", post(remove_place))
}

#[derive(Deserialize, Default, Serialize)]
#[serde(default)]
struct Facts {
    name: String,
    summary: String,
}

pub(super) fn fields(draft: &Draft) -> Markup {
    html! {
        (Field { hint: Some("As people say it: Twin Cities Alliance"), autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
        (Field { hint: Some("Who works together here and for what, in a sentence or two. Visitors read it."), optional: true, ..field("summary", "Summary") }.textarea(draft, 4))
    }
}

pub(super) fn read(draft: &mut Draft, name: &str, summary: &str) -> Option<(String, String)> {
    let name = draft.text("name", &text::line(name), 120, "Write the alliance’s name");
    let summary = draft.optional_text("summary", summary, 1_500);
    name.zip(summary)
}

/// One place, as it was typed and proved right.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    pub(super) grain: Grain,
    pub(super) name: String,
    pub(super) state_code: Option<String>,
}

pub(super) fn place_fields(draft: &Draft) -> Markup {
    let grains: Vec<_> = Grain::ALL.iter().map(|g| (g.as_str(), g.label(), None)).collect();
    html! {
        (field("grain", "How large the place is").radios(draft, &grains))
        (Field { width: "medium", optional: true, hint: Some("A state needs no other name."), ..field("place", "The place") }.input(draft))
        (Field { optional: true, hint: Some("A country, and a region of several states, lies in none."), ..field("state", "The state it lies in") }.select(draft, &places::choices("None")))
    }
}

impl Place {
    pub(super) fn read(draft: &mut Draft, grain: &str, place: &str, state: &str) -> Option<Self> {
        let grain = draft.read::<Grain>("grain", grain);
        let mut name = draft.optional_text("place", &text::line(place), 120)?;
        draft.keep("state", state);
        let code = places::state_of(state).filter(|_| !state.trim().is_empty());
        let grain = grain?;
        if grain == Grain::State {
            code.and_then(places::state_name).unwrap_or_default().clone_into(&mut name);
        } else if name.is_empty() {
            draft.reject("place", "Write the name of the place");
            return None;
        }
        if code.is_none() && !matches!(grain, Grain::Country | Grain::Region) {
            draft.reject("state", "Choose the state");
            return None;
        }
        let code = code.filter(|_| grain != Grain::Country);
        Some(Self { grain, name, state_code: code.map(str::to_owned) })
    }
}

fn page(of: &Overview, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let content = html! {
        (error_summary(draft))
        p { "Its page keeps its address: /alliances/" (of.alliance.slug) "." }
        form method="post" action={ (base) "/facts" } {
            (csrf.field())
            (fields(draft))
            p.actions { button type="submit" { "Save" } a href=(base) { "Cancel" } }
        }
    };
    form::page(&of.alliance, "Change the facts", content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let of = form::find(&app, &mut app.db.read().await?, id).await?;
    let draft = Draft::of([("name", of.alliance.name.as_str()), ("summary", &of.alliance.summary)]);
    Ok(page(&of, &csrf, &draft))
}

async fn describe(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Facts>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let mut draft = Draft::default();
    let Some((name, summary)) = read(&mut draft, &typed.name, &typed.summary) else {
        return Err(Draft::refuse(page(&of, &csrf, &draft)));
    };
    queries::describe(&mut tx, id, &name, &summary).await?;
    let before = Facts { name: of.alliance.name, summary: of.alliance.summary };
    form::note(&mut tx, &app, &staff, "change_facts", id, Some(&before), Some(&Facts { name, summary })).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, "The facts are saved."))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TypedPlace {
    grain: String,
    place: String,
    state: String,
}

fn place_page(of: &Overview, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let content = html! {
        (error_summary(draft))
        @if of.territories.is_empty() { p { "No place is named yet. Visitors who look for an alliance near them find it by these places." } } @else {
            ul { @for place in &of.territories {
                li {
                    form.actions method="post" action={ (base) "/territory/" (place.id) "/removal" } {
                        (csrf.field())
                        span { (place.grain.label()) ": " (places::in_words(std::slice::from_ref(place))) }
                        button.quiet type="submit" { "Remove" span.visually-hidden { " " (place.name) } }
                    }
                }
            } }
        }
        h2 { "Add a place" }
        form method="post" action={ (base) "/territory" } {
            (csrf.field())
            (place_fields(draft))
            p.actions { button type="submit" { "Add the place" } a href=(base) { "Back to the alliance" } }
        }
    };
    form::page(&of.alliance, "Territory", content)
}

async fn ask_place(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let of = form::find(&app, &mut app.db.read().await?, id).await?;
    Ok(place_page(&of, &csrf, &Draft::of([("grain", Grain::City.as_str())])))
}

async fn add_place(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<TypedPlace>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let mut draft = Draft::default();
    let place = Place::read(&mut draft, &typed.grain, &typed.place, &typed.state);
    let again = |p: &Place| of.territories.iter().any(|t| t.grain == p.grain && t.name == p.name && t.state_code == p.state_code);
    if place.as_ref().is_some_and(again) {
        draft.reject("place", "This place is part of the territory already");
    }
    let Some(place) = place.filter(|_| draft.is_right()) else { return Err(Draft::refuse(place_page(&of, &csrf, &draft))) };
    queries::add_territory(&mut tx, id, place.grain, &place.name, place.state_code.as_deref()).await?;
    form::note(&mut tx, &app, &staff, "add_territory", id, None, Some(&place)).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/territory", form::base(id)), Mood::Good, format!("{} is part of the territory.", place.name)))
}

async fn remove_place(
    State(app): State<App>,
    staff: Staff,
    Path((id, place)): Path<(AllianceId, TerritoryId)>,
    _: RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let found = queries::territory(&mut tx, id, place).await?.ok_or(Error::NotFound)?;
    queries::remove_territory(&mut tx, place).await?;
    let before = Place { grain: found.grain, name: found.name.clone(), state_code: found.state_code };
    form::note(&mut tx, &app, &staff, "remove_territory", id, Some(&before), None).await?;
    tx.commit().await?;
    Ok(redirect_saying(
        format!("{}/territory", form::base(id)),
        Mood::Good,
        format!("{} is no longer part of the territory.", found.name),
    ))
}
