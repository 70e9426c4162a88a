//! What the delegate's link shows: the contacts to confirm, the commitment in the words that are in force, and
//! a place for a new letter. Opening it changes nothing; the button answers, once.
use super::{How, Reaffirmation, ReaffirmationId, answer, letters, link, link::Case};
use crate::{
    app::App,
    audit::Actor,
    files::{Kind, fingerprint},
    kernel::text,
    mail::{self, Class},
    members::{
        self, Commitment,
        documents::{self, Document, DocumentId, PaperKind, paper},
        record,
    },
    web::{Csrf, Draft, Error, Field, Page, Upload, UploadedFile, error_summary, field, redirect},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/reaffirm/{token}", get(show).post(take).layer(DefaultBodyLimit::max(paper::MOST_WITH_FORM)))
}

async fn in_force(tx: &mut crate::db::Tx, app: &App) -> Result<Commitment, Error> {
    let today = app.coalition.get().zone().day(app.clock.now());
    let none =
        || Error::Unavailable("No commitment text is in force at the moment. The secretariat writes to you again.".to_owned());
    members::commitment(tx, today).await?.ok_or_else(none)
}

async fn show(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let case = link::open(&mut tx, &app, &token).await?;
    if let Some(on) = case.answered {
        let today = app.coalition.get().zone().day(app.clock.now());
        let next = answer::due(&mut tx, case.o.id, today).await?;
        let content = html! {
            p.lead { (case.o.name) " reaffirmed its commitment on " (on.words()) ". Thank you." }
            @if let Some((_, next)) = next { p { "The next time is " (next.words()) ". We write before." } }
            p { "Nothing more is to be done here. This link was used already." }
            p { a href=(case.o.path()) { "The page of " (case.o.name) } }
        };
        return Ok(Page::bare("The commitment is reaffirmed", content));
    }
    let commitment = in_force(&mut tx, &app).await?;
    Ok(page(&token, &csrf, &Draft::default(), &case, &commitment))
}

fn people(case: &Case) -> Markup {
    html! {
        table {
            caption { "Who speaks for " (case.o.name) " today" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "E-mail" } th scope="col" { "Phone" } } }
            tbody { @for person in &case.people { tr {
                th scope="row" { (person.name) @if !person.title.is_empty() { ", " (person.title) } }
                td data-label="Role" { (person.role.label()) }
                td data-label="E-mail" { (person.email) }
                td data-label="Phone" { (person.phone.as_deref().unwrap_or("—")) }
            } } }
        }
    }
}

fn page(token: &str, csrf: &Csrf, draft: &Draft, case: &Case, commitment: &Commitment) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "For " strong { (case.o.name) } ", by " (case.delegate.name) ", its delegate. Due on " (case.term.words()) "." }
        form method="post" enctype="multipart/form-data" action={ "/reaffirm/" (token) } novalidate {
            (csrf.field())
            input type="hidden" name="version" value=(commitment.version);
            h2 { "Contacts" }
            (people(case))
            (field("contacts", "Are these right?").radios(draft, &[
                ("right", "Yes, all of them", None),
                ("changed", "No, something has changed", Some("Write below what; the secretariat changes it.")),
            ]))
            (Field { optional: true, ..field("changes", "What has changed") }.textarea(draft, 3))
            h2 { "Commitment" }
            p.hint { "Version " (commitment.version) ", in force since " (commitment.in_force.words()) "." }
            @for paragraph in commitment.body.split("\n\n") { p { (paragraph) } }
            (field("accept", "Your answer").checkboxes(draft, &[("yes", "We stand by this commitment", None)]))
            h2 { "A new letter" }
            (paper::field(draft, "Letter or resolution", "Optional: if a governing body or a senior official wrote a new one. ", false))
            p.actions { button type="submit" { "Reaffirm the commitment" } }
        }
    };
    Page::bare("Reaffirm the commitment", content)
}

/// What was answered, judged.
struct Answer {
    changes: String,
    file: Option<UploadedFile>,
}

fn read(draft: &mut Draft, upload: Upload, commitment: &Commitment) -> Option<Answer> {
    let contacts = upload.field("contacts").to_owned();
    draft.keep("contacts", &contacts);
    let changes = draft.optional_text("changes", upload.field("changes"), 2_000);
    match contacts.as_str() {
        "changed" if changes.as_deref() == Some("") => draft.reject("changes", "Write what has changed"),
        "right" | "changed" => {}
        _ => draft.reject("contacts", "Say whether the contacts are right"),
    }
    let same_text = upload.field("version") == commitment.version.to_string();
    if same_text {
        draft.keep("accept", upload.field("accept"));
    }
    if !same_text {
        draft.reject("accept", "The text has changed since you opened this page. Read it again and accept it anew");
    } else if upload.field("accept") != "yes" {
        draft.reject("accept", "Tick this to reaffirm. If you can’t stand by it, write to the secretariat");
    }
    if let Some(reason) = upload.file.as_ref().and_then(paper::wrong) {
        draft.reject("document", reason);
    }
    let changes = changes.filter(|_| contacts == "changed").unwrap_or_default();
    draft.is_right().then_some(Answer { changes, file: upload.file })
}

async fn take(State(app): State<App>, csrf: Csrf, Path(token): Path<String>, upload: Upload) -> Result<Response, Error> {
    let here = format!("/reaffirm/{token}");
    let mut tx = app.db.read().await?;
    let case = link::open(&mut tx, &app, &token).await?;
    if case.answered.is_some() {
        return Ok(redirect(here));
    }
    let commitment = in_force(&mut tx, &app).await?;
    drop(tx);
    let mut draft = Draft::default();
    let Some(given) = read(&mut draft, upload, &commitment) else {
        return Err(Draft::refuse(page(&token, &csrf, &draft, &case, &commitment)));
    };
    let document = match given.file {
        Some(file) => Some(kept(&app, &case, &file).await?),
        None => None,
    };
    let mut tx = app.db.write().await?;
    let case = link::open(&mut tx, &app, &token).await?;
    if case.answered.is_none() {
        write(&mut tx, &app, &case, &commitment, given.changes, document).await?;
        tx.commit().await?;
        app.bell.notify_one();
    }
    Ok(redirect(here))
}

/// The letter in the folder of files, before anything is written.
async fn kept(app: &App, case: &Case, file: &UploadedFile) -> Result<Document, Error> {
    let now = app.clock.now();
    let kind = Kind::of(&file.bytes).ok_or_else(|| Error::bad_form("Its file is none we take"))?;
    Ok(Document {
        id: DocumentId::new(),
        organization_id: case.o.id,
        kind: PaperKind::Reaffirmation,
        title: "Letter of reaffirmation".to_owned(),
        dated: app.coalition.get().zone().day(now),
        file_name: paper::sent_name(&file.name).unwrap_or_else(|| "document".to_owned()),
        file_kind: paper::stored(kind).to_owned(),
        file_size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        file_digest: fingerprint(&file.bytes),
        file: app.files.put(&file.bytes).await.map_err(Error::Storage)?,
        added_at: now,
        added_by: case.delegate.name.clone(),
    })
}

async fn write(
    tx: &mut crate::db::Tx,
    app: &App,
    case: &Case,
    commitment: &Commitment,
    changes: String,
    document: Option<Document>,
) -> Result<(), Error> {
    let (now, coalition, delegate) = (app.clock.now(), app.coalition.get(), &case.delegate);
    let today = coalition.zone().day(now);
    if let Some(document) = &document {
        documents::queries::insert(tx, document, None).await?;
    }
    let given = Reaffirmation {
        id: ReaffirmationId::new(),
        organization_id: case.o.id,
        term: case.term,
        on_day: today,
        commitment_version: Some(commitment.version),
        how: How::Link,
        who: delegate.name.clone(),
        note: text::lines(&changes),
        document_id: document.map(|d| d.id),
        noted_at: now,
        noted_by: delegate.name.clone(),
    };
    let actor = Actor { kind: "delegate", id: delegate.id.to_string(), name: delegate.name.clone() };
    if !answer::note(tx, &given, &actor).await? {
        return Err(Error::Conflict(format!("{} reaffirmed for this term a moment ago. Nothing was changed.", case.o.name)));
    }
    if !given.note.is_empty() {
        let words = format!("Contacts have changed, says the delegate while reaffirming: {}", given.note);
        record::queries::insert_note(tx, case.o.id, &delegate.name, &words, now).await?;
    }
    let next = answer::due(tx, case.o.id, today).await?.map(|(_, due)| due);
    let letter = letters::confirmed(&coalition, &case.o, &delegate.name, today, commitment.version, next);
    mail::send(tx, &delegate.email, Class::MembershipService, ("organization", &case.o.id.to_string()), &letter, now).await?;
    Ok(())
}
