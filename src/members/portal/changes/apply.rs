//! An approved change carried out, by the same verbs as staff use on the record.
use super::{Change, ChangeKind, What};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::Email,
    members::{
        Contact, Organization,
        contacts::{self, Person, Told, handover},
        contacts_of,
        record::name,
    },
    web::Error,
};

/// Makes the change, unless something of it was changed since it was asked for. Gives who held the seat.
pub(super) async fn apply(tx: &mut Tx, app: &App, change: &Change, o: &Organization, actor: &Actor) -> Result<Contact, Error> {
    let people = contacts_of(tx, o.id).await?;
    let holder = contacts::delegate(&people).filter(|holder| holder.id == change.contact_id).cloned();
    let holder = holder.ok_or_else(|| {
        Error::Conflict(format!(
            "{} is no longer the delegate of {}, so this can only be refused. Nothing was changed.",
            change.asked_by, o.name
        ))
    })?;
    if What::today(change.kind, o, Some(&holder)) != change.before {
        return Err(Error::Conflict(format!(
            "Something of it was changed since {} asked, so this can only be refused. Nothing was changed.",
            change.asked_by
        )));
    }
    let after = change.after.clone();
    match change.kind {
        ChangeKind::Names => {
            let wanted = name::Wanted { name: after.name.unwrap_or_default(), legal_name: after.legal_name, ein: after.ein };
            let today = app.coalition.get().zone().day(app.clock.now());
            name::give(tx, o, &wanted, name::Present::Former(Some(today)), actor, app.clock.now()).await?;
        }
        ChangeKind::Email => new_address(tx, app, o, &holder, email(&after)?, actor).await?,
        ChangeKind::HandOver => {
            let person = Person {
                name: after.name.clone().unwrap_or_default(),
                title: after.title.clone().unwrap_or_default(),
                email: email(&after)?,
                phone: after.phone.clone(),
            };
            handover::act(tx, app, actor, o, &holder, &person).await?;
        }
    }
    Ok(holder)
}

fn email(after: &What) -> Result<Email, Error> {
    after.email.as_deref().unwrap_or_default().parse().map_err(|_| Error::internal("a request holds no e-mail address"))
}

async fn new_address(
    tx: &mut Tx,
    app: &App,
    o: &Organization,
    holder: &Contact,
    email: Email,
    actor: &Actor,
) -> Result<(), Error> {
    let person = Person { name: holder.name.clone(), title: holder.title.clone(), email, phone: holder.phone.clone() };
    if !contacts::queries::change(tx, holder.id, &person, holder.from_day).await? {
        return Err(Error::Conflict("This term ended meanwhile. Nothing was changed.".to_owned()));
    }
    let (record, before) = (o.id.to_string(), Told::of(holder));
    let after = Told::new(holder.role, &person, holder.from_day);
    let record = ("organization", record.as_str());
    audit::record(tx, actor, "change a contact", record, Some(&before), Some(&after), app.clock.now()).await?;
    Ok(())
}
