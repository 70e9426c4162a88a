//! What delegates ask for, as staff answer it: before and after side by side, approved at once or refused with a
//! reason that its asker reads.
use super::{Change, ChangeId, ChangeKind, ChangeState, apply, compared, queries, state_badge};
use crate::{
    app::App,
    audit,
    kernel::{Email, text},
    mail::{self, Class},
    members::{
        Contact, Organization, contacts, contacts_of,
        portal::letters,
        record::{find, href},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, day_of, empty, error_summary, field, moment, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

const PATH: &str = "/staff/changes";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/staff/changes/{id}", get(show))
        .route("/staff/changes/{id}/decision", post(decide))
}

async fn list(State(app): State<App>, _: Staff) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let all = queries::latest(&mut app.db.read().await?).await?;
    let content = html! {
        @if all.is_empty() {
            (empty("No delegate has asked for a change yet. Names, the delegate’s address and the delegate’s seat wait here for your answer.", None))
        } @else {
            table {
                caption { "Those that wait first, the earliest at the top" }
                thead { tr { th scope="col" { "Organization" } th scope="col" { "Change" } th scope="col" { "Asked" } th scope="col" { "By" } th scope="col" { "State" } } }
                tbody { @for (change, organization) in &all { tr {
                    th scope="row" { a href={ (PATH) "/" (change.id) } { (organization) } }
                    td data-label="Change" { (change.kind.label()) }
                    td data-label="Asked" { (day_of(change.asked_at, &zone)) }
                    td data-label="By" { (change.asked_by) }
                    td data-label="State" { (state_badge(change.state)) }
                } } }
            }
        }
    };
    Ok(Page::staff("Changes asked for", content).crumb("Staff", "/staff").crumb("Organizations", "/staff/organizations"))
}

fn page(app: &App, csrf: &Csrf, draft: &Draft, change: &Change, o: &Organization, may: bool) -> Page {
    let zone = app.coalition.get().zone();
    let content = html! {
        (error_summary(draft))
        p.lead { (change.asked_by) ", the delegate of " a href=(href(o.id)) { (o.name) } ", asked on " (day_of(change.asked_at, &zone)) "." }
        p { (state_badge(change.state)) @if let (Some(at), Some(who)) = (change.decided_at, &change.decided_by) { " " (moment(at, &zone)) ", by " (who) } }
        (compared(change))
        @if !change.note.is_empty() { h2 { "Why" } @for line in change.note.lines() { p { (line) } } }
        @if !change.reason.is_empty() { h2 { "Answer" } p { (change.reason) } }
        @if change.state == ChangeState::Waiting && may { (decision(csrf, draft, change)) }
    };
    Page::staff(change.kind.label(), content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb("Changes asked for", PATH)
}

fn decision(csrf: &Csrf, draft: &Draft, change: &Change) -> Markup {
    let action = format!("{PATH}/{}/decision", change.id);
    let then = match change.kind {
        ChangeKind::Names => "The names change at once, on the public page too. The present name stays as a former name.",
        ChangeKind::Email => "Links and letters go to the new address from now on. Both addresses are told.",
        ChangeKind::HandOver => "The term of the present delegate ends today and the new one begins. Both are told by mail.",
    };
    html! {
        div.split {
            section aria-labelledby="approve" {
                h2 #approve { "Approve" }
                form method="post" action=(action) {
                    (csrf.field())
                    input type="hidden" name="decision" value="approved";
                    p { (then) }
                    p.actions { button type="submit" { "Approve the change" } }
                }
            }
            section aria-labelledby="refuse" {
                h2 #refuse { "Refuse" }
                form method="post" action=(action) novalidate {
                    (csrf.field())
                    input type="hidden" name="decision" value="refused";
                    (field("reason", "Why not; the delegate reads it").textarea(draft, 3))
                    p.actions { button.danger type="submit" { "Refuse the change" } }
                }
            }
        }
    }
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ChangeId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let (change, _) = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let o = find(&mut tx, change.organization_id).await?;
    Ok(page(&app, &csrf, &Draft::default(), &change, &o, staff.may_admit().is_ok()))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    decision: String,
    reason: String,
}

async fn decide(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ChangeId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (change, _) = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let o = find(&mut tx, change.organization_id).await?;
    let mut draft = Draft::default();
    let (state, reason) = match typed.decision.as_str() {
        "approved" => (ChangeState::Approved, String::new()),
        "refused" => {
            let reason = draft.text("reason", &text::lines(&typed.reason), 1_000, "Write why; the delegate reads it");
            (ChangeState::Refused, reason.unwrap_or_default())
        }
        _ => return Err(Error::bad_form("It does not say whether to approve or to refuse")),
    };
    if !draft.is_right() {
        return Err(Draft::refuse(page(&app, &csrf, &draft, &change, &o, true)));
    }
    if !queries::decide(&mut tx, id, state, &staff.name, &reason, now).await? {
        return Err(Error::Conflict("This was answered meanwhile. Nothing was changed.".to_owned()));
    }
    if state == ChangeState::Approved {
        let holder = apply::apply(&mut tx, &app, &change, &o, &staff.actor()).await?;
        tell(&mut tx, &app, &change, &o, Some(&holder), Ok(())).await?;
    } else {
        let people = contacts_of(&mut tx, o.id).await?;
        let holder = contacts::delegate(&people).filter(|holder| holder.id == change.contact_id);
        tell(&mut tx, &app, &change, &o, holder, Err(&reason)).await?;
    }
    let record = o.id.to_string();
    let action = if state == ChangeState::Approved { "approve a change" } else { "refuse a change" };
    let after = serde_json::json!({ "change": change.kind, "asked by": change.asked_by, "reason": reason });
    audit::record(&mut tx, &staff.actor(), action, ("organization", &record), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let said = if state == ChangeState::Approved { "The change is made" } else { "The change is refused" };
    Ok(redirect_saying(PATH, Mood::Good, format!("{said}, and {} is told by mail.", change.asked_by)))
}

/// The delegate reads the answer at the address of now, and at the former one when that changed. A handing over has
/// letters of its own.
async fn tell(
    tx: &mut crate::db::Tx,
    app: &App,
    change: &Change,
    o: &Organization,
    holder: Option<&Contact>,
    answer: Result<(), &str>,
) -> Result<(), Error> {
    let Some(holder) = holder else { return Ok(()) };
    if change.kind == ChangeKind::HandOver && answer.is_ok() {
        return Ok(());
    }
    let (rows, record) = (change.rows_for_mail(), o.id.to_string());
    let letter = letters::decided(&app.coalition.get(), o, &holder.name, change.kind.what(), answer, &rows);
    let mut to = vec![holder.email.clone()];
    if change.kind == ChangeKind::Email && answer.is_ok() {
        to.extend(change.after.email.as_deref().and_then(|email| email.parse::<Email>().ok()));
    }
    for address in to {
        mail::send(tx, &address, Class::MembershipService, ("organization", &record), &letter, app.clock.now()).await?;
    }
    Ok(())
}
