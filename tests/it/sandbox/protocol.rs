//! Keys, mistakes, lists.
use super::*;

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
