//! The form for a donor's contact details. Giving updates a consent is the donor's own act; staff may
//! only write down that it was given or taken back.
use super::queries;
use crate::{
    app::App,
    audit,
    donors::{self, Donor, DonorId, DonorKind, ties},
    kernel::Email,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;

#[derive(Debug, serde::Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    address: String,
    consent_updates: Option<String>,
}

/// What the audit keeps of a donor.
#[derive(serde::Serialize)]
struct Details<'a> {
    kind: DonorKind,
    name: &'a str,
    email: Option<&'a str>,
    address: Option<&'a str>,
    consent_updates: bool,
}

impl<'a> Details<'a> {
    fn of(donor: &'a Donor) -> Self {
        Self {
            kind: donor.kind,
            name: &donor.name,
            email: donor.email.as_ref().map(Email::as_str),
            address: donor.address.as_deref(),
            consent_updates: donor.consent_updates,
        }
    }
}

pub(super) async fn form(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut draft = Draft::of([
        ("kind", donor.kind.as_str().to_owned()),
        ("name", donor.name.clone()),
        ("email", donor.email.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("address", donor.address.clone().unwrap_or_default()),
    ]);
    if donor.consent_updates {
        draft.keep("consent_updates", "yes");
    }
    Ok(page(&donor, &draft, &csrf))
}

pub(super) async fn save(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = known(&app, &id).await?;
    let mut draft = Draft::default();
    let kind = draft.read::<DonorKind>("kind", &typed.kind);
    let name = draft.text("name", &typed.name, 200, "Enter the donor’s name");
    let email = draft.read_optional::<Email>("email", &typed.email);
    let address = draft.optional_text("address", &typed.address, 1_000);
    let consent_updates = typed.consent_updates.is_some();
    if consent_updates {
        draft.keep("consent_updates", "yes");
    }
    if kind.is_some_and(|kind| kind != DonorKind::Organization) && is_tied(&app, before.id).await? {
        draft.reject("kind", "This donor is tied to an organization of the roll. Untie it there first");
    }
    let (Some(kind), Some(name), Some(email), Some(address), true) = (kind, name, email, address, draft.is_right()) else {
        return Err(Draft::refuse(page(&before, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let now = app.clock.now();
    let after = Donor {
        kind,
        name: crate::kernel::text::line(&name),
        email,
        address: Some(address).filter(|a| !a.is_empty()),
        consent_updates,
        consent_at: if consent_updates == before.consent_updates { before.consent_at } else { Some(now) },
        ..before.clone()
    };
    let back = format!("/staff/donors/{}", before.id);
    if after == before {
        return Ok(redirect_saying(back, Mood::Good, "Nothing was changed."));
    }
    let mut tx = app.db.write().await?;
    if !queries::change(&mut tx, &after).await? {
        draft.reject("email", "Another donor has this address. Two donors can’t share one.");
        return Err(Draft::refuse(page(&before, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    }
    let record = before.id.to_string();
    audit::record(
        &mut tx,
        &staff.actor(),
        "change",
        ("donor", &record),
        Some(&Details::of(&before)),
        Some(&Details::of(&after)),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(back, Mood::Good, "The contact details are changed."))
}

async fn known(app: &App, id: &str) -> Result<Donor, Error> {
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)
}

async fn is_tied(app: &App, id: DonorId) -> Result<bool, Error> {
    Ok(ties::organization_of(&mut app.db.read().await?, id).await?.is_some())
}

fn page(donor: &Donor, draft: &Draft, csrf: &Csrf) -> Page {
    let kinds: Vec<_> = DonorKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(), None)).collect();
    let back = format!("/staff/donors/{}", donor.id);
    Page::staff(
        format!("Contact details of {}", donor.name),
        html! {
            (error_summary(draft))
            form method="post" action={ (back) "/details" } novalidate {
                (csrf.field())
                (field("kind", "This donor is").radios(draft, &kinds))
                (Field { autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
                (Field { kind: "email", autocomplete: Some("off"), inputmode: Some("email"), optional: true,
                    hint: Some("Receipts and the link to change a recurring gift go here from now on."), ..field("email", "E-mail address") }.input(draft))
                (Field { optional: true, hint: Some("As it stands on an envelope."), ..field("address", "Postal address") }.textarea(draft, 4))
                (tick("consent_updates", "Wants to get updates by mail", Some("Tick this only if the donor said so."), draft))
                div.actions { button { "Save contact details" } a href=(back) { "Leave as it is" } }
            }
        },
    )
    .crumb("Donors", "/staff/donors")
    .crumb(donor.name.clone(), back)
}
