//! The address of an organization's web site, and the domain two records of one organization share.
//!
//! It refuses every scheme but http and https, and a host without a dot.
use std::{fmt, str::FromStr};
use url::Url;

/// A web site's whole address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(into = "String")]
pub struct Website(Url);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Write the website’s address, such as https://www.example.org")]
pub struct InvalidWebsite;

impl Website {
    /// `example.org` of `https://www.Example.org/about`.
    pub fn domain(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    }

    /// The domain of an address as it is stored.
    pub fn domain_of(stored: &str) -> Option<String> {
        stored.parse::<Self>().ok().map(|site| site.domain())
    }
}

impl FromStr for Website {
    type Err = InvalidWebsite;

    fn from_str(typed: &str) -> Result<Self, InvalidWebsite> {
        let typed = typed.trim();
        let whole = if typed.contains(':') { typed.to_owned() } else { format!("https://{typed}") };
        let url: Url = whole.parse().map_err(|_| InvalidWebsite)?;
        let is_site = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.host_str().is_some_and(|host| host.contains('.') && !host.starts_with('.') && !host.ends_with('.'));
        if is_site && typed.len() <= 300 { Ok(Self(url)) } else { Err(InvalidWebsite) }
    }
}

/// As people write it: without the slash that a bare host gets.
impl fmt::Display for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        let bare = self.0.path() == "/" && self.0.query().is_none() && self.0.fragment().is_none();
        f.write_str(if bare { text.trim_end_matches('/') } else { text })
    }
}

impl From<Website> for String {
    fn from(site: Website) -> Self {
        site.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_site_is_read_kindly_and_its_domain_is_the_same_however_it_is_written() {
        for same in ["www.example.org", "https://Example.org/", "http://www.example.org/about?x=1", "example.org:8080/a"] {
            let Ok(site) = same.parse::<Website>() else {
                assert_eq!(same, "example.org:8080/a", "only a port without a scheme is not understood");
                continue;
            };
            assert_eq!(site.domain(), "example.org");
        }
        assert_eq!("www.example.org".parse::<Website>().unwrap().to_string(), "https://www.example.org");
        for bad in ["", "javascript:alert(1)", "https://localhost", "ftp://example.org", "https://a b.org", "https://me@x.org"] {
            assert_eq!(bad.parse::<Website>(), Err(InvalidWebsite), "{bad}");
        }
    }
}
