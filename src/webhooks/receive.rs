//! The gateway's letterbox. Answers are sentences for whoever reads the gateway's log of deliveries:
//! 200 when the event is on disk, 400 when it is not believed, 503 when it must come again.
use super::{EventState, NewEvent, Source, UNREADABLE, intake::Intake};
use crate::{
    app::App,
    kernel::hex,
    payments::{self, BadSignature},
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use sha2::{Digest, Sha256};

const MOST_BYTES: usize = 256 * 1024;

#[derive(Clone)]
struct Letterbox {
    app: App,
    intake: Intake,
}

type Answer = (StatusCode, &'static str);

pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/webhooks/stripe", post(receive))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(Letterbox { app: app.clone(), intake: Intake::start(app) })
}

async fn receive(State(letterbox): State<Letterbox>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Answer {
    let body = match body {
        Ok(body) => body,
        Err(reason) if reason.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return (StatusCode::PAYLOAD_TOO_LARGE, "The event is larger than 256 KB. It was not stored.\n");
        }
        Err(_) => return (StatusCode::BAD_REQUEST, "The event did not arrive whole.\n"),
    };
    let event = match read(&letterbox.app, &headers, &body) {
        Ok(event) => event,
        Err(refusal) => return refusal,
    };
    match letterbox.intake.store(event).await {
        Ok(()) => (StatusCode::OK, "Stored.\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "The event could not be stored. Send it again later.\n"),
    }
}

/// The event, if it is believed. One that is authentic and can't be read is kept too: a newer version
/// of this program may read it, and staff must know of it.
fn read(app: &App, headers: &HeaderMap, body: &Bytes) -> Result<NewEvent, Answer> {
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = app.clock.now();
    payments::verify(header, body, &app.config.stripe_webhook_secrets, now).map_err(|bad| {
        tracing::warn!(%bad, "a webhook is refused");
        let sentence = match bad {
            BadSignature::Malformed => "The Stripe-Signature header is missing or is not of the form t=…,v1=….\n",
            BadSignature::Stale => "The event was signed more than five minutes from now. Check the clocks.\n",
            BadSignature::Forged => "The signature does not fit the event. Check the endpoint's signing secret.\n",
        };
        (StatusCode::BAD_REQUEST, sentence)
    })?;
    let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    match payments::read_event(body) {
        Ok(event) if event.livemode != app.config.is_live() => {
            tracing::warn!(id = event.id, livemode = event.livemode, "a webhook of the other mode is refused");
            Err((StatusCode::BAD_REQUEST, "The event is of the other mode: this installation keeps live and test apart.\n"))
        }
        Ok(event) => Ok(NewEvent::of(event, text, Source::Webhook)),
        Err(reason) => {
            tracing::error!(%reason, "an authentic event can't be read");
            Ok(NewEvent {
                id: format!("{UNREADABLE}_{}", hex(&Sha256::digest(body))),
                kind: UNREADABLE.to_owned(),
                object: String::new(),
                related: Vec::new(),
                body: text,
                source: Source::Webhook,
                created_at: now,
                state: EventState::Failed,
                result: Some(format!("{reason}. Look at it in the Stripe dashboard, and compare with Stripe.")),
            })
        }
    }
}
