//! Gifts that are held back, the two ways out of it, and cards that are declined in a burst.
use crate::{
    disputes::{GIVEN, gift_of, hear},
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{
    donors,
    gifts::{GiftState, Giving, Limit},
    kernel::Cents,
    mail,
    payments::sandbox::Card,
    settings,
    staff::Role,
};

async fn set(server: &Server, change: impl FnOnce(&mut Giving)) {
    let mut tx = server.app.db.write().await.unwrap();
    let mut giving: Giving = settings::get(&mut tx).await.unwrap();
    change(&mut giving);
    settings::set(&mut tx, &giving, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn is_donor(server: &Server, email: &str) -> bool {
    let mut tx = server.app.db.read().await.unwrap();
    donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap().is_some()
}

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> =
        GIVEN.iter().copied().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name)).collect();
    fields.extend(changes);
    fields
}

/// The address of the link in the newest mail about a held gift.
async fn mailed(server: &Server, email: &str) -> String {
    let mut tx = server.app.db.read().await.unwrap();
    let newest = mail::to_address(&mut tx, &email.parse().unwrap(), 1).await.unwrap().remove(0);
    let text = mail::by_id(&mut tx, newest.id).await.unwrap().unwrap().body_text;
    let at = text.find("/donate/held/").unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn what_looks_like_a_program_is_held_and_its_sender_learns_the_same_whatever_gave_it_away() {
    let mut paying = start_paying().await;
    let trapped = paying
        .server
        .fill("/donate", "/donate", &with(&[("website", "http://spam.example"), ("email", "trap@example.org")]))
        .await;
    set(&paying.server, |giving| giving.fastest = 3).await;
    let fast = paying.server.fill("/donate", "/donate", &with(&[("email", "fast@example.org")])).await;
    assert_eq!((trapped.status, fast.status), (202, 202), "{}", trapped.text());
    assert_eq!(trapped.text().replace("trap@", "fast@"), fast.text());
    for words in ["spam", "fast.", "program", "limit", "held"] {
        assert!(!trapped.all("main").join(" ").contains(words), "{words}");
    }
    assert!(!is_donor(&paying.server, "trap@example.org").await && !is_donor(&paying.server, "fast@example.org").await);

    let slow = paying.server.get("/donate").await;
    paying.server.app.clock.advance(3);
    let (target, values) = slow.form("/donate", "/donate", &with(&[("email", "slow@example.org")]));
    let sent = Answer::of(paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(sent.status, 303, "who reads the page first is not held");
    let (target, values) = slow.form("/donate", "/donate", &with(&[("email", "plain@example.org")]));
    let sent = Server::visitor().post(paying.server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 303, "nor a browser that keeps no cookie");

    paying.server.sign_in(Role::Development).await;
    let page = paying.server.get("/staff/held").await;
    for words in [
        "trap@example.org",
        "A field that people leave empty was filled in. It held: http://spam.example",
        "The form came back faster",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(paying.server.get("/staff").await.all(".attention").join(" ").contains("2 gifts were held back"));
}

#[tokio::test]
async fn a_held_gift_is_let_through_by_a_link_and_is_one_gift_however_often_it_is_used() {
    let mut paying = start_paying().await;
    let fields = with(&[("website", "x"), ("cover", "yes")]);
    for _ in 0..2 {
        assert_eq!(paying.server.fill("/donate", "/donate", &fields).await.status, 202);
    }
    paying.server.sign_in(Role::Development).await;
    let page = paying.server.get("/staff/held").await;
    assert_eq!(page.all("tbody tr").len(), 1, "the same form twice is held once");
    let let_through = [("decision", "let_through")];
    let sent = paying.server.fill("/staff/held", "/staff/held/", &let_through).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let (target, values) = page.form("/staff/held", "/staff/held/", &[("decision", "discarded")]);
    let late = Answer::of(paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(late.status, 409, "one decision");
    paying.server.run_jobs().await;
    let link = mailed(&paying.server, "ada@example.org").await;
    assert!(!is_donor(&paying.server, "ada@example.org").await);

    set(&paying.server, |giving| giving.per_address = Limit { most: 1, seconds: 600 }).await;
    let shown = paying.server.get(&link).await;
    assert!(shown.text().contains("You will be charged $103.30"), "{}", shown.text());
    let first = paying.server.fill(&link, "held", &[]).await;
    let second = paying.server.fill(&link, "held", &[]).await;
    assert_eq!((first.status, second.location()), (303, first.location()), "{}", first.text());
    let session = first.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    hear(&paying).await;
    let gift = gift_of(&paying.server, "ada@example.org").await;
    assert_eq!((gift.state, gift.charged.get()), (GiftState::Settled, 10_330));
    let done = paying.server.get("/staff/held").await;
    assert!(done.text().contains("Let through and begun") && done.body.contains(&gift.id.to_string()));
    assert!(paying.server.fill(&link, "held", &[]).await.location().contains("/donate/thanks/"));
}

#[tokio::test]
async fn a_held_gift_is_discarded_in_silence_and_forgotten_in_the_end() {
    let mut paying = start_paying().await;
    paying.server.fill("/donate", "/donate", &with(&[("website", "x")])).await;
    paying.server.sign_in(Role::ReadOnly).await;
    assert!(paying.server.get("/staff/held").await.all("form[method=post]").is_empty());
    paying.server.sign_in(Role::Development).await;
    assert_eq!(paying.server.fill("/staff/held", "/staff/held/", &[("decision", "given")]).await.status, 400);
    assert_eq!(paying.server.fill("/staff/held", "/staff/held/", &[("decision", "discarded")]).await.status, 303);
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert!(mail::to_address(&mut tx, &"ada@example.org".parse().unwrap(), 1).await.unwrap().is_empty());
    drop(tx);
    assert!(paying.server.get("/staff/held").await.text().contains("Discarded"));
    paying.server.app.clock.advance(61 * 86_400);
    let mut tx = paying.server.app.db.write().await.unwrap();
    let now = paying.server.app.clock.now();
    convener::work::soon(&mut tx, "gifts.sweep", "now", now).await.unwrap();
    tx.commit().await.unwrap();
    paying.server.run_jobs().await;
    paying.server.sign_in(Role::Development).await;
    assert!(!paying.server.get("/staff/held").await.text().contains("Discarded"));
}

#[tokio::test]
async fn what_a_limit_stops_is_held_too_and_a_closed_fund_gives_the_form_back() {
    let mut paying = start_paying().await;
    set(&paying.server, |giving| giving.per_email = Limit { most: 1, seconds: 600 }).await;
    let statuses = [
        paying.server.fill("/donate", "/donate", GIVEN).await.status,
        paying.server.fill("/donate", "/donate", &with(&[("other_amount", "50")])).await.status,
    ];
    assert_eq!(statuses, [303, 429]);
    paying.server.sign_in(Role::Development).await;
    let page = paying.server.get("/staff/held").await;
    assert!(
        page.text().contains("$50.00") && page.text().contains("More gifts were begun than the limits allow"),
        "{}",
        page.text()
    );
    paying.server.fill("/staff/held", "/staff/held/", &[("decision", "let_through")]).await;
    paying.server.run_jobs().await;
    let link = mailed(&paying.server, "ada@example.org").await;
    set(&paying.server, |giving| giving.least = Cents::new(7_500)).await;
    let stale = paying.server.fill(&link, "held", &[]).await;
    assert_eq!(stale.status, 422);
    assert!(stale.text().contains("The smallest gift we can take by card is $75"), "{}", stale.text());
    assert_eq!(stale.attr("input[name=name]", "value").as_deref(), Some("Ada Lovelace"));
}

async fn decline(paying: &Paying, email: &str) {
    let sent = paying.server.fill("/donate", "/donate", &with(&[("email", email)])).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let session = sent.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Decline).await.unwrap();
    // Told twice, and counted once.
    paying.sandbox.disturb(1).await.unwrap();
    hear(paying).await;
}

#[tokio::test]
async fn a_burst_of_declined_cards_raises_one_alarm_and_pauses_giving_only_where_that_is_set() {
    for pauses in [false, true] {
        let mut paying = start_paying().await;
        set(&paying.server, |giving| {
            giving.burst = Limit { most: 3, seconds: 600 };
            giving.pause_on_burst = pauses;
        })
        .await;
        let staff = Server::visitor();
        paying.server.sign_in(Role::Administrator).await;
        let signed_in = std::mem::replace(&mut paying.server.http, staff);
        for n in 0..2 {
            decline(&paying, &format!("thief{n}@example.org")).await;
        }
        paying.server.app.clock.advance(700);
        decline(&paying, "patient@example.org").await;
        let quiet = Answer::of(signed_in.get(paying.server.absolute("/staff")).send().await.unwrap()).await;
        assert!(!quiet.text().contains("cards were declined"), "three in more than the time raise nothing");
        for n in 2..4 {
            decline(&paying, &format!("thief{n}@example.org")).await;
        }
        paying.server.http = signed_in;
        let home = paying.server.get("/staff").await;
        assert!(home.all(".attention").join(" ").contains("3 cards were declined in a short time"), "{}", home.text());
        assert_eq!(home.text().contains("Giving by card was paused"), pauses);
        assert_eq!(paying.server.get("/donate").await.text().contains("Giving by card is paused"), pauses);
        let page = paying.server.get("/staff/held").await;
        assert!(page.text().contains("3 cards were declined within 10 minutes"), "{}", page.text());
        assert_eq!(paying.server.fill("/staff/held", "bursts", &[]).await.status, 303);
        assert!(!paying.server.get("/staff").await.text().contains("cards were declined"));
    }
}
