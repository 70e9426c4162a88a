//! The files of `static/`, inside the program: hashed names, kept by browsers for ever, sent compressed.
use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, io::Write, sync::LazyLock};

struct Asset {
    hashed: String,
    kind: &'static str,
    plain: &'static [u8],
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

macro_rules! files {
    ($($name:literal => $kind:literal),+ $(,)?) => {
        &[$(($name, $kind, include_bytes!(concat!("../../static/", $name)))),+]
    };
}

const FILES: &[(&str, &str, &[u8])] = files! {
    "site.css" => "text/css; charset=utf-8",
    "mark.svg" => "image/svg+xml",
    "donate.js" => "text/javascript; charset=utf-8",
    "staff.js" => "text/javascript; charset=utf-8",
    "give-button.js" => "text/javascript; charset=utf-8",
};

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let asset = |(name, kind, plain): &(&'static str, &'static str, &'static [u8])| {
        let hash = crate::kernel::hex(&Sha256::digest(plain)[..6]);
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        (*name, Asset { hashed: format!("{stem}.{hash}.{ending}"), kind, plain, brotli: brotli(plain), gzip: gzip(plain) })
    };
    FILES.iter().map(asset).collect()
});

/// The address of a file of `static/`, which changes when its content does.
pub fn href(name: &str) -> String {
    ASSETS.get(name).map_or_else(|| format!("/static/{name}"), |asset| format!("/static/{}", asset.hashed))
}

/// Where other sites load the donation button from: an address that stays.
pub const GIVE_BUTTON: &str = "/static/embed/give-button.js";

/// The one file that other sites may load. They keep it for an hour, so that a mended one reaches them.
fn embedded(headers: &HeaderMap) -> Response {
    let mut response = serve(&ASSETS["give-button.js"].hashed, headers);
    let own = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in own {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{name}", get(async |Path(name): Path<String>, headers: HeaderMap| serve(&name, &headers)))
        .route(GIVE_BUTTON, get(async |headers: HeaderMap| embedded(&headers)))
        .route("/favicon.ico", get(async |headers: HeaderMap| serve(&ASSETS["mark.svg"].hashed, &headers)))
}

fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.values().find(|asset| asset.hashed == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, body) = match accepted(headers) {
        Some("br") => (Some("br"), asset.brotli.clone()),
        Some("gzip") => (Some("gzip"), asset.gzip.clone()),
        _ => (None, asset.plain.to_vec()),
    };
    let mut response =
        ([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], body)
            .into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The better of the two encodings we keep that a browser takes.
pub(super) fn accepted(headers: &HeaderMap) -> Option<&'static str> {
    let offered = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| {
        offered.split(',').map(str::trim).any(|offer| {
            let (coding, weight) = offer.split_once(';').unwrap_or((offer, ""));
            coding.trim().eq_ignore_ascii_case(name) && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    ["br", "gzip"].into_iter().find(|name| takes(name))
}

pub(super) fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // From 7 on the tables of the encoder take tens of megabytes, and pages get hardly smaller.
    let params = brotli::enc::BrotliEncoderParams { quality: 6, lgwin: 20, size_hint: plain.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*plain, &mut packed, &params).expect("memory takes what is written");
    packed
}

pub(super) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(7));
    packer.write_all(plain).and_then(|()| packer.finish()).expect("memory takes what is written")
}
