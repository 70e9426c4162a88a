//! Where an organization works and how it is reached: states, postal address, mailboxes of its tasks.
use super::{Mailbox, Purpose, find, href, queries, subject};
use crate::{
    app::App,
    audit,
    kernel::{Email, text},
    members::{Organization, OrganizationId, place},
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
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/reach", get(ask).post(save))
}

/// What the audit keeps.
#[derive(Serialize)]
struct Reach {
    states: Vec<String>,
    postal_address: Option<String>,
    mailboxes: BTreeMap<Purpose, Email>,
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/reach" } {
            (csrf.field())
            (Field { optional: true, hint: Some("Two letters each, such as MN, WI, IA. Its main office is in the profile."), ..field("states", "States it works in") }.input(draft))
            (Field { optional: true, ..field("postal_address", "Postal address") }.textarea(draft, 4))
            h2 { "Mailboxes" }
            p.hint { "Addresses that belong to a task and not to a person. They stay when people change." }
            @for purpose in Purpose::ALL {
                (Field { optional: true, kind: "email", width: "medium", ..field(purpose.as_str(), &purpose.label()) }.input(draft))
            }
            p.actions { button type="submit" { "Save" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Change where it works", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let states = queries::states(&mut tx, id).await?.join(", ");
    let mut values = vec![("states", states), ("postal_address", o.postal_address.clone().unwrap_or_default())];
    for mailbox in queries::mailboxes(&mut tx, id).await? {
        values.push((mailbox.purpose.as_str(), mailbox.email.to_string()));
    }
    Ok(page(&csrf, &Draft::of(values), &o))
}

async fn save(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let mut draft = Draft::default();
    let Some(after) = read(&mut draft, &typed) else {
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    };
    let before = Reach {
        states: queries::states(&mut tx, id).await?,
        postal_address: o.postal_address.clone(),
        mailboxes: queries::mailboxes(&mut tx, id).await?.into_iter().map(|m| (m.purpose, m.email)).collect(),
    };
    queries::set_states(&mut tx, id, &after.states).await?;
    queries::set_postal_address(&mut tx, id, after.postal_address.as_deref()).await?;
    let mailboxes: Vec<_> = after.mailboxes.iter().map(|(p, e)| Mailbox { purpose: *p, email: e.clone() }).collect();
    queries::set_mailboxes(&mut tx, id, &mailboxes).await?;
    let (record, now) = (id.to_string(), app.clock.now());
    let record = ("organization", record.as_str());
    audit::record(&mut tx, &staff.actor(), "change where it works", record, Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "Saved. The states stand on its public page; the rest only staff see."))
}

fn read(draft: &mut Draft, typed: &BTreeMap<String, String>) -> Option<Reach> {
    let one = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    draft.keep("states", one("states"));
    let states = place::states(one("states")).map_err(|reason| draft.reject("states", reason)).unwrap_or_default();
    let address = draft.optional_text("postal_address", &text::lines(one("postal_address")), 500)?;
    let mut mailboxes = BTreeMap::new();
    for purpose in Purpose::ALL.iter().copied() {
        if let Some(Some(email)) = draft.read_optional::<Email>(purpose.as_str(), one(purpose.as_str())) {
            mailboxes.insert(purpose, email);
        }
    }
    draft.is_right().then_some(Reach { states, postal_address: Some(address).filter(|a| !a.is_empty()), mailboxes })
}
