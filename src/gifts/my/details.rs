//! What a donor says about themselves: name, address, updates by mail. Another e-mail address is taken only after a
//! link that is mailed to it is used, by a button.
use super::{HOME, Mine, shut};
use crate::{
    app::App,
    audit::{self, Actor},
    donors::{self, Donor},
    gifts::letters,
    kernel::{Email, text},
    links,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;
use serde::Deserialize;

const LINK: &str = "giving-email";
const LINK_MINUTES: i64 = 60;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    email: String,
    address: String,
    updates: Option<String>,
}

fn actor(donor: &Donor) -> Actor {
    Actor { kind: "donor", id: donor.id.to_string(), name: donor.name.clone() }
}

pub(super) async fn form(Mine(donor): Mine, csrf: Csrf) -> Page {
    let mut draft = Draft::of([
        ("name", donor.name.clone()),
        ("email", donor.email.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("address", donor.address.clone().unwrap_or_default()),
    ]);
    if donor.consent_updates {
        draft.keep("updates", "yes");
    }
    page(&draft, &csrf)
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action="/my-giving/details" novalidate {
            (csrf.field())
            (Field { autocomplete: Some("name"), hint: Some("As it stands on receipts from now on."), ..field("name", "Your name") }.input(draft))
            (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("A new address counts after you use the link that we mail to it."), ..field("email", "E-mail address") }.input(draft))
            (Field { optional: true, autocomplete: Some("street-address"), ..field("address", "Postal address") }.textarea(draft, 4))
            (tick("updates", "Send me updates by mail", Some("News of the work, a few times a year. Receipts come in any case."), draft))
            div.actions { button type="submit" { "Save" } a href=(HOME) { "Leave it as it is" } }
        }
    };
    super::page("About you", content)
}

pub(super) async fn save(
    Mine(before): Mine,
    State(app): State<App>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let name = draft.text("name", &typed.name, 200, "Enter your name");
    let email = draft.read::<Email>("email", &typed.email);
    let address = draft.optional_text("address", &typed.address, 500);
    let updates = typed.updates.is_some();
    if updates {
        draft.keep("updates", "yes");
    }
    let (Some(name), Some(email), Some(address), true) = (name, email, address, draft.is_right()) else {
        return Err(Draft::refuse(page(&draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let now = app.clock.now();
    let after = Donor {
        name: text::line(&name),
        address: Some(address).filter(|address| !address.is_empty()),
        consent_updates: updates,
        consent_at: if updates == before.consent_updates { before.consent_at } else { Some(now) },
        ..before.clone()
    };
    let mut tx = app.db.write().await?;
    if after != before {
        donors::change_own(&mut tx, &after).await?;
        let told = |donor: &Donor| serde_json::json!({ "name": donor.name, "address": donor.address, "consent_updates": donor.consent_updates });
        let record = before.id.to_string();
        audit::record(&mut tx, &actor(&before), "change", ("donor", &record), Some(&told(&before)), Some(&told(&after)), now)
            .await?;
    }
    let moves = before.email.as_ref() != Some(&email);
    if moves {
        // Whether somebody else gives with it is not said here: the link then says so to who reads that mail.
        let subject = format!("{} {email}", before.id);
        let token = links::issue(&mut tx, &app.keys, LINK, &subject, now, now.plus_minutes(LINK_MINUTES)).await?;
        letters::confirm_email(&app, &mut tx, &after, &email, &app.url(&format!("/my-giving/email/{token}"))).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let said = match (moves, after == before) {
        (true, _) => format!("A mail with a link is on its way to {email}. The address counts after you use it."),
        (false, true) => "Nothing was changed.".to_owned(),
        (false, false) => "Your details are changed.".to_owned(),
    };
    Ok(redirect_saying(HOME, Mood::Good, said))
}

async fn opened(app: &App, token: &str) -> Result<(Donor, Email), Error> {
    let mut tx = app.db.read().await?;
    let subject = links::open(&mut tx, &app.keys, LINK, token, app.clock.now()).await?.map_err(|why| match why {
        links::LinkError::Unknown => Error::NotFound,
        why => Error::Gone(why.to_string()),
    })?;
    let (id, email) = subject.split_once(' ').ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, id.parse().map_err(|_| Error::NotFound)?).await?;
    let donor = donor.filter(|donor| donor.email.is_some()).ok_or(Error::NotFound)?;
    Ok((donor, email.parse().map_err(|_| Error::NotFound)?))
}

pub(super) async fn look(State(app): State<App>, Path(token): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let (donor, email) = opened(&app, &token).await?;
    let content = html! {
        p.lead { "From now on, receipts and links for " (donor.name) " go to " strong { (email) } "." }
        form method="post" action={ "/my-giving/email/" (token) } {
            (csrf.field())
            p.actions { button type="submit" { "Use this address" } }
        }
    };
    Ok(Page::bare("Confirm the new address", content))
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn confirm(
    State(app): State<App>,
    Path(token): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let (before, email) = opened(&app, &token).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if links::use_up(&mut tx, &app.keys, LINK, &token, now).await?.is_err() {
        return Err(Error::Gone("This link was used already.".to_owned()));
    }
    let after = Donor { email: Some(email.clone()), ..before.clone() };
    if !donors::change_own(&mut tx, &after).await? {
        return Err(Error::Conflict(
            "Somebody has given with this address already, so it can’t be yours as well here. Write to us, and we put the two together.".to_owned(),
        ));
    }
    shut(&mut tx, before.id, now).await?;
    let told = |email: Option<&Email>| serde_json::json!({ "email": email });
    let record = before.id.to_string();
    let (old, new) = (told(before.email.as_ref()), told(Some(&email)));
    audit::record(&mut tx, &actor(&before), "change_email", ("donor", &record), Some(&old), Some(&new), now).await?;
    if let Some(old) = &before.email {
        letters::email_changed(&app, &mut tx, &before, old).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(HOME, Mood::Good, "The new address counts from now on. Ask for a link with it to come in again."))
}
