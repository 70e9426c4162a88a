//! A message to a roster: written, shown with the number of those who get it, then sent once, one mail per
//! address.
use super::{
    Alliance, RosterMessageId, form,
    keeper::{Keeper, Side},
    letters,
    queries::{self, SentMessage},
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Email, text},
    mail::{self, Class},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, empty, error_summary, field, moment, redirect_saying},
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/alliances/{id}/messages", get(list).post(send))
        .route("/leader/{id}/messages", get(list).post(send))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    subject: String,
    body: String,
    /// Given by the preview: that it was seen, and what tells a second click from a second message.
    message: String,
}

/// Every address of today's roster, once.
async fn addresses(tx: &mut Tx, app: &App, alliance: &Alliance) -> sqlx::Result<Vec<Email>> {
    let today = form::today(app);
    let entries = queries::roster(tx, alliance.id).await?;
    let on = |e: &super::RosterEntry| e.from_day <= today && e.to_day.is_none_or(|to| to > today);
    let mut all: Vec<_> = entries.into_iter().filter(on).filter_map(|e| e.email).collect();
    all.sort();
    all.dedup();
    Ok(all)
}

fn reach(n: usize) -> String {
    text::count(i64::try_from(n).unwrap_or(i64::MAX), "address", "addresses")
}

async fn list(State(app): State<App>, keeper: Keeper, csrf: Csrf) -> Result<Page, Error> {
    page(&mut app.db.read().await?, &app, &keeper, &csrf, &Draft::default()).await
}

async fn page(tx: &mut Tx, app: &App, keeper: &Keeper, csrf: &Csrf, draft: &Draft) -> Result<Page, Error> {
    let to = addresses(tx, app, &keeper.alliance).await?;
    let sent = queries::messages(tx, keeper.alliance.id).await?;
    let zone = app.coalition.get().zone();
    let content = html! {
        (error_summary(draft))
        @if to.is_empty() {
            (empty("Nobody on the roster has an e-mail address yet, so there is nobody to write to.", Some(("Go to the roster", &format!("{}/roster", keeper.base)))))
        } @else if keeper.may_keep().is_ok() {
            p { "A message goes to each of the " strong { (reach(to.len())) } " on the roster, as a mail of its own. You see it once more before it leaves." }
            form method="post" action={ (keeper.base) "/messages" } {
                (csrf.field())
                (Field { autocomplete: Some("off"), ..field("subject", "Subject") }.input(draft))
                (Field { hint: Some("An empty line begins a new paragraph."), ..field("body", "Message") }.textarea(draft, 10))
                p.actions { button type="submit" { "See it before sending" } }
            }
        }
        section aria-labelledby="sent" {
            h2 #sent { "Sent" }
            @if sent.is_empty() { p { "Nothing was sent yet. Each message will stand here with its day and how many it went to." } } @else {
                ul.plain { @for message in &sent { li {
                    details { summary { (message.subject) } @for p in message.body.split("\n\n") { p { (p) } } }
                    p.hint { (moment(message.sent_at, &zone)) ", by " (message.sent_by) " to " (text::count(message.recipients, "address", "addresses")) }
                } } }
            }
        }
    };
    Ok(keeper.page("Messages to the roster", content))
}

async fn send(State(app): State<App>, keeper: Keeper, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let to = addresses(&mut tx, &app, &keeper.alliance).await?;
    let mut draft = Draft::default();
    let subject = draft.text("subject", &text::line(&typed.subject), 120, "Write a subject");
    let body = draft.text("body", &typed.body, 6_000, "Write the message");
    if to.is_empty() {
        draft.reject("body", "Nobody on the roster has an e-mail address");
    }
    let (Some(subject), Some(body), true) = (subject, body, draft.is_right()) else {
        return Err(Draft::refuse(page(&mut tx, &app, &keeper, &csrf, &draft).await?));
    };
    let Ok(id) = typed.message.parse::<RosterMessageId>() else {
        return Ok(preview(&app, &keeper, &subject, &body, to.len(), &csrf).into_response());
    };
    let now = app.clock.now();
    let count = i64::try_from(to.len()).unwrap_or(i64::MAX);
    let message = SentMessage { id, subject, body, recipients: count, sent_by: keeper.name().to_owned(), sent_at: now };
    let here = format!("{}/messages", keeper.base);
    if !queries::insert_message(&mut tx, keeper.alliance.id, &message).await? {
        return Ok(redirect_saying(here, Mood::Warn, "This message was sent already; it did not leave a second time."));
    }
    let record = ("alliance", &*keeper.alliance.id.to_string());
    let letter = letters::to_roster(&app.coalition.get(), &keeper.alliance, &message.subject, &message.body, &signature(&keeper));
    for address in &to {
        mail::send(&mut tx, address, Class::MembershipService, record, &letter, now).await?;
    }
    let after = serde_json::json!({ "subject": message.subject, "recipients": count });
    audit::record::<(), _>(&mut tx, &keeper.actor(), "write_to_roster", record, None, Some(&after), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(here, Mood::Good, format!("“{}” is on its way to {}.", message.subject, reach(to.len()))))
}

fn signature(keeper: &Keeper) -> String {
    match keeper.side {
        Side::Leader(_) => format!("{}, leader of {}", keeper.name(), keeper.alliance.name),
        Side::Staff(_) => format!("{}, for {}", keeper.name(), keeper.alliance.name),
    }
}

fn preview(app: &App, keeper: &Keeper, subject: &str, body: &str, count: usize, csrf: &Csrf) -> Page {
    let letter = letters::to_roster(&app.coalition.get(), &keeper.alliance, subject, body, &signature(keeper));
    let here = format!("{}/messages", keeper.base);
    let content = html! {
        p { "It goes to " strong { (reach(count)) } ", one mail each." }
        h2 { (letter.subject) }
        pre.raw { (letter.text) }
        form method="post" action=(here) {
            (csrf.field())
            input type="hidden" name="subject" value=(subject);
            input type="hidden" name="body" value=(body);
            input type="hidden" name="message" value=(RosterMessageId::new());
            p.actions { button type="submit" { "Send to " (reach(count)) } a href=(here) { "Cancel" } }
        }
    };
    keeper.page("Send this message?", content).crumb("Messages to the roster", &here)
}
