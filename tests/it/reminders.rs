//! Applicants are reminded: once for each term, and not when there is no reason left.
use crate::{
    joining::{answer_all, apply, begin, letters, link, open, send, staff_page},
    server::Server,
};
use convener::{members, staff::Role, work};

/// The daily job, some days later.
async fn days_later(server: &Server, days: i64) {
    server.app.clock.advance(days * 86_400);
    let mut tx = server.app.db.write().await.unwrap();
    work::soon(&mut tx, members::REMIND.kind, "day", server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
}

async fn reminders(server: &Server, to: &str) -> Vec<String> {
    let all = letters(server, to).await.into_iter();
    all.filter(|(subject, _)| subject.contains("not sent yet") || subject.starts_with("We still need"))
        .map(|(_, text)| text)
        .collect()
}

/// What the application's page says of its reminders, for a read-only person.
async fn shown(server: &mut Server, list: &str) -> Vec<String> {
    server.sign_in(Role::ReadOnly).await;
    let list = server.get(list).await;
    let page = server.get(&list.attr("tbody th a", "href").unwrap()).await;
    page.all("aside ul li").into_iter().filter(|line| line.contains("days after")).collect()
}

#[tokio::test]
async fn a_draft_is_reminded_of_at_each_term_once() {
    let mut server = open().await;
    let at = begin(&server, "ida@example.org").await;
    days_later(&server, 1).await;
    assert!(reminders(&server, "ida@example.org").await.is_empty());
    assert_eq!(
        shown(&mut server, "/staff/applications?state=draft").await,
        [
            "7 days after the last change: planned for 28 September 2026 .",
            "21 days after the last change: planned for 12 October 2026 ."
        ]
    );
    let changed = server.fill(&format!("{at}/track"), "track", &[("track", "member")]).await;
    assert_eq!(changed.status, 303);
    days_later(&server, 6).await;
    assert!(reminders(&server, "ida@example.org").await.is_empty(), "a change puts it off");
    for _ in 0..3 {
        days_later(&server, 1).await;
    }
    let sent = reminders(&server, "ida@example.org").await;
    assert_eq!(sent.len(), 1);
    assert!(server.get(&link(&server, &sent[0])).await.text().contains("begun and not sent yet"), "its link works");
    for _ in 0..3 {
        days_later(&server, 10).await;
    }
    assert_eq!(reminders(&server, "ida@example.org").await.len(), 2, "no third one");
    let told = shown(&mut server, "/staff/applications?state=draft").await;
    assert!(told.iter().all(|line| line.contains("sent on")), "{told:?}");
}

#[tokio::test]
async fn what_was_sent_or_withdrawn_meanwhile_is_skipped_with_the_reason() {
    let mut server = open().await;
    let sent = begin(&server, "a@example.org").await;
    let withdrawn = begin(&server, "b@example.org").await;
    days_later(&server, 1).await;
    answer_all(&server, &sent, "Watchers", "member").await;
    send(&server, &sent).await;
    server.fill(&format!("{withdrawn}/withdrawal"), "withdrawal", &[]).await;
    days_later(&server, 25).await;
    for to in ["a@example.org", "b@example.org"] {
        assert!(reminders(&server, to).await.is_empty());
    }
    for (list, why) in [("/staff/applications", "sent since"), ("/staff/applications?state=withdrawn", "withdrawn")] {
        let told = shown(&mut server, list).await;
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|line| line.contains("skipped on") && line.contains(why)), "{told:?}");
    }
}

#[tokio::test]
async fn a_question_is_repeated_until_it_is_answered() {
    let mut server = open().await;
    let at = apply(&server, "Watchers", "w@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "Watchers").await;
    server.fill(&page, "question", &[("message", "Which city is it?")]).await;
    for _ in 0..8 {
        days_later(&server, 1).await;
    }
    let sent = reminders(&server, "w@example.org").await;
    assert!(sent.len() == 1 && sent[0].contains("Which city is it?"), "{sent:?}");
    server.fill(&format!("{at}/check"), "check", &[("note", "Duluth.")]).await;
    server.sign_in(Role::Membership).await;
    server.fill(&page, "question", &[("message", "In which state?")]).await;
    days_later(&server, 7).await;
    let sent = reminders(&server, "w@example.org").await;
    assert!(sent.len() == 2 && sent.iter().any(|text| text.contains("In which state?")), "{sent:?}");
    let told = shown(&mut server, "/staff/applications?state=needs_information").await;
    assert!(told.iter().any(|line| line.contains("another question was asked since")), "{told:?}");
}

#[tokio::test]
async fn one_mail_a_day_and_none_that_comes_far_too_late() {
    let mut server = open().await;
    begin(&server, "a@example.org").await;
    days_later(&server, 22).await;
    assert_eq!(reminders(&server, "a@example.org").await.len(), 1, "both were due");
    let told = shown(&mut server, "/staff/applications?state=draft").await;
    assert!(told.iter().any(|line| line.contains("a later one was due on the same day")), "{told:?}");
    let server = open().await;
    begin(&server, "a@example.org").await;
    days_later(&server, 90).await;
    assert!(reminders(&server, "a@example.org").await.is_empty());
}

#[tokio::test]
async fn the_terms_are_a_setting() {
    let mut server = open().await;
    server.sign_in(Role::Administrator).await;
    let page = "/staff/settings/reminders";
    let wrong = server.fill(page, "reminders", &[("draft", "soon"), ("information", "0")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 2));
    assert_eq!(wrong.attr("#draft", "value").as_deref(), Some("soon"));
    let saved = server.fill(page, "reminders", &[("draft", "3; 2"), ("information", "")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let card = server.get("/staff/settings").await.text();
    assert!(card.contains("Of a draft after 2, 3 days; of a question after no time at all"), "{card}");
    begin(&server, "a@example.org").await;
    days_later(&server, 2).await;
    days_later(&server, 1).await;
    assert_eq!(reminders(&server, "a@example.org").await.len(), 2);
}
