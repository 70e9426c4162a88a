//! What every answer carries: the security headers, a request id, one line in the log.
use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tracing::Instrument;
use uuid::Uuid;

/// The fixed headers of this installation.
#[derive(Clone)]
pub struct Policy(Arc<Vec<(HeaderName, HeaderValue)>>);

impl Policy {
    /// `https` adds HSTS; `checkout` is the origin a gift's form may lead to besides ours.
    pub fn new(https: bool, checkout: &str) -> Self {
        let csp = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; \
             manifest-src 'self'; form-action 'self' {checkout}; base-uri 'none'; frame-ancestors 'none'"
        );
        let fixed = [
            ("content-security-policy", csp.as_str()),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        let mut headers: Vec<_> = fixed
            .into_iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_str(value).expect("our own text is a header value"))
            })
            .collect();
        if https {
            headers.push((header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")));
        }
        Self(Arc::new(headers))
    }
}

pub async fn security_headers(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in policy.0.iter() {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// One line per request, and an id that ties every line of it together and is sent back. The query
/// is not logged: it may hold a name or a link.
pub async fn request_log(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let span = tracing::info_span!("request", id, method = %request.method(), path = loggable(request.uri().path()));
    let started = std::time::Instant::now();
    async move {
        let mut response = next.run(request).await;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), micros, "answered");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
    .instrument(span)
    .await
}

/// A path whose last part is a signed link is logged without it.
fn loggable(path: &str) -> String {
    let long = |part: &str| if part.len() > 44 { "…".to_owned() } else { part.to_owned() };
    path.split('/').map(long).collect::<Vec<_>>().join("/")
}

/// The header a proxy in front of us writes the visitor's address into, when there is one.
#[derive(Clone, Debug, Default)]
pub struct ClientIpHeader(pub Option<HeaderName>);

/// Where a request came from, for limits. `0.0.0.0` when it can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S> FromRequestParts<S> for ClientIp
where
    S: Send + Sync,
    ClientIpHeader: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let told = ClientIpHeader::from_ref(state).0.and_then(|name| {
            // The last address is the one our own proxy saw; those before it are the sender's word.
            parts.headers.get(name)?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
        });
        let seen = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(told.or(seen).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}
