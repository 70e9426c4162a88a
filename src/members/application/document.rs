//! The commitment document: taken from the applicant, given to staff and to nobody else.
use super::{
    Application, ApplicationId, forms, queries, start,
    steps::{self, Back},
};
use crate::{
    app::App,
    files::{Kind, fingerprint},
    members::documents::paper,
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, Page, RawForm, Upload, redirect, redirect_saying},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/join/{token}/document", get(ask).post(take).layer(DefaultBodyLimit::max(paper::MOST_WITH_FORM)))
        .route("/join/{token}/document/removal", get(ask_removal).post(remove))
        .route("/staff/applications/{id}/document", get(give))
}

fn form(token: &str, back: &Back, csrf: &Csrf, draft: &Draft, application: &Application) -> Markup {
    let kind = application.document_kind.map_or_else(|| "letter or resolution".to_owned(), |k| k.label().to_lowercase());
    let here = application.file.is_some();
    html! {
        form method="post" enctype="multipart/form-data" action={ "/join/" (token) "/document" (back.query()) } novalidate {
            (csrf.field())
            @if let (true, Some(name), Some(size)) = (here, &application.file_name, application.file_size) {
                p { "We have " strong { (name) } " (" (paper::size_in_words(size)) "). Choose another file only to replace it." }
            }
            (paper::field(draft, "The signed document", &format!("As you said: {kind}. "), !here))
            p.actions {
                button type="submit" { @if here { "Go on" } @else { "Send the file" } }
                @if here { a href={ "/join/" (token) "/document/removal" (back.query()) } { "Remove the document" } }
            }
        }
    }
}

async fn ask(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Query(back): Query<Back>,
) -> Result<Result<Page, Response>, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(Err(away));
    }
    let all = steps::steps(&application, &forms::of(&mut tx, &application).await?);
    all.iter().find(|step| step.name == "document").ok_or(Error::NotFound)?;
    let draft = Draft::default();
    Ok(Ok(steps::question(&all, &token, "document", &draft, &form(&token, &back, &csrf, &draft, &application))))
}

async fn take(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Query(back): Query<Back>,
    upload: Upload,
) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(away);
    }
    let all = steps::steps(&application, &forms::of(&mut tx, &application).await?);
    all.iter().find(|step| step.name == "document").ok_or(Error::NotFound)?;
    drop(tx);
    let next = steps::after(&all, &token, "document", back.to_check());
    let mut draft = Draft::default();
    let wrong = match &upload.file {
        None if application.file.is_some() => return Ok(redirect(next)),
        None => Some("Choose the file of the signed document"),
        Some(file) => paper::wrong(file),
    };
    if let Some(reason) = wrong {
        draft.reject("document", reason);
        return Err(Draft::refuse(steps::question(
            &all,
            &token,
            "document",
            &draft,
            &form(&token, &back, &csrf, &draft, &application),
        )));
    }
    let Some(file) = upload.file else { return Ok(redirect(next)) };
    // On disk before the row names it: a crash between leaves a file nobody asks for, never a row without its file.
    let name = app.files.put(&file.bytes).await.map_err(Error::Storage)?;
    let mut tx = app.db.write().await?;
    // Read again: what was answered in another window while the file arrived stays.
    let mut application = start::open(&mut tx, &app, &token).await?;
    let replaced = attach(&mut application, name, &file.name, &file.bytes);
    if !queries::save(&mut tx, &application, app.clock.now()).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    tx.commit().await?;
    if let Some(replaced) = replaced {
        forget(&app, &replaced).await;
    }
    Ok(redirect(next))
}

/// Puts a stored file in the place of the document; gives the stored name of the one before.
pub fn attach(application: &mut Application, stored_as: String, called: &str, bytes: &[u8]) -> Option<String> {
    application.file_kind = Kind::of(bytes).map(|kind| paper::stored(kind).to_owned());
    application.file_digest = Some(fingerprint(bytes));
    application.file_size = i64::try_from(bytes.len()).ok();
    application.file_name = paper::sent_name(called);
    application.file.replace(stored_as)
}

async fn ask_removal(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Query(back): Query<Back>,
) -> Result<Result<Page, Response>, Error> {
    let application = start::open(&mut app.db.read().await?, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(Err(away));
    }
    let name = application.file_name.as_deref().filter(|_| application.file.is_some());
    let page = format!("/join/{token}/document{}", back.query());
    let Some(name) = name else { return Ok(Err(redirect(page))) };
    let content = html! {
        p { strong { (name) } " is deleted from our storage. The application needs a document before it can be sent." }
        form method="post" action={ "/join/" (token) "/document/removal" (back.query()) } {
            (csrf.field())
            p.actions { button.danger type="submit" { "Remove the document" } a href=(page) { "Keep it" } }
        }
    };
    Ok(Ok(Page::bare("Remove the document", content)))
}

async fn remove(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(back): Query<Back>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    let mut tx = app.db.write().await?;
    let mut application = start::open(&mut tx, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(away);
    }
    let page = format!("/join/{token}/document{}", back.query());
    let Some(file) = application.file.take() else { return Ok(redirect(page)) };
    (application.file_name, application.file_kind, application.file_size, application.file_digest) = (None, None, None, None);
    if !queries::save(&mut tx, &application, app.clock.now()).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    // A form that asks for none has no page for it any more.
    let asked = forms::of(&mut tx, &application).await?.document;
    let page = if asked { page } else { format!("/join/{token}/check") };
    tx.commit().await?;
    forget(&app, &file).await;
    Ok(redirect_saying(page, Mood::Good, "The document is removed."))
}

/// Deletes a file that no row names any more, after the commit: a crash between leaves a file nobody
/// asks for, never a row without its file.
pub(super) async fn forget(app: &App, file: &str) {
    if let Err(error) = app.files.remove(file).await {
        tracing::warn!(%error, "a document that was taken away could not be deleted");
    }
}

/// As an attachment under a name of ours: a browser never shows what an applicant sent.
async fn give(State(app): State<App>, _: Staff, Path(id): Path<ApplicationId>) -> Result<Response, Error> {
    let application = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let (Some(file), Some(kind)) = (&application.file, application.file_kind.as_deref().and_then(paper::kind)) else {
        return Err(Error::NotFound);
    };
    let bytes = app.files.get(file).await.map_err(Error::Storage)?;
    paper::attachment(bytes, kind, "commitment", application.title())
}
