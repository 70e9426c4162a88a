//! Signed webhooks, each with an event of its own, as fast as they are taken.
use crate::{
    client::{Connection, Measured, Request, request_bytes},
    place::WEBHOOK_SECRET,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many are taken by `clients` senders at once. Each is answered only when it is on disk.
pub(crate) async fn flood(address: &str, clients: usize, time: Duration) -> Measured {
    let end = Instant::now() + time;
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let address = address.to_owned();
            tokio::spawn(async move {
                let mut connection = Connection::open(&address).await;
                let (mut times, mut refused) = (Vec::new(), 0);
                for number in 0_u64.. {
                    if Instant::now() >= end {
                        break;
                    }
                    let request = request_bytes(&event(client, number), &address);
                    let asked = Instant::now();
                    let status = connection.ask(&request).await;
                    times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                    refused += usize::from(status != 200);
                }
                (times, refused)
            })
        })
        .collect();
    let (mut times, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let (own, not) = task.await.expect("a sender does not break");
        times.extend(own);
        refused += not;
    }
    Measured::of(times, refused, time)
}

fn event(client: usize, number: u64) -> Request {
    #[expect(clippy::disallowed_methods, reason = "a sender has its own clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let nanos = Instant::now();
    let id = format!("evt_load_{now}_{client}_{number}_{:p}", &raw const nanos);
    let body = serde_json::json!({
        "id": id, "object": "event", "api_version": "2026-09-30.endive", "created": now, "livemode": false,
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": "customer.updated",
        "data": { "object": { "id": format!("cus_load_{client}"), "object": "customer", "email": null, "name": "A donor", "metadata": {} } },
    })
    .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).expect("a key of any length");
    mac.update(format!("{now}.{body}").as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    Request::post("/webhooks/stripe", "application/json; charset=utf-8", body.into_bytes())
        .header("stripe-signature", &format!("t={now},v1={signature}"))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}
