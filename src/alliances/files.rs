//! Files about an alliance, for staff: told by their content, given back as attachments, never shown.
use super::{Alliance, AllianceId, FileId, form, queries, queries::AllianceFile};
use crate::{
    app::App,
    files::{Kind, fingerprint},
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, Page, RawForm, Upload, error_summary, redirect_saying},
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::html;

/// The most a file may have, in bytes.
const MOST: usize = 10 * 1024 * 1024;
/// What the form adds around it.
const AROUND: usize = 64 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/alliances/{id}/files", get(ask).post(take).layer(DefaultBodyLimit::max(MOST + AROUND)))
        .route("/staff/alliances/{id}/files/{file}", get(give))
        .route("/staff/alliances/{id}/files/{file}/removal", post(remove))
}

fn page(alliance: &Alliance, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(alliance.id);
    let content = html! {
        (error_summary(draft))
        form method="post" enctype="multipart/form-data" action={ (base) "/files" } {
            (csrf.field())
            div.field data-state=[draft.error("file").map(|_| "wrong")] {
                label for="file" { "File" }
                p.hint #file-hint { "A PDF, PNG, JPEG or Word (DOCX) file of at most 10 MB. Staff read it; visitors and the leader do not." }
                @if let Some(reason) = draft.error("file") { p.error #file-error { span.visually-hidden { "Error: " } (reason) } }
                input #file type="file" name="file" accept=".pdf,.png,.jpg,.jpeg,.docx" aria-describedby="file-hint" required;
            }
            p.actions { button type="submit" { "Add the file" } a href=(base) { "Cancel" } }
        }
    };
    form::page(alliance, "Add a file", content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let alliance = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    Ok(page(&alliance, &csrf, &Draft::default()))
}

async fn take(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    upload: Upload,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let alliance = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let kind = upload.file.as_ref().and_then(|file| Kind::of(&file.bytes));
    let wrong = match (&upload.file, kind) {
        (None, _) => Some("Choose a file"),
        (Some(file), _) if file.bytes.is_empty() => Some("This file is empty. Choose another"),
        (Some(file), _) if file.bytes.len() > MOST => Some("This file has more than 10 MB. Save it smaller and choose it again"),
        (_, None) => Some("This is not a PDF, PNG, JPEG or Word (DOCX) file, whatever its name says. Choose one of these"),
        _ => None,
    };
    let mut draft = Draft::default();
    if let Some(reason) = wrong {
        draft.reject("file", reason);
    }
    let (Some(file), Some(kind), true) = (upload.file, kind, draft.is_right()) else {
        return Err(Draft::refuse(page(&alliance, &csrf, &draft)));
    };
    // On disk before the row names it: a crash between leaves a file nobody asks for, never a row without its file.
    let stored = app.files.put(&file.bytes).await?;
    let name = Some(text::shorten(&text::line(&file.name), 120)).filter(|name| !name.is_empty());
    let row = AllianceFile {
        id: FileId::new(),
        file: stored,
        name: name.unwrap_or_else(|| "File".to_owned()),
        kind: if kind == Kind::Jpeg { "jpeg" } else { kind.ending() }.to_owned(),
        size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        digest: fingerprint(&file.bytes),
        added_by: staff.name.clone(),
        added_at: app.clock.now(),
    };
    let mut tx = app.db.write().await?;
    queries::add_file(&mut tx, id, &row).await?;
    form::note(&mut tx, &app, &staff, "add_file", id, None, Some(&serde_json::json!({ "name": row.name, "digest": row.digest })))
        .await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}#files", form::base(id)), Mood::Good, format!("{} is added.", row.name)))
}

/// As an attachment under a name of ours: a browser never shows what somebody sent.
async fn give(State(app): State<App>, _: Staff, Path((id, file)): Path<(AllianceId, FileId)>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let alliance = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let row = queries::file(&mut tx, id, file).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let bytes = app.files.get(&row.file).await?;
    let kind = Kind::of(&bytes).ok_or(Error::NotFound)?;
    let stem = row.name.rsplit_once('.').map_or(row.name.as_str(), |(stem, _)| stem);
    let name: String = text::slug(&format!("{} {stem}", alliance.slug)).chars().filter(char::is_ascii).collect();
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.mime()));
    let disposition = format!("attachment; filename=\"{name}.{}\"", kind.ending());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path((id, file)): Path<(AllianceId, FileId)>,
    _: RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let row = queries::file(&mut tx, id, file).await?.ok_or(Error::NotFound)?;
    queries::remove_file(&mut tx, file, app.clock.now()).await?;
    form::note(
        &mut tx,
        &app,
        &staff,
        "remove_file",
        id,
        Some(&serde_json::json!({ "name": row.name, "digest": row.digest })),
        None,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}#files", form::base(id)), Mood::Good, format!("{} is removed.", row.name)))
}
