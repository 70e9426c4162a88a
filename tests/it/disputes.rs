//! What banks dispute or warn about, as staff answer it and the books follow it.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{
    books, donors,
    gifts::{self, Gift},
    payments::{DisputeState, RefundState, sandbox::Card},
    staff::Role,
};

pub(crate) const GIVEN: &[(&str, &str)] = &[
    ("amount", "other"),
    ("other_amount", "100"),
    ("frequency", "once"),
    ("name", "Ada Lovelace"),
    ("email", "ada@example.org"),
];

pub(crate) async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// A gift of $100.00 by this address, paid.
pub(crate) async fn gave(paying: &Paying, email: &str) -> Gift {
    let fields: Vec<_> = GIVEN.iter().map(|(name, value)| (*name, if *name == "email" { email } else { *value })).collect();
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let session = sent.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    hear(paying).await;
    gift_of(&paying.server, email).await
}

pub(crate) async fn gift_of(server: &Server, email: &str) -> Gift {
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, donor.id, 1).await.unwrap().remove(0)
}

async fn state(server: &Server, gift: &Gift) -> (String, DisputeState) {
    let mut tx = server.app.db.read().await.unwrap();
    let dispute = gifts::disputes_of(&mut tx, gift.id).await.unwrap().remove(0);
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    (format!("/staff/disputes/{}", dispute.id), dispute.state)
}

fn attention(page: &Answer) -> String {
    page.all("ul.attention").join(" ")
}

#[tokio::test]
async fn a_warning_of_fraud_asks_for_a_refund_until_it_is_made() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let gift = gave(&paying, "ada@example.org").await;
    let path = format!("/staff/gifts/{}", gift.id);
    assert!(!attention(&paying.server.get("/staff").await).contains("fraud"));
    paying.sandbox.fraud_warning(gift.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;

    let home = paying.server.get("/staff").await;
    assert!(attention(&home).contains("1 payment is fraud, as the card’s bank warns"), "{}", home.text());
    assert!(home.all(".attention a").contains(&"Look and refund".to_owned()));
    assert!(paying.server.get("/staff/disputes").await.all("#warnings li").join("").contains("$100.00"));
    let page = paying.server.get(&path).await;
    assert!(page.text().contains("The card’s bank warns of fraud (unauthorized use of card)"), "{}", page.text());
    let refund = page.attr(".notice a.danger", "href").unwrap();
    let asked = paying.server.get(&refund).await;
    assert_eq!(asked.attr("input[name=reason][checked]", "value").unwrap(), "fraudulent");
    assert_eq!(paying.server.fill(&refund, "refund", &[]).await.status, 303);
    hear(&paying).await;

    let mut tx = paying.server.app.db.read().await.unwrap();
    let refunds = gifts::refunds_of(&mut tx, gift.id).await.unwrap();
    assert_eq!((refunds[0].state, refunds[0].reason.as_deref()), (RefundState::Succeeded, Some("fraudulent")));
    drop(tx);
    assert!(!attention(&paying.server.get("/staff").await).contains("fraud"));
    let page = paying.server.get(&path).await;
    assert!(page.all(".notice a.danger").is_empty() && page.text().contains("The card’s bank warned of fraud"));
}

#[tokio::test]
async fn a_warning_of_fraud_may_come_before_its_payment_and_is_over_with_a_dispute() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::ReadOnly).await;
    let sent = paying.server.fill("/donate", "/donate", GIVEN).await;
    let session = sent.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    let payment = paying.server.app.gateway.checkout(&session).await.unwrap().payment.unwrap();
    let before = paying.sandbox.pending().await.unwrap();
    paying.sandbox.fraud_warning(&payment).await.unwrap();
    let warning = paying.sandbox.pending().await.unwrap().into_iter().find(|event| !before.contains(event)).unwrap();
    paying.sandbox.deliver(&warning).await.unwrap();
    paying.server.run_jobs().await;
    let home = paying.server.get("/staff").await;
    assert!(
        attention(&home).contains("as the card’s bank warns") && attention(&home).contains("Development staff take care of it")
    );
    let gift = gift_of(&paying.server, "ada@example.org").await;
    assert!(
        paying.server.get(&format!("/staff/gifts/{}", gift.id)).await.all(".notice a.danger").is_empty(),
        "who may not refund"
    );
    paying.sandbox.dispute(&payment).await.unwrap();
    hear(&paying).await;
    assert!(!attention(&paying.server.get("/staff").await).contains("as the card’s bank warns"));
}

type Case = (&'static str, &'static [(&'static str, u16)], DisputeState);

/// In each state, what each action is answered, and which state it leads to.
#[tokio::test]
async fn a_dispute_takes_one_answer_while_it_waits_and_nothing_once_it_is_over() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let cases: [Case; 6] = [
        ("needs_response", &[("keep", 303), ("sent", 303), ("sent", 409), ("elsewhere", 409)], DisputeState::UnderReview),
        ("needs_response", &[("elsewhere", 303), ("sent", 409), ("keep", 303)], DisputeState::NeedsResponse),
        ("needs_response", &[("", 422), ("burn", 422)], DisputeState::NeedsResponse),
        ("won", &[("keep", 409), ("sent", 409), ("elsewhere", 409)], DisputeState::Won),
        ("lost", &[("keep", 409), ("sent", 409), ("elsewhere", 409)], DisputeState::Lost),
        ("withdrawn", &[("keep", 409), ("sent", 409), ("elsewhere", 409)], DisputeState::Closed),
    ];
    for (n, (kind, actions, end)) in cases.into_iter().enumerate() {
        let gift = gave(&paying, &format!("donor{n}@example.org")).await;
        let payment = gift.payment.as_deref().unwrap();
        let dispute =
            if kind == "withdrawn" { paying.sandbox.inquire(payment).await } else { paying.sandbox.dispute(payment).await };
        hear(&paying).await;
        let (path, _) = state(&paying.server, &gift).await;
        // The form is opened while the dispute waits, and sent later: two people may look at one dispute.
        let opened = paying.server.get(&path).await;
        if kind != "needs_response" {
            paying.sandbox.close_dispute(&dispute.unwrap(), kind != "lost").await.unwrap();
            hear(&paying).await;
        }
        for (then, status) in actions {
            let fields = [("item", "identity"), ("note", "Ada gives every year."), ("then", *then)];
            let (target, values) = opened.form(&path, "disputes", &fields);
            let answer =
                Answer::of(paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap()).await;
            assert_eq!(answer.status, *status, "{kind}: {then}: {}", answer.text());
        }
        assert_eq!(state(&paying.server, &gift).await.1, end, "{kind}");
        let over = matches!(end, DisputeState::Won | DisputeState::Lost | DisputeState::Closed);
        assert_eq!(paying.server.get(&path).await.all("textarea").is_empty(), over);
    }
    let list = paying.server.get("/staff/disputes").await;
    assert_eq!(list.all("tbody tr").len(), 6);
    for words in ["Won", "Lost", "Withdrawn", "With the bank", "Answered at the payment service", "1 of 4"] {
        assert!(list.text().contains(words), "{words}: {}", list.text());
    }
    paying.server.sign_in(Role::ReadOnly).await;
    let waiting = paying.server.get("/staff/disputes").await.attr("tbody a", "href").unwrap();
    assert!(paying.server.get(&waiting).await.all("form[method=post]").is_empty());
}

#[tokio::test]
async fn an_answer_that_is_missing_gives_back_what_was_typed_and_what_is_sent_is_what_was_written() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let gift = gave(&paying, "ada@example.org").await;
    let id = paying.sandbox.dispute(gift.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    let home = paying.server.get("/staff").await;
    assert!(attention(&home).contains("1 donor’s bank disputes a payment"), "{}", home.text());
    let (path, _) = state(&paying.server, &gift).await;
    assert!(home.body.contains(&path));
    let empty = paying.server.fill(&path, "disputes", &[("item", "history"), ("note", " "), ("then", "sent")]).await;
    assert_eq!(empty.status, 422);
    assert!(
        empty.attr("input[value=history]", "checked").is_some() && empty.text().contains("Write what the bank needs to know")
    );
    let sent =
        paying.server.fill(&path, "disputes", &[("item", "history"), ("note", "She wrote to us."), ("then", "sent")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let told: serde_json::Value = reqwest::Client::new()
        .get(format!("{}v1/disputes/{id}", paying.sandbox.url()))
        .bearer_auth("sk_test_of_the_tests")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(told["evidence"]["uncategorized_text"], "She wrote to us.");
    assert_eq!(told["evidence"]["customer_name"], "Ada Lovelace");
    assert!(told["evidence"]["product_description"].as_str().unwrap().starts_with("A donation of $100.00 on 21 September 2026"));
    let page = paying.server.get(&path).await;
    assert!(page.text().contains("The bank is looking at our answer") && page.text().contains("Gathered by Development Person"));
    assert!(!attention(&paying.server.get("/staff").await).contains("disputes a payment"));
}

#[tokio::test]
async fn a_refund_shows_what_it_changes_before_and_a_disputed_payment_is_not_refunded_too() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let gift = gave(&paying, "ada@example.org").await;
    let path = format!("/staff/gifts/{}/refund", gift.id);
    let part = paying.server.get(&format!("{path}?much=part&amount=30&reason=duplicate")).await;
    let rows = part.all("tbody tr");
    assert_eq!(rows[0], "This gift, as totals count it $100.00 $70.00", "{rows:?}");
    assert_eq!(rows[1], "Given by Ada Lovelace $100.00 $70.00");
    assert_eq!(rows[2], "Refunds · Where it is needed most $30.00");
    assert!(part.all("button").contains(&"Refund $30.00".to_owned()));
    assert_eq!(gift_of(&paying.server, "ada@example.org").await.refunded.get(), 0, "looking does nothing");
    let wrong = paying.server.fill(&path, "refund", &[("reason", "because"), ("note", "See the mail")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("See the mail"));
    let sent = paying.server.fill(&format!("{path}?much=part&amount=30&reason=duplicate"), "refund", &[("note", "Twice")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert_eq!(gift_of(&paying.server, "ada@example.org").await.refunded.get(), 3_000);

    paying.sandbox.dispute(gift.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    let held = paying.server.get(&path).await;
    assert_eq!(held.status, 409);
    assert!(held.text().contains("a refund would pay it twice"), "{}", held.text());

    let asked = gave(&paying, "bob@example.org").await;
    paying.sandbox.inquire(asked.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    let path = format!("/staff/gifts/{}/refund", asked.id);
    assert_eq!(paying.server.fill(&path, "refund", &[]).await.status, 303, "a question of the bank is best answered by a refund");
}
