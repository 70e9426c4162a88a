//! Carried organizations written down, changed, and taken back.
use super::{Carried, Index, Kept, queries};
use crate::{
    db::Tx,
    kernel::{Day, Timestamp},
    members::{
        self, Contact, ContactId, OrganizationId, Track,
        queries::{next_number, set_counter},
        record::{FormerName, FormerNameId},
        register,
        standing::{self, Fact, FactId, FactKind},
    },
};

/// Who writes, for the facts that name their author; and on which day.
#[derive(Debug, Clone)]
pub struct Author {
    pub name: String,
    pub today: Day,
    pub now: Timestamp,
    /// Why an organization left, where the file says that it did.
    pub reason: String,
}

/// Writes an organization as the file has it, number, days and all. What is missing must have been refused
/// before: category, city, state, track, the day it was admitted.
pub async fn insert(tx: &mut Tx, index: &mut Index, c: &Carried, by: &Author) -> sqlx::Result<OrganizationId> {
    let (Some(category_id), Some(track), Some(admitted_on)) = (c.category_id, c.track, c.admitted_on) else {
        return Err(sqlx::Error::Protocol("an organization without category, track or day".to_owned()));
    };
    let id = OrganizationId::new();
    let kept = Kept {
        own: super::Own {
            id,
            slug: index.take_slug(&c.name),
            name: c.name.clone(),
            legal_name: c.legal_name.clone(),
            ein: c.ein.clone(),
            website: c.website.clone(),
            category_id,
            city: c.city.clone().unwrap_or_default(),
            state_code: c.state_code.clone().unwrap_or_default(),
            postal_address: c.postal_address.clone(),
            founded: None,
            mission: String::new(),
            track,
            admission_number: c.number.filter(|_| track == Track::Member),
            admitted_on,
            left_on: None,
            committed_on: c.committed_on,
        },
        former_names: c.former_names.iter().map(|name| former(name)).collect(),
        states: c.states.clone(),
        contacts: people(id, c, admitted_on, by.today),
        around: Vec::new(),
    };
    queries::insert(tx, &kept, by.now).await?;
    if let Some((on_day, kind)) = c.left {
        let fact = left(id, on_day, kind, by);
        standing::queries::add(tx, &fact, Some(on_day)).await?;
    }
    tx.site_changed();
    Ok(id)
}

fn former(name: &str) -> FormerName {
    FormerName { id: FormerNameId::new(), name: name.to_owned(), slug: None, from_day: None, until_day: None }
}

/// Who is named for it acts from today on; for who left, until it did.
fn people(id: OrganizationId, c: &Carried, admitted: Day, now: Day) -> Vec<Contact> {
    let (from_day, to_day) = c.left.map_or((now, None), |(left, _)| (admitted, Some(left)));
    let person = |p: &members::NewContact| Contact {
        id: ContactId::new(),
        organization_id: id,
        role: p.role,
        name: p.name.clone(),
        title: p.title.clone(),
        email: p.email.clone(),
        phone: p.phone.clone(),
        from_day,
        to_day,
    };
    c.contacts.iter().map(person).collect()
}

fn left(id: OrganizationId, on_day: Day, kind: FactKind, by: &Author) -> Fact {
    Fact {
        id: FactId::new(),
        organization_id: id,
        kind,
        on_day,
        until_day: None,
        standing: None,
        successor_id: None,
        successor: None,
        reason: by.reason.clone(),
        noted_at: by.now,
        noted_by: by.name.clone(),
    }
}

/// Makes one state of a record of another: writes where they differ.
pub async fn put(tx: &mut Tx, from: &Kept, to: &Kept, now: Timestamp) -> sqlx::Result<()> {
    let id = from.own.id;
    if from.own != to.own || from.former_names != to.former_names {
        queries::update(tx, to).await?;
    }
    if from.states != to.states {
        queries::set_states(tx, id, &to.states).await?;
    }
    for name in from.former_names.iter().filter(|name| !to.former_names.contains(name)) {
        queries::remove_former_name(tx, name.id).await?;
    }
    for name in to.former_names.iter().filter(|name| !from.former_names.contains(name)) {
        queries::insert_former_name(tx, id, name, now).await?;
    }
    for person in from.contacts.iter().filter(|p| !to.contacts.iter().any(|q| q.id == p.id)) {
        queries::remove_contact(tx, person.id).await?;
    }
    for person in to.contacts.iter().filter(|person| !from.contacts.contains(person)) {
        queries::put_contact(tx, person).await?;
    }
    tx.site_changed();
    Ok(())
}

/// Takes an organization off the record with all that [`insert`] wrote. What else hangs on it makes this fail.
pub async fn remove(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<()> {
    queries::remove(tx, id).await?;
    tx.site_changed();
    Ok(())
}

/// The last admission number, its row locked; the sequence goes on after `highest`, when that is higher.
pub async fn sequence(tx: &mut Tx, highest: Option<i64>) -> sqlx::Result<(i64, i64)> {
    let before = register::queries::hold_counter(tx).await?;
    if let Some(highest) = highest {
        set_counter(tx, highest).await?;
    }
    Ok((before, next_number(tx).await? - 1))
}

/// Lets the sequence go on after `number` again. `false` when somebody holds a higher one, or the sequence went
/// on since it stood at `was`.
pub async fn return_sequence(tx: &mut Tx, was: i64, number: i64) -> sqlx::Result<bool> {
    let stands = register::queries::hold_counter(tx).await?;
    if stands != was || queries::highest(tx).await?.is_some_and(|highest| highest > number) {
        return Ok(false);
    }
    queries::return_counter(tx, number).await?;
    Ok(true)
}
