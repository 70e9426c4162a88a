//! Recurring gifts after they have begun: another amount, a pause, another card, a failure, the end.
use crate::{
    paying::{Paying, start_paying},
    server::Server,
};
use convener::{
    books, donors,
    gifts::{self, Gift, GiftState, RecurringGift},
    kernel::Cents,
    mail,
    payments::{
        Patience, SubscriptionState,
        sandbox::{Card, Misbehaviour},
    },
    staff::Role,
    work,
};
use std::time::Duration;

const EMAIL: &str = "ada@example.org";

/// A monthly gift of $25 that has begun, and the address of its page for the donor.
async fn begun(cover: &str) -> (Paying, String) {
    let paying = start_paying().await;
    let fields = [
        ("amount", ""),
        ("other_amount", "25"),
        ("frequency", "monthly"),
        ("cover", cover),
        ("name", "Ada Lovelace"),
        ("email", EMAIL),
    ];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let page = sent.location();
    let id = page[page.find("cs_test_").unwrap()..].split(['?', '#', '/']).next().unwrap();
    paying.sandbox.pay(id, Card::Success).await.unwrap();
    hear(&paying).await;
    let path = link(&paying.server, "Thank you").await;
    (paying, path)
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// The newest letter whose subject begins so.
async fn letters(server: &Server, subject: &str) -> Vec<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut found = Vec::new();
    for summary in mail::to_address(&mut tx, &EMAIL.parse().unwrap(), 100).await.unwrap() {
        let letter = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap();
        if letter.subject.contains(subject) {
            found.push(letter);
        }
    }
    found
}

async fn link(server: &Server, subject: &str) -> String {
    let letter = letters(server, subject).await.remove(0);
    let line = letter.body_text.lines().find(|line| line.contains("/gifts/manage/")).unwrap().trim().to_owned();
    line.strip_prefix(&server.url).unwrap().to_owned()
}

async fn all(server: &Server) -> Vec<Gift> {
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &EMAIL.parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, donor.id, 100).await.unwrap()
}

async fn plan(server: &Server) -> RecurringGift {
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &EMAIL.parse().unwrap()).await.unwrap().unwrap();
    gifts::recurring_of(&mut tx, donor.id).await.unwrap().remove(0)
}

async fn check_books(server: &Server) {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
}

async fn daily(server: &Server) {
    let mut tx = server.app.db.write().await.unwrap();
    work::soon(&mut tx, gifts::CARDS.kind, "today", server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
}

#[tokio::test]
async fn a_donor_raises_the_amount_from_the_next_payment_on_and_lowers_it_again() {
    let (paying, path) = begun("yes").await;
    let server = &paying.server;
    let form = format!("{path}/amount");
    assert_eq!(server.get(&form).await.attr("#amount", "value").as_deref(), Some("25.00"));
    let wrong = server.fill(&form, "/amount", &[("amount", "a lot")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#amount", "value").as_deref(), Some("a lot"), "what was typed is there");
    assert!(wrong.text().contains("Enter an amount such as"), "{}", wrong.text());
    assert_eq!(server.fill(&form, "/amount", &[("amount", "2")]).await.status, 422, "below the least gift");

    assert_eq!(server.fill(&form, "/amount", &[("amount", "40")]).await.status, 303);
    let changed = plan(server).await;
    assert_eq!((changed.intended, changed.covered_fee), (Cents::new(4_000), Cents::new(151)));
    assert_eq!(letters(server, "Your recurring gift was changed").await.len(), 1);
    let page = server.get(&path).await.text();
    assert!(page.contains("Raised : from $25.00 and $1.06 for the fee to $40.00 and $1.51 for the fee, by you"), "{page}");

    paying.advance_days(33).await;
    hear(&paying).await;
    let gifts = all(server).await;
    assert_eq!((gifts[0].intended, gifts[0].covered_fee), (Cents::new(4_000), Cents::new(151)));
    assert_eq!((gifts[1].intended, gifts[1].covered_fee), (Cents::new(2_500), Cents::new(106)), "what was given stays");

    let opened = server.get(&form).await;
    let (target, mut values) = opened.form(&form, "/amount", &[("amount", "10")]);
    values.retain(|(name, _)| name != "cover");
    assert_eq!(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status(), 303);
    let lowered = plan(server).await;
    assert_eq!((lowered.intended, lowered.covered_fee), (Cents::new(1_000), Cents::ZERO));
    assert!(server.get(&path).await.text().contains("Lowered"));
    assert!(server.fill(&form, "/amount", &[("amount", "10")]).await.status == 303);
    assert_eq!(letters(server, "Your recurring gift was changed").await.len(), 2, "the same again is no change");
    hear(&paying).await;
    check_books(server).await;
}

#[tokio::test]
async fn a_renewal_told_after_a_change_is_divided_as_it_was_charged() {
    let (paying, path) = begun("yes").await;
    let server = &paying.server;
    paying.advance_days(33).await;
    // The renewal of $26.06 is paid, and nobody has told us yet.
    assert_eq!(server.fill(&format!("{path}/amount"), "/amount", &[("amount", "40")]).await.status, 303);
    hear(&paying).await;
    let gifts = all(server).await;
    assert_eq!(gifts.len(), 2);
    assert_eq!((gifts[0].intended, gifts[0].covered_fee), (Cents::new(2_500), Cents::new(106)));
    check_books(server).await;
}

#[tokio::test]
async fn during_a_pause_nothing_is_charged_and_the_first_day_after_is_kept() {
    let (paying, path) = begun("").await;
    let server = &paying.server;
    let form = format!("{path}/pause");
    let unchosen = server.fill(&form, "/pause", &[("first", "2031-01-01")]).await;
    assert_eq!(unchosen.status, 422, "only days that are offered");
    let offered = server.get(&form).await;
    assert_eq!(offered.all("label")[1], "21 December 2026, leaving out 2 payments");
    assert_eq!(server.fill(&form, "/pause", &[("first", "2026-12-21")]).await.status, 303);
    assert_eq!(plan(server).await.state, SubscriptionState::Paused);
    let page = server.get(&path).await.text();
    assert!(page.contains("The first payment after the pause is on 21 December 2026."), "{page}");
    let again = server.post(&format!("{path}/pause"), &[]).await;
    assert_ne!(again.status, 303, "without its proof nothing is done");

    paying.advance_days(80).await;
    hear(&paying).await;
    assert_eq!(all(server).await.len(), 1, "nothing is charged in October and November");
    paying.advance_days(12).await;
    hear(&paying).await;
    let gifts = all(server).await;
    assert_eq!(gifts.len(), 2);
    assert_eq!(gifts[0].given_on.unwrap().to_string(), "2026-12-21");
    assert_eq!(plan(server).await.state, SubscriptionState::Active);

    server.fill(&form, "/pause", &[("first", "2027-02-21")]).await;
    assert_eq!(server.fill(&path, "/resume", &[]).await.status, 303);
    assert_eq!(plan(server).await.state, SubscriptionState::Active);
    paying.advance_days(31).await;
    hear(&paying).await;
    assert_eq!(all(server).await.len(), 3, "ended early, the next payment comes as usual");
    check_books(server).await;
}

#[tokio::test]
async fn who_stops_can_change_their_mind_before_the_end() {
    let (paying, path) = begun("").await;
    let server = &paying.server;
    assert_eq!(server.fill(&path, "/end", &[]).await.status, 303);
    assert!(server.get(&path).await.text().contains("ends on 21 October 2026"));
    assert_eq!(server.get(&format!("{path}/amount")).await.status, 200);
    let refused = server.fill(&format!("{path}/amount"), "/amount", &[("amount", "50")]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(server.fill(&path, "/keep", &[]).await.status, 303);
    paying.advance_days(33).await;
    hear(&paying).await;
    assert_eq!(all(server).await.len(), 2);

    server.fill(&path, "/end", &[]).await;
    paying.advance_days(33).await;
    hear(&paying).await;
    assert_eq!(plan(server).await.state, SubscriptionState::Cancelled);
    assert_eq!(all(server).await.len(), 2);
    assert_eq!(
        letters(server, "Your recurring gift was changed").await.len(),
        3,
        "stopped, kept, stopped; its end is told already"
    );
    let page = server.get(&path).await.text();
    assert!(page.contains("has ended") && page.contains("Does not end after all"), "{page}");
}

#[tokio::test]
async fn a_failed_payment_is_told_once_in_the_banks_words_and_a_later_success_repairs_everything() {
    let (mut paying, path) = begun("").await;
    let subscription = plan(&paying.server).await.subscription;
    paying.sandbox.fail_next_renewal(&subscription).await.unwrap();
    paying.advance_days(32).await;
    paying.sandbox.disturb(7).await.unwrap();
    hear(&paying).await;
    let server = &paying.server;
    assert_eq!(plan(server).await.state, SubscriptionState::PastDue);
    let told = letters(server, "could not be charged").await;
    assert_eq!(told.len(), 1, "told once, though each event came twice");
    assert!(told[0].body_text.contains("Your card was declined."), "{}", told[0].body_text);
    assert!(told[0].body_text.contains("/gifts/manage/") && told[0].body_text.contains("It is tried again on"));
    let page = server.get(&path).await;
    assert!(page.text().contains("The bank’s words: “Your card was declined.”"), "{}", page.text());
    assert_eq!(server.fill(&path, "/card", &[]).await.status, 303);

    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    assert!(server.get("/staff").await.text().contains("recurring gift misses a payment"));
    let list = server.get("/staff/recurring?state=past_due").await.text();
    assert!(list.contains("Ada Lovelace") && list.contains("Your card was declined."), "{list}");

    paying.sandbox.mend_card(&subscription).await.unwrap();
    hear(&paying).await;
    let server = &paying.server;
    assert_eq!(plan(server).await.state, SubscriptionState::Active);
    let gifts = all(server).await;
    assert_eq!(gifts.len(), 2);
    assert!(gifts.iter().all(|gift| gift.state == GiftState::Settled && gift.failure.is_none()));
    let staff = server.get(&format!("/staff/recurring/{}", plan(server).await.id)).await.text();
    assert!(staff.contains("The payment was made up for") && !staff.contains("The bank’s words"), "{staff}");
    assert!(!server.get("/staff").await.text().contains("misses a payment"));
    check_books(server).await;
}

#[tokio::test]
async fn a_gift_stopped_while_a_payment_is_missing_is_not_charged_again() {
    let (paying, path) = begun("").await;
    let server = &paying.server;
    paying.sandbox.fail_next_renewal(&plan(server).await.subscription).await.unwrap();
    paying.advance_days(32).await;
    hear(&paying).await;
    assert_eq!(server.fill(&path, "/end", &[]).await.status, 303);
    assert_eq!(plan(server).await.state, SubscriptionState::Cancelled);
    paying.advance_days(40).await;
    hear(&paying).await;
    assert_eq!(all(server).await.iter().filter(|gift| gift.state == GiftState::Settled).count(), 1);
}

#[tokio::test]
async fn staff_change_and_stop_a_gift_and_who_did_it_is_kept() {
    let (mut paying, path) = begun("").await;
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let page = format!("/staff/recurring/{}", plan(server).await.id);
    assert_eq!(server.fill(&format!("{page}/amount"), "/amount", &[("amount", "30")]).await.status, 303);
    assert_eq!(server.fill(&page, "/link", &[]).await.status, 303);
    assert!(letters(server, "The link to your recurring gift").await[0].body_text.contains("/gifts/manage/"));
    assert_eq!(server.fill(&page, "/end", &[]).await.status, 303);
    let shown = server.get(&page).await.text();
    assert!(shown.contains("Raised : from $25.00 to $30.00, by Development Person"), "{shown}");
    assert!(shown.contains("ends on") && shown.contains("Ends with what is paid for"), "{shown}");
    let gifts = all(server).await;
    assert!(gifts.iter().all(|gift| gift.refunded.is_zero()), "stopping refunds nothing");
    assert!(server.get(&path).await.text().contains("by our staff"), "donors are not told names");

    paying.server.sign_in(Role::ReadOnly).await;
    let server = &paying.server;
    let read = server.get(&page).await;
    assert_eq!(read.status, 200);
    assert!(read.all("form button").iter().all(|label| label != "Let it go on"), "who may not act has no buttons");
    assert_eq!(server.get(&format!("{page}/amount")).await.status, 403);
}

#[tokio::test]
async fn a_card_that_runs_out_is_told_a_month_before_and_once() {
    let (mut paying, path) = begun("").await;
    let subscription = plan(&paying.server).await.subscription;
    paying.sandbox.card_expires(&subscription, 2026, 11).await.unwrap();
    hear(&paying).await;
    daily(&paying.server).await;
    assert!(letters(&paying.server, "runs out").await.is_empty(), "October and November are paid with it yet");
    for _ in 0..2 {
        paying.advance_days(31).await;
        hear(&paying).await;
        daily(&paying.server).await;
        daily(&paying.server).await;
    }
    let server = &paying.server;
    assert_eq!(letters(server, "runs out").await.len(), 1);
    assert!(letters(server, "runs out").await[0].body_text.contains("30 November 2026"));
    assert!(server.get(&path).await.text().contains("It runs out before the next payment."));

    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    assert!(server.get("/staff").await.text().contains("recurring gift is at risk"));
    assert!(server.get("/staff/recurring?state=at_risk").await.text().contains("Ada Lovelace"));
    paying.advance_days(31).await;
    hear(&paying).await;
    let server = &paying.server;
    assert!(letters(server, "could not be charged").await[0].body_text.contains("Your card has expired."));
    paying.sandbox.mend_card(&subscription).await.unwrap();
    hear(&paying).await;
    let server = &paying.server;
    assert!(all(server).await.iter().all(|gift| gift.state == GiftState::Settled));
    assert!(server.get(&path).await.text().contains("Another card"));
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let risk = server.get("/staff/recurring?state=at_risk").await.text();
    assert!(risk.contains("No recurring gift is in this state"), "{risk}");
}

#[tokio::test]
async fn a_wish_whose_end_is_not_known_is_asked_again_with_the_same_key() {
    let (mut paying, path) = begun("").await;
    let patience =
        Patience { attempt: Duration::from_millis(400), all: Duration::from_millis(500), pause: Duration::from_millis(1) };
    paying.server.app = paying.server.app.clone().with(|app| app.gateway = app.gateway.clone().with_patience(patience));
    let server = &paying.server;
    let form = format!("{path}/amount");
    let opened = server.get(&form).await;
    let (target, values) = opened.form(&form, "/amount", &[("amount", "40")]);
    paying.sandbox.misbehave(Misbehaviour::Status(500), 6);
    let send = || async { server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status().as_u16() };
    assert_eq!(send().await, 503);
    paying.sandbox.misbehave(Misbehaviour::Status(500), 0);
    assert_eq!(send().await, 303);
    assert_eq!(plan(server).await.intended, Cents::new(4_000));
    assert_eq!(send().await, 303);
    let page = server.get(&path).await.text();
    assert_eq!(page.matches("Raised").count(), 1, "{page}");
    let mut tx = server.app.db.read().await.unwrap();
    let events = convener::audit::of_record(&mut tx, ("recurring_gift", &plan(server).await.id.to_string())).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "amount").count(), 1, "one wish, however often it is sent");
}

#[tokio::test]
async fn the_value_of_a_year_counts_what_arrived_and_what_is_due() {
    let (mut paying, path) = begun("").await;
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    // One payment in September, three to come, twelve next year.
    let list = server.get("/staff/recurring").await;
    assert_eq!(list.all(".figure-value"), ["$100.00", "$300.00"]);
    assert!(list.text().contains("$25.00 arrived, $75.00 still due"), "{}", list.text());
    assert!(server.get("/staff").await.text().contains("$100.00 $300.00 in 2027 if all go on"));
    server.fill(&format!("{path}/pause"), "/pause", &[("first", "2027-02-21")]).await;
    assert_eq!(server.get("/staff/recurring").await.all(".figure-value"), ["$25.00", "$275.00"]);
    server.fill(&path, "/end", &[]).await;
    assert_eq!(server.get("/staff/recurring").await.all(".figure-value"), ["$25.00", "$0.00"]);
}
