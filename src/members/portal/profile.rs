//! The profile as its delegate keeps it; the public page shows the change at once.
use super::{Delegate, Doing, page};
use crate::{
    app::App,
    members::{self, record::profile},
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying},
};
use axum::{Router, extract::State, response::Response, routing::get};
use maud::html;

pub(super) fn router() -> Router<App> {
    Router::new().route("/portal/profile", get(ask).post(save))
}

fn form(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Visitors see the change at once." }
        form method="post" action="/portal/profile" novalidate {
            (csrf.field())
            (profile::fields(draft))
            p.actions { button type="submit" { "Save the profile" } a href="/portal" { "Cancel" } }
        }
    };
    page("Change the profile", content)
}

async fn ask(d: Delegate, csrf: Csrf) -> Result<Page, Error> {
    d.may(Doing::Change)?;
    Ok(form(&csrf, &profile::draft(&d.o)))
}

async fn save(State(app): State<App>, d: Delegate, csrf: Csrf, Form(mut typed): Form<profile::Typed>) -> Result<Response, Error> {
    d.may(Doing::Change)?;
    let mut tx = app.db.write().await?;
    let o = members::record::find(&mut tx, d.o.id).await?;
    let categories = members::categories(&mut tx).await?;
    let mut draft = Draft::default();
    // Which category an organization is in, the secretariat decides.
    typed.category = o.category_id.to_string();
    let Some(wanted) = profile::read(&mut draft, &typed, d.today, &categories) else {
        return Err(Draft::refuse(form(&csrf, &draft)));
    };
    profile::save(&mut tx, &d.actor(), &o, &wanted, &categories, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect_saying("/portal", Mood::Good, "The profile is saved. Visitors see it at once."))
}
