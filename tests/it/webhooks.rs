//! What the gateway tells us: who is believed, what is kept, what happens when things break.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, NOW, Server},
};
use convener::{
    config::Secret,
    kernel::{Cents, Currency, Timestamp},
    payments::{CheckoutRequest, Frequency, Patience, sandbox::Card, sandbox::Misbehaviour, sign},
    staff::Role,
    webhooks, work,
};
use std::time::Duration;

const SECRET: &str = "whsec_of_the_tests";

fn event(id: &str, kind: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"{kind}","created":{NOW},"livemode":false,"data":{{"object":{{"id":"{object}"}}}}}}"#
    )
}

async fn post_signed(server: &Server, body: &str, header: &str) -> Answer {
    let request = reqwest::Client::new().post(server.absolute("/webhooks/stripe"));
    Answer::of(request.header("stripe-signature", header).body(body.to_owned()).send().await.unwrap()).await
}

fn good(body: &str) -> String {
    sign(SECRET, Timestamp::from_unix(NOW).unwrap(), body.as_bytes())
}

async fn tell(server: &Server, body: &str) -> u16 {
    post_signed(server, body, &good(body)).await.status
}

/// The kinds of the events on the staff page, newest first.
async fn listed(server: &Server, query: &str) -> Vec<String> {
    server.get(&format!("/staff/events{query}")).await.all("tbody th[data-label=Event]")
}

#[tokio::test]
async fn only_a_fresh_message_with_a_good_signature_is_stored() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let body = event("evt_1", "customer.updated", "cus_1");
    let forged = sign("whsec_of_somebody", Timestamp::from_unix(NOW).unwrap(), body.as_bytes());
    let stale = sign(SECRET, Timestamp::from_unix(NOW - 301).unwrap(), body.as_bytes());
    for (header, word) in [("", "header"), ("nonsense", "header"), (forged.as_str(), "signature"), (stale.as_str(), "clocks")] {
        let answer = post_signed(&server, &body, header).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(word), "{}", answer.body);
    }
    assert_eq!(post_signed(&server, &body.replace("cus_1", "cus_2"), &good(&body)).await.status, 400);
    assert!(listed(&server, "").await.is_empty());

    assert_eq!(tell(&server, &body).await, 200);
    assert_eq!(listed(&server, "").await, ["customer.updated"]);
}

#[tokio::test]
async fn during_a_rotation_either_secret_is_good() {
    let server = Server::start_with(|config| config.stripe_webhook_secrets.push(Secret::new("whsec_before"))).await;
    let body = event("evt_1", "customer.updated", "cus_1");
    let before = sign("whsec_before", Timestamp::from_unix(NOW).unwrap(), body.as_bytes());
    assert_eq!(post_signed(&server, &body, &before).await.status, 200);
    assert_eq!(tell(&server, &event("evt_2", "customer.updated", "cus_1")).await, 200);
}

#[tokio::test]
async fn a_message_of_the_other_mode_or_too_large_is_refused() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let live = event("evt_1", "charge.succeeded", "ch_1").replace("\"livemode\":false", "\"livemode\":true");
    let answer = post_signed(&server, &live, &good(&live)).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("live and test apart"));

    let large = event("evt_2", &"x".repeat(300_000), "ch_1");
    assert_eq!(post_signed(&server, &large, &good(&large)).await.status, 413);
    let long_kind = event("evt_3", &"x".repeat(200_000), "ch_1");
    assert_eq!(tell(&server, &long_kind).await, 200, "authentic, so it is kept, though it can't be read");
    assert_eq!(listed(&server, "").await, ["unreadable"]);
}

#[tokio::test]
async fn an_event_told_twice_is_stored_and_worked_off_once() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let body = event("evt_1", "customer.updated", "cus_1");
    for _ in 0..3 {
        assert_eq!(tell(&server, &body).await, 200);
    }
    assert_eq!(listed(&server, "").await.len(), 1);
}

#[tokio::test]
async fn an_unknown_kind_is_stored_and_not_needed() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(tell(&server, &event("evt_1", "invented.by.tomorrow", "inv_1")).await, 200);
    server.run_jobs().await;
    assert_eq!(listed(&server, "?state=ignored").await, ["invented.by.tomorrow"]);
    assert!(server.get("/staff/events/evt_1").await.text().contains("no use for this kind"));
    assert_eq!(server.get("/staff/events").await.all("button").iter().filter(|b| *b == "Try all failed events again").count(), 0);
}

#[tokio::test]
async fn what_is_authentic_but_can_not_be_read_is_kept_for_staff() {
    let mut server = Server::start().await;
    server.sign_in(Role::Development).await;
    let body = r#"{"id":"evt_1","object":"event","livemode":false}"#;
    assert_eq!(tell(&server, body).await, 200);
    let page = server.get("/staff/events?state=failed").await;
    assert!(page.text().contains("1 event has failed"), "{}", page.text());
    assert!(page.text().contains("it has no type"), "{}", page.text());
}

#[tokio::test]
async fn fifty_at_the_same_moment_are_all_stored() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let bodies: Vec<_> = (0..50).map(|n| event(&format!("evt_{n}"), "customer.updated", "cus_1")).collect();
    let told = futures_util::future::join_all(bodies.iter().map(|body| tell(&server, body))).await;
    assert!(told.iter().all(|status| *status == 200), "{told:?}");
    let page = server.get("/staff/events?kind=customer").await;
    assert_eq!(page.all("tbody tr").len(), 50);
    assert_eq!(tell(&server, &event("evt_x", "customer.updated", "cus_2")).await, 200);
    let page = server.get("/staff/events").await;
    let more = page.attr("a[rel=next]", "href").unwrap();
    let older = server.get(&more).await;
    assert_eq!(older.all("tbody tr").len(), 1);
    let back = server.get(&older.attr("a[rel=prev]", "href").unwrap()).await;
    assert_eq!(back.all("tbody tr"), page.all("tbody tr"));
    assert_eq!(listed(&server, "?object=cus_2").await.len(), 1);
    assert_eq!(listed(&server, "?object=evt_7").await.len(), 1);
}

#[tokio::test]
async fn when_the_database_fails_the_gateway_is_told_to_come_again() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let body = event("evt_1", "customer.updated", "cus_1");
    rename(&server, "gateway_event", "gateway_event_away").await;
    let answer = post_signed(&server, &body, &good(&body)).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("Send it again"), "{}", answer.body);
    rename(&server, "gateway_event_away", "gateway_event").await;
    assert_eq!(tell(&server, &body).await, 200);
    assert_eq!(listed(&server, "").await.len(), 1);
}

/// Takes a table away from under the server, over a connection of its own.
async fn rename(server: &Server, from: &str, to: &str) {
    use sqlx::{ConnectOptions, Connection, Executor, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
    let url = server.app.config.database_url.expose();
    let sql = sqlx::AssertSqlSafe(format!("alter table {from} rename to {to}"));
    if url.starts_with("postgres") {
        let mut connection = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = url.parse::<SqliteConnectOptions>().unwrap().connect().await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    }
}

fn impatient(paying: &mut Paying) {
    let patience = Patience { attempt: Duration::from_millis(300), all: Duration::from_secs(2), pause: Duration::from_millis(1) };
    paying.server.app = paying.server.app.clone().with(|app| app.gateway = app.gateway.clone().with_patience(patience));
}

/// Opens a payment page at the gateway that no gift of ours knows, and pays on it.
async fn pay_elsewhere(paying: &Paying) {
    let request = CheckoutRequest {
        gift: "of another program".to_owned(),
        description: "Elsewhere".to_owned(),
        email: "ada@example.org".parse().unwrap(),
        customer: None,
        charged: Cents::new(2_500),
        covered_fee: Cents::ZERO,
        currency: Currency::USD,
        frequency: Frequency::Once,
        success_url: "http://amicc.example/".to_owned(),
        cancel_url: "http://amicc.example/".to_owned(),
    };
    let page = paying.server.app.gateway.start_checkout("elsewhere", &request).await.unwrap();
    paying.sandbox.pay(&page.id, Card::Success).await.unwrap();
}

#[tokio::test]
async fn an_event_whose_object_can_not_be_fetched_is_tried_again_then_given_up_then_retried_by_staff() {
    let mut paying = start_paying().await;
    impatient(&mut paying);
    paying.server.sign_in(Role::Development).await;
    pay_elsewhere(&paying).await;
    let first = paying.sandbox.pending().await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();

    paying.sandbox.misbehave(Misbehaviour::Status(500), 10_000);
    paying.server.run_jobs().await;
    let page = paying.server.get("/staff/events?state=waiting").await;
    assert!(page.text().contains("It is tried again by itself"), "{}", page.text());
    for _ in 0..8 {
        paying.server.app.clock.advance(7 * 3_600);
        paying.server.run_jobs().await;
    }
    // Two days later the session has run out.
    paying.server.sign_in(Role::Development).await;
    let page = paying.server.get("/staff/events?state=failed").await;
    let failed = page.all("tbody tr").len();
    assert!(failed > 0 && page.text().contains("does not answer"), "{}", page.text());

    paying.sandbox.misbehave(Misbehaviour::Status(500), 0);
    let said = paying.server.fill("/staff/events", "/staff/events/retries", &[]).await;
    assert_eq!(said.status, 303);
    paying.server.run_jobs().await;
    assert!(listed(&paying.server, "?state=failed").await.is_empty());
    let one = paying.server.get(&format!("/staff/events/{}", first[0])).await;
    assert!(one.text().contains("Fetch its object again") || one.text().contains("no use"), "{}", one.text());
    let done = paying.server.get("/staff/events?state=done").await.attr("tbody th a", "href").unwrap();
    assert_eq!(paying.server.fill(&done, "/retries", &[]).await.status, 303);
    paying.server.run_jobs().await;
    assert!(listed(&paying.server, "?state=waiting").await.is_empty());
}

#[tokio::test]
async fn only_staff_who_may_reconcile_retry_and_compare() {
    let mut server = Server::start().await;
    assert_eq!(server.get("/staff/events").await.status, 303);
    server.sign_in(Role::ReadOnly).await;
    tell(&server, "{}").await;
    assert_eq!(server.fill("/staff/events", "/staff/events/comparisons", &[]).await.status, 403);
    assert_eq!(server.fill("/staff/events", "/staff/events/retries", &[]).await.status, 403);
    assert_eq!(server.post("/staff/events/comparisons", &[]).await.status, 403, "no proof");
    assert_eq!(server.get("/staff/events/evt_none").await.status, 404);
    assert_eq!(server.get("/staff/events/comparisons/none").await.status, 404);
}

#[tokio::test]
async fn a_comparison_says_how_far_it_is_and_fetches_events_that_never_came() {
    let mut paying = start_paying().await;
    impatient(&mut paying);
    paying.server.sign_in(Role::Development).await;
    pay_elsewhere(&paying).await;
    for lost in paying.sandbox.pending().await.unwrap() {
        paying.sandbox.drop_event(&lost).await.unwrap();
    }

    let begun = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    assert_eq!(begun.status, 303);
    let path = begun.location().to_owned();
    let running = paying.server.get(&path).await;
    assert!(
        running.text().contains("0 objects compared so far") && running.headers.contains_key("refresh"),
        "{}",
        running.text()
    );
    let again = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    assert_eq!(again.location(), path, "one at a time");

    // The first charge is not to be had at first: the run goes on where it stood.
    paying.sandbox.misbehave(Misbehaviour::Status(500), 3);
    paying.server.run_jobs().await;
    assert!(paying.server.get(&path).await.headers.contains_key("refresh"));
    paying.server.app.clock.advance(60);
    paying.server.run_jobs().await;
    let done = paying.server.get(&path).await;
    assert!(!done.headers.contains_key("refresh"));
    assert!(done.text().contains("that had not arrived"), "{}", done.text());
    assert!(done.text().contains("Finished"), "{}", done.text());
    assert!(listed(&paying.server, "?kind=charge").await.contains(&"charge.succeeded".to_owned()));
    assert!(listed(&paying.server, "?state=waiting").await.is_empty());
}

#[tokio::test]
async fn an_event_whose_job_broke_without_a_word_is_picked_up_at_night() {
    let mut paying = start_paying().await;
    impatient(&mut paying);
    pay_elsewhere(&paying).await;
    paying.sandbox.deliver_all().await.unwrap();
    let app = &paying.server.app;
    let now = app.clock.now();
    let mut tx = app.db.write().await.unwrap();
    while let Some(job) = work::take(&mut tx, now, now.plus_hours(1)).await.unwrap() {
        work::fail_for_good(&mut tx, &job, "it broke", now).await.unwrap();
    }
    tx.commit().await.unwrap();
    app.clock.advance(86_400);
    let mut tx = app.db.write().await.unwrap();
    work::soon(&mut tx, webhooks::SYNC.kind, "tonight", app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    paying.server.run_jobs().await;
    paying.server.sign_in(Role::ReadOnly).await;
    assert!(listed(&paying.server, "?state=waiting").await.is_empty());
    let page = paying.server.get("/staff/events").await;
    assert!(page.text().contains("Finished"), "{}", page.text());
}
