//! Signing in and out, limits, sessions, links, people and their roles.
use crate::server::{Answer, NOW, Server};
use convener::{
    audit, mail,
    staff::{self, PersonState, Role, StaffId, TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, WINDOW_SECONDS, command},
    web::SESSION_COOKIE,
};

const PASSWORD: &str = "four lamps under water";
const OTHER: &str = "a slow train to Rome";
const ADA: &str = "ada@amicc.example";

/// A server that believes the address a test names, and has one administrator.
async fn server() -> Server {
    let server = Server::start_with(|config| config.client_ip_header = Some("x-real-ip".parse().unwrap())).await;
    account(&server, ADA, "Ada Lovelace", Role::Administrator).await;
    server
}

async fn account(server: &Server, email: &str, name: &str, role: Role) -> StaffId {
    command::add(&server.app, &email.parse().unwrap(), name, role, PASSWORD).await.unwrap()
}

/// One person's browser.
struct Browser<'a> {
    server: &'a Server,
    http: reqwest::Client,
    address: String,
}

impl<'a> Browser<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, http: Server::visitor(), address: "203.0.113.1".into() }
    }

    fn at(mut self, address: &str) -> Self {
        self.address = address.into();
        self
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(self.server.absolute(path)).header("x-real-ip", &self.address);
        Answer::of(request.header("user-agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/145.0").send().await.unwrap()).await
    }

    async fn send(&self, path: &str, values: &[(String, String)]) -> Answer {
        let request = self.http.post(self.server.absolute(path)).header("x-real-ip", &self.address);
        let request = request.header("user-agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/145.0");
        Answer::of(request.form(values).send().await.unwrap()).await
    }

    async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(page).await;
        assert_eq!(opened.status, 200, "{page}: {}", opened.text());
        let (target, values) = opened.form(page, action, fields);
        self.send(&target, &values).await
    }

    async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.fill("/staff/sign-in", "sign-in", &[("email", email), ("password", password)]).await
    }

    async fn is_in(&self) -> bool {
        self.get("/staff/me").await.status == 200
    }
}

/// A browser in which this person is signed in.
async fn signed_in<'a>(server: &'a Server, email: &str) -> Browser<'a> {
    let browser = Browser::new(server);
    let answer = browser.sign_in(email, PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

fn session_of(answer: &Answer) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
    cookies.find_map(|c| c.strip_prefix(&format!("{SESSION_COOKIE}="))).unwrap_or_default().to_owned()
}

/// The newest mail to an address, and the path of the link of ours in it that starts so.
async fn mailed(server: &Server, to: &str, start: &str) -> Option<String> {
    server.run_jobs().await;
    let mut tx = server.app.db.read().await.unwrap();
    for summary in mail::listed(&mut tx, None, Some(to), None, 50).await.unwrap() {
        let message = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap();
        if let Some(at) = message.body_text.find(&format!("{}{start}", server.url)) {
            let link = message.body_text[at + server.url.len()..].split_whitespace().next().unwrap();
            return Some(link.to_owned());
        }
    }
    None
}

async fn actions(server: &Server, id: StaffId) -> Vec<String> {
    let mut tx = server.app.db.read().await.unwrap();
    let events = audit::of_record(&mut tx, ("staff_user", &id.to_string())).await.unwrap();
    events.into_iter().map(|event| event.action).collect()
}

async fn state(server: &Server, email: &str) -> PersonState {
    command::list(&server.app).await.unwrap().into_iter().find(|p| p.email.as_str() == email).unwrap().state()
}

#[tokio::test]
async fn who_signs_in_reaches_the_page_they_wanted_and_who_signs_out_is_out() {
    let server = server().await;
    let ada = Browser::new(&server);
    let sent_away = ada.get("/staff/people?x=1").await;
    assert_eq!((sent_away.status, sent_away.location()), (303, "/staff/sign-in?back=%2Fstaff%2Fpeople%3Fx%3D1"));
    let answer = ada.fill(sent_away.location(), "sign-in", &[("email", " ADA@amicc.example"), ("password", PASSWORD)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/staff/people?x=1"));
    let cookie = session_of(&answer);
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    assert!(ada.is_in().await);
    assert_eq!(ada.get("/staff/sign-in?back=//evil.example").await.location(), "/staff", "who is in needs no form");

    let out = ada.fill("/staff/me", "sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/staff/sign-in"));
    assert!(ada.get("/staff/sign-in").await.text().contains("You are signed out."));
    let stolen = cookie.split(';').next().unwrap();
    let request = Server::visitor().get(server.absolute("/staff/me")).header("cookie", format!("{SESSION_COOKIE}={stolen}"));
    assert_eq!(request.send().await.unwrap().status().as_u16(), 303, "the old cookie is worth nothing");
}

#[tokio::test]
async fn a_new_installation_says_how_the_first_account_is_made() {
    let server = Server::start().await;
    assert!(server.get("/staff/sign-in").await.text().contains("convener user add"));
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_one_answer_after_the_same_work() {
    let server = server().await;
    let gone = account(&server, "gone@amicc.example", "Gone", Role::ReadOnly).await;
    let ada = signed_in(&server, ADA).await;
    ada.fill(&format!("/staff/people/{gone}/deactivation"), "deactivation", &[]).await;
    let mut answers = Vec::new();
    for email in [ADA, "nobody@amicc.example", "gone@amicc.example", "not an address"] {
        let before = server.app.hashing.begun();
        let answer = Browser::new(&server).sign_in(email, "not the password at all").await;
        assert_eq!(server.app.hashing.begun() - before, 1, "{email}");
        assert_eq!(answer.attr("#email", "value").as_deref(), Some(email), "what was typed stays");
        assert!(answer.attr("#password", "value").is_none());
        answers.push((answer.status, answer.text()));
    }
    assert_eq!(answers[0].0, 422);
    assert!(answers[0].1.contains("do not fit together"));
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let right = Browser::new(&server).sign_in("gone@amicc.example", PASSWORD).await;
    assert_eq!((right.status, right.text()), answers[0].clone(), "a deactivated account is an unknown one");
}

#[tokio::test]
async fn an_account_that_is_guessed_at_refuses_even_the_right_password_until_the_wait_is_over() {
    let server = server().await;
    let inside = signed_in(&server, ADA).await;
    for n in 0..TRIES_PER_ACCOUNT {
        let guesser = Browser::new(&server).at(&format!("198.51.100.{n}"));
        assert_eq!(guesser.sign_in(ADA, "not the password at all").await.status, 422, "try {n}");
    }
    server.app.clock.advance(60);
    let before = server.app.hashing.begun();
    let refused = Browser::new(&server).at("192.0.2.7").sign_in(ADA, PASSWORD).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("Try again in 14 minutes"), "{}", refused.text());
    assert_eq!(refused.headers["retry-after"], "840");
    assert_eq!(server.app.hashing.begun(), before, "refused before any work");
    assert!(inside.is_in().await, "who is signed in stays signed in");
    assert_eq!(Browser::new(&server).sign_in("nobody@amicc.example", "x").await.status, 422, "other accounts are not touched");

    server.app.clock.advance(WINDOW_SECONDS - 60);
    assert_eq!(Browser::new(&server).sign_in(ADA, PASSWORD).await.status, 303);
    assert_eq!(Browser::new(&server).sign_in(ADA, "not the password at all").await.status, 422, "the count began anew");
}

#[tokio::test]
async fn many_guesses_at_the_same_moment_are_counted_one_by_one() {
    let server = server().await;
    let opened = Browser::new(&server).get("/staff/sign-in").await;
    let (target, values) = opened.form("", "sign-in", &[("email", ADA), ("password", "not the password at all")]);
    let sent = (0..40).map(async |n| Browser::new(&server).at(&format!("198.51.100.{n}")).send(&target, &values).await.status);
    let answers = futures_util::future::join_all(sent).await;
    assert_eq!(i64::try_from(answers.iter().filter(|s| **s == 422).count()).unwrap(), TRIES_PER_ACCOUNT, "{answers:?}");
    assert_eq!(answers.iter().filter(|s| **s == 429).count(), 40 - answers.iter().filter(|s| **s == 422).count());
}

#[tokio::test]
async fn a_network_that_guesses_at_many_accounts_is_slowed_down_and_others_are_not() {
    let server = server().await;
    let guesser = |n: i64| Browser::new(&server).at(&format!("2001:db8:1:2::{n:x}"));
    for n in 0..TRIES_PER_ADDRESS {
        assert_eq!(guesser(n).sign_in(&format!("person{n}@amicc.example"), "not the password").await.status, 422);
    }
    let refused = guesser(999).sign_in(ADA, PASSWORD).await;
    assert_eq!(refused.status, 429, "one /64 is one network");
    assert!(
        refused.text().contains("from your network") && refused.text().contains("Try again in 15 minutes"),
        "{}",
        refused.text()
    );
    assert_eq!(Browser::new(&server).at("2001:db8:1:3::1").sign_in(ADA, PASSWORD).await.status, 303);
    server.app.clock.advance(WINDOW_SECONDS);
    assert_eq!(guesser(999).sign_in(ADA, PASSWORD).await.status, 303);
}

#[tokio::test]
async fn right_passwords_are_not_counted_however_many_share_an_address() {
    let server = server().await;
    for _ in 0..=TRIES_PER_ADDRESS {
        signed_in(&server, ADA).await;
    }
}

#[tokio::test]
async fn signing_in_again_gives_this_browser_another_session_and_ends_the_old_one() {
    let server = server().await;
    let ada = Browser::new(&server);
    let page = ada.get("/staff/sign-in").await;
    let first = session_of(&ada.sign_in(ADA, PASSWORD).await);
    // The form that was opened before belongs to a browser without a session.
    let (target, values) = page.form("", "sign-in", &[("email", ADA), ("password", PASSWORD)]);
    assert_eq!(ada.send(&target, &values).await.status, 403);
    let token = ada.get("/staff/me").await.attr("form[action='/staff/sign-out'] input[name=csrf]", "value").unwrap();
    let fields = [("csrf", token.as_str()), ("email", ADA), ("password", PASSWORD)].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let second = session_of(&ada.send("/staff/sign-in", &fields).await);
    assert!(!second.is_empty() && first != second);
    let with = async |cookie: &str| {
        let value = cookie.split(';').next().unwrap();
        let request = Server::visitor().get(server.absolute("/staff/me")).header("cookie", format!("{SESSION_COOKIE}={value}"));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((with(&first).await, with(&second).await), (303, 200));
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_any_case_after_a_week() {
    let server = server().await;
    let idle = signed_in(&server, ADA).await;
    server.app.clock.advance(staff::SESSION_IDLE_HOURS * 3600 - 60);
    assert!(idle.is_in().await);
    server.app.clock.advance(staff::SESSION_IDLE_HOURS * 3600);
    assert!(!idle.is_in().await);

    let busy = signed_in(&server, ADA).await;
    let mut hours = 0;
    while hours + 6 < staff::SESSION_ABSOLUTE_HOURS {
        server.app.clock.advance(6 * 3600);
        hours += 6;
        assert!(busy.is_in().await, "after {hours} hours");
    }
    server.app.clock.advance(6 * 3600);
    assert!(!busy.is_in().await);
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_one_or_all_others() {
    let server = server().await;
    account(&server, "bob@amicc.example", "Bob", Role::ReadOnly).await;
    let (here, phone, library) = (signed_in(&server, ADA).await, signed_in(&server, ADA).await, signed_in(&server, ADA).await);
    let bob = signed_in(&server, "bob@amicc.example").await;
    let page = here.get("/staff/me").await;
    assert_eq!(page.all("tbody th"), vec!["Firefox on Windows, 203.0.113.1"; 3]);
    assert!(page.text().contains("This browser"));

    let theirs = page.attr("form[action*='/sessions/'][action$='/revocation']", "action").unwrap();
    let token = bob.get("/staff/me").await.attr("input[name=csrf]", "value").unwrap();
    bob.send(&theirs, &[("csrf".into(), token)]).await;
    assert!(phone.is_in().await && library.is_in().await, "nobody ends another's session");

    here.fill("/staff/me", &theirs, &[]).await;
    assert_ne!(phone.is_in().await, library.is_in().await, "one of the two is out");
    here.fill("/staff/me", "/staff/me/sessions/revocation", &[]).await;
    assert!(here.is_in().await && !phone.is_in().await && !library.is_in().await && bob.is_in().await);
    assert!(here.get("/staff/me").await.text().contains("This is the only browser"));
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_other_browsers_are_signed_out() {
    let server = server().await;
    let (ada, other) = (signed_in(&server, ADA).await, signed_in(&server, ADA).await);
    let change = |current, new, again| [("current", current), ("password", new), ("repeated", again)];
    for (fields, why) in [
        (change(PASSWORD, "short", "short"), "at least 12 characters"),
        (change(PASSWORD, "Password-2026!", "Password-2026!"), "one of the first"),
        (change(PASSWORD, "i am ada and well", "i am ada and well"), "Leave your e-mail address out"),
        (change(PASSWORD, OTHER, "a slow train to Roma"), "Type the same password twice"),
        (change("not my password", OTHER, OTHER), "This is not your current password"),
    ] {
        let answer = ada.fill("/staff/me", "password", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.all(".error").join(" ").contains(why), "{why}: {:?}", answer.all(".error"));
        assert_eq!(answer.attr("#name", "value").as_deref(), Some("Ada Lovelace"));
    }
    let changed = ada.fill("/staff/me", "password", &change(PASSWORD, OTHER, OTHER)).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert!(ada.is_in().await && !other.is_in().await);
    assert_eq!(Browser::new(&server).sign_in(ADA, PASSWORD).await.status, 422);
    assert_eq!(Browser::new(&server).sign_in(ADA, OTHER).await.status, 303);
    assert!(mailed(&server, ADA, "/staff/forgotten").await.is_some(), "its owner is told");

    for _ in 0..5 {
        ada.fill("/staff/me", "password", &change("not my password", PASSWORD, PASSWORD)).await;
    }
    let refused = ada.fill("/staff/me", "password", &change(OTHER, PASSWORD, PASSWORD)).await;
    assert_eq!(refused.status, 429);
    assert!(ada.is_in().await);
}

#[tokio::test]
async fn a_name_is_changed_and_an_empty_one_is_not_taken() {
    let server = server().await;
    let ada = signed_in(&server, ADA).await;
    assert_eq!(ada.fill("/staff/me", "name", &[("name", "  ")]).await.status, 422);
    assert_eq!(ada.fill("/staff/me", "name", &[("name", "Ada <King>")]).await.status, 303);
    assert!(ada.get("/staff/me").await.all(".viewer")[0].contains("Ada <King>"));
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_that_works_once_and_ends_every_session() {
    let server = server().await;
    let inside = signed_in(&server, ADA).await;
    let known = Browser::new(&server).fill("/staff/forgotten", "forgotten", &[("email", ADA)]).await;
    let unknown = Browser::new(&server).fill("/staff/forgotten", "forgotten", &[("email", "nobody@amicc.example")]).await;
    assert_eq!((known.status, known.location()), (unknown.status, unknown.location()));
    assert!(mailed(&server, "nobody@amicc.example", "/").await.is_none());
    let link = mailed(&server, ADA, "/staff/reset/").await.unwrap();

    let visitor = Browser::new(&server);
    assert_eq!(visitor.get(&link).await.status, 200);
    assert_eq!(visitor.get(&link).await.status, 200, "a link scanner uses nothing up");
    assert_eq!(visitor.fill(&link, "", &[("password", "short"), ("repeated", "short")]).await.status, 422);
    for _ in 0..TRIES_PER_ACCOUNT {
        visitor.sign_in(ADA, "not the password at all").await;
    }
    let (target, values) = visitor.get(&link).await.form(&link, "", &[("password", OTHER), ("repeated", OTHER)]);
    let done = visitor.send(&target, &values).await;
    assert_eq!((done.status, done.location()), (303, "/staff/sign-in"), "{}", done.text());
    assert!(!inside.is_in().await);
    let again = visitor.send(&target, &values).await;
    assert_eq!(again.status, 410);
    assert!(again.text().contains("was used already"), "{}", again.text());
    assert_eq!(visitor.sign_in(ADA, PASSWORD).await.status, 422);
    assert_eq!(visitor.sign_in(ADA, OTHER).await.status, 303, "the count of guesses began anew");
}

#[tokio::test]
async fn a_reset_link_runs_out_is_replaced_by_a_newer_one_and_is_not_mailed_without_end() {
    let server = server().await;
    let visitor = Browser::new(&server);
    visitor.fill("/staff/forgotten", "forgotten", &[("email", ADA)]).await;
    let first = mailed(&server, ADA, "/staff/reset/").await.unwrap();
    visitor.fill("/staff/forgotten", "forgotten", &[("email", ADA)]).await;
    let second = mailed(&server, ADA, "/staff/reset/").await.unwrap();
    assert_ne!(first, second);
    assert_eq!((visitor.get(&first).await.status, visitor.get(&second).await.status), (410, 200));
    server.app.clock.advance(3600);
    let late = visitor.get(&second).await;
    assert_eq!(late.status, 410);
    assert!(late.text().contains("has run out") && late.text().contains("mails you another"), "{}", late.text());
    assert_eq!(visitor.get("/staff/reset/forged.link").await.status, 410);

    for _ in 0..5 {
        visitor.fill("/staff/forgotten", "forgotten", &[("email", ADA)]).await;
        server.run_jobs().await;
    }
    let mut tx = server.app.db.read().await.unwrap();
    let mails = mail::listed(&mut tx, None, Some(ADA), None, 50).await.unwrap();
    assert_eq!(mails.len(), 2 + 3, "at most three in an hour");
    drop(tx);
    for _ in 0..20 {
        visitor.fill("/staff/forgotten", "forgotten", &[("email", "x@amicc.example")]).await;
    }
    let (target, values) = visitor.get("/staff/forgotten").await.form("", "forgotten", &[("email", "y@amicc.example")]);
    assert_eq!(visitor.send(&target, &values).await.status, 429);
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_and_is_signed_in() {
    let server = server().await;
    let ada = signed_in(&server, ADA).await;
    let wrong = ada.fill("/staff/people/invite", "invite", &[("name", "Grace"), ("email", "grace"), ("role", "")]).await;
    assert_eq!((wrong.status, wrong.attr("#name", "value").as_deref()), (422, Some("Grace")));
    let grace = [("name", "Grace Hopper"), ("email", "grace@amicc.example"), ("role", "development")];
    assert_eq!(ada.fill("/staff/people/invite", "invite", &grace).await.status, 303);
    let twice = ada.fill("/staff/people/invite", "invite", &grace).await;
    assert!(twice.status == 422 && twice.text().contains("has an account already (invited)"), "{}", twice.text());
    assert_eq!(state(&server, "grace@amicc.example").await, PersonState::Invited);
    assert_eq!(Browser::new(&server).sign_in("grace@amicc.example", "").await.status, 422);

    let link = mailed(&server, "grace@amicc.example", "/staff/invitation/").await.unwrap();
    let browser = Browser::new(&server);
    let page = browser.get(&link).await;
    assert!(page.text().contains("Welcome, Grace Hopper"));
    let done = browser.fill(&link, "", &[("password", OTHER), ("repeated", OTHER)]).await;
    assert_eq!((done.status, done.location()), (303, "/staff"), "{}", done.text());
    assert!(browser.is_in().await);
    assert_eq!(browser.get(&link).await.status, 410);
    let list = ada.get("/staff/people").await;
    assert!(list.all("tbody tr").iter().any(|row| row.starts_with("Grace Hopper grace@amicc.example Development active")));
}

#[tokio::test]
async fn an_invitation_runs_out_can_be_sent_again_and_withdrawn() {
    let server = server().await;
    let ada = signed_in(&server, ADA).await;
    let email = "grace@amicc.example";
    ada.fill("/staff/people/invite", "invite", &[("name", "Grace"), ("email", email), ("role", "membership")]).await;
    let first = mailed(&server, email, "/staff/invitation/").await.unwrap();
    let id = command::list(&server.app).await.unwrap().into_iter().find(|p| p.email.as_str() == email).unwrap().id;
    let page = format!("/staff/people/{id}");
    assert_eq!(ada.fill(&page, "/invitation", &[]).await.status, 303);
    let second = mailed(&server, email, "/staff/invitation/").await.unwrap();
    let visitor = Browser::new(&server);
    assert_eq!((visitor.get(&first).await.status, visitor.get(&second).await.status), (410, 200));

    server.app.clock.advance(7 * 86_400);
    assert_eq!(visitor.get(&second).await.status, 410);
    let ada = signed_in(&server, ADA).await;
    ada.fill(&page, "/invitation", &[]).await;
    let third = mailed(&server, email, "/staff/invitation/").await.unwrap();
    ada.fill(&format!("{page}/deactivation"), "deactivation", &[]).await;
    assert_eq!((visitor.get(&third).await.status, state(&server, email).await), (410, PersonState::Withdrawn));
    ada.fill(&page, "reactivation", &[]).await;
    let fourth = mailed(&server, email, "/staff/invitation/").await.unwrap();
    assert_eq!(visitor.get(&fourth).await.status, 200);
    assert_eq!(
        actions(&server, id).await,
        ["reactivate", "withdraw_invitation", "invite_again", "invite_again", "invite"],
        "newest first"
    );
}

#[tokio::test]
async fn a_deactivated_person_is_out_at_once_and_comes_back_with_the_role_they_had() {
    let server = server().await;
    let id = account(&server, "bob@amicc.example", "Bob", Role::Communications).await;
    let (ada, bob) = (signed_in(&server, ADA).await, signed_in(&server, "bob@amicc.example").await);
    bob.fill("/staff/forgotten", "forgotten", &[("email", "bob@amicc.example")]).await;
    let link = mailed(&server, "bob@amicc.example", "/staff/reset/").await.unwrap();
    let page = format!("/staff/people/{id}");
    assert!(ada.get(&format!("{page}/deactivation")).await.text().contains("signed out at once"));
    assert!(bob.is_in().await, "looking changes nothing");
    ada.fill(&format!("{page}/deactivation"), "deactivation", &[]).await;
    assert!(!bob.is_in().await);
    assert_eq!(Browser::new(&server).get(&link).await.status, 410);
    assert_eq!(ada.get(&format!("{page}/deactivation")).await.status, 409);
    ada.fill(&page, "reactivation", &[]).await;
    assert!(!bob.is_in().await, "ended sessions stay ended");
    assert_eq!(Browser::new(&server).get(&link).await.status, 410, "an old link does not come back to life");
    let back = signed_in(&server, "bob@amicc.example").await;
    assert!(back.get("/staff/me").await.text().contains("Write and publish news"));
}

#[tokio::test]
async fn the_last_active_administrator_stays_one() {
    let server = server().await;
    let ada = signed_in(&server, ADA).await;
    let me = command::list(&server.app).await.unwrap()[0].id;
    let page = format!("/staff/people/{me}");
    let refused = ada.fill(&page, "role", &[("role", "read_only")]).await;
    assert!(refused.status == 422 && refused.text().contains("the last active administrator"), "{}", refused.text());
    // Somebody who never chose a password can't take over.
    ada.fill("/staff/people/invite", "invite", &[("name", "G"), ("email", "g@amicc.example"), ("role", "administrator")]).await;
    assert_eq!(ada.fill(&page, "role", &[("role", "read_only")]).await.status, 422);
    let own = ada.fill(&format!("{page}/deactivation"), "deactivation", &[]).await;
    assert!(own.status == 409 && own.text().contains("your own account"));

    let bob = account(&server, "bob@amicc.example", "Bob", Role::Administrator).await;
    // Two administrators, each allowed when they began, remove each other at the same moment.
    let mut tx = server.app.db.read().await.unwrap();
    let (a, b) = (staff::by_id(&mut tx, me).await.unwrap().unwrap(), staff::by_id(&mut tx, bob).await.unwrap().unwrap());
    drop(tx);
    let remove = async |by: &staff::Staff, whom: StaffId| {
        let mut tx = server.app.db.write().await.unwrap();
        let done = staff::people::change_role(&mut tx, &server.app, by, whom, Role::Membership).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done.is_ok()
    };
    let (one, other) = tokio::join!(remove(&a, bob), remove(&b, me));
    assert_ne!(one, other, "one of them comes second");
    let roles: Vec<_> =
        command::list(&server.app).await.unwrap().into_iter().filter(|p| p.has_password).map(|p| p.role).collect();
    assert_eq!(roles.iter().filter(|role| **role == Role::Administrator).count(), 1);
}

#[tokio::test]
async fn pages_about_people_open_for_administrators_only() {
    let mut server = Server::start().await;
    for role in Role::SECRETARIAT {
        let me = server.sign_in(*role).await;
        let expected = if *role == Role::Administrator { 200 } else { 403 };
        for page in [
            "/staff/people",
            "/staff/people/invite",
            &format!("/staff/people/{}", me.id),
            &format!("/staff/people/{}/deactivation", me.id),
        ] {
            assert_eq!(server.get(page).await.status, expected, "{role} at {page}");
        }
        let own = server.get("/staff/me").await;
        assert_eq!(own.status, 200);
        let csrf = own.attr("input[name=csrf]", "value").unwrap();
        if *role != Role::Administrator {
            for path in [
                "invite",
                &format!("{}/role", me.id),
                &format!("{}/deactivation", me.id),
                &format!("{}/reactivation", me.id),
                &format!("{}/invitation", me.id),
            ] {
                let fields = [("csrf", csrf.as_str()), ("role", "administrator"), ("name", "X"), ("email", "x@y.org")];
                let answer = server.post(&format!("/staff/people/{path}"), &fields).await;
                assert!(
                    answer.status == 403 && answer.text().contains("Only administrators"),
                    "{role} at {path}: {}",
                    answer.status
                );
            }
        }
        assert_eq!(
            server.post(&format!("/staff/people/{}/role", me.id), &[("role", "administrator")]).await.status,
            403,
            "no proof"
        );
    }
    let visitor = Server::visitor();
    for page in ["/staff/people", "/staff/people/invite", "/staff/me"] {
        assert_eq!(visitor.get(server.absolute(page)).send().await.unwrap().status().as_u16(), 303);
    }
}

#[tokio::test]
async fn what_each_role_may_do_is_said_in_words_and_the_audit_keeps_before_and_after() {
    let server = server().await;
    let bob = account(&server, "bob@amicc.example", "Bob", Role::ReadOnly).await;
    let (ada, bobs) = (signed_in(&server, ADA).await, signed_in(&server, "bob@amicc.example").await);
    let rows = ada.get("/staff/people").await.all("table:last-of-type tbody tr");
    assert!(rows.iter().any(|row| row.starts_with("Read-only Nothing else")), "{rows:?}");
    assert_eq!(bobs.get("/staff/people").await.status, 403);
    ada.fill(&format!("/staff/people/{bob}"), "role", &[("role", "administrator")]).await;
    assert_eq!(bobs.get("/staff/people").await.status, 200, "from the next page on");
    let mut tx = server.app.db.read().await.unwrap();
    let event = &audit::of_record(&mut tx, ("staff_user", &bob.to_string())).await.unwrap()[0];
    assert_eq!((event.action.as_str(), event.actor_name.as_str()), ("change_role", "Ada Lovelace"));
    assert!(event.before.as_deref().unwrap().contains(r#""role":"read_only""#));
    assert!(event.after.as_deref().unwrap().contains(r#""role":"administrator""#));
    drop(tx);
    assert_eq!(actions(&server, bob).await, ["change_role", "sign_in", "add"]);
    assert!(ada.get(&format!("/staff/people/{bob}")).await.text().contains("Role changed · by Ada Lovelace"));
    let nobody = ada.get(&format!("/staff/people/{}", StaffId::new())).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn a_burst_of_sign_ins_is_hashed_a_few_at_a_time() {
    let server = server().await;
    let opened = Browser::new(&server).get("/staff/sign-in").await;
    let before = server.app.hashing.begun();
    let sent = (0..40).map(async |n: i32| {
        let email = format!("person{n}@amicc.example");
        let (target, values) = opened.form("", "sign-in", &[("email", email.as_str()), ("password", "not the password")]);
        Browser::new(&server).at(&format!("198.51.100.{n}")).send(&target, &values).await.status
    });
    let answers = futures_util::future::join_all(sent).await;
    assert_eq!(answers, vec![422; 40]);
    assert_eq!(server.app.hashing.begun() - before, 40);
    assert!(server.app.hashing.peak() <= server.app.hashing.at_once(), "{}", server.app.hashing.peak());
}

#[tokio::test]
async fn when_too_many_wait_the_next_is_told_to_come_back_and_other_pages_answer() {
    let server = server().await;
    let hashing = server.app.hashing.clone();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(gate));
    let mut work = tokio::task::JoinSet::new();
    let full = hashing.at_once() + hashing.most_waiting();
    for _ in 0..full {
        let (hashing, gate) = (hashing.clone(), gate.clone());
        work.spawn(async move { hashing.run(move || gate.lock().unwrap().recv().is_err()).await });
    }
    while hashing.waiting() < hashing.most_waiting() {
        tokio::task::yield_now().await;
    }
    let ada = Browser::new(&server);
    assert_eq!(ada.get("/staff/forgotten").await.status, 200);
    let mut answer = ada.sign_in(ADA, PASSWORD).await;
    for _ in 0..TRIES_PER_ACCOUNT {
        answer = ada.sign_in(ADA, PASSWORD).await;
    }
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("Wait a few seconds"), "{}", answer.text());
    drop(release);
    while work.join_next().await.is_some() {}
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 303, "being busy is nobody's failed try");
}

#[tokio::test]
async fn the_command_line_makes_accounts_resets_passwords_and_explains_what_it_refuses() {
    let server = server().await;
    let app = &server.app;
    let say = |error: staff::AccountError| error.to_string();
    let ada = ADA.parse().unwrap();
    assert_eq!(
        say(command::add(app, &ada, "Ada", Role::Administrator, PASSWORD).await.unwrap_err()),
        "ada@amicc.example has an account already (active)."
    );
    let eve = "eve@amicc.example".parse().unwrap();
    assert!(
        say(command::add(app, &eve, " ", Role::ReadOnly, PASSWORD).await.unwrap_err()).starts_with("Write the person's name")
    );
    assert!(say(command::add(app, &eve, "Eve", Role::ReadOnly, "secret").await.unwrap_err()).contains("at least 12 characters"));
    assert_eq!(
        say(command::reset_password(app, &eve, OTHER).await.unwrap_err()),
        "There is no open account for eve@amicc.example."
    );
    let inside = signed_in(&server, ADA).await;
    command::reset_password(app, &ada, OTHER).await.unwrap();
    assert!(!inside.is_in().await);
    assert_eq!(inside.sign_in(ADA, OTHER).await.status, 303);
    let list = command::list(app).await.unwrap();
    assert_eq!(
        (list.len(), list[0].role, list[0].seen_at.map(convener::kernel::Timestamp::unix)),
        (1, Role::Administrator, Some(NOW))
    );
    assert_eq!(actions(&server, list[0].id).await[..2], ["sign_in", "reset_password"]);
}

#[tokio::test]
async fn a_generated_account_signs_in_and_an_old_hash_is_renewed() {
    let server = server().await;
    let (app, now) = (&server.app, server.app.clock.now());
    let hash = staff::people::password_hash(app, "demo").await.unwrap();
    let mut tx = app.db.write().await.unwrap();
    let demo =
        staff::people::create(&mut tx, &"demo@amicc.example".parse().unwrap(), "Demo", Role::ReadOnly, &hash, now).await.unwrap();
    assert!(demo.is_some());
    tx.commit().await.unwrap();
    assert_eq!(Browser::new(&server).sign_in("demo@amicc.example", "demo").await.status, 303);

    // As an installation with smaller parameters would have kept it.
    let params = argon2::Params::new(64, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let weak = argon2::PasswordHasher::hash_password(&weak, b"older demo").unwrap().to_string();
    let mut tx = app.db.write().await.unwrap();
    staff::people::create(&mut tx, &"old@amicc.example".parse().unwrap(), "Old", Role::ReadOnly, &weak, now).await.unwrap();
    tx.commit().await.unwrap();
    let counts = |before| server.app.hashing.begun() - before;
    let before = server.app.hashing.begun();
    assert_eq!(Browser::new(&server).sign_in("old@amicc.example", "older demo").await.status, 303);
    assert_eq!(counts(before), 2, "compared, and hashed anew");
    let before = server.app.hashing.begun();
    assert_eq!(Browser::new(&server).sign_in("old@amicc.example", "older demo").await.status, 303);
    assert_eq!(counts(before), 1, "renewed once");
}
