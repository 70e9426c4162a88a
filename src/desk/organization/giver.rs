//! Which organization of the roll a donor is, asked on the donor's side.
use super::gifts::tie_to;
use crate::{
    app::App,
    donors::{self, Donor, DonorId, ties},
    members,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    organization: String,
}

fn page(csrf: &Csrf, draft: &Draft, donor: &Donor) -> Page {
    let back = format!("/staff/donors/{}", donor.id);
    let content = html! {
        (error_summary(draft))
        p { "The gifts of " (donor.name) " then stand on that organization’s record. Its standing does not depend on them." }
        form method="post" action={ (back) "/organization" } novalidate {
            (csrf.field())
            (Field { autocomplete: Some("off"), hint: Some("The name of an organization on the roll, its beginning, or its admission number"), ..field("organization", "Organization") }.input(draft))
            p.actions { button type="submit" { "Tie it" } a href=(back) { "Cancel" } }
        }
    };
    Page::staff("Which organization it is", content).crumb("Donors", "/staff/donors").crumb(donor.name.clone(), back)
}

/// The donor, when nobody has tied it.
async fn untied(app: &App, id: DonorId) -> Result<Donor, Error> {
    let mut tx = app.db.read().await?;
    let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    match ties::organization_of(&mut tx, id).await? {
        None => Ok(donor),
        Some(_) => Err(Error::Conflict(format!("{} is tied to an organization already. Untie it there first.", donor.name))),
    }
}

pub(super) async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<DonorId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    Ok(page(&csrf, &Draft::default(), &untied(&app, id).await?))
}

pub(super) async fn say(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<DonorId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = untied(&app, id).await?;
    let mut draft = Draft::default();
    let mut tx = app.db.write().await?;
    let meant =
        match draft.text("organization", &typed.organization, 200, "Write the organization’s name or its admission number") {
            Some(typed) => Some(members::meant(&mut tx, &typed).await?),
            None => None,
        };
    let found = meant.and_then(|meant| meant.map_err(|why| draft.reject("organization", why)).ok());
    let Some(found) = found else { return Err(Draft::refuse(page(&csrf, &draft, &donor))) };
    tie_to(&mut tx, &app, &staff, &donor, (found.id, &found.name)).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{id}"), Mood::Good, format!("{} is {} of the roll.", donor.name, found.name)))
}
