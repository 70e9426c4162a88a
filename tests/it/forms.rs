//! Forms of application as data: staff ask what they need, and each application keeps its version.
use crate::{
    joining::{answer_all, begin, open, send, staff_page},
    server::{Answer, Server},
};
use convener::staff::Role;

const MEMBERS: &str = "/staff/settings/forms/member";

async fn add(server: &Server, fields: &[(&str, &str)]) -> Answer {
    server.fill(&format!("{MEMBERS}/questions/new"), "questions", fields).await
}

#[tokio::test]
async fn a_question_is_asked_of_whoever_begins_after_it_was_added() {
    let mut server = open().await;
    server.sign_in(Role::Administrator).await;
    let before = begin(&server, "early@example.org").await;
    server.fill(&format!("{before}/track"), "track", &[("track", "member")]).await;
    let wrong = add(&server, &[("label", ""), ("kind", "one"), ("options", "Only this")]).await;
    assert_eq!(wrong.all(".error-summary li"), ["Write the question", "Write at least two answers, each on its own line"]);
    assert_eq!(wrong.all("#options"), ["Only this"]);
    let size = [("label", "How many members do you have?"), ("kind", "number"), ("heading", "How large is it?")];
    for fields in [
        &size[..],
        &[
            ("label", "Where do they work?"),
            ("kind", "several"),
            ("options", "Courts\nSchools"),
            ("required", ""),
            ("heading", "How large is it?"),
        ],
        &[("label", "Who founded it?"), ("kind", "long"), ("hint", "Names and year")],
    ] {
        let added = add(&server, fields).await;
        assert_eq!(added.status, 303, "{}", added.text());
    }
    let shown = server.get(MEMBERS).await;
    assert_eq!(shown.all("tbody th"), ["How many members do you have?", "Where do they work?", "Who founded it?"]);
    assert!(shown.text().contains("Version 4 is in force"), "{}", shown.text());
    assert_eq!(server.fill(MEMBERS, "who-founded-it/place", &[]).await.status, 303);
    assert_eq!(server.get(MEMBERS).await.all("tbody th")[1], "Who founded it?");
    server.fill(&format!("{before}/track"), "track", &[("track", "member")]).await;
    assert!(
        server.get(&format!("{before}/track")).await.text().contains("Question 1 of 7"),
        "it keeps the form it was begun with"
    );
    answer_all(&server, &before, "Watchers", "member").await;
    assert_eq!(send(&server, &before).await.status, 303);
    let begun = begin(&server, "late@example.org").await;
    server.fill(&format!("{begun}/track"), "track", &[("track", "member")]).await;
    assert!(server.get(&format!("{begun}/track")).await.text().contains("Question 1 of 10"), "the pages are apart now");
}

#[tokio::test]
async fn answers_stand_on_every_page_and_stay_when_the_question_goes() {
    let mut server = open().await;
    server.sign_in(Role::Administrator).await;
    let size = [("label", "How many members do you have?"), ("kind", "number"), ("heading", "How large is it?")];
    add(&server, &size).await;
    add(&server, &[("label", "Since when?"), ("kind", "date"), ("heading", "How large is it?"), ("required", "")]).await;
    let at = begin(&server, "late@example.org").await;
    server.fill(&format!("{at}/track"), "track", &[("track", "member")]).await;
    let page = format!("{at}/page-how-many-members-do-you-have");
    let asked = server.get(&page).await;
    assert!(asked.text().contains("Question 5 of 8 How large is it?"), "{}", asked.text());
    let first = "q-how-many-members-do-you-have";
    let wrong = server.fill(&page, "page-", &[(first, "many"), ("q-since-when", "2001-02-03")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li")), (422, vec!["Enter a number, such as 1,250".to_owned()]));
    assert_eq!(wrong.attr(&format!("#{first}"), "value").as_deref(), Some("many"));
    let early = send(&server, &at).await;
    assert!(early.text().contains("Answer: How large is it?"), "{}", early.text());
    let answered = server.fill(&page, "page-", &[(first, "1,250"), ("q-since-when", "2001-02-03")]).await;
    assert_eq!((answered.status, answered.location()), (303, format!("{at}/commitment").as_str()));

    // The question goes: this application keeps its version, and what was answered.
    let question = format!("{MEMBERS}/questions/how-many-members-do-you-have");
    let stale = server.get(&question).await.form(&question, "removal", &[]);
    assert_eq!(server.fill(&question, "removal", &[]).await.status, 303);
    let second = server.http.post(server.absolute(&stale.0)).form(&stale.1).send().await.unwrap();
    assert_eq!(second.status(), 409, "it was changed meanwhile");
    let check = server.get(&format!("{at}/check")).await.text();
    assert!(check.contains("How many members do you have?: 1250 Since when?: 3 February 2001"), "{check}");
    let next = begin(&server, "next@example.org").await;
    server.fill(&format!("{next}/track"), "track", &[("track", "member")]).await;
    assert_eq!(server.get(&format!("{next}/page-how-many-members-do-you-have")).await.status, 404);
    assert!(server.get(&format!("{next}/page-since-when")).await.text().contains("How large is it?"));

    let list = server.get("/staff/applications?state=draft").await;
    let links = scraper::Selector::parse("tbody th a").unwrap();
    let mut shown = Vec::new();
    for href in list.html().select(&links).map(|a| a.attr("href").unwrap().to_owned()).collect::<Vec<_>>() {
        shown.push(server.get(&href).await.text());
    }
    assert!(shown.iter().any(|text| text.contains("1250") && text.contains("Form Version 3")), "{shown:?}");
    let csv = server.get("/staff/applications.csv?state=draft").await.body;
    let mut rows = csv.lines();
    assert!(rows.next().unwrap().ends_with("How many members do you have?,Since when?"), "{csv}");
    assert!(rows.any(|line| line.ends_with(",1250,3 February 2001")), "{csv}");
    assert!(
        server.get(&format!("{MEMBERS}/versions/3")).await.text().contains("How many members do you have?"),
        "versions are kept"
    );
}

#[tokio::test]
async fn conditions_and_the_document_are_the_forms() {
    let mut server = open().await;
    server.sign_in(Role::Administrator).await;
    let observers = "/staff/settings/forms/observer";
    let added = server
        .fill(&format!("{observers}/conditions/new"), "conditions", &[("label", "It has a board"), ("meaning", "Of three.")])
        .await;
    assert_eq!(added.status, 303, "{}", added.text());
    for name in ["national", "genuine", "independent", "purpose"] {
        server.fill(&format!("{observers}/conditions/{name}"), "removal", &[]).await;
    }
    let at = begin(&server, "w@example.org").await;
    server.fill(&format!("{at}/track"), "track", &[("track", "observer")]).await;
    let eligibility = format!("{at}/eligibility");
    assert_eq!(server.get(&eligibility).await.all(".choice label"), ["It has a board"]);
    let missed = server.fill(&eligibility, "eligibility", &[]).await;
    assert_eq!(missed.all(".error-summary li"), ["Confirm: it has a board"]);
    assert_eq!(server.get(&format!("{at}/document")).await.status, 404, "observers are asked for none");
    server.fill(observers, "document", &[]).await;
    let other = begin(&server, "x@example.org").await;
    server.fill(&format!("{other}/track"), "track", &[("track", "observer")]).await;
    assert_eq!(server.get(&format!("{other}/document")).await.status, 200);
    assert_eq!(server.get(&format!("{at}/document")).await.status, 404, "it was begun before");
    server.fill(&format!("{at}/track"), "track", &[("track", "member")]).await;
    assert_eq!(server.get(&format!("{at}/document")).await.status, 200, "another track has another form");
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get(observers).await.status, 403);
}

#[tokio::test]
async fn an_observer_applies_without_a_document() {
    let mut server = open().await;
    let at = begin(&server, "w@example.org").await;
    answer_all(&server, &at, "Watchers", "observer").await;
    assert_eq!(send(&server, &at).await.status, 303);
    server.sign_in(Role::Membership).await;
    let shown = server.get(&staff_page(&server, "Watchers").await).await.text();
    assert!(shown.contains("Made on line Accepted: version 3 of the text"), "{shown}");
}
