//! Events: written with what they tell, signed as Stripe signs, delivered again until they are taken.
use super::{
    Sandbox,
    errors::Problem,
    store::{Queued, Work},
    values::{new_id, previous, public},
};
use crate::kernel::hex;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

pub(super) const API_VERSION: &str = "2026-09-30.endive";
/// After this many refusals an event is given up, as Stripe does after three days.
const ATTEMPTS: i64 = 16;

impl Work {
    /// Writes an event about `object` as it is now and queues it.
    pub(super) async fn event(&mut self, kind: &str, object: &Value) -> Result<(), Problem> {
        self.write_event(kind, json!({ "object": public(object) })).await
    }

    /// The same for an update, with the fields that were different.
    pub(super) async fn event_after(&mut self, kind: &str, before: &Value, object: &Value) -> Result<(), Problem> {
        let data = json!({"object": public(object), "previous_attributes": previous(before, object)});
        self.write_event(kind, data).await
    }

    async fn write_event(&mut self, kind: &str, data: Value) -> Result<(), Problem> {
        let id = new_id("evt");
        let request = self.request.as_ref().map(|(id, key)| json!({"id": id, "idempotency_key": key}));
        let event = json!({
            "id": id, "object": "event", "api_version": API_VERSION, "created": self.now, "data": data, "livemode": false,
            "pending_webhooks": 1, "request": request.unwrap_or_else(|| json!({"id": null, "idempotency_key": null})),
            "type": kind,
        });
        self.save(&event).await?;
        self.enqueue(&id, 0).await
    }
}

/// `t=…,v1=…` over a body: <https://docs.stripe.com/webhooks#verify-manually>.
pub(super) fn signature(secret: &str, body: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex(&mac.finalize().into_bytes()))
}

impl Sandbox {
    /// Sends one queued event once and notes how it went.
    pub(super) async fn send(&self, queued: &Queued) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let event = work.get("event", &queued.event).await?;
        drop(work);
        let sent = self.post(&public(&event)).await;
        let mut work = self.work().await?;
        let (state, wait) = match &sent {
            Ok(()) => ("delivered", 0),
            Err(_) if queued.attempts + 1 >= ATTEMPTS => ("failed", 0),
            Err(_) => ("pending", (5_i64 << queued.attempts.min(10)).min(3_600)),
        };
        work.mark(queued.row, state, self.clock_now() + wait).await?;
        work.commit().await?;
        sent
    }

    async fn post(&self, event: &Value) -> Result<(), Problem> {
        let url = self.webhook_url().ok_or_else(|| Problem::invalid("no webhook address is set"))?;
        let body = serde_json::to_string_pretty(event).map_err(|e| Problem::fault(e.to_string()))?;
        let request = self
            .inner
            .http
            .post(&url)
            .timeout(Duration::from_secs(20))
            .header("stripe-signature", self.signed(&body, self.clock_now()));
        let request = request
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        let unreached = |e: reqwest::Error| Problem::invalid(format!("{url} was not reached: {e}"));
        let status = request.body(body).send().await.map_err(unreached)?.status();
        if status.is_success() { Ok(()) } else { Err(Problem::invalid(format!("{url} answered {status}"))) }
    }

    /// Sends what is due, for ever.
    pub(super) async fn deliver_in_background(self) {
        loop {
            if let Err(problem) = self.advance(0).await {
                tracing::warn!(%problem, "the sandbox's time stands still");
            }
            let due = match self.work().await {
                Ok(mut work) => work.pending(self.clock_now()).await.unwrap_or_default(),
                Err(_) => Vec::new(),
            };
            if self.webhook_url().is_some() {
                for queued in due {
                    if let Err(problem) = self.send(&queued).await {
                        tracing::info!(event = queued.event, %problem, "a webhook was not taken");
                    }
                }
            }
            let _ = tokio::time::timeout(Duration::from_millis(500), self.inner.bell.notified()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_the_documented_one() {
        // echo -n '1700000000.{}' | openssl dgst -sha256 -hmac whsec_x
        let header = super::signature("whsec_x", "{}", 1_700_000_000);
        assert_eq!(header.split(",v1=").next(), Some("t=1700000000"));
        assert_eq!(header.len(), "t=1700000000,v1=".len() + 64);
    }
}
