//! Reviewers look, vote, recuse themselves; the decision follows the votes or says why it does not.
use crate::{
    joining::{PDF, open},
    rounds::in_review,
    server::{Answer, Server},
};
use convener::{
    members::rounds::{RoundRules, Threshold},
    settings,
    staff::{self, Role},
};

async fn rule(server: &Server, threshold: Threshold, quorum: i64) {
    let mut tx = server.app.db.write().await.unwrap();
    let rules = RoundRules { threshold, quorum, ..RoundRules::default() };
    settings::set(&mut tx, &rules, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn vote(server: &Server, page: &str, choice: &str, comment: &str) -> Answer {
    server.fill(page, "/vote", &[("vote", choice), ("comment", comment)]).await
}

async fn name_reviewer(server: &Server, email: &str) {
    let mut tx = server.app.db.read().await.unwrap();
    let person = staff::by_email(&mut tx, &email.parse().unwrap()).await.unwrap().unwrap();
    drop(tx);
    let named = server.fill(&format!("/staff/people/{}", person.id), "reviewing", &[("reviews", "yes")]).await;
    assert_eq!(named.status, 303, "{}", named.text());
}

#[tokio::test]
async fn votes_are_counted_changed_and_kept_with_the_decision() {
    let mut server = open().await;
    rule(&server, Threshold::TwoThirds, 2).await;
    server.sign_in(Role::ReadOnly).await;
    server.sign_in(Role::Administrator).await;
    name_reviewer(&server, "read_only@amicc.example").await;
    let (_, page) = in_review(&server, "Watchers", "w@example.org").await;
    let boxes = server.get(&page).await;
    assert_eq!(boxes.all("input[name=reviewer] + label"), ["Administrator Person", "Read-only Person"]);
    let ids: Vec<_> = boxes
        .html()
        .select(&scraper::Selector::parse("input[name=reviewer]").unwrap())
        .map(|i| i.attr("value").unwrap().to_owned())
        .collect();
    let (target, mut values) = boxes.form(&page, "reviewers", &[]);
    values.extend(ids.iter().map(|id| ("reviewer".to_owned(), id.clone())));
    server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    let shown = server.get(&page).await.text();
    assert!(
        shown.contains("No votes yet; 2 more needed for the quorum of 2. Still to vote: Administrator Person, Read-only Person."),
        "{shown}"
    );
    assert!(server.get("/staff").await.text().contains("1 application in review waits for your vote"));
    assert_eq!(server.get("/staff/applications?votes=mine").await.all("tbody th"), ["Watchers"]);

    let none = server.fill(&page, "/vote", &[("comment", "Well.")]).await;
    assert_eq!((none.status, none.all("form[action$=vote] textarea")), (422, vec!["Well.".to_owned()]), "{}", none.text());
    assert_eq!(vote(&server, &page, "against", "Not yet.").await.status, 303);
    assert!(!server.get("/staff").await.text().contains("for your vote"));
    assert_eq!(vote(&server, &page, "for", "It is national after all.").await.status, 303, "a vote is changed");
    server.sign_in(Role::ReadOnly).await;
    assert!(server.get(&page).await.attr("form[action$=deferral]", "action").is_none(), "who votes does not admit");
    assert_eq!(vote(&server, &page, "recused", " ").await.status, 422, "a recusal has a reason");
    assert_eq!(vote(&server, &page, "recused", "I sit on its board.").await.status, 303);
    let shown = server.get(&page).await.text();
    assert!(
        shown.contains("1 of 1 vote in favor; 1 more needed for the quorum of 2. 1 recusal."),
        "a recusal is not counted: {shown}"
    );
    assert_eq!(vote(&server, &page, "against", "").await.status, 303);
    assert!(server.get(&page).await.text().contains("1 of 2 votes in favor; two thirds not reached."));

    server.sign_in(Role::Administrator).await;
    let round = server.get("/staff/review-rounds/2026-10-01").await.text();
    assert!(round.contains("Administrator Person, Read-only Person 1 of 2 votes in favor; two thirds not reached."), "{round}");
    let decision = format!("{page}/decision");
    let departs = server.fill(&decision, "decision", &[("decision", "approved"), ("why_approved", " ")]).await;
    assert_eq!(departs.all(".error-summary li"), ["Write why you decide otherwise than the votes stand"]);
    let why = "The objection was about another organization.";
    let approved = server.fill(&decision, "decision", &[("decision", "approved"), ("why_approved", why)]).await;
    assert_eq!(approved.status, 303, "{}", approved.text());
    assert_eq!(server.post(&format!("{page}/vote"), &[("vote", "for")]).await.status, 403, "no proof");
    assert!(server.get(&page).await.attr("form[action$=vote]", "action").is_none(), "nothing is left to vote on");
    let record = server.get(&page).await.attr("a[href$=record]", "href").unwrap();
    let kept = server.get(&record).await.text();
    for said in [
        "was approved, otherwise than the votes stood",
        "Decided by Administrator Person",
        "1 October 2026",
        "1 of 2 votes in favor; two thirds not reached.",
        "Two thirds, quorum of 2",
        why,
        "Administrator Person In favor It is national after all.",
        "Not filed yet",
    ] {
        assert!(kept.contains(said), "{said}: {kept}");
    }
    rule(&server, Threshold::Consensus, 9).await;
    assert!(server.get(&record).await.text().contains("Two thirds, quorum of 2"), "the record keeps the rules of its day");
}

#[tokio::test]
async fn only_administrators_depart_from_the_votes() {
    let mut server = open().await;
    rule(&server, Threshold::SimpleMajority, 1).await;
    server.sign_in(Role::Membership).await;
    let (_, page) = in_review(&server, "Watchers", "w@example.org").await;
    let decision = format!("{page}/decision");
    let shown = server.get(&decision).await;
    assert!(shown.text().contains("An administrator can decide so all the same"), "{}", shown.text());
    assert!(!shown.text().contains("Approve as 1st member Not yet"), "there is no button");
    let (target, values) = shown.form(&decision, "decision", &[("decision", "approved"), ("why_approved", "I like them.")]);
    let refused = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert!(refused.status == 403 && refused.text().contains("only administrators depart from them"), "{}", refused.text());
    assert_eq!(vote(&server, &page, "for", "").await.status, 303);
    let declined = server.fill(&decision, "decision", &[("decision", "declined"), ("reason", "No.")]).await;
    assert_eq!(declined.status, 403, "the votes carry it");
    let approved = server.fill(&decision, "decision", &[("decision", "approved")]).await;
    assert_eq!(approved.status, 303, "{}", approved.text());
    assert!(server.get(&format!("{page}/record")).await.text().contains("The application of Watchers was approved."));
}

#[tokio::test]
async fn a_vote_that_comes_after_the_decision_or_the_withdrawal_is_refused() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    let (at, page) = in_review(&server, "Watchers", "w@example.org").await;
    assert_eq!(vote(&server, &page, "for", "Good people.").await.status, 303);
    let ballot = server.get(&page).await.form(&page, "/vote", &[("vote", "against")]);
    let decision = server.get(&format!("{page}/decision")).await.form(&page, "decision", &[("decision", "approved")]);
    server.fill(&format!("{at}/withdrawal"), "withdrawal", &[]).await;
    for (target, values) in [ballot, decision] {
        let late = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
        assert_eq!(late.status(), 409, "{target}");
    }
    let shown = server.get(&page).await;
    assert!(shown.text().contains("Membership Person In favor Good people."), "its votes are kept: {}", shown.text());
    assert!(shown.attr("a[href$=record]", "href").is_none());
    assert_eq!(server.get(&format!("{page}/record")).await.status, 404);
}

#[tokio::test]
async fn who_reviews_is_the_role_or_named() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    let (_, page) = in_review(&server, "Watchers", "w@example.org").await;
    let ballot = server.get(&page).await.form(&page, "/vote", &[("vote", "for")]);
    server.sign_in(Role::Communications).await;
    assert!(server.get(&page).await.attr("form[action$=vote]", "action").is_none());
    let token = server.get("/staff/me").await.form("", "", &[]).1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let values = [("csrf", token.as_str()), ("vote", "for"), ("comment", "")];
    let refused = server.post(&ballot.0, &values).await;
    assert!(refused.status == 403 && refused.text().contains("names as reviewers"), "{}", refused.text());
    server.sign_in(Role::Administrator).await;
    name_reviewer(&server, "communications@amicc.example").await;
    server.sign_in(Role::Communications).await;
    assert_eq!(vote(&server, &page, "abstain", "").await.status, 303);
    assert!(server.get(&page).await.text().contains("No vote for or against. 1 abstention."));
}

#[tokio::test]
async fn the_minutes_are_filed_with_the_record_and_given_to_staff_alone() {
    let mut server = open().await;
    server.sign_in(Role::Membership).await;
    let (_, page) = in_review(&server, "Watchers", "w@example.org").await;
    server.fill(&format!("{page}/decision"), "decision", &[("decision", "declined"), ("reason", "It is local.")]).await;
    let record = format!("{page}/record");
    assert!(server.get(&record).await.text().contains("Reason, as it was mailed It is local."));
    let file = async |name: &str, bytes: &[u8]| {
        let (target, values) = server.get(&record).await.form(&record, "minutes", &[]);
        let csrf = values.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().text("csrf", csrf).part("minutes", part);
        Answer::of(server.http.post(server.absolute(&target)).multipart(form).send().await.unwrap()).await
    };
    let wrong = file("minutes.pdf", b"MZ\x90\0").await;
    assert!(wrong.status == 422 && wrong.text().contains("whatever its name says"), "{}", wrong.text());
    assert_eq!(file("october.pdf", PDF).await.status, 303);
    assert!(server.get(&record).await.text().contains("october.pdf (1 KB)"));
    let given = server.http.get(server.absolute(&format!("{page}/minutes"))).send().await.unwrap();
    assert_eq!(given.headers()["content-disposition"], "attachment; filename=\"minutes-watchers.pdf\"");
    assert_eq!(given.bytes().await.unwrap().as_ref(), PDF);
    let stranger = Server::visitor().get(server.absolute(&format!("{page}/minutes"))).send().await.unwrap();
    assert_eq!(stranger.status(), 303, "to the sign-in");
}
