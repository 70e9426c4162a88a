//! What comes after they were brought in: payments, their donors, the comparison, and taking them back.
use super::{apply, at, donor, foreign, gifts_of, hear, known, odd, office, on_record, plans, read, rows};
use crate::paying::Paying;
use convener::{
    books,
    gifts::{self, GiftState},
    kernel::Cents,
    mail,
    payments::{SubscriptionState, sandbox::Oddity},
    staff::Role,
    work,
};

async fn all_ties(paying: &Paying) {
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
}

async fn letters(paying: &Paying, email: &str) -> Vec<mail::Message> {
    let mut tx = paying.server.app.db.read().await.unwrap();
    let mut found = Vec::new();
    for summary in mail::to_address(&mut tx, &email.parse().unwrap(), 100).await.unwrap() {
        found.push(mail::by_id(&mut tx, summary.id).await.unwrap().unwrap());
    }
    found
}

/// Days later, for both; who was signed in is so again.
async fn later(paying: &mut Paying, days: i64) {
    paying.advance_days(days).await;
    paying.server.sign_in(Role::Development).await;
}

/// Compares with the gateway now.
async fn compare(paying: &Paying) -> String {
    let begun = paying.server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    paying.server.run_jobs().await;
    paying.server.get(begun.location()).await.text()
}

#[tokio::test]
async fn the_next_payment_is_one_gift_in_the_chosen_fund_however_it_is_told() {
    let mut paying = office(&[foreign("Ada", Some("ada@example.org"), 25)]).await;
    let import = read(&paying).await;
    let youth = paying.server.get(&import).await.attr("#fund_1 option:nth-last-child(2)", "value").unwrap();
    apply(&paying, &import, &[("fund_1", &youth)]).await;
    assert!(letters(&paying, "ada@example.org").await.is_empty(), "no mail leaves");
    let compared = compare(&paying).await;
    assert!(compared.contains("nothing to repair"), "{compared}");
    assert!(gifts_of(&paying, "ada@example.org").await.is_empty(), "a payment of before is no gift, also when compared");

    later(&mut paying, 11).await;
    paying.sandbox.disturb(7).await.unwrap();
    hear(&paying).await;
    compare(&paying).await;
    let gifts = gifts_of(&paying, "ada@example.org").await;
    assert_eq!(gifts.len(), 1, "{gifts:?}");
    let gift = &gifts[0];
    assert_eq!((gift.state, gift.intended, gift.charged), (GiftState::Settled, Cents::new(2_500), Cents::new(2_500)));
    assert_eq!(gift.fund_id.to_string(), youth);
    let donors = paying.server.get("/staff/donors").await;
    assert!(donors.all("tbody tr")[0].contains("$25.00"), "{}", donors.text());
    let thanks = letters(&paying, "ada@example.org").await;
    assert_eq!(thanks.iter().filter(|letter| letter.subject.contains("Thank you for your gift of $25")).count(), 1);
    later(&mut paying, 31).await;
    hear(&paying).await;
    assert_eq!(gifts_of(&paying, "ada@example.org").await.len(), 2);
    assert_eq!(plans(&paying, "ada@example.org").await[0].next_at, Some(at(10).plus_months(2)));
    all_ties(&paying).await;
}

#[tokio::test]
async fn a_bill_that_was_missing_is_a_gift_when_it_is_paid_after_all_and_nobody_is_warned_of_it() {
    let mut late = foreign("Late", Some("late@example.org"), 40);
    late.past.state = SubscriptionState::PastDue;
    late.past.bills[0].payment = None;
    late.past.bills[0].again_at = Some(at(3));
    let mut paying = office(&[late]).await;
    let import = read(&paying).await;
    assert!(rows(&paying, &import).await[0].contains("Its last payment is missing."));
    apply(&paying, &import, &[]).await;
    compare(&paying).await;
    assert_eq!(plans(&paying, "late@example.org").await[0].state, SubscriptionState::PastDue);
    assert!(gifts_of(&paying, "late@example.org").await.is_empty());
    assert!(letters(&paying, "late@example.org").await.is_empty(), "the other program has told of it");
    later(&mut paying, 4).await;
    hear(&paying).await;
    let gifts = gifts_of(&paying, "late@example.org").await;
    assert_eq!(gifts.len(), 1);
    assert_eq!((gifts[0].state, gifts[0].charged), (GiftState::Settled, Cents::new(4_000)));
    assert_eq!(plans(&paying, "late@example.org").await[0].state, SubscriptionState::Active);
    all_ties(&paying).await;
}

#[tokio::test]
async fn a_donor_who_was_brought_in_manages_it_by_the_signed_link_before_the_first_gift() {
    let paying = office(&[foreign("Ada", Some("ada@example.org"), 25)]).await;
    let import = read(&paying).await;
    apply(&paying, &import, &[]).await;
    let plan = plans(&paying, "ada@example.org").await.remove(0);
    let page = format!("/staff/recurring/{}", plan.id);
    assert_eq!(paying.server.fill(&page, "/link", &[]).await.status, 303);
    let letter = letters(&paying, "ada@example.org").await.remove(0);
    let address = letter.body_text.lines().find(|line| line.contains("/gifts/manage/")).unwrap().trim().to_owned();
    let link = address.strip_prefix(&paying.server.url).unwrap();
    let shown = paying.server.get(link).await;
    assert!(shown.text().contains("$25.00 is charged every month"), "{}", shown.text());
    assert_eq!(paying.server.fill(&format!("{link}/amount"), "/amount", &[("amount", "30")]).await.status, 303);
    assert_eq!(plans(&paying, "ada@example.org").await[0].intended, Cents::new(3_000));
    assert_eq!(paying.server.fill(link, "/end", &[]).await.status, 303);
    assert!(plans(&paying, "ada@example.org").await[0].cancels_at.is_some());
    let told = letters(&paying, "ada@example.org").await;
    assert_eq!(told.iter().filter(|letter| letter.subject.contains("Your recurring gift was changed")).count(), 2);
}

#[tokio::test]
async fn subscriptions_of_another_kind_stop_no_comparison_and_are_no_fault() {
    let mut paying = office(&[odd("Weekly", Oddity::Weekly), foreign("Ada", Some("ada@example.org"), 25)]).await;
    let import = read(&paying).await;
    apply(&paying, &import, &[]).await;
    later(&mut paying, 11).await;
    hear(&paying).await;
    let compared = compare(&paying).await;
    assert!(compared.contains("Finished") && !compared.contains("left alone"), "{compared}");
    assert_eq!(gifts_of(&paying, "ada@example.org").await.len(), 1);
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert!(work::failed(&mut tx, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_import_is_taken_back_as_far_as_nothing_came_of_it() {
    let mut all: Vec<_> =
        ["Ann", "Ben", "Cat", "Dee"].map(|name| foreign(name, Some(&format!("{}@example.org", name.to_lowercase())), 20)).into();
    for later in &mut all[1..] {
        later.past.period_end = at(25);
    }
    let mut paying = office(&all).await;
    known(&paying, "Dee Known", "dee@example.org").await;
    let import = read(&paying).await;
    apply(&paying, &import, &[]).await;
    assert_eq!(donor(&paying, "dee@example.org").await.unwrap().gateway_customer.as_deref(), Some("cus_dee"));
    later(&mut paying, 11).await;
    hear(&paying).await;
    let cat = donor(&paying, "cat@example.org").await.unwrap();
    let edit = format!("/staff/donors/{}/details", cat.id);
    assert_eq!(paying.server.fill(&edit, "/details", &[("name", "Cat Stevens")]).await.status, 303);

    let asked = paying.server.get(&format!("{import}/undo")).await.text();
    assert!(asked.contains("3 recurring gifts are taken off") && asked.contains("1 recurring gift stays"), "{asked}");
    assert!(asked.contains("Ann A gift came of it since."), "{asked}");
    assert_eq!(paying.server.fill(&format!("{import}/undo"), "/undo", &[]).await.status, 303);
    let undone = paying.server.get(&import).await;
    assert!(undone.text().contains("3 taken back, 1 kept."), "{}", undone.text());
    assert!(undone.text().contains("The donor stays. Somebody changed the donor."), "{}", undone.text());
    assert_eq!(plans(&paying, "ann@example.org").await.len(), 1);
    assert!(donor(&paying, "ben@example.org").await.is_none(), "who came with it leaves with it");
    assert!(paying.server.get("/staff/donors?q=ben@example").await.all("tbody th").is_empty(), "nobody finds who left");
    assert_eq!(donor(&paying, "cat@example.org").await.unwrap().name, "Cat Stevens");
    assert_eq!(donor(&paying, "dee@example.org").await.unwrap().gateway_customer, None, "as it was before");
    assert_eq!(on_record(&paying).await, (3, 1));
    assert_eq!(paying.server.get(&format!("{import}/undo")).await.status, 409);

    // At Stripe they go on: their payments are no gifts now, and they can be brought in again.
    later(&mut paying, 15).await;
    hear(&paying).await;
    assert!(gifts_of(&paying, "dee@example.org").await.is_empty());
    let again = read(&paying).await;
    let text = paying.server.get(&again).await.text();
    assert!(text.contains("3 can be brought in, 1 on record already"), "{text}");
    let applied = apply(&paying, &again, &[]).await;
    assert!(applied.text().contains("3 recurring gifts were brought in"), "{}", applied.text());
    all_ties(&paying).await;
}

#[tokio::test]
async fn work_that_is_done_again_after_a_crash_doubles_nothing() {
    let all = ["Ann", "Ben", "Cat"].map(|name| foreign(name, Some(&format!("{}@example.org", name.to_lowercase())), 20));
    let paying = office(&all).await;
    let import = read(&paying).await;
    assert_eq!(paying.server.fill(&import, "/run", &[]).await.status, 303);
    paying.server.run_jobs().await;
    let id = import.rsplit('/').next().unwrap();
    let mut tx = paying.server.app.db.write().await.unwrap();
    work::soon(&mut tx, "subscriptions.apply", id, paying.server.app.clock.now()).await.unwrap();
    work::soon(&mut tx, "subscriptions.read", id, paying.server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    paying.server.run_jobs().await;
    assert_eq!(on_record(&paying).await, (3, 3));
    assert_eq!(rows(&paying, &import).await.len(), 3);
}
