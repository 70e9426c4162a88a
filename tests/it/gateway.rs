//! The gateway's client against the sandbox: over real HTTP, as against Stripe.
use crate::{
    paying::{Paying, start_paying},
    server::NOW,
};
use convener::{
    kernel::{Cents, Currency, Timestamp},
    payments::{
        CheckoutPage, CheckoutRequest, CheckoutState, DisputeState, Frequency, Gateway, GatewayError, Patience, PaymentState,
        PayoutState, RefundState, SubscriptionState,
        sandbox::{Card, Misbehaviour},
    },
};
use std::time::Duration;

fn gateway(paying: &Paying) -> Gateway {
    paying.server.app.gateway.clone().with_patience(Patience {
        attempt: Duration::from_millis(500),
        all: Duration::from_secs(4),
        pause: Duration::from_millis(2),
    })
}

fn request(frequency: Frequency) -> CheckoutRequest {
    CheckoutRequest {
        gift: "gift-7".to_owned(),
        description: "Gift to AMICC".to_owned(),
        email: "ada@example.org".parse().unwrap(),
        customer: None,
        charged: Cents::new(2_500),
        covered_fee: Cents::ZERO,
        currency: Currency::USD,
        frequency,
        success_url: "http://amicc.example/donate/thanks?checkout={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "http://amicc.example/donate".to_owned(),
    }
}

fn long_ago() -> Timestamp {
    Timestamp::from_unix(NOW - 86_400).unwrap()
}

async fn paid(paying: &Paying, gateway: &Gateway) -> (CheckoutPage, String) {
    let page = gateway.start_checkout("key-7", &request(Frequency::Once)).await.unwrap();
    paying.sandbox.pay(&page.id, Card::Success).await.unwrap();
    let payment = gateway.checkout(&page.id).await.unwrap().payment.unwrap();
    (page, payment)
}

#[tokio::test]
async fn a_gift_given_once_is_told_with_its_card_and_fee() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    let page = gateway.start_checkout("key-7", &request(Frequency::Once)).await.unwrap();
    assert!(page.url.starts_with("http") && page.expires_at.unix() > NOW);
    let open = gateway.checkout(&page.id).await.unwrap();
    assert_eq!((open.state, open.paid, open.gift.as_deref()), (CheckoutState::Open, false, Some("gift-7")));

    paying.sandbox.pay(&page.id, Card::Success).await.unwrap();
    let done = gateway.checkout(&page.id).await.unwrap();
    assert_eq!((done.state, done.paid, done.charged), (CheckoutState::Complete, true, Cents::new(2_500)));
    assert!(done.customer.is_some() && done.subscription.is_none());

    let payment = gateway.payment(done.payment.as_deref().unwrap()).await.unwrap();
    assert_eq!((payment.state, payment.amount, payment.currency), (PaymentState::Succeeded, Cents::new(2_500), Currency::USD));
    assert_eq!((payment.fee, payment.card.as_deref()), (Some(Cents::new(103)), Some("Visa ending in 4242")));
    assert_eq!((payment.gift.as_deref(), payment.livemode, payment.failure.as_deref()), (Some("gift-7"), false, None));
    let charge = gateway.charge(payment.charge.as_deref().unwrap()).await.unwrap();
    assert_eq!(charge, payment, "a charge tells the same as its payment");
    assert_eq!(gateway.charges_since(long_ago()).await.unwrap().len(), 1);
    assert_eq!(gateway.checkouts_since(long_ago()).await.unwrap(), [done]);
    assert!(gateway.open_checkouts_since(long_ago()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_declined_card_tells_why_and_a_page_can_be_closed() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    let page = gateway.start_checkout("key-7", &request(Frequency::Once)).await.unwrap();
    paying.sandbox.pay(&page.id, Card::Decline).await.unwrap();
    let declined = gateway.charges_since(long_ago()).await.unwrap().remove(0);
    assert_eq!(declined.state, PaymentState::Failed);
    let payment = gateway.payment(declined.id.as_deref().unwrap()).await.unwrap();
    assert_eq!((payment.state, payment.failure.as_deref()), (PaymentState::Failed, Some("Your card was declined.")));

    let expired = gateway.expire_checkout(&page.id).await.unwrap();
    assert_eq!((expired.state, expired.paid), (CheckoutState::Expired, false));
}

#[tokio::test]
async fn a_monthly_gift_is_told_with_its_bills_and_can_be_ended() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    let page = gateway.start_checkout("key-7", &request(Frequency::Monthly)).await.unwrap();
    paying.sandbox.pay(&page.id, Card::Success).await.unwrap();
    let done = gateway.checkout(&page.id).await.unwrap();
    let id = done.subscription.unwrap();
    let subscription = gateway.subscription(&id).await.unwrap();
    assert_eq!((subscription.state, subscription.frequency), (SubscriptionState::Active, Frequency::Monthly));
    assert_eq!((subscription.amount, subscription.gift.as_deref()), (Cents::new(2_500), Some("gift-7")));
    assert!(subscription.cancels_at.is_none());

    let bills = gateway.invoices_of(&id).await.unwrap();
    assert_eq!(bills.len(), 1);
    let bill = gateway.invoice(&bills[0].id).await.unwrap();
    assert_eq!(bill, bills[0]);
    assert!(bill.paid && bill.is_first && bill.subscription.as_deref() == Some(&id));
    let payment = gateway.payment(bill.payment.as_deref().unwrap()).await.unwrap();
    assert_eq!((payment.state, payment.amount), (PaymentState::Succeeded, Cents::new(2_500)));

    assert!(gateway.portal(&subscription.customer, "http://amicc.example/").await.unwrap().starts_with("http"));
    let ending = gateway.cancel_subscription(&id, true, "end-7").await.unwrap();
    assert_eq!((ending.state, ending.cancels_at), (SubscriptionState::Active, ending.period_end));
    let ended = gateway.cancel_subscription(&id, false, "end-7-now").await.unwrap();
    assert_eq!(ended.state, SubscriptionState::Cancelled);
    assert_eq!(gateway.subscriptions().await.unwrap(), [(ended.id, ended.ended_at)]);
}

#[tokio::test]
async fn refunds_disputes_and_payouts_are_told_to_the_cent() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    let (_, payment) = paid(&paying, &gateway).await;
    let refund = gateway.start_refund("refund-1", &payment, Cents::new(500)).await.unwrap();
    assert_eq!((refund.state, refund.amount), (RefundState::Succeeded, Cents::new(500)));
    assert_eq!(gateway.start_refund("refund-1", &payment, Cents::new(500)).await.unwrap(), refund, "one key, one refund");
    assert_eq!(gateway.refunds_of(&payment).await.unwrap(), std::slice::from_ref(&refund));
    assert_eq!(gateway.refunds_since(long_ago()).await.unwrap(), [gateway.refund(&refund.id).await.unwrap()]);
    assert_eq!(gateway.payment(&payment).await.unwrap().refunded, Cents::new(500));
    let refused = gateway.start_refund("refund-2", &payment, Cents::new(99_999)).await.unwrap_err();
    assert!(matches!(refused, GatewayError::Refused { .. }) && !refused.is_temporary(), "{refused}");

    let other = gateway.start_checkout("key-8", &request(Frequency::Once)).await.unwrap();
    paying.sandbox.pay(&other.id, Card::Success).await.unwrap();
    let disputed = gateway.checkout(&other.id).await.unwrap().payment.unwrap();
    let id = paying.sandbox.dispute(&disputed).await.unwrap();
    let dispute = gateway.dispute(&id).await.unwrap();
    assert_eq!(
        (dispute.state, dispute.withdrawn, dispute.fee),
        (DisputeState::NeedsResponse, Cents::new(2_500), Cents::new(1_500))
    );
    assert_eq!(gateway.disputes_of(&disputed).await.unwrap(), gateway.disputes_since(long_ago()).await.unwrap());
    paying.sandbox.close_dispute(&id, true).await.unwrap();
    let won = gateway.dispute(&id).await.unwrap();
    assert_eq!((won.state, won.withdrawn), (DisputeState::Won, Cents::ZERO));

    let payout = gateway.payout(&paying.sandbox.payout().await.unwrap()).await.unwrap();
    assert!(matches!(payout.state, PayoutState::Paid | PayoutState::InTransit | PayoutState::Pending), "{payout:?}");
    let lines = gateway.balance_lines(&payout.id).await.unwrap();
    let rest = lines.iter().filter(|line| line.category != "payout").map(|line| line.net).sum::<Cents>();
    assert_eq!(rest, payout.amount, "{lines:?}");
    assert_eq!(gateway.payouts(long_ago()).await.unwrap(), [payout]);
}

#[tokio::test]
async fn a_gateway_in_trouble_is_asked_again_with_the_same_key() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    for (number, trouble) in [Misbehaviour::Status(500), Misbehaviour::Status(429), Misbehaviour::Hang, Misbehaviour::Status(503)]
        .into_iter()
        .enumerate()
    {
        paying.sandbox.misbehave(trouble, 2);
        gateway.start_checkout(&format!("key-{number}"), &request(Frequency::Once)).await.unwrap();
        assert_eq!(gateway.checkouts_since(long_ago()).await.unwrap().len(), number + 1, "{trouble:?}: one page, not two");
    }
}

#[tokio::test]
async fn a_gateway_that_stays_away_is_given_up_and_the_same_key_works_later() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    for trouble in
        [Misbehaviour::Status(500), Misbehaviour::Status(429), Misbehaviour::Slow(Duration::from_secs(2)), Misbehaviour::Hang]
    {
        paying.sandbox.misbehave(trouble, 3);
        let error = gateway.start_checkout("key-1", &request(Frequency::Once)).await.unwrap_err();
        assert!(error.is_temporary(), "{trouble:?}: {error}");
        paying.sandbox.misbehave(trouble, 0);
    }
    gateway.start_checkout("key-1", &request(Frequency::Once)).await.unwrap();
    assert_eq!(gateway.checkouts_since(long_ago()).await.unwrap().len(), 1);

    let missing = gateway.payment("pi_nowhere").await.unwrap_err();
    assert!(matches!(&missing, GatewayError::Missing(id) if id == "pi_nowhere"), "{missing}");
    let down = crate::server::Server::start().await.app.gateway.clone().with_patience(Patience {
        attempt: Duration::from_millis(300),
        all: Duration::from_secs(1),
        pause: Duration::from_millis(1),
    });
    let error = down.payment("pi_1").await.unwrap_err();
    assert!(error.is_temporary(), "nobody listens there: {error}");
}

#[tokio::test]
async fn a_key_used_for_something_else_is_refused() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    gateway.start_checkout("key-1", &request(Frequency::Once)).await.unwrap();
    let other = CheckoutRequest { charged: Cents::new(100), ..request(Frequency::Once) };
    let error = gateway.start_checkout("key-1", &other).await.unwrap_err();
    assert!(matches!(error, GatewayError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn long_lists_are_read_to_their_end_and_events_come_as_bodies_of_webhooks() {
    let paying = start_paying().await;
    let gateway = gateway(&paying);
    for n in 0..120 {
        gateway.start_checkout(&format!("key-{n}"), &request(Frequency::Once)).await.unwrap();
    }
    assert_eq!(gateway.checkouts_since(long_ago()).await.unwrap().len(), 120);

    paid(&paying, &gateway).await;
    let bodies = gateway.events_undelivered(long_ago()).await.unwrap();
    let events: Vec<_> = bodies.iter().map(|body| convener::payments::read_event(body.as_bytes()).unwrap()).collect();
    assert!(events.iter().any(|event| event.kind == "charge.succeeded" && event.object.starts_with("ch_")), "{events:?}");
    let again = gateway.event(&events[0].id).await.unwrap();
    assert_eq!(again, bodies[0]);
}
