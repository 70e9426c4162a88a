//! Public pages, rendered once per change of their data and kept with their compressed bytes.
use super::assets;
use crate::kernel::{Clock, hex};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

const MOST_PAGES: usize = 2_000;
const MOST_BYTES: usize = 1_000_000;

/// The pages kept so far. A page is good while the data's version is the one it was made from and it
/// is not older than `seconds` (other processes may have changed the data; a form's proof grows old).
#[derive(Clone)]
pub struct KeptPages {
    pages: Arc<RwLock<HashMap<String, Arc<Kept>>>>,
    version: Arc<dyn Fn() -> u64 + Send + Sync>,
    clock: Clock,
    seconds: i64,
}

struct Kept {
    version: u64,
    made: i64,
    etag: HeaderValue,
    kind: HeaderValue,
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

impl KeptPages {
    pub fn new(version: impl Fn() -> u64 + Send + Sync + 'static, clock: Clock, seconds: i64) -> Self {
        Self { pages: Arc::default(), version: Arc::new(version), clock, seconds }
    }

    fn find(&self, key: &str) -> Option<Arc<Kept>> {
        let kept = self.pages.read().expect("no writer panics").get(key)?.clone();
        let age = self.clock.now().unix() - kept.made;
        (kept.version == (self.version)() && (0..=self.seconds).contains(&age)).then_some(kept)
    }

    fn put(&self, key: String, kept: Arc<Kept>) {
        let mut pages = self.pages.write().expect("no writer panics");
        if pages.len() >= MOST_PAGES {
            pages.retain(|_, old| old.version == kept.version);
            if pages.len() >= MOST_PAGES {
                pages.clear();
            }
        }
        pages.insert(key, kept);
    }
}

/// Answers from the kept pages, or keeps what the handler answers. For routes whose answer depends on
/// nothing but path, query and data: never for a page that knows who looks.
pub async fn keep(State(pages): State<KeptPages>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let key = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let headers = request.headers().clone();
    if let Some(kept) = pages.find(&key) {
        return kept.answer(&headers);
    }
    // The version is read before the page is made: a commit in between makes the page old, not wrong.
    let version = (pages.version)();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, 64 * MOST_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if plain.len() > MOST_BYTES {
        return Response::from_parts(parts, Body::from(plain));
    }
    let etag = format!("\"{}\"", hex(&Sha256::digest(&plain)[..12]));
    let kept = Arc::new(Kept {
        version,
        made: pages.clock.now().unix(),
        etag: HeaderValue::from_str(&etag).expect("hexadecimal is a header value"),
        kind: parts.headers.get(header::CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static("text/html; charset=utf-8")),
        gzip: assets::gzip(&plain).into(),
        brotli: assets::brotli(&plain).into(),
        plain,
    });
    pages.put(key, kept.clone());
    kept.answer(&headers)
}

impl Kept {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let etag = self.etag.to_str().unwrap_or_default();
        let mut response = if known.is_some_and(|known| known.split(',').any(|k| k.trim().trim_start_matches("W/") == etag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let (encoding, bytes) = match assets::accepted(headers) {
                Some("br") => (Some("br"), &self.brotli),
                Some(_) => (Some("gzip"), &self.gzip),
                None => (None, &self.plain),
            };
            let mut response = Response::new(Body::from(bytes.clone()));
            if let Some(encoding) = encoding {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response.headers_mut().insert(header::CONTENT_TYPE, self.kind.clone());
            response
        };
        let out = response.headers_mut();
        out.insert(header::ETAG, self.etag.clone());
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}
