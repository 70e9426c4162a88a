//! Giving, from the form to the books, as a donor, the payment service and the bank see it.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{
    books,
    db::Tx,
    donors,
    gifts::{self, Fund, FundId, Gift, GiftState, Giving, Limit, Restriction},
    kernel::Cents,
    mail,
    payments::{
        CheckoutRequest, Frequency, SubscriptionState,
        sandbox::{Card, Misbehaviour},
    },
    receipts::{self, EntityId, LegalEntity, ReceiptState},
    settings,
    staff::Role,
    work,
};

const ADA: &[(&str, &str)] = &[
    ("amount", "other"),
    ("other_amount", "$1,250"),
    ("frequency", "once"),
    ("cover", "yes"),
    ("name", "Ada Lovelace"),
    ("email", "Ada@Example.org"),
    ("address", "12 St James's Square\nLondon"),
];

/// The usual form with some answers changed.
fn but<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> =
        ADA.iter().copied().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name)).collect();
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

async fn tx(server: &Server) -> Tx {
    server.app.db.write().await.unwrap()
}

async fn name_donee(server: &Server, deductible: bool) {
    let entity = LegalEntity {
        id: EntityId::new(),
        from_day: "2020-01-01".parse().unwrap(),
        name: "Columbia University".into(),
        ein: Some("13-5598093".into()),
        address: "New York, NY".into(),
        sponsorship: Some("for the benefit of its program AMICC".into()),
        signatory: "The Convener".into(),
        deductible,
    };
    let mut tx = tx(server).await;
    assert!(receipts::insert_entity(&mut tx, &entity).await.unwrap());
    tx.commit().await.unwrap();
}

async fn set(server: &Server, change: impl FnOnce(&mut Giving)) {
    let mut tx = tx(server).await;
    let mut giving: Giving = settings::get(&mut tx).await.unwrap();
    change(&mut giving);
    settings::set(&mut tx, &giving, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

fn session(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned()
}

/// The gifts of the donor with this address, newest first.
async fn gifts_of(server: &Server, email: &str) -> Vec<Gift> {
    let mut tx = server.app.db.read().await.unwrap();
    let Some(donor) = donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap() else { return Vec::new() };
    gifts::of_donor(&mut tx, donor.id, 100).await.unwrap()
}

async fn ada(server: &Server) -> Gift {
    let mut all = gifts_of(server, "ada@example.org").await;
    assert_eq!(all.len(), 1, "one gift");
    all.remove(0)
}

/// Webhooks arrive, and what they cause is done.
async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// Every account's balance; the books are balanced and the totals right.
async fn accounts(server: &Server) -> Vec<(String, i64)> {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0, "the totals are what the gifts sum to");
    let balances = books::trial_balance(&mut tx).await.unwrap();
    assert_eq!(balances.iter().map(|b| b.amount).sum::<Cents>(), Cents::ZERO);
    balances.into_iter().filter(|b| !b.amount.is_zero()).map(|b| (b.account.to_string(), b.amount.get())).collect()
}

fn account(accounts: &[(String, i64)], name: &str) -> i64 {
    accounts.iter().find(|(account, _)| account == name).map_or(0, |(_, amount)| *amount)
}

async fn letters(server: &Server, gift: &Gift) -> Vec<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut letters = Vec::new();
    for summary in mail::of_record(&mut tx, ("gift", &gift.id.to_string())).await.unwrap() {
        letters.push(mail::by_id(&mut tx, summary.id).await.unwrap().unwrap());
    }
    letters.sort_by_key(|letter| letter.id.to_string());
    letters
}

async fn receipts_of(server: &Server, gift: &Gift) -> Vec<receipts::Receipt> {
    let mut tx = server.app.db.read().await.unwrap();
    receipts::of_gift(&mut tx, &gift.id.to_string()).await.unwrap()
}

#[tokio::test]
async fn a_gift_goes_from_the_form_to_the_books_and_the_thanks_page_is_right_all_the_way() {
    let paying = start_paying().await;
    let server = &paying.server;
    name_donee(server, true).await;
    let sent = server.fill("/donate", "/donate", ADA).await;
    let session = session(&sent);
    let gift = ada(server).await;
    // ⌈(125,000 + 30) / 0.971⌉ = 128,765
    assert_eq!((gift.intended, gift.covered_fee, gift.charged), (Cents::new(125_000), Cents::new(3_765), Cents::new(128_765)));
    assert_eq!(gift.state, GiftState::Open);

    let thanks = gifts::thanks_path(&server.app, gift.id);
    let before = server.get(&thanks).await;
    assert!(before.text().contains("Your payment is being confirmed"), "{}", before.text());
    assert!(before.headers.contains_key("refresh"));

    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    let during = server.get(&format!("{thanks}?session={session}")).await;
    assert!(during.text().contains("$1,287.65 to American NGO Coalition"), "{}", during.text());
    assert!(during.text().contains("Your receipt goes to ada@example.org"));
    assert!(!during.headers.contains_key("refresh"));

    hear(&paying).await;
    let gift = ada(server).await;
    assert_eq!(gift.state, GiftState::Settled);
    assert_eq!(gift.card.as_deref(), Some("Visa ending in 4242"));
    let accounts = accounts(server).await;
    let fee = gift.processor_fee.unwrap().get();
    assert_eq!(account(&accounts, "contributions"), -125_000);
    assert_eq!(account(&accounts, "covered_fees"), -3_765);
    assert_eq!(account(&accounts, "gateway"), 128_765 - fee);

    let letters = letters(server, &gift).await;
    assert_eq!(letters.len(), 1, "one letter, however often we were told");
    for words in [
        "$1,287.65",
        "R-000001",
        "Columbia University, for the benefit of its program AMICC",
        "no goods or services",
        "13-5598093",
    ] {
        assert!(letters[0].body_text.contains(words), "{words}: {}", letters[0].body_text);
    }
    assert!(server.get(&thanks).await.text().contains("R-000001"));
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
    assert!(!donor.consent_updates && donor.gateway_customer.is_some());
    assert_eq!(donors::totals_of(&mut tx, donor.id).await.unwrap()[0].given, Cents::new(125_000));
    let found = donors::matching(&mut tx, "LOVEL", 10).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_page_that_staff_opened_first_works_for_everybody() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::ReadOnly).await;
    let server = &paying.server;
    let page = server.get("/donate").await;
    let (target, values) = page.form("/donate", "/donate", ADA);
    let visitor = Server::visitor().post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(visitor.status(), 303);
    let forged = server.post("/donate", ADA).await;
    assert_eq!(forged.status, 403, "no proof, no gift");
    assert_eq!(server.fill("/donate", "/donate", &but(&[("email", "staff@example.org")])).await.status, 303);
}

#[tokio::test]
async fn a_gift_that_was_paid_twice_or_wrongly_is_shown_to_a_person() {
    let paying = start_paying().await;
    let server = &paying.server;
    let sent = session(&server.fill("/donate", "/donate", ADA).await);
    let gift = ada(server).await;
    let other = CheckoutRequest {
        gift: gift.id.to_string(),
        description: "The same gift, by mistake".into(),
        email: "ada@example.org".parse().unwrap(),
        customer: None,
        charged: gift.charged,
        covered_fee: Cents::ZERO,
        currency: gift.currency,
        frequency: Frequency::Once,
        success_url: server.url.clone(),
        cancel_url: server.url.clone(),
    };
    let second = Box::pin(server.app.gateway.start_checkout("again", &other)).await.unwrap();
    let wrong = CheckoutRequest { charged: Cents::new(500), ..other };
    let third = Box::pin(server.app.gateway.start_checkout("wrong", &wrong)).await.unwrap();
    for page in [&sent, &second.id, &third.id] {
        paying.sandbox.pay(page, Card::Success).await.unwrap();
    }
    gifts::refresh_checkout(&server.app, &sent).await.unwrap();
    let twice = gifts::refresh_checkout(&server.app, &second.id).await.unwrap_err();
    assert!(twice.to_string().contains("refund one of them") && !twice.is_temporary(), "{twice}");
    let wrong = gifts::refresh_checkout(&server.app, &third.id).await.unwrap_err();
    assert!(wrong.to_string().contains("but $5.00 was paid for it"), "{wrong}");
    assert_eq!(account(&accounts(server).await, "contributions"), -125_000);
}

#[tokio::test]
async fn a_gift_that_never_reached_the_payment_page_is_given_up_after_two_days() {
    let server = Server::start().await;
    server.fill("/donate", "/donate", ADA).await;
    let sweep = async || {
        let mut tx = tx(&server).await;
        work::soon(&mut tx, gifts::SWEEP.kind, "now", server.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        server.run_jobs().await;
        ada(&server).await.state
    };
    assert_eq!(sweep().await, GiftState::Open);
    server.app.clock.advance(3 * 86_400);
    assert_eq!(sweep().await, GiftState::Abandoned);
}

#[tokio::test]
async fn nobody_opens_a_thanks_page_by_guessing() {
    let paying = start_paying().await;
    let server = &paying.server;
    server.fill("/donate", "/donate", ADA).await;
    let gift = ada(server).await;
    for guess in [gift.id.to_string(), format!("{}.x", gift.id), "x".to_owned()] {
        assert_eq!(server.get(&format!("/donate/thanks/{guess}")).await.status, 404, "{guess}");
    }
}

#[tokio::test]
async fn a_form_sent_twice_is_one_gift_and_one_payment_page() {
    let paying = start_paying().await;
    let server = &paying.server;
    let (target, values) = server.get("/donate").await.form("/donate", "/donate", ADA);
    let send = || server.http.post(server.absolute(&target)).form(&values).send();
    let (one, two) = tokio::join!(send(), send());
    let (one, two) = (Answer::of(one.unwrap()).await, Answer::of(two.unwrap()).await);
    assert_eq!((one.status, two.status), (303, 303));
    assert_eq!(one.location(), two.location());
    assert_eq!(ada(server).await.state, GiftState::Open);

    paying.sandbox.pay(&session(&one), Card::Success).await.unwrap();
    hear(&paying).await;
    let third = Answer::of(send().await.unwrap()).await;
    assert_eq!(third.status, 409, "a paid form is not paid again unasked");
    assert_eq!(ada(server).await.state, GiftState::Settled);
}

#[tokio::test]
async fn a_page_read_by_two_donors_makes_two_gifts() {
    let paying = start_paying().await;
    let server = &paying.server;
    let page = server.get("/donate").await;
    for email in ["ada@example.org", "bob@example.org"] {
        let (target, values) = page.form("/donate", "/donate", &but(&[("email", email)]));
        let answer = Answer::of(Server::visitor().post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
        assert_eq!(answer.status, 303);
    }
    assert_eq!(gifts_of(server, "ada@example.org").await.len(), 1);
    assert_eq!(gifts_of(server, "bob@example.org").await.len(), 1);
}

#[tokio::test]
async fn a_wrong_form_keeps_every_value_and_says_what_to_do() {
    let paying = start_paying().await;
    let server = &paying.server;
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("other_amount", "$2")], "The smallest gift we can take by card is $5"),
        (&[("other_amount", "lots")], "Enter an amount such as 25 or 25.50"),
        (&[("other_amount", "900000")], "The largest gift we take by card is $25,000"),
        (&[("amount", "25.00")], "keep one of them"),
        (&[("amount", ""), ("other_amount", "")], "Choose an amount, or write your own"),
        (&[("email", "nobody")], "name@example.org"),
        (&[("name", "")], "Enter your name"),
        (&[("tribute", "memory")], "Enter the name of the person"),
        (&[("fund", "nowhere")], "Choose where your gift goes"),
        (&[("frequency", "hourly")], "is not one of the answers"),
    ];
    for (changes, sentence) in cases {
        let answer = server.fill("/donate", "/donate", &but(changes)).await;
        assert_eq!(answer.status, 422, "{changes:?}");
        assert!(answer.all(".error-summary").join(" ").contains(sentence), "{sentence}: {:?}", answer.all(".error-summary"));
        if !changes.iter().any(|(name, _)| *name == "name") {
            assert_eq!(answer.attr("input[name=name]", "value").as_deref(), Some("Ada Lovelace"));
        }
        assert!(answer.attr("input[name=cover]", "checked").is_some());
    }
    assert!(gifts_of(server, "ada@example.org").await.is_empty());
}

#[tokio::test]
async fn a_slip_in_the_address_is_asked_about_before_anything_is_paid() {
    let paying = start_paying().await;
    let server = &paying.server;
    let asked = server.fill("/donate", "/donate", &but(&[("email", "ada@gmail.con")])).await;
    assert!(asked.status == 422 && asked.text().contains("Did you mean ada@gmail.com?"), "{}", asked.text());
    assert!(gifts_of(server, "ada@gmail.con").await.is_empty());
    let (target, values) = asked.form("/donate", "/donate", &[]);
    let meant = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(meant.status, 303, "{}", meant.text());
    assert_eq!(gifts_of(server, "ada@gmail.con").await.len(), 1);
}

#[tokio::test]
async fn a_link_fills_the_form_and_nothing_repeats_unasked() {
    let paying = start_paying().await;
    let server = &paying.server;
    let fund = Fund {
        id: FundId::new(),
        slug: "youth".into(),
        name: "Youth".into(),
        description: "Students.".into(),
        restriction: Restriction::Purpose,
        open: true,
        position: 2,
    };
    let mut tx = tx(server).await;
    assert!(gifts::insert_fund(&mut tx, &fund).await.unwrap());
    tx.commit().await.unwrap();
    let plain = server.get("/donate").await;
    assert_eq!(plain.attr("input[name=frequency][checked]", "value").as_deref(), Some("once"));
    assert!(plain.attr("input[name=amount][checked]", "value").is_none());
    assert!(plain.attr("input[name=updates]", "checked").is_none());
    let asked = server.get("/donate?frequency=monthly").await;
    assert_eq!(asked.attr("input[name=frequency][checked]", "value").as_deref(), Some("once"));
    let page = server.get("/donate?amount=50&fund=youth&source=letter-3").await;
    assert_eq!(page.attr("input[name=amount][checked]", "value").as_deref(), Some("50.00"));
    assert_eq!(page.attr("input[name=fund][checked]", "value").as_deref(), Some("youth"));
    assert_eq!(page.attr("form.donate", "data-percent-ppm").as_deref(), Some("29000"));
    server
        .fill("/donate?amount=50&fund=youth&source=letter-3", "/donate", &but(&[("amount", "50.00"), ("other_amount", "")]))
        .await;
    let gift = ada(server).await;
    assert_eq!((gift.fund_id, gift.source.as_deref()), (fund.id, Some("letter-3")));
}

#[tokio::test]
async fn when_the_payment_service_is_silent_the_form_is_kept_and_the_next_try_is_the_same_gift() {
    let paying = start_paying().await;
    let server = &paying.server;
    for status in [500, 429, 503] {
        paying.sandbox.misbehave(Misbehaviour::Status(status), 3);
        let answer = server.fill("/donate", "/donate", &but(&[("email", &format!("s{status}@example.org"))])).await;
        assert_eq!(answer.status, 503);
        assert!(answer.text().contains("does not answer at the moment"), "{}", answer.text());
        assert_eq!(answer.attr("input[name=name]", "value").as_deref(), Some("Ada Lovelace"));
        let (target, values) = answer.form("/donate", "/donate", &[]);
        let again = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
        assert_eq!(again.status, 303, "{status}: {}", again.text());
        assert_eq!(gifts_of(server, &format!("s{status}@example.org")).await.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_never_came_is_asked_for_again_with_the_same_key() {
    let paying = start_paying().await;
    paying.sandbox.misbehave(Misbehaviour::Hang, 1);
    let answer = paying.server.fill("/donate", "/donate", ADA).await;
    paying.sandbox.pay(&session(&answer), Card::Success).await.unwrap();
    hear(&paying).await;
    assert_eq!(ada(&paying.server).await.state, GiftState::Settled);
}

#[tokio::test]
async fn with_the_payment_service_down_nothing_is_half_made() {
    let server = Server::start().await;
    let answer = server.fill("/donate", "/donate", ADA).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.all("button.give"), ["Try again"]);
    let gift = ada(&server).await;
    assert_eq!((gift.state, gift.checkout), (GiftState::Open, None));
    assert!(accounts(&server).await.is_empty());
    let page = server.get(&gifts::thanks_path(&server.app, gift.id)).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn the_thanks_page_does_not_wait_for_a_payment_service_that_hangs() {
    let paying = start_paying().await;
    let server = &paying.server;
    server.fill("/donate", "/donate", ADA).await;
    let thanks = gifts::thanks_path(&server.app, ada(server).await.id);
    paying.sandbox.misbehave(Misbehaviour::Hang, 10);
    let page = tokio::time::timeout(std::time::Duration::from_secs(9), server.get(&thanks)).await.unwrap();
    assert!(page.text().contains("Your payment is being confirmed"), "{}", page.text());
}

#[tokio::test]
async fn a_gift_is_of_the_mode_it_was_begun_in() {
    for (key, live) in [("sk_live_of_the_tests", true), ("sk_test_of_the_tests", false)] {
        let server = Server::start_with(|config| config.stripe_key = convener::config::Secret::new(key)).await;
        assert_eq!(server.fill("/donate", "/donate", ADA).await.status, 503);
        assert_eq!(ada(&server).await.livemode, live);
    }
}

#[tokio::test]
async fn yen_have_no_cents() {
    let paying = start_paying().await;
    let server = &paying.server;
    set(server, |giving| {
        giving.currency = "jpy".parse().unwrap();
        giving.least = Cents::new(500);
        giving.fee_fixed = Cents::new(40);
        giving.suggested = vec![Cents::new(3_000)];
    })
    .await;
    assert_eq!(server.get("/donate").await.attr("form.donate", "data-digits").as_deref(), Some("0"));
    let answer = server.fill("/donate", "/donate", &but(&[("other_amount", "12.50")])).await;
    assert!(answer.text().contains("this currency has no smaller unit"), "{}", answer.text());
    let sent = server.fill("/donate", "/donate", &but(&[("other_amount", "¥10,000")])).await;
    paying.sandbox.pay(&session(&sent), Card::Success).await.unwrap();
    hear(&paying).await;
    let gift = ada(server).await;
    // ⌈10,040 / 0.971⌉ = 10,340
    assert_eq!((gift.state, gift.charged), (GiftState::Settled, Cents::new(10_340)));
    assert_eq!(account(&accounts(server).await, "contributions"), -10_000);
    assert!(letters(server, &gift).await[0].body_text.contains("¥10,340"));
}

#[tokio::test]
async fn the_kill_switch_stops_giving_at_once() {
    let paying = start_paying().await;
    let server = &paying.server;
    let (target, values) = server.get("/donate").await.form("/donate", "/donate", ADA);
    set(server, |giving| {
        giving.paused = true;
        giving.paused_because = "We are moving house.".into();
    })
    .await;
    let page = server.get("/donate").await;
    assert!(page.text().contains("Giving by card is paused") && page.text().contains("We are moving house."));
    let answer = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(answer.status, 503);
    assert!(gifts_of(server, "ada@example.org").await.is_empty());
}

#[tokio::test]
async fn who_tries_cards_is_stopped_and_let_in_again_later() {
    let paying = start_paying().await;
    let server = &paying.server;
    set(server, |giving| giving.per_address = Limit { most: 2, seconds: 600 }).await;
    for n in 0..3 {
        let email = format!("thief{n}@example.org");
        let answer = server.fill("/donate", "/donate", &but(&[("email", &email)])).await;
        if n < 2 {
            assert_eq!(answer.status, 303);
        } else {
            assert_eq!(answer.status, 429);
            assert!(answer.text().contains("Nothing was charged") && answer.headers.contains_key("retry-after"));
            assert!(gifts_of(server, &email).await.is_empty());
        }
    }
    server.app.clock.advance(600);
    assert_eq!(server.fill("/donate", "/donate", ADA).await.status, 303);
}

#[tokio::test]
async fn a_declined_card_is_no_gift_until_another_pays() {
    let paying = start_paying().await;
    let server = &paying.server;
    let sent = session(&server.fill("/donate", "/donate", ADA).await);
    paying.sandbox.pay(&sent, Card::Decline).await.unwrap();
    hear(&paying).await;
    let gift = ada(server).await;
    assert_eq!(gift.state, GiftState::Open);
    let page = server.get(&gifts::cancelled_path(&server.app, gift.id)).await;
    assert!(page.text().contains("Your card was declined") && page.text().contains("$1,250.00"), "{}", page.text());
    let resumed = server.fill(&gifts::cancelled_path(&server.app, gift.id), "/donate/cancelled", &[]).await;
    assert_eq!(session(&resumed), sent, "the page that is still open");
    paying.sandbox.pay(&sent, Card::Success).await.unwrap();
    hear(&paying).await;
    assert_eq!(ada(server).await.state, GiftState::Settled);
}

#[tokio::test]
async fn an_abandoned_gift_can_be_taken_up_again() {
    let paying = start_paying().await;
    let server = &paying.server;
    let sent = session(&server.fill("/donate", "/donate", ADA).await);
    paying.advance_days(2).await;
    hear(&paying).await;
    let gift = ada(server).await;
    assert_eq!(gift.state, GiftState::Abandoned);
    let resumed = session(&server.fill(&gifts::cancelled_path(&server.app, gift.id), "/donate/cancelled", &[]).await);
    assert_ne!(resumed, sent);
    paying.sandbox.pay(&resumed, Card::Success).await.unwrap();
    hear(&paying).await;
    assert_eq!(ada(server).await.state, GiftState::Settled);
}

#[tokio::test]
async fn a_bank_that_takes_days_is_waited_for() {
    let paying = start_paying().await;
    let server = &paying.server;
    for (card_succeeds, frequency, email, end) in [
        (true, "once", "slow@example.org", GiftState::Settled),
        (false, "once", "never@example.org", GiftState::Failed),
        (true, "monthly", "slowly@example.org", GiftState::Settled),
        (false, "monthly", "not-once@example.org", GiftState::Failed),
    ] {
        let sent = session(&server.fill("/donate", "/donate", &but(&[("email", email), ("frequency", frequency)])).await);
        paying.sandbox.pay(&sent, Card::Later).await.unwrap();
        hear(&paying).await;
        let gift = gifts_of(server, email).await.remove(0);
        assert_eq!(gift.state, GiftState::Processing);
        assert!(server.get(&gifts::thanks_path(&server.app, gift.id)).await.text().contains("Your bank takes a few days"));
        paying.sandbox.settle_later(&sent, card_succeeds).await.unwrap();
        hear(&paying).await;
        assert_eq!(gifts_of(server, email).await[0].state, end);
    }
}

#[tokio::test]
async fn a_refund_reverses_the_books_and_voids_the_receipt() {
    let paying = start_paying().await;
    let server = &paying.server;
    name_donee(server, true).await;
    let sent = session(&server.fill("/donate", "/donate", &but(&[("cover", "")])).await);
    paying.sandbox.pay(&sent, Card::Success).await.unwrap();
    hear(&paying).await;
    let gift = ada(server).await;
    let payment = gift.payment.clone().unwrap();

    server.app.gateway.start_refund("part", &payment, Cents::new(25_000)).await.unwrap();
    hear(&paying).await;
    let part = ada(server).await;
    assert_eq!(part.refunded, Cents::new(25_000));
    let receipts = receipts_of(server, &gift).await;
    assert_eq!(receipts.iter().map(|r| r.state).collect::<Vec<_>>(), [ReceiptState::Superseded, ReceiptState::Issued]);
    assert_eq!(receipts[1].frozen.amount, Cents::new(100_000));

    let rest = server.app.gateway.start_refund("rest", &payment, Cents::new(100_000)).await.unwrap();
    hear(&paying).await;
    assert_eq!(ada(server).await.refunded, Cents::new(125_000));
    assert!(receipts_of(server, &gift).await.iter().all(|r| r.state != ReceiptState::Issued));
    assert_eq!(account(&accounts(server).await, "refunds"), 125_000);
    assert!(letters(server, &gift).await.last().unwrap().body_text.contains("is void"));

    paying.sandbox.fail_refund(&rest.id).await.unwrap();
    hear(&paying).await;
    assert_eq!(ada(server).await.refunded, Cents::new(25_000), "a refund that failed leaves the gift");
    assert_eq!(account(&accounts(server).await, "refunds"), 25_000);
    let standing: Vec<_> = receipts_of(server, &gift).await.into_iter().filter(|r| r.state == ReceiptState::Issued).collect();
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].number, 3, "numbers have no gaps");
}

#[tokio::test]
async fn a_dispute_holds_the_money_and_is_won_or_lost() {
    let paying = start_paying().await;
    let server = &paying.server;
    name_donee(server, true).await;
    for (won, email) in [(true, "won@example.org"), (false, "lost@example.org")] {
        let sent = session(&server.fill("/donate", "/donate", &but(&[("email", email), ("cover", "")])).await);
        paying.sandbox.pay(&sent, Card::Success).await.unwrap();
        hear(&paying).await;
        let gift = gifts_of(server, email).await.remove(0);
        let before = accounts(server).await;
        let dispute = paying.sandbox.dispute(gift.payment.as_deref().unwrap()).await.unwrap();
        hear(&paying).await;
        let held = gifts_of(server, email).await.remove(0);
        assert!(held.disputed && held.refunded.is_zero());
        assert_eq!(account(&accounts(server).await, "disputes_open"), 125_000);
        paying.sandbox.close_dispute(&dispute, won).await.unwrap();
        hear(&paying).await;
        let after = gifts_of(server, email).await.remove(0);
        let accounts = accounts(server).await;
        assert_eq!(account(&accounts, "disputes_open"), 0);
        if won {
            assert!(!after.disputed && after.refunded.is_zero());
            assert_eq!(account(&accounts, "dispute_losses"), 0);
        } else {
            assert!(after.disputed);
            assert_eq!(after.refunded, Cents::new(125_000));
            assert_eq!(account(&accounts, "dispute_losses"), 125_000);
            assert!(receipts_of(server, &gift).await.iter().all(|r| r.state == ReceiptState::Void));
            assert!(account(&accounts, "gateway") < account(&before, "gateway") - 125_000, "and a fee");
        }
    }
}

#[tokio::test]
async fn a_monthly_gift_is_one_gift_a_month_and_stops_by_the_link_in_its_receipt() {
    let paying = start_paying().await;
    let server = &paying.server;
    name_donee(server, true).await;
    let sent = session(&server.fill("/donate", "/donate", &but(&[("frequency", "monthly")])).await);
    paying.sandbox.pay(&sent, Card::Success).await.unwrap();
    hear(&paying).await;
    let first = ada(server).await;
    assert_eq!(first.state, GiftState::Settled);
    assert!(first.recurring_id.is_some() && first.invoice.is_some());

    paying.advance_days(33).await;
    hear(&paying).await;
    let all = gifts_of(server, "ada@example.org").await;
    assert_eq!(all.len(), 2, "one gift a month");
    assert!(all.iter().all(|g| g.state == GiftState::Settled && g.covered_fee == Cents::new(3_765)));
    assert_eq!(account(&accounts(server).await, "contributions"), -250_000);

    let letter = letters(server, &all[0]).await.remove(0);
    let link = letter.body_text.lines().find(|line| line.contains("/gifts/manage/")).unwrap().to_owned();
    let path = link.strip_prefix(&server.url).unwrap().to_owned();
    let page = server.get(&path).await;
    assert!(page.text().contains("is charged every month"), "{}", page.text());
    let plan = all[0].recurring_id.unwrap();
    let mut tx = server.app.db.read().await.unwrap();
    assert!(gifts::recurring_by_id(&mut tx, plan).await.unwrap().unwrap().cancels_at.is_none(), "looking changes nothing");
    drop(tx);

    let portal = server.fill(&path, "/card", &[]).await;
    assert!(portal.location().contains("/portal/"), "{}", portal.location());
    assert_eq!(server.fill(&path, "/end", &[]).await.status, 303);
    assert!(server.get(&path).await.text().contains("ends on"), "{}", server.get(&path).await.text());
    paying.advance_days(70).await;
    hear(&paying).await;
    assert_eq!(gifts_of(server, "ada@example.org").await.len(), 2);
    let mut tx = server.app.db.read().await.unwrap();
    let plan = gifts::recurring_by_id(&mut tx, plan).await.unwrap().unwrap();
    assert_eq!(plan.state, SubscriptionState::Cancelled);
    drop(tx);
    assert_eq!(server.get("/gifts/manage/nonsense.code").await.status, 404);
}

#[tokio::test]
async fn a_renewal_that_fails_and_is_paid_later_ends_as_paid() {
    let paying = start_paying().await;
    let server = &paying.server;
    let sent = session(&server.fill("/donate", "/donate", &but(&[("frequency", "monthly")])).await);
    paying.sandbox.pay(&sent, Card::Success).await.unwrap();
    hear(&paying).await;
    let plan = ada(server).await.recurring_id.unwrap();
    let mut tx = server.app.db.read().await.unwrap();
    let subscription = gifts::recurring_by_id(&mut tx, plan).await.unwrap().unwrap().subscription;
    drop(tx);
    paying.sandbox.fail_next_renewal(&subscription).await.unwrap();
    paying.advance_days(32).await;
    hear(&paying).await;
    let renewal = gifts_of(server, "ada@example.org").await.remove(0);
    assert_eq!(renewal.state, GiftState::Failed);
    assert!(letters(server, &renewal).await[0].subject.contains("could not be charged"));
    paying.sandbox.mend_card(&subscription).await.unwrap();
    hear(&paying).await;
    let all = gifts_of(server, "ada@example.org").await;
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|g| g.state == GiftState::Settled));
    accounts(server).await;
}

#[tokio::test]
async fn any_order_and_repetition_of_events_ends_in_the_same_books() {
    let mut ends = Vec::new();
    for seed in 0..3 {
        let paying = start_paying().await;
        let server = &paying.server;
        name_donee(server, true).await;
        let once = session(&server.fill("/donate", "/donate", ADA).await);
        paying.sandbox.pay(&once, Card::Success).await.unwrap();
        let monthly =
            session(&server.fill("/donate", "/donate", &but(&[("frequency", "monthly"), ("email", "m@example.org")])).await);
        paying.sandbox.pay(&monthly, Card::Success).await.unwrap();
        // Nothing was heard of the payment yet when part of it goes back.
        let payment = server.app.gateway.checkout(&once).await.unwrap().payment.unwrap();
        server.app.gateway.start_refund("part", &payment, Cents::new(1_000)).await.unwrap();
        if seed > 0 {
            paying.sandbox.disturb(seed).await.unwrap();
        }
        for _ in 0..4 {
            hear(&paying).await;
            server.app.clock.advance(3_600);
        }
        let gift = gifts_of(server, "ada@example.org").await.remove(0);
        assert_eq!((gift.state, gift.refunded), (GiftState::Settled, Cents::new(1_000)));
        ends.push(accounts(server).await);
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:?}");
}

#[tokio::test]
async fn what_is_not_deductible_says_so_and_without_a_donee_there_is_no_receipt() {
    let paying = start_paying().await;
    let server = &paying.server;
    let give = async |email: &str| {
        let sent = session(&server.fill("/donate", "/donate", &but(&[("email", email)])).await);
        paying.sandbox.pay(&sent, Card::Success).await.unwrap();
        hear(&paying).await;
        gifts_of(server, email).await.remove(0)
    };
    let gift = give("early@example.org").await;
    assert!(receipts_of(server, &gift).await.is_empty());
    assert!(letters(server, &gift).await[0].body_text.contains("receipt follows separately"));
    name_donee(server, false).await;
    let gift = give("late@example.org").await;
    assert!(letters(server, &gift).await[0].body_text.contains("are not deductible as charitable contributions"));
    assert_eq!(receipts_of(server, &gift).await[0].number, 1, "a refused receipt takes no number");
}
