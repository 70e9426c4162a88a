//! The delegate's link: for one person, one organization and one term. It is opened as often as wanted and
//! answers once; every way in which it does not work has its own sentence.
use super::queries;
use crate::{
    app::App,
    db::Tx,
    kernel::{Coalition, Day, Timestamp},
    links::{self, LinkError},
    mail::{self, Class},
    members::{
        Contact, ContactId, Organization, OrganizationId, contacts, contacts_of,
        record::find,
        standing::{self, Standing},
    },
    web::Error,
};

const LINK: &str = "reaffirmation";
/// A link outlives the ladder.
const GOOD_FOR_DAYS: i64 = 200;

/// Makes a link for one delegate and one term.
pub(in crate::members) async fn link_for(
    tx: &mut Tx,
    app: &App,
    id: OrganizationId,
    delegate: ContactId,
    term: Day,
) -> sqlx::Result<String> {
    let now = app.clock.now();
    links::issue(tx, &app.keys, LINK, &format!("{id} {delegate} {term}"), now, now.plus_days(GOOD_FOR_DAYS)).await
}

/// Makes a link and puts it into the mail.
pub(super) async fn mail_it(
    tx: &mut Tx,
    app: &App,
    o: &Organization,
    delegate: &Contact,
    term: Day,
    coalition: &Coalition,
    now: Timestamp,
) -> sqlx::Result<()> {
    let token = link_for(tx, app, o.id, delegate.id, term).await?;
    let today = coalition.zone().day(now);
    let letter = super::letters::reminder(coalition, o, &delegate.name, term, today, &app.url(&format!("/reaffirm/{token}")));
    mail::send(tx, &delegate.email, Class::MembershipService, ("organization", &o.id.to_string()), &letter, now).await?;
    Ok(())
}

/// Who opened the link, about what.
pub(super) struct Case {
    pub(super) o: Organization,
    pub(super) people: Vec<Contact>,
    pub(super) delegate: Contact,
    pub(super) term: Day,
    /// The day it was answered, if it was.
    pub(super) answered: Option<Day>,
}

pub(super) async fn open(tx: &mut Tx, app: &App, token: &str) -> Result<Case, Error> {
    let advice = "Ask the secretariat for a new one.";
    let now = app.clock.now();
    let subject = links::open(tx, &app.keys, LINK, token, now).await?.map_err(|why| match why {
        LinkError::Unknown => Error::NotFound,
        why => Error::Gone(format!("{why} {advice}")),
    })?;
    let mut parts = subject.split(' ');
    let (id, contact, term) = (parts.next(), parts.next(), parts.next());
    let id: OrganizationId = id.and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let term: Day = term.and_then(|term| term.parse().ok()).ok_or(Error::NotFound)?;
    let o = find(tx, id).await?;
    let today = app.coalition.get().zone().day(now);
    let state = standing::standing(tx, id, today).await?;
    if !state.standing.belongs() {
        return Err(Error::Gone(format!("{} no longer belongs to the coalition, so nothing is to be reaffirmed.", o.name)));
    }
    let people = contacts_of(tx, id).await?;
    let delegate = contacts::delegate(&people).filter(|person| Some(person.id.to_string().as_str()) == contact).cloned();
    let delegate = delegate.ok_or_else(|| {
        Error::Gone(format!(
            "It was for a delegate whose term has ended. The delegate of {} today gets a link of their own.",
            o.name
        ))
    })?;
    if state.standing == Standing::Suspended {
        return Err(Error::Conflict(format!(
            "The membership of {} is suspended. It is reaffirmed after it is reinstated.",
            o.name
        )));
    }
    let answered = queries::of_organization(tx, id).await?.into_iter().find(|r| r.term == term || r.on_day >= term);
    Ok(Case { o, people, delegate, term, answered: answered.map(|r| r.on_day) })
}
