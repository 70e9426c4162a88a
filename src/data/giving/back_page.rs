//! The page that says what taking an import of donors or gifts back will do, and lets it begin. What a long one would do
//! is found in the background first.
use super::{
    look::{self, Look},
    undo::begin_undoing,
};
use crate::{
    app::App,
    audit,
    data::{ImportId, Kind, LOOK, Run, kind_of, list, queries, show::bar, undo_page::undoable},
    kernel::{Cents, Currency, Timestamp, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, Page, RawForm, error_summary, moment, redirect_saying, tick},
    work::{self, JobRow},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::post,
};
use maud::{Markup, html};

/// The most rows that are looked at while somebody waits for the page.
const AT_ONCE: i64 = 5_000;

pub(in crate::data) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/undo/look", post(begin_looking))
}

/// What is known of what it would do.
enum Known {
    /// Found just now, or then.
    Found(Look, Option<Timestamp>),
    UnderWay(JobRow),
    No,
}

impl Known {
    async fn read(app: &App, run: &Run) -> Result<Self, Error> {
        let all = run.outcomes.made + run.outcomes.changed + run.donors_made;
        if all <= AT_ONCE {
            return Ok(Self::Found(look::look(app, run).await?, None));
        }
        let mut tx = app.db.read().await?;
        if let Some(job) = work::open_by_key(&mut tx, LOOK, &run.id.to_string()).await? {
            return Ok(Self::UnderWay(job));
        }
        let found = queries::seen(&mut tx, run.id).await?;
        Ok(match found.and_then(|(json, at)| Some((serde_json::from_str(&json).ok()?, at))) {
            Some((look, at)) => Self::Found(look, Some(at)),
            None => Self::No,
        })
    }
}

/// The page.
pub(in crate::data) async fn ask(app: &App, csrf: &Csrf, run: &Run) -> Result<Response, Error> {
    let known = Known::read(app, run).await?;
    let mut response = page(app, csrf, &Draft::default(), run, &known).into_response();
    if matches!(known, Known::UnderWay(_)) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("3"));
    }
    Ok(response)
}

fn page(app: &App, csrf: &Csrf, draft: &Draft, run: &Run, known: &Known) -> Page {
    let content = html! {
        (error_summary(draft))
        @match known {
            Known::Found(look, at) => {
                @if let Some(at) = at {
                    p { "Found on " (moment(*at, &app.coalition.get().zone())) ". What somebody deals with in the meantime stays as well." }
                }
                (said(look, run.kind))
                @if look.stay() > 0 { (stays(look)) }
                form method="post" action={ (run.path()) "/undo" } {
                    (csrf.field())
                    @if look.stay() > 0 {
                        (tick("others", "Take back the others and keep these as they are", Some("Without it nothing is taken back."), draft))
                    }
                    p.actions { button.danger type="submit" { "Undo the import" } a href=(run.path()) { "Not now" } }
                }
                @if at.is_some() { (find(csrf, run, "Look once more")) }
            },
            Known::UnderWay(job) => {
                p { "Every record of this import is looked at. You can leave this page and come back." }
                (bar(job, "Records looked at"))
                p { a href=(run.path()) { "Back to the import" } }
            },
            Known::No => {
                p { "This import is long. Before it can be taken back, every record is looked at in the background: what would go, and what somebody has dealt with since and would stay. Nothing is changed by it." }
                (find(csrf, run, "Find what would happen"))
                p { a href=(run.path()) { "Not now" } }
            },
        }
    };
    Page::staff("Undo the import", content)
        .crumb("Staff", "/staff")
        .crumb("Imports", list::PATH)
        .crumb(&run.file_name, run.path())
        .script("staff.js")
}

fn find(csrf: &Csrf, run: &Run, words: &str) -> Markup {
    html! { form method="post" action={ (run.path()) "/undo/look" } { (csrf.field()) button.secondary type="submit" { (words) } } }
}

fn said(look: &Look, kind: Kind) -> Markup {
    let sums: Vec<String> = look
        .sums
        .iter()
        .filter_map(|(code, sum)| Some(Cents::new(*sum).of(code.parse::<Currency>().ok()?).to_string()))
        .collect();
    html! {
        p { "When you go on, in the background:" }
        ul {
            @if kind == Kind::Gifts {
                li {
                    (text::count(look.gifts, "gift counts", "gifts count")) " no more"
                    @if !sums.is_empty() { ": " (sums.join(" and ")) }
                    ". An entry of the day it happens takes each out of the books. Their pages stay, and say why."
                }
            }
            li { (text::count(look.donors, "donor whom it entered leaves", "donors whom it entered leave")) " the record." }
            @if kind == Kind::Donors {
                li { (text::count(look.restored, "donor whom it changed gets", "donors whom it changed get")) " back what stood there before." }
            }
            @if look.stay() > 0 { li { (text::count(look.stay(), "record stays", "records stay")) " as they are, because somebody has dealt with them since." } }
            li { "No mail is sent. The import stays in the list as undone, and the same file can be brought in again." }
        }
    }
}

fn stays(look: &Look) -> Markup {
    let reasons = look
        .gifts_stay
        .iter()
        .map(|(why, count)| (text::count(*count, "gift", "gifts"), why))
        .chain(look.donors_stay.iter().map(|(why, count)| (text::count(*count, "donor", "donors"), why)));
    let more = look.stay() > i64::try_from(look.named.len()).unwrap_or_default();
    html! {
        h2 #held { "What stays, and why" }
        ul { @for (count, why) in reasons { li { (count) ": " (why) } } }
        @if !look.named.is_empty() {
            table {
                caption { "Not as the import left them" @if more { "; the first " (look.named.len()) " are shown" } }
                thead { tr { th scope="col" { "Record" } th scope="col" { "Why" } } }
                tbody { @for one in &look.named { tr {
                    th scope="row" { a href={ "/staff/" (one.folder) "/" (one.id) } { (one.name) } }
                    td data-label="Why" { (one.why) }
                } } }
            }
        }
    }
}

/// Lets the taking back begin.
pub(in crate::data) async fn act(app: &App, staff: &Staff, csrf: &Csrf, run: &Run, others: bool) -> Result<Response, Error> {
    let known = Known::read(app, run).await?;
    let Known::Found(look, _) = &known else {
        let sentence = "Nothing was taken back: what would happen is not known yet.";
        return Ok(redirect_saying(format!("{}/undo", run.path()), Mood::Warn, sentence));
    };
    if look.stay() > 0 && !others {
        let mut draft = Draft::default();
        let count = text::count(look.stay(), "record was", "records were");
        draft.reject(
            "others",
            format!("{count} dealt with since. Nothing was taken back. Keep these and take back the others, or leave it"),
        );
        return Err(Draft::refuse(page(app, csrf, &draft, run, &known)));
    }
    let told = serde_json::to_value(look).map_err(Error::internal)?;
    Ok(if begin_undoing(app, staff, run.id, &told).await? {
        redirect_saying(run.path(), Mood::Good, "The import is being taken back. It goes on if you leave this page.")
    } else {
        redirect_saying(run.path(), Mood::Warn, "This import is being taken back already.")
    })
}

async fn begin_looking(State(app): State<App>, staff: Staff, Path(id): Path<ImportId>, _: RawForm) -> Result<Response, Error> {
    let kind = kind_of(&app, id).await?;
    kind.allow(&staff)?;
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.filter(|run| run.kind.is_giving()).ok_or(Error::NotFound)?;
    undoable(&run)?;
    let (now, record) = (app.clock.now(), id.to_string());
    if work::soon(&mut tx, LOOK, &record, now).await? {
        audit::record(&mut tx, &staff.actor(), "look at the undo", ("import", &record), None::<&()>, None::<&()>, now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(format!("{}/undo", run.path()), Mood::Good, "Every record is being looked at."))
}
