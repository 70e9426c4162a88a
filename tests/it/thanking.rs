//! Thanks by a person: the queue, letters by mail and on paper, what is taken back, templates, calls.
use crate::{
    disputes::gave,
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{
    gifts::{self, Gift},
    mail,
    staff::Role,
};

/// Ada, whom mail reaches, and Bob, who has no address for mail any more.
async fn two() -> (Paying, Gift, Gift) {
    let mut paying = start_paying().await;
    let ada = gave(&paying, "ada@example.org").await;
    let bob = gave(&paying, "bob@example.org").await;
    paying.server.sign_in(Role::Development).await;
    let details = format!("/staff/donors/{}/details", bob.donor_id);
    let saved =
        paying.server.fill(&details, "details", &[("name", "Bob Roe"), ("email", ""), ("address", "1 Main St\nDuluth")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    (paying, ada, bob)
}

async fn to_thank(server: &Server) -> i64 {
    gifts::to_thank(&mut server.app.db.read().await.unwrap()).await.unwrap()
}

fn names(page: &Answer) -> Vec<String> {
    let mut names = page.all("tbody th");
    names.sort();
    names
}

async fn act(server: &Server, then: &str, gifts: &[&Gift]) -> Answer {
    let ids: Vec<_> = gifts.iter().map(|gift| gift.id.to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("gift", id.as_str())).collect();
    fields.push(("then", then));
    server.fill("/staff/thanks", "/staff/thanks", &fields).await
}

#[tokio::test]
async fn letters_go_by_mail_where_they_can_and_on_paper_where_they_must() {
    let (paying, ada, bob) = two().await;
    let server = &paying.server;
    assert!(server.get("/staff").await.text().contains("2 gifts are not thanked for yet") || to_thank(server).await == 2);
    let preview = act(server, "letters", &[&ada, &bob]).await;
    assert_eq!(preview.status, 303, "{}", preview.text());
    let path = preview.location().to_owned();
    let page = server.get(&path).await;
    assert!(page.text().contains("1 by e-mail, 1 on paper. Nothing has gone out yet."), "{}", page.text());
    assert!(page.text().contains(
        "Dear Bob Roe, thank you for your gift of $100.00 on 21 September 2026. It goes to: Where it is needed most. Your support"
    ));
    assert_eq!(to_thank(server).await, 2, "looking sends nothing");
    let sent = server.fill(&path, "letters", &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let batch = sent.location().to_owned();
    assert_eq!(to_thank(server).await, 0);
    let again = server.post(&batch, &[]).await;
    assert!(again.status >= 400);

    let mut tx = server.app.db.read().await.unwrap();
    let mails = mail::to_address(&mut tx, &"ada@example.org".parse().unwrap(), 10).await.unwrap();
    let letter = mails.iter().find(|mail| mail.subject == "Thank you for your gift").expect("a letter was mailed");
    let words = mail::by_id(&mut tx, letter.id).await.unwrap().unwrap().body_text;
    assert!(words.contains("Dear Ada Lovelace,") && words.contains("Development Person"), "{words}");
    assert_eq!(mails.iter().filter(|mail| mail.subject == "Thank you for your gift").count(), 1);
    drop(tx);
    let shown = server.get(&batch).await;
    assert_eq!(shown.all("tbody tr").len(), 2);
    let paper = server.get(&shown.attr(".notice a", "href").unwrap()).await;
    assert_eq!(paper.all("article.letter").len(), 1);
    assert!(paper.text().contains("Bob Roe 1 Main St Duluth 21 September 2026"), "{}", paper.text());
    assert_eq!(names(&server.get("/staff/thanks?show=thanked").await), ["Ada Lovelace", "Bob Roe"]);

    assert_eq!(server.fill(&batch, "undo", &[]).await.status, 303);
    assert_eq!(to_thank(server).await, 2);
    assert!(server.get(&batch).await.text().contains("It was taken back on"));
    assert_eq!(server.get(&format!("{batch}/print")).await.all("article.letter").len(), 1, "what was written stays on record");
}

/// What each act makes of a gift in each state: how many wait afterwards, and the answer.
#[tokio::test]
async fn each_gift_is_dealt_with_once_and_every_act_can_be_taken_back() {
    let (paying, ada, bob) = two().await;
    let server = &paying.server;
    let gift = format!("/staff/gifts/{}", ada.id);
    for (then, shown, words) in [
        ("call", "thanked", "The donor was thanked on 21 September 2026."),
        ("person", "thanked", "The donor was thanked on 21 September 2026."),
        ("do_not", "do_not", "It is not to be thanked."),
    ] {
        let done = act(server, then, &[&ada]).await;
        assert_eq!(done.status, 303, "{then}: {}", done.text());
        assert_eq!(to_thank(server).await, 1);
        assert_eq!(names(&server.get(&format!("/staff/thanks?show={shown}")).await), ["Ada Lovelace"], "{then}");
        assert_eq!(server.get("/staff/gifts?only=to_thank").await.all("tbody tr").len(), 1);
        assert!(server.get(&gift).await.text().contains(words), "{then}");
        for late in ["call", "person", "do_not"] {
            let answer = act(server, late, &[&ada]).await;
            assert_eq!(answer.status, 409, "{then} and then {late}: {}", answer.text());
        }
        let none = act(server, "letters", &[&ada]).await;
        assert!(server.get(none.location()).await.text().contains("None of these gifts waits for thanks"));
        let both = act(server, "do_not", &[&ada, &bob]).await;
        assert_eq!(both.status, 303, "the one that waits is dealt with");
        assert!(server.get(both.location()).await.text().contains("for 1 gift"));
        assert_eq!(to_thank(server).await, 0);
        assert!(server.get("/staff/thanks").await.text().contains("Every gift is thanked for."));
        for batch in [both.location(), done.location()] {
            assert_eq!(server.fill(batch, "undo", &[]).await.status, 303);
        }
        assert_eq!(to_thank(server).await, 2, "{then}");
        let (target, values) = (format!("{}/undo", done.location()), server.get("/staff/thanks").await.form("", "thanks", &[]).1);
        let twice = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
        assert_eq!(twice.status, 409);
    }
    act(server, "do_not", &[&ada]).await;
    server.fill(&gift, "/thanks", &[]).await;
    assert_eq!(to_thank(server).await, 2, "one gift alone waits again from its page");
    let nothing = act(server, "call", &[]).await;
    assert_eq!(nothing.location(), "/staff/thanks");
    let all = server.fill("/staff/thanks", "/staff/thanks", &[("all", "yes"), ("then", "call")]).await;
    assert!(server.get(all.location()).await.text().contains("for 2 gifts"));
}

#[tokio::test]
async fn a_template_is_versioned_and_an_unknown_field_is_refused_with_those_there_are() {
    let (mut paying, ada, _) = two().await;
    let server = &paying.server;
    let template = server.get("/staff/thanks/templates").await.attr("tbody a", "href").unwrap();
    let wrong = server.fill(&template, "templates", &[("body", "Dear {nmae},\nthank you."), ("subject", "For {name")]).await;
    assert_eq!(wrong.status, 422);
    let errors = wrong.all(".error-summary li");
    assert!(
        errors[0].contains("begins with {") && errors[1].contains("There is no field {nmae}. The fields are {name}, {amount}"),
        "{errors:?}"
    );
    assert!(wrong.body.contains("Dear {nmae},"), "what was typed stays");
    let stale = server.get(&template).await;
    let saved = server.fill(&template, "templates", &[("body", "Hello {name}, about {amount}.")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let (target, values) = stale.form(&template, "templates", &[("body", "Another mind")]);
    let late = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert!(late.status == 422 && late.text().contains("Somebody saved another version meanwhile"), "{}", late.text());
    assert!(server.get(&template).await.text().contains("Version 2, Development Person"));

    let preview = format!("/staff/thanks/letters?gift={}", ada.id);
    let seen = server.get(&preview).await;
    assert!(seen.text().contains("Hello Ada Lovelace, about $100.00."), "{}", seen.text());
    server.fill(&template, "templates", &[("body", "Changed {name}")]).await;
    let (target, values) = seen.form(&preview, "letters", &[]);
    let unseen = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(unseen.status, 409, "nobody sends what they did not see");

    let new = "/staff/thanks/templates/new";
    let same = server.fill(new, "new", &[("name", "Thank you")]).await;
    assert!(same.status == 422 && same.text().contains("Another template has this name"), "{}", same.text());
    assert_eq!(server.fill(new, "new", &[("name", "Large gifts")]).await.status, 303);
    assert_eq!(names(&server.get("/staff/thanks/templates").await), ["Large gifts", "Thank you"]);
    paying.server.sign_in(Role::Membership).await;
    assert_eq!(paying.server.get(new).await.status, 403);
    assert!(paying.server.get("/staff/thanks").await.all("main form[method=post]").is_empty());
}

#[tokio::test]
async fn a_call_is_noted_with_its_day_and_who_made_it() {
    let (paying, ada, _) = two().await;
    let server = &paying.server;
    let path = format!("/staff/gifts/{}", ada.id);
    for (day, words, told) in
        [("2026-09-22", "She was glad.", "Enter a day that has come"), ("2026-09-20", "", "Write what was said")]
    {
        let wrong = server.fill(&path, "calls", &[("called_on", day), ("words", words)]).await;
        assert!(wrong.status == 422 && wrong.text().contains(told), "{}", wrong.text());
        assert!(wrong.body.contains(words));
    }
    assert_eq!(server.fill(&path, "calls", &[("called_on", "2026-09-20"), ("words", "She was glad.")]).await.status, 303);
    let calls = server.get(&path).await.text();
    assert!(calls.contains("20 September 2026 , Development Person: She was glad."), "{calls}");
    assert!(server.get("/staff/thanks").await.text().contains("1 call noted"));
}
