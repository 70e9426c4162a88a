//! A file is brought: read at once, refused with a sentence when it can't be, kept when it can.
use super::{
    Charset, ImportId, Kind, fields, list,
    queries::{self, NewRun},
    table,
};
use crate::{
    app::App,
    audit,
    kernel::{digest, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Page, Upload, error_summary, field, redirect},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

/// The most the file may have, in bytes.
const MOST: usize = 200 * 1024 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/new", get(ask).post(take).layer(DefaultBodyLimit::max(MOST + 64 * 1024)))
}

/// The kinds of files that somebody may bring; at least one.
fn allowed(staff: &Staff) -> Result<Vec<Kind>, Error> {
    let kinds: Vec<_> = Kind::ALL.iter().copied().filter(|kind| kind.allow(staff).is_ok()).collect();
    if kinds.is_empty() { staff.may_import().map(|()| kinds) } else { Ok(kinds) }
}

fn page(csrf: &Csrf, staff: &Staff, draft: &Draft) -> Page {
    let kinds: Vec<_> =
        Kind::ALL.iter().filter(|kind| kind.allow(staff).is_ok()).map(|k| (k.as_str(), k.label(), Some(k.about()))).collect();
    let charsets = [
        (Charset::Utf8.as_str(), Charset::Utf8.label(), Some("“CSV UTF-8” of Excel, and every other program of today")),
        (Charset::Windows1252.as_str(), Charset::Windows1252.label(), Some("“CSV” of an older Excel on Windows")),
    ];
    let wrong = draft.error("file");
    let content = html! {
        (error_summary(draft))
        p { "Nothing is written yet: next you match the columns, then you see what each row would do." }
        form method="post" enctype="multipart/form-data" action="/staff/imports/new" {
            (csrf.field())
            (field("kind", "What the file holds").radios(draft, &kinds))
            div.field data-state=[wrong.map(|_| "wrong")] {
                label for="file" { "File" }
                p.hint #file-hint { "A CSV file with headings in its first row: at most 20,000 rows, or 1,000,000 of donors or gifts, and 200 MB. Commas, semicolons and tabs between cells are found out." }
                @if let Some(reason) = wrong { p.error #file-error { span.visually-hidden { "Error: " } (reason) } }
                input #file type="file" name="file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="file-hint" required;
            }
            (field("charset", "Its letters").radios(draft, &charsets))
            p.actions { button type="submit" { "Match the columns" } a href=(list::PATH) { "Cancel" } }
        }
        (columns_known())
    };
    Page::staff("Import a file", content).crumb("Staff", "/staff").crumb("Imports", list::PATH)
}

fn columns_known() -> Markup {
    html! {
        h2 { "What columns can hold" }
        @for kind in Kind::ALL { details {
            summary { (kind.label()) }
            p { (kind.fields().iter().map(|f| f.label).collect::<Vec<_>>().join(" · ")) }
        } }
    }
}

async fn ask(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    let first = allowed(&staff)?[0];
    Ok(page(&csrf, &staff, &Draft::of([("kind", first.as_str()), ("charset", Charset::Utf8.as_str())])))
}

async fn take(State(app): State<App>, staff: Staff, csrf: Csrf, upload: Upload) -> Result<Response, Error> {
    let known = allowed(&staff)?;
    let mut draft = Draft::default();
    let kind = draft.read::<Kind>("kind", upload.field("kind")).filter(|kind| known.contains(kind));
    let charset = draft.read::<Charset>("charset", upload.field("charset"));
    let file = upload.file.as_ref().filter(|file| !file.bytes.is_empty());
    match file {
        None => draft.reject("file", "Choose the file"),
        Some(file) if file.bytes.len() > MOST => {
            draft.reject("file", "This file has more than 200 MB. Cut it into several files");
        }
        Some(_) => {}
    }
    let (Some(kind), Some(charset), Some(file), true) = (kind, charset, file, draft.is_right()) else {
        return Err(Draft::refuse(page(&csrf, &staff, &draft)));
    };
    let given = Given { kind, charset, name: &file.name, bytes: &file.bytes };
    match bring(&app, &staff, &given).await? {
        Ok(id) => Ok(redirect(format!("{}/{id}/columns", list::PATH))),
        Err(reason) => {
            draft.reject("file", reason);
            Err(Draft::refuse(page(&csrf, &staff, &draft)))
        }
    }
}

/// A file as it was sent, and what its sender says of it.
pub struct Given<'a> {
    pub kind: Kind,
    pub charset: Charset,
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// Keeps a file that can be read, its columns guessed; the sentence says why it can't be.
pub async fn bring(app: &App, staff: &Staff, given: &Given<'_>) -> Result<Result<ImportId, String>, Error> {
    let headings = match table::look(given.bytes, given.charset, given.kind.most_rows()) {
        Ok((table, _)) => table.headings,
        Err(reason) => return Ok(Err(reason)),
    };
    let stored = app.files.put(given.bytes).await.map_err(Error::Storage)?;
    let name = text::shorten(&text::line(given.name), 120);
    let name = if name.is_empty() { "file.csv" } else { &name };
    let (id, now, kind) = (ImportId::new(), app.clock.now(), given.kind);
    let mut tx = app.db.write().await?;
    let columns = columns_of(&mut tx, kind, &headings).await?;
    let (headings, columns) = (json(&headings)?, json(&columns)?);
    let charset = given.charset;
    let run = NewRun { id, kind, file: &stored, file_name: name, charset, headings: &headings, columns: &columns };
    queries::insert(&mut tx, &run, staff, now).await?;
    let after = serde_json::json!({ "file": name, "holds": kind.label() });
    audit::record(&mut tx, &staff.actor(), "bring a file", ("import", &id.to_string()), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// What the columns held the last time a file had these headings; else what they are guessed to hold.
async fn columns_of(tx: &mut crate::db::Tx, kind: Kind, headings: &[String]) -> Result<Vec<String>, Error> {
    let known = queries::remembered(tx, kind, &headings_print(headings)).await?;
    let known = known.and_then(|json| serde_json::from_str::<Vec<String>>(&json).ok());
    Ok(known.filter(|columns| columns.len() == headings.len()).unwrap_or_else(|| fields::guess(kind, headings)))
}

/// A fingerprint of a first row.
pub(super) fn headings_print(headings: &[String]) -> String {
    digest(&headings.iter().map(|heading| text::fold(heading)).collect::<Vec<_>>().join("\u{1f}"))
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(super::internal)
}
