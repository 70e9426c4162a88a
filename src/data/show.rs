//! One import: the fate of its rows, how far it is, what became of it, and what can be done next.
use super::{
    Fate, ImportId, Kind, Outcome, Run, RunState,
    cells::number_of,
    list, numbers,
    queries::{self, Fates, Narrowed, Outcomes, StoredRow},
    report::or_empty,
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Zone, text},
    members::{self, carried::Matching},
    staff::Staff,
    web::{Csrf, Draft, Error, Page, Pager, badge, field, moment, with},
    work::{self, JobRow},
};
use axum::{
    Router,
    extract::{Path, Query, RawQuery, State},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

const ROWS: usize = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}", get(show))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    fate: String,
    outcome: String,
    after: String,
    before: String,
}

/// All the page is made of.
struct Shown {
    run: Run,
    fates: Fates,
    outcomes: Outcomes,
    rows: Vec<StoredRow>,
    pager: Pager,
    job: Option<JobRow>,
    donors: Markup,
    numbers: Markup,
    may: bool,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ImportId>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let narrowed = Narrowed {
        fate: asked.fate.parse().ok(),
        outcome: asked.outcome.parse().ok(),
        after: asked.after.parse().ok(),
        before: asked.before.parse().ok(),
    };
    let mut rows = queries::rows(&mut tx, (id, run.kind), narrowed, i64::try_from(ROWS + 1).unwrap_or_default()).await?;
    let from_a_key = narrowed.after.is_some() || narrowed.before.is_some();
    let pager = Pager::cut(&mut rows, ROWS, from_a_key, narrowed.before.is_some(), |row| row.row_number.to_string());
    let kind = match run.state {
        RunState::Checking => super::CHECK,
        RunState::Undoing => super::UNDO,
        _ => super::APPLY,
    };
    let shown = Shown {
        fates: run.fates,
        outcomes: run.outcomes,
        donors: donors_back(&mut tx, &run).await?,
        job: work::open_by_key(&mut tx, kind, &id.to_string()).await?,
        numbers: numbers_to_come(&mut tx, &run).await?,
        may: run.kind.allow(&staff).is_ok(),
        rows,
        pager,
        run,
    };
    drop(tx);
    let zone = app.coalition.get().zone();
    let content = content(&shown, &csrf, narrowed, query.as_deref().unwrap_or_default(), &zone);
    let title = shown.run.file_name.clone();
    let page = Page::staff(title, content).crumb("Staff", "/staff").crumb("Imports", list::PATH).wide().script("staff.js");
    let mut response = page.into_response();
    if shown.run.state.is_at_work() && shown.job.is_some() {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("3"));
    }
    Ok(response)
}

async fn numbers_to_come(tx: &mut Tx, run: &Run) -> sqlx::Result<Markup> {
    if run.kind != Kind::Organizations || run.state != RunState::Checked {
        return Ok(html! {});
    }
    let all: Vec<i64> = queries::new_cells(tx, run.id).await?.iter().filter_map(|cells| number_of(cells)).collect();
    let next = members::next_number(tx).await?;
    let accounted = members::carried::accounted_for(tx).await?;
    Ok(numbers::to_come(&all, next, accounted))
}

fn content(shown: &Shown, csrf: &Csrf, narrowed: Narrowed, query: &str, zone: &Zone) -> Markup {
    let Shown { run, .. } = shown;
    html! {
        p.lead { (badge(run.state.mood(), run.state.label())) " " (sentence(shown)) }
        p {
            (run.kind.label()) ", brought by " (run.begun_by) " on " (moment(run.begun_at, zone))
            @if let (Some(who), Some(at)) = (&run.applied_by, run.applied_at) { "; applied by " (who) " on " (moment(at, zone)) }
            @if let (Some(who), Some(at)) = (&run.undone_by, run.undone_at) { "; undone by " (who) " on " (moment(at, zone)) }
            "."
        }
        @if run.state.is_at_work() && shown.job.is_none() {
            div.notice data-mood="bad" { p { "The work on it has stopped. " a href="/staff/jobs" { "Background work" } " says why, and an administrator can let it try again." } }
        }
        @if let Some(job) = shown.job.as_ref().filter(|_| run.state.is_at_work()) { (bar(job, "How far it is")) }
        (shown.numbers)
        (shown.donors)
        @if shown.may { (next(shown, csrf)) }
        @if !matches!(run.state, RunState::Columns | RunState::Checking | RunState::Discarded) { (rows(shown, narrowed, query)) }
    }
}

/// Where it stands.
fn sentence(shown: &Shown) -> String {
    let (f, o, n) = (&shown.fates, &shown.outcomes, text::number);
    match shown.run.state {
        RunState::Columns => "Its columns are not matched yet. Nothing is written.".to_owned(),
        RunState::Checking => "Every row is being tried. Nothing is written.".to_owned(),
        RunState::Checked => {
            format!("{} new, {} on record already, {} refused. Nothing is written yet.", n(f.fresh), n(f.matches), n(f.refused))
        }
        RunState::Applying => {
            let done = o.made + o.changed + o.stayed + o.refused;
            format!(
                "{} of {} rows are applied. It goes on if you leave this page, and after a restart.",
                n(done),
                n(f.fresh + f.matches)
            )
        }
        RunState::Applied => format!(
            "{} entered, {} changed, {} left as they were, {} not applied.",
            n(o.made),
            n(o.changed),
            n(o.stayed),
            n(o.refused + f.refused)
        ),
        RunState::Undoing => {
            format!("{} rows are taken back so far. It goes on if you leave this page, and after a restart.", n(o.undone))
        }
        RunState::Undone => format!("{} rows taken back, {} kept.", n(o.undone), n(o.kept)),
        RunState::Discarded => "It was thrown away before anything was written.".to_owned(),
    }
}

/// How far a job is.
pub(super) fn bar(job: &JobRow, label: &str) -> Markup {
    html! {
        @if job.total > 0 {
            div.progress {
                progress value=(job.done.min(job.total)) max=(job.total) aria-label=(label) {}
                p.progress-label { (text::number(job.done)) " of " (text::number(job.total)) }
            }
        }
    }
}

/// What became of the donors whom gifts brought, when they were taken back; rows tell it of donors alone.
async fn donors_back(tx: &mut Tx, run: &Run) -> sqlx::Result<Markup> {
    if run.kind != Kind::Gifts || !matches!(run.state, RunState::Undoing | RunState::Undone) {
        return Ok(Markup::default());
    }
    let (gone, stay) = (run.donors_gone, run.donors_kept);
    let kept = queries::founded_kept(tx, run.id, i64::try_from(ROWS).unwrap_or_default()).await?;
    let ids: Vec<_> = kept.iter().map(|one| one.donor_id).collect();
    let donors = crate::donors::by_ids(tx, &ids).await?;
    let name = |id| donors.iter().find(|donor| donor.id == id).map_or("A donor", |donor| donor.name.as_str());
    Ok(html! {
        p { (text::count(gone, "donor", "donors")) " whom it entered left the record; " (text::number(stay)) " stayed." }
        @if !kept.is_empty() {
            table {
                caption { "Donors who stayed" @if stay > i64::try_from(kept.len()).unwrap_or_default() { "; the first " (kept.len()) " are shown" } }
                thead { tr { th scope="col" { "Donor" } th scope="col" { "Why" } } }
                tbody { @for one in &kept { tr {
                    th scope="row" { a href={ "/staff/donors/" (one.donor_id) } { (name(one.donor_id)) } }
                    td data-label="Why" { (one.why.as_deref().unwrap_or_default()) }
                } } }
            }
        }
    })
}

/// What can be done next.
fn next(shown: &Shown, csrf: &Csrf) -> Markup {
    let Shown { run, fates, .. } = shown;
    let columns = format!("{}/columns", run.path());
    html! {
        @match run.state {
            RunState::Columns => {
                p.actions { a.button href=(columns) { "Match the columns" } }
                (discard(run, csrf))
            },
            RunState::Checked => {
                @if fates.fresh + fates.matches == 0 {
                    div.notice data-mood="warn" { p { "Every row is refused. Mend the file and bring it again, or match the columns otherwise." } }
                    p.actions { a.button.secondary href=(columns) { "Match the columns" } }
                } @else {
                    form method="post" action={ (run.path()) "/run" } {
                        (csrf.field())
                        @if fates.differ > 0 { (matching(fates.differ)) }
                        @if fates.refused > 0 { p { (text::count(fates.refused, "refused row is", "refused rows are")) " passed over." } }
                        p.actions {
                            button type="submit" { "Apply the import" }
                            a href=(columns) { "Match the columns otherwise" }
                        }
                    }
                }
                (discard(run, csrf))
            },
            RunState::Checking if shown.job.is_none() => (discard(run, csrf)),
            RunState::Applied => p.actions { a.button.secondary href={ (run.path()) "/undo" } { "Undo the import" } },
            _ => {},
        }
    }
}

fn matching(differ: i64) -> Markup {
    let hints = [
        Some("Nothing of them is changed."),
        Some("What is on record stays; what is missing there is taken from the file."),
        Some("Where they differ, the file is right. A name that changes is kept as a former name."),
    ];
    let answers: Vec<_> = Matching::ALL.iter().zip(hints).map(|(m, hint)| (m.as_str(), m.label(), hint)).collect();
    let label = text::count(differ, "record that the file would change", "records that the file would change");
    html! { (field("matching", &label).radios(&Draft::of([("matching", Matching::Leave.as_str())]), &answers)) }
}

fn discard(run: &Run, csrf: &Csrf) -> Markup {
    html! {
        form method="post" action={ (run.path()) "/removal" } { (csrf.field()) button.quiet type="submit" { "Discard this file" } }
    }
}

fn rows(shown: &Shown, narrowed: Narrowed, query: &str) -> Markup {
    let (run, f, o) = (&shown.run, &shown.fates, &shown.outcomes);
    let path = run.path();
    let applied = !matches!(run.state, RunState::Checked);
    let link = |words: String, name: &str, value: &str, chosen: bool| {
        let clean =
            [("fate", None), ("outcome", None), ("after", None), ("before", None), (name, Some(value).filter(|v| !v.is_empty()))];
        html! { a href=(with(&path, query, &clean)) aria-current=[chosen.then_some("true")] { (words) } }
    };
    let n = text::number;
    html! {
        div.list-head {
            h2 { "Rows" }
            p.actions { @if shown.may { a.button.quiet href={ (path) "/report.csv" } { "Download the report" } } }
        }
        nav aria-label="Which rows" { p.actions {
            (link(format!("All {}", n(f.fresh + f.matches + f.refused)), "fate", "", narrowed.fate.is_none() && narrowed.outcome.is_none()))
            @for (fate, count) in [(Fate::New, f.fresh), (Fate::Matches, f.matches), (Fate::Refused, f.refused)] {
                @if count > 0 { (link(format!("{} {}", fate.label(), n(count)), "fate", fate.as_str(), narrowed.fate == Some(fate))) }
            }
            @for (outcome, count) in [(Outcome::Made, o.made), (Outcome::Changed, o.changed), (Outcome::Left, o.stayed), (Outcome::Refused, o.refused), (Outcome::Undone, o.undone), (Outcome::Kept, o.kept)] {
                @if count > 0 { (link(format!("{} {}", outcome.label(), n(count)), "outcome", outcome.as_str(), narrowed.outcome == Some(outcome))) }
            }
        } }
        @if shown.rows.is_empty() { p.empty { "No row is of this kind." } } @else {
            table {
                caption { "Rows by their number in the file" }
                thead { tr {
                    th.num scope="col" { "Row" } th scope="col" { "Name" } th scope="col" { "Fate" } th scope="col" { "Why, and what would change" }
                    @if applied { th scope="col" { "Outcome" } }
                } }
                tbody { @for row in &shown.rows { (line(row, run.kind, applied)) } }
            }
            (shown.pager.links(&path, query))
        }
    }
}

/// Where the record of a row has its page: a new gift’s row names its donor until it is entered.
fn folder(row: &StoredRow, kind: Kind) -> &'static str {
    match kind {
        Kind::Organizations | Kind::Contacts => "organizations",
        Kind::Alliances => "alliances",
        Kind::Donors => "donors",
        Kind::Gifts if row.fate == Fate::New && matches!(row.outcome, None | Some(Outcome::Refused)) => "donors",
        Kind::Gifts => "gifts",
    }
}

fn line(row: &StoredRow, kind: Kind, applied: bool) -> Markup {
    let folder = folder(row, kind);
    html! { tr {
        td.num data-label="Row" { (row.row_number) }
        th scope="row" { (row.name) }
        td data-label="Fate" { (badge(row.fate.mood(), row.fate.label())) }
        td data-label="Why, and what would change" { div {
            (row.reason)
            @if let (Some(id), Some(name)) = (&row.record_id, &row.record_name) {
                @if row.outcome != Some(Outcome::Undone) { " " a href={ "/staff/" (folder) "/" (id) } { (name) } }
            }
            @let changes = row.changes();
            @if !changes.is_empty() { ul { @for c in &changes { li { (c.what) ": " (or_empty(&c.before)) " → " (c.after) } } } }
            @for note in row.notes() { p.hint { (note) } }
        } }
        @if applied { td data-label="Outcome" { span {
            @if let Some(outcome) = row.outcome { (outcome.label()) } @else if row.fate == Fate::Refused { "Passed over" } @else { "Waits" }
            @if let Some(why) = &row.outcome_why { br; (why) }
        } } }
    } }
}
