//! An organization applies, as a person does: one page after another, until staff decide.
use crate::server::{Answer, Server};
use convener::{
    mail,
    members::{self, Category, CategoryId, Commitment},
    staff::Role,
};

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n";

/// A server with categories, a text to accept and a day of review.
pub(crate) async fn open() -> Server {
    let server = Server::start().await;
    let mut tx = server.app.db.write().await.unwrap();
    let category =
        Category { id: CategoryId::from_u128(1), slug: "human-rights".into(), name: "Human rights".into(), position: 1 };
    members::insert_category(&mut tx, &category).await.unwrap();
    let commitment = Commitment { version: 3, body: "We share the purpose.".into(), in_force: "2020-01-01".parse().unwrap() };
    members::insert_commitment(&mut tx, &commitment).await.unwrap();
    members::insert_review_round(&mut tx, "2026-10-01".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    server
}

/// Begins an application; `/join/{token}` is what comes back.
pub(crate) async fn begin(server: &Server, email: &str) -> String {
    let answer = server.fill("/join", "/join", &[("email", email)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().strip_suffix("/track").unwrap().to_owned()
}

/// Sends a file as the form's page would.
pub(crate) async fn upload(server: &Server, page: &str, name: &str, bytes: Vec<u8>) -> Answer {
    let opened = server.get(page).await;
    let (target, values) = opened.form(page, "document", &[]);
    let mut form = reqwest::multipart::Form::new();
    for (field, value) in values.into_iter().filter(|(field, _)| field != "document") {
        form = form.text(field, value);
    }
    form = form.part("document", reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()));
    Answer::of(server.http.post(server.absolute(&target)).multipart(form).send().await.unwrap()).await
}

const ORGANIZATION: &[(&str, &str)] = &[
    ("name", "Women’s Bar Café"),
    ("website", "www.example.org"),
    ("city", "Saint Paul"),
    ("state", "mn"),
    ("founded", "1998"),
    ("mission", "Stands for justice."),
];
const ELIGIBLE: &[(&str, &str)] = &[("national", "yes"), ("genuine", "yes"), ("independent", "yes"), ("purpose", "yes")];
const COMMITTED: &[(&str, &str)] = &[
    ("accepted", "yes"),
    ("kind", "resolution"),
    ("signatory", "Ida B. Wells"),
    ("signatory_title", "President"),
    ("day", "2026-09-01"),
];
pub(crate) const DELEGATE: &[(&str, &str)] = &[("delegate_name", "Ana Delegate"), ("delegate_email", "ana@example.org")];

type Fields<'a> = &'a [(&'a str, &'a str)];

/// Answers every question and stands before sending.
pub(crate) async fn answer_all(server: &Server, at: &str, name: &str, track: &str) {
    let named: Vec<_> = ORGANIZATION.iter().map(|(field, value)| (*field, if *field == "name" { name } else { value })).collect();
    let category = CategoryId::from_u128(1).to_string();
    let observes = track == "observer";
    let committed: Fields<'_> = if observes { &[("accepted", "yes")] } else { COMMITTED };
    let steps: [(&str, Fields<'_>, &str); 5] = [
        ("track", &[("track", track)], "organization"),
        ("organization", &named, "category"),
        ("category", &[("category", &category)], "eligibility"),
        ("eligibility", ELIGIBLE, "commitment"),
        ("commitment", committed, if observes { "contacts" } else { "document" }),
    ];
    for (step, fields, next) in steps {
        let answer = server.fill(&format!("{at}/{step}"), step, fields).await;
        assert_eq!((answer.status, answer.location()), (303, format!("{at}/{next}").as_str()), "{step}: {}", answer.text());
    }
    if !observes {
        let sent = upload(server, &format!("{at}/document"), "resolution.pdf", PDF.to_vec()).await;
        assert_eq!((sent.status, sent.location()), (303, format!("{at}/contacts").as_str()), "{}", sent.text());
    }
    let answer = server.fill(&format!("{at}/contacts"), "contacts", DELEGATE).await;
    assert_eq!((answer.status, answer.location()), (303, format!("{at}/check").as_str()), "{}", answer.text());
}

pub(crate) async fn send(server: &Server, at: &str) -> Answer {
    server.fill(&format!("{at}/check"), "check", &[]).await
}

/// Applies from the first page to the last.
pub(crate) async fn apply(server: &Server, name: &str, email: &str, track: &str) -> String {
    let at = begin(server, email).await;
    answer_all(server, &at, name, track).await;
    let sent = send(server, &at).await;
    assert_eq!((sent.status, sent.location()), (303, format!("{at}/sent").as_str()), "{}", sent.text());
    at
}

/// The staff page of the only application, or of the one with this name, in the queue.
pub(crate) async fn staff_page(server: &Server, name: &str) -> String {
    let queue = server.get("/staff/applications").await;
    let html = queue.html();
    let links = scraper::Selector::parse("tbody th a").unwrap();
    let link = html.select(&links).find(|a| a.text().collect::<String>() == name);
    link.unwrap_or_else(|| panic!("{name} is not in the queue: {}", queue.text())).attr("href").unwrap().to_owned()
}

type Filled = (String, Vec<(String, String)>);

/// The form that approves an application, open before somebody.
async fn approval(server: &Server, page: &str) -> Filled {
    let decision = format!("{page}/decision");
    server.get(&decision).await.form(&decision, "decision", &[("decision", "approved")])
}

/// Sends a form that is open.
async fn click(server: &Server, (target, values): &Filled) -> u16 {
    server.http.post(server.absolute(target)).form(values).send().await.unwrap().status().as_u16()
}

/// Subjects and texts of the letters to an address, the newest first.
pub(crate) async fn letters(server: &Server, to: &str) -> Vec<(String, String)> {
    let mut tx = server.app.db.read().await.unwrap();
    let found = mail::to_address(&mut tx, &to.parse().unwrap(), 50).await.unwrap();
    let mut letters = Vec::new();
    for summary in found {
        let message = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap();
        letters.push((message.subject, message.body_text));
    }
    letters
}

/// Where the link in a letter leads.
pub(crate) fn link(server: &Server, text: &str) -> String {
    let start = text.find(&format!("{}/join/", server.url)).unwrap() + server.url.len();
    text[start..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_organization_applies_and_becomes_the_next_member() {
    let mut server = open().await;
    let at = apply(&server, "Women’s Bar Café", "ida@example.org", "member").await;
    let confirmed = server.get(&format!("{at}/sent")).await.text();
    assert!(confirmed.contains("has arrived") && confirmed.contains("1 October 2026"), "{confirmed}");
    assert!(server.get(&at).await.text().contains("arrived on 21 September 2026"));
    let again = server.get(&format!("{at}/organization")).await;
    assert_eq!((again.status, again.location()), (303, at.as_str()), "what staff look at stays as it is");

    server.sign_in(Role::Membership).await;
    assert!(server.get("/members").await.text().contains("Nobody has joined yet"));
    let page = staff_page(&server, "Women’s Bar Café").await;
    let shown = server.get(&page).await.text();
    for said in [
        "Women’s Bar Café",
        "https://www.example.org",
        "Founded in 1998",
        "Human rights",
        "Ida B. Wells",
        "ana@example.org",
        "resolution.pdf",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let decision = format!("{page}/decision");
    let before = server.get(&decision).await.text();
    assert!(
        before.contains("Approve as 1st member") && before.contains("joins AMICC as its 1st institutional member"),
        "{before}"
    );
    let approved = server.fill(&decision, "decision", &[("decision", "approved")]).await;
    assert_eq!((approved.status, approved.location()), (303, page.as_str()), "{}", approved.text());

    let roll = server.get("/members").await.text();
    assert!(roll.contains("Women’s Bar Café") && roll.contains("1 member"), "the kept page is new: {roll}");
    assert!(server.get("/").await.text().contains("Women’s Bar Café is our 1st institutional member"));
    assert_eq!(server.get("/members/1-womens-bar-cafe").await.status, 200);
    let news = server.get("/staff/news").await.text();
    assert!(news.contains("Women’s Bar Café joins AMICC as its 1st institutional member"), "{news}");
    assert!(!server.get("/news").await.text().contains("joins AMICC"), "it is a draft");
    let mails = letters(&server, "ida@example.org").await;
    assert!(mails.iter().any(|(subject, text)| subject.starts_with("Welcome") && text.contains("/members/1-womens-bar-cafe")));
    assert!(server.get(&at).await.text().contains("approved on 21 September 2026"));

    assert!(!server.get(&page).await.text().contains("A note to us"), "none was written");
    let mut tx = server.app.db.read().await.unwrap();
    let events = convener::audit::latest(&mut tx, None, 10).await.unwrap();
    drop(tx);
    let approved = events.iter().find(|event| event.action == "approve").unwrap();
    assert_eq!(approved.before.as_deref(), Some("{\"state\":\"submitted\"}"));
    assert_eq!(approved.after.as_deref(), Some("{\"admission_number\":1,\"state\":\"approved\"}"));
    let record = server.get("/staff/organizations").await.attr("tbody th a", "href").unwrap();
    let kept = server.get(&record).await;
    assert!(kept.text().contains("Commitment document, signed by Ida B. Wells Resolution 1 September 2026"), "{}", kept.text());
    let paper = kept.attr("tbody a[href*='/documents/']", "href").unwrap();
    assert_eq!(server.get(&paper).await.body.as_bytes(), PDF);
    let told = server.get(&format!("{record}/timeline")).await.text();
    for said in [
        "Application: approved (Membership Person)",
        "Application: sent",
        "Mail to ida@example.org: Welcome",
        "Resolution added:",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }

    let second = server.get(&decision).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("is approved by Membership Person"), "{}", second.text());
}

#[tokio::test]
async fn an_observer_joins_without_a_number() {
    let mut server = open().await;
    apply(&server, "Watchers", "w@example.org", "observer").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "Watchers").await;
    let answer = server.fill(&format!("{page}/decision"), "decision", &[("decision", "approved")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(server.get("/members/watchers").await.text().contains("Observer"));
    assert!(server.get("/staff/news").await.text().contains("Watchers joins AMICC as an observer"));
    apply(&server, "Members", "m@example.org", "member").await;
    let page = staff_page(&server, "Members").await;
    assert!(server.get(&format!("{page}/decision")).await.text().contains("Approve as 1st member"));
}

#[tokio::test]
async fn two_approvals_at_the_same_instant_give_two_consecutive_numbers() {
    let mut server = open().await;
    for (name, email) in [("First", "a@example.org"), ("Second", "b@example.org")] {
        apply(&server, name, email, "member").await;
    }
    server.sign_in(Role::Membership).await;
    let (first, second) = (staff_page(&server, "First").await, staff_page(&server, "Second").await);
    let (first, second) = (approval(&server, &first).await, approval(&server, &second).await);
    assert_eq!(tokio::join!(click(&server, &first), click(&server, &second)), (303, 303));
    let mut numbers = server.get("/members").await.all("table.roll tbody td.member-number");
    numbers.sort();
    assert_eq!(numbers, ["1", "2"]);
}

#[tokio::test]
async fn one_application_approved_twice_at_the_same_instant_takes_one_number() {
    let mut server = open().await;
    apply(&server, "First", "a@example.org", "member").await;
    apply(&server, "Second", "b@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "First").await;
    let form = approval(&server, &page).await;
    let (a, b) = tokio::join!(click(&server, &form), click(&server, &form));
    assert!(matches!((a, b), (303, 409) | (409, 303)), "{a} {b}");
    let other = staff_page(&server, "Second").await;
    assert!(server.get(&format!("{other}/decision")).await.text().contains("Approve as 2nd member"), "no gap");
}

#[tokio::test]
async fn staff_ask_and_the_applicant_answers() {
    let mut server = open().await;
    apply(&server, "Watchers", "w@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "Watchers").await;
    let empty = server.fill(&page, "question", &[("message", " ")]).await;
    assert_eq!(empty.status, 422);
    let asked = server.fill(&page, "question", &[("message", "Which city is it?")]).await;
    assert_eq!(asked.status, 303, "{}", asked.text());
    assert_eq!(server.get(&format!("{page}/decision")).await.status, 409, "it is the applicant’s turn");
    let (_, text) =
        letters(&server, "w@example.org").await.into_iter().find(|(subject, _)| subject.starts_with("A question")).unwrap();
    assert!(text.contains("Which city is it?"));
    let at = link(&server, &text);
    assert!(server.get(&at).await.text().contains("Which city is it?"));
    let changed = server.fill(&format!("{at}/organization?back=check"), "organization", &[("city", "Duluth")]).await;
    assert_eq!(changed.location(), format!("{at}/check"));
    let sent = server.fill(&format!("{at}/check"), "check", &[("note", "It is Duluth.")]).await;
    assert_eq!(sent.location(), format!("{at}/sent"), "{}", sent.text());
    let page = staff_page(&server, "Watchers").await;
    let shown = server.get(&page).await;
    assert!(shown.text().contains("Duluth, MN") && shown.all(".timeline li").len() == 4, "{}", shown.text());
    let reviewed = server.fill(&page, "review", &[]).await;
    assert_eq!(reviewed.status, 303, "{}", reviewed.text());
    let declined = server
        .fill(&format!("{page}/decision"), "decision", &[("decision", "declined"), ("reason", "It is a local group.")])
        .await;
    assert_eq!(declined.status, 303, "{}", declined.text());
    assert!(letters(&server, "w@example.org").await.iter().any(|(_, text)| text.contains("It is a local group.")));
    assert!(server.get(&at).await.text().contains("It is a local group."));
    assert!(server.get("/members").await.text().contains("Nobody has joined yet"));
}

#[tokio::test]
async fn who_only_reads_decides_nothing() {
    let mut server = open().await;
    apply(&server, "Watchers", "w@example.org", "member").await;
    server.sign_in(Role::Development).await;
    let page = staff_page(&server, "Watchers").await;
    assert_eq!(server.get(&page).await.status, 200);
    assert_eq!(server.get(&format!("{page}/decision")).await.status, 403);
    assert!(server.get(&page).await.attr("form[action$=question]", "action").is_none());
}

#[tokio::test]
async fn an_answer_that_is_wrong_keeps_what_was_typed() {
    let server = open().await;
    let at = begin(&server, "ida@example.org").await;
    let page = format!("{at}/organization");
    let wrong = server
        .fill(
            &page,
            "organization",
            &[
                ("name", "Café"),
                ("city", ""),
                ("state", "Minnesota"),
                ("founded", "3000"),
                ("website", "not a site"),
                ("mission", "M"),
            ],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#name", "value").as_deref(), Some("Café"));
    assert_eq!(wrong.attr("#state", "value").as_deref(), Some("Minnesota"));
    assert_eq!(wrong.all(".error-summary li").len(), 4, "{}", wrong.text());
    let early = send(&server, &at).await;
    assert_eq!(early.status, 422);
    assert_eq!(early.all(".error-summary li").len(), 7, "every question is open: {}", early.text());
    let bad = server.fill("/join", "/join", &[("email", "ida@")]).await;
    assert_eq!(bad.status, 422);
    assert_eq!(bad.attr("#email", "value").as_deref(), Some("ida@"));
}

#[tokio::test]
async fn a_file_is_what_it_holds_and_not_what_it_is_called() {
    let mut server = open().await;
    let at = begin(&server, "ida@example.org").await;
    let page = format!("{at}/document");
    for (bytes, said) in [
        (b"MZ\x90\0\x03 a program".to_vec(), "whatever its name says"),
        (Vec::new(), "is empty"),
        (b"<html>".to_vec(), "whatever its name says"),
    ] {
        let answer = upload(&server, &page, "letter.pdf", bytes).await;
        assert!(answer.status == 422 && answer.text().contains(said), "{}", answer.text());
    }
    let mut large = PDF.to_vec();
    large.resize(12 * 1024 * 1024, b' ');
    let answer = upload(&server, &page, "letter.pdf", large).await;
    assert!(answer.status == 413 && answer.text().contains("at most 10 MB"), "{} {}", answer.status, answer.text());

    answer_all(&server, &at, "Watchers", "member").await;
    assert!(server.get(&page).await.text().contains("We have resolution.pdf"));
    let replaced = upload(&server, &page, "../../etc/<b>letter.png", b"\x89PNG\r\n\x1a\n....".to_vec()).await;
    assert_eq!(replaced.status, 303);
    send(&server, &at).await;
    server.sign_in(Role::ReadOnly).await;
    let file = format!("{}/document", staff_page(&server, "Watchers").await);
    let given = server.http.get(server.absolute(&file)).send().await.unwrap();
    let header = |name: &str| given.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!(header("content-disposition"), "attachment; filename=\"commitment-watchers.png\"");
    assert_eq!((header("content-type").as_str(), header("x-content-type-options").as_str()), ("image/png", "nosniff"));
    assert_eq!(given.bytes().await.unwrap().as_ref(), b"\x89PNG\r\n\x1a\n....");
    let stranger = Server::visitor().get(server.absolute(&file)).send().await.unwrap();
    assert_eq!(stranger.status(), 303, "to the sign-in");
}

#[tokio::test]
async fn a_document_is_taken_back_by_who_sent_it() {
    let mut server = open().await;
    let at = begin(&server, "ida@example.org").await;
    let stored = || std::fs::read_dir(&server.app.config.files_dir).map_or(0, Iterator::count);
    assert_eq!(server.get(&format!("{at}/document/removal")).await.status, 303, "nothing is there yet");
    answer_all(&server, &at, "Watchers", "member").await;
    assert_eq!(stored(), 1);
    upload(&server, &format!("{at}/document"), "better.pdf", PDF.to_vec()).await;
    assert_eq!(stored(), 1, "what was replaced is gone");
    let page = server.get(&format!("{at}/document?back=check")).await;
    let removal = page.attr("a[href*=removal]", "href").unwrap();
    assert!(server.get(&removal).await.text().contains("better.pdf is deleted"));
    assert_eq!(stored(), 1, "looking changes nothing");
    let removed = server.fill(&removal, "removal", &[]).await;
    assert_eq!((removed.status, removed.location()), (303, format!("{at}/document?back=check").as_str()));
    assert_eq!(stored(), 0);
    let early = send(&server, &at).await;
    assert_eq!(early.all(".error-summary li"), ["Answer: Where is the commitment written down?"]);
    let again = upload(&server, &format!("{at}/document?back=check"), "third.pdf", PDF.to_vec()).await;
    assert_eq!(again.location(), format!("{at}/check"));
    let (target, values) = server.get(&removal).await.form("", "removal", &[]);
    send(&server, &at).await;
    let late = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(late.status(), 303);
    assert_eq!(stored(), 1, "what staff look at stays");
    server.sign_in(Role::ReadOnly).await;
    assert!(server.get(&staff_page(&server, "Watchers").await).await.text().contains("third.pdf"));
}

#[tokio::test]
async fn a_slip_in_an_address_is_asked_about_once() {
    let server = open().await;
    let asked = server.fill("/join", "/join", &[("email", "Ida@gmial.com")]).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("Did you mean ida@gmail.com?"), "{}", asked.text());
    let (target, values) = asked.form("/join", "/join", &[]);
    let meant = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(meant.status(), 303, "whoever sends it again meant it");
    assert_eq!(letters(&server, "ida@gmial.com").await.len(), 1);
    let (target, values) = asked.form("/join", "/join", &[("email", "ida@hotmial.com")]);
    let other = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(other.status(), 422, "another slip is asked about too");
    let at = begin(&server, "ida@example.org").await;
    let contacts = format!("{at}/contacts");
    let both = server.fill(&contacts, "contacts", &[("delegate_name", ""), ("delegate_email", "ana@yaho.com")]).await;
    assert_eq!(both.all(".error-summary li").len(), 2, "{}", both.text());
    let (target, values) = both.form("", "contacts", &[("delegate_name", "")]);
    let still = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(still.all(".error-summary li"), ["Write a name"]);
    let (target, values) = still.form("", "contacts", &[("delegate_name", "Ana")]);
    assert_eq!(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn the_welcome_goes_to_the_applicant_and_to_each_contact_once() {
    let mut server = open().await;
    let at = begin(&server, "ida@example.org").await;
    answer_all(&server, &at, "Watchers", "member").await;
    let people = [
        ("alternate_name", "Ida"),
        ("alternate_email", "IDA@example.org"),
        ("press_name", "Pia"),
        ("press_email", "pia@example.org"),
    ];
    server.fill(&format!("{at}/contacts?back=check"), "contacts", &people).await;
    send(&server, &at).await;
    server.sign_in(Role::Membership).await;
    let decision = format!("{}/decision", staff_page(&server, "Watchers").await);
    let before = server.get(&decision).await.text();
    assert!(before.contains("A welcome is mailed to ida@example.org, ana@example.org, pia@example.org."), "{before}");
    server.fill(&decision, "decision", &[("decision", "approved")]).await;
    for to in ["ida@example.org", "ana@example.org", "pia@example.org"] {
        let welcomes = letters(&server, to).await.iter().filter(|(subject, _)| subject.starts_with("Welcome")).count();
        assert_eq!(welcomes, 1, "{to}");
    }
}

#[tokio::test]
async fn a_second_click_makes_no_second_application_and_sends_no_second_time() {
    let server = open().await;
    let page = server.get("/join").await;
    let (target, values) = page.form("/join", "/join", &[("email", "ida@example.org")]);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        seen.push(answer.location().strip_suffix("/track").unwrap().to_owned());
    }
    assert_eq!(letters(&server, "ida@example.org").await.len(), 1);
    answer_all(&server, &seen[0], "Watchers", "member").await;
    assert!(server.get(&format!("{}/check", seen[1])).await.text().contains("Watchers"), "both lead to the same application");
    let check = server.get(&format!("{}/check", seen[0])).await;
    let form = check.form("check", "check", &[]);
    assert_eq!(tokio::join!(click(&server, &form), click(&server, &form)), (303, 303));
    let received = letters(&server, "ida@example.org").await.iter().filter(|(subject, _)| subject.starts_with("We have")).count();
    assert_eq!(received, 1);
}

#[tokio::test]
async fn a_draft_is_found_again_by_mail_and_an_old_link_says_how() {
    let server = open().await;
    let at = begin(&server, "ida@example.org").await;
    server.fill(&format!("{at}/organization"), "organization", ORGANIZATION).await;
    let (_, text) = letters(&server, "ida@example.org").await.remove(0);
    let mailed = link(&server, &text);
    assert!(server.get(&mailed).await.text().contains("Women’s Bar Café"), "the draft survived");
    server.app.clock.advance(61 * 86_400);
    let old = server.get(&mailed).await;
    assert!(old.status == 410 && old.text().contains("we mail a new one"), "{}", old.text());
    for known in ["ida@example.org", "nobody@example.org"] {
        let answer = server.fill("/join", "/join/link", &[("known", known)]).await;
        assert!(answer.status == 200 && answer.text().contains("is on its way"), "{}", answer.text());
    }
    assert!(letters(&server, "nobody@example.org").await.is_empty());
    let fresh = letters(&server, "ida@example.org").await;
    assert_eq!(fresh.len(), 2);
    let fresh = fresh.iter().map(|(_, text)| link(&server, text)).find(|link| *link != mailed).unwrap();
    assert!(server.get(&fresh).await.text().contains("Women’s Bar Café"));
    assert_eq!(server.get(&format!("{fresh}x")).await.status, 404, "a forged link opens nothing");
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_withdrawing_has_its_own_page() {
    let server = open().await;
    let at = apply(&server, "Watchers", "w@example.org", "member").await;
    assert!(server.get(&format!("{at}/withdrawal")).await.text().contains("will not be looked at any more"));
    assert!(server.get(&at).await.text().contains("arrived on"));
    let gone = server.fill(&format!("{at}/withdrawal"), "withdrawal", &[]).await;
    assert_eq!((gone.status, gone.location()), (303, at.as_str()));
    assert!(server.get(&at).await.text().contains("You withdrew it"));
}

#[tokio::test]
async fn what_no_page_of_ours_sends_is_refused_with_a_sentence() {
    let server = open().await;
    let at = begin(&server, "ida@example.org").await;
    let page = format!("{at}/organization");
    let forged = server.post(&page, ORGANIZATION).await;
    assert!(forged.status == 403 && forged.text().contains("open too long"), "{}", forged.text());
    let (target, values) = server.get(&page).await.form(&page, "organization", &[]);
    let token = &values.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let latin = server
        .http
        .post(server.absolute(&target))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("csrf={token}&name=Caf%E9"))
        .send()
        .await
        .unwrap();
    assert_eq!(latin.status(), 400);
    assert!(latin.text().await.unwrap().contains("UTF-8"));
    let nul = server.fill(&page, "organization", &[("name", "A\0B"), ("city", "C"), ("state", "MN"), ("mission", "M")]).await;
    assert_eq!(nul.status, 303, "{}", nul.text());
    let long = server.fill(&page, "organization", &[("name", &"a".repeat(300_000))]).await;
    assert!(long.status == 413, "{}", long.status);
}

#[tokio::test]
async fn beginning_too_often_is_told_when_to_try_again() {
    let server = open().await;
    for _ in 0..5 {
        begin(&server, "ida@example.org").await;
    }
    let sixth = server.fill("/join", "/join", &[("email", "ida@example.org")]).await;
    assert!(sixth.status == 429 && sixth.text().contains("Try again in"), "{}", sixth.text());
    server.app.clock.advance(3_600);
    begin(&server, "ida@example.org").await;
}

#[tokio::test]
async fn a_name_that_is_on_the_roll_is_pointed_out() {
    let mut server = open().await;
    apply(&server, "Women’s Bar Café", "a@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "Women’s Bar Café").await;
    server.fill(&format!("{page}/decision"), "decision", &[("decision", "approved")]).await;
    let at = begin(&server, "b@example.org").await;
    let answer = server
        .fill(
            &format!("{at}/organization"),
            "organization",
            &[("name", "WOMENS BAR CAFE"), ("city", "C"), ("state", "MN"), ("mission", "M")],
        )
        .await;
    assert_eq!(answer.status, 303);
    assert!(server.get(answer.location()).await.text().contains("is on the roll already"));
}

#[tokio::test]
async fn who_left_and_applies_again_is_pointed_out_to_staff_and_not_to_the_applicant() {
    let mut server = open().await;
    apply(&server, "Watchers", "a@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "Watchers").await;
    server.fill(&format!("{page}/decision"), "decision", &[("decision", "approved")]).await;
    let record = server.get("/staff/organizations").await.attr("tbody th a", "href").unwrap();
    let gone = server.fill(&format!("{record}/standing/resignation"), "", &[("reason", "By letter."), ("step", "do")]).await;
    assert_eq!(gone.status, 303, "{}", gone.text());
    let at = begin(&server, "b@example.org").await;
    let fields = [("name", "WATCHERS"), ("city", "C"), ("state", "MN"), ("mission", "M")];
    let next = server.fill(&format!("{at}/organization"), "organization", &fields).await;
    assert!(!server.get(next.location()).await.text().contains("on the roll"));
    apply(&server, "WATCHERS", "c@example.org", "member").await;
    let page = server.get(&staff_page(&server, "WATCHERS").await).await.text();
    assert!(page.contains("Watchers , which belonged before; readmitted, it keeps its number: the same name"), "{page}");
}
