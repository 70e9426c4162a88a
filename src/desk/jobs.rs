//! Background work: what waits, what is being done and how far it is, what failed and why.
use super::records;
use crate::{
    app::App,
    audit,
    kernel::{Zone, text},
    staff::Staff,
    web::{Csrf, Error, Mood, Page, RawForm, badge, empty, moment, redirect_saying},
    work::{self, JobId, JobRow, KindCount},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/jobs";
const ROWS: i64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(show))
        .route("/staff/jobs/attempts", post(try_all_again))
        .route("/staff/jobs/{id}/attempts", post(try_again))
}

/// A kind of job in words.
fn words(kind: &str) -> String {
    match kind {
        "mail.deliver" => "Deliver a mail".to_owned(),
        "import.check" => "Try an import".to_owned(),
        "import.apply" => "Apply an import".to_owned(),
        "import.undo" => "Take back an import".to_owned(),
        "import.look" => "Find what taking back an import would do".to_owned(),
        other => records::words(other),
    }
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let kinds = work::counts_by_kind(&mut tx).await?;
    let failed = work::failed(&mut tx, None, ROWS).await?;
    let open = work::open(&mut tx, ROWS).await?;
    let finished = work::recently_finished(&mut tx, 20).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let (waiting, broken) = kinds.iter().fold((0, 0), |(o, f), kind| (o + kind.open, f + kind.failed));
    let may = staff.may_administer().is_ok();
    let content = html! {
        p.lead { "What Convener does in the background: delivering mail, working off what the payment service tells, comparing books." }
        @if kinds.is_empty() && finished.is_empty() {
            (empty("No work has come up yet. When a mail is to be sent or a payment arrives, you see here how it goes.", None))
        } @else {
            p { (state_of(waiting, broken)) }
        }
        @if !failed.is_empty() {
            section #failed aria-labelledby="failed-title" {
                div.list-head {
                    h2 #failed-title { "Failed" }
                    @if may { form.actions method="post" action="/staff/jobs/attempts" { (csrf.field()) button type="submit" { "Try all again" } } }
                }
                (failed_table(&failed, broken, may, &csrf, &zone))
            }
        }
        @if !open.is_empty() {
            section aria-labelledby="open-title" { h2 #open-title { "In work and waiting" } (open_table(&open, waiting, &zone)) }
        }
        @if !kinds.is_empty() { section aria-labelledby="kinds-title" { h2 #kinds-title { "By kind" } (kinds_table(&kinds)) } }
        @if !finished.is_empty() {
            section aria-labelledby="done-title" { h2 #done-title { "Done lately" } (finished_table(&finished, &zone)) }
        }
    };
    Ok(Page::staff("Background work", content).wide().script("staff.js"))
}

fn state_of(waiting: i64, failed: i64) -> String {
    match (waiting, failed) {
        (0, 0) => "Everything is done. Nothing waits and nothing has failed.".to_owned(),
        (n, 0) => format!("{} or are being done. Nothing has failed.", text::count(n, "job waits", "jobs wait")),
        (n, f) => format!(
            "{} given up after several tries and for you to look at. {} or are being done.",
            text::count(f, "job was", "jobs were"),
            text::count(n, "job waits", "jobs wait")
        ),
    }
}

fn failed_table(rows: &[JobRow], all: i64, may: bool, csrf: &Csrf, zone: &Zone) -> Markup {
    html! {
        table {
            caption { (text::count(all, "failed job", "failed jobs")) ", newest first" @if all > ROWS { "; the first " (ROWS) " are shown" } }
            thead { tr { th scope="col" { "What" } th scope="col" { "About" } th scope="col" { "Failed" } th scope="col" { "Why" } th.num scope="col" { "Tries" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (words(&row.kind)) }
                        td data-label="About" { (about(row)) }
                        td data-label="Failed" { @if let Some(at) = row.failed_at { (moment(at, zone)) } }
                        td data-label="Why" { (row.error.as_deref().unwrap_or("No reason was noted.")) }
                        td.num data-label="Tries" { (row.attempts) }
                        @if may {
                            td {
                                form method="post" action={ "/staff/jobs/" (row.id) "/attempts" } {
                                    (csrf.field())
                                    button type="submit" { "Try again" span.visually-hidden { ": " (words(&row.kind)) " " (row.key) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn open_table(rows: &[JobRow], all: i64, zone: &Zone) -> Markup {
    html! {
        table {
            caption { (text::count(all, "open job", "open jobs")) @if all > ROWS { "; the first " (ROWS) " are shown" } }
            thead { tr { th scope="col" { "What" } th scope="col" { "About" } th scope="col" { "State" } th scope="col" { "How far" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (words(&row.kind)) }
                        td data-label="About" { (about(row)) }
                        td data-label="State" {
                            span {
                                @if row.held_until.is_some() { (badge("running", "In work")) } @else { (badge("waiting", "Waiting")) " from " (moment(row.run_at, zone)) }
                                @if let Some(error) = &row.error { p.hint { "Try " (row.attempts) " failed: " (error) } }
                            }
                        }
                        td data-label="How far" { (progress(row)) }
                    }
                }
            }
        }
    }
}

fn progress(row: &JobRow) -> Markup {
    html! {
        @if row.total > 0 {
            div.progress {
                progress value=(row.done) max=(row.total) aria-label=(words(&row.kind)) {}
                p.progress-label { (text::number(row.done)) " of " (text::number(row.total)) @if let Some(note) = &row.note { ": " (note) } }
            }
        } @else { (row.note.as_deref().unwrap_or("—")) }
    }
}

fn kinds_table(kinds: &[KindCount]) -> Markup {
    html! {
        table {
            caption { "Open and failed jobs of each kind" }
            thead { tr { th scope="col" { "Kind" } th.num scope="col" { "Open" } th.num scope="col" { "Failed" } } }
            tbody {
                @for kind in kinds {
                    tr {
                        th scope="row" { (words(&kind.kind)) }
                        td.num data-label="Open" { (text::number(kind.open)) }
                        td.num data-label="Failed" { (text::number(kind.failed)) }
                    }
                }
            }
        }
    }
}

fn finished_table(rows: &[JobRow], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "The last jobs that ended well" }
            thead { tr { th scope="col" { "What" } th scope="col" { "About" } th scope="col" { "Done" } th scope="col" { "Note" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (words(&row.kind)) }
                        td data-label="About" { (about(row)) }
                        td data-label="Done" { @if let Some(at) = row.finished_at { (moment(at, zone)) } }
                        td data-label="Note" { (row.note.as_deref().unwrap_or("—")) }
                    }
                }
            }
        }
    }
}

fn about(row: &JobRow) -> Markup {
    html! {
        @if row.kind == crate::mail::DELIVER { a href={ "/staff/mail/" (row.key) } { "The message" } } @else { code { (row.key) } }
    }
}

async fn try_again(State(app): State<App>, staff: Staff, Path(id): Path<String>, _form: RawForm) -> Result<Response, Error> {
    staff.may_administer()?;
    let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let Some(job) = work::failed_by_id(&mut tx, id).await? else {
        return Ok(redirect_saying(PATH, Mood::Warn, "That job is not among the failed ones any more."));
    };
    if work::retry(&mut tx, &job.kind, &job.key, now).await? {
        let before = serde_json::json!({ "kind": job.kind, "key": job.key, "error": job.error });
        audit::record(&mut tx, &staff.actor(), "retry", ("job", &id.to_string()), Some(&before), None::<&()>, now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(PATH, Mood::Good, "The job is being tried again."))
}

async fn try_all_again(State(app): State<App>, staff: Staff, _form: RawForm) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let many = work::retry_all(&mut tx, now).await?;
    if many > 0 {
        let after = serde_json::json!({ "jobs": many });
        audit::record(&mut tx, &staff.actor(), "retry", ("job", "failed"), None::<&()>, Some(&after), now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let many = text::count(i64::try_from(many).unwrap_or(i64::MAX), "job is", "jobs are");
    Ok(redirect_saying(PATH, Mood::Good, format!("{many} being tried again.")))
}
