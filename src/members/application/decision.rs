//! The decision on an application, on a page that says what will happen.
use super::{
    Application, ApplicationId, ApplicationState, DocumentKind, EventKind, letters,
    queries::{self, Decision},
    told,
    votes::{self, Case, Made},
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Coalition, Day, Email, Timestamp, text},
    mail::{self, Class},
    members::{
        self, Admission, Organization, OrganizationId, Track,
        documents::{self, Document, DocumentId, PaperKind},
    },
    news,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, notice, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/applications/{id}/decision", get(ask).post(decide))
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ApplicationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    page(&app, &staff, &csrf, &Draft::default(), id).await
}

async fn page(app: &App, staff: &Staff, csrf: &Csrf, draft: &Draft, id: ApplicationId) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !application.state.is_waiting() {
        return Err(decided_already(&application));
    }
    let coalition = app.coalition.get();
    let case = Case::of(&mut tx, id).await?;
    let (number, approve) = if application.track == Some(Track::Observer) {
        (None, "Approve as an observer".to_owned())
    } else {
        let next = members::next_number(&mut tx).await?;
        (Some(next), format!("Approve as {} member", text::ordinal(next)))
    };
    let action = format!("/staff/applications/{id}/decision");
    let content = html! {
        (error_summary(draft))
        p.lead { (case.sentence()) }
        (missing(&case))
        section aria-labelledby="approve" {
            h2 #approve { (approve) }
            p { "When you approve, at once:" }
            ul {
                li { (application.title()) @if let Some(number) = number { " gets the admission number " (number) ", which is never given again," } " and stands on the public roll." }
                li { "The news item “" (headline(&coalition, application.title(), number)) "” is drafted. Visitors see it when somebody publishes it." }
                li { "A welcome is mailed to " (application.addressees().iter().map(Email::as_str).collect::<Vec<_>>().join(", ")) "." }
            }
            form method="post" action=(action) novalidate {
                (csrf.field())
                input type="hidden" name="decision" value="approved";
                @let may = why(&case, ApplicationState::Approved, staff, draft);
                (may.words)
                p.actions { @if may.decide { button type="submit" { (approve) } } a href={ "/staff/applications/" (id) } { "Not yet" } }
            }
        }
        section.danger-zone aria-labelledby="decline" {
            h2 #decline { "Decline" }
            p { "The reason is mailed to " (application.email) " as you write it, and kept with the application." }
            form method="post" action=(action) novalidate {
                (csrf.field())
                input type="hidden" name="decision" value="declined";
                (field("reason", "Reason").textarea(draft, 4))
                @let may = why(&case, ApplicationState::Declined, staff, draft);
                (may.words)
                p.actions { @if may.decide { button.danger type="submit" { "Decline the application" } } }
            }
        }
    };
    Ok(Page::staff(format!("Decide on {}", application.title()), content)
        .crumb("Staff", "/staff")
        .crumb("Applications", "/staff/applications")
        .crumb(application.title().to_owned(), format!("/staff/applications/{id}")))
}

fn missing(case: &Case) -> Markup {
    let names: Vec<_> = case.missing().map(|asked| asked.name.as_str()).collect();
    html! { @if !names.is_empty() { p { "Still to vote: " (names.join(", ")) "." } } }
}

/// What stands before the button of a decision that departs from the votes.
struct May {
    words: Markup,
    decide: bool,
}

fn why(case: &Case, outcome: ApplicationState, staff: &Staff, draft: &Draft) -> May {
    let name = why_name(outcome);
    let says = if outcome == ApplicationState::Approved { "do not support approving it" } else { "do not support declining it" };
    if case.supports(outcome) {
        May { words: html! {}, decide: true }
    } else if staff.may_depart_from_votes().is_ok() {
        let hint = "Kept in the record of the decision; it is not mailed.";
        let label = format!("The votes {says}. Why do you decide so all the same?");
        May { words: Field { hint: Some(hint), ..field(name, &label) }.textarea(draft, 3), decide: true }
    } else {
        May {
            words: notice(
                "warn",
                &html! { p { "The votes " (says) ". An administrator can decide so all the same, with a reason." } },
            ),
            decide: false,
        }
    }
}

const fn why_name(outcome: ApplicationState) -> &'static str {
    if matches!(outcome, ApplicationState::Approved) { "why_approved" } else { "why_declined" }
}

/// `International Justice Project joins AMICC as its 39th institutional member`.
fn headline(coalition: &Coalition, name: &str, number: Option<i64>) -> String {
    match number {
        Some(number) => {
            format!("{name} joins {} as its {} {}", coalition.short_name, text::ordinal(number), coalition.member_word)
        }
        None => format!("{name} joins {} as an observer", coalition.short_name),
    }
}

fn decided_already(application: &Application) -> Error {
    let by = application.decided_by.as_deref().map_or_else(String::new, |by| format!(" by {by}"));
    let state = application.state.label().to_lowercase();
    Error::Conflict(format!("The application of {} is {state}{by}. Nothing was changed.", application.title()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    decision: String,
    reason: String,
    why_approved: String,
    why_declined: String,
}

async fn decide(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let (outcome, given) = match typed.decision.as_str() {
        "approved" => (ApplicationState::Approved, &typed.why_approved),
        "declined" => (ApplicationState::Declined, &typed.why_declined),
        _ => return Err(Error::bad_form("It holds no decision")),
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let application = waiting(&mut tx, id).await?;
    let case = Case::of(&mut tx, id).await?;
    let mut draft = Draft::default();
    let reason = if outcome == ApplicationState::Declined {
        draft.text("reason", &text::lines(&typed.reason), 2_000, "Write the reason; it is mailed to them")
    } else {
        None
    };
    let why = if case.supports(outcome) {
        None
    } else {
        staff.may_depart_from_votes()?;
        draft.text(why_name(outcome), &text::lines(given), 2_000, "Write why you decide otherwise than the votes stand")
    };
    if !draft.is_right() {
        drop(tx);
        return Err(Draft::refuse(page(&app, &staff, &csrf, &draft, id).await?));
    }
    let made = Made { application: &application, by: &staff, outcome, reason: reason.as_deref(), why: why.as_deref() };
    let said = match made.reason {
        Some(reason) => decline(&mut tx, &app, &made, reason, now).await?,
        None => approve(&mut tx, &app, &made, now).await?,
    };
    votes::keep(&mut tx, &made, &case, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(format!("/staff/applications/{id}"), Mood::Good, said))
}

/// The application while it waits for a decision, held until the end of this work; who comes second is told so.
async fn waiting(tx: &mut Tx, id: ApplicationId) -> Result<Application, Error> {
    votes::hold(tx, id).await?;
    let application = queries::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if application.state.is_waiting() { Ok(application) } else { Err(decided_already(&application)) }
}

/// Number, organization, membership, contacts, news draft, welcome and audit: all of it or nothing.
async fn approve(tx: &mut Tx, app: &App, made: &Made<'_>, now: Timestamp) -> Result<String, Error> {
    let Made { application, by: staff, .. } = made;
    let (id, coalition) = (application.id, app.coalition.get());
    let admission = admission(application)
        .ok_or_else(|| Error::Conflict("The application is not complete. Ask the applicant for what is missing.".to_owned()))?;
    let organization = members::admit(tx, &admission, coalition.zone().day(now), now).await?;
    let decision =
        Decision { state: ApplicationState::Approved, by: &staff.name, reason: None, organization: Some(organization.id) };
    if !queries::decide(tx, id, &decision, now).await? {
        return Err(decided_already(&queries::by_id(tx, id).await?.ok_or(Error::NotFound)?));
    }
    if let Some(document) = document(application, organization.id, coalition.zone().day(now), &staff.name, now) {
        documents::queries::insert(tx, &document, Some(&id.to_string())).await?;
    }
    announce(tx, app, &coalition, application, &organization, now).await?;
    queries::note_event(tx, id, EventKind::Approved, &staff.name, None, now).await?;
    let record = id.to_string();
    let number = organization.admission_number;
    let (before, after) =
        (told(application.state), serde_json::json!({ "state": ApplicationState::Approved, "admission_number": number }));
    audit::record(tx, &staff.actor(), "approve", ("application", &record), Some(&before), Some(&after), now).await?;
    let organization_id = organization.id.to_string();
    let admitted = serde_json::json!({ "name": admission.name, "track": admission.track, "admission_number": number });
    audit::record(tx, &staff.actor(), "admit", ("organization", &organization_id), None::<&()>, Some(&admitted), now).await?;
    Ok(match organization.admission_number {
        Some(number) => format!(
            "{} is the {} {}. The news is drafted and the welcome is on its way.",
            organization.name,
            text::ordinal(number),
            coalition.member_word
        ),
        None => format!("{} is an observer. The news is drafted and the welcome is on its way.", organization.name),
    })
}

async fn announce(
    tx: &mut Tx,
    app: &App,
    coalition: &Coalition,
    application: &Application,
    organization: &Organization,
    now: Timestamp,
) -> sqlx::Result<()> {
    let title = headline(coalition, &organization.name, organization.admission_number);
    let summary = format!("{}, {}.", organization.city, organization.state_code);
    news::draft(tx, &title, &summary, &organization.mission, now).await?;
    let letter = letters::welcome(coalition, organization, &app.url(&organization.path()));
    let record = application.id.to_string();
    for email in application.addressees() {
        mail::send(tx, &email, Class::MembershipService, ("application", &record), &letter, now).await?;
    }
    Ok(())
}

fn admission(a: &Application) -> Option<Admission> {
    Some(Admission {
        name: a.name.clone()?,
        track: a.track?,
        category_id: a.category_id?,
        city: a.city.clone()?,
        state_code: a.state_code.clone()?,
        website: a.website.clone(),
        founded: a.founded,
        mission: a.mission.clone().unwrap_or_default(),
        contacts: a.people(),
    })
}

/// The commitment document, as it is kept with the organization from now on.
fn document(a: &Application, organization: OrganizationId, today: Day, by: &str, now: Timestamp) -> Option<Document> {
    let kind = match a.document_kind {
        Some(DocumentKind::Resolution) => PaperKind::Resolution,
        _ => PaperKind::CommitmentLetter,
    };
    let signed = a.signatory.as_deref().map_or_else(String::new, |who| format!(", signed by {who}"));
    Some(Document {
        id: DocumentId::new(),
        organization_id: organization,
        kind,
        title: format!("Commitment document{signed}"),
        dated: a.document_day.unwrap_or(today),
        file: a.file.clone()?,
        file_name: a.file_name.clone().unwrap_or_else(|| "document".to_owned()),
        file_kind: a.file_kind.clone()?,
        file_size: a.file_size.unwrap_or_default(),
        file_digest: a.file_digest.clone().unwrap_or_default(),
        added_at: now,
        added_by: by.to_owned(),
    })
}

async fn decline(tx: &mut Tx, app: &App, made: &Made<'_>, reason: &str, now: Timestamp) -> Result<String, Error> {
    let Made { application, by: staff, .. } = made;
    let id = application.id;
    let decision = Decision { state: ApplicationState::Declined, by: &staff.name, reason: Some(reason), organization: None };
    if !queries::decide(tx, id, &decision, now).await? {
        return Err(decided_already(&queries::by_id(tx, id).await?.ok_or(Error::NotFound)?));
    }
    queries::note_event(tx, id, EventKind::Declined, &staff.name, Some(reason), now).await?;
    let record = id.to_string();
    let letter = letters::declined(&app.coalition.get(), application, reason);
    mail::send(tx, &application.email, Class::Transactional, ("application", &record), &letter, now).await?;
    let (before, after) = (told(application.state), serde_json::json!({ "state": ApplicationState::Declined, "reason": reason }));
    audit::record(tx, &staff.actor(), "decline", ("application", &record), Some(&before), Some(&after), now).await?;
    Ok(format!("The application of {} is declined, and the reason is on its way to {}.", application.title(), application.email))
}
