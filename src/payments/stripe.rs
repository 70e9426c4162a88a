//! The one place that names Stripe's client: our questions in its words, its answers in ours.
//!
//! It refuses to wait long: a question is asked at most three times within [`Patience::all`]. What
//! changes something carries the caller's key, which stays the same for every try and after a crash,
//! so that Stripe does it once (<https://docs.stripe.com/api/idempotent_requests>).
mod checkouts;
mod movements;
mod plans;
mod running;
mod settlement;
mod translate;

use super::GatewayError;
use crate::config::Config;
use std::time::Duration;
use stripe::{IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_types::{AsCursorOpt, List, Object};
use tokio::time::Instant;

/// How long the gateway is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For one try.
    pub attempt: Duration,
    /// For all tries of one question, the pauses included.
    pub all: Duration,
    /// Before the second try; doubled before the third. Up to half of it is added at random.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempt: Duration::from_secs(6), all: Duration::from_secs(12), pause: Duration::from_millis(300) }
    }
}

const MOST_ATTEMPTS: u32 = 3;
const ROWS_A_PAGE: i64 = 100;
/// Past this a list is refused and not cut: half a list of money would be worse than none.
const MOST_PAGES: usize = 200;

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    client: stripe::Client,
    patience: Patience,
    /// Of lists that are read page by page.
    rows_a_page: i64,
}

impl Gateway {
    /// For the key and address of the configuration.
    pub fn new(config: &Config) -> Result<Self, GatewayError> {
        let client = stripe::ClientBuilder::new(config.stripe_key.expose())
            .url(config.stripe_api_base.clone())
            .build()
            .map_err(|e| GatewayError::Unreadable(e.to_string()))?;
        Ok(Self { client, patience: Patience::default(), rows_a_page: ROWS_A_PAGE })
    }

    /// The same gateway, waited for longer or shorter.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// The same gateway, with smaller pages where a list is read page by page.
    #[must_use]
    pub const fn with_rows_a_page(mut self, rows: i64) -> Self {
        self.rows_a_page = rows;
        self
    }

    /// Asks for something that changes nothing.
    async fn read<T: miniserde::Deserialize>(
        &self,
        what: &str,
        request: &(impl StripeRequest<Output = T> + Sync),
    ) -> Result<Box<T>, GatewayError> {
        self.ask(what, request, &RequestStrategy::Once).await
    }

    /// Asks for a change, once for each key.
    async fn write<T: miniserde::Deserialize>(
        &self,
        what: &str,
        key: &str,
        request: &(impl StripeRequest<Output = T> + Sync),
    ) -> Result<Box<T>, GatewayError> {
        let key = IdempotencyKey::new(key).map_err(|e| GatewayError::Unreadable(e.to_string()))?;
        self.ask(what, request, &RequestStrategy::Idempotent(key)).await
    }

    async fn ask<T: miniserde::Deserialize>(
        &self,
        what: &str,
        request: &(impl StripeRequest<Output = T> + Sync),
        strategy: &RequestStrategy,
    ) -> Result<Box<T>, GatewayError> {
        let end = Instant::now() + self.patience.all;
        let mut pause = self.patience.pause;
        let mut attempt = 1;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let sending = request.customize().request_strategy(strategy.clone()).timeout(left.min(self.patience.attempt));
            // Stripe's objects are large; in a box they do not travel in every future above.
            let error = match Box::pin(sending.send(&self.client)).await {
                Ok(answer) => return Ok(Box::new(answer)),
                Err(error) => error,
            };
            let wait = pause.mul_f64(1.0 + rand::random::<f64>() / 2.0);
            if attempt == MOST_ATTEMPTS || !is_worth_another_try(&error) || Instant::now() + wait >= end {
                return Err(refusal(error, what));
            }
            tracing::warn!(what, attempt, "the gateway is asked again");
            tokio::time::sleep(wait).await;
            attempt += 1;
            pause *= 2;
        }
    }

    /// Every row of a list, page after page, newest first. `page` makes the request for what stands
    /// after a row.
    async fn list<T, R>(&self, what: &str, page: impl Fn(Option<String>) -> R + Sync) -> Result<Vec<T>, GatewayError>
    where
        T: Object + Send + 'static,
        List<T>: miniserde::Deserialize,
        R: StripeRequest<Output = List<T>> + Sync,
    {
        let mut rows = Vec::new();
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let request = page(after.take());
            let answer = self.read(what, &request).await?;
            after = answer.data.last().and_then(|row| row.id().as_cursor_opt().map(str::to_owned));
            rows.extend(answer.data);
            if !answer.has_more || after.is_none() {
                return Ok(rows);
            }
        }
        Err(GatewayError::Unreadable(format!("{what}: more than {} rows", rows.len())))
    }
}

/// Whether the same question may be answered a moment later: silence, a busy key, too many questions,
/// a fault of theirs.
fn is_worth_another_try(error: &StripeError) -> bool {
    match error {
        StripeError::Timeout | StripeError::ClientError(_) => true,
        // What is not JSON and not a success comes from a proxy in between.
        StripeError::JSONDeserialize(text) => is_from_a_proxy(text),
        StripeError::Stripe(_, status) => matches!(status, 409 | 424 | 429 | 500..=599),
        StripeError::ConfigError(_) => false,
    }
}

/// The client's words for a failed answer whose body is not an error of Stripe's.
fn is_from_a_proxy(text: &str) -> bool {
    text == "error deserializing Stripe error" || text == "Response was not valid UTF-8"
}

fn refusal(error: StripeError, what: &str) -> GatewayError {
    match error {
        StripeError::Timeout => GatewayError::Unavailable("it took too long".to_owned()),
        StripeError::ClientError(text) => GatewayError::Unavailable(text),
        StripeError::JSONDeserialize(text) if is_from_a_proxy(&text) => GatewayError::Unavailable(text),
        StripeError::JSONDeserialize(text) | StripeError::ConfigError(text) => {
            GatewayError::Unreadable(format!("{what}: {text}"))
        }
        StripeError::Stripe(_, 404) => GatewayError::Missing(what.to_owned()),
        StripeError::Stripe(error, status) => {
            let code = error.code.as_ref().map(|code| code.as_str().to_owned());
            let message = error.message.unwrap_or_else(|| format!("status {status}"));
            if matches!(status, 409 | 424 | 429 | 500..=599) {
                GatewayError::Unavailable(message)
            } else {
                GatewayError::Refused { code, message }
            }
        }
    }
}
