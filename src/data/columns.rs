//! The columns of a file are matched with what they hold: guessed, changed by staff, remembered for the next file
//! with the same headings.
use super::{
    ImportId, Kind, Run, RunState,
    fields::Field,
    kind_of, queries,
    table::{self, Table},
    upload::{headings_print, json},
};
use crate::{
    app::App,
    audit,
    kernel::text,
    members::{self, Category, CategoryId},
    staff::Staff,
    web::{Csrf, Draft, Error, Page, RawForm, error_summary, field, redirect},
    work,
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

/// Rows shown of the file.
const PREVIEW: usize = 5;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/columns", get(ask).post(choose))
}

/// A run with its file as it was read.
struct Opened {
    run: Run,
    /// Its headings and first rows.
    table: Table,
    /// How many rows it has in all.
    rows: usize,
    categories: Vec<Category>,
}

async fn open(app: &App, id: ImportId) -> Result<Opened, Error> {
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let categories = members::categories(&mut tx).await?;
    drop(tx);
    if !matches!(run.state, RunState::Columns | RunState::Checked) {
        return Err(Error::Conflict("This import’s columns are settled. Look at the import itself.".to_owned()));
    }
    let bytes = app.files.get(&run.file).await.map_err(Error::Storage)?;
    let (table, rows) = table::look(&bytes, run.charset, run.kind.most_rows()).map_err(super::internal)?;
    Ok(Opened { run, table, rows, categories })
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<ImportId>) -> Result<Page, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let opened = open(&app, id).await?;
    let columns = opened.run.columns();
    let mut values: Vec<(String, String)> =
        columns.into_iter().enumerate().map(|(n, key)| (format!("column_{n}"), key)).collect();
    values.push(("category".to_owned(), opened.run.category_id.map_or_else(String::new, |id| id.to_string())));
    Ok(page(&csrf, &Draft::of(values), &opened))
}

fn page(csrf: &Csrf, draft: &Draft, of: &Opened) -> Page {
    let Opened { run, table, rows, categories } = of;
    let fields = run.kind.fields();
    let required: Vec<_> = fields.iter().filter(|f| f.required).map(|f| f.label).collect();
    let mut kinds = vec![(String::new(), "None: such a row is refused".to_owned())];
    kinds.extend(categories.iter().map(|c| (c.id.to_string(), c.name.clone())));
    let rows = i64::try_from(*rows).unwrap_or_default();
    let content = html! {
        (error_summary(draft))
        p.lead { (run.file_name) " has " (text::count(rows, "row", "rows")) " and " (table.headings.len()) " columns." }
        p { "Needed: " (required.join(", ")) "." (needed_for_new(run.kind)) " Dates are written 2012-05-31 or 5/31/2012." }
        form method="post" action={ (run.path()) "/columns" } {
            (csrf.field())
            table {
                caption { "What each column holds" }
                thead { tr { th scope="col" { "Heading" } th scope="col" { "First rows" } th scope="col" { "Holds" } } }
                tbody { @for (n, heading) in table.headings.iter().enumerate() { tr {
                    th scope="row" { (heading) }
                    td data-label="First rows" { (samples(table, n)) }
                    td data-label="Holds" { (choice(draft, n, heading, fields)) }
                } } }
            }
            @if run.kind == Kind::Organizations {
                (crate::web::Field { optional: true, hint: Some("For organizations that are not on record and whose row names none"), ..field("category", "Category of rows without one") }.select(draft, &kinds))
            }
            p.actions { button type="submit" { "Try it without writing" } a href=(run.path()) { "Back" } }
        }
        (preview(table))
    };
    let title = "Match the columns";
    Page::staff(title, content)
        .crumb("Staff", "/staff")
        .crumb("Imports", super::list::PATH)
        .crumb(&run.file_name, run.path())
        .wide()
}

const fn needed_for_new(kind: Kind) -> &'static str {
    match kind {
        Kind::Organizations => {
            " An organization that is not on record also needs its city, state, category, the day it was admitted, and its admission number unless it is an observer."
        }
        Kind::Contacts => " Each row also names its organization or the admission number.",
        Kind::Donors => " Each row has a name, or a last name.",
        Kind::Gifts => {
            " Each row also names its donor. A row whose number is on record is left; without a number, one whose donor, day and amount are on record is."
        }
        Kind::Alliances => " An alliance that is not on record also needs its territory.",
    }
}

/// What stands first in a column.
fn samples(table: &Table, n: usize) -> Markup {
    let cells: Vec<_> = table
        .rows
        .iter()
        .filter_map(|row| row.cells.get(n))
        .filter(|cell| !cell.is_empty())
        .take(3)
        .map(|c| text::shorten(c, 40))
        .collect();
    html! { @if cells.is_empty() { "Empty" } @else { (cells.join(" · ")) } }
}

fn choice(draft: &Draft, n: usize, heading: &str, fields: &[Field]) -> Markup {
    let name = format!("column_{n}");
    let wrong = draft.error(&name);
    html! {
        @if let Some(reason) = wrong { p.error id={ (name) "-error" } { (reason) } }
        select id=(name) name=(name) aria-label={ "What “" (heading) "” holds" } aria-invalid=[wrong.map(|_| "true")] {
            option value="" selected[draft.value(&name).is_empty()] { "Leave out" }
            @for field in fields { option value=(field.key) selected[draft.value(&name) == field.key] { (field.label) } }
        }
    }
}

fn preview(table: &Table) -> Markup {
    html! {
        details {
            summary { "The first rows as they were read" }
            table {
                caption { "The first " (table.rows.len().min(PREVIEW)) " rows" }
                thead { tr { th.num scope="col" { "Row" } @for heading in &table.headings { th scope="col" { (heading) } } } }
                tbody { @for row in table.rows.iter().take(PREVIEW) { tr {
                    th.num scope="row" { (row.number) }
                    @for (n, heading) in table.headings.iter().enumerate() {
                        td data-label=(heading) { (row.cells.get(n).map_or_else(String::new, |cell| text::shorten(cell, 60))) }
                    }
                } } }
            }
        }
    }
}

async fn choose(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ImportId>,
    RawForm(typed): RawForm,
) -> Result<Response, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let opened = open(&app, id).await?;
    let given = |name: &str| typed.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let mut draft = Draft::default();
    let fields = opened.run.kind.fields();
    let mut columns: Vec<String> = Vec::new();
    for (n, heading) in opened.table.headings.iter().enumerate() {
        let name = format!("column_{n}");
        draft.keep(&name, given(&name));
        let key = fields.iter().find(|f| f.key == given(&name)).map_or("", |f| f.key);
        if let Some(first) = columns.iter().position(|held| held == key && !key.is_empty()) {
            let label = fields.iter().find(|f| f.key == key).map_or("", |f| f.label);
            let other = &opened.table.headings[first];
            draft.reject(&name, format!("“{heading}” and “{other}” can’t both hold: {label}. Leave one of them out"));
        }
        columns.push(key.to_owned());
    }
    for field in fields.iter().filter(|f| f.required && !columns.iter().any(|c| c == f.key)) {
        draft.reject("column_0", format!("No column holds: {}. Choose the one that does", field.label));
    }
    draft.keep("category", given("category"));
    let category: Option<CategoryId> =
        given("category").parse().ok().filter(|id| opened.categories.iter().any(|category| category.id == *id));
    if !draft.is_right() {
        return Err(Draft::refuse(page(&csrf, &draft, &opened)));
    }
    settle(&app, &staff, &opened.run, &opened.table.headings, &columns, category).await?;
    Ok(redirect(opened.run.path()))
}

/// Lets the columns be tried just as they were guessed.
pub async fn settle_as_guessed(app: &App, staff: &Staff, id: ImportId) -> Result<(), Error> {
    let opened = open(app, id).await?;
    settle(app, staff, &opened.run, &opened.table.headings, &opened.run.columns(), None).await
}

/// Keeps what the columns hold, for this file and the next one like it, and lets the dry run begin.
async fn settle(
    app: &App,
    staff: &Staff,
    run: &Run,
    headings: &[String],
    columns: &[String],
    category: Option<CategoryId>,
) -> Result<(), Error> {
    let (stored, now) = (json(&columns)?, app.clock.now());
    let mut tx = app.db.write().await?;
    if !queries::set_columns(&mut tx, run.id, &stored, category).await? {
        return Err(Error::Conflict("This import’s columns are settled. Look at the import itself.".to_owned()));
    }
    queries::remember(&mut tx, run.kind, &headings_print(headings), &stored, now).await?;
    let held: serde_json::Map<_, _> = headings.iter().cloned().zip(columns.iter().cloned().map(Into::into)).collect();
    let record = run.id.to_string();
    audit::record(&mut tx, &staff.actor(), "match the columns", ("import", &record), None::<&()>, Some(&held), now).await?;
    work::soon(&mut tx, super::CHECK, &record, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(())
}
