//! Files of rows for people and their spreadsheets: CSV of any length, sent while it is read.
use super::Error;
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::borrow::Cow;

/// A CSV file, UTF-8 with a byte order mark so that spreadsheets read it rightly. What a spreadsheet
/// would run as a formula is written as text (OWASP, "CSV Injection").
pub struct Download {
    name: String,
    writer: csv::Writer<Vec<u8>>,
}

impl Download {
    pub fn new(name: impl Into<String>, header: &[&str]) -> Result<Self, Error> {
        let mut download = Self { name: name.into(), writer: csv::Writer::from_writer("\u{feff}".into()) };
        download.row(header)?;
        Ok(download)
    }

    pub fn row<T: AsRef<str>>(&mut self, fields: &[T]) -> Result<(), Error> {
        self.writer.write_record(fields.iter().map(|f| harmless(f.as_ref()).into_owned())).map_err(Error::internal)
    }

    pub fn finish(self) -> Result<Response, Error> {
        let name = self.name.clone();
        named(&name, Body::from(self.bytes()?))
    }

    fn bytes(self) -> Result<Vec<u8>, Error> {
        self.writer.into_inner().map_err(|e| Error::internal(e.to_string()))
    }
}

fn named(name: &str, body: Body) -> Result<Response, Error> {
    let mut response = body.into_response();
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// A CSV file of any length, sent while it is read: `next` answers the rows that follow a key, and the
/// key that follows them. A failure breaks the download off, so that half a file is not taken for a
/// whole one.
pub fn download<K, F, Fut>(name: &str, header: &[&str], first: K, next: F) -> Result<Response, Error>
where
    K: Send + 'static,
    F: FnMut(K) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(Vec<Vec<String>>, Option<K>), Error>> + Send,
{
    let head = Download::new(name, header)?;
    let chunks = stream::try_unfold((Some(head), Some(first), next), |(head, key, mut next)| async move {
        if let Some(head) = head {
            return Ok::<_, Error>(Some((head.bytes()?, (None, key, next))));
        }
        let Some(key) = key else { return Ok(None) };
        let (rows, key) = next(key).await?;
        let mut some = Download { name: String::new(), writer: csv::Writer::from_writer(Vec::new()) };
        for row in &rows {
            some.row(row)?;
        }
        Ok(Some((some.bytes()?, (None, key, next))))
    });
    named(name, Body::from_stream(chunks))
}

/// The rows of one stretch of a [`download_stretches`], each field as it is written.
pub struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    /// Adds a field to the row.
    pub fn field(&mut self, field: &str) -> Result<(), Error> {
        self.0.write_field(harmless(field).as_ref()).map_err(Error::internal)
    }

    /// Ends the row.
    pub fn end(&mut self) -> Result<(), Error> {
        self.0.write_record(None::<&[u8]>).map_err(Error::internal)
    }
}

/// How many stretches are read at the same moment.
const AT_ONCE: usize = 2;

/// The same file for rows by the million: where each stretch ends is looked up first, two stretches are read at the
/// same moment, and all are sent in their order. `ends` answers the key of the last row of the stretch that follows a
/// key, or nothing for the last stretch; `rows` writes the rows behind one key up to another.
pub fn download_stretches<K, E, EF, F, RF>(name: &str, header: &[&str], first: K, ends: E, rows: F) -> Result<Response, Error>
where
    K: Clone + Send + 'static,
    E: FnMut(K) -> EF + Send + 'static,
    EF: Future<Output = Result<Option<K>, Error>> + Send,
    F: FnMut(K, Option<K>, Rows) -> RF + Send + 'static,
    RF: Future<Output = Result<Rows, Error>> + Send + 'static,
{
    let head = Download::new(name, header)?.bytes()?;
    let stretches = stream::try_unfold((Some(first), ends), |(from, mut ends)| async move {
        let Some(from) = from else { return Ok::<_, Error>(None) };
        let to = ends(from.clone()).await?;
        Ok(Some(((from, to.clone()), (to, ends))))
    });
    let mut rows = rows;
    let read = stretches
        .map_ok(move |(from, to)| {
            let read = rows(from, to, Rows(csv::WriterBuilder::new().flexible(true).from_writer(Vec::with_capacity(256 * 1024))));
            async move { read.await?.0.into_inner().map_err(|error| Error::internal(error.to_string())) }
        })
        .try_buffered(AT_ONCE);
    named(name, Body::from_stream(stream::once(async { Ok(head) }).chain(read)))
}

/// What a spreadsheet would run as a formula, as text.
fn harmless(field: &str) -> Cow<'_, str> {
    match field.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') if field.parse::<f64>().is_err() => Cow::Owned(format!("'{field}")),
        _ => Cow::Borrowed(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing() {
        assert_eq!(harmless("=cmd()"), "'=cmd()");
        assert_eq!(harmless("-12.50"), "-12.50");
        assert_eq!(harmless("@home"), "'@home");
        assert_eq!(harmless("Ada"), "Ada");
    }
}
