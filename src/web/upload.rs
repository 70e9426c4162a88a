//! Forms with a file: read as a stream, proven ours before the file is read, refused when too large.
use super::{Error, csrf, form};
use crate::kernel::{Clock, Keys};
use axum::{
    extract::{FromRef, FromRequest, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
};
use std::collections::BTreeMap;

/// A form with text fields and at most one file. Use it with `DefaultBodyLimit` on its route.
#[derive(Debug)]
pub struct Upload {
    pub fields: BTreeMap<String, String>,
    /// `None` when no file was chosen.
    pub file: Option<UploadedFile>,
}

#[derive(Debug)]
pub struct UploadedFile {
    /// The sender's name for it; said back to people, never used as a path.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Upload {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl<S> FromRequest<S> for Upload
where
    S: Send + Sync,
    Keys: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        form::refuse_other_types(request.headers(), "multipart/form-data")?;
        let proof = form::proof(request.headers(), state)?;
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Error::bad_form("It did not arrive whole"))?;
        let mut upload = Self { fields: BTreeMap::new(), file: None };
        let mut proven = false;
        while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == csrf::FIELD {
                proven = proof.accepts(&part.text().await.map_err(unreadable)?);
                continue;
            }
            if !proven {
                return Err(Error::Csrf);
            }
            if let Some(file) = part.file_name().map(ToOwned::to_owned) {
                let mut bytes = Vec::new();
                while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
                    bytes.extend_from_slice(&chunk);
                }
                if !file.is_empty() || !bytes.is_empty() {
                    upload.file = Some(UploadedFile { name: file, bytes });
                }
            } else {
                let bytes = part.bytes().await.map_err(unreadable)?;
                let text = String::from_utf8(bytes.to_vec()).map_err(|_| Error::bad_form("Its letters are not in UTF-8"))?;
                upload.fields.insert(name, text);
            }
        }
        if proven { Ok(upload) } else { Err(Error::Csrf) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn unreadable(error: MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::bad_form("It did not arrive whole"),
    }
}
