//! A file that somebody sends us as a paper: what is taken, what is refused and why, how it is given back.
//!
//! Its kind is told by its content. It is given as an attachment under a name of ours: a browser never
//! shows what a stranger sent.
use crate::{
    files::Kind,
    kernel::text,
    web::{Draft, Error, UploadedFile},
};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

/// The most a paper may have, in bytes.
const MOST: usize = 10 * 1024 * 1024;
/// The most a form with a paper may have.
pub(in crate::members) const MOST_WITH_FORM: usize = MOST + 64 * 1024;

/// Why this is no paper, as the sentence under the field.
pub(in crate::members) fn wrong(file: &UploadedFile) -> Option<&'static str> {
    if file.bytes.is_empty() {
        return Some("This file is empty. Choose the one that holds the document");
    }
    if file.bytes.len() > MOST {
        return Some("This file has more than 10 MB. Save it smaller and choose it again");
    }
    if Kind::of(&file.bytes).is_none() {
        return Some("This is not a PDF, PNG, JPEG or Word (DOCX) file, whatever its name says. Choose one of these");
    }
    None
}

/// The field that takes the file; `before` stands before the sentence on what is taken.
pub(in crate::members) fn field(draft: &Draft, label: &str, before: &str, required: bool) -> Markup {
    let wrong = draft.error("document");
    html! {
        div.field data-state=[wrong.map(|_| "wrong")] {
            label for="document" { (label) }
            p.hint #document-hint { (before) "A PDF, PNG, JPEG or Word (DOCX) file of at most 10 MB." }
            @if let Some(reason) = wrong { p.error #document-error { span.visually-hidden { "Error: " } (reason) } }
            input #document type="file" name="document" accept=".pdf,.png,.jpg,.jpeg,.docx" aria-describedby="document-hint" required[required];
        }
    }
}

/// The sender's name for it, as far as it is kept.
pub(in crate::members) fn sent_name(called: &str) -> Option<String> {
    Some(text::shorten(&text::line(called), 120)).filter(|name| !name.is_empty())
}

/// As a row says the kind.
pub(in crate::members) const fn stored(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "pdf",
        Kind::Png => "png",
        Kind::Jpeg => "jpeg",
        Kind::Docx => "docx",
    }
}

pub(in crate::members) fn kind(stored: &str) -> Option<Kind> {
    [Kind::Pdf, Kind::Png, Kind::Jpeg, Kind::Docx].into_iter().find(|k| self::stored(*k) == stored)
}

/// `1.2 MB`, `48 KB`.
pub(in crate::members) fn size_in_words(bytes: i64) -> String {
    match bytes {
        b if b >= 1_048_576 => format!("{}.{} MB", b / 1_048_576, b % 1_048_576 * 10 / 1_048_576),
        b => format!("{} KB", (b + 1_023) / 1_024),
    }
}

/// The file as a download called `{what}-{whose}.{ending}`.
pub(in crate::members) fn attachment(bytes: Vec<u8>, kind: Kind, what: &str, whose: &str) -> Result<Response, Error> {
    let whose: String = text::slug(whose).chars().filter(char::is_ascii).collect();
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.mime()));
    let disposition = format!("attachment; filename=\"{what}-{whose}.{}\"", kind.ending());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
