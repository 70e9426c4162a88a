//! Public pages, rendered once per change of their data and kept with their compressed bytes.
use super::{
    assets,
    visit::{self, VisitCookie},
};
use crate::kernel::{Clock, hex};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, RwLock},
};

/// A page larger than this is not kept.
const MOST_BYTES: usize = 1_000_000;
/// All kept pages together, in each of their encodings; addresses that strangers think up fill no more.
const MOST_IN_ALL: usize = 24_000_000;

/// The pages kept so far. A page is good while the data's version is the one it was made from and it
/// is not older than `seconds` (other processes may have changed the data; a form's proof grows old).
#[derive(Clone)]
pub struct KeptPages {
    pages: Arc<RwLock<Shelf>>,
    version: Arc<dyn Fn() -> u64 + Send + Sync>,
    clock: Clock,
    seconds: i64,
    /// Whoever holds the lock of an address makes its page; a few locks serve all addresses.
    turns: Arc<[tokio::sync::Mutex<()>; 64]>,
    visit: Option<VisitCookie>,
}

#[derive(Default)]
struct Shelf {
    pages: HashMap<String, Arc<Kept>>,
    /// What they hold together.
    bytes: usize,
}

impl Shelf {
    fn put(&mut self, key: String, kept: &Arc<Kept>) {
        self.bytes += kept.bytes();
        if let Some(old) = self.pages.insert(key, kept.clone()) {
            self.bytes -= old.bytes();
        }
        if self.bytes > MOST_IN_ALL {
            self.pages.retain(|_, page| page.version == kept.version);
            self.bytes = self.pages.values().map(|page| page.bytes()).sum();
        }
        if self.bytes > MOST_IN_ALL {
            self.pages.clear();
            self.bytes = 0;
        }
    }
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
        let turns = Arc::new(std::array::from_fn(|_| tokio::sync::Mutex::default()));
        Self { pages: Arc::default(), version: Arc::new(version), clock, seconds, turns, visit: None }
    }

    /// The same pages, for those whose visitors are told apart: the cookie goes out beside the kept bytes.
    #[must_use]
    pub fn with_visit(self, cookie: VisitCookie) -> Self {
        Self { visit: Some(cookie), ..self }
    }

    fn turn(&self, key: &str) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % 64).expect("below 64");
        &self.turns[at]
    }

    fn find(&self, key: &str) -> Option<Arc<Kept>> {
        let kept = self.pages.read().expect("no writer panics").pages.get(key)?.clone();
        let age = self.clock.now().unix() - kept.made;
        (kept.version == (self.version)() && (0..=self.seconds).contains(&age)).then_some(kept)
    }
}

/// Answers from the kept pages, or keeps what the handler answers. For routes whose answer depends on
/// nothing but path, query and data: never for a page that knows who looks.
pub async fn keep(State(pages): State<KeptPages>, request: Request, next: Next) -> Response {
    let cookie = pages.visit.as_ref().and_then(|visit| visit.for_visitor(request.method(), request.headers(), pages.clock.now()));
    let mut response = answer(&pages, request, next).await;
    if let Some(cookie) = cookie {
        visit::set(response.headers_mut(), cookie);
    }
    response
}

async fn answer(pages: &KeptPages, request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let asked = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    if let Some(kept) = pages.find(asked) {
        return kept.answer(request.headers());
    }
    let (key, headers) = (asked.to_owned(), request.headers().clone());
    // Many may ask for a page that is not kept: one makes it, and the others find it.
    let turn = pages.turn(&key);
    let _mine = turn.lock().await;
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
    pages.pages.write().expect("no writer panics").put(key, &kept);
    kept.answer(&headers)
}

impl Kept {
    fn bytes(&self) -> usize {
        self.plain.len() + self.gzip.len() + self.brotli.len()
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let etag = self.etag.to_str().unwrap_or_default();
        let mut response = Response::default();
        let out = response.headers_mut();
        // What stands here, and what every answer carries.
        out.reserve(20);
        out.insert(header::ETAG, self.etag.clone());
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if known.is_some_and(|known| known.split(',').any(|k| k.trim().trim_start_matches("W/") == etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        let (encoding, bytes) = match assets::accepted(headers) {
            Some("br") => (Some("br"), &self.brotli),
            Some(_) => (Some("gzip"), &self.gzip),
            None => (None, &self.plain),
        };
        if let Some(encoding) = encoding {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        out.insert(header::CONTENT_TYPE, self.kind.clone());
        *response.body_mut() = Body::from(bytes.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(version: u64, bytes: usize) -> Arc<Kept> {
        let (etag, kind) = (HeaderValue::from_static("\"e\""), HeaderValue::from_static("text/html"));
        Arc::new(Kept { version, made: 0, etag, kind, plain: vec![0; bytes].into(), gzip: Bytes::new(), brotli: Bytes::new() })
    }

    #[test]
    fn pages_for_invented_addresses_do_not_fill_the_memory() {
        let mut shelf = Shelf::default();
        shelf.put("/".to_owned(), &page(1, 1_000));
        for n in 0..100 {
            shelf.put(format!("/?q={n}"), &page(2, MOST_BYTES));
            assert!(shelf.bytes <= MOST_IN_ALL);
            assert_eq!(shelf.bytes, shelf.pages.values().map(|page| page.bytes()).sum::<usize>());
        }
        assert!(!shelf.pages.contains_key("/"), "what is old goes first");
        shelf.put("/a".to_owned(), &page(2, 10));
        let before = shelf.bytes;
        shelf.put("/a".to_owned(), &page(2, 30));
        assert_eq!(shelf.bytes, before + 20);
    }
}
