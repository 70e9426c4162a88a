//! Staff pages of what the gateway told us: the list, one event, and trying again.
use super::{
    EventRow, EventState, SyncState, UNREADABLE, process,
    queries::{self, Filter, Place},
    sync_pages,
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, Zone, text},
    staff::Staff,
    web::{self, Csrf, Draft, Error, Mood, Page, Pager, RawForm, badge, empty, facts, moment},
};
use axum::{
    Router,
    extract::{Path, Query, RawQuery, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/events";
const ROWS: usize = 50;
/// Failed events offered again by one button; it can be pressed again.
const MOST_RETRIES: i64 = 1_000;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/staff/events/retries", post(retry_all))
        .route("/staff/events/{id}", get(one))
        .route("/staff/events/{id}/retries", post(retry))
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Asked {
    state: String,
    kind: String,
    object: String,
    after: String,
    before: String,
}

/// The key of a row in the address: its time and id.
fn key(row: &EventRow) -> String {
    format!("{}~{}", row.received_at, row.id)
}

fn place(key: &str) -> Option<Place> {
    let (at, id) = key.split_once('~')?;
    Some(Place { received_at: at.parse().ok()?, id: id.to_owned() })
}

async fn list(
    State(app): State<App>,
    _: Staff,
    csrf: Csrf,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let filter = Filter {
        state: asked.state.parse().ok(),
        kind: asked.kind.trim().to_lowercase(),
        object: asked.object.trim().to_owned(),
    };
    let backwards = place(&asked.before).is_some();
    let from = place(&asked.before).or_else(|| place(&asked.after));
    let mut tx = app.db.read().await?;
    let most = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut rows = queries::list(&mut tx, &filter, from.as_ref(), backwards, most).await?;
    let failed = queries::failed_count(&mut tx).await?;
    let waiting = queries::count(&mut tx, EventState::Waiting).await?;
    let runs = queries::runs(&mut tx, 5).await?;
    drop(tx);
    let pager = Pager::cut(&mut rows, ROWS, from.is_some(), backwards, key);
    let zone = app.coalition.get().zone();
    let filtered = filter.state.is_some() || !filter.kind.is_empty() || !filter.object.is_empty();
    Ok(Page::staff(
        "Payment events",
        html! {
            p.lead { (state_sentence(waiting, failed)) }
            @if failed > 0 {
                form.actions method="post" action="/staff/events/retries" { (csrf.field()) button { "Try all failed events again" } }
            }
            (sync_pages::summary(&runs, &csrf, &zone))
            h2 { "Events" }
            (filters(&asked))
            @if rows.is_empty() && filtered { p.empty { "No event fits. " a href=(PATH) { "Show all events" } } }
            @else if rows.is_empty() {
                (empty("Each thing the payment service tells us will stand here: a payment made, a refund, a dispute. Events arrive by themselves once the webhook is set up in Stripe.", None))
            } @else {
                (table(&rows, &zone))
                (pager.links(PATH, query.as_deref().unwrap_or_default()))
            }
        },
    )
    .wide())
}

fn state_sentence(waiting: i64, failed: i64) -> String {
    let waits = match waiting {
        0 => "No event is waiting to be worked off".to_owned(),
        n => format!("{} to be worked off", text::count(n, "event is waiting", "events are waiting")),
    };
    match failed {
        0 => format!("{waits}, and none has failed."),
        n => format!("{waits}. {} and need a look.", text::count(n, "event has failed", "events have failed")),
    }
}

fn filters(asked: &Asked) -> Markup {
    let draft = Draft::of([("state", &*asked.state), ("kind", &*asked.kind), ("object", &*asked.object)]);
    let mut states = vec![(String::new(), "Any".to_owned())];
    states.extend(EventState::ALL.iter().map(|state| (state.to_string(), state.label())));
    let field = |name, label, hint| web::Field { optional: true, width: "medium", hint: Some(hint), ..web::field(name, label) };
    html! {
        form.filters method="get" action=(PATH) {
            (web::field("state", "State").select(&draft, &states))
            (field("kind", "Kind", "Such as charge or invoice.paid").input(&draft))
            (field("object", "Object or event", "An id such as pi_… or evt_…").input(&draft))
            div.actions { button { "Show" } a href=(PATH) { "Clear" } }
        }
    }
}

fn table(rows: &[EventRow], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Events, newest first" }
            thead { tr { th scope="col" { "Event" } th scope="col" { "About" } th scope="col" { "State" } th scope="col" { "Received" } th scope="col" { "What it changed" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" data-label="Event" { a href={ (PATH) "/" (row.id) } { (row.kind) } }
                        td data-label="About" { @if row.object.is_empty() { "—" } @else { code { (row.object) } } }
                        td data-label="State" { (badge(row.state, row.state.label())) }
                        td data-label="Received" { (moment(row.received_at, zone)) }
                        td data-label="What it changed" { (sentence(row)) }
                    }
                }
            }
        }
    }
}

/// What came of an event.
fn sentence(row: &EventRow) -> String {
    match (row.state, row.result.as_deref()) {
        (EventState::Waiting, Some(reason)) => format!("The last try did not work: {reason}. It is tried again by itself."),
        (EventState::Waiting, None) => "It is worked off in a moment.".to_owned(),
        (EventState::Ignored, _) => "Convener has no use for this kind of event; nothing is to be done.".to_owned(),
        (EventState::Done | EventState::Failed, Some(result)) => result.to_owned(),
        (EventState::Done, None) => "Everything was up to date already.".to_owned(),
        (EventState::Failed, None) => "It failed without a reason.".to_owned(),
    }
}

async fn one(State(app): State<App>, _: Staff, csrf: Csrf, Path(id): Path<String>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let row = queries::by_id(&mut tx, &id).await?.ok_or(Error::NotFound)?;
    let body = queries::body(&mut tx, &id).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let pretty =
        serde_json::from_str::<serde_json::Value>(&body).and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or(body);
    let again = match row.state {
        EventState::Failed if row.kind != UNREADABLE => Some("Try again"),
        EventState::Done => Some("Fetch its object again"),
        _ => None,
    };
    Ok(Page::staff(
        format!("Event {}", row.kind),
        html! {
            p.lead { (badge(row.state, row.state.label())) " " (sentence(&row)) }
            (facts(&[
                ("Event", html! { code { (row.id) } }),
                ("About", html! { @if row.object.is_empty() { "Nothing that has an id" } @else { a href={ (PATH) "?object=" (row.object) } { code { (row.object) } } } }),
                ("Made by the payment service", moment(row.created_at, &zone)),
                ("Received", html! { (moment(row.received_at, &zone)) ", " (row.source.label()) }),
                ("Tried", html! { (text::count(row.attempts, "time", "times")) }),
                ("Settled", html! { @if let Some(at) = row.settled_at { (moment(at, &zone)) } @else { "Not yet" } }),
            ]))
            @if let Some(label) = again {
                form.actions method="post" action={ (PATH) "/" (row.id) "/retries" } { (csrf.field()) button { (label) } }
                p.hint { "Its object is fetched again from Stripe and our books are brought up to it. Doing this twice changes nothing." }
            }
            h2 { "As it came" }
            pre.raw tabindex="0" { (pretty) }
        },
    )
    .crumb("Payment events", PATH))
}

async fn retry(State(app): State<App>, staff: Staff, Path(id): Path<String>, _: RawForm) -> Result<Response, Error> {
    staff.may_reconcile()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let row = queries::by_id(&mut tx, &id).await?.ok_or(Error::NotFound)?;
    if row.kind == UNREADABLE {
        return Err(Error::Conflict(
            "This event can't be read, so there is nothing to fetch. Compare with Stripe instead.".to_owned(),
        ));
    }
    offer_again(&mut tx, &id, now).await?;
    crate::audit::record(&mut tx, &staff.actor(), "retry", ("gateway_event", &id), Some(&row.state), None::<&()>, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(web::redirect_saying(format!("{PATH}/{id}"), Mood::Good, "The event will be worked off again in a moment."))
}

async fn retry_all(State(app): State<App>, staff: Staff, _: RawForm) -> Result<Response, Error> {
    staff.may_reconcile()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let ids = queries::failed(&mut tx, MOST_RETRIES).await?;
    for id in &ids {
        offer_again(&mut tx, id, now).await?;
    }
    crate::audit::record(&mut tx, &staff.actor(), "retry_all", ("gateway_event", ""), None::<&()>, Some(&ids.len()), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let number = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let said = format!("{} will be worked off again.", text::count(number, "failed event", "failed events"));
    Ok(web::redirect_saying(PATH, Mood::Good, said))
}

/// Makes a settled event wait again, with a job to work it off.
async fn offer_again(tx: &mut Tx, id: &str, now: Timestamp) -> sqlx::Result<()> {
    if queries::reopen(tx, id).await? {
        process::offer(tx, id, now).await?;
    }
    Ok(())
}

/// The state of a run as its badge shows it.
pub(super) fn run_badge(state: SyncState) -> Markup {
    badge(state, state.label())
}
