//! The decision on an application, on a page that says what will happen.
use super::{
    Application, ApplicationId, ApplicationState, DocumentKind, EventKind, letters,
    queries::{self, Decision},
    told,
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
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/applications/{id}/decision", get(ask).post(decide))
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ApplicationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    page(&app, &csrf, &Draft::default(), id).await
}

async fn page(app: &App, csrf: &Csrf, draft: &Draft, id: ApplicationId) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !application.state.is_waiting() {
        return Err(decided_already(&application));
    }
    let coalition = app.coalition.get();
    let (number, approve) = if application.track == Some(Track::Observer) {
        (None, "Approve as an observer".to_owned())
    } else {
        let next = members::next_number(&mut tx).await?;
        (Some(next), format!("Approve as {} member", text::ordinal(next)))
    };
    let action = format!("/staff/applications/{id}/decision");
    let content = html! {
        (error_summary(draft))
        section aria-labelledby="approve" {
            h2 #approve { (approve) }
            p { "When you approve, at once:" }
            ul {
                li { (application.title()) @if let Some(number) = number { " gets the admission number " (number) ", which is never given again," } " and stands on the public roll." }
                li { "The news item “" (headline(&coalition, application.title(), number)) "” is drafted. Visitors see it when somebody publishes it." }
                li { "A welcome is mailed to " (application.addressees().iter().map(Email::as_str).collect::<Vec<_>>().join(", ")) "." }
            }
            form method="post" action=(action) {
                (csrf.field())
                input type="hidden" name="decision" value="approved";
                p.actions { button type="submit" { (approve) } a href={ "/staff/applications/" (id) } { "Not yet" } }
            }
        }
        section.danger-zone aria-labelledby="decline" {
            h2 #decline { "Decline" }
            p { "The reason is mailed to " (application.email) " as you write it, and kept with the application." }
            form method="post" action=(action) novalidate {
                (csrf.field())
                input type="hidden" name="decision" value="declined";
                (field("reason", "Reason").textarea(draft, 4))
                p.actions { button.danger type="submit" { "Decline the application" } }
            }
        }
    };
    Ok(Page::staff(format!("Decide on {}", application.title()), content)
        .crumb("Staff", "/staff")
        .crumb("Applications", "/staff/applications")
        .crumb(application.title().to_owned(), format!("/staff/applications/{id}")))
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
}

async fn decide(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let said = match typed.decision.as_str() {
        "approved" => approve(&app, &staff, id).await?,
        "declined" => {
            let mut draft = Draft::default();
            let Some(reason) = draft.text("reason", &text::lines(&typed.reason), 2_000, "Write the reason; it is mailed to them")
            else {
                return Err(Draft::refuse(page(&app, &csrf, &draft, id).await?));
            };
            decline(&app, &staff, id, &reason).await?
        }
        _ => return Err(Error::bad_form("It holds no decision")),
    };
    app.bell.notify_one();
    Ok(redirect_saying(format!("/staff/applications/{id}"), Mood::Good, said))
}

/// The application while it waits for a decision; who comes second is told so.
async fn waiting(tx: &mut Tx, id: ApplicationId) -> Result<Application, Error> {
    let application = queries::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if application.state.is_waiting() { Ok(application) } else { Err(decided_already(&application)) }
}

/// Number, organization, membership, contacts, news draft, welcome and audit: all of it or nothing.
async fn approve(app: &App, staff: &Staff, id: ApplicationId) -> Result<String, Error> {
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let mut tx = app.db.write().await?;
    let application = waiting(&mut tx, id).await?;
    let admission = admission(&application)
        .ok_or_else(|| Error::Conflict("The application is not complete. Ask the applicant for what is missing.".to_owned()))?;
    let organization = members::admit(&mut tx, &admission, coalition.zone().day(now), now).await?;
    let decision =
        Decision { state: ApplicationState::Approved, by: &staff.name, reason: None, organization: Some(organization.id) };
    if !queries::decide(&mut tx, id, &decision, now).await? {
        return Err(decided_already(&queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?));
    }
    if let Some(document) = document(&application, organization.id, coalition.zone().day(now), &staff.name, now) {
        documents::queries::insert(&mut tx, &document, Some(&id.to_string())).await?;
    }
    announce(&mut tx, app, &coalition, &application, &organization, now).await?;
    queries::note_event(&mut tx, id, EventKind::Approved, &staff.name, None, now).await?;
    let record = id.to_string();
    let number = organization.admission_number;
    let (before, after) =
        (told(application.state), serde_json::json!({ "state": ApplicationState::Approved, "admission_number": number }));
    audit::record(&mut tx, &staff.actor(), "approve", ("application", &record), Some(&before), Some(&after), now).await?;
    let organization_id = organization.id.to_string();
    let admitted = serde_json::json!({ "name": admission.name, "track": admission.track, "admission_number": number });
    audit::record(&mut tx, &staff.actor(), "admit", ("organization", &organization_id), None::<&()>, Some(&admitted), now)
        .await?;
    tx.commit().await?;
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

async fn decline(app: &App, staff: &Staff, id: ApplicationId, reason: &str) -> Result<String, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let application = waiting(&mut tx, id).await?;
    let decision = Decision { state: ApplicationState::Declined, by: &staff.name, reason: Some(reason), organization: None };
    if !queries::decide(&mut tx, id, &decision, now).await? {
        return Err(decided_already(&queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?));
    }
    queries::note_event(&mut tx, id, EventKind::Declined, &staff.name, Some(reason), now).await?;
    let record = id.to_string();
    let letter = letters::declined(&app.coalition.get(), &application, reason);
    mail::send(&mut tx, &application.email, Class::Transactional, ("application", &record), &letter, now).await?;
    let (before, after) = (told(application.state), serde_json::json!({ "state": ApplicationState::Declined, "reason": reason }));
    audit::record(&mut tx, &staff.actor(), "decline", ("application", &record), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(format!("The application of {} is declined, and the reason is on its way to {}.", application.title(), application.email))
}
