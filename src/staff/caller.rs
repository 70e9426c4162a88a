//! Who knocks, as far as a request tells: address, browser in words, the session it carries.
use crate::{
    app::App,
    kernel::digest,
    web::{ClientIp, SESSION_COOKIE},
};
use axum::{extract::FromRequestParts, http::header, http::request::Parts};
use axum_extra::extract::CookieJar;
use std::{convert::Infallible, net::IpAddr};

/// The sender of a request.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) address: IpAddr,
    /// `Firefox on Windows`.
    pub(super) device: String,
    /// The digest of the session its cookie names, valid or not.
    pub(super) session: Option<String>,
}

impl Caller {
    /// `Firefox on Windows, 203.0.113.9`: what the list of sessions shows.
    pub(super) fn words(&self) -> String {
        format!("{}, {}", self.device, self.address)
    }

    /// Whom a limit by address counts: one IPv4 address, or the IPv6 network a household or office
    /// is given (a /64 holds more addresses than can be counted).
    pub(super) fn counted_as(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let ClientIp(address) = ClientIp::from_request_parts(parts, app).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let session = CookieJar::from_headers(&parts.headers).get(SESSION_COOKIE).map(|cookie| digest(cookie.value()));
        Ok(Self { address, device: device(agent), session })
    }
}

/// A browser and its machine in words, from what the browser says of itself. Each name stands before
/// those whose word it also carries: Edge says Chrome, Chrome says Safari.
fn device(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let machine = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    match (browser, machine) {
        (Some(browser), Some(machine)) => format!("{browser} on {machine}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "A browser that does not say its name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_its_owner_would() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
            ("curl/8", "A browser that does not say its name"),
        ] {
            assert_eq!(device(agent), words);
        }
    }

    #[test]
    fn a_household_is_counted_as_one() {
        let counted =
            |address: &str| Caller { address: address.parse().unwrap(), device: String::new(), session: None }.counted_as();
        assert_eq!(counted("2001:db8:1:2:aaaa::1"), counted("2001:db8:1:2:bbbb::2"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:203.0.113.9"), "203.0.113.9");
    }
}
