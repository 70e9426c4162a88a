//! What the first page of the portal is made of, and what is taken from there: documents, certificate, the way to
//! reaffirm. Rooms above add what they know of the organization.
use super::{Delegate, Doing, changes};
use crate::{
    app::App,
    db::Tx,
    kernel::{Coalition, text},
    members::{
        Contact, ContactRole, certificate, contacts_of,
        documents::{self, Document, DocumentId, PaperKind, paper},
        reaffirmation,
        standing::{self, Allowed, Standing},
    },
    web::{Csrf, Error, Form, day, facts, redirect},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/portal/certificate", get(give_certificate))
        .route("/portal/documents/{document}", get(give_document))
        .route("/portal/reaffirmation", post(reaffirm))
}

/// The parts of the first page.
pub struct Home {
    /// Name, number and standing.
    pub head: Markup,
    /// What is asked of the organization: a mood, a sentence and the way to do it.
    pub asked: Vec<(&'static str, Markup, Markup)>,
    /// What it says of itself, and who speaks for it.
    pub main: Markup,
    /// What it may take and do.
    pub aside: Markup,
}

pub async fn home(tx: &mut Tx, app: &App, d: &Delegate, csrf: &Csrf) -> Result<Home, Error> {
    let coalition = app.coalition.get();
    let people = contacts_of(tx, d.o.id).await?;
    let papers = documents::of_organization(tx, d.o.id).await?.into_iter().filter(is_theirs).collect::<Vec<_>>();
    let requests = changes::of_organization(tx, d.o.id).await?;
    Ok(Home {
        head: head(d, &coalition, csrf),
        asked: asked(d, &people, csrf),
        main: html! {
            (profile(d))
            (names(d))
            (contacts(d, &people))
            (documents_part(&papers))
        },
        aside: html! {
            (certificate_part(d))
            (reaffirmation_part(d, csrf))
            (changes::part(d, &requests, csrf, &coalition.zone()))
        },
    })
}

fn head(d: &Delegate, coalition: &Coalition, csrf: &Csrf) -> Markup {
    html! {
        header.org-head {
            @match d.o.admission_number {
                Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                None => p.member-number { "Observer" },
            }
            h1 { (d.o.name) }
            p.lead { (standing::shown(d.state.standing)) " " (d.state.sentence(&d.o)) }
        }
        form method="post" action="/portal/sign-out" {
            (csrf.field())
            p.actions {
                span { "You are here as " (d.person.name) ", its delegate." }
                @if d.o.left_on.is_none() { a href=(d.o.path()) { "Public page" } }
                button.quiet type="submit" { "Sign out" }
            }
        }
    }
}

fn reaffirm_button(csrf: &Csrf) -> Markup {
    html! { form method="post" action="/portal/reaffirmation" { (csrf.field()) button type="submit" { "Reaffirm" } } }
}

fn asked(d: &Delegate, people: &[Contact], csrf: &Csrf) -> Vec<(&'static str, Markup, Markup)> {
    let mut all = Vec::new();
    if let (Some(due), Allowed::Yes) = (d.state.due, d.allowed(Doing::Reaffirm)) {
        let late = due < d.today;
        let sentence = html! {
            @if late { "The commitment was to be reaffirmed by " } @else { "The commitment is to be reaffirmed by " } (day(due)) "."
        };
        all.push((if late { "bad" } else { "warn" }, sentence, reaffirm_button(csrf)));
    }
    let may = d.allowed(Doing::Change) == Allowed::Yes;
    if may && !people.iter().any(|p| p.role == ContactRole::Alternate) {
        let sentence = html! { "Nobody stands in for you. An alternate hears what you hear." };
        all.push(("info", sentence, html! { a.button href="/portal/contacts/new?role=alternate" { "Name an alternate" } }));
    }
    if may && d.o.mission.is_empty() {
        let sentence = html! { "The public page does not say what the organization does." };
        all.push(("info", sentence, html! { a.button href="/portal/profile" { "Write it" } }));
    }
    all
}

fn part(title: &str, ways: &[(&str, &str)], content: &Markup) -> Markup {
    let id = title.to_lowercase().replace(' ', "-");
    html! {
        section aria-labelledby=(id) {
            div.list-head { h2 id=(id) { (title) } @for (label, href) in ways { a href=(href) { (label) } } }
            (content)
        }
    }
}

fn ways<'a>(d: &Delegate, doing: Doing, all: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    if d.allowed(doing) == Allowed::Yes { all.to_vec() } else { Vec::new() }
}

fn profile(d: &Delegate) -> Markup {
    let o = &d.o;
    let rows = facts(&[
        ("What it does", html! { @if o.mission.is_empty() { "Nothing is written yet" } @else { (o.mission) } }),
        ("Category", html! { (o.category) }),
        ("Main office", html! { (o.city) ", " (o.state_code) }),
        ("Website", html! { @if let Some(site) = &o.website { (site) } @else { "None" } }),
        ("Founded", html! { @if let Some(year) = o.founded { (year) } @else { "Not known" } }),
        ("Admitted", html! { (day(o.admitted_on)) }),
    ]);
    part("Profile", &ways(d, Doing::Change, &[("Change the profile", "/portal/profile")]), &rows)
}

fn names(d: &Delegate) -> Markup {
    let rows = facts(&[
        ("Name", html! { (d.o.name) }),
        ("Legal name", html! { @if let Some(name) = &d.o.legal_name { (name) } @else { "The same" } }),
        ("EIN", html! { @if let Some(ein) = &d.o.ein { (ein) } @else { "Not known" } }),
    ]);
    part("Names", &ways(d, Doing::Ask, &[("Ask for other names", "/portal/changes/names")]), &rows)
}

fn contacts(d: &Delegate, people: &[Contact]) -> Markup {
    let may = d.allowed(Doing::Change) == Allowed::Yes;
    let table = html! {
        table {
            caption { "Who speaks for it today" }
            thead { tr {
                th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Reached at" }
                @if may { th scope="col" { span.visually-hidden { "Action" } } }
            } }
            tbody { @for person in people { tr {
                th scope="row" { (person.name) @if !person.title.is_empty() { ", " (person.title) } }
                td data-label="Role" { (person.role.label()) }
                td data-label="Reached at" { span { (person.email) @if let Some(phone) = &person.phone { br; (phone) } } }
                @if may { td { a href={ "/portal/contacts/" (person.id) } { "Change" span.visually-hidden { " " (person.name) } } } }
            } } }
        }
    };
    let mut all = ways(d, Doing::Change, &[("Add a contact", "/portal/contacts/new")]);
    all.extend(ways(
        d,
        Doing::Ask,
        &[("Hand over your seat", "/portal/changes/seat"), ("New address for you", "/portal/changes/email")],
    ));
    part("Contacts", &all, &table)
}

/// What the organization gave; letters of the secretariat's own file are not among it.
fn is_theirs(paper: &Document) -> bool {
    matches!(paper.kind, PaperKind::CommitmentLetter | PaperKind::Resolution | PaperKind::Reaffirmation | PaperKind::Bylaws)
}

fn documents_part(papers: &[Document]) -> Markup {
    let content = html! {
        @if papers.is_empty() { p { "No letter or resolution of yours is kept here." } } @else {
            table {
                caption { "Your letters and resolutions, the latest first" }
                thead { tr { th scope="col" { "Document" } th scope="col" { "Kind" } th scope="col" { "Dated" } th scope="col" { "File" } } }
                tbody { @for paper in papers { tr {
                    th scope="row" { a href={ "/portal/documents/" (paper.id) } { (paper.title) } }
                    td data-label="Kind" { (paper.kind.label()) }
                    td data-label="Dated" { (day(paper.dated)) }
                    td data-label="File" { (paper.file_kind.to_uppercase()) ", " (paper::size_in_words(paper.file_size)) }
                } } }
            }
        }
    };
    part("Documents", &[], &content)
}

fn certificate_part(d: &Delegate) -> Markup {
    let content = html! {
        @match d.allowed(Doing::Certificate) {
            Allowed::Yes => p { a.button.secondary href="/portal/certificate" { "Certificate (PDF)" } },
            Allowed::Refused(why) => p { (why) },
            Allowed::No => {},
        }
    };
    part("Certificate", &[], &content)
}

fn reaffirmation_part(d: &Delegate, csrf: &Csrf) -> Markup {
    let content = match d.allowed(Doing::Reaffirm) {
        Allowed::No => return html! {},
        Allowed::Yes => reaffirm_button(csrf),
        Allowed::Refused(why) => html! { p { (why) } },
    };
    part(
        "Reaffirmation",
        &[],
        &html! {
            @if let Some(due) = d.state.due { @if d.state.standing != Standing::Suspended { p { "The next is due on " (day(due)) "." } } }
            (content)
        },
    )
}

async fn give_certificate(State(app): State<App>, d: Delegate) -> Result<Response, Error> {
    d.may(Doing::Certificate)?;
    certificate::give(&app, d.o.id).await
}

async fn give_document(State(app): State<App>, d: Delegate, Path(id): Path<DocumentId>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let document = documents::queries::by_id(&mut tx, d.o.id, id).await?.filter(is_theirs).ok_or(Error::NotFound)?;
    drop(tx);
    let kind = paper::kind(&document.file_kind).ok_or(Error::NotFound)?;
    let bytes = app.files.get(&document.file).await.map_err(Error::Storage)?;
    paper::attachment(bytes, kind, &document.kind.as_str().replace('_', "-"), &d.o.name)
}

#[derive(Deserialize)]
struct Nothing {}

/// To the page of the delegate's own link, made for this click.
async fn reaffirm(State(app): State<App>, d: Delegate, Form(Nothing {}): Form<Nothing>) -> Result<Response, Error> {
    d.may(Doing::Reaffirm)?;
    let due = d.state.due.ok_or(Error::NotFound)?;
    let mut tx = app.db.write().await?;
    let token = reaffirmation::link_for(&mut tx, &app, d.o.id, d.person.id, due).await?;
    tx.commit().await?;
    Ok(redirect(format!("/reaffirm/{token}")))
}
