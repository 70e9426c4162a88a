//! The sandbox as Stripe's own client sees it.
use crate::{paying::start_sandbox, server::NOW};
use convener::{
    kernel::Clock,
    payments::sandbox::{Card, Misbehaviour, Outcome, Sandbox},
};
use std::collections::HashMap;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_billing::{
    billing_portal_session::CreateBillingPortalSession,
    invoice::{ListInvoice, RetrieveInvoice},
    invoice_payment::ListInvoicePayment,
    subscription::{CancelSubscription, ListSubscription, RetrieveSubscription, UpdateSubscription},
};
use stripe_checkout::{
    CheckoutSessionMode, CheckoutSessionSubmitType,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
        CreateCheckoutSessionLineItemsPriceDataRecurring, CreateCheckoutSessionLineItemsPriceDataRecurringInterval,
        CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession,
        ListCheckoutSession, ProductData, RetrieveCheckoutSession,
    },
};
use stripe_core::{
    balance::RetrieveForMyAccountBalance,
    balance_transaction::{ListBalanceTransaction, RetrieveBalanceTransaction},
    charge::{ListCharge, RetrieveCharge},
    customer::{CreateCustomer, DeleteCustomer, RetrieveCustomer, RetrieveCustomerReturned, UpdateCustomer},
    dispute::{CloseDispute, ListDispute, RetrieveDispute},
    event::{ListEvent, RetrieveEvent},
    payment_intent::RetrievePaymentIntent,
    payout::{ListPayout, RetrievePayout},
    refund::{CreateRefund, ListRefund, RetrieveRefund},
};

struct Bench {
    sandbox: Sandbox,
    client: Client,
    http: reqwest::Client,
    clock: Clock,
    _file: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let clock = Clock::stopped_at(NOW);
        let (sandbox, file) = start_sandbox(clock.clone()).await;
        let client = ClientBuilder::new("sk_test_of_the_tests").url(sandbox.url()).build().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sandbox, client, http, clock, _file: file }
    }

    fn checkout(amount: i64, monthly: bool) -> CreateCheckoutSession {
        let mut product = ProductData::new("A gift");
        product.description = Some("To AMICC".into());
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(stripe_types::Currency::USD);
        price.unit_amount = Some(amount);
        price.product_data = Some(product);
        if monthly {
            let interval = CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month;
            price.recurring = Some(CreateCheckoutSessionLineItemsPriceDataRecurring::new(interval));
        }
        let mut line = CreateCheckoutSessionLineItems::new();
        line.quantity = Some(1);
        line.price_data = Some(price);
        let metadata = || HashMap::from([("gift".to_owned(), "7".to_owned())]);
        let create = CreateCheckoutSession::new()
            .line_items(vec![line])
            .success_url("http://shop.example/done?session={CHECKOUT_SESSION_ID}")
            .cancel_url("http://shop.example/back")
            .customer_email("ada@example.org")
            .submit_type(CheckoutSessionSubmitType::Donate)
            .metadata(metadata());
        if monthly {
            let mut data = CreateCheckoutSessionSubscriptionData::new();
            data.metadata = Some(metadata());
            create.mode(CheckoutSessionMode::Subscription).subscription_data(data)
        } else {
            let mut data = CreateCheckoutSessionPaymentIntentData::new();
            data.metadata = Some(metadata());
            create.mode(CheckoutSessionMode::Payment).payment_intent_data(data)
        }
    }

    async fn session(&self, amount: i64, monthly: bool) -> String {
        Self::checkout(amount, monthly).send(&self.client).await.unwrap().id.to_string()
    }

    async fn read(&self, session: &str) -> stripe_shared::CheckoutSession {
        RetrieveCheckoutSession::new(session).send(&self.client).await.unwrap()
    }

    /// A gift that was paid; its payment.
    async fn gift(&self, amount: i64) -> String {
        let session = self.session(amount, false).await;
        self.sandbox.pay(&session, Card::Success).await.unwrap();
        self.read(&session).await.payment_intent.unwrap().into_id().to_string()
    }

    /// A membership that was paid once; its subscription.
    async fn membership(&self) -> String {
        let session = self.session(2_500, true).await;
        self.sandbox.pay(&session, Card::Success).await.unwrap();
        self.read(&session).await.subscription.unwrap().into_id().to_string()
    }

    async fn subscription(&self, id: &str) -> stripe_shared::Subscription {
        RetrieveSubscription::new(id).send(&self.client).await.unwrap()
    }

    /// A call by hand: status and answer.
    async fn call(&self, method: reqwest::Method, path: &str, body: &str, key: Option<&str>) -> (u16, serde_json::Value) {
        let mut request = self.http.request(method, format!("{}v1/{path}", self.sandbox.url()));
        request = request.bearer_auth("sk_test_of_the_tests").body(body.to_owned());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// What kinds of events were written since the last call, oldest first; none of them is sent.
    async fn told(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        for id in self.sandbox.pending().await.unwrap() {
            let event = self.call(reqwest::Method::GET, &format!("events/{id}"), "", None).await.1;
            kinds.push(event["type"].as_str().unwrap().to_owned());
            self.sandbox.drop_event(&id).await.unwrap();
        }
        kinds
    }
}

fn refusal(error: &StripeError) -> (u16, Option<String>) {
    match error {
        StripeError::Stripe(error, status) => (*status, error.code.as_ref().map(ToString::to_string)),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_gift_is_paid_and_every_object_can_be_read() {
    let bench = Bench::start().await;
    let session = bench.session(2_500, false).await;
    let page = bench.http.get(format!("{}pay/{session}", bench.sandbox.url())).send().await.unwrap();
    let words = page.text().await.unwrap();
    assert!(words.contains("no money moves") && words.contains("$25.00"), "{words}");
    let sent =
        bench.http.post(format!("{}pay/{session}", bench.sandbox.url())).form(&[("card", "decline")]).send().await.unwrap();
    assert_eq!(sent.status(), 402);
    let open = bench.read(&session).await;
    assert_eq!(open.status.unwrap().as_str(), "open");
    assert_eq!(bench.told().await, ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    let sent =
        bench.http.post(format!("{}pay/{session}", bench.sandbox.url())).form(&[("card", "success")]).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    assert_eq!(sent.headers()["location"], format!("http://shop.example/done?session={session}"));
    assert_eq!(
        bench.told().await,
        ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"]
    );

    let paid = RetrieveCheckoutSession::new(session.as_str())
        .expand(["payment_intent.latest_charge".into(), "line_items".into()])
        .send(&bench.client)
        .await
        .unwrap();
    assert_eq!((paid.payment_status.as_str(), paid.amount_total), ("paid", Some(2_500)));
    assert_eq!(paid.line_items.unwrap().data.len(), 1);
    let payment = paid.payment_intent.unwrap().into_object().unwrap();
    let id = payment.id.to_string();
    let payment = RetrievePaymentIntent::new(id.as_str())
        .expand(["latest_charge.balance_transaction".into()])
        .send(&bench.client)
        .await
        .unwrap();
    assert_eq!(payment.metadata["gift"], "7");
    let charge = payment.latest_charge.unwrap().into_object().unwrap();
    let line = charge.balance_transaction.unwrap().into_object().unwrap();
    assert_eq!((line.amount, line.fee, line.net), (2_500, 103, 2_397));
    let charge = RetrieveCharge::new(charge.id.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(charge.payment_method_details.unwrap().card.unwrap().last4.as_deref(), Some("4242"));
    assert_eq!(ListCharge::new().payment_intent(id.as_str()).send(&bench.client).await.unwrap().data.len(), 2);
    RetrieveBalanceTransaction::new(line.id.as_str()).send(&bench.client).await.unwrap();
    let found = ListCheckoutSession::new().payment_intent(id.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(found.data.len(), 1);

    let abandoned = bench.session(900, false).await;
    ExpireCheckoutSession::new(abandoned.as_str()).send(&bench.client).await.unwrap();
    assert!(bench.sandbox.pay(&abandoned, Card::Success).await.is_err());
}

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

#[tokio::test]
async fn refunds_stay_within_the_charge_and_may_come_back() {
    let bench = Bench::start().await;
    let payment = bench.gift(3_000).await;
    bench.told().await;
    let part = CreateRefund::new().payment_intent(payment.as_str()).amount(1_000).send(&bench.client).await.unwrap();
    assert_eq!(part.status.as_deref(), Some("succeeded"));
    assert_eq!(bench.told().await, ["refund.created", "charge.refunded", "refund.updated"]);
    let too_much = CreateRefund::new().payment_intent(payment.as_str()).amount(2_001).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&too_much).0, 400);
    CreateRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap();
    let again = CreateRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&again), (400, Some("charge_already_refunded".into())));

    bench.told().await;
    bench.sandbox.fail_refund(part.id.as_str()).await.unwrap();
    assert_eq!(bench.told().await, ["refund.updated", "refund.failed"]);
    let failed = RetrieveRefund::new(part.id.as_str()).send(&bench.client).await.unwrap();
    assert!(failed.status.as_deref() == Some("failed") && failed.failure_balance_transaction.is_some());
    let listed = ListRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(listed.data.len(), 2);
    let charge = RetrieveCharge::new(failed.charge.unwrap().into_id()).send(&bench.client).await.unwrap();
    assert_eq!(charge.amount_refunded, 2_000);
}

#[tokio::test]
async fn disputes_are_won_and_lost_and_payouts_tie_to_their_rows() {
    let bench = Bench::start().await;
    let (one, two, three) = (bench.gift(10_000).await, bench.gift(20_000).await, bench.gift(30_000).await);
    bench.told().await;
    let won = bench.sandbox.dispute(&one).await.unwrap();
    let lost = bench.sandbox.dispute(&two).await.unwrap();
    assert_eq!(bench.told().await[..2], ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    let refused = CreateRefund::new().payment_intent(one.as_str()).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&refused), (400, Some("charge_disputed".into())));
    bench.sandbox.close_dispute(&won, true).await.unwrap();
    let told = bench.told().await;
    assert_eq!(told, ["charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]);
    CloseDispute::new(lost.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(bench.told().await, ["charge.dispute.updated", "charge.dispute.closed"]);
    let dispute = RetrieveDispute::new(won.as_str()).send(&bench.client).await.unwrap();
    assert_eq!((dispute.status.as_str(), dispute.balance_transactions.len()), ("won", 2));
    assert_eq!(
        ListDispute::new().payment_intent(two.as_str()).send(&bench.client).await.unwrap().data[0].status.as_str(),
        "lost"
    );
    bench.sandbox.fraud_warning(&three).await.unwrap();
    CreateRefund::new().payment_intent(three.as_str()).amount(500).send(&bench.client).await.unwrap();
    assert!(RetrieveForMyAccountBalance::new().send(&bench.client).await.unwrap().pending[0].amount > 0);
    bench.told().await;

    let first = bench.sandbox.payout().await.unwrap();
    let kinds = ["payout.created", "payout.updated", "payout.paid", "payout.reconciliation_completed"];
    assert_eq!(bench.told().await, kinds);
    bench.sandbox.fail_payout(&first).await.unwrap();
    let second = bench.sandbox.payout().await.unwrap();
    for id in [&first, &second] {
        let payout = RetrievePayout::new(id.as_str()).send(&bench.client).await.unwrap();
        let mut net = 0;
        let mut after: Option<String> = None;
        loop {
            let mut page = ListBalanceTransaction::new().payout(id.as_str()).limit(2).expand(["data.source".into()]);
            if let Some(after) = &after {
                page = page.starting_after(after.as_str());
            }
            let page = page.send(&bench.client).await.unwrap();
            net += page.data.iter().filter(|row| row.reporting_category != "payout").map(|row| row.net).sum::<i64>();
            after = page.data.last().map(|row| row.id.to_string());
            if !page.has_more {
                break;
            }
        }
        assert_eq!(net, payout.amount);
    }
    assert_eq!(ListPayout::new().status("failed").send(&bench.client).await.unwrap().data.len(), 1);
    assert!(bench.sandbox.payout().await.is_err(), "nothing is left");
    let later = bench.session(4_000, false).await;
    bench.sandbox.pay(&later, Card::DisputeLater).await.unwrap();
    bench.sandbox.advance(60).await.unwrap();
    assert!(bench.told().await.contains(&"charge.dispute.created".to_owned()));
}

#[tokio::test]
async fn a_key_is_answered_once_and_belongs_to_its_parameters() {
    let bench = Bench::start().await;
    let post = reqwest::Method::POST;
    let first = bench.call(post.clone(), "customers", "email=a@x.org&metadata[a]=1&metadata[b]=2", Some("k")).await;
    let again = bench.call(post.clone(), "customers", "metadata[b]=2&metadata[a]=1&email=a%40x.org", Some("k")).await;
    assert_eq!((first.0, &first), (200, &again), "other order, same parameters");
    let (status, other) = bench.call(post.clone(), "customers", "email=b@x.org", Some("k")).await;
    assert_eq!((status, other["error"]["type"].as_str()), (400, Some("idempotency_error")));
    let listed = bench.call(reqwest::Method::GET, "customers?email=a@x.org", "", None).await.1;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(bench.call(post.clone(), "customers", "email=nobody", Some("v")).await.0, 400);
    assert_eq!(bench.call(post, "customers", "email=some@body.org", Some("v")).await.0, 200, "a mistake is not kept");

    let create = || Bench::checkout(700, false);
    let strategy = || RequestStrategy::Idempotent(IdempotencyKey::new("gift-1").unwrap());
    let one = create().customize().request_strategy(strategy()).send(&bench.client).await.unwrap();
    let two = create().customize().request_strategy(strategy()).send(&bench.client).await.unwrap();
    assert_eq!(one.id, two.id);
}

#[tokio::test]
async fn mistakes_are_refused_as_stripe_refuses_them() {
    let bench = Bench::start().await;
    let get = reqwest::Method::GET;
    let post = reqwest::Method::POST;
    let old = "mode=payment&success_url=http://x&payment_method_types[]=card&line_items[0][quantity]=1\
               &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500\
               &line_items[0][price_data][product_data][name]=x";
    let (status, told) = bench.call(post.clone(), "checkout/sessions", old, None).await;
    assert_eq!((status, told["error"]["code"].as_str()), (400, Some("parameter_unknown")));
    assert_eq!(told["error"]["param"], "payment_method_types");
    let (status, told) = bench.call(post.clone(), "checkout/sessions", "mode=payment", None).await;
    assert_eq!((status, told["error"]["param"].as_str()), (400, Some("success_url")));
    let (status, told) = bench.call(get.clone(), "charges/ch_none", "", None).await;
    assert_eq!((status, told["error"]["code"].as_str()), (404, Some("resource_missing")));
    assert_eq!(bench.call(get.clone(), "unheard/of", "", None).await.0, 404);
    assert_eq!(bench.call(get.clone(), "events?limit=101", "", None).await.0, 400);
    let stranger = ClientBuilder::new("sk_test_of_somebody_else").url(bench.sandbox.url()).build().unwrap();
    let refused = ListCharge::new().send(&stranger).await.unwrap_err();
    assert_eq!(refusal(&refused).0, 401);
    let missing = RetrievePaymentIntent::new("pi_none").send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&missing), (404, Some("resource_missing".into())));
    let folder = tempfile::tempdir().unwrap();
    let live = convener::payments::sandbox::Options {
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: "sk_live_x".into(),
        webhook_secret: "whsec_x".into(),
        webhook_url: None,
        file: folder.path().join("never"),
        clock: Clock::stopped_at(NOW),
        deliver: false,
    };
    assert!(Sandbox::start(live).await.is_err());

    bench.sandbox.misbehave(Misbehaviour::Status(500), 1);
    assert_eq!(bench.call(post.clone(), "customers", "email=a@x.org", Some("k")).await.0, 500);
    assert_eq!(bench.call(post, "customers", "email=a@x.org", Some("k")).await.0, 200, "nothing was done, so the key is free");
    bench.sandbox.misbehave(Misbehaviour::Hang, 1);
    let brief = std::time::Duration::from_millis(200);
    let create = CreateCustomer::new().email("b@x.org").customize().timeout(brief);
    assert!(matches!(create.send(&bench.client).await.unwrap_err(), StripeError::Timeout));
    let listed = bench.call(get, "customers?email=b@x.org", "", None).await.1;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "done, though never answered");
}

#[tokio::test]
async fn customers_are_kept_and_lists_are_paged_both_ways() {
    let bench = Bench::start().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let metadata = HashMap::from([("n".to_owned(), n.to_string())]);
        ids.push(CreateCustomer::new().name("Ada").metadata(metadata).send(&bench.client).await.unwrap().id.to_string());
    }
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
    };
    let get = reqwest::Method::GET;
    let first = bench.call(get.clone(), "customers?limit=2", "", None).await.1;
    assert_eq!((names(&first), first["has_more"].as_bool()), (vec![ids[4].clone(), ids[3].clone()], Some(true)));
    let next = bench.call(get.clone(), &format!("customers?limit=3&starting_after={}", ids[3]), "", None).await.1;
    assert_eq!((names(&next), next["has_more"].as_bool()), (vec![ids[2].clone(), ids[1].clone(), ids[0].clone()], Some(false)));
    let back = bench.call(get, &format!("customers?limit=2&ending_before={}", ids[1]), "", None).await.1;
    assert_eq!((names(&back), back["has_more"].as_bool()), (vec![ids[3].clone(), ids[2].clone()], Some(true)));

    let more = HashMap::from([("n".to_owned(), String::new()), ("m".to_owned(), "1".to_owned())]);
    let changed = UpdateCustomer::new(ids[0].as_str()).metadata(more).send(&bench.client).await.unwrap();
    assert_eq!(changed.metadata.unwrap(), HashMap::from([("m".to_owned(), "1".to_owned())]));
    DeleteCustomer::new(ids[0].as_str()).send(&bench.client).await.unwrap();
    let gone = RetrieveCustomer::new(ids[0].as_str()).send(&bench.client).await.unwrap();
    assert!(matches!(gone, RetrieveCustomerReturned::DeletedCustomer(_)));
}

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
        file: bench._file.path().join("sandbox.db"),
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
