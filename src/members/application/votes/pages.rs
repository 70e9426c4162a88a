//! Voting, assigning and deferring: each from the page of the application, and back to it.
use super::{Choice, assign, vote};
use crate::{
    app::App,
    audit,
    kernel::text,
    mail::{self, Class},
    members::{
        ApplicationId,
        application::{EventKind, letters, queries, review, verbs},
        rounds,
    },
    staff::{self, Staff},
    web::{Csrf, Draft, Error, Form, Mood, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/applications/{id}/vote", post(cast))
        .route("/staff/applications/{id}/reviewers", post(save_reviewers))
        .route("/staff/applications/{id}/deferral", post(defer))
}

fn not_in_review(title: &str) -> Error {
    Error::Conflict(format!("The application of {title} is not in review. Nothing was changed."))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ballot {
    vote: String,
    comment: String,
}

async fn cast(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Ballot>,
) -> Result<Response, Error> {
    staff.may_review()?;
    let mut draft = Draft::default();
    let choice = draft.read::<Choice>("vote", &typed.vote);
    let comment = draft.optional_text("comment", &text::lines(&typed.comment), 2_000);
    if choice == Some(Choice::Recused) && comment.as_deref() == Some("") {
        draft.reject("comment", "Write why you take no part");
    }
    let Some((choice, comment)) = choice.zip(comment).filter(|_| draft.is_right()) else {
        return Err(Draft::refuse(review::page(&app, &staff, &csrf, &draft, id).await?));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !vote(&mut tx, &staff, id, choice, &comment, now).await? {
        return Err(not_in_review(application.title()));
    }
    tx.commit().await?;
    let said = if choice == Choice::Recused { "You take no part in this decision." } else { "Your vote is counted." };
    Ok(redirect_saying(format!("/staff/applications/{id}"), Mood::Good, said))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reviewers {
    reviewer: Vec<String>,
}

async fn save_reviewers(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Reviewers>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !super::hold_in_review(&mut tx, id).await? {
        return Err(not_in_review(application.title()));
    }
    let mut chosen = staff::reviewers(&mut tx).await?;
    chosen.retain(|reviewer| typed.reviewer.contains(&reviewer.id.to_string()));
    assign(&mut tx, &staff, id, &chosen, now).await?;
    tx.commit().await?;
    let said = match chosen.len() {
        0 => "Nobody is asked to look at it.".to_owned(),
        _ => format!("{} asked to look at it.", names(&chosen)),
    };
    Ok(redirect_saying(format!("/staff/applications/{id}"), Mood::Good, said))
}

/// `Ada and Ben are`.
fn names(chosen: &[Staff]) -> String {
    let names: Vec<_> = chosen.iter().map(|staff| staff.name.as_str()).collect();
    match names.split_last() {
        Some((last, [])) => format!("{last} is"),
        Some((last, before)) => format!("{} and {last} are", before.join(", ")),
        None => String::new(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Deferral {
    deferral: String,
}

async fn defer(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Deferral>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut draft = Draft::default();
    let Some(reason) = draft.text("deferral", &text::lines(&typed.deferral), 2_000, "Write the reason; it is mailed to them")
    else {
        return Err(Draft::refuse(review::page(&app, &staff, &csrf, &draft, id).await?));
    };
    let (now, coalition) = (app.clock.now(), app.coalition.get());
    let mut tx = app.db.write().await?;
    let application = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !super::hold_in_review(&mut tx, id).await? {
        return Err(not_in_review(application.title()));
    }
    let stay = rounds::stays(&mut tx, id).await?.into_iter().find(|stay| stay.deferred_at.is_none());
    let stay = stay.ok_or_else(|| Error::Conflict("It is in no round that it could be deferred from.".to_owned()))?;
    let later = rounds::later(&mut tx, Some(stay.on_day), coalition.zone().day(now)).await?;
    let later =
        later.ok_or_else(|| Error::Conflict("No later round is set. An administrator adds one under Settings.".to_owned()))?;
    if !rounds::defer(&mut tx, &stay, later.id, &reason, now).await? {
        return Err(Error::Conflict(
            "Somebody else moved it to another round at the same moment. Nothing was changed.".to_owned(),
        ));
    }
    let message = format!("from {} to {}: {reason}", stay.on_day.words(), later.on_day.words());
    queries::note_event(&mut tx, id, EventKind::Deferred, &staff.name, Some(&message), now).await?;
    let token = verbs::link(&mut tx, &app, id, now).await?;
    let letter = letters::deferred(&coalition, &application, later.on_day, &reason, &app.url(&format!("/join/{token}")));
    let record = id.to_string();
    mail::send(&mut tx, &application.email, Class::Transactional, ("application", &record), &letter, now).await?;
    let (before, after) =
        (serde_json::json!({ "round": stay.on_day }), serde_json::json!({ "round": later.on_day, "reason": reason }));
    audit::record(&mut tx, &staff.actor(), "defer", ("application", &record), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let said =
        format!("It is in the round of {} now, and the reason is on its way to {}.", later.on_day.words(), application.email);
    Ok(redirect_saying(format!("/staff/applications/{id}"), Mood::Good, said))
}
