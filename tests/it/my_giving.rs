//! A donor's own pages: the way in, what stands there, what can be changed, taken away and erased.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{audit, books, donors, gifts, mail, payments::sandbox::Card, receipts, staff::Role};

const EMAIL: &str = "ada@example.org";

async fn give(paying: &Paying, frequency: &str, email: &str) {
    let fields = [
        ("amount", ""),
        ("other_amount", "120"),
        ("frequency", frequency),
        ("tribute", "honor"),
        ("tribute_name", "Grace Hopper"),
        ("name", "Ada Lovelace"),
        ("email", email),
        ("address", "12 St James’s Square\nLondon"),
    ];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let page = sent.location();
    let id = page[page.find("cs_test_").unwrap()..].split(['?', '#', '/']).next().unwrap();
    paying.sandbox.pay(id, Card::Success).await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

async fn started() -> Paying {
    let paying = start_paying().await;
    let entity = receipts::LegalEntity {
        id: receipts::EntityId::new(),
        from_day: "2020-01-01".parse().unwrap(),
        name: "Columbia University".into(),
        ein: Some("13-5598093".into()),
        address: "New York, NY".into(),
        sponsorship: Some("for the benefit of its program AMICC".into()),
        signatory: "The Convener".into(),
        deductible: true,
    };
    let mut tx = paying.server.app.db.write().await.unwrap();
    receipts::insert_entity(&mut tx, &entity).await.unwrap();
    tx.commit().await.unwrap();
    give(&paying, "once", EMAIL).await;
    paying
}

pub(crate) async fn mails(server: &Server, to: &str, subject: &str) -> Vec<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut found = Vec::new();
    for summary in mail::to_address(&mut tx, &to.parse().unwrap(), 100).await.unwrap() {
        let letter = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap();
        if letter.subject.contains(subject) {
            found.push(letter);
        }
    }
    found
}

fn address(server: &Server, letter: &mail::Message, part: &str) -> String {
    let line = letter.body_text.lines().find(|line| line.contains(part)).unwrap().trim();
    line.strip_prefix(&server.url).unwrap().to_owned()
}

async fn ask(server: &Server, email: &str) -> Answer {
    let answer = server.fill("/my-giving", "/my-giving/link", &[("email", email)]).await;
    server.run_jobs().await;
    answer
}

/// Lets this client in.
pub(crate) async fn enter(server: &Server, email: &str) -> String {
    ask(server, email).await;
    let link = address(server, &mails(server, email, "Your link to your gifts").await[0], "/my-giving/link/");
    assert_eq!(server.fill(&link, "/my-giving/link/", &[]).await.status, 303);
    link
}

#[tokio::test]
async fn the_door_answers_everybody_the_same_and_lets_in_who_has_the_mail() {
    let paying = started().await;
    let server = &paying.server;
    let known = ask(server, EMAIL).await.text().replace(EMAIL, "…");
    let unknown = ask(server, "nobody@example.org").await.text().replace("nobody@example.org", "…");
    assert_eq!(known, unknown, "nobody learns who has given");
    assert_eq!(mails(server, "nobody@example.org", "").await.len(), 0);
    assert_eq!(ask(server, "nobody").await.status, 422);

    let link = address(server, &mails(server, EMAIL, "Your link to your gifts").await[0], "/my-giving/link/");
    for _ in 0..3 {
        assert!(server.get(&link).await.text().contains("Open my giving"), "looking uses nothing up");
    }
    assert_eq!(server.get("/my-giving/details").await.status, 303, "a look lets nobody in");
    assert_eq!(server.fill(&link, "/my-giving/link/", &[]).await.status, 303);
    assert!(server.get("/my-giving").await.text().contains("For Ada Lovelace"));
    let other = Server::visitor();
    let used = Answer::of(other.get(server.absolute(&link)).send().await.unwrap()).await;
    assert_eq!(used.status, 410, "in another browser it opens nothing");

    assert_eq!(server.fill("/my-giving", "/my-giving/sign-out", &[]).await.status, 303);
    assert!(server.get("/my-giving").await.text().contains("Mail me the link"));
    ask(server, EMAIL).await;
    let late = address(server, &mails(server, EMAIL, "Your link to your gifts").await[0], "/my-giving/link/");
    server.app.clock.advance(31 * 60);
    assert_eq!(server.get(&late).await.status, 410);
}

#[tokio::test]
async fn who_asks_too_often_gets_no_more_mail_and_no_other_answer() {
    let paying = started().await;
    let server = &paying.server;
    let first = ask(server, EMAIL).await.text();
    for _ in 0..8 {
        assert_eq!(ask(server, EMAIL).await.text(), first);
    }
    assert_eq!(mails(server, EMAIL, "Your link to your gifts").await.len(), 5);
    for n in 0..12 {
        ask(server, &format!("nobody{n}@example.org")).await;
    }
    assert_eq!(ask(server, "nobody@example.org").await.status, 429, "a network that asks for everybody is stopped");
}

#[tokio::test]
async fn a_donor_sees_only_their_own_gifts_receipts_and_statements() {
    let paying = started().await;
    let server = &paying.server;
    give(&paying, "monthly", "bob@example.org").await;
    enter(server, EMAIL).await;
    let home = server.get("/my-giving").await;
    assert_eq!(home.all("tbody tr").len(), 1);
    assert!(home.text().contains("In honor of Grace Hopper") && !home.text().contains("Recurring gifts"), "{}", home.text());
    let receipt = home.attr("td[data-label=Receipt] a", "href").unwrap();
    let paper = server.get(&receipt).await.text();
    assert!(paper.contains("DUPLICATE") && paper.contains("R-000001") && paper.contains("Columbia University"), "{paper}");

    let statement = server.get("/my-giving/statements/2026").await.text();
    assert!(
        statement.contains("$120.00") && statement.contains("R-000001") && statement.contains("EIN 13-5598093"),
        "{statement}"
    );
    assert!(server.get("/my-giving/statements/2024").await.text().contains("No gift was received in this year"));
    let pdf = server.http.get(server.absolute("/my-giving/statements/2026/pdf")).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-"));
    assert_eq!(server.get("/my-giving/statements/2024/pdf").await.status, 409);

    let mut tx = server.app.db.read().await.unwrap();
    let bob = donors::by_email(&mut tx, &"bob@example.org".parse().unwrap()).await.unwrap().unwrap();
    let gift = gifts::of_donor(&mut tx, bob.id, 1).await.unwrap().remove(0);
    let plan = gifts::recurring_of(&mut tx, bob.id).await.unwrap().remove(0);
    drop(tx);
    for path in [
        format!("/my-giving/receipts/{}", gift.id),
        format!("/my-giving/recurring/{}", plan.id),
        format!("/my-giving/recurring/{}/amount", plan.id),
    ] {
        assert_eq!(server.get(&path).await.status, 404, "{path}");
    }

    let data = server.get("/my-giving/data.json").await;
    let told: serde_json::Value = serde_json::from_str(&data.body).unwrap();
    assert_eq!((told["about"]["name"].as_str(), told["gifts"][0]["receipt"].as_str()), (Some("Ada Lovelace"), Some("R-000001")));
    assert!(!data.body.contains("bob@"));
    let csv = server.get("/my-giving/gifts.csv").await.body;
    assert!(csv.contains("2026-09-21,settled,Where it is needed most,120.00,120.00,0.00,0.00,USD,R-000001"), "{csv}");
    for path in ["/my-giving/data.json", "/my-giving/statements/2026/pdf", "/my-giving/erasure"] {
        let stranger = Server::visitor().get(server.absolute(path)).send().await.unwrap();
        assert_eq!(stranger.status(), 303, "{path}");
    }
}

#[tokio::test]
async fn a_recurring_gift_is_changed_in_the_own_pages_as_behind_the_link() {
    let paying = started().await;
    let server = &paying.server;
    give(&paying, "monthly", EMAIL).await;
    enter(server, EMAIL).await;
    let plan = server.get("/my-giving").await.attr("a[href^='/my-giving/recurring/']", "href").unwrap();
    assert_eq!(server.fill(&format!("{plan}/amount"), "/amount", &[("amount", "150")]).await.status, 303);
    assert!(server.get(&plan).await.text().contains("Raised : from $120.00 to $150.00, by you"));
    assert_eq!(server.fill(&plan, "/end", &[]).await.status, 303);
    assert!(server.get(&plan).await.text().contains("ends on 21 October 2026"));
}

#[tokio::test]
async fn details_change_at_once_and_another_address_only_by_its_link() {
    let paying = started().await;
    let server = &paying.server;
    enter(server, EMAIL).await;
    let page = "/my-giving/details";
    let empty = server.fill(page, page, &[("name", ""), ("address", "New place")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.all("textarea")[0].contains("New place"), "what was typed is there");
    let sent = server.fill(page, page, &[("name", "Ada King"), ("updates", "yes"), ("email", "new@example.org")]).await;
    assert_eq!(sent.status, 303);
    server.run_jobs().await;
    let read = async || {
        let mut tx = server.app.db.read().await.unwrap();
        donors::by_email(&mut tx, &EMAIL.parse().unwrap()).await.unwrap().unwrap()
    };
    let donor = read().await;
    assert_eq!((donor.name.as_str(), donor.consent_updates), ("Ada King", true));
    let link = address(server, &mails(server, "new@example.org", "Confirm").await[0], "/my-giving/email/");
    assert!(server.get(&link).await.text().contains("new@example.org"));
    assert_eq!(read().await.email.unwrap().as_str(), EMAIL, "looking changes nothing");
    assert_eq!(server.fill(&link, "/my-giving/email/", &[]).await.status, 303);
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(donors::by_email(&mut tx, &"new@example.org".parse().unwrap()).await.unwrap().unwrap().id, donor.id);
    drop(tx);
    assert!(server.get("/my-giving").await.text().contains("Mail me the link"), "the old address opens nothing any more");
    assert_eq!(mails(server, EMAIL, "Your e-mail address was changed").await.len(), 1);
    assert_eq!(server.get(&link).await.status, 410);

    give(&paying, "once", "bob@example.org").await;
    enter(server, "bob@example.org").await;
    assert_eq!(server.fill(page, page, &[("email", "new@example.org")]).await.status, 303, "nobody learns that it is known");
    server.run_jobs().await;
    let link = address(server, &mails(server, "new@example.org", "Confirm").await[0], "/my-giving/email/");
    assert_eq!(server.fill(&link, "/my-giving/email/", &[]).await.status, 409, "two donors do not share an address");
}

#[tokio::test]
async fn what_is_personal_is_erased_and_the_books_stay() {
    let mut paying = started().await;
    give(&paying, "monthly", EMAIL).await;
    let server = &paying.server;
    enter(server, EMAIL).await;
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &EMAIL.parse().unwrap()).await.unwrap().unwrap();
    let before = format!("{:?}", books::trial_balance(&mut tx).await.unwrap());
    drop(tx);
    server.fill("/my-giving/details", "/my-giving/details", &[("name", "Ada Byron")]).await;
    let asked = server.fill("/my-giving/erasure", "/my-giving/erasure", &[("note", "I move abroad.")]).await;
    assert_eq!(asked.status, 303);
    assert!(server.get("/my-giving/erasure").await.text().contains("We answer within 30 days"));

    paying.server.sign_in(Role::ReadOnly).await;
    let page = format!("/staff/donors/{}/erasure", donor.id);
    assert_eq!(paying.server.get(&page).await.status, 403);
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    assert!(server.get("/staff").await.text().contains("donor asks that the personal data be erased"));
    assert!(server.get("/staff/donors/erasures").await.text().contains("Ada Byron"));
    assert!(server.get(&page).await.text().contains("I move abroad."));
    assert_eq!(server.fill(&page, "/erasure", &[]).await.status, 409, "a recurring gift goes on");
    let mut tx = server.app.db.read().await.unwrap();
    let plan = gifts::recurring_of(&mut tx, donor.id).await.unwrap().remove(0);
    drop(tx);
    server.app.gateway.cancel_subscription(&plan.subscription, false, "end").await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();
    server.run_jobs().await;
    assert_eq!(server.fill(&page, "/erasure", &[]).await.status, 303);

    let mut tx = server.app.db.read().await.unwrap();
    let erased = donors::by_id(&mut tx, donor.id).await.unwrap().unwrap();
    assert_eq!((erased.name.as_str(), erased.email, erased.address), (donors::ERASED, None, None));
    assert_eq!(erased.gateway_customer, None);
    let given = gifts::of_donor(&mut tx, donor.id, 10).await.unwrap();
    assert!(given.len() == 2 && given.iter().all(|gift| gift.tribute_name.is_none() && gift.card.is_none()));
    assert_eq!(format!("{:?}", books::trial_balance(&mut tx).await.unwrap()), before, "the books are as they were");
    assert!(mail::to_address(&mut tx, &EMAIL.parse().unwrap(), 10).await.unwrap().is_empty());
    let journal = audit::of_record(&mut tx, ("donor", &donor.id.to_string())).await.unwrap();
    assert!(journal.iter().any(|event| event.action == "erase" && event.actor_name == "Development Person"));
    assert!(!format!("{journal:?}").contains("Ada"), "{journal:?}");
    assert!(receipts::standing(&mut tx, &given[0].id.to_string()).await.unwrap().is_some(), "receipts are kept");
    drop(tx);
    assert!(!server.get(&format!("/staff/donors/{}", donor.id)).await.text().contains("Ada"));
    assert!(!server.get("/staff").await.text().contains("personal data be erased"));
    // The payment service tells of an old payment again: nothing personal comes back.
    gifts::refresh_payment(&server.app, given[0].payment.as_deref().unwrap()).await.unwrap();
    gifts::refresh_subscription(&server.app, &plan.subscription).await.unwrap();
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(donors::by_id(&mut tx, donor.id).await.unwrap().unwrap().gateway_customer, None);
}

#[tokio::test]
async fn a_request_that_can_not_be_met_is_answered_with_a_reason() {
    let mut paying = started().await;
    enter(&paying.server, EMAIL).await;
    paying.server.fill("/my-giving/erasure", "/my-giving/erasure", &[]).await;
    let mut tx = paying.server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &EMAIL.parse().unwrap()).await.unwrap().unwrap();
    drop(tx);
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let page = format!("/staff/donors/{}/erasure", donor.id);
    let empty = server.fill(&page, "/erasure", &[("act", "decline"), ("reason", "")]).await;
    assert_eq!(empty.status, 422);
    let answered = server.fill(&page, "/erasure", &[("act", "decline"), ("reason", "A dispute is open.")]).await;
    assert_eq!(answered.status, 303);
    server.run_jobs().await;
    assert!(mails(server, EMAIL, "Your request to erase").await[0].body_text.contains("A dispute is open."));
    let statement = server.get(&format!("/staff/donors/{}/statements/2026", donor.id)).await.text();
    assert!(statement.contains("Ada Lovelace") && statement.contains("$120.00"), "{statement}");
}
