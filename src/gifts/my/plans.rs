//! A donor's recurring gift in the own pages: the same as behind the link of a receipt.
use super::{HOME, Mine};
use crate::{
    app::App,
    donors::Donor,
    gifts::{
        RecurringId, manage,
        plans::{self, Seat},
        queries,
    },
    web::{Csrf, Error, Form, Page},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;

/// Of this donor alone: another's is not found.
async fn seat(app: &App, donor: Donor, id: &str) -> Result<Seat, Error> {
    let id: RecurringId = id.parse().map_err(|_| Error::NotFound)?;
    let plan = queries::recurring_by_id(&mut app.db.read().await?, id).await?;
    let plan = plan.filter(|plan| plan.donor_id == donor.id).ok_or(Error::NotFound)?;
    let base = format!("{HOME}/recurring/{id}");
    Ok(Seat::of_donor(plan, donor, base.clone(), ("Recurring gift", base)))
}

pub(super) async fn page(Mine(donor): Mine, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let seat = seat(&app, donor, &id).await?;
    let mut tx = app.db.read().await?;
    let changes = queries::changes_of(&mut tx, seat.plan.id).await?;
    let failure = queries::failure_of(&mut tx, seat.plan.id).await?.filter(|_| plans::goes_on(&seat.plan));
    drop(tx);
    let content = html! {
        (plans::failure(failure.as_ref(), false, &zone))
        (plans::sentence(&seat.plan, &zone))
        (plans::buttons(&seat, &csrf))
        section { h2 { "What has changed" } (plans::changes(&changes, false, &zone)) }
    };
    Ok(super::page("Recurring gift", content))
}

pub(super) async fn amount(Mine(donor): Mine, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    manage::asked_amount(&app, &seat(&app, donor, &id).await?, &csrf).await
}

pub(super) async fn change_amount(
    Mine(donor): Mine,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Amount>,
) -> Result<Response, Error> {
    manage::take_amount(&app, &seat(&app, donor, &id).await?, &csrf, &typed).await
}

pub(super) async fn pause(Mine(donor): Mine, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    Ok(manage::asked_pause(&app, &seat(&app, donor, &id).await?, &csrf))
}

pub(super) async fn begin_pause(
    Mine(donor): Mine,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Pause>,
) -> Result<Response, Error> {
    manage::take_pause(&app, &seat(&app, donor, &id).await?, &csrf, &typed).await
}

pub(super) async fn press(
    Mine(donor): Mine,
    State(app): State<App>,
    Path((id, action)): Path<(String, String)>,
    Form(plans::Act {}): Form<plans::Act>,
) -> Result<Response, Error> {
    manage::pressed(&app, &seat(&app, donor, &id).await?, &action).await
}
