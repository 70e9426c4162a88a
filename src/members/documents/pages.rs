//! Adding a paper to an organization, and its download.
use super::{Document, DocumentId, PaperKind, paper, queries};
use crate::{
    app::App,
    audit,
    files::{Kind, fingerprint},
    kernel::{Day, text},
    members::{
        Organization, OrganizationId,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Mood, Page, Upload, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::get,
};
use maud::html;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/documents/new", get(ask).post(take).layer(DefaultBodyLimit::max(paper::MOST_WITH_FORM)))
        .route("/staff/organizations/{id}/documents/{document}", get(give))
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let kinds: Vec<_> = PaperKind::ALL.iter().map(|k| (k.as_str(), k.label(), None)).collect();
    let content = html! {
        (error_summary(draft))
        p { "Only staff can download it." }
        form method="post" enctype="multipart/form-data" action={ (href(o.id)) "/documents/new" } {
            (csrf.field())
            (field("kind", "Kind").radios(draft, &kinds))
            (Field { hint: Some("Such as Resolution of the board, 3 March 2026"), ..field("title", "Title") }.input(draft))
            (Field { kind: "date", width: "medium", hint: Some("The day on the paper"), ..field("dated", "Dated") }.input(draft))
            (paper::field(draft, "File", "", true))
            p.actions { button type="submit" { "Add the document" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Add a document", o, content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    Ok(page(&csrf, &Draft::default(), &find(&mut app.db.read().await?, id).await?))
}

async fn take(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    upload: Upload,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let o = find(&mut app.db.read().await?, id).await?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut draft = Draft::default();
    let kind = draft.read::<PaperKind>("kind", upload.field("kind"));
    let title = draft.text("title", &text::line(upload.field("title")), 200, "Write what the document is");
    let dated = draft.read::<Day>("dated", upload.field("dated"));
    if dated.is_some_and(|day| day > today) {
        draft.reject("dated", "Enter a day that is not in the future");
    }
    match upload.file.as_ref().map(paper::wrong) {
        None => draft.reject("document", "Choose the file of the document"),
        Some(Some(reason)) => draft.reject("document", reason),
        Some(None) => {}
    }
    let (Some(kind), Some(title), Some(dated), Some(file), true) = (kind, title, dated, upload.file, draft.is_right()) else {
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    };
    let file_kind = Kind::of(&file.bytes).ok_or_else(|| Error::bad_form("Its file is none we take"))?;
    let document = Document {
        id: DocumentId::new(),
        organization_id: id,
        kind,
        title,
        dated,
        file_name: paper::sent_name(&file.name).unwrap_or_else(|| "document".to_owned()),
        file_kind: paper::stored(file_kind).to_owned(),
        file_size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        file_digest: fingerprint(&file.bytes),
        file: app.files.put(&file.bytes).await.map_err(Error::Storage)?,
        added_at: now,
        added_by: staff.name.clone(),
    };
    let mut tx = app.db.write().await?;
    queries::insert(&mut tx, &document, None).await?;
    let record = ("organization", id.to_string());
    let after = serde_json::json!({ "kind": document.kind, "title": document.title, "dated": document.dated });
    audit::record(&mut tx, &staff.actor(), "add a document", (record.0, &record.1), None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(href(id), Mood::Good, "The document is added."))
}

async fn give(
    State(app): State<App>,
    _: Staff,
    Path((id, document)): Path<(OrganizationId, DocumentId)>,
) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let document = queries::by_id(&mut tx, id, document).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let kind = paper::kind(&document.file_kind).ok_or(Error::NotFound)?;
    let bytes = app.files.get(&document.file).await.map_err(Error::Storage)?;
    paper::attachment(bytes, kind, &document.kind.as_str().replace('_', "-"), &o.name)
}
