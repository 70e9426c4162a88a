//! Adding a contact, changing one, ending a term.
use super::{Person, TypedPerson, delegate, past_day, person_fields, queries};
use crate::{
    app::App,
    audit,
    kernel::Day,
    members::{
        Contact, ContactId, ContactRole, Organization, OrganizationId, contacts_of,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/contacts/new", get(ask).post(add))
        .route("/staff/organizations/{id}/contacts/{contact}", get(ask_change).post(change))
        .route("/staff/organizations/{id}/contacts/{contact}/end", get(ask_end).post(end))
}

/// What the audit keeps of a contact.
#[derive(Serialize)]
pub(in crate::members) struct Told<'a> {
    role: ContactRole,
    name: &'a str,
    title: &'a str,
    email: String,
    phone: Option<&'a str>,
    from: Day,
    pub(in crate::members) to: Option<Day>,
}

impl<'a> Told<'a> {
    pub(in crate::members) fn of(c: &'a Contact) -> Self {
        let Contact { role, name, title, phone, from_day, to_day, email, .. } = c;
        let (phone, email) = (phone.as_deref(), email.to_string());
        Self { role: *role, name, title, email, phone, from: *from_day, to: *to_day }
    }

    pub(in crate::members) fn new(role: ContactRole, p: &'a Person, from: Day) -> Self {
        let (phone, email) = (p.phone.as_deref(), p.email.to_string());
        Self { role, name: &p.name, title: &p.title, email, phone, from, to: None }
    }
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let roles: Vec<_> = ContactRole::ALL.iter().map(|r| (r.as_str(), r.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/contacts/new" } {
            (csrf.field())
            (field("role", "Role").radios(draft, &roles))
            (person_fields(draft))
            (Field { kind: "date", width: "medium", ..field("from", "Since") }.input(draft))
            p.actions { button type="submit" { "Add the contact" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Add a contact", o, content)
}

fn today(app: &App) -> Day {
    app.coalition.get().zone().day(app.clock.now())
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let o = find(&mut app.db.read().await?, id).await?;
    Ok(page(&csrf, &Draft::of([("from", today(&app).to_string())]), &o))
}

async fn add(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<TypedPerson>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let mut draft = Draft::default();
    let role = draft.read::<ContactRole>("role", &typed.role);
    let person = typed.person(&mut draft);
    let from = past_day(&mut draft, "from", &typed.from, today(&app));
    let (Some(role), Some(person), Some(from), true) = (role, person, from, draft.is_right()) else {
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    };
    if queries::insert(&mut tx, id, role, &person, from).await?.is_none() {
        let people = contacts_of(&mut tx, id).await?;
        let holder = delegate(&people).map_or("Somebody", |d| &d.name);
        draft.reject(
            "role",
            format!("{holder} is the delegate. Hand the seat over instead, so that one term ends as the other begins"),
        );
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    }
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    let after = Told::new(role, &person, from);
    audit::record(&mut tx, &staff.actor(), "add a contact", record, None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, format!("{} is added.", person.name)))
}

/// The contact, while the term lasts.
async fn current(tx: &mut crate::db::Tx, organization: OrganizationId, id: ContactId) -> Result<Contact, Error> {
    let contact = queries::by_id(tx, organization, id).await?.ok_or(Error::NotFound)?;
    match contact.to_day {
        None => Ok(contact),
        Some(to) => Err(Error::Conflict(format!("The term of {} ended on {}. It stays as history.", contact.name, to.words()))),
    }
}

fn change_page(csrf: &Csrf, draft: &Draft, o: &Organization, contact: &Contact) -> Page {
    let content = html! {
        (error_summary(draft))
        p { "Correct what is known of this person. When somebody else takes the role, end this term instead, so that its history stays." }
        form method="post" action={ (href(o.id)) "/contacts/" (contact.id) } {
            (csrf.field())
            (person_fields(draft))
            (Field { kind: "date", width: "medium", ..field("from", "Since") }.input(draft))
            p.actions { button type="submit" { "Save the contact" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject(format!("Change the {}", contact.role.label().to_lowercase()), o, content)
}

async fn ask_change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, contact)): Path<(OrganizationId, ContactId)>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let c = current(&mut tx, id, contact).await?;
    let draft = Draft::of([
        ("name", c.name.clone()),
        ("title", c.title.clone()),
        ("email", c.email.to_string()),
        ("phone", c.phone.clone().unwrap_or_default()),
        ("from", c.from_day.to_string()),
    ]);
    Ok(change_page(&csrf, &draft, &o, &c))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, contact)): Path<(OrganizationId, ContactId)>,
    Form(typed): Form<TypedPerson>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let c = current(&mut tx, id, contact).await?;
    let mut draft = Draft::default();
    let person = typed.person(&mut draft);
    let from = past_day(&mut draft, "from", &typed.from, today(&app));
    let (Some(person), Some(from), true) = (person, from, draft.is_right()) else {
        return Err(Draft::refuse(change_page(&csrf, &draft, &o, &c)));
    };
    if !queries::change(&mut tx, contact, &person, from).await? {
        return Err(Error::Conflict("This term ended meanwhile. Nothing was changed.".to_owned()));
    }
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    let (before, after) = (Told::of(&c), Told::new(c.role, &person, from));
    audit::record(&mut tx, &staff.actor(), "change a contact", record, Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The contact is saved."))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TypedEnd {
    to: String,
}

fn end_page(csrf: &Csrf, draft: &Draft, o: &Organization, c: &Contact) -> Page {
    let role = c.role.label().to_lowercase();
    let content = html! {
        (error_summary(draft))
        p { (c.name) " stops to be the " (role) " of " (o.name) " and moves to the earlier contacts. No mail is sent." }
        @if c.role == ContactRole::Delegate { div.notice data-mood="warn" { p { "The delegate’s seat is then empty. When somebody takes it, " a href={ (href(o.id)) "/delegate" } { "hand it over" } " instead." } } }
        form method="post" action={ (href(o.id)) "/contacts/" (c.id) "/end" } {
            (csrf.field())
            (Field { kind: "date", width: "medium", ..field("to", "Last day") }.input(draft))
            p.actions { button.danger type="submit" { "End the term" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject(format!("End the term of {}", c.name), o, content)
}

async fn ask_end(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, contact)): Path<(OrganizationId, ContactId)>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let c = current(&mut tx, id, contact).await?;
    Ok(end_page(&csrf, &Draft::of([("to", today(&app).to_string())]), &o, &c))
}

async fn end(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, contact)): Path<(OrganizationId, ContactId)>,
    Form(typed): Form<TypedEnd>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let c = current(&mut tx, id, contact).await?;
    let mut draft = Draft::default();
    let to = past_day(&mut draft, "to", &typed.to, today(&app));
    if to.is_some_and(|to| to < c.from_day) {
        draft.reject("to", format!("The term began on {}. Enter that day or a later one", c.from_day.words()));
    }
    let (Some(to), true) = (to, draft.is_right()) else {
        return Err(Draft::refuse(end_page(&csrf, &draft, &o, &c)));
    };
    if !queries::end(&mut tx, contact, to).await? {
        return Err(Error::Conflict("This term ended meanwhile. Nothing was changed.".to_owned()));
    }
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    let before = Told::of(&c);
    let after = Told { to: Some(to), ..Told::of(&c) };
    audit::record(&mut tx, &staff.actor(), "end a contact", record, Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, format!("The term of {} ended on {}.", c.name, to.words())))
}
