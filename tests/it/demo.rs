//! The demonstration's generated gifts are known to the stand-in for Stripe too, and live on there.
use crate::{
    paying::{Paying, start_paying},
    server::Answer,
};
use convener::{
    books::{self, Account},
    demo::{self, Scale},
    gifts::{self, Gift, GiftId, GiftState, RecurringGift},
    payments::{Subscription, SubscriptionState},
    staff::Role,
};

async fn start() -> Paying {
    let mut paying = start_paying().await;
    demo::fill(&paying.server.app, &Scale::DEMONSTRATION, Some(&paying.sandbox)).await.unwrap();
    paying.server.sign_in(Role::Administrator).await;
    // What banks said of the generated gifts is told, as it is while a demonstration runs.
    hear(&paying).await;
    paying
}

async fn compare(paying: &Paying) -> String {
    let begun = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    paying.server.run_jobs().await;
    paying.server.get(begun.location()).await.text()
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
    let failed = paying.server.get("/staff/events?state=failed").await;
    assert!(failed.all("tbody tr").is_empty(), "{}", failed.text());
}

async fn gift(paying: &Paying, id: GiftId) -> Gift {
    let mut tx = paying.server.app.db.read().await.unwrap();
    gifts::by_id(&mut tx, id).await.unwrap().unwrap()
}

/// The newest settled gifts that were given once, by card.
async fn newest(paying: &Paying) -> Vec<Gift> {
    let page = paying.server.get("/staff/gifts?state=settled").await;
    let mut all = Vec::new();
    for id in links(&page) {
        let gift = gift(paying, id).await;
        if gift.recurring_id.is_none() && gift.payment.is_some() {
            all.push(gift);
        }
    }
    all
}

fn links(page: &Answer) -> Vec<GiftId> {
    let html = page.html();
    let selector = scraper::Selector::parse("a[href^='/staff/gifts/']").unwrap();
    let ids = html
        .select(&selector)
        .filter_map(|link| link.value().attr("href")?.strip_prefix("/staff/gifts/")?.split(['?', '/']).next()?.parse().ok());
    ids.collect()
}

/// Our plan of a subscription, by the first gift it names.
async fn plan(paying: &Paying, told: &Subscription) -> RecurringGift {
    let first = gift(paying, told.gift.as_deref().unwrap().parse().unwrap()).await;
    let mut tx = paying.server.app.db.read().await.unwrap();
    gifts::recurring_by_id(&mut tx, first.recurring_id.unwrap()).await.unwrap().unwrap()
}

async fn gifts_of(paying: &Paying, plan: &RecurringGift) -> Vec<Gift> {
    let mut tx = paying.server.app.db.read().await.unwrap();
    let all = gifts::of_donor(&mut tx, plan.donor_id, 1_000).await.unwrap();
    all.into_iter().filter(|gift| gift.recurring_id == Some(plan.id)).collect()
}

async fn the_books_are_right(paying: &Paying) {
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
}

#[tokio::test]
async fn the_demonstration_agrees_with_the_payment_service_and_its_gifts_go_back_and_are_disputed() {
    let paying = start().await;
    let found = compare(&paying).await;
    assert!(found.contains("our books and Stripe agree"), "{found}");
    let mut tx = paying.server.app.db.read().await.unwrap();
    let balances = books::trial_balance(&mut tx).await.unwrap();
    drop(tx);
    let of = |account| balances.iter().find(|balance| balance.account == account).map_or(0, |balance| balance.amount.get());
    assert!(of(Account::Bank) > of(Account::Gateway) && of(Account::Gateway) > 0, "{balances:?}");
    assert_eq!(of(Account::InTransit), 0);

    let all = newest(&paying).await;
    let (refunded, disputed) = (&all[0], &all[1]);
    let sent = paying.server.fill(&format!("/staff/gifts/{}/refund", refunded.id), "/refund", &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    hear(&paying).await;
    assert_eq!(gift(&paying, refunded.id).await.refunded, refunded.charged);

    let dispute = paying.sandbox.dispute(disputed.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    assert!(gift(&paying, disputed.id).await.disputed);
    paying.sandbox.close_dispute(&dispute, true).await.unwrap();
    hear(&paying).await;
    assert!(!gift(&paying, disputed.id).await.disputed);
    the_books_are_right(&paying).await;
}

#[tokio::test]
async fn the_demonstration_has_gifts_by_hand_batches_and_pledges() {
    let paying = start().await;
    let get = async |path: &str| paying.server.get(path).await.text();
    let batches = get("/staff/batches").await;
    assert!(batches.contains("2 of 5") && batches.contains("4 of 4"), "{batches}");
    let wires = get("/staff/gifts?method=wire").await;
    assert!(wires.contains("10,000"), "{wires}");
    let pledges = get("/staff/pledges").await;
    assert!(pledges.contains("$1,200") && pledges.contains("$30,000"), "{pledges}");
    let home = get("/staff").await;
    assert!(home.contains("pledge"), "{home}");
    the_books_are_right(&paying).await;
}

#[tokio::test]
async fn the_demonstrations_recurring_gifts_renew_recover_and_end() {
    let paying = start().await;
    let gateway = &paying.server.app.gateway;
    let mut all = Vec::new();
    for (id, _) in gateway.subscriptions().await.unwrap() {
        all.push(gateway.subscription(&id).await.unwrap());
    }
    for told in &all {
        let plan = plan(&paying, told).await;
        let ours = (plan.subscription.as_str(), plan.state, plan.charged, plan.next_at, plan.started_at, plan.ended_at);
        assert_eq!(ours, (told.id.as_str(), told.state, told.amount, told.period_end, told.started_at, told.ended_at));
    }
    let of = |state| all.iter().find(|told| told.state == state).unwrap();
    let (active, late) = (of(SubscriptionState::Active), of(SubscriptionState::PastDue));
    let stopped = all.iter().rfind(|told| told.state == SubscriptionState::Active).unwrap();
    assert_ne!(active.id, stopped.id);
    assert!(gateway.portal(&active.customer, "http://amicc.example/").await.unwrap().contains("/portal/"));
    gateway.cancel_subscription(&stopped.id, true, "stop").await.unwrap();
    hear(&paying).await;
    let (active, late, stopped) = (plan(&paying, active).await, plan(&paying, late).await, plan(&paying, stopped).await);
    assert!(stopped.cancels_at.is_some());
    let before = gifts_of(&paying, &active).await.len();
    assert_eq!(gifts_of(&paying, &late).await[0].state, GiftState::Failed);

    // Signed in again: the session has run out meanwhile.
    let mut paying = paying;
    for days in [3, 30] {
        paying.advance_days(days).await;
        paying.server.sign_in(Role::Administrator).await;
        hear(&paying).await;
    }
    assert_eq!(gifts_of(&paying, &active).await.len(), before + 1);
    assert!(gifts_of(&paying, &late).await.iter().all(|gift| gift.state == GiftState::Settled));
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(gifts::recurring_by_id(&mut tx, stopped.id).await.unwrap().unwrap().state, SubscriptionState::Cancelled);
    drop(tx);
    the_books_are_right(&paying).await;
    let found = compare(&paying).await;
    assert!(found.contains("our books and Stripe agree"), "{found}");
}
