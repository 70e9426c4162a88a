//! The daily job: plans, then sends or skips what is due, all in one transaction.
use super::{Reminder, ReminderDays, Rule, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::Timestamp,
    mail::{self, Class},
    members::application::{Application, ApplicationState, EventKind, letters, queries as applications, verbs},
    settings,
    work::{Job, JobError},
};
use futures_util::future::BoxFuture;

/// What is overdue by more would be out of place: the job did not run, or Convener is new here.
const MOST_LATE_DAYS: i64 = 14;

pub(in crate::members) fn daily(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        let days: ReminderDays = settings::get(&mut tx).await?;
        plan(&mut tx, &days).await?;
        let mut last = None;
        for reminder in queries::due(&mut tx, now).await? {
            let subject = (reminder.application_id, reminder.rule);
            let why = reason_to_skip(&mut tx, &reminder, &days, last == Some(subject), now).await?;
            if queries::end(&mut tx, &reminder, why, now).await? && why.is_none() {
                send(&mut tx, &app, &reminder, now).await?;
                last = Some(subject);
            }
        }
        tx.commit().await?;
        app.bell.notify_one();
        Ok(())
    })
}

async fn plan(tx: &mut Tx, days: &ReminderDays) -> sqlx::Result<()> {
    for (id, changed_at) in queries::drafts(tx).await? {
        for after in &days.draft {
            queries::plan(tx, id, Rule::Draft, 0, *after, changed_at.plus_days(*after)).await?;
        }
    }
    for (id, asked_at, question) in queries::asked(tx).await? {
        for after in &days.information {
            queries::plan(tx, id, Rule::Information, question, *after, asked_at.plus_days(*after)).await?;
        }
    }
    Ok(())
}

/// Why a reminder that is due is not sent; the words go on after the day it was skipped.
async fn reason_to_skip(
    tx: &mut Tx,
    r: &Reminder,
    days: &ReminderDays,
    reminded: bool,
    now: Timestamp,
) -> sqlx::Result<Option<&'static str>> {
    let Some(a) = applications::by_id(tx, r.application_id).await? else { return Ok(Some("because the application is gone")) };
    let wanted = match r.rule {
        Rule::Draft => &days.draft,
        Rule::Information => &days.information,
    };
    Ok(match (r.rule, a.state) {
        (_, ApplicationState::Withdrawn) => Some("because it was withdrawn"),
        (_, ApplicationState::Approved | ApplicationState::Declined) => Some("because it was decided"),
        (Rule::Draft, state) if state != ApplicationState::Draft => Some("because it was sent since"),
        (Rule::Information, state) if state != ApplicationState::NeedsInformation => Some("because it was answered since"),
        (Rule::Information, _) if queries::questions(tx, r.application_id).await? != r.question => {
            Some("because another question was asked since")
        }
        _ if !wanted.contains(&r.days) => Some("because the setting does not ask for it any more"),
        _ if reminded => Some("because a later one was due on the same day"),
        _ if now > r.due_at.plus_days(MOST_LATE_DAYS) => Some("because it was more than two weeks late"),
        _ if is_unreachable(tx, &a).await? => Some("because the last mail to this address was given up"),
        _ => None,
    })
}

async fn is_unreachable(tx: &mut Tx, a: &Application) -> sqlx::Result<bool> {
    Ok(mail::to_address(tx, &a.email, 1).await?.first().is_some_and(|last| last.state == mail::State::Dead))
}

async fn send(tx: &mut Tx, app: &App, r: &Reminder, now: Timestamp) -> sqlx::Result<()> {
    let Some(a) = applications::by_id(tx, r.application_id).await? else { return Ok(()) };
    let coalition = app.coalition.get();
    let link = app.url(&format!("/join/{}", verbs::link(tx, app, a.id, now).await?));
    let letter = match r.rule {
        Rule::Draft => letters::draft_rests(&coalition, &a, &coalition.zone().day(a.changed_at).words(), &link),
        Rule::Information => {
            let events = applications::events(tx, a.id).await?;
            let asked = events.into_iter().find(|event| event.kind == EventKind::Asked).and_then(|event| event.message);
            letters::question_waits(&coalition, &a, asked.as_deref().unwrap_or_default(), &link)
        }
    };
    mail::send(tx, &a.email, Class::Transactional, ("application", &a.id.to_string()), &letter, now).await.map(drop)
}
