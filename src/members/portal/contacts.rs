//! The people who speak for an organization, as its delegate keeps them. The delegate's own name and address are
//! not among it: the seat is handed over, and the address changed, with the secretariat.
use super::{Delegate, Doing, page};
use crate::{
    app::App,
    audit,
    db::Tx,
    members::{
        Contact, ContactId, ContactRole,
        contacts::{Person, Told, TypedPerson, person_fields, queries},
    },
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/portal/contacts/new", get(ask).post(add))
        .route("/portal/contacts/{contact}", get(ask_change).post(change))
        .route("/portal/contacts/{contact}/end", post(end))
}

fn new_page(csrf: &Csrf, draft: &Draft) -> Page {
    let roles: Vec<_> =
        ContactRole::ALL.iter().filter(|r| **r != ContactRole::Delegate).map(|r| (r.as_str(), r.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action="/portal/contacts/new" novalidate {
            (csrf.field())
            (field("role", "Role").radios(draft, &roles))
            (person_fields(draft))
            p.actions { button type="submit" { "Add the contact" } a href="/portal" { "Cancel" } }
        }
    };
    page("Add a contact", content)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    role: String,
}

async fn ask(d: Delegate, csrf: Csrf, Query(wanted): Query<Wanted>) -> Result<Page, Error> {
    d.may(Doing::Change)?;
    Ok(new_page(&csrf, &Draft::of([("role", wanted.role)])))
}

async fn add(State(app): State<App>, d: Delegate, csrf: Csrf, Form(typed): Form<TypedPerson>) -> Result<Response, Error> {
    d.may(Doing::Change)?;
    let mut draft = Draft::default();
    draft.keep("role", &typed.role);
    let role = typed.role.parse::<ContactRole>().ok().filter(|role| *role != ContactRole::Delegate);
    if role.is_none() {
        draft.reject("role", "Choose what the person does");
    }
    let person = typed.person(&mut draft);
    let (Some(role), Some(person), true) = (role, person, draft.is_right()) else {
        return Err(Draft::refuse(new_page(&csrf, &draft)));
    };
    let (record, now) = (d.o.id.to_string(), app.clock.now());
    let mut tx = app.db.write().await?;
    queries::insert(&mut tx, d.o.id, role, &person, d.today).await?;
    let after = Told::new(role, &person, d.today);
    audit::record(&mut tx, &d.actor(), "add a contact", ("organization", &record), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying("/portal", Mood::Good, format!("{} is added.", person.name)))
}

/// A contact of theirs whose term lasts.
async fn current(tx: &mut Tx, d: &Delegate, id: ContactId) -> Result<Contact, Error> {
    let contact = queries::by_id(tx, d.o.id, id).await?.ok_or(Error::NotFound)?;
    match contact.to_day {
        None => Ok(contact),
        Some(to) => Err(Error::Conflict(format!("The term of {} ended on {}. It stays as history.", contact.name, to.words()))),
    }
}

fn change_page(csrf: &Csrf, draft: &Draft, c: &Contact) -> Page {
    let own = c.role == ContactRole::Delegate;
    let content = html! {
        (error_summary(draft))
        @if own { p { "Your name and address change with the secretariat: " a href="/portal/changes/seat" { "hand over your seat" } " or " a href="/portal/changes/email" { "ask for a new address" } "." } }
        form method="post" action={ "/portal/contacts/" (c.id) } novalidate {
            (csrf.field())
            @if own {
                input type="hidden" name="name" value=(c.name);
                input type="hidden" name="email" value=(c.email);
                (Field { optional: true, autocomplete: Some("off"), ..field("title", "Title") }.input(draft))
                (Field { optional: true, kind: "tel", autocomplete: Some("off"), inputmode: Some("tel"), width: "medium", ..field("phone", "Phone") }.input(draft))
            } @else { (person_fields(draft)) }
            p.actions { button type="submit" { "Save the contact" } a href="/portal" { "Cancel" } }
        }
        @if !own {
            h2 { "When " (c.name) " leaves" }
            form method="post" action={ "/portal/contacts/" (c.id) "/end" } {
                (csrf.field())
                p { "The term ends today and stays as history." }
                p.actions { button.danger type="submit" { "End the term" } }
            }
        }
    };
    page(format!("Change the {}", c.role.label().to_lowercase()), content)
}

async fn ask_change(State(app): State<App>, d: Delegate, csrf: Csrf, Path(id): Path<ContactId>) -> Result<Page, Error> {
    d.may(Doing::Change)?;
    let c = current(&mut app.db.read().await?, &d, id).await?;
    let draft = Draft::of([
        ("name", c.name.clone()),
        ("title", c.title.clone()),
        ("email", c.email.to_string()),
        ("phone", c.phone.clone().unwrap_or_default()),
    ]);
    Ok(change_page(&csrf, &draft, &c))
}

async fn change(
    State(app): State<App>,
    d: Delegate,
    csrf: Csrf,
    Path(id): Path<ContactId>,
    Form(typed): Form<TypedPerson>,
) -> Result<Response, Error> {
    d.may(Doing::Change)?;
    let mut tx = app.db.write().await?;
    let c = current(&mut tx, &d, id).await?;
    let mut draft = Draft::default();
    let Some(mut person) = typed.person(&mut draft) else { return Err(Draft::refuse(change_page(&csrf, &draft, &c))) };
    if c.role == ContactRole::Delegate {
        person = Person { name: c.name.clone(), email: c.email.clone(), ..person };
    }
    if !queries::change(&mut tx, id, &person, c.from_day).await? {
        return Err(Error::Conflict("This term ended meanwhile. Nothing was changed.".to_owned()));
    }
    let (record, now) = (d.o.id.to_string(), app.clock.now());
    let (before, after) = (Told::of(&c), Told::new(c.role, &person, c.from_day));
    audit::record(&mut tx, &d.actor(), "change a contact", ("organization", &record), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying("/portal", Mood::Good, "The contact is saved."))
}

async fn end(State(app): State<App>, d: Delegate, Path(id): Path<ContactId>, _form: RawForm) -> Result<Response, Error> {
    d.may(Doing::Change)?;
    let mut tx = app.db.write().await?;
    let c = current(&mut tx, &d, id).await?;
    if c.role == ContactRole::Delegate {
        return Err(Error::Conflict(
            "Your own seat is not ended but handed over: the organization stays without a delegate otherwise.".to_owned(),
        ));
    }
    let to = d.today.max(c.from_day);
    if !queries::end(&mut tx, id, to).await? {
        return Err(Error::Conflict("This term ended meanwhile. Nothing was changed.".to_owned()));
    }
    let (record, now) = (d.o.id.to_string(), app.clock.now());
    let before = Told::of(&c);
    let mut after = Told::of(&c);
    after.to = Some(to);
    audit::record(&mut tx, &d.actor(), "end a contact", ("organization", &record), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying("/portal", Mood::Good, format!("The term of {} ended today.", c.name)))
}
