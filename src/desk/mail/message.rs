//! One message: its state in a sentence, its words both ways, another try.
use super::{delivery, redact::without_links, sees_accounts, state_name};
use crate::{
    app::App,
    audit,
    desk::records,
    kernel::{Zone, text},
    mail::{self, Message, MessageId, State},
    staff::Staff,
    web::{Csrf, Error, Mood, Page, badge, facts, moment, redirect, redirect_saying},
    work::{self, JobRow},
};
use axum::{
    extract::{Path, State as Held},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

/// The letter's own rules: nothing runs, nothing is fetched, a link opens beside this page. `style` is
/// allowed because letters carry their look in attributes.
const LETTER_RULES: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
                            img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// The message, when this person may read it.
async fn find(app: &App, staff: &Staff, id: &str) -> Result<(Message, Option<JobRow>), Error> {
    let id: MessageId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let mut message = mail::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if message.record_kind == mail::ACCOUNT && !sees_accounts(staff) {
        return Err(Error::Forbidden("Only administrators read mail about staff accounts."));
    }
    let job = work::open_by_key(&mut tx, mail::DELIVER, &id.to_string()).await?;
    if staff.may_resend_mail().is_err() {
        message.body_text = without_links(&message.body_text, &app.config.base_url);
        message.body_html = without_links(&message.body_html, &app.config.base_url);
    }
    Ok((message, job))
}

pub(super) async fn show(Held(app): Held<App>, staff: Staff, csrf: Csrf, Path(id): Path<String>) -> Result<Page, Error> {
    let (message, job) = find(&app, &staff, &id).await?;
    let zone = app.coalition.get().zone();
    let mood = match message.state {
        State::Sent => "good",
        State::Captured | State::Queued => "info",
        State::Dead => "bad",
    };
    let content = html! {
        div.notice data-mood=(mood) { p { (sentence(&message, job.as_ref(), &zone)) } }
        @if message.state == State::Dead && staff.may_resend_mail().is_ok() {
            form.actions method="post" action={ "/staff/mail/" (message.id) "/attempts" } {
                (csrf.field())
                button type="submit" { "Try again" }
            }
        }
        @if message.state == State::Captured { (delivery(&app)) }
        (facts(&[
            ("To", html! { (message.addressee) }),
            ("State", badge(message.state, state_name(message.state))),
            ("Kind", html! { (message.class.label()) }),
            ("About", records::link(&message.record_kind, &message.record_id)),
            ("Written", moment(message.queued_at, &zone)),
            ("Tries", html! { (text::number(message.attempts)) }),
        ]))
        section aria-labelledby="as-html" {
            h2 #as-html { "As it looks" }
            iframe.mail src={ "/staff/mail/" (message.id) "/html" } title={ "The message “" (message.subject) "”" }
                sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" loading="lazy" {}
        }
        section aria-labelledby="as-text" {
            h2 #as-text { "As text" }
            pre.raw tabindex="0" role="group" aria-labelledby="as-text" { (message.body_text) }
        }
    };
    Ok(Page::staff(message.subject.clone(), content).crumb("Mail", "/staff/mail"))
}

/// Where the message stands, and what happens next.
fn sentence(message: &Message, job: Option<&JobRow>, zone: &Zone) -> Markup {
    let done = message.done_at.unwrap_or(message.queued_at);
    let tries = text::count(message.attempts, "try", "tries");
    let reason = message.error.as_deref().unwrap_or_default();
    html! {
        @match message.state {
            State::Queued if message.attempts > 0 => {
                "It could not be delivered yet, after " (tries) ". " (reason) " "
                @if let Some(job) = job { "It is tried again on " (moment(job.run_at, zone)) "; you need to do nothing." }
            }
            State::Queued => { "It waits to be handed over, which takes a few seconds." }
            State::Sent => { "It left on " (moment(done, zone)) "." }
            State::Captured => { "It was kept here on " (moment(done, zone)) ". " (message.addressee) " has not received it." }
            State::Dead => { "It was given up on " (moment(done, zone)) " after " (tries) ". " (reason) " Check the address, then try again." }
        }
    }
}

/// The letter itself, for the frame of its page.
pub(super) async fn html(Held(app): Held<App>, staff: Staff, Path(id): Path<String>) -> Result<Response, Error> {
    let (message, _) = find(&app, &staff, &id).await?;
    // A link in the letter opens beside this page: within the frame it would be refused.
    let body = message.body_html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    Ok((
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, LETTER_RULES),
            (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
        body,
    )
        .into_response())
}

pub(super) async fn try_again(
    Held(app): Held<App>,
    staff: Staff,
    Path(id): Path<String>,
    _form: crate::web::RawForm,
) -> Result<Response, Error> {
    staff.may_resend_mail()?;
    let (message, _) = find(&app, &staff, &id).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let back = format!("/staff/mail/{}", message.id);
    if !mail::retry(&mut tx, message.id, now).await? {
        return Ok(redirect(back));
    }
    let record = ("message", message.id.to_string());
    audit::record(&mut tx, &staff.actor(), "retry", (record.0, &record.1), None::<&()>, None::<&()>, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(back, Mood::Good, "It is being tried again."))
}

pub(super) async fn try_all_again(Held(app): Held<App>, staff: Staff, _form: crate::web::RawForm) -> Result<Response, Error> {
    staff.may_resend_mail()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let many = mail::retry_all(&mut tx, sees_accounts(&staff), now).await?;
    if many > 0 {
        let after = serde_json::json!({ "messages": many });
        audit::record(&mut tx, &staff.actor(), "retry", ("outbox", "dead"), None::<&()>, Some(&after), now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let many = text::count(i64::try_from(many).unwrap_or(i64::MAX), "message is", "messages are");
    Ok(redirect_saying("/staff/mail?state=queued", Mood::Good, format!("{many} being tried again.")))
}
