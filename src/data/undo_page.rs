//! The page that says what taking an import back will do, and does it.
use super::{
    ImportId, Kind, Run, RunState,
    cells::number_of,
    giving, kind_of, numbers, queries,
    undo::{self, Written},
};
use crate::{
    app::App,
    db::Tx,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

/// Records that are named one by one.
const NAMED: usize = 200;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/undo", get(ask).post(act))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    others: String,
    sequence: String,
}

pub(super) fn undoable(run: &Run) -> Result<(), Error> {
    match run.state {
        RunState::Applied => Ok(()),
        RunState::Undoing => Err(Error::Conflict("This import is being taken back already.".to_owned())),
        RunState::Undone => Err(Error::Conflict("This import was taken back already.".to_owned())),
        _ => Err(Error::Conflict("Only an import that was applied can be taken back.".to_owned())),
    }
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ImportId>) -> Result<Response, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
    undoable(&run)?;
    if run.kind.is_giving() {
        drop(tx);
        return giving::ask(&app, &csrf, &run).await;
    }
    let all = undo::look(&mut tx, &run).await?;
    let numbered = brought_numbers(&mut tx, id).await?;
    Ok(page(&csrf, &Draft::default(), &run, &all, numbered).into_response())
}

/// Whether a new row has an admission number.
async fn brought_numbers(tx: &mut Tx, id: ImportId) -> sqlx::Result<bool> {
    Ok(queries::new_cells(tx, id).await?.iter().any(|cells| number_of(cells).is_some()))
}

fn page(csrf: &Csrf, draft: &Draft, run: &Run, all: &[Written], numbered: bool) -> Page {
    let held: Vec<&Written> = all.iter().filter(|one| one.held.is_some()).collect();
    let free =
        |made: bool| i64::try_from(all.iter().filter(|one| one.held.is_none() && one.made == made).count()).unwrap_or_default();
    let content = html! {
        (error_summary(draft))
        p { "When you go on, at once and in one step:" }
        ul {
            li { (text::count(free(true), "record that it entered is", "records that it entered are")) " taken off, with contacts and all." }
            li { (text::count(free(false), "record that it changed gets", "records that it changed get")) " back what stood there before." }
            li { "No mail is sent. The import stays in the list as undone." }
        }
        @if !held.is_empty() { (held_table(run, &held)) }
        (numbers::taken_back(run, numbered))
        form method="post" action={ (run.path()) "/undo" } {
            (csrf.field())
            @if !held.is_empty() {
                (tick("others", "Take back the others and keep these as they are", Some("Without it nothing is taken back."), draft))
            }
            @if numbers::may_return(run, all) {
                (tick("sequence", &format!("Let the sequence go on with {} again", run.number_before.unwrap_or_default() + 1), Some("Only when nobody outside was told these numbers: the next members get them. It happens only if nobody was admitted since."), draft))
            }
            p.actions { button.danger type="submit" { "Undo the import" } a href=(run.path()) { "Not now" } }
        }
    };
    Page::staff("Undo the import", content)
        .crumb("Staff", "/staff")
        .crumb("Imports", super::list::PATH)
        .crumb(&run.file_name, run.path())
}

fn held_table(run: &Run, held: &[&Written]) -> Markup {
    let folder = if run.kind == Kind::Alliances { "alliances" } else { "organizations" };
    let count = i64::try_from(held.len()).unwrap_or_default();
    html! {
        h2 #held { (text::count(count, "record can’t be taken back", "records can’t be taken back")) }
        table {
            caption { "Not as the import left them" @if held.len() > NAMED { "; the first " (NAMED) " are shown" } }
            thead { tr { th.num scope="col" { "Row" } th scope="col" { "Record" } th scope="col" { "Why" } } }
            tbody { @for one in held.iter().take(NAMED) { tr {
                td.num data-label="Row" { (rows(one)) }
                th scope="row" { a href={ "/staff/" (folder) "/" (one.record) } { (one.name) } }
                td data-label="Why" { (one.held.unwrap_or_default()) }
            } } }
        }
    }
}

fn rows(one: &Written) -> String {
    one.rows.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

async fn act(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ImportId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let run = queries::run(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    if matches!(run.state, RunState::Undoing | RunState::Undone) {
        return Ok(redirect_saying(run.path(), Mood::Warn, "This import was taken back already."));
    }
    undoable(&run)?;
    if run.kind.is_giving() {
        return giving::act(&app, &staff, &csrf, &run, typed.others == "yes").await;
    }
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if run.state == RunState::Undone {
        return Ok(redirect_saying(run.path(), Mood::Warn, "This import was taken back already."));
    }
    let all = undo::look(&mut tx, &run).await?;
    let held: Vec<_> = all.iter().filter(|one| one.held.is_some()).collect();
    if !held.is_empty() && typed.others != "yes" {
        let mut draft = Draft::of([("sequence", typed.sequence)]);
        let names: Vec<_> = held.iter().take(3).map(|one| format!("row {} ({})", rows(one), one.name)).collect();
        let more = if held.len() > 3 { ", and more" } else { "" };
        draft.reject(
            "others",
            format!(
                "Changed since: {}{more}. Nothing was taken back. Keep these and take back the others, or leave it",
                names.join(", ")
            ),
        );
        let numbered = brought_numbers(&mut tx, id).await?;
        return Err(Draft::refuse(page(&csrf, &draft, &run, &all, numbered)));
    }
    let return_sequence = typed.sequence == "yes" && numbers::may_return(&run, &all);
    let done = undo::undo(&mut tx, &run, &all, return_sequence, &staff, app.clock.now()).await?;
    tx.commit().await?;
    let mut said = format!("The import is undone: {} taken off, {} given back what they had", done.removed, done.restored);
    if done.kept > 0 {
        said = format!("{said}, {} kept as they are", done.kept);
    }
    let said = match (return_sequence, done.returned) {
        (true, false) => format!("{said}. The sequence goes on where it is: somebody was admitted since."),
        (true, true) => format!("{said}. The sequence goes on where it was."),
        _ => format!("{said}."),
    };
    Ok(redirect_saying(run.path(), Mood::Good, said))
}
