//! Money that comes again.
use super::*;

#[tokio::test]
async fn a_membership_begins_renews_fails_recovers_and_ends() {
    let bench = Bench::start().await;
    let session = bench.session(2_500, true).await;
    assert!(matches!(bench.sandbox.pay(&session, Card::Decline).await.unwrap(), Outcome::Declined(_)));
    bench.told().await;
    bench.sandbox.pay(&session, Card::Success).await.unwrap();
    let begun = [
        "customer.created",
        "invoice.created",
        "customer.subscription.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "checkout.session.completed",
        "charge.updated",
    ];
    assert_eq!(bench.told().await, begun[1..], "the customer was made at the first attempt");
    let id = bench.read(&session).await.subscription.unwrap().into_id().to_string();
    let subscription = bench.subscription(&id).await;
    assert_eq!((subscription.status.as_str(), subscription.metadata["gift"].as_str()), ("active", "7"));
    let item = &subscription.items.data[0];
    assert_eq!(item.current_period_end - item.current_period_start, 30 * 86_400);
    let customer = subscription.customer.into_id().to_string();

    bench.clock.advance(30 * 86_400 + 3_600);
    bench.sandbox.advance(0).await.unwrap();
    let renewed = bench.told().await;
    assert_eq!(renewed[..3], ["customer.subscription.updated", "invoice.created", "invoice.finalized"]);
    assert!(renewed.contains(&"invoice.paid".to_owned()));

    bench.sandbox.fail_next_renewal(&id).await.unwrap();
    bench.sandbox.advance_days(31).await.unwrap();
    let failed = bench.told().await;
    let last = &failed[failed.len() - 3..];
    assert_eq!(last, ["invoice.payment_failed", "invoice.updated", "customer.subscription.updated"]);
    assert_eq!(bench.subscription(&id).await.status.as_str(), "past_due");
    bench.sandbox.advance_days(3).await.unwrap();
    assert_eq!(bench.subscription(&id).await.status.as_str(), "active", "the next attempt takes the card");

    let bills = ListInvoice::new().subscription(id.as_str()).send(&bench.client).await.unwrap().data;
    assert_eq!(bills.len(), 3);
    assert_eq!(bills[0].billing_reason.as_ref().unwrap().as_str(), "subscription_cycle");
    let newest = bills[0].id.clone().unwrap();
    let bill = RetrieveInvoice::new(newest.as_str()).expand(["payments".into()]).send(&bench.client).await.unwrap();
    let details = bill.parent.unwrap().subscription_details.unwrap();
    assert_eq!((details.subscription.id().as_str(), details.metadata.unwrap()["gift"].as_str()), (id.as_str(), "7"));
    let part = bill.payments.unwrap().data.remove(0);
    assert_eq!(part.amount_paid, Some(2_500));
    let payment = part.payment.payment_intent.unwrap().into_id().to_string();
    RetrievePaymentIntent::new(payment.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(ListInvoicePayment::new().invoice(newest.as_str()).send(&bench.client).await.unwrap().data.len(), 1);

    let portal = CreateBillingPortalSession::new().customer(customer.as_str()).return_url("http://shop.example/");
    let portal = portal.send(&bench.client).await.unwrap().url;
    assert!(bench.http.get(&portal).send().await.unwrap().text().await.unwrap().contains("$25.00 every month"));
    let ended = bench.http.post(format!("{portal}/cancel")).form(&[("subscription", &id)]).send().await.unwrap();
    assert_eq!(ended.status(), 303);
    assert!(bench.subscription(&id).await.cancel_at.is_some());
    UpdateSubscription::new(id.as_str()).cancel_at_period_end(false).send(&bench.client).await.unwrap();
    assert!(bench.subscription(&id).await.cancel_at.is_none());
    UpdateSubscription::new(id.as_str()).cancel_at_period_end(true).send(&bench.client).await.unwrap();
    bench.told().await;
    bench.sandbox.advance_days(31).await.unwrap();
    assert_eq!(bench.told().await, ["customer.subscription.deleted"]);
    assert!(ListSubscription::new().customer(customer.as_str()).send(&bench.client).await.unwrap().data.is_empty());

    let other = bench.membership().await;
    for _ in 0..4 {
        bench.sandbox.fail_next_renewal(&other).await.unwrap();
    }
    bench.sandbox.advance_days(60).await.unwrap();
    assert_eq!(bench.subscription(&other).await.status.as_str(), "canceled");
    let third = bench.membership().await;
    CancelSubscription::new(third.as_str()).prorate(false).send(&bench.client).await.unwrap();
    assert!(bench.subscription(&third).await.ended_at.is_some());
}

#[tokio::test]
async fn a_slow_payment_is_settled_later_one_way_or_the_other() {
    let bench = Bench::start().await;
    for monthly in [false, true] {
        for ok in [true, false] {
            let session = bench.session(5_000, monthly).await;
            bench.sandbox.pay(&session, Card::Later).await.unwrap();
            let waiting = bench.read(&session).await;
            assert_eq!((waiting.status.unwrap().as_str(), waiting.payment_status.as_str()), ("complete", "unpaid"));
            bench.told().await;
            bench.sandbox.settle_later(&session, ok).await.unwrap();
            let told = bench.told().await;
            let end = if ok { "checkout.session.async_payment_succeeded" } else { "checkout.session.async_payment_failed" };
            assert!(told.contains(&end.to_owned()), "{told:?}");
            assert_eq!(bench.read(&session).await.payment_status.as_str(), if ok { "paid" } else { "unpaid" });
        }
    }
    let session = bench.session(5_000, false).await;
    bench.sandbox.advance_days(2).await.unwrap();
    assert_eq!(bench.read(&session).await.status.unwrap().as_str(), "expired");
    assert!(bench.told().await.contains(&"checkout.session.expired".to_owned()));
}
