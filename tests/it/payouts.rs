//! From the balance at the payment service to the bank, entry by entry.
use crate::{
    paying::{Paying, start_paying, start_sandbox},
    server::{NOW, Server},
};
use convener::{
    books::{self, Account},
    kernel::Clock,
    payments::sandbox::Card,
    staff::Role,
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

async fn give(paying: &Paying, email: &str) {
    let fields = [("amount", "100.00"), ("frequency", "once"), ("name", "Ada Lovelace"), ("email", email)];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    paying.sandbox.pay(sent.location().rsplit('/').next().unwrap(), Card::Success).await.unwrap();
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// What an account comes to.
async fn on(paying: &Paying, account: Account) -> i64 {
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    let all = books::trial_balance(&mut tx).await.unwrap();
    all.into_iter().find(|balance| balance.account == account).map_or(0, |balance| balance.amount.get())
}

async fn entries(paying: &Paying, payout: &str) -> Vec<String> {
    let mut tx = paying.server.app.db.read().await.unwrap();
    let rows = books::entries_of(&mut tx, ("payout", payout)).await.unwrap();
    let mut keys: Vec<_> = rows.into_iter().map(|row| row.key.split(':').next().unwrap().to_owned()).collect();
    keys.sort();
    keys.dedup();
    keys
}

#[tokio::test]
async fn a_payout_empties_the_balance_into_the_bank_and_one_that_fails_comes_back() {
    let mut paying = start_paying().await;
    give(&paying, "ada@example.org").await;
    give(&paying, "bob@example.org").await;
    hear(&paying).await;
    // 2.9 % and 30 of each.
    assert_eq!(on(&paying, Account::Gateway).await, 2 * (10_000 - 320));

    let first = paying.sandbox.payout().await.unwrap();
    hear(&paying).await;
    assert_eq!(entries(&paying, &first).await, ["deposit", "payout"]);
    let at = async |account| on(&paying, account).await;
    assert_eq!((at(Account::Gateway).await, at(Account::InTransit).await, at(Account::Bank).await), (0, 0, 19_360));

    paying.sandbox.fail_payout(&first).await.unwrap();
    hear(&paying).await;
    assert_eq!(entries(&paying, &first).await, ["deposit", "deposit-back", "payout", "payout-back"]);
    assert_eq!((at(Account::Gateway).await, at(Account::InTransit).await, at(Account::Bank).await), (19_360, 0, 0));

    give(&paying, "eve@example.org").await;
    let second = paying.sandbox.payout().await.unwrap();
    hear(&paying).await;
    assert_eq!(entries(&paying, &second).await, ["deposit", "payout"]);
    assert_eq!((at(Account::Gateway).await, at(Account::Bank).await), (0, 3 * 9_680));
    paying.server.sign_in(Role::Development).await;
    let events = paying.server.get("/staff/events?kind=payout").await;
    assert!(events.text().contains("A payout of $193.60 is on its way to the bank."), "{}", events.text());
    assert!(events.text().contains("The payout of $193.60 came back from the bank."), "{}", events.text());
    assert!(events.text().contains("none has failed"), "{}", events.text());
}

#[tokio::test]
async fn a_failed_payout_of_which_nothing_was_told_before_leaves_the_bank_alone() {
    let paying = start_paying().await;
    give(&paying, "ada@example.org").await;
    hear(&paying).await;
    let payout = paying.sandbox.payout().await.unwrap();
    for lost in paying.sandbox.pending().await.unwrap() {
        paying.sandbox.drop_event(&lost).await.unwrap();
    }
    paying.sandbox.fail_payout(&payout).await.unwrap();
    hear(&paying).await;
    assert_eq!(entries(&paying, &payout).await, ["payout", "payout-back"]);
    assert_eq!((on(&paying, Account::Gateway).await, on(&paying, Account::Bank).await), (9_680, 0));
}

#[tokio::test]
async fn a_payout_whose_lines_do_not_come_to_its_amount_is_shown_to_a_person() {
    let clock = Clock::stopped_at(NOW);
    let (sandbox, file) = start_sandbox(clock.clone()).await;
    let server = Server::start_at(clock, |config| config.stripe_api_base = sandbox.url()).await;
    sandbox.set_webhook_url(format!("{}/webhooks/stripe", server.url));
    let path = file.path().join("sandbox.db");
    let mut paying = Paying::of(server, sandbox, file);
    give(&paying, "ada@example.org").await;
    hear(&paying).await;
    let payout = paying.sandbox.payout().await.unwrap();
    let mut there = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::query("update object set json = json_set(json, '$.amount', 9000) where id = $1")
        .bind(&payout)
        .execute(&mut there)
        .await
        .unwrap();
    there.close().await.unwrap();
    hear(&paying).await;

    paying.server.sign_in(Role::Development).await;
    let failed = paying.server.get("/staff/events?state=failed").await;
    let sentence = format!("The payout {payout} is $90.00, but the lines it is made of come to $96.80.");
    assert!(failed.text().contains(&sentence), "{}", failed.text());
    let begun = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    paying.server.run_jobs().await;
    let found = paying.server.get(begun.location()).await;
    assert!(found.text().contains(&sentence) && found.text().contains("1 left alone"), "{}", found.text());
}
