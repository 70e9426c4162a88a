//! Who else a gift is owed to, whom it is told to, and what an employer adds.
use crate::{
    disputes::{GIVEN, gave, gift_of, hear},
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{donors, gifts::Gift, mail, payments::sandbox::Card, staff::Role};

async fn start() -> (Paying, Gift) {
    let mut paying = start_paying().await;
    let gift = gave(&paying, "ada@example.org").await;
    paying.server.sign_in(Role::Development).await;
    (paying, gift)
}

async fn given(server: &Server, gift: &Gift) -> i64 {
    let mut tx = server.app.db.read().await.unwrap();
    donors::totals_of(&mut tx, gift.donor_id).await.unwrap().first().map_or(0, |total| total.given.get())
}

/// Sends a form as it was opened, whatever has happened since.
async fn send(server: &Server, page: &Answer, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let (target, values) = page.form(path, action, fields);
    Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await
}

#[tokio::test]
async fn a_soft_credit_stands_apart_from_what_was_given() {
    let (paying, gift) = start().await;
    let server = &paying.server;
    let other = gave(&paying, "bob@example.org").await;
    let path = format!("/staff/gifts/{}/credits", gift.id);
    let find = format!("{path}?q=bob@example");
    assert!(
        server.get(&format!("{path}?q=ada@example")).await.text().contains("No other donor is found"),
        "the giver needs none"
    );
    let page = server.get(&find).await;
    let bob = other.donor_id.to_string();
    for (fields, told) in [
        (&[("amount", "100.01"), ("donor", bob.as_str())][..], "Enter $100.00 or less"),
        (&[("amount", "x"), ("donor", bob.as_str())], "such as"),
        (&[("amount", "40")], "Choose who has the credit"),
        (&[("amount", "40"), ("donor", &gift.donor_id.to_string())], "This donor gave the gift"),
    ] {
        let wrong = send(server, &page, &path, "credits", fields).await;
        assert_eq!(wrong.status, 422, "{told}");
        assert!(wrong.all(".error-summary").join(" ").contains(told), "{told}: {}", wrong.text());
    }
    let right = [("donor", bob.as_str()), ("amount", "40"), ("kind", "household"), ("note", "Married")];
    assert_eq!(send(server, &page, &path, "credits", &right).await.status, 303);
    assert_eq!(send(server, &page, &path, "credits", &right).await.status, 422, "once");
    assert!(server.get(&format!("/staff/gifts/{}", gift.id)).await.text().contains("$40.00: Household partner (Married)"));
    let donor = format!("/staff/donors/{bob}");
    let section = server.get(&donor).await.all("#credits").join(" ");
    assert!(
        section.contains("$40.00 for 1 gift") && section.contains("of a gift by Ada Lovelace on 21 September 2026"),
        "{section}"
    );
    assert_eq!((given(server, &gift).await, given(server, &other).await), (10_000, 10_000), "totals know nothing of it");

    server.app.gateway.start_refund("part", gift.payment.as_deref().unwrap(), convener::kernel::Cents::new(7_000)).await.unwrap();
    hear(&paying).await;
    assert!(
        server.get(&donor).await.all("#credits").join(" ").contains("$30.00 for 1 gift"),
        "never more than is left of the gift"
    );
    assert_eq!(server.fill(&path, "removal", &[]).await.status, 303);
    assert!(server.get(&donor).await.all("#credits").is_empty());
}

#[tokio::test]
async fn a_tribute_is_told_without_the_amount_and_once() {
    let mut paying = start_paying().await;
    let tribute = [("tribute", "memory"), ("tribute_name", "Raphael Lemkin"), ("anonymous", "yes")];
    let fields: Vec<_> = GIVEN.iter().copied().chain(tribute).collect();
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let session = sent.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let gift = gift_of(server, "ada@example.org").await;
    let path = format!("/staff/gifts/{}/tribute", gift.id);
    assert!(server.get(&format!("/staff/gifts/{}", gift.id)).await.text().contains("Asked not to be named"));
    let wrong = server.fill(&path, "tribute", &[("to_name", "Family Lemkin"), ("words", "We remember him.")]).await;
    assert!(
        wrong.status == 422 && wrong.text().contains("Enter an e-mail address, or a postal address below"),
        "{}",
        wrong.text()
    );
    assert_eq!(wrong.attr("#to_name", "value").as_deref(), Some("Family Lemkin"));
    let opened = server.get(&path).await;
    for (name, reach) in [("Family Lemkin", ("email", "lemkin@example.org")), ("Aunt Bella", ("address", "1 Main St\nDuluth"))] {
        let fields = [("to_name", name), ("words", "We remember him."), reach];
        assert_eq!(send(server, &opened, &path, "tribute", &fields).await.status, 303);
    }
    assert!(server.get(&path).await.all("button").iter().all(|b| !b.starts_with("Send by")), "not before the money is here");
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    hear(&paying).await;
    let list = server.get("/staff/tributes").await.all("tbody tr");
    assert_eq!(list, ["In memory of Raphael Lemkin Ada Lovelace 21 September 2026 2 to send"]);
    let page = server.get(&path).await;
    assert!(page.text().contains("Somebody who wishes to stay unnamed has made a gift to American NGO Coalition for the International Criminal Court in memory of Raphael Lemkin. We remember him."), "{}", page.text());
    for section in page.all("section.card") {
        assert!(!section.contains("100") && !section.contains("Ada"), "{section}");
    }
    let html = page.html();
    let actions: Vec<String> = html
        .select(&scraper::Selector::parse("form[action$='/sending']").unwrap())
        .map(|form| form.value().attr("action").unwrap().to_owned())
        .collect();
    drop(html);
    assert_eq!(actions.len(), 2);
    for action in &actions {
        assert_eq!(send(server, &page, &path, action, &[]).await.status, 303);
        assert_eq!(send(server, &page, &path, action, &[]).await.status, 409, "once");
        let removal = action.replace("/sending", "/removal");
        assert_eq!(send(server, &page, &path, &removal, &[]).await.status, 409, "what was sent stays on record");
    }
    let mut tx = server.app.db.read().await.unwrap();
    let mails = mail::to_address(&mut tx, &"lemkin@example.org".parse().unwrap(), 5).await.unwrap();
    assert_eq!(mails.iter().map(|m| m.subject.as_str()).collect::<Vec<_>>(), ["A gift in memory of Raphael Lemkin"]);
    let text = mail::by_id(&mut tx, mails[0].id).await.unwrap().unwrap().body_text;
    assert!(!text.contains("100") && !text.contains("Ada"), "{text}");
    drop(tx);
    assert!(server.get("/staff/tributes").await.text().contains("2 sent"));
    let printed = actions.iter().map(|action| action.trim_end_matches("/sending").to_owned()).next_back().unwrap();
    assert_eq!(server.get(&printed).await.all("article.letter").len(), 1);
    let plain = gave(&paying, "plain@example.org").await;
    assert_eq!(server.get(&format!("/staff/gifts/{}/tribute", plain.id)).await.status, 404);
}

/// In each state, what each step is answered.
#[tokio::test]
async fn a_matching_gift_goes_from_the_thought_to_the_employers_own_gift() {
    let (paying, gift) = start().await;
    let server = &paying.server;
    let path = format!("/staff/gifts/{}", gift.id);
    let new = "/staff/matching/employers/new";
    let wrong = server.fill(new, "employers", &[("name", ""), ("percent", "lots"), ("least", "x")]).await;
    assert_eq!(wrong.all(".error-summary li").len(), 3, "{}", wrong.text());
    let rule = [("name", "Acme Corp"), ("percent", "200"), ("least", "25"), ("most", "150"), ("how", "Ask at give.acme.example")];
    assert_eq!(server.fill(new, "employers", &rule).await.status, 303);
    assert_eq!(server.fill(new, "employers", &rule).await.status, 422, "one employer, one name");
    assert_eq!(server.fill(new, "employers", &[("name", "Stingy Inc"), ("least", "5000")]).await.status, 303);
    assert!(
        !server.get(&path).await.all("#employer option").contains(&"Stingy Inc".to_owned()),
        "its rule does not match this gift"
    );
    let begun = server.fill(&path, "/matching", &[]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let one = begun.location().to_owned();
    assert!(server.get("/staff/matching").await.text().contains("Outstanding in USD $150.00 1 matching gift"));
    assert!(server.get(&one).await.text().contains("Ask at give.acme.example"));

    let acme = gave(&paying, "acme@example.org").await;
    let details = format!("/staff/donors/{}/details", acme.donor_id);
    server.fill(&details, "details", &[("name", "Acme Corp"), ("kind", "organization")]).await;
    let opened = server.get(&one).await;
    let received = acme.id.to_string();
    let steps = [
        // Not asked for yet.
        ("back", 409, "Not asked for yet"),
        ("submit", 303, "Asked for"),
        ("submit", 409, "Asked for"),
        ("back", 303, "Not asked for yet"),
        ("submit", 303, "Asked for"),
        ("receive", 303, "Received"),
        ("receive", 409, "Received"),
        ("submit", 409, "Received"),
        ("remove", 409, "Received"),
        ("back", 303, "Asked for"),
        ("receive", 303, "Received"),
        ("back", 303, "Asked for"),
        ("back", 303, "Not asked for yet"),
        ("receive", 303, "Received"),
        ("back", 303, "Not asked for yet"),
        ("burn", 422, "Not asked for yet"),
    ];
    for (n, (step, status, state)) in steps.into_iter().enumerate() {
        let answer = send(server, &opened, &one, "matching", &[("step", step), ("received", &received)]).await;
        assert_eq!(answer.status, status, "{n} {step}: {}", answer.text());
        assert_eq!(server.get(&one).await.all("dl.facts .badge"), [state], "{n} {step}");
    }
    let unchosen = send(server, &opened, &one, "matching", &[("step", "receive")]).await;
    assert!(unchosen.status == 422 && unchosen.text().contains("Choose the gift by which the employer matched"));
    let itself = send(server, &opened, &one, "matching", &[("step", "receive"), ("received", &gift.id.to_string())]).await;
    assert_eq!(itself.status, 409);
    assert_eq!(send(server, &opened, &one, "matching", &[("step", "receive"), ("received", &received)]).await.status, 303);
    assert!(server.get(&format!("/staff/gifts/{received}")).await.text().contains("this gift is it"));
    assert!(server.get("/staff/matching?state=received").await.text().contains("Acme Corp"));

    let second = gave(&paying, "carla@example.org").await;
    let other = server.fill(&format!("/staff/gifts/{}", second.id), "/matching", &[]).await.location().to_owned();
    let page = server.get(&other).await;
    assert!(!page.body.contains(&received), "a gift answers for one other");
    let taken = send(server, &page, &other, "matching", &[("step", "receive"), ("received", &received)]).await;
    assert_eq!(taken.status, 409, "{}", taken.text());
    assert_eq!(send(server, &page, &other, "matching", &[("step", "remove")]).await.location(), "/staff/matching");
    assert_eq!(server.get(&other).await.status, 404);
}
