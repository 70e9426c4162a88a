//! Asking for a change that staff decide: other names, a new address, a new delegate. One of a kind waits at a time.
use super::{Change, ChangeId, ChangeKind, ChangeState, What, queries};
use crate::{
    app::App,
    audit,
    kernel::{Email, text},
    mail::{self, Class},
    members::{
        contacts::{TypedPerson, person_fields},
        portal::{Delegate, Doing, letters, page},
        record::name,
    },
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/portal/changes/names", get(names).post(ask_names))
        .route("/portal/changes/email", get(address).post(ask_address))
        .route("/portal/changes/seat", get(seat).post(ask_seat))
        .route("/portal/changes/{id}/withdrawal", post(withdraw))
}

fn form(csrf: &Csrf, draft: &Draft, title: &str, action: &str, before: &Markup, fields: &Markup) -> Page {
    let content = html! {
        (error_summary(draft))
        (before)
        form method="post" action=(action) novalidate {
            (csrf.field())
            (fields)
            (Field { optional: true, hint: Some("What helps the secretariat to decide"), ..field("note", "Why") }.textarea(draft, 3))
            p.actions { button type="submit" { "Ask for this change" } a href="/portal" { "Cancel" } }
        }
    };
    page(title, content)
}

fn names_page(csrf: &Csrf, draft: &Draft) -> Page {
    let before = html! { p.lead { "The secretariat compares the names with your papers and answers by mail." } };
    form(csrf, draft, "Ask for other names", "/portal/changes/names", &before, &name::fields(draft))
}

async fn names(d: Delegate, csrf: Csrf) -> Result<Page, Error> {
    d.may(Doing::Ask)?;
    Ok(names_page(&csrf, &name::draft(&d.o)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TypedNames {
    name: String,
    legal_name: String,
    ein: String,
    note: String,
}

fn note(draft: &mut Draft, typed: &str) -> Option<String> {
    draft.optional_text("note", typed, 1_000)
}

async fn ask_names(State(app): State<App>, d: Delegate, csrf: Csrf, Form(typed): Form<TypedNames>) -> Result<Response, Error> {
    d.may(Doing::Ask)?;
    let mut draft = Draft::default();
    let wanted = name::read(&mut draft, &typed.name, &typed.legal_name, &typed.ein);
    let why = note(&mut draft, &typed.note);
    let (Some(wanted), Some(why), true) = (wanted, why, draft.is_right()) else {
        return Err(Draft::refuse(names_page(&csrf, &draft)));
    };
    let after = What { name: Some(wanted.name), legal_name: wanted.legal_name, ein: wanted.ein, ..What::default() };
    if after == What::today(ChangeKind::Names, &d.o, Some(&d.person)) {
        draft.reject("name", "Change at least one of the names, or the EIN");
        return Err(Draft::refuse(names_page(&csrf, &draft)));
    }
    wait(&app, &d, ChangeKind::Names, after, why).await
}

fn address_page(csrf: &Csrf, draft: &Draft, d: &Delegate) -> Page {
    let before = html! { p.lead { "Links and letters go to " (d.person.email) " until the secretariat has approved the new address. Then you ask for a link with it." } };
    let fields = html! { (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), ..field("email", "New e-mail address") }.input(draft)) };
    form(csrf, draft, "Ask for a new address", "/portal/changes/email", &before, &fields)
}

async fn address(d: Delegate, csrf: Csrf) -> Result<Page, Error> {
    d.may(Doing::Ask)?;
    Ok(address_page(&csrf, &Draft::default(), &d))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TypedAddress {
    email: String,
    note: String,
}

async fn ask_address(
    State(app): State<App>,
    d: Delegate,
    csrf: Csrf,
    Form(typed): Form<TypedAddress>,
) -> Result<Response, Error> {
    d.may(Doing::Ask)?;
    let mut draft = Draft::default();
    let email = draft.read::<Email>("email", &typed.email);
    let why = note(&mut draft, &typed.note);
    if email.as_ref() == Some(&d.person.email) {
        draft.reject("email", "This is the address already. Write the new one");
    }
    let (Some(email), Some(why), true) = (email, why, draft.is_right()) else {
        return Err(Draft::refuse(address_page(&csrf, &draft, &d)));
    };
    wait(&app, &d, ChangeKind::Email, What { email: Some(email.to_string()), ..What::default() }, why).await
}

fn seat_page(csrf: &Csrf, draft: &Draft, d: &Delegate) -> Page {
    let before = html! { p.lead { "Who takes your seat as the delegate of " (d.o.name) "? When the secretariat approves, your term ends, the new one begins, and both of you are told by mail." } };
    form(csrf, draft, "Hand over your seat", "/portal/changes/seat", &before, &person_fields(draft))
}

async fn seat(d: Delegate, csrf: Csrf) -> Result<Page, Error> {
    d.may(Doing::Ask)?;
    Ok(seat_page(&csrf, &Draft::default(), &d))
}

async fn ask_seat(State(app): State<App>, d: Delegate, csrf: Csrf, Form(typed): Form<TypedPerson>) -> Result<Response, Error> {
    d.may(Doing::Ask)?;
    let mut draft = Draft::default();
    let person = typed.person(&mut draft);
    let why = note(&mut draft, &typed.note);
    if person.as_ref().is_some_and(|p| p.name == d.person.name) {
        draft.reject("name", "You hold the seat. Write who takes it");
    }
    let (Some(person), Some(why), true) = (person, why, draft.is_right()) else {
        return Err(Draft::refuse(seat_page(&csrf, &draft, &d)));
    };
    let after = What {
        name: Some(person.name),
        title: Some(person.title).filter(|t| !t.is_empty()),
        email: Some(person.email.to_string()),
        phone: person.phone,
        ..What::default()
    };
    wait(&app, &d, ChangeKind::HandOver, after, why).await
}

/// Writes the request down and tells both sides.
async fn wait(app: &App, d: &Delegate, kind: ChangeKind, after: What, note: String) -> Result<Response, Error> {
    let (now, coalition) = (app.clock.now(), app.coalition.get());
    let change = Change {
        id: ChangeId::new(),
        organization_id: d.o.id,
        contact_id: d.person.id,
        kind,
        before: What::today(kind, &d.o, Some(&d.person)),
        after,
        note: text::lines(&note),
        asked_at: now,
        asked_by: d.person.name.clone(),
        state: ChangeState::Waiting,
        decided_at: None,
        decided_by: None,
        reason: String::new(),
    };
    let mut tx = app.db.write().await?;
    if !queries::insert(&mut tx, &change).await? {
        return Err(Error::Conflict(format!(
            "You asked to change {} before, and the secretariat has not answered yet. Withdraw that request in the portal to ask anew.",
            kind.what()
        )));
    }
    let (record, rows) = (d.o.id.to_string(), change.rows_for_mail());
    let record = ("organization", record.as_str());
    audit::record(&mut tx, &d.actor(), "ask for a change", record, Some(&change.before), Some(&change.after), now).await?;
    let arrived = letters::arrived(&coalition, &d.o, &d.person.name, kind.what(), &rows);
    mail::send(&mut tx, &d.person.email, Class::MembershipService, record, &arrived, now).await?;
    if let Ok(secretariat) = coalition.contact_email.parse::<Email>() {
        let at = app.url(&format!("/staff/changes/{}", change.id));
        let asked = letters::asked(&coalition, &d.o, &d.person.name, kind.what(), &rows, &at);
        mail::send(&mut tx, &secretariat, Class::Transactional, record, &asked, now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying("/portal", Mood::Good, "The secretariat has your request and answers by mail."))
}

async fn withdraw(State(app): State<App>, d: Delegate, Path(id): Path<ChangeId>, _form: RawForm) -> Result<Response, Error> {
    d.may(Doing::Ask)?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (change, _) = queries::by_id(&mut tx, id).await?.filter(|(c, _)| c.organization_id == d.o.id).ok_or(Error::NotFound)?;
    if !queries::decide(&mut tx, id, ChangeState::Withdrawn, &d.person.name, "", now).await? {
        return Err(Error::Conflict("The secretariat has answered meanwhile.".to_owned()));
    }
    let record = d.o.id.to_string();
    audit::record(&mut tx, &d.actor(), "withdraw a change", ("organization", &record), Some(&change.after), None::<&()>, now)
        .await?;
    tx.commit().await?;
    Ok(redirect_saying("/portal", Mood::Good, "Your request is withdrawn."))
}
