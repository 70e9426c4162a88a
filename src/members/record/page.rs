//! The whole record of an organization on one page, each part with the way to change it.
use super::{FormerName, Mailbox, Note, href, logo, queries};
use crate::{
    app::App,
    kernel::{Coalition, Zone, text},
    members::{
        Contact, Organization, OrganizationId, Track, application, certificate, contacts,
        documents::{self, Document},
        queries as members_queries, reaffirmation, standing,
    },
    staff::Staff,
    web::{Error, Page, badge, day, facts, moment},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}", get(show))
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let o = super::find(&mut tx, id).await?;
    let former = queries::former_names(&mut tx, id).await?;
    let states = queries::states(&mut tx, id).await?;
    let mailboxes = queries::mailboxes(&mut tx, id).await?;
    let tags = queries::tags(&mut tx, id).await?;
    let notes = queries::notes(&mut tx, id).await?;
    let people = members_queries::contacts_of(&mut tx, id).await?;
    let past = contacts::ended(&mut tx, id).await?;
    let papers = documents::of_organization(&mut tx, id).await?;
    let standing_facts = standing::facts(&mut tx, id).await?;
    let application = application::of_organization(&mut tx, id).await?;
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let state = standing::standing(&mut tx, id, zone.day(app.clock.now())).await?;
    let may = staff.may_admit().is_ok();
    let reaffirmed = reaffirmation::part(&mut tx, &app, &o, may).await?;
    let no_certificate = certificate::refusal(&o, &state);
    let content = html! {
        (head(&o, &coalition))
        p { (standing::shown(state.standing)) " " (state.sentence(&o)) }
        p.actions {
            a href={ (href(id)) "/timeline" } { "Everything that happened" }
            a href={ (href(id)) "/gifts" } { "Gifts" }
            a href={ (href(id)) "/dossier" } { "Dossier to print" }
            a href={ (href(id)) "/contributions" } { "Contributions" }
            a href=(o.path()) { "Public page" }
            @if no_certificate.is_none() { a href={ (href(id)) "/certificate" } { "Certificate (PDF)" } }
            @if let Some(application) = application { a href={ "/staff/applications/" (application) } { "Its application" } }
        }
        @if let Some(why) = &no_certificate { p.hint { (why) } }
        div.split {
            div {
                (part("Names", may.then(|| format!("{}/name", href(id))), &names(&o, &former, may)))
                (part("Profile", may.then(|| format!("{}/profile", href(id))), &profile(&o)))
                (part("Where it works", may.then(|| format!("{}/reach", href(id))), &reach(&o, &states, &mailboxes)))
                (contacts_part(&o, &people, &past, may))
                (documents_part(&o, &papers, may))
            }
            aside {
                (part("Logo", may.then(|| format!("{}/logo", href(id))), &html! { @if o.logo.is_some() { (logo::shown(&o)) p { a href={ (href(id)) "/logo/original" } { "Download the original" } } } @else { p { "None" } } }))
                (part("Tags", may.then(|| format!("{}/tags", href(id))), &html! {
                    @if tags.is_empty() { p { "None" } } @else { p { @for tag in &tags { a.badge href={ "/staff/organizations?tag=" (url_word(tag)) } { (tag) } " " } } }
                }))
                section aria-labelledby="standing" {
                    h2 #standing { "Standing" }
                    (standing::timeline(&o, &standing_facts))
                    @if may { (standing::acts(id, &state)) }
                }
                (reaffirmed)
                (notes_part(id, &notes, may, &zone))
            }
        }
    };
    Ok(Page::staff(o.name, content).own_heading().crumb("Staff", "/staff").crumb("Organizations", "/staff/organizations"))
}

fn url_word(word: &str) -> String {
    url::form_urlencoded::byte_serialize(word.as_bytes()).collect()
}

/// Its number, its name, what it does.
fn head(o: &Organization, coalition: &Coalition) -> Markup {
    html! {
        header.org-head {
            @match o.admission_number {
                Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                None => p.member-number { "Observer" },
            }
            h1 { (o.name) }
            @if !o.mission.is_empty() { p.lead { (o.mission) } }
        }
    }
}

/// One part of the record, with the way to change it.
fn part(title: &str, change: Option<String>, content: &Markup) -> Markup {
    let id = title.to_lowercase().replace(' ', "-");
    html! {
        section aria-labelledby=(id) {
            div.list-head {
                h2 id=(id) { (title) }
                @if let Some(change) = change { a href=(change) { "Change" span.visually-hidden { ": " (title.to_lowercase()) } } }
            }
            (content)
        }
    }
}

fn names(o: &Organization, former: &[FormerName], may: bool) -> Markup {
    let none = || html! { "Not known" };
    html! {
        (facts(&[
            ("Legal name", o.legal_name.as_ref().map_or_else(|| html! { "The same" }, |n| html! { (n) })),
            ("EIN", o.ein.as_ref().map_or_else(none, |n| html! { (n) })),
            ("Former names", html! {
                @if former.is_empty() { "None" }
                @for (n, name) in former.iter().enumerate() { @if n > 0 { br; } (name.name) ", " (name.when()) }
                @if may { br; a href={ (href(o.id)) "/former-names" } { "Add or remove a former name" } }
            }),
        ]))
    }
}

fn profile(o: &Organization) -> Markup {
    let mut rows = vec![
        ("Track", html! { (badge(o.track, o.track.label())) }),
        ("Category", html! { (o.category) }),
        ("Main office", html! { (o.city) ", " (o.state_code) }),
        ("Founded", html! { @if let Some(year) = o.founded { (year) } @else { "Not known" } }),
        ("Website", html! { @if let Some(site) = &o.website { a href=(site) rel="nofollow" { (site) } } @else { "None" } }),
        ("Admitted", html! { (day(o.admitted_on)) }),
    ];
    rows.extend(o.committed_on.map(|on| ("Commitment document", html! { "Dated " (day(on)) ", as an import told" })));
    facts(&rows)
}

fn reach(o: &Organization, states: &[String], mailboxes: &[Mailbox]) -> Markup {
    facts(&[
        (
            "Active in",
            html! { @if states.is_empty() { "Only where its main office is, as far as is known" } @else { (states.join(", ")) } },
        ),
        (
            "Postal address",
            html! {
                @if let Some(address) = &o.postal_address { @for (n, line) in address.lines().enumerate() { @if n > 0 { br; } (line) } }
                @else { "Not known" }
            },
        ),
        (
            "Mailboxes",
            html! {
                @if mailboxes.is_empty() { "None" }
                @for (n, mailbox) in mailboxes.iter().enumerate() {
                    @if n > 0 { br; } (mailbox.purpose.label()) ": " a href={ "mailto:" (mailbox.email) } { (mailbox.email) }
                }
            },
        ),
    ])
}

fn contacts_part(o: &Organization, people: &[Contact], past: &[Contact], may: bool) -> Markup {
    let has_delegate = contacts::delegate(people).is_some();
    html! {
        section aria-labelledby="contacts" {
            div.list-head {
                h2 #contacts { "Contacts" }
                @if may {
                    @if has_delegate { a href={ (href(o.id)) "/delegate" } { "Hand over the delegate’s seat" } }
                    a href={ (href(o.id)) "/contacts/new" } { "Add a contact" }
                }
            }
            @if !has_delegate && o.left_on.is_none() && o.track == Track::Member {
                div.notice data-mood="warn" { p { "Nobody holds the delegate’s seat." } }
            }
            @if people.is_empty() { p { "Nobody is named for this organization." } } @else { (contacts::table(o.id, people, "Who speaks for it today", may)) }
            @if !past.is_empty() {
                details { summary { "Earlier contacts (" (past.len()) ")" } (contacts::table(o.id, past, "Who spoke for it before", false)) }
            }
        }
    }
}

fn documents_part(o: &Organization, papers: &[Document], may: bool) -> Markup {
    html! {
        section aria-labelledby="documents" {
            div.list-head {
                h2 #documents { "Documents" }
                @if may { a href={ (href(o.id)) "/documents/new" } { "Add a document" } }
            }
            @if papers.is_empty() { p { "No document is kept. The commitment document of an approved application comes here by itself." } }
            @else { (documents::table(papers)) }
        }
    }
}

fn notes_part(id: OrganizationId, notes: &[Note], may: bool, zone: &Zone) -> Markup {
    html! {
        section aria-labelledby="notes" {
            div.list-head {
                h2 #notes { "Notes" }
                @if may { a href={ (href(id)) "/notes" } { "Add a note" } }
            }
            @if notes.is_empty() { p { "None yet. Notes are read by staff only." } } @else {
                ol.timeline { @for note in notes.iter().take(5) { li { (moment(note.at, zone)) p { strong { (note.who) } } @for line in note.body.lines() { p { (line) } } } } }
                @if notes.len() > 5 { p { a href={ (href(id)) "/timeline?kind=note" } { "All " (notes.len()) " notes" } } }
            }
        }
    }
}
