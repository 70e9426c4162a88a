//! Changing a donor's contact details. It refuses an address that another donor has, and a tied donor that is no
//! organization.
use super::{
    form::{self, Details, Typed},
    known, queries,
};
use crate::{
    app::App,
    audit,
    donors::{
        Donor, DonorId, DonorKind,
        care::{self, More},
        ties,
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;

async fn with_more(app: &App, id: &str) -> Result<(Donor, More), Error> {
    let donor = known(app, id).await?;
    let more = care::more_of(&mut app.db.read().await?, donor.id).await?;
    Ok((donor, more))
}

pub(super) async fn form(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let (donor, more) = with_more(&app, &id).await?;
    Ok(page(&donor, &form::draft_of(&donor, &more), &csrf))
}

pub(super) async fn save(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let (before, more) = with_more(&app, &id).await?;
    let now = app.clock.now();
    let refuse = |draft: &Draft| Draft::refuse(page(&before, draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY));
    let (mut draft, told) = typed.read(app.coalition.get().zone().day(now));
    let Some(told) = told else { return Err(refuse(&draft)) };
    if told.kind != DonorKind::Organization && is_tied(&app, before.id).await? {
        draft.reject("kind", "This donor is tied to an organization of the roll. Untie it there first");
        return Err(refuse(&draft));
    }
    let after = Donor {
        kind: told.kind,
        name: told.name,
        email: told.email,
        address: told.address,
        consent_updates: told.consent_updates,
        consent_at: if told.consent_updates == before.consent_updates { before.consent_at } else { Some(now) },
        ..before.clone()
    };
    let back = format!("/staff/donors/{}", before.id);
    if after == before && told.more == more {
        return Ok(redirect_saying(back, Mood::Good, "Nothing was changed."));
    }
    let mut tx = app.db.write().await?;
    if !queries::change(&mut tx, &after).await? {
        draft.reject("email", "Another donor has this address. Two donors can’t share one.");
        return Err(refuse(&draft));
    }
    care::set_more(&mut tx, before.id, &told.more).await?;
    let (was, is) = (Details::of(&before, &more), Details::of(&after, &told.more));
    audit::record(&mut tx, &staff.actor(), "change", ("donor", &before.id.to_string()), Some(&was), Some(&is), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(back, Mood::Good, "The contact details are changed."))
}

async fn is_tied(app: &App, id: DonorId) -> Result<bool, Error> {
    Ok(ties::organization_of(&mut app.db.read().await?, id).await?.is_some())
}

fn page(donor: &Donor, draft: &Draft, csrf: &Csrf) -> Page {
    let back = format!("/staff/donors/{}", donor.id);
    Page::staff(
        format!("Contact details of {}", donor.name),
        html! {
            (error_summary(draft))
            form method="post" action={ (back) "/details" } novalidate {
                (csrf.field())
                (form::fields(draft))
                div.actions { button { "Save contact details" } a href=(back) { "Leave as it is" } }
            }
        },
    )
    .crumb("Donors", "/staff/donors")
    .crumb(donor.name.clone(), back)
}
