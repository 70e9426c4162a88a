//! The record of a decision: who, when, why, the votes as they stood; to print, and with the minutes of
//! the meeting once they are written. Nothing of it is changed but the minutes.
use super::{Decided, Vote, queries, section};
use crate::{
    app::App,
    audit,
    db::Tx,
    files::{Kind, fingerprint},
    kernel::Zone,
    members::{
        Application, ApplicationId,
        application::{ApplicationState, document, queries as applications},
        documents::paper,
        rounds::RoundRules,
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, Page, Upload, badge, day, error_summary, facts, moment, redirect_saying},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/applications/{id}/record", get(show))
        .route("/staff/applications/{id}/minutes", get(give).post(file).layer(DefaultBodyLimit::max(paper::MOST_WITH_FORM)))
}

/// The way to the record of an application, when it was decided.
pub(in crate::members::application) async fn document(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Option<String>> {
    Ok(queries::decision(tx, id).await?.map(|_| format!("/staff/applications/{id}/record")))
}

async fn find(tx: &mut Tx, id: ApplicationId) -> Result<(Application, Decided), Error> {
    let application = applications::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    let decided = queries::decision(tx, id).await?.ok_or(Error::NotFound)?;
    Ok((application, decided))
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ApplicationId>) -> Result<Page, Error> {
    let (application, decided) = find(&mut app.db.read().await?, id).await?;
    page(&application, &decided, &staff, &csrf, &Draft::default(), &app.coalition.get().zone())
}

fn page(a: &Application, d: &Decided, staff: &Staff, csrf: &Csrf, draft: &Draft, zone: &Zone) -> Result<Page, Error> {
    let votes: Vec<Vote> = serde_json::from_str(&d.votes).map_err(Error::internal)?;
    let rules: RoundRules = serde_json::from_str(&d.rules).map_err(Error::internal)?;
    let track = a
        .track
        .map_or_else(String::new, |track| format!(" as {}", if track.as_str() == "member" { "a member" } else { "an observer" }));
    let mut rows = vec![
        ("Decision", html! { (badge(d.outcome, d.outcome.label())) (track) }),
        ("Decided by", html! { (d.decided_by) }),
        ("Decided on", moment(d.decided_at, zone)),
        (
            "Review round",
            html! { @match d.on_day { Some(on) => a href={ "/staff/review-rounds/" (on) } { (day(on)) }, None => "None: decided outside a round" } },
        ),
        ("Votes", html! { (d.standing) }),
        (
            "Rules in force",
            html! { (rules.threshold.label()) @if rules.quorum > 0 { ", quorum of " (rules.quorum) } @else { ", no quorum" } },
        ),
    ];
    if let Some(reason) = &d.reason {
        rows.push(("Reason, as it was mailed", html! { (reason) }));
    }
    if let Some(why) = &d.why {
        rows.push(("Why it departs from the votes", html! { (why) }));
    }
    rows.push(("Minutes", minutes(d)));
    let content = html! {
        (error_summary(draft))
        p.lead { (lead(a, d)) }
        (facts(&rows))
        (section::votes(&votes, zone))
        @if staff.may_admit().is_ok() {
            form.actions method="post" enctype="multipart/form-data" action={ "/staff/applications/" (d.application_id) "/minutes" } novalidate {
                (csrf.field())
                div.field data-state=[draft.error("minutes").map(|_| "wrong")] {
                    label for="minutes" { @if d.minutes.is_some() { "Other minutes in their place" } @else { "Minutes of the meeting" } }
                    p.hint #minutes-hint { "A PDF, PNG, JPEG or Word (DOCX) file of at most 10 MB." }
                    @if let Some(reason) = draft.error("minutes") { p.error #minutes-error { span.visually-hidden { "Error: " } (reason) } }
                    input #minutes type="file" name="minutes" accept=".pdf,.png,.jpg,.jpeg,.docx" aria-describedby="minutes-hint" required;
                }
                button.secondary type="submit" { "File the minutes" }
            }
        }
    };
    Ok(Page::staff(format!("Decision on {}", a.title()), content)
        .crumb("Staff", "/staff")
        .crumb("Applications", "/staff/applications")
        .crumb(a.title().to_owned(), format!("/staff/applications/{}", a.id)))
}

fn lead(a: &Application, d: &Decided) -> String {
    let done = if d.outcome == ApplicationState::Approved { "approved" } else { "declined" };
    let how = if d.supported { "" } else { ", otherwise than the votes stood" };
    format!("The application of {} was {done}{how}.", a.title())
}

fn minutes(d: &Decided) -> Markup {
    html! {
        @match (&d.minutes, &d.minutes_name, d.minutes_size) {
            (Some(_), name, Some(size)) => {
                a href={ "/staff/applications/" (d.application_id) "/minutes" } { (name.as_deref().unwrap_or("The minutes")) }
                " (" (paper::size_in_words(size)) ")"
            }
            _ => "Not filed yet",
        }
    }
}

async fn file(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    upload: Upload,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let (application, mut decided) = find(&mut app.db.read().await?, id).await?;
    let mut draft = Draft::default();
    let judged = match upload.file.as_ref() {
        None => Err("Choose the file of the minutes"),
        Some(file) => paper::wrong(file).map_or(Ok(file), Err),
    };
    let bytes = match judged {
        Ok(file) => &file.bytes,
        Err(reason) => {
            draft.reject("minutes", reason);
            return Err(Draft::refuse(page(&application, &decided, &staff, &csrf, &draft, &app.coalition.get().zone())?));
        }
    };
    let name = upload.file.as_ref().and_then(|file| paper::sent_name(&file.name));
    let stored = app.files.put(bytes).await.map_err(Error::Storage)?;
    let before = decided.minutes.replace(stored);
    decided.minutes_name = name;
    decided.minutes_kind = Kind::of(bytes).map(|kind| paper::stored(kind).to_owned());
    decided.minutes_size = i64::try_from(bytes.len()).ok();
    decided.minutes_digest = Some(fingerprint(bytes));
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if !queries::file_minutes(&mut tx, &decided, before.as_deref()).await? {
        return Err(Error::Conflict("Somebody else filed minutes at the same moment. Nothing was changed.".to_owned()));
    }
    let after = serde_json::json!({ "minutes": decided.minutes_name, "digest": decided.minutes_digest });
    let record = id.to_string();
    audit::record(&mut tx, &staff.actor(), "file minutes", ("application", &record), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    if let Some(before) = before {
        document::forget(&app, &before).await;
    }
    Ok(redirect_saying(format!("/staff/applications/{id}/record"), Mood::Good, "The minutes are filed."))
}

async fn give(State(app): State<App>, _: Staff, Path(id): Path<ApplicationId>) -> Result<Response, Error> {
    let (application, decided) = find(&mut app.db.read().await?, id).await?;
    let (Some(file), Some(kind)) = (&decided.minutes, decided.minutes_kind.as_deref().and_then(paper::kind)) else {
        return Err(Error::NotFound);
    };
    let bytes = app.files.get(file).await.map_err(Error::Storage)?;
    paper::attachment(bytes, kind, "minutes", application.title())
}
