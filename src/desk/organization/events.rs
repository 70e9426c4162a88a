//! What happened to an organization, put together from the members' room, the alliances, its gifts, the mail and
//! the audit, the newest first, and read stretch by stretch after a key.
use super::reached;
use crate::{
    alliances::{self, Around},
    audit,
    db::Tx,
    desk::audit::changes,
    donors::{Donor, ties},
    gifts::{self, Movement},
    kernel::{Day, Timestamp, Zone, text, words},
    mail,
    members::{
        Organization, application,
        happened::{self, Happened, Sort},
    },
    web::{day, moment, money},
};
use maud::{Markup, html};
use std::collections::HashSet;

words! {
    /// Of what kind an event is; what one can narrow by.
    pub enum Kind {
        Application = "application", "Application";
        Standing = "standing", "Standing";
        Contact = "contact", "Contacts";
        Document = "document", "Documents";
        Note = "note", "Notes";
        Name = "name", "Names";
        Alliance = "alliance", "Alliances";
        Gift = "gift", "Gifts";
        Mail = "mail", "Mail";
        Change = "change", "Changes";
    }
}

impl Kind {
    /// The members' own sort, when it is one.
    fn sort(self) -> Option<Sort> {
        self.as_str().parse().ok()
    }
}

/// One event.
pub(super) struct Event {
    /// A day or a moment; as text both are in the order of time.
    pub(super) at: String,
    pub(super) id: String,
    pub(super) sentence: Markup,
    /// What was written or changed.
    pub(super) more: Vec<String>,
}

impl Event {
    /// The key that names it.
    pub(super) fn key(&self) -> String {
        format!("{}~{}", self.at, self.id)
    }

    pub(super) fn when(&self, zone: &Zone) -> Markup {
        match (self.at.parse::<Timestamp>(), self.at.parse::<Day>()) {
            (Ok(at), _) => moment(at, zone),
            (_, Ok(on)) => day(on),
            _ => html! { (self.at) },
        }
    }
}

/// The most changes and mails that are looked through at once.
const MOST: i64 = 1_000;

/// At most `most` events older than the key `after`, of one kind or of all.
pub(super) async fn read(
    tx: &mut Tx,
    o: &Organization,
    kind: Option<Kind>,
    after: Option<&str>,
    most: usize,
) -> sqlx::Result<Vec<Event>> {
    let before = after.and_then(|key| key.split_once('~'));
    let limit = i64::try_from(most).unwrap_or(MOST);
    let mut events = Vec::new();
    if kind.is_none_or(|kind| kind.sort().is_some()) {
        let rows = happened::happened(tx, o.id, kind.and_then(Kind::sort), before, limit).await?;
        events.extend(rows.into_iter().map(own));
    }
    if kind.is_none_or(|kind| kind == Kind::Alliance) {
        events.extend(alliances::around(tx, o.id).await?.into_iter().map(of_alliance));
    }
    let givers = match kind {
        None | Some(Kind::Gift | Kind::Mail) => ties::of_organization(tx, &o.id.to_string()).await?,
        _ => Vec::new(),
    };
    if kind.is_none_or(|kind| kind == Kind::Gift) {
        let ids: Vec<_> = givers.iter().map(|donor| donor.id).collect();
        events.extend(gifts::movements_of(tx, &ids, before, limit).await?.into_iter().map(of_gift));
    }
    if kind.is_none_or(|kind| kind == Kind::Mail) {
        events.extend(mails(tx, o, &givers, before, limit).await?);
    }
    if kind.is_none_or(|kind| kind == Kind::Change) {
        events.extend(changes_of(tx, o, before.map(|(at, _)| at)).await?);
    }
    if let Some((at, id)) = before {
        events.retain(|event| (event.at.as_str(), event.id.as_str()) < (at, id));
    }
    events.sort_by(|a, b| (&b.at, &b.id).cmp(&(&a.at, &a.id)));
    events.truncate(most);
    Ok(events)
}

fn own(row: Happened) -> Event {
    let more = row.words().map(|words| words.lines().map(str::to_owned).collect()).unwrap_or_default();
    Event { sentence: html! { (row.sentence()) }, more, at: row.at, id: row.id }
}

fn of_alliance(row: Around) -> Event {
    let alliance = html! { a href={ "/staff/alliances/" (row.alliance_id) } { (row.alliance) } };
    let sentence = match (row.host, row.began) {
        (true, true) => html! { "Became the host organization of " (alliance) },
        (true, false) => html! { "No longer the host organization of " (alliance) },
        (false, true) => html! { (row.who) " came on the roster of " (alliance) },
        (false, false) => html! { (row.who) " left the roster of " (alliance) },
    };
    Event { at: row.on_day.to_string(), id: row.id, sentence, more: Vec::new() }
}

fn of_gift(row: Movement) -> Event {
    let amount = row.amount.of(row.currency);
    let sentence = html! {
        @if row.back { (money(amount)) " of a " a href={ "/staff/gifts/" (row.gift_id) } { "gift" } " for " (row.fund) " went back" }
        @else { a href={ "/staff/gifts/" (row.gift_id) } { "Gift" } " of " (money(amount)) " for " (row.fund) }
    };
    Event { at: row.at.to_string(), id: row.id, sentence, more: Vec::new() }
}

/// Mail about it, about the application it came by, to those who speak for it, and about its gifts.
async fn mails(
    tx: &mut Tx,
    o: &Organization,
    givers: &[Donor],
    before: Option<(&str, &str)>,
    most: i64,
) -> sqlx::Result<Vec<Event>> {
    let mut found = mail::of_record(tx, ("organization", &o.id.to_string())).await?;
    if let Some(application) = application::of_organization(tx, o.id).await? {
        found.extend(mail::of_record(tx, ("application", &application.to_string())).await?);
    }
    let reaches = reached::reaches(tx, o, givers).await?;
    found.extend(mail::within(tx, &reaches, before, most).await?);
    let mut seen = HashSet::new();
    found.retain(|mail| seen.insert(mail.id));
    Ok(found
        .into_iter()
        .map(|mail| Event {
            at: mail.queued_at.to_string(),
            id: mail.id.to_string(),
            sentence: html! { "Mail to " (mail.addressee) ": " a href={ "/staff/mail/" (mail.id) } { (mail.subject) } },
            more: Vec::new(),
        })
        .collect())
}

/// What staff changed, field by field. Acts that have rows of their own are told by those.
async fn changes_of(tx: &mut Tx, o: &Organization, before: Option<&str>) -> sqlx::Result<Vec<Event>> {
    let until = before.and_then(|at| at.get(..10)).and_then(|day| format!("{day}T23:59:59Z").parse::<Timestamp>().ok());
    let filter = audit::Filter {
        record_kind: Some("organization".to_owned()),
        record_id: Some(o.id.to_string()),
        until: until.map(|until| until.plus_seconds(1)),
        ..audit::Filter::default()
    };
    let events = audit::page(tx, &filter, None, None, MOST).await?;
    let told = |event: audit::AuditEvent| {
        let (fields, _) = changes::between(event.before.as_deref(), event.after.as_deref());
        let short = |value: &Option<String>| text::shorten(value.as_deref().unwrap_or("none"), 200);
        Event {
            at: event.at.to_string(),
            id: event.id.to_string(),
            sentence: html! { (event.actor_name) " " (event.action.replacen("change", "changed", 1)) },
            more: fields.iter().map(|f| format!("{}: {} → {}", f.field, short(&f.before), short(&f.after))).collect(),
        }
    };
    Ok(events.into_iter().filter(|event| event.action.starts_with("change ")).map(told).collect())
}
