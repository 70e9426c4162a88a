//! Webhooks, restarts and the levers.
use super::*;

type Heard = std::sync::Arc<std::sync::Mutex<(u16, Vec<(String, String)>)>>;

/// A shop that answers its webhooks with a status and remembers them: signature and body.
async fn shop() -> (String, Heard) {
    use axum::{extract::State, http::HeaderMap, http::StatusCode, routing::post};
    let heard: Heard = std::sync::Arc::new(std::sync::Mutex::new((200, Vec::new())));
    let listen = |State(heard): State<Heard>, headers: HeaderMap, body: String| async move {
        let mut heard = heard.lock().unwrap();
        heard.1.push((headers["stripe-signature"].to_str().unwrap().to_owned(), body));
        StatusCode::from_u16(heard.0).unwrap()
    };
    let service = axum::Router::new().route("/hook", post(listen)).with_state(heard.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, heard)
}

#[tokio::test]
async fn webhooks_are_signed_and_sent_again_until_they_are_taken() {
    use hmac::{Hmac, KeyInit, Mac};
    let bench = Bench::start().await;
    let (url, heard) = shop().await;
    bench.sandbox.set_webhook_url(url);
    bench.gift(2_000).await;
    heard.lock().unwrap().0 = 500;
    assert!(bench.sandbox.deliver_all().await.is_err());
    assert_eq!(bench.sandbox.pending().await.unwrap().len(), 5, "what was refused waits");
    let unseen = bench.call(reqwest::Method::GET, "events?delivery_success=false", "", None).await.1;
    assert_eq!(unseen["data"].as_array().unwrap().len(), 5);
    bench.clock.advance(90);
    std::mem::take(&mut heard.lock().unwrap().1);
    heard.lock().unwrap().0 = 200;
    assert_eq!(bench.sandbox.deliver_all().await.unwrap(), 5);
    let taken = std::mem::take(&mut heard.lock().unwrap().1);
    for (header, body) in &taken {
        let (at, code) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(at, (NOW + 90).to_string(), "each attempt is signed anew");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"whsec_of_the_tests").unwrap();
        mac.update(format!("{at}.{body}").as_bytes());
        assert_eq!(convener::kernel::hex(&mac.finalize().into_bytes()), code);
        let event: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((event["object"].as_str(), event["livemode"].as_bool()), (Some("event"), Some(false)));
        RetrieveEvent::new(event["id"].as_str().unwrap()).send(&bench.client).await.unwrap();
    }
    let all =
        ListEvent::new().types(["charge.succeeded".to_owned(), "charge.updated".to_owned()]).send(&bench.client).await.unwrap();
    assert_eq!(all.data.len(), 2);

    bench.gift(2_000).await;
    bench.sandbox.disturb(7).await.unwrap();
    let mut order = bench.sandbox.pending().await.unwrap();
    assert_eq!(order.len(), 10);
    assert_eq!(bench.sandbox.deliver_all().await.unwrap(), 10);
    order.sort();
    order.dedup();
    assert_eq!(order.len(), 5);
    bench.sandbox.deliver(&order[0]).await.unwrap();
    assert_eq!(heard.lock().unwrap().1.len(), 11, "once more on demand");
}

#[tokio::test]
async fn a_stopped_sandbox_goes_on_where_it_was() {
    let bench = Bench::start().await;
    bench.gift(2_000).await;
    bench.sandbox.advance_days(3).await.unwrap();
    let (pending, now) = (bench.sandbox.pending().await.unwrap(), bench.sandbox.now());
    bench.sandbox.clone().stop().await;
    let (url, heard) = shop().await;
    let options = convener::payments::sandbox::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: "sk_test_of_the_tests".into(),
        webhook_secret: "whsec_of_the_tests".into(),
        webhook_url: Some(url),
        file: bench.file.path().join("sandbox.db"),
        clock: bench.clock.clone(),
        deliver: false,
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!((sandbox.pending().await.unwrap(), sandbox.now()), (pending, now));
    assert_eq!(sandbox.deliver_all().await.unwrap(), 5);
    assert_eq!(heard.lock().unwrap().1.len(), 5);
}

#[tokio::test]
async fn the_levers_can_be_pulled_over_http() {
    let bench = Bench::start().await;
    let session = bench.session(2_500, true).await;
    let base = bench.sandbox.url();
    let pull = |action: &'static str, fields: Vec<(&'static str, String)>| {
        let request = bench.http.post(format!("{base}control/{action}")).form(&fields);
        async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        }
    };
    let paid = pull("pay", vec![("session", session.clone()), ("card", "success".into())]).await;
    assert_eq!(paid.0, 200, "{}", paid.1);
    assert_eq!(pull("advance", vec![("days", "31".into())]).await.0, 200);
    assert!(pull("payout", vec![]).await.1["done"].as_str().unwrap().starts_with("po_"));
    assert_eq!(pull("payout", vec![]).await.1["error"]["code"], "balance_insufficient");
    assert_eq!(pull("levitate", vec![]).await.0, 404);
    let panel = bench.http.get(&base).send().await.unwrap().text().await.unwrap();
    assert!(panel.contains("Stripe sandbox") && panel.contains("no money moves") && !panel.contains("style="), "{panel}");
    let sent = bench.http.post(format!("{base}control/payout")).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_ne!(sent.status(), 200);
}
