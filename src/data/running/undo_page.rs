//! The page that says what taking an import back will do, and does it.
use super::{Run, RunId, State, queries, undo};
use crate::{
    app::App,
    data::list,
    kernel::text,
    staff::Staff,
    web::{Csrf, Error, Mood, Page, RawForm, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State as Within},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

/// Those that are named one by one.
const NAMED: usize = 200;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/stripe/{id}/undo", get(ask).post(act))
}

fn undoable(run: &Run) -> Result<(), Error> {
    match run.state {
        State::Applied => Ok(()),
        State::Undone => Err(Error::Conflict("This import was taken back already.".to_owned())),
        _ => Err(Error::Conflict("Only an import that was applied can be taken back.".to_owned())),
    }
}

async fn ask(Within(app): Within<App>, staff: Staff, csrf: Csrf, Path(id): Path<RunId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
    undoable(&run)?;
    let all = undo::look(&mut tx, &run).await?;
    drop(tx);
    let held: Vec<_> = all.iter().filter(|one| one.held.is_some()).collect();
    let free = all.len() - held.len();
    let count = |n: usize, one: &str, many: &str| text::count(i64::try_from(n).unwrap_or_default(), one, many);
    let content = html! {
        p { "When you go on, at once and in one step:" }
        ul {
            li { (count(free, "recurring gift is", "recurring gifts are")) " taken off here. At Stripe they go on, and their payments are no gifts here any more." }
            li { "A donor who came with one and whom nobody has changed since is taken off, too." }
            li { "Nothing is changed at Stripe, and no mail is sent." }
        }
        @if !held.is_empty() { (held_table(&held)) }
        form method="post" action={ (run.path()) "/undo" } {
            (csrf.field())
            p.actions { button.danger type="submit" { "Undo the import" } a href=(run.path()) { "Not now" } }
        }
    };
    Ok(Page::staff("Undo the import", content)
        .crumb("Staff", "/staff")
        .crumb("Imports", list::PATH)
        .crumb("Subscriptions of the Stripe account", run.path()))
}

fn held_table(held: &[&undo::Written]) -> Markup {
    let count = i64::try_from(held.len()).unwrap_or_default();
    html! {
        h2 { (text::count(count, "recurring gift stays", "recurring gifts stay")) }
        table {
            caption { "Not as the import left them" @if held.len() > NAMED { "; the first " (NAMED) " are shown" } }
            thead { tr { th.num scope="col" { "Row" } th scope="col" { "Who gives" } th scope="col" { "Why" } } }
            tbody { @for one in held.iter().take(NAMED) { tr {
                td.num data-label="Row" { (one.row.number) }
                th scope="row" { (one.row.name) }
                td data-label="Why" { (one.held.unwrap_or_default()) }
            } } }
        }
    }
}

async fn act(Within(app): Within<App>, staff: Staff, Path(id): Path<RunId>, _: RawForm) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if run.state == State::Undone {
        return Ok(redirect_saying(run.path(), Mood::Warn, "This import was taken back already."));
    }
    undoable(&run)?;
    let done = undo::undo(&mut tx, &run, &staff, app.clock.now()).await?;
    tx.commit().await?;
    let plans = text::count(done.plans, "recurring gift", "recurring gifts");
    let donors = text::count(done.donors, "donor", "donors");
    let kept = if done.kept > 0 { format!(", {} kept", text::number(done.kept)) } else { String::new() };
    Ok(redirect_saying(run.path(), Mood::Good, format!("The import is undone: {plans} and {donors} taken off{kept}.")))
}
