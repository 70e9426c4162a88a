//! Two who ask about one object at the same moment, where the slower holds the older answer.
use crate::{
    paying::{Paying, start_sandbox},
    server::{NOW, Server},
};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
};
use convener::{
    books, donors,
    gifts::{self, Gift, GiftState, RecurringGift},
    kernel::{Cents, Clock},
    payments::{DisputeState, RefundState, sandbox::Card},
};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Stands between us and the payment service, and keeps back one answer that was given.
#[derive(Clone, Default)]
struct Between {
    upstream: String,
    /// What the answers are made to say, once it is set: words, and what stands in their place.
    lie: Arc<Mutex<Option<(&'static str, &'static str)>>>,
    /// The beginning of the address whose next answer is kept back.
    hold: Arc<Mutex<Option<String>>>,
    held: Arc<Notify>,
    release: Arc<Notify>,
}

impl Between {
    async fn start(upstream: String) -> (Self, String) {
        let between = Self { upstream, ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let service = Router::new().fallback(pass).with_state(between.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        (between, url)
    }

    fn hold(&self, path: &str) {
        *self.hold.lock().unwrap() = Some(path.to_owned());
    }
}

async fn pass(State(between): State<Between>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let url = format!("{}{path}", between.upstream.trim_end_matches('/'));
    let mut headers = parts.headers.clone();
    headers.remove("host");
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let answer = reqwest::Client::new().request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, mut text) = (answer.status(), answer.text().await.unwrap());
    if let Some((words, instead)) = *between.lie.lock().unwrap() {
        text = text.replace(words, instead);
    }
    let mine = between.hold.lock().unwrap().take_if(|hold| path.starts_with(hold.as_str())).is_some();
    if mine {
        between.held.notify_one();
        between.release.notified().await;
    }
    Response::builder().status(status).header("content-type", "application/json").body(text.into()).unwrap()
}

async fn start() -> (Paying, Between) {
    let clock = Clock::stopped_at(NOW);
    let (sandbox, file) = start_sandbox(clock.clone()).await;
    let (between, url) = Between::start(sandbox.url()).await;
    let server = Server::start_at(clock, |config| config.stripe_api_base = url).await;
    sandbox.set_webhook_url(format!("{}/webhooks/stripe", server.url));
    (Paying::of(server, sandbox, file), between)
}

async fn give(paying: &Paying, frequency: &str) -> Gift {
    let fields = [("amount", "50.00"), ("frequency", frequency), ("name", "Ada Lovelace"), ("email", "ada@example.org")];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let session = sent.location().rsplit('/').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
    gift(paying).await
}

async fn gift(paying: &Paying) -> Gift {
    let mut tx = paying.server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, donor.id, 10).await.unwrap().remove(0)
}

async fn plan(paying: &Paying, gift: &Gift) -> RecurringGift {
    let mut tx = paying.server.app.db.read().await.unwrap();
    gifts::recurring_by_id(&mut tx, gift.recurring_id.unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_subscription_ends_in_its_newer_state_though_the_older_answer_comes_last() {
    let (paying, between) = start().await;
    let gift = give(&paying, "monthly").await;
    let (app, subscription) = (paying.server.app.clone(), plan(&paying, &gift).await.subscription);

    between.hold(&format!("/v1/subscriptions/{subscription}"));
    let (slow, id) = (app.clone(), subscription.clone());
    let slow = tokio::spawn(async move { gifts::refresh_subscription(&slow, &id).await });
    between.held.notified().await;
    paying.sandbox.cancel_subscription(&subscription, true).await.unwrap();
    gifts::refresh_subscription(&app, &subscription).await.unwrap();
    assert!(plan(&paying, &gift).await.cancels_at.is_some());

    between.release.notify_one();
    slow.await.unwrap().unwrap();
    assert!(plan(&paying, &gift).await.cancels_at.is_some(), "what was told first does not undo what came after");
}

#[tokio::test]
async fn a_dispute_that_is_lost_is_not_open_again_by_an_older_answer() {
    let (paying, between) = start().await;
    let gift = give(&paying, "once").await;
    let (app, payment) = (paying.server.app.clone(), gift.payment.unwrap());
    let dispute = paying.sandbox.dispute(&payment).await.unwrap();
    gifts::refresh_dispute(&app, &dispute).await.unwrap();

    between.hold("/v1/disputes?");
    let (slow, id) = (app.clone(), dispute.clone());
    let slow = tokio::spawn(async move { gifts::refresh_dispute(&slow, &id).await });
    between.held.notified().await;
    paying.sandbox.close_dispute(&dispute, false).await.unwrap();
    gifts::refresh_dispute(&app, &dispute).await.unwrap();
    between.release.notify_one();
    slow.await.unwrap().unwrap();

    let mut tx = app.db.read().await.unwrap();
    assert_eq!(gifts::disputes_of(&mut tx, gift.id).await.unwrap()[0].state, DisputeState::Lost);
    let open = books::trial_balance(&mut tx).await.unwrap().into_iter().find(|b| b.account == books::Account::DisputesOpen);
    assert!(open.is_none_or(|balance| balance.amount.is_zero()), "nothing is held any more");
}

#[tokio::test]
async fn a_refund_that_failed_stays_failed() {
    let (paying, between) = start().await;
    let gift = give(&paying, "once").await;
    let (app, payment) = (paying.server.app.clone(), gift.payment.unwrap());
    let refund = app.gateway.start_refund("part", &payment, Cents::new(1_000)).await.unwrap();
    gifts::refresh_refund(&app, &refund.id).await.unwrap();

    between.hold("/v1/refunds?");
    let (slow, id) = (app.clone(), payment.clone());
    let slow = tokio::spawn(async move { gifts::refresh_payment(&slow, &id).await });
    between.held.notified().await;
    paying.sandbox.fail_refund(&refund.id).await.unwrap();
    gifts::refresh_refund(&app, &refund.id).await.unwrap();
    between.release.notify_one();
    slow.await.unwrap().unwrap();

    let mut tx = app.db.read().await.unwrap();
    assert_eq!(gifts::refunds_of(&mut tx, gift.id).await.unwrap()[0].state, RefundState::Failed);
    assert_eq!(gifts::by_id(&mut tx, gift.id).await.unwrap().unwrap().refunded, Cents::ZERO);
}

#[tokio::test]
async fn a_payment_of_the_other_mode_settles_no_gift() {
    let (paying, between) = start().await;
    let fields = [("amount", "50.00"), ("frequency", "once"), ("name", "Ada Lovelace"), ("email", "ada@example.org")];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let session = sent.location().rsplit('/').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    *between.lie.lock().unwrap() = Some(("\"livemode\":false", "\"livemode\":true"));
    let refused = gifts::refresh_checkout(&paying.server.app, &session).await.unwrap_err();
    assert!(refused.to_string().contains("other mode") && !refused.is_temporary(), "{refused}");
    assert_eq!(gift(&paying).await.state, GiftState::Open);
}

#[tokio::test]
async fn many_at_once_end_in_the_same_books() {
    let (paying, _) = start().await;
    let gift = give(&paying, "once").await;
    let (app, payment) = (paying.server.app.clone(), gift.payment.unwrap());
    app.gateway.start_refund("part", &payment, Cents::new(1_000)).await.unwrap();
    let all = (0..6).map(|_| gifts::refresh_payment(&app, &payment));
    for done in futures_util::future::join_all(all).await {
        done.unwrap();
    }
    let mut tx = app.db.read().await.unwrap();
    assert_eq!(gifts::by_id(&mut tx, gift.id).await.unwrap().unwrap().refunded, Cents::new(1_000));
    let refund = gifts::refunds_of(&mut tx, gift.id).await.unwrap().remove(0).refund;
    assert_eq!(books::entries_of(&mut tx, ("refund", &refund)).await.unwrap().len(), 2, "one entry of two lines");
}
