//! The sandbox as Stripe's own client sees it.
mod hooks;
mod membership;
mod money;
mod protocol;

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
    file: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let clock = Clock::stopped_at(NOW);
        let (sandbox, file) = start_sandbox(clock.clone()).await;
        let client = ClientBuilder::new("sk_test_of_the_tests").url(sandbox.url()).build().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sandbox, client, http, clock, file }
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
