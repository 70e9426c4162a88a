//! Staff pages of the comparisons with the gateway: begin one, and see how far it is and what it found.
use super::{Finding, Outcome, Step, SyncId, SyncRun, SyncState, pages, queries, sync};
use crate::{
    app::App,
    kernel::{Zone, text},
    staff::Staff,
    web::{self, Csrf, Error, Page, RawForm, badge, moment},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};

/// Findings shown on a page.
const MOST_FINDINGS: i64 = 500;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/events/comparisons", post(begin)).route("/staff/events/comparisons/{id}", get(one))
}

/// What stands above the list of events.
pub(super) fn summary(runs: &[SyncRun], csrf: &Csrf, zone: &Zone) -> Markup {
    html! {
        section aria-labelledby="comparisons" {
            h2 #comparisons { "Comparisons with Stripe" }
            p { "Every night the last 35 days are compared with Stripe, and what no event told us is repaired." }
            form.actions method="post" action="/staff/events/comparisons" { (csrf.field()) button { "Compare now" } }
            @if !runs.is_empty() {
                ul.timeline {
                    @for run in runs {
                        li { a href={ "/staff/events/comparisons/" (run.id) } { (moment(run.begun_at, zone)) } " " (pages::run_badge(run.state)) " " (sentence(run)) }
                    }
                }
            }
        }
    }
}

/// What a run has come to.
fn sentence(run: &SyncRun) -> String {
    let compared = text::count(run.compared, "object compared", "objects compared");
    let repaired = match run.repaired {
        0 => "nothing to repair".to_owned(),
        n => format!("{} repaired", text::number(n)),
    };
    let skipped = match run.skipped {
        0 => String::new(),
        n => format!(", {} left alone", text::number(n)),
    };
    match run.state {
        SyncState::Running => format!("{compared} so far, {repaired}{skipped}."),
        SyncState::Done => format!("{compared}, {repaired}{skipped}."),
        SyncState::Failed => format!("It stopped after {compared}: {}", run.error.as_deref().unwrap_or("no reason was given")),
    }
}

async fn begin(State(app): State<App>, staff: Staff, _: RawForm) -> Result<Response, Error> {
    staff.may_reconcile()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let id = sync::begin(&mut tx, &staff.name, now).await?;
    crate::audit::record(&mut tx, &staff.actor(), "compare", ("sync_run", &id.to_string()), None::<&()>, None::<&()>, now)
        .await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(web::redirect(format!("/staff/events/comparisons/{id}")))
}

async fn one(State(app): State<App>, _: Staff, Path(id): Path<String>) -> Result<Response, Error> {
    let id: SyncId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let findings = queries::findings(&mut tx, id, MOST_FINDINGS).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let page = Page::staff("Comparison with Stripe", content(&run, &findings, &zone)).crumb("Payment events", "/staff/events");
    let mut response = page.into_response();
    if run.state == SyncState::Running {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("5"));
    }
    Ok(response)
}

fn content(run: &SyncRun, findings: &[Finding], zone: &Zone) -> Markup {
    html! {
        p.lead { (pages::run_badge(run.state)) " " (sentence(run)) }
        p {
            "Asked for by " (run.asked_by) ", begun " (moment(run.begun_at, zone))
            @if let Some(at) = run.ended_at { ", ended " (moment(at, zone)) } "."
            @if run.state == SyncState::Running { " It goes on if you leave this page, and after a restart. This page is fetched again every few seconds." }
        }
        ol.steps {
            @for step in Step::ALL {
                li aria-current=[(run.state == SyncState::Running && *step == run.step).then_some("step")] {
                    (step.label()) ": " (progress(run, *step))
                }
            }
        }
        h2 { "What it found" }
        @if findings.is_empty() {
            p.empty { @if run.state == SyncState::Running { "Nothing so far: our books and Stripe agree." } @else { "Nothing: our books and Stripe agree." } }
        } @else {
            table {
                caption { "What was repaired or left alone, in the order it was found" }
                thead { tr { th scope="col" { "Object" } th scope="col" { "Outcome" } th scope="col" { "What happened" } } }
                tbody {
                    @for finding in findings {
                        tr {
                            th scope="row" data-label="Object" {
                                @if finding.object.is_empty() { "Events" }
                                @else { a href={ "/staff/events?object=" (finding.object) } { code { (finding.object) } } }
                            }
                            td data-label="Outcome" { (badge(finding.outcome, finding.outcome.label())) }
                            td data-label="What happened" { (finding.sentence) @if finding.outcome == Outcome::Skipped { " A person has to look at it." } }
                        }
                    }
                }
            }
        }
    }
}

fn progress(run: &SyncRun, step: Step) -> &'static str {
    match (run.state, step.cmp(&run.step)) {
        (SyncState::Done, _) | (_, std::cmp::Ordering::Less) => "compared",
        (SyncState::Running, std::cmp::Ordering::Equal) => "being compared",
        (SyncState::Failed, std::cmp::Ordering::Equal) => "stopped here",
        (_, std::cmp::Ordering::Greater) => "not yet",
    }
}
