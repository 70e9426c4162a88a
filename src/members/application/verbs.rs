//! What happens to an application: begun, answered, sent, taken into review, asked about. Each is done
//! whole in the caller's transaction, with its event, its letter and, for staff, its audit event; what is
//! not possible in the state it is in changes nothing and gives `false`.
use super::{
    Application, ApplicationId, ApplicationState, EventKind, letters, queries,
    start::{LINK, LINK_DAYS},
    told,
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Email, Timestamp},
    links,
    mail::{self, Class},
    members::rounds,
    staff::Staff,
};

/// Begins an application and mails its link, whose token it gives; `None` when it was begun before.
pub async fn begin(tx: &mut Tx, app: &App, id: ApplicationId, email: &Email, now: Timestamp) -> sqlx::Result<Option<String>> {
    if !queries::insert(tx, id, email, now).await? {
        return Ok(None);
    }
    queries::note_event(tx, id, EventKind::Started, email.as_str(), None, now).await?;
    send_link(tx, app, id, email, now).await.map(Some)
}

/// Makes a link to the application and mails it.
pub(super) async fn send_link(tx: &mut Tx, app: &App, id: ApplicationId, email: &Email, now: Timestamp) -> sqlx::Result<String> {
    let token = link(tx, app, id, now).await?;
    let letter = letters::begun(&app.coalition.get(), &app.url(&format!("/join/{token}")), LINK_DAYS);
    mail::send(tx, email, Class::Transactional, ("application", &id.to_string()), &letter, now).await?;
    Ok(token)
}

/// A link to the application; gives its token.
pub(super) async fn link(tx: &mut Tx, app: &App, id: ApplicationId, now: Timestamp) -> sqlx::Result<String> {
    links::issue(tx, &app.keys, LINK, &id.to_string(), now, now.plus_days(LINK_DAYS)).await
}

/// Keeps what was answered so far.
pub async fn answer(tx: &mut Tx, application: &Application, now: Timestamp) -> sqlx::Result<bool> {
    queries::save(tx, application, now).await
}

/// Sends a complete application to staff and confirms it by mail, with the link of `token`.
pub async fn submit(tx: &mut Tx, app: &App, application: &Application, token: &str, now: Timestamp) -> sqlx::Result<bool> {
    queries::save(tx, application, now).await?;
    if !queries::submit(tx, application.id, now).await? {
        return Ok(false);
    }
    let again = application.state == ApplicationState::NeedsInformation;
    let kind = if again { EventKind::Answered } else { EventKind::Submitted };
    queries::note_event(tx, application.id, kind, application.email.as_str(), application.note.as_deref(), now).await?;
    let review = next_review(tx, app, application, now).await?;
    let letter = letters::received(&app.coalition.get(), application, &review, &app.url(&format!("/join/{token}")));
    let record = application.id.to_string();
    mail::send(tx, &application.email, Class::Transactional, ("application", &record), &letter, now).await?;
    Ok(true)
}

/// When it is looked at, in a sentence, and why later than it was said before.
pub(super) async fn next_review(tx: &mut Tx, app: &App, application: &Application, now: Timestamp) -> sqlx::Result<String> {
    let zone = app.coalition.get().zone();
    let today = zone.day(now);
    let stays = rounds::stays(tx, application.id).await?;
    if let Some(current) = stays.iter().find(|stay| stay.deferred_at.is_none() && stay.on_day >= today) {
        let on = current.on_day.words();
        let earlier = stays.iter().find(|stay| stay.on_day < current.on_day);
        return Ok(match earlier.and_then(|stay| stay.reason.as_ref()) {
            Some(reason) => {
                format!("It is looked at in the review on {on}, and not before: {reason} You need to do nothing until then.")
            }
            None => format!("It is looked at in the review on {on}. You need to do nothing until then."),
        });
    }
    let arrived = zone.day(application.submitted_at.unwrap_or(now));
    Ok(match rounds::open_for(tx, arrived, today).await? {
        Some(round) => format!(
            "Applications are reviewed together; the next review is on {}. You need to do nothing until then.",
            round.on_day.words()
        ),
        None => "The secretariat looks at it and writes to you. You need to do nothing until then.".to_owned(),
    })
}

/// Takes a submitted application into review, and into the round it arrived in time for.
pub async fn take_up(tx: &mut Tx, app: &App, staff: &Staff, application: &Application, now: Timestamp) -> sqlx::Result<bool> {
    let (id, after) = (application.id, ApplicationState::InReview);
    if !queries::take_up(tx, id, now).await? {
        return Ok(false);
    }
    let zone = app.coalition.get().zone();
    let arrived = zone.day(application.submitted_at.unwrap_or(now));
    let round = rounds::enter(tx, id, arrived, zone.day(now), now).await?;
    let message = round.map(|on| format!("in the round of {}", on.words()));
    queries::note_event(tx, id, EventKind::InReview, &staff.name, message.as_deref(), now).await?;
    let record = id.to_string();
    let after = serde_json::json!({ "state": after, "round": round });
    audit::record(
        tx,
        &staff.actor(),
        "take into review",
        ("application", &record),
        Some(&told(application.state)),
        Some(&after),
        now,
    )
    .await?;
    Ok(true)
}

/// Gives an application that waits back to its applicant, with a question by mail.
pub async fn ask(
    tx: &mut Tx,
    app: &App,
    staff: &Staff,
    application: &Application,
    message: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let (id, after) = (application.id, ApplicationState::NeedsInformation);
    if !queries::ask(tx, id, now).await? {
        return Ok(false);
    }
    queries::note_event(tx, id, EventKind::Asked, &staff.name, Some(message), now).await?;
    let token = link(tx, app, id, now).await?;
    let letter = letters::question(&app.coalition.get(), application, message, &app.url(&format!("/join/{token}")));
    let record = id.to_string();
    mail::send(tx, &application.email, Class::Transactional, ("application", &record), &letter, now).await?;
    audit::record(
        tx,
        &staff.actor(),
        "ask for information",
        ("application", &record),
        Some(&told(application.state)),
        Some(&told(after)),
        now,
    )
    .await?;
    Ok(true)
}
