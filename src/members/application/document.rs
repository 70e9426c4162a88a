//! The commitment document: taken from the applicant, given to staff and to nobody else.
use super::{
    Application, ApplicationId, queries, start,
    steps::{self, Back},
};
use crate::{
    app::App,
    files::{Kind, fingerprint},
    members::documents::paper,
    staff::Staff,
    web::{Csrf, Draft, Error, Page, Upload, redirect},
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
        .route("/staff/applications/{id}/document", get(give))
}

fn form(token: &str, back: &Back, csrf: &Csrf, draft: &Draft, application: &Application) -> Markup {
    let kind = application.document_kind.map_or_else(|| "letter or resolution".to_owned(), |k| k.label().to_lowercase());
    let here = application.file.is_some();
    html! {
        form method="post" enctype="multipart/form-data" action={ "/join/" (token) "/document" @if back.to_check() { "?back=check" } } {
            (csrf.field())
            @if let (true, Some(name), Some(size)) = (here, &application.file_name, application.file_size) {
                p { "We have " strong { (name) } " (" (paper::size_in_words(size)) "). Choose another file only to replace it." }
            }
            (paper::field(draft, "The signed document", &format!("As you said: {kind}. "), !here))
            p.actions { button type="submit" { @if here { "Go on" } @else { "Send the file" } } }
        }
    }
}

async fn ask(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Query(back): Query<Back>,
) -> Result<Result<Page, Response>, Error> {
    let application = start::open(&mut app.db.read().await?, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(Err(away));
    }
    let draft = Draft::default();
    Ok(Ok(steps::question(&token, "document", &draft, &form(&token, &back, &csrf, &draft, &application))))
}

async fn take(
    State(app): State<App>,
    csrf: Csrf,
    Path(token): Path<String>,
    Query(back): Query<Back>,
    upload: Upload,
) -> Result<Response, Error> {
    let application = start::open(&mut app.db.read().await?, &app, &token).await?;
    if let Some(away) = steps::closed(&application, &token) {
        return Ok(away);
    }
    let next = steps::after(&token, "document", back.to_check());
    let mut draft = Draft::default();
    let wrong = match &upload.file {
        None if application.file.is_some() => return Ok(redirect(next)),
        None => Some("Choose the file of the signed document"),
        Some(file) => paper::wrong(file),
    };
    if let Some(reason) = wrong {
        draft.reject("document", reason);
        return Err(Draft::refuse(steps::question(
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
    application.file = Some(name);
    application.file_kind = Kind::of(&file.bytes).map(|kind| paper::stored(kind).to_owned());
    application.file_digest = Some(fingerprint(&file.bytes));
    application.file_size = i64::try_from(file.bytes.len()).ok();
    application.file_name = paper::sent_name(&file);
    if !queries::save(&mut tx, &application, app.clock.now()).await? {
        return Ok(redirect(format!("/join/{token}")));
    }
    tx.commit().await?;
    Ok(redirect(next))
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
