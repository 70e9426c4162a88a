//! Reaffirmation: the ladder of reminders, the delegate's link, what the standing says, and the call list.
use crate::{
    members::few,
    server::{Answer, Server},
    standing::act,
};
use convener::{
    audit, mail,
    members::{self, Commitment, PastOrganization, reaffirmation::Rhythm},
    settings,
    staff::Role,
    work,
};

const DAY: i64 = 86_400;

/// Two members and an observer, asked every 24 months and for the first time 70 days from now.
async fn asked() -> (Server, Vec<PastOrganization>) {
    let mut server = Server::start().await;
    let all = few(&server).await;
    let now = server.app.clock.now();
    let mut tx = server.app.db.write().await.unwrap();
    let first_due = Some("2026-11-30".parse().unwrap());
    settings::set(&mut tx, &Rhythm { months: 24, first_due, ..Rhythm::default() }, now).await.unwrap();
    tx.commit().await.unwrap();
    put_in_force(&server, 3).await;
    server.sign_in(Role::Membership).await;
    (server, all)
}

async fn put_in_force(server: &Server, version: i64) {
    let text = Commitment { version, body: "We stand by the Court.".into(), in_force: "2020-01-01".parse().unwrap() };
    let mut tx = server.app.db.write().await.unwrap();
    members::insert_commitment(&mut tx, &text).await.unwrap();
    tx.commit().await.unwrap();
}

async fn days_pass(server: &mut Server, days: i64) {
    server.app.clock.advance(days * DAY);
    server.sign_in(Role::Membership).await;
}

/// The day's run.
async fn climb(server: &Server) {
    let mut tx = server.app.db.write().await.unwrap();
    let now = server.app.clock.now();
    work::soon(&mut tx, "members.reaffirmation", &now.to_string(), now).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
}

/// What the delegates were mailed, the newest first.
async fn mails(server: &Server) -> Vec<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut all = Vec::new();
    for summary in mail::to_address(&mut tx, &"ana@example.org".parse().unwrap(), 50).await.unwrap() {
        all.push(mail::by_id(&mut tx, summary.id).await.unwrap().unwrap());
    }
    all
}

/// Where the latest mail that names `name` leads.
async fn link(server: &Server, name: &str) -> String {
    let all = mails(server).await;
    let newest = all.iter().find(|m| m.subject.starts_with(name) && m.body_text.contains("/reaffirm/")).unwrap();
    let path = newest.body_text.lines().find_map(|line| line.split_once("/reaffirm/")).unwrap().1;
    format!("/reaffirm/{path}")
}

async fn answer(server: &Server, page: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Answer {
    let opened = server.get(page).await;
    send(server, &opened, page, fields, file).await
}

async fn send(server: &Server, opened: &Answer, page: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Answer {
    let (target, values) = opened.form(page, "/reaffirm/", fields);
    let mut form = reqwest::multipart::Form::new();
    for (name, value) in values.into_iter().filter(|(name, _)| name != "document") {
        form = form.text(name, value);
    }
    if let Some(bytes) = file {
        form = form.part("document", reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("Letter.pdf"));
    }
    Answer::of(server.http.post(server.absolute(&target)).multipart(form).send().await.unwrap()).await
}

const YES: &[(&str, &str)] = &[("contacts", "right"), ("accept", "yes")];

#[tokio::test]
async fn each_rung_of_the_ladder_is_mailed_once_to_members_alone() {
    let (mut server, _) = asked().await;
    climb(&server).await;
    assert!(mails(&server).await.is_empty(), "70 days before nobody is reminded");
    for (days, expected) in [(10, 2), (1, 2), (45, 4), (20, 4), (8, 6), (31, 8), (200, 8)] {
        days_pass(&mut server, days).await;
        climb(&server).await;
        climb(&server).await;
        assert_eq!(mails(&server).await.len(), expected, "after {days} more days");
    }
    let all = mails(&server).await;
    assert!(all.iter().all(|m| !m.subject.contains("Observers")), "observers are not asked");
    assert!(all.last().unwrap().subject.ends_with("reaffirm the commitment by 30 November 2026"));
    assert!(all[0].subject.ends_with("the commitment waits to be reaffirmed"));
}

#[tokio::test]
async fn what_is_not_mailed_is_noted_with_its_reason() {
    let (mut server, all) = asked().await;
    let records: Vec<_> = all.iter().map(|o| format!("/staff/organizations/{}", o.id)).collect();
    act(&server, &records[0], "suspension", &[("on", "2026-09-01"), ("reason", "Under review.")]).await;
    let end = server.get(&records[1]).await.attr("a[href$='/end']", "href").unwrap();
    assert_eq!(server.fill(&end, "/end", &[("to", "2026-09-20")]).await.status, 303);
    days_pass(&mut server, 60).await;
    climb(&server).await;
    assert!(mails(&server).await.is_empty());
    let (first, second) = (server.get(&records[0]).await.text(), server.get(&records[1]).await.text());
    assert!(first.contains("Reminder 60 days before: skipped. A later reminder was due at the same time"), "{first}");
    assert!(first.contains("Reminder 14 days before: skipped. Its membership is suspended"), "{first}");
    assert!(second.contains("Reminder 14 days before: skipped. Nobody holds the delegate’s seat"), "{second}");
}

#[tokio::test]
async fn a_delegate_reaffirms_by_the_link_and_the_accepted_text_is_kept() {
    let (mut server, all) = asked().await;
    let record = format!("/staff/organizations/{}", all[0].id);
    assert!(server.get(&record).await.text().contains("In good standing since it was admitted"));
    days_pass(&mut server, 15).await;
    climb(&server).await;
    assert!(server.get(&record).await.text().contains("Its commitment is to be reaffirmed by 30 November 2026."));
    let staff = server.http.clone();
    server.http = Server::visitor();
    let page = link(&server, "World").await;
    let opened = server.get(&page).await;
    for said in ["We stand by the Court.", "Version 3", "Ana Delegate", "ana@example.org"] {
        assert!(opened.text().contains(said), "{said}: {}", opened.text());
    }
    assert_eq!(server.get(&page).await.status, 200, "looking uses nothing up");
    let empty = answer(&server, &page, &[], None).await;
    assert_eq!((empty.status, empty.all(".error-summary li").len()), (422, 2), "{}", empty.text());
    let silent = answer(&server, &page, &[("contacts", "changed"), ("accept", "yes")], None).await;
    assert!(silent.status == 422 && silent.text().contains("Write what has changed"));
    let no_letter = answer(&server, &page, YES, Some(b"plain words")).await;
    assert!(no_letter.status == 422 && no_letter.text().contains("This is not a PDF"));
    let other_text = answer(&server, &page, &[YES, &[("version", "2")]].concat(), None).await;
    assert!(other_text.status == 422 && other_text.text().contains("The text has changed since you opened this page"));

    let fields = [("contacts", "changed"), ("changes", "Our press person left."), ("accept", "yes")];
    let done = answer(&server, &page, &fields, Some(b"%PDF-1.7 a letter")).await;
    assert_eq!((done.status, done.location()), (303, page.as_str()), "{}", done.text());
    let again = server.get(&page).await.text();
    assert!(again.contains("reaffirmed its commitment on 6 October 2026") && again.contains("6 October 2028"), "{again}");
    server.run_jobs().await;
    assert!(mails(&server).await[0].body_text.contains("in version 3 of its text"));

    server.http = staff;
    let kept = server.get(&record).await.text();
    for said in ["Reaffirmed by Ana Delegate, version 3", "Our press person left.", "Letter of reaffirmation", "6 October 2028"] {
        assert!(kept.contains(said), "{said}: {kept}");
    }
    assert!(kept.contains("In good standing since it was admitted"));
    let id = all[0].id.to_string();
    let events = audit::of_record(&mut server.app.db.read().await.unwrap(), ("organization", &id)).await.unwrap();
    assert!(events.iter().any(|e| e.action == "reaffirm" && e.actor_kind == "delegate" && e.actor_name == "Ana Delegate"));
    days_pass(&mut server, 60).await;
    climb(&server).await;
    assert!(
        !mails(&server).await.iter().any(|m| m.subject.starts_with("World") && m.subject.contains("waits")),
        "who answered is left alone"
    );
}

#[tokio::test]
async fn two_who_press_at_the_same_moment_reaffirm_once() {
    let (mut server, all) = asked().await;
    days_pass(&mut server, 15).await;
    climb(&server).await;
    let page = link(&server, "World").await;
    let opened = server.get(&page).await;
    let press = || send(&server, &opened, &page, YES, None);
    let (one, two) = tokio::join!(press(), press());
    assert!([one.status, two.status].contains(&303), "{} {}", one.text(), two.text());
    let id = all[0].id.to_string();
    let events = audit::of_record(&mut server.app.db.read().await.unwrap(), ("organization", &id)).await.unwrap();
    assert_eq!(events.iter().filter(|e| e.action == "reaffirm").count(), 1);
}

#[tokio::test]
async fn a_link_that_does_not_work_says_why() {
    let (mut server, all) = asked().await;
    days_pass(&mut server, 15).await;
    climb(&server).await;
    let (world, justice) = (link(&server, "World").await, link(&server, "Société").await);
    let cut = server.get(&world[..world.len() - 3]).await;
    assert_eq!(cut.status, 404);
    let records: Vec<_> = all.iter().map(|o| format!("/staff/organizations/{}", o.id)).collect();
    let new = [("name", "Ben New"), ("email", "ben@example.org"), ("step", "do")];
    let preview = server.fill(&format!("{}/delegate", records[0]), "/delegate", &new[..2]).await;
    let (target, values) = preview.form("", "/delegate", &[("step", "do")]);
    assert_eq!(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status(), 303);
    let handed = server.get(&world).await;
    assert!(handed.status == 410 && handed.text().contains("for a delegate whose term has ended"), "{}", handed.text());
    act(&server, &records[1], "suspension", &[("on", "2026-10-01"), ("until", "2026-10-20"), ("reason", "Under review.")]).await;
    let suspended = server.get(&justice).await;
    assert!(suspended.status == 409 && suspended.text().contains("is suspended"), "{}", suspended.text());
    days_pass(&mut server, 20).await;
    assert_eq!(server.get(&justice).await.status, 200, "the suspension ended by itself");
    act(&server, &records[1], "resignation", &[("on", "2026-10-25"), ("reason", "By letter.")]).await;
    let left = server.get(&justice).await;
    assert!(left.status == 410 && left.text().contains("no longer belongs"), "{}", left.text());
    server.app.clock.advance(200 * DAY);
    let late = server.get(&justice).await;
    assert!(late.status == 410 && late.text().contains("This link has run out."), "{}", late.text());
}

#[tokio::test]
async fn who_stays_silent_is_called_and_becomes_inactive_and_staff_may_note_the_answer() {
    let (mut server, all) = asked().await;
    let record = format!("/staff/organizations/{}", all[0].id);
    let list = async |server: &Server| server.get("/staff/reaffirmations").await;
    assert!(list(&server).await.text().contains("Nobody has to be called"));
    days_pass(&mut server, 71).await;
    assert!(server.get(&record).await.text().contains("Reaffirmation overdue Its commitment was to be reaffirmed"));
    assert!(list(&server).await.text().contains("Nobody has to be called"), "two reminders are still to come");
    days_pass(&mut server, 44).await;
    climb(&server).await;
    let calls = list(&server).await;
    assert_eq!(calls.all("tbody th"), ["Société pour la Justice", "World Without Genocide"]);
    assert_eq!(calls.all("td[data-label='Last contact']"), ["Today", "Today"]);
    let home = server.get("/staff").await;
    assert!(home.text().contains("2 members have not reaffirmed and were reminded for the last time"), "{}", home.text());
    days_pass(&mut server, 10).await;
    let page = format!("{record}/calls");
    let wrong = server.fill(&page, "/calls", &[("on", "2030-01-01"), ("note", "Kept words.")]).await;
    assert!(wrong.status == 422 && wrong.all(".error-summary li").len() == 2 && wrong.body.contains("Kept words."));
    assert_eq!(server.fill(&page, "/calls", &[("outcome", "message"), ("note", "With the assistant.")]).await.status, 303);
    assert!(server.get(&record).await.text().contains("Called: left a message. With the assistant."));
    assert_eq!(list(&server).await.all("td[data-label='Last contact']"), ["10 days ago", "Today"]);
    days_pass(&mut server, 130).await;
    let inactive = server.get(&record).await;
    assert!(inactive.text().contains("Inactive: its commitment was to be reaffirmed by 30 November 2026"), "{}", inactive.text());
    assert!(inactive.attr("a[href$='/standing/override']", "href").is_some(), "what time does, staff may overrule");
    assert!(server.get("/staff/organizations.csv").await.body.lines().any(|l| l.starts_with("38,") && l.ends_with("Inactive")));
    assert!(server.get("/members").await.text().contains("2 members and 1 observer"), "and it stays on the roll");
    let by_hand = format!("{record}/reaffirmation");
    let early = server.fill(&by_hand, "/reaffirmation", &[("on", "2011-01-01"), ("note", "By letter.")]).await;
    assert!(early.status == 422 && early.text().contains("Its last commitment is of 1 May 2012"), "{}", early.text());
    assert_eq!(server.fill(&by_hand, "/reaffirmation", &[("note", "By letter.")]).await.status, 303);
    assert!(server.get(&record).await.text().contains("In good standing since it was admitted"));
    assert_eq!(list(&server).await.all("tbody th"), ["Société pour la Justice"]);
    server.sign_in(Role::Development).await;
    assert_eq!((server.get(&by_hand).await.status, server.get(&page).await.status), (403, 403));
}

#[tokio::test]
async fn without_a_rhythm_nobody_is_asked_and_staff_may_mail_the_link_with_one() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Administrator).await;
    let record = format!("/staff/organizations/{}", all[0].id);
    assert_eq!(server.get(&format!("{record}/reaffirmation")).await.status, 409);
    climb(&server).await;
    assert!(mails(&server).await.is_empty());
    let settings = "/staff/settings/reaffirmation";
    let wrong = [("months", "x"), ("before", "60; many"), ("inactive_after", "10"), ("first_due", "soon")];
    let refused = server.fill(settings, "reaffirmation", &wrong).await;
    assert_eq!((refused.status, refused.all(".error-summary li").len()), (422, 4), "{}", refused.text());
    assert_eq!(refused.attr("#before", "value").as_deref(), Some("60; many"));
    assert_eq!(server.fill(settings, "reaffirmation", &[("months", "24")]).await.status, 303);
    assert!(server.get("/staff/settings").await.text().contains("Members reaffirm every 24 months."));
    assert!(server.get(&record).await.text().contains("The next is due on 20 December 2026"));
    assert_eq!(server.fill(&format!("{record}/reaffirmation"), "/delegate-link", &[]).await.status, 303);
    server.run_jobs().await;
    let page = link(&server, "World").await;
    let none = server.get(&page).await;
    assert!(none.status == 503 && none.text().contains("No commitment text is in force"), "{}", none.text());
    put_in_force(&server, 1).await;
    assert_eq!(server.get(&page).await.status, 200);
    let observer = format!("/staff/organizations/{}/reaffirmation", all[2].id);
    assert_eq!(server.get(&observer).await.status, 409, "observers are not asked");
}
