//! The further addresses of a donor, postal and e-mail: added, ended, made the preferred one. Nothing is deleted: a
//! former address says until when it held. It refuses an e-mail address that is another donor's own.
use super::{known, queries, under};
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{
        self, Donor, care,
        reach::{self, EmailId, OtherEmail, Place, PlaceId},
    },
    kernel::{Day, Email, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, field, redirect_saying, tick},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    lines: String,
    city: String,
    state: String,
    zip: String,
    country: String,
    from: String,
    preferred: Option<String>,
    email: String,
    email_from: String,
}

fn href(donor: &Donor) -> String {
    format!("/staff/donors/{}/addresses", donor.id)
}

pub(super) async fn show(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let donor = known(&app, &id).await?;
    page(&app, &donor, staff.may_keep_gifts().is_ok(), &Draft::default(), &csrf).await
}

async fn page(app: &App, donor: &Donor, may: bool, draft: &Draft, csrf: &Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let (places, emails) = (reach::places_of(&mut tx, donor.id).await?, reach::emails_at(&mut tx, donor.id).await?);
    drop(tx);
    let here = href(donor);
    let content = html! {
        (error_summary(draft))
        h2 { "Postal addresses" }
        @if !places.iter().any(|place| place.is_preferred(donor)) {
            @if let Some(address) = &donor.address { p { "Letters go to:" } p { @for line in address.lines() { (line) br; } } }
        }
        @if places.is_empty() { p { "No further postal address is on record." } } @else { (place_table(donor, &places, may, csrf)) }
        @if may { (place_form(&here, draft, csrf)) }
        h2 { "E-mail addresses" }
        p { @if let Some(email) = &donor.email { "Mail goes to " (email) "." } @else { "No e-mail address is preferred." } }
        @if emails.is_empty() { p { "No further e-mail address is on record." } } @else { (email_table(donor, &emails, may, csrf)) }
        @if may { (email_form(&here, draft, csrf)) }
    };
    Ok(under(donor, format!("Addresses of {}", donor.name), content))
}

fn held(from: Option<Day>, to: Option<Day>) -> Markup {
    html! {
        @match (from, to) {
            (None, None) => { "Holds" }
            (Some(from), None) => { "From " (day(from)) }
            (None, Some(to)) => { "Until " (day(to)) }
            (Some(from), Some(to)) => { (day(from)) " to " (day(to)) }
        }
    }
}

fn act(donor: &Donor, what: &str, name: &str, csrf: &Csrf) -> Markup {
    html! { form method="post" action={ "/staff/donors/" (donor.id) "/" (what) } { (csrf.field()) button.secondary type="submit" { (if what.ends_with("end") { "Ends today" } else { "Prefer" }) span.visually-hidden { ": " (name) } } } }
}

fn place_table(donor: &Donor, places: &[Place], may: bool, csrf: &Csrf) -> Markup {
    html! {
        table {
            caption { "Where letters reach the donor" }
            thead { tr { th scope="col" { "Address" } th scope="col" { "Holds" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody { @for place in places { @let words = place.envelope(); @let preferred = place.is_preferred(donor); tr {
                th scope="row" { @for (n, line) in words.lines().enumerate() { @if n > 0 { br; } (line) } @if preferred { br; "Preferred" } }
                td data-label="Holds" { (held(place.from_day, place.to_day)) }
                @if may { td { @if place.to_day.is_none() && !preferred {
                    (act(donor, &format!("places/{}/preferred", place.id), &words, csrf))
                    (act(donor, &format!("places/{}/end", place.id), &words, csrf))
                } } }
            } } }
        }
    }
}

fn email_table(donor: &Donor, emails: &[OtherEmail], may: bool, csrf: &Csrf) -> Markup {
    html! {
        table {
            caption { "Further e-mail addresses" }
            thead { tr { th scope="col" { "Address" } th scope="col" { "Holds" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody { @for one in emails { tr {
                th scope="row" { (one.email) }
                td data-label="Holds" { (held(one.from_day, one.to_day)) }
                @if may { td { @if one.to_day.is_none() {
                    (act(donor, &format!("emails/{}/preferred", one.id), one.email.as_str(), csrf))
                    (act(donor, &format!("emails/{}/end", one.id), one.email.as_str(), csrf))
                } } }
            } } }
        }
    }
}

fn place_form(here: &str, draft: &Draft, csrf: &Csrf) -> Markup {
    let off = |name, label| Field { autocomplete: Some("off"), ..field(name, label) };
    html! {
        h3 { "Add a postal address" }
        form method="post" action={ (here) "/postal" } novalidate {
            (csrf.field())
            (Field { hint: Some("Street and house, as they stand on an envelope."), ..off("lines", "Address") }.textarea(draft, 2))
            (Field { width: "medium", optional: true, ..off("city", "City") }.input(draft))
            (Field { width: "short", optional: true, ..off("state", "State") }.input(draft))
            (Field { width: "short", optional: true, ..off("zip", "ZIP code") }.input(draft))
            (Field { width: "medium", optional: true, hint: Some("Only outside the United States."), ..off("country", "Country") }.input(draft))
            (Field { kind: "date", width: "short", optional: true, ..off("from", "From") }.input(draft))
            (tick("preferred", "Letters and receipts go here from now on", None, draft))
            div.actions { button { "Add the postal address" } }
        }
    }
}

fn email_form(here: &str, draft: &Draft, csrf: &Csrf) -> Markup {
    html! {
        h3 { "Add an e-mail address" }
        form method="post" action={ (here) "/email" } novalidate {
            (csrf.field())
            (Field { kind: "email", inputmode: Some("email"), autocomplete: Some("off"), ..field("email", "E-mail address") }.input(draft))
            (Field { kind: "date", width: "short", optional: true, autocomplete: Some("off"), ..field("email_from", "From") }.input(draft))
            div.actions { button { "Add the e-mail address" } }
        }
    }
}

async fn note(tx: &mut Tx, staff: &Staff, app: &App, donor: &Donor, what: &serde_json::Value) -> Result<(), Error> {
    let record = donor.id.to_string();
    audit::record(tx, &staff.actor(), "change_addresses", ("donor", &record), None::<&()>, Some(what), app.clock.now()).await?;
    Ok(())
}

pub(super) async fn add_place(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut draft = Draft::default();
    let lines = draft.text("lines", &typed.lines, 300, "Enter the street, or the box");
    let mut line = |name: &str, typed: &str, most| draft.optional_text(name, typed, most).map(|words| text::line(&words));
    let (city, state) = (line("city", &typed.city, 100), line("state", &typed.state, 60));
    let (zip, country) = (line("zip", &typed.zip, 20), line("country", &typed.country, 60));
    let from = draft.read_optional::<Day>("from", &typed.from);
    if typed.preferred.is_some() {
        draft.keep("preferred", "yes");
    }
    let place = (|| {
        Some(Place {
            id: PlaceId::new(),
            lines: lines?,
            city: city?,
            state: state?,
            zip: zip?,
            country: country?,
            from_day: from?,
            to_day: None,
        })
    })();
    let (Some(place), true) = (place, draft.is_right()) else {
        let page = page(&app, &donor, true, &draft, &csrf).await?;
        return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let mut tx = app.db.write().await?;
    reach::add_place(&mut tx, donor.id, &place).await?;
    if typed.preferred.is_some() {
        reach::prefer_place(&mut tx, donor.id, &place).await?;
    }
    note(&mut tx, &staff, &app, &donor, &serde_json::json!({ "added": place })).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(&donor), Mood::Good, "The postal address is added."))
}

pub(super) async fn change_place(
    staff: Staff,
    State(app): State<App>,
    Path((id, place, what)): Path<(String, PlaceId, String)>,
    Form(_): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut tx = app.db.write().await?;
    let places = reach::places_of(&mut tx, donor.id).await?;
    let place = places.iter().find(|one| one.id == place).ok_or(Error::NotFound)?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let said = match what.as_str() {
        "preferred" if place.to_day.is_none() => {
            reach::prefer_place(&mut tx, donor.id, place).await?;
            "Letters and receipts go there from now on."
        }
        "end" if place.is_preferred(&donor) => {
            return Err(Error::Conflict("Letters go there. Prefer another address first.".to_owned()));
        }
        "end" if reach::end_place(&mut tx, donor.id, place.id, today).await? => "The address is kept as a former one.",
        "preferred" | "end" => return Err(Error::Conflict("This address can’t be changed so any more.".to_owned())),
        _ => return Err(Error::NotFound),
    };
    note(&mut tx, &staff, &app, &donor, &serde_json::json!({ what: place })).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(&donor), Mood::Good, said))
}

pub(super) async fn add_email(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut draft = Draft::default();
    let email = draft.read::<Email>("email", &typed.email);
    let from = draft.read_optional::<Day>("email_from", &typed.email_from);
    let mut tx = app.db.write().await?;
    if let (Some(email), Some(from), true) = (email, from, draft.is_right()) {
        match donors::by_email(&mut tx, &email).await? {
            Some(other) if other.id != donor.id => {
                draft.reject("email", format!("{} has this address. Merge the two if they are one", other.name));
            }
            None if reach::add_email(&mut tx, donor.id, &email, from).await? => {
                care::tell_outbox(&mut tx, donor.id).await?;
                note(&mut tx, &staff, &app, &donor, &serde_json::json!({ "added": email })).await?;
                tx.commit().await?;
                return Ok(redirect_saying(href(&donor), Mood::Good, "The e-mail address is added."));
            }
            Some(_) | None => draft.reject("email", "The donor has this address already"),
        }
    }
    drop(tx);
    let page = page(&app, &donor, true, &draft, &csrf).await?;
    Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)))
}

pub(super) async fn change_email(
    staff: Staff,
    State(app): State<App>,
    Path((id, email, what)): Path<(String, EmailId, String)>,
    Form(_): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut tx = app.db.write().await?;
    let emails = reach::emails_at(&mut tx, donor.id).await?;
    let one = emails.iter().find(|one| one.id == email).ok_or(Error::NotFound)?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let said = match what.as_str() {
        "preferred" if one.to_day.is_none() => {
            let after = Donor { email: Some(one.email.clone()), ..donor.clone() };
            if !queries::change(&mut tx, &after).await? {
                return Err(Error::Conflict("Another donor has this address. Merge the two if they are one.".to_owned()));
            }
            reach::prefer_email(&mut tx, donor.id, one.id, donor.email.as_ref()).await?;
            care::tell_outbox(&mut tx, donor.id).await?;
            "Receipts go there from now on."
        }
        "end" if reach::end_email(&mut tx, donor.id, one.id, today).await? => "The address is kept as a former one.",
        "preferred" | "end" => return Err(Error::Conflict("This address can’t be changed so any more.".to_owned())),
        _ => return Err(Error::NotFound),
    };
    note(&mut tx, &staff, &app, &donor, &serde_json::json!({ what: one })).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(&donor), Mood::Good, said))
}
