//! Where an organization is reached, and which mails to those addresses are about it. A contact is also a person:
//! what that person applies for or gives elsewhere, and links that sign them in, do not stand on its record.
use crate::{
    db::Tx,
    donors::Donor,
    kernel::Email,
    mail::{ACCOUNT, Reach},
    members::{Organization, contacts, contacts_of, record},
};

/// What letters to a contact are about that concern the contact alone.
const PRIVATE: &[&str] = &[ACCOUNT, "application", "gift"];

/// Contacts while they spoke for it, its mailboxes, and its donors as far as their gifts go.
pub(super) async fn reaches(tx: &mut Tx, o: &Organization, givers: &[Donor]) -> sqlx::Result<Vec<Reach>> {
    let mut people = contacts_of(tx, o.id).await?;
    people.extend(contacts::ended(tx, o.id).await?);
    let mailboxes = record::mailboxes(tx, o.id).await?;
    let always = |email: Email, about, but| Reach { email, from: None, to: None, about, but };
    let mut all: Vec<_> = people
        .into_iter()
        .map(|person| Reach { from: Some(person.from_day), to: person.to_day, ..always(person.email, PRIVATE, true) })
        .collect();
    all.extend(mailboxes.into_iter().map(|mailbox| always(mailbox.email, PRIVATE, true)));
    all.extend(givers.iter().filter_map(|donor| donor.email.clone()).map(|email| always(email, &["gift"], false)));
    Ok(all)
}

/// The addresses of today.
pub(super) async fn addresses(tx: &mut Tx, o: &Organization) -> sqlx::Result<Vec<Email>> {
    let mut all: Vec<_> = contacts_of(tx, o.id).await?.into_iter().map(|person| person.email).collect();
    all.extend(record::mailboxes(tx, o.id).await?.into_iter().map(|mailbox| mailbox.email));
    Ok(all)
}
