//! Review rounds: what goes into which, how it is deferred, and what everybody reads of the next one.
use crate::{
    joining::{apply, begin, letters, open, staff_page},
    server::Server,
};
use convener::{members, staff::Role};

async fn set_day(server: &Server, on: &str) {
    let mut tx = server.app.db.write().await.unwrap();
    members::insert_review_round(&mut tx, on.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

/// An application in review, and its page.
pub(crate) async fn in_review(server: &Server, name: &str, email: &str) -> (String, String) {
    let at = apply(server, name, email, "member").await;
    let page = staff_page(server, name).await;
    let taken = server.fill(&page, "/review", &[]).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    (at, page)
}

#[tokio::test]
async fn an_application_goes_into_the_round_it_arrived_in_time_for() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    set_day(&server, "2027-01-04").await;
    let (_, page) = in_review(&server, "Early", "a@example.org").await;
    assert!(server.get(&page).await.text().contains("It is in the round of 1 October 2026 ."));
    assert!(server.get("/join").await.text().contains("reviewed on 1 October 2026 . What arrives by 24 September 2026"));
    server.app.clock.advance(4 * 86_400);
    server.sign_in(Role::Membership).await;
    let join = server.get("/join").await.text();
    assert!(join.contains("reviewed on 4 January 2027 . What arrives by 28 December 2026"), "{join}");
    assert!(server.get("/").await.text().contains("arrive by 28 December 2026 are reviewed on 4 January 2027"));
    let (at, page) = in_review(&server, "Late", "b@example.org").await;
    assert!(server.get(&page).await.text().contains("It is in the round of 4 January 2027 ."));
    assert!(server.get(&at).await.text().contains("It is looked at in the review on 4 January 2027."));

    let list = server.get("/staff/review-rounds").await;
    assert_eq!(
        list.all("tbody tr"),
        ["1 October 2026 In review 24 September 2026 1 1", "4 January 2027 Open for applications 28 December 2026 1 1"]
    );
    let round = server.get("/staff/review-rounds/2026-10-01").await;
    assert_eq!(round.all("tbody tr"), ["Early Member In review Nobody is assigned No votes yet."]);
    assert!(round.text().contains("0 of 1 application decided"), "{}", round.text());
    let agenda = server.get("/staff/review-rounds/2026-10-01/agenda").await.text();
    assert!(agenda.contains("1. Early") && !agenda.contains("Late") && agenda.contains("Ida B. Wells, President"), "{agenda}");
    assert_eq!(server.get("/staff/review-rounds/2026-10-02").await.status, 404);
    assert_eq!(server.get("/staff/review-rounds/soon").await.status, 404);
    let stranger = Server::visitor().get(server.absolute("/staff/review-rounds/2026-10-01")).send().await.unwrap();
    assert_eq!(stranger.status(), 303, "to the sign-in");
}

#[tokio::test]
async fn a_round_is_closed_once_its_day_is_over_and_all_is_decided() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    let (_, page) = in_review(&server, "Watchers", "a@example.org").await;
    server.app.clock.advance(30 * 86_400);
    server.sign_in(Role::Membership).await;
    let round = "/staff/review-rounds/2026-10-01";
    assert!(server.get(round).await.text().contains("Its day is over and 1 application is undecided"));
    server.fill(&format!("{page}/decision"), "decision", &[("decision", "approved")]).await;
    let over = server.get(round).await.text();
    assert!(over.contains("everything in it is decided") && over.contains("1 of 1 application decided"), "{over}");
}

#[tokio::test]
async fn a_deferral_moves_an_application_on_and_its_reason_is_mailed() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    let (at, page) = in_review(&server, "Watchers", "w@example.org").await;
    assert!(server.get(&page).await.text().contains("No later round is set"));
    set_day(&server, "2027-01-04").await;
    let empty = server.fill(&page, "deferral", &[("deferral", " ")]).await;
    assert_eq!((empty.status, empty.all(".error-summary li")), (422, vec!["Write the reason; it is mailed to them".to_owned()]));
    let opened = server.get(&page).await;
    let again = opened.form(&page, "deferral", &[("deferral", "Twice.")]);
    let moved = server.fill(&page, "deferral", &[("deferral", "Your board meets in November.")]).await;
    assert_eq!(moved.status, 303, "{}", moved.text());
    let (_, text) = letters(&server, "w@example.org").await.into_iter().find(|(s, _)| s.contains("decided later")).unwrap();
    assert!(text.contains("review on 4 January 2027") && text.contains("Your board meets in November."), "{text}");
    let status = server.get(&at).await.text();
    assert!(status.contains("review on 4 January 2027, and not before: Your board meets in November."), "{status}");
    let shown = server.get(&page).await.text();
    assert!(shown.contains("Deferred from 1 October 2026 : Your board meets in November."), "{shown}");
    assert!(shown.contains("Deferred by Membership Person: from 1 October 2026 to 4 January 2027"), "{shown}");
    let left = server.get("/staff/review-rounds/2026-10-01").await.text();
    assert!(left.contains("No application is in this round") && left.contains("Deferred to a later round"), "{left}");
    assert_eq!(server.get("/staff/review-rounds/2027-01-04").await.all("tbody th"), ["Watchers"]);
    let second = server.http.post(server.absolute(&again.0)).form(&again.1).send().await.unwrap();
    assert_eq!(second.status(), 409, "there is no round after it");
}

#[tokio::test]
async fn what_is_in_review_without_a_round_goes_into_the_next_one_that_is_set() {
    let mut server = open().await;
    server.app.clock.advance(20 * 86_400);
    server.sign_in(Role::Administrator).await;
    let (at, page) = in_review(&server, "Watchers", "w@example.org").await;
    assert!(server.get(&page).await.text().contains("It is in no round"));
    assert!(server.get(&at).await.text().contains("The secretariat looks at it"));
    server.fill("/staff/settings/review-rounds", "", &[("on", "2026-12-01")]).await;
    assert!(server.get(&page).await.text().contains("It is in the round of 1 December 2026 ."));
}

#[tokio::test]
async fn rounds_come_by_themselves_when_the_rules_say_so() {
    let mut server = open().await;
    server.sign_in(Role::Administrator).await;
    let page = "/staff/settings/review-rounds";
    let wrong = server.fill(page, "/rules", &[("day", "31"), ("cut_off_days", "some"), ("quorum", "-1")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 3), "{}", wrong.text());
    assert_eq!(wrong.attr("#day", "value").as_deref(), Some("31"));
    let saved =
        server.fill(page, "/rules", &[("every_months", "3"), ("first_month", "2"), ("day", "10"), ("cut_off_days", "20")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let days = ["10 August 2027", "10 May 2027", "10 February 2027", "10 November 2026", "1 October 2026"];
    assert_eq!(server.get(page).await.all("tbody th"), days);
    assert!(server.get("/join").await.text().contains("reviewed on 10 November 2026 . What arrives by 21 October 2026"));
    server.app.clock.advance(100 * 86_400);
    let mut tx = server.app.db.write().await.unwrap();
    let now = server.app.clock.now();
    convener::work::soon(&mut tx, members::rounds::GENERATE.kind, "today", now).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
    server.sign_in(Role::Administrator).await;
    assert_eq!(server.get(page).await.all("tbody th")[0], "10 November 2027");
    let begun = begin(&server, "x@example.org").await;
    assert!(!begun.is_empty());
}
