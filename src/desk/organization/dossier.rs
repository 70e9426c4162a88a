//! The dossier: what a secretary takes to a meeting about an organization, on one printed page.
use super::{events, gifts};
use crate::{
    alliances::{self, Around},
    app::App,
    donors::ties,
    kernel::text,
    members::{
        self, OrganizationId, contacts_of,
        documents::{self, Document, PaperKind},
        record, standing,
    },
    staff::Staff,
    web::{Error, Page, day, facts, moment},
};
use axum::extract::{Path, State};
use maud::{Markup, html};

/// As many of the last events as one page holds.
const EVENTS: usize = 8;

pub(super) async fn show(State(app): State<App>, _: Staff, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let o = members::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let people = contacts_of(&mut tx, id).await?;
    let papers = documents::of_organization(&mut tx, id).await?;
    let states = record::states(&mut tx, id).await?;
    let former = record::former_names(&mut tx, id).await?;
    let notes = record::notes(&mut tx, id).await?;
    let given = ties::given_by(&mut tx, &id.to_string()).await?;
    let around = alliances::around(&mut tx, id).await?;
    let events = events::read(&mut tx, &o, None, None, EVENTS).await?;
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let state = standing::standing(&mut tx, id, zone.day(now)).await?;
    let mut rows = vec![
        ("Category", html! { (o.category) }),
        ("Main office", html! { (o.city) ", " (o.state_code) @if !states.is_empty() { "; active in " (states.join(", ")) } }),
        ("Admitted", html! { (day(o.admitted_on)) ", " (o.track.label().to_lowercase()) }),
        ("Commitment", commitment(&papers)),
    ];
    if let Some(site) = &o.website {
        rows.push(("Website", html! { (site) }));
    }
    if o.legal_name.is_some() || o.ein.is_some() {
        rows.push((
            "Legal name",
            html! { (o.legal_name.as_deref().unwrap_or(&o.name)) @if let Some(ein) = &o.ein { ", EIN " (ein) } },
        ));
    }
    if !former.is_empty() {
        let names: Vec<_> = former.iter().take(3).map(|f| format!("{} ({})", f.name, f.when())).collect();
        rows.push(("Formerly", html! { (names.join("; ")) }));
    }
    if let Some(hosts) = hosted(&around) {
        rows.push(("Host organization of", html! { (hosts) }));
    }
    if !given.is_empty() {
        rows.push(("Gifts", gifts::in_words(&given, &zone)));
    }
    let content = html! {
        article.dossier {
            header.org-head {
                @match o.admission_number {
                    Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                    None => p.member-number { "Observer" },
                }
                h1 { (o.name) }
                p { strong { (state.sentence(&o)) } }
                @if !o.mission.is_empty() { p { (text::shorten(&o.mission, 300)) } }
            }
            p.actions { a href={ "/staff/organizations/" (id) } { "The record" } "Print this page with your browser; it fits one sheet." }
            (facts(&rows))
            section aria-labelledby="contacts" {
                h2 #contacts { "Contacts" }
                @if people.is_empty() { p { "Nobody is named for this organization." } } @else {
                    table {
                        caption.visually-hidden { "Who speaks for it today" }
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "E-mail" } th scope="col" { "Phone" } } }
                        tbody { @for person in people.iter().take(8) { tr {
                            th scope="row" { (person.name) @if !person.title.is_empty() { ", " (person.title) } }
                            td data-label="Role" { (person.role.label()) }
                            td data-label="E-mail" { (person.email) }
                            td data-label="Phone" { (person.phone.as_deref().unwrap_or("—")) }
                        } } }
                    }
                }
            }
            section aria-labelledby="events" {
                h2 #events { "Last events" }
                ol.timeline { @for event in &events { li { (event.when(&zone)) " " (event.sentence) } } }
            }
            @if let Some(note) = notes.first() {
                section aria-labelledby="note" {
                    h2 #note { "Last note" }
                    p { (moment(note.at, &zone)) ", " (note.who) ": " (text::shorten(&note.body, 400)) }
                }
            }
            p.hint { "As of " (moment(now, &zone)) ". For staff; not to be published." }
        }
    };
    Ok(Page::staff(format!("Dossier: {}", o.name), content)
        .own_heading()
        .crumb("Organizations", "/staff/organizations")
        .crumb(o.name, format!("/staff/organizations/{id}")))
}

/// The alliances it stands behind: begun and not ended.
fn hosted(around: &[Around]) -> Option<String> {
    let ended: Vec<_> = around.iter().filter(|row| row.host && !row.began).map(|row| row.id.trim_end_matches("-2")).collect();
    let now = around.iter().filter(|row| row.host && row.began && !ended.contains(&row.id.trim_end_matches("-1")));
    let names: Vec<_> = now.map(|row| row.alliance.as_str()).collect();
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

/// The commitment document that counts: the latest letter, resolution or reaffirmation.
fn commitment(papers: &[Document]) -> Markup {
    let counts =
        |paper: &&Document| matches!(paper.kind, PaperKind::CommitmentLetter | PaperKind::Resolution | PaperKind::Reaffirmation);
    html! {
        @match papers.iter().find(counts) {
            Some(paper) => { (paper.kind.label()) " of " (day(paper.dated)) ": " (paper.title) }
            None => { "No document is kept." }
        }
    }
}
