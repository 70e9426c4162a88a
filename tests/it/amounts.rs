//! Amounts at their edges: the smallest, the largest, without cents, with three decimals.
use crate::paying::{Paying, start_paying};
use convener::{
    books, donors,
    gifts::{self, Gift, GiftState, Giving},
    kernel::Cents,
    payments::sandbox::Card,
    settings,
};

async fn taking(currency: &str) -> Paying {
    let paying = start_paying().await;
    let mut tx = paying.server.app.db.write().await.unwrap();
    let mut giving: Giving = settings::get(&mut tx).await.unwrap();
    giving.currency = currency.parse().unwrap();
    (giving.least, giving.most) = (Cents::new(1), Cents::MOST);
    settings::set(&mut tx, &giving, paying.server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    paying
}

async fn give(paying: &Paying, amount: &str, cover: &str) -> Result<Gift, String> {
    let fields = [
        ("amount", "other"),
        ("other_amount", amount),
        ("frequency", "once"),
        ("cover", cover),
        ("name", "Ada Lovelace"),
        ("email", "ada@example.org"),
    ];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    if sent.status != 303 {
        return Err(sent.text());
    }
    let id = sent.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&id, Card::Success).await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    let donor = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
    let gift = gifts::of_donor(&mut tx, donor.id, 1).await.unwrap().remove(0);
    assert_eq!(gift.state, GiftState::Settled);
    Ok(gift)
}

#[tokio::test]
async fn one_cent_is_refused_by_the_payment_service_in_its_words_unless_the_fee_is_covered() {
    let paying = taking("usd").await;
    let refused = give(&paying, "0.01", "").await.unwrap_err();
    assert!(refused.contains("at least 50 cents"), "{refused}");
    assert!(refused.contains("0.01"), "what was typed is there: {refused}");
    assert!(give(&paying, "0.001", "").await.unwrap_err().contains("at most 2 decimal places"));
    assert!(give(&paying, "0", "").await.unwrap_err().contains("more than zero"));
    let fifty = give(&paying, "0.50", "").await.unwrap();
    assert_eq!(fifty.charged, Cents::new(50));
}

#[tokio::test]
async fn the_most_a_card_can_be_charged_is_taken_and_not_a_cent_more() {
    let paying = taking("usd").await;
    let most = give(&paying, "999,999.99", "").await.unwrap();
    assert_eq!(most.charged, Cents::MOST);
    assert!(give(&paying, "1,000,000", "").await.unwrap_err().contains("smaller amount"));
    assert!(give(&paying, "999,999.98", "yes").await.unwrap_err().contains("a card can be charged at most $999,999.99"));
}

#[tokio::test]
async fn without_cents_the_largest_amount_has_eight_digits() {
    let paying = taking("jpy").await;
    let most = give(&paying, "99,999,999", "").await.unwrap();
    assert_eq!(most.charged().to_string(), "¥99,999,999");
    assert!(give(&paying, "99999999.5", "").await.unwrap_err().contains("no smaller unit"));
}

#[tokio::test]
async fn with_three_decimals_the_last_is_zero_and_so_is_that_of_the_covered_fee() {
    let paying = taking("kwd").await;
    assert!(give(&paying, "12.345", "").await.unwrap_err().contains("End the amount in 0"));
    let gift = give(&paying, "12.340", "yes").await.unwrap();
    assert_eq!((gift.intended, gift.charged.get() % 10), (Cents::new(12_340), 0));
    assert!(gift.covered_fee.is_positive());
}
