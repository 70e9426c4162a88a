//! Gifts, whatever order, repetition and loss their events meet with.
use crate::paying::{Paying, start_paying};
use convener::{
    books,
    kernel::Cents,
    payments::{Patience, sandbox::Card},
    staff::Role,
};
use proptest::prelude::*;
use std::time::Duration;

async fn start() -> Paying {
    let mut paying = start_paying().await;
    let patience = Patience { attempt: Duration::from_secs(4), all: Duration::from_secs(8), pause: Duration::from_millis(1) };
    paying.server.app = paying.server.app.clone().with(|app| app.gateway = app.gateway.clone().with_patience(patience));
    paying
}

/// Gives on the donate page and pays; the checkout.
async fn give(paying: &Paying, amount: &str, frequency: &str, email: &str) -> String {
    let fields = [("amount", ""), ("other_amount", amount), ("frequency", frequency), ("name", "Ada Lovelace"), ("email", email)];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = sent.location();
    let id = page[page.find("cs_test_").unwrap()..].split(['?', '#', '/']).next().unwrap().to_owned();
    paying.sandbox.pay(&id, Card::Success).await.unwrap();
    id
}

/// What the books, the gifts and the recurring gifts come to, as staff would see it.
async fn books_of(paying: &Paying) -> Vec<String> {
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    books::trial_balance(&mut tx).await.unwrap().iter().map(|b| format!("{:?} {}", b.account, b.amount.of(b.currency))).collect()
}

/// One donor gives once and gets some back, one disputes and loses, one gives monthly for two months. The
/// balance is paid out, comes back from the bank, and is paid out again with what came meanwhile.
async fn a_life_of_gifts(paying: &Paying) {
    let gateway = &paying.server.app.gateway;
    let once = give(paying, "100", "once", "ada@example.org").await;
    let payment = gateway.checkout(&once).await.unwrap().payment.unwrap();
    gateway.start_refund("refund-1", &payment, Cents::new(2_500)).await.unwrap();

    let disputed = give(paying, "60", "once", "bob@example.org").await;
    let payment = gateway.checkout(&disputed).await.unwrap().payment.unwrap();
    let dispute = paying.sandbox.dispute(&payment).await.unwrap();
    paying.sandbox.close_dispute(&dispute, false).await.unwrap();
    let payout = paying.sandbox.payout().await.unwrap();
    paying.sandbox.fail_payout(&payout).await.unwrap();

    give(paying, "20", "monthly", "eve@example.org").await;
    paying.server.app.clock.advance(32 * 86_400);
    paying.sandbox.advance(0).await.unwrap();
    paying.sandbox.payout().await.unwrap();
}

/// Compares now, by the button.
async fn compare(paying: &mut Paying) -> String {
    paying.server.sign_in(Role::Development).await;
    let begun = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    paying.server.run_jobs().await;
    let page = paying.server.get(begun.location()).await.text();
    assert!(page.contains("Finished"), "{page}");
    page
}

/// The books when every event comes once, in its order, at once.
async fn in_fair_weather() -> Vec<String> {
    let mut paying = start().await;
    a_life_of_gifts(&paying).await;
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
    let books = books_of(&paying).await;
    assert!(!books.is_empty());
    compare(&mut paying).await;
    assert_eq!(books_of(&paying).await, books, "a comparison changes nothing where all was told");
    books
}

#[tokio::test]
async fn a_comparison_repairs_a_gift_whose_webhooks_were_lost() {
    let mut paying = start().await;
    give(&paying, "100", "once", "ada@example.org").await;
    for lost in paying.sandbox.pending().await.unwrap() {
        paying.sandbox.drop_event(&lost).await.unwrap();
    }
    paying.server.run_jobs().await;
    assert!(books_of(&paying).await.is_empty());
    let page = compare(&mut paying).await;
    assert!(page.contains("$100.00"), "the repair is said: {page}");
    assert!(!books_of(&paying).await.is_empty());
    let again = compare(&mut paying).await;
    assert!(again.contains("our books and Stripe agree"), "{again}");
}

#[tokio::test]
async fn a_comparison_alone_tells_the_whole_story() {
    let fair = in_fair_weather().await;
    let mut paying = start().await;
    a_life_of_gifts(&paying).await;
    for lost in paying.sandbox.pending().await.unwrap() {
        paying.sandbox.drop_event(&lost).await.unwrap();
    }
    compare(&mut paying).await;
    assert_eq!(books_of(&paying).await, fair);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_repetition_and_loss_of_events_ends_in_the_same_books(seed: u64, lost in prop::collection::vec(any::<bool>(), 80)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (fair, foul) = runtime.block_on(async {
            let fair = in_fair_weather().await;
            let mut paying = start().await;
            a_life_of_gifts(&paying).await;
            for (event, lost) in paying.sandbox.pending().await.unwrap().iter().zip(lost.iter().cycle()) {
                if *lost {
                    paying.sandbox.drop_event(event).await.unwrap();
                }
            }
            paying.sandbox.disturb(seed).await.unwrap();
            paying.sandbox.deliver_all().await.unwrap();
            paying.server.run_jobs().await;
            compare(&mut paying).await;
            (fair, books_of(&paying).await)
        });
        prop_assert_eq!(fair, foul);
    }
}
