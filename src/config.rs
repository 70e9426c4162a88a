//! Everything the process reads from its environment, read once. A wrong value stops the start with
//! all mistakes in one message; secrets never show in `Debug`.
use crate::kernel::Email;
use axum::http::HeaderName;
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// A value that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Nowhere: staff read it in the app.
    Captured,
    Smtp(Secret),
    /// One file per message.
    Folder(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Pretty,
    Json,
}

#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:` or `postgres:` URL.
    pub database_url: Secret,
    /// Reading connections on SQLite, all connections on PostgreSQL.
    pub database_readers: u32,
    /// Where visitors find the site, without a slash at the end.
    pub base_url: String,
    pub listen: SocketAddr,
    /// Signs links, forms and sessions. At least 32 characters.
    pub secret_key: Secret,
    pub stripe_key: Secret,
    /// The endpoint's signing secrets: the current one and, during a rotation, the one before.
    pub stripe_webhook_secrets: Vec<Secret>,
    /// Ends in `/`.
    pub stripe_api_base: String,
    pub delivery: Delivery,
    pub mail_from: Email,
    /// How long the mail server may take over one message.
    pub smtp_patience: Duration,
    /// Uploaded files, outside the web root.
    pub files_dir: PathBuf,
    pub client_ip_header: Option<HeaderName>,
    pub log_format: LogFormat,
    /// `tracing` filter directives.
    pub log: String,
    /// Background jobs run at the same time.
    pub workers: usize,
}

/// Every mistake found in the environment.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} to mend:\n{}", crate::kernel::text::count(i64::try_from(.0.len()).unwrap_or(0), "mistake", "mistakes"), .0.iter().map(|m| format!("  - {m}")).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<String>);

/// The real Stripe.
pub const STRIPE: &str = "https://api.stripe.com/";
/// Marks a secret that the demonstration ships and everybody knows.
pub const DEMO_MARK: &str = "convener-demo";

impl Config {
    /// From variables as `get` tells them; for `serve` and every command that touches real data.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader { get, mistakes: Vec::new() };
        let config = reader.config();
        reader.refuse_unfit(&config);
        if reader.mistakes.is_empty() { Ok(config) } else { Err(Mistakes(reader.mistakes)) }
    }

    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Whether real cards are charged.
    pub fn is_live(&self) -> bool {
        !is_test_key(self.stripe_key.expose())
    }
}

fn is_test_key(key: &str) -> bool {
    key.starts_with("sk_test_") || key.starts_with("rk_test_")
}

struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    fn required(&mut self, name: &str, why: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.mistakes.push(format!("{name} is not set: {why}"));
            String::new()
        })
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: &str, what: &str) -> Option<T> {
        let typed = self.text(name).unwrap_or_else(|| default.to_owned());
        let value = typed.parse().ok();
        if value.is_none() {
            self.mistakes.push(format!("{name} is “{typed}”: write {what}"));
        }
        value
    }

    fn config(&mut self) -> Config {
        let stripe_key = self.required(
            "STRIPE_SECRET_KEY",
            "take it from the Stripe dashboard, Developers › API keys (sk_… or a restricted rk_…)",
        );
        let webhook_secrets = self.required(
            "STRIPE_WEBHOOK_SECRET",
            "take it from the webhook endpoint in the Stripe dashboard (whsec_…); several are separated by commas",
        );
        Config {
            database_url: Secret::new(self.text("DATABASE_URL").unwrap_or_else(|| "sqlite:./var/convener.db".to_owned())),
            database_readers: self.parsed("DATABASE_READERS", "3", "a number such as 3").unwrap_or(3),
            base_url: self
                .required("BASE_URL", "write the address visitors type, such as https://members.example.org")
                .trim_end_matches('/')
                .to_owned(),
            listen: self
                .parsed("LISTEN", "127.0.0.1:3000", "an address and port such as 127.0.0.1:3000")
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            secret_key: Secret::new(
                self.required("SECRET_KEY", "write 32 or more random characters, such as `openssl rand -base64 33` prints"),
            ),
            stripe_key: Secret::new(stripe_key),
            stripe_webhook_secrets: webhook_secrets
                .split([',', ' '])
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .map(Secret::new)
                .collect(),
            stripe_api_base: self
                .text("STRIPE_API_BASE")
                .map_or_else(|| STRIPE.to_owned(), |base| format!("{}/", base.trim_end_matches('/'))),
            delivery: self.delivery(),
            mail_from: self
                .parsed("MAIL_FROM", "convener@localhost.localdomain", "an e-mail address")
                .unwrap_or_else(|| "convener@localhost.localdomain".parse().expect("an address")),
            smtp_patience: Duration::from_secs(
                self.parsed("SMTP_TIMEOUT", "60", "a number of seconds such as 60").filter(|s| *s > 0).unwrap_or(60),
            ),
            files_dir: self.text("FILES_DIR").unwrap_or_else(|| "./var/files".to_owned()).into(),
            client_ip_header: self.text("CLIENT_IP_HEADER").and_then(|name| {
                let header = name.parse().ok();
                if header.is_none() {
                    self.mistakes.push(format!("CLIENT_IP_HEADER is “{name}”: write the header's name, such as x-forwarded-for"));
                }
                header
            }),
            log_format: match self.text("LOG_FORMAT").as_deref() {
                None | Some("pretty") => LogFormat::Pretty,
                Some("json") => LogFormat::Json,
                Some(other) => {
                    self.mistakes.push(format!("LOG_FORMAT is “{other}”: write pretty or json"));
                    LogFormat::Pretty
                }
            },
            log: self.text("LOG").unwrap_or_else(|| "info,sqlx=warn".to_owned()),
            workers: self.parsed("WORKERS", "2", "a number such as 2").unwrap_or(2),
        }
    }

    fn delivery(&mut self) -> Delivery {
        match (self.text("SMTP_URL"), self.text("MAIL_DIR")) {
            (None, None) => Delivery::Captured,
            (None, Some(dir)) => Delivery::Folder(dir.into()),
            (Some(url), None) => {
                if !(url.starts_with("smtp://") || url.starts_with("smtps://")) {
                    self.mistakes.push("SMTP_URL does not begin with smtp:// or smtps://".to_owned());
                }
                if self.text("MAIL_FROM").is_none() {
                    self.mistakes.push("MAIL_FROM is not set: with SMTP_URL, write the address that mail comes from".to_owned());
                }
                Delivery::Smtp(Secret::new(url))
            }
            (Some(_), Some(_)) => {
                self.mistakes.push("SMTP_URL and MAIL_DIR are both set: mail goes to one place".to_owned());
                Delivery::Captured
            }
        }
    }

    fn refuse_unfit(&mut self, config: &Config) {
        let mut wrong = |mistake: &str| self.mistakes.push(mistake.to_owned());
        let url = config.database_url.expose();
        if !(url.starts_with("sqlite:") || url.starts_with("postgres:") || url.starts_with("postgresql:")) {
            wrong("DATABASE_URL begins with neither sqlite: nor postgres:");
        }
        if !config.base_url.is_empty() {
            match url::Url::parse(&config.base_url) {
                Ok(base) if matches!(base.scheme(), "http" | "https") && base.host().is_some() => {}
                _ => wrong("BASE_URL is not an address such as https://members.example.org"),
            }
        }
        let key = config.secret_key.expose();
        if !key.is_empty() && key.len() < 32 {
            wrong("SECRET_KEY is shorter than 32 characters");
        }
        let secrets = [&config.secret_key, &config.stripe_key].into_iter().chain(&config.stripe_webhook_secrets);
        if secrets.into_iter().any(|secret| secret.expose().contains(DEMO_MARK)) {
            wrong("a secret is one of the demonstration's, which everybody knows: make your own");
        }
        let stripe = config.stripe_key.expose();
        if !stripe.is_empty() && !["sk_live_", "rk_live_", "sk_test_", "rk_test_"].iter().any(|p| stripe.starts_with(p)) {
            wrong("STRIPE_SECRET_KEY does not begin with sk_live_, rk_live_, sk_test_ or rk_test_");
        }
        if config.stripe_api_base != STRIPE {
            if url::Url::parse(&config.stripe_api_base).is_err() {
                wrong("STRIPE_API_BASE is not an address");
            }
            if !is_test_key(stripe) {
                wrong("STRIPE_API_BASE may only be set with a test key (sk_test_… or rk_test_…)");
            }
        }
        if config.stripe_webhook_secrets.iter().any(|s| !s.expose().starts_with("whsec_")) {
            wrong("STRIPE_WEBHOOK_SECRET does not begin with whsec_");
        }
        if config.is_live() && !stripe.is_empty() && !config.is_https() && !config.base_url.is_empty() {
            wrong("BASE_URL must begin with https:// when the Stripe key is a live one");
        }
        if config.workers == 0 || config.database_readers == 0 {
            wrong("WORKERS and DATABASE_READERS must be 1 or more");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Mistakes> {
        let good = [
            ("BASE_URL", "https://members.example.org/"),
            ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
            ("STRIPE_SECRET_KEY", "sk_test_x"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old"),
        ];
        let find = |name: &str| pairs.iter().chain(&good).find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::read(&find)
    }

    #[test]
    fn defaults_are_enough_for_a_small_server() {
        let config = read(&[]).unwrap();
        assert_eq!(config.base_url, "https://members.example.org");
        assert_eq!(config.stripe_webhook_secrets.len(), 2);
        assert_eq!(config.stripe_api_base, STRIPE);
        assert_eq!(config.delivery, Delivery::Captured);
        assert!(!format!("{config:?}").contains("sk_test_x"));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let told = read(&[
            ("LISTEN", "here"),
            ("SECRET_KEY", "short"),
            ("STRIPE_SECRET_KEY", "sk_live_x"),
            ("STRIPE_API_BASE", "http://127.0.0.1:1"),
            ("SMTP_URL", "mail.example.org"),
            ("LOG_FORMAT", "xml"),
            ("DATABASE_URL", "mysql://x"),
        ])
        .unwrap_err()
        .to_string();
        for part in
            ["7 mistakes", "LISTEN", "SECRET_KEY", "STRIPE_API_BASE", "SMTP_URL", "MAIL_FROM", "LOG_FORMAT", "DATABASE_URL"]
        {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert!(
            read(&[("SECRET_KEY", "convener-demo-secret-key-000000000000")]).unwrap_err().to_string().contains("demonstration")
        );
    }
}
