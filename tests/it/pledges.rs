//! Pledges: the schedule, what came of it, reminders, and the end of waiting.
use crate::{
    offline::{accounts, donor, enter, gifts_of, start},
    server::Server,
};
use convener::{
    donors::{Donor, DonorKind},
    gifts::REMIND,
    mail,
    staff::Role,
    work,
};

async fn pledge(server: &Server, donor: &Donor, fields: &[(&str, &str)]) -> String {
    let sent = server.fill(&format!("/staff/pledges/new?donor={}", donor.id), "/staff/pledges/new", fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    sent.location().to_owned()
}

/// The daily job, now.
async fn remind(server: &Server) {
    let mut tx = server.app.db.write().await.unwrap();
    let now = server.app.clock.now();
    work::soon(&mut tx, REMIND.kind, &now.to_string(), now).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
}

async fn reminders(server: &Server, email: &str) -> Vec<mail::Summary> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut all = mail::to_address(&mut tx, &email.parse().unwrap(), 50).await.unwrap();
    all.retain(|mail| mail.subject.contains("Your pledge"));
    all
}

#[tokio::test]
async fn what_comes_for_a_pledge_pays_its_instalments_in_their_order() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let wrong = [("amount", "0.02"), ("instalments", "3"), ("first_on", "soon")];
    let refused = server.fill(&format!("/staff/pledges/new?donor={}", ada.id), "/staff/pledges/new", &wrong).await;
    assert_eq!(refused.status, 422);
    for words in ["each instalment is at least the smallest unit", "Enter a date such as"] {
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    let fields = [("amount", "100"), ("rhythm", "monthly"), ("instalments", "3"), ("first_on", "2026-08-31"), ("fund", "youth")];
    let path = pledge(&server, &ada, &fields).await;
    let page = server.get(&path).await;
    assert!(page.text().contains("$33.34 is overdue since 31 August 2026. $100.00 is left in all."), "{}", page.text());
    assert_eq!(page.all("tbody td:nth-child(2)"), ["31 August 2026", "30 September 2026", "31 October 2026"]);
    assert!(accounts(&server).await.is_empty(), "a pledge stands beside the books");
    assert_eq!(server.get("/staff/pledges?show=overdue").await.all("tbody tr").len(), 1);
    assert!(server.get("/staff").await.text().contains("1 pledge is overdue"));

    // One payment entered for it, one that had come already.
    let early = enter(&server, &ada, &[("method", "cash"), ("amount", "10")]).await;
    assert_eq!(early.status, 303);
    let link = page.attr("a[href*='/staff/gifts/new?pledge=']", "href").unwrap();
    let form = server.get(&link).await;
    assert_eq!(form.attr("option[value=youth]", "selected").as_deref(), Some(""), "the fund of the pledge");
    let paid = server.fill(&link, "/staff/gifts/new", &[("amount", "40"), ("reference", "7")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    let page = server.get(&path).await;
    assert!(page.text().contains("The next instalment is due on 30 September 2026. $60.00 is left"), "{}", page.text());
    let free = page.attr("select[name=gift] option", "value").unwrap();
    assert_eq!(server.fill(&path, "/payments", &[("gift", &free)]).await.status, 303);
    assert!(server.get(&path).await.text().contains("$50.00 is left in all"));
    assert_eq!(server.fill(&path, "/freed", &[]).await.status, 303);
    assert!(server.get(&path).await.text().contains("$90.00 is left in all"), "the newest counts no more");

    // Who gave it decides: another donor's gift does not count.
    let grace = donor(&server, DonorKind::Person, "Grace Hopper", "").await;
    enter(&server, &grace, &[("method", "cash"), ("amount", "10")]).await;
    let hers = gifts_of(&server, grace.id).await[0].id.to_string();
    let csrf = server.get(&path).await.attr("input[name=csrf]", "value").unwrap();
    assert_eq!(server.post(&format!("{path}/payments"), &[("csrf", &csrf), ("gift", &hers)]).await.status, 409);

    // What is taken back does not count.
    let forty = gifts_of(&server, ada.id).await.into_iter().find(|gift| gift.intended.get() == 4_000).unwrap();
    assert_eq!(server.fill(&path, "/payments", &[("gift", &forty.id.to_string())]).await.status, 303);
    assert!(server.get(&path).await.text().contains("$50.00 is left in all"));
    server.fill(&format!("/staff/gifts/{}/taken-back", forty.id), "/taken-back", &[("why", "bounced")]).await;
    assert!(server.get(&path).await.text().contains("is overdue since 31 August 2026"));
    assert!(server.get(&format!("/staff/donors/{}", ada.id)).await.all("h2").contains(&"Pledges".to_owned()));
}

#[tokio::test]
async fn each_reminder_goes_out_once_and_what_is_skipped_says_why() {
    let mut server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let silent = donor(&server, DonorKind::Person, "Silent Giver", "").await;
    let monthly = [("amount", "60"), ("rhythm", "monthly"), ("instalments", "2"), ("first_on", "2026-09-28")];
    let path = pledge(&server, &ada, &monthly).await;
    let without = pledge(&server, &silent, &monthly).await;
    let unwanted = pledge(&server, &ada, &[&monthly[..], &[("reminders", "")]].concat()).await;
    remind(&server).await;
    remind(&server).await;
    assert_eq!(reminders(&server, "ada@example.org").await.len(), 1, "a week before the first, once");
    let page = server.get(&path).await.text();
    assert!(page.contains("Before: sent, 21 September 2026"), "{page}");
    assert!(server.get(&without).await.text().contains("skipped because there is no e-mail address"));
    assert!(server.get(&unwanted).await.text().contains("skipped because this pledge has no reminders"));

    // Two weeks after its day it is late; the second was due at the same time and is paid.
    server.app.clock.advance(21 * 86_400);
    server.sign_in(Role::Development).await;
    remind(&server).await;
    let told = reminders(&server, "ada@example.org").await;
    assert_eq!(told.iter().filter(|mail| mail.subject.contains("has not come")).count(), 1, "{told:?}");
    let link = format!("/staff/gifts/new?pledge={}", path.rsplit('/').next().unwrap());
    assert_eq!(server.fill(&link, "/staff/gifts/new", &[("amount", "60"), ("reference", "9")]).await.status, 303);
    let before = reminders(&server, "ada@example.org").await.len();
    server.app.clock.advance(40 * 86_400);
    server.sign_in(Role::Development).await;
    remind(&server).await;
    assert_eq!(reminders(&server, "ada@example.org").await.len(), before, "what is paid is not reminded of");
    assert!(server.get(&path).await.text().contains("It is paid in full"));
    assert!(server.get(&without).await.text().contains("Late: skipped"));
}

#[tokio::test]
async fn a_pledge_that_is_written_off_is_not_waited_for_and_says_why() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let path = pledge(&server, &ada, &[("amount", "500"), ("rhythm", "once"), ("first_on", "2026-09-01")]).await;
    let page = format!("{path}/write-off");
    assert!(server.get(&page).await.text().contains("$500.00 is not waited for any more"));
    assert_eq!(server.fill(&page, "/write-off", &[]).await.status, 422);
    assert_eq!(server.fill(&page, "/write-off", &[("reason", "Moved away.")]).await.status, 303);
    let after = server.get(&path).await;
    assert!(after.text().contains("It was written off with $500.00 unpaid. Moved away."), "{}", after.text());
    remind(&server).await;
    assert!(reminders(&server, "ada@example.org").await.is_empty());
    assert_eq!(server.get("/staff/pledges?show=overdue").await.all("tbody tr").len(), 0);
    assert_eq!(server.get("/staff/pledges?show=all").await.all("tbody tr").len(), 1);
    assert_eq!(server.get(&page).await.status, 409);
}
