//! The delegate's seat handed over as one act: the old term ends and the new one begins on the same day, both
//! are told by mail, and all of it happens or nothing. A page says before what will happen.
use super::{Person, TypedPerson, delegate, letters, person_fields, queries};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    mail::{self, Class},
    members::{
        Contact, ContactRole, Organization, OrganizationId, contacts_of,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::html;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/delegate", get(ask).post(hand_over))
}

/// The organization and who holds its seat.
async fn seat(tx: &mut Tx, id: OrganizationId) -> Result<(Organization, Contact), Error> {
    let o = find(tx, id).await?;
    let people = contacts_of(tx, id).await?;
    let holder = delegate(&people).cloned();
    let empty =
        || Error::Conflict(format!("Nobody holds the delegate’s seat of {}. Add a contact with this role instead.", o.name));
    let holder = holder.ok_or_else(empty)?;
    Ok((o, holder))
}

fn form(csrf: &Csrf, draft: &Draft, o: &Organization, holder: &Contact) -> Page {
    let content = html! {
        (error_summary(draft))
        p { (holder.name) " has been the delegate since " (holder.from_day.words()) ". Who takes the seat?" }
        form method="post" action={ (href(o.id)) "/delegate" } {
            (csrf.field())
            (person_fields(draft))
            input type="hidden" name="step" value="preview";
            p.actions { button type="submit" { "See what will happen" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Hand over the delegate’s seat", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let (o, holder) = seat(&mut app.db.read().await?, id).await?;
    Ok(form(&csrf, &Draft::default(), &o, &holder))
}

fn preview(app: &App, csrf: &Csrf, o: &Organization, holder: &Contact, person: &Person) -> Page {
    let today = app.coalition.get().zone().day(app.clock.now());
    let action = format!("{}/delegate", href(o.id));
    let hidden = html! {
        (csrf.field())
        input type="hidden" name="name" value=(person.name);
        input type="hidden" name="title" value=(person.title);
        input type="hidden" name="email" value=(person.email);
        input type="hidden" name="phone" value=(person.phone.as_deref().unwrap_or_default());
        input type="hidden" name="holder" value=(holder.id);
    };
    let content = html! {
        p { "When you hand over, at once:" }
        ul {
            li { "The term of " (holder.name) " ends today, " (today.words()) ", and stays as history." }
            li { (person.name) @if !person.title.is_empty() { ", " (person.title) "," } " is the delegate of " (o.name) " from today." }
            li { "Both are told by mail: " (holder.email) " and " (person.email) "." }
        }
        form method="post" action=(action) {
            (hidden)
            input type="hidden" name="step" value="do";
            p.actions { button type="submit" { "Hand over to " (person.name) } a href=(href(o.id)) { "Not yet" } }
        }
        form method="post" action=(action) {
            (hidden)
            input type="hidden" name="step" value="change";
            p.actions { button.secondary type="submit" { "Change what is typed" } }
        }
    };
    subject("Hand over the delegate’s seat", o, content)
}

async fn hand_over(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<TypedPerson>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let (o, holder) = seat(&mut tx, id).await?;
    let mut draft = Draft::default();
    let person = typed.person(&mut draft);
    if person.as_ref().is_some_and(|p| p.email == holder.email && p.name == holder.name) {
        draft.reject("name", format!("{} holds the seat already. Change the contact instead", holder.name));
    }
    let (Some(person), true) = (person, draft.is_right()) else {
        return Err(Draft::refuse(form(&csrf, &draft, &o, &holder)));
    };
    match typed.step.as_str() {
        "do" => {}
        "change" => return Ok(form(&csrf, &draft, &o, &holder).into_response()),
        _ => return Ok(preview(&app, &csrf, &o, &holder, &person).into_response()),
    }
    if typed.holder != holder.id.to_string() {
        return Err(Error::Conflict(format!("{} took the seat meanwhile. Nothing was changed.", holder.name)));
    }
    act(&mut tx, &app, &staff.actor(), &o, &holder, &person).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(href(id), Mood::Good, format!("{} is the delegate of {}. Both are told by mail.", person.name, o.name)))
}

/// Ends the one term and begins the other, and tells both.
pub(in crate::members) async fn act(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    o: &Organization,
    holder: &Contact,
    person: &Person,
) -> Result<(), Error> {
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let today = coalition.zone().day(now);
    let meanwhile = || Error::Conflict("Somebody else took the seat meanwhile. Nothing was changed.".to_owned());
    if !queries::end(tx, holder.id, today.max(holder.from_day)).await? {
        return Err(meanwhile());
    }
    queries::insert(tx, o.id, ContactRole::Delegate, person, today).await?.ok_or_else(meanwhile)?;
    let record = o.id.to_string();
    let record = ("organization", record.as_str());
    let farewell = letters::farewell(&coalition, o, &holder.name, &person.name);
    mail::send(tx, &holder.email, Class::MembershipService, record, &farewell, now).await?;
    let appointed = letters::appointed(&coalition, o, &person.name, &holder.name, &app.url(&o.path()));
    mail::send(tx, &person.email, Class::MembershipService, record, &appointed, now).await?;
    let before = Person {
        name: holder.name.clone(),
        title: holder.title.clone(),
        email: holder.email.clone(),
        phone: holder.phone.clone(),
    };
    audit::record(tx, actor, "hand over the delegate’s seat", record, Some(&before), Some(person), now).await?;
    Ok(())
}
