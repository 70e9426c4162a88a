//! One alliance as staff see it: how it is and the one next step, its way, its people, what it does.
use super::{
    Activity, AllianceId, Overview, Step, Term, activities, contacts,
    form::{self, today},
    health, list, pipeline, places,
    queries::{self, AllianceFile, Contact},
};
use crate::{
    app::App,
    audit::{self, AuditEvent},
    kernel::{Day, Zone, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Page, badge, day, facts, moment},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}", get(show))
}

/// All the page is made of.
struct Shown {
    of: Overview,
    steps: Vec<Step>,
    activities: Vec<Activity>,
    contacts: Vec<Contact>,
    files: Vec<AllianceFile>,
    history: Vec<AuditEvent>,
    keeps: bool,
    today: Day,
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    let today = today(&app);
    let mut tx = app.db.read().await?;
    let shown = Shown {
        of: form::find(&app, &mut tx, id).await?,
        steps: queries::steps(&mut tx, id).await?,
        activities: queries::activities(&mut tx, id, false, 5).await?,
        contacts: queries::contacts(&mut tx, id, 5).await?,
        files: queries::files(&mut tx, id).await?,
        history: audit::of_record(&mut tx, ("alliance", &id.to_string())).await?,
        keeps: staff.may_admit().is_ok(),
        today,
    };
    let (of, base, zone) = (&shown.of, form::base(id), app.coalition.get().zone());
    let content = html! {
        header.org-head {
            h1 { (of.alliance.name) }
            p { (badge(list::state_mood(of.alliance.state), of.alliance.state.label())) " " (badge(health::health(of, today), health::health(of, today).label())) }
            p.lead { (pipeline::sentence(of.alliance.state)) }
        }
        (verdict(of, &base, today, shown.keeps))
        div.split {
            div {
                (record(of, &base, shown.keeps))
                section aria-labelledby="people" { h2 #people { "Leaders and deputies" } (terms(&shown, &base, &csrf)) }
                section aria-labelledby="way" { h2 #way { "The way to the launch" } (checklist(&shown, &base, &csrf)) }
                section aria-labelledby="done" {
                    h2 #done { "Activities" }
                    @if shown.activities.is_empty() { p { "Nothing is recorded yet. Meetings, visits to congressional offices, media, schools and events stand here." } }
                    @else { (activities::timeline(&shown.activities)) }
                    p { a href={ (base) "/activities" } { "All activities" } }
                }
            }
            aside {
                p.actions {
                    @if of.requests > 0 { a.button href={ (base) "/requests" } { (text::count(of.requests, "request waits", "requests wait")) } }
                    a href={ (base) "/roster" } { "Roster (" (of.roster) ")" }
                    a href={ (base) "/requests" } { "Requests" }
                    a href={ (base) "/messages" } { "Messages" }
                    a href={ (base) "/fund" } { "Fund" }
                    @if matches!(of.alliance.state.as_str(), "organizing" | "launched") { a href={ "/alliances/" (of.alliance.slug) } { "Public page" } }
                }
                section aria-labelledby="contact" { h2 #contact { "In touch" } (in_touch(&shown, id, &csrf)) }
                section aria-labelledby="files" { h2 #files { "Files" } (files(&shown, &base, &csrf)) }
                section aria-labelledby="history" { h2 #history { "What was done" } (history(&shown.history, &zone)) }
            }
        }
    };
    Ok(Page::staff(of.alliance.name.clone(), content)
        .own_heading()
        .crumb("Staff", "/staff")
        .crumb("Alliances", "/staff/alliances"))
}

fn verdict(of: &Overview, base: &str, today: Day, keeps: bool) -> Markup {
    let warnings = health::warnings(of, today);
    html! {
        @if let Some(first) = warnings.first() {
            div.notice data-mood=(if first.bad { "bad" } else { "warn" }) {
                @for warning in &warnings { p { (warning.words) } }
                @if keeps { p { "Next: " a href={ (base) (first.step.1) } { (first.step.0) } } } @else { p { "Membership staff take care of it." } }
            }
        }
    }
}

fn record(of: &Overview, base: &str, keeps: bool) -> Markup {
    let change = |to: &str, words: &str| html! { @if keeps { " " a href={ (base) (to) } { (words) } } };
    let territory = html! { @if of.territories.is_empty() { "No place is named." } @else { (places::in_words(&of.territories)) } (change("/territory", "Change")) };
    let host = html! {
        @if let Some(host) = &of.host {
            a href={ "/staff/organizations/" (host.organization.id) } { (host.organization.name) } " since " (day(host.from_day))
            @if host.organization.left() { ", which has left" }
        } @else { "None." }
        (change("/host", "Change"))
    };
    let summary = html! { @if of.alliance.summary.is_empty() { "Nothing is written yet." } @else { (of.alliance.summary) } (change("/facts", "Change")) };
    facts(&[
        ("Summary", summary),
        ("Territory", territory),
        ("Host organization", host),
        ("Launched", html! { @if let Some(on) = of.launched_on { (day(on)) } @else { "Not yet" } }),
        ("Last activity", html! { @if let Some(on) = of.last_activity { (day(on)) } @else { "None on record" } }),
        ("Last in touch", html! { @if let Some(on) = of.last_contact { (day(on)) } @else { "Not noted" } }),
    ])
}

fn terms(shown: &Shown, base: &str, csrf: &Csrf) -> Markup {
    let Shown { of, keeps, today, .. } = shown;
    html! {
        @if of.terms.is_empty() { p { "Nobody is named yet. A leader founds the alliance; a deputy keeps it from hanging on one person." } } @else {
            table {
                caption { "Terms, the running ones first" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "As" } th scope="col" { "Term" } th scope="col" { "Workspace" } @if *keeps { th scope="col" { "Change" } } } }
                tbody { @for term in &of.terms { (row(term, base, csrf, *keeps, *today)) } }
            }
        }
        @if *keeps { p.actions {
            a.button.secondary href={ (base) "/terms/new" } { "Name a leader or deputy" }
            @if !of.leaders(*today).is_empty() { a href={ (base) "/succession" } { "Hand over to a successor" } }
        } }
    }
}

fn row(term: &Term, base: &str, csrf: &Csrf, keeps: bool, today: Day) -> Markup {
    let ended = term.to_day.is_some_and(|to| to <= today);
    let here = format!("{base}/terms/{}", term.id);
    html! { tr {
        th scope="row" { span { (term.who()) @if let Some(email) = &term.email { br; a href={ "mailto:" (email) } { (email) } } } }
        td data-label="As" { (term.part.label()) @if term.founder { ", founder" } }
        td data-label="Term" { span { (day(term.from_day)) @if let Some(to) = term.to_day { " to " (day(to)) } @else { " on" } } }
        td data-label="Workspace" {
            @if ended { "Ended" } @else if term.staff_id.is_some() { (badge("active", "Open")) }
            @else if keeps && term.email.is_some() {
                form method="post" action={ (here) "/account" } { (csrf.field()) button type="submit" { "Open" span.visually-hidden { " for " (term.name) } } }
            } @else { "None" }
        }
        @if keeps { td data-label="Change" { span {
            a href=(here) { "Correct" span.visually-hidden { " the term of " (term.name) } }
            @if term.runs(today) { " · " a href={ (here) "/end" } { "End" span.visually-hidden { " the term of " (term.name) } } }
        } } }
    } }
}

fn checklist(shown: &Shown, base: &str, csrf: &Csrf) -> Markup {
    let Shown { steps, keeps, .. } = shown;
    let next = pipeline::next_on_list(steps);
    html! {
        ol.timeline {
            @for kind in pipeline::CHECKLIST {
                @let step = steps.iter().find(|step| step.kind == *kind);
                li data-state=[step.map(|_| "good")] {
                    @if let Some(step) = step { (day(step.on_day)) }
                    p { strong { (kind.label()) } @if step.is_none() { @if next == Some(*kind) { " comes next" } @else { " is open" } }
                        @if let Some(step) = step.filter(|s| !s.note.is_empty()) { ": " (step.note) } }
                }
            }
            @for step in steps.iter().filter(|step| !pipeline::CHECKLIST.contains(&step.kind)) {
                li { (day(step.on_day)) p { strong { (step.kind.label()) } @if !step.note.is_empty() { ": " (step.note) } } }
            }
        }
        @if *keeps {
            div.actions {
                a.button.secondary href={ (base) "/steps" } { "Record a step" }
                @if let Some(last) = steps.last() {
                    form method="post" action={ (base) "/steps/undo" } { (csrf.field()) button.quiet type="submit" { "Take “" (last.kind.label()) "” back" } }
                }
            }
        }
    }
}

fn in_touch(shown: &Shown, id: AllianceId, csrf: &Csrf) -> Markup {
    html! {
        @if shown.contacts.is_empty() { p { "No call or visit is noted yet." } } @else {
            ol.timeline { @for contact in &shown.contacts { li { (day(contact.on_day)) p { (contact.note) } p.hint { (contact.recorded_by) } } } }
        }
        @if shown.keeps { (contacts::form(id, csrf, &Draft::of([("on", shown.today.to_string())]))) }
    }
}

fn files(shown: &Shown, base: &str, csrf: &Csrf) -> Markup {
    html! {
        @if shown.files.is_empty() { p { "Letters of the host, programs and reports can be kept here, for staff." } } @else {
            ul { @for file in &shown.files { li {
                a href={ (base) "/files/" (file.id) } { (file.name) } " (" (file.kind.to_uppercase()) ", " (text::number((file.size + 1_023) / 1_024)) " KB)"
                p.hint { "Added by " (file.added_by) }
                @if shown.keeps { form method="post" action={ (base) "/files/" (file.id) "/removal" } { (csrf.field()) button.quiet type="submit" { "Remove" span.visually-hidden { " " (file.name) } } } }
            } } }
        }
        @if shown.keeps { p { a href={ (base) "/files" } { "Add a file" } } }
    }
}

fn history(events: &[AuditEvent], zone: &Zone) -> Markup {
    html! {
        @if events.is_empty() { p { "Nothing yet." } } @else {
            ol.timeline { @for event in events.iter().take(12) { li { (moment(event.at, zone)) p { (event.actor_name) ": " (event.action.replace('_', " ")) } } } }
        }
    }
}
