//! The delegate's portal: the way in and every way in which it does not open, what applies at once, what waits for
//! staff, and what each standing allows.
use crate::{
    members::few,
    organizations::upload,
    server::{Answer, Server},
    standing::act,
};
use convener::{
    audit,
    contributions::{self, Asking, ContributionId, Contributions},
    gifts,
    kernel::Cents,
    mail,
    members::{self, Commitment, OrganizationId, PastOrganization, reaffirmation::Rhythm},
    settings,
    staff::Role,
};

const SENTENCE: &str = "is the address of a delegate, a mail with a link is on its way.";

/// Who has the delegate of the second organization for an own address.
async fn two_delegates() -> (Server, Vec<PastOrganization>) {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[1].id);
    hand_over(&server, &record, "Ben Other", "ben@example.org").await;
    (server, all)
}

async fn hand_over(server: &Server, record: &str, name: &str, email: &str) {
    let new = [("name", name), ("email", email)];
    let preview = server.fill(&format!("{record}/delegate"), "/delegate", &new).await;
    let (target, values) = preview.form("", "/delegate", &[("step", "do")]);
    assert_eq!(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status(), 303);
}

/// The same server for a browser of its own.
pub(crate) struct Person<'a> {
    server: &'a Server,
    http: reqwest::Client,
}

impl<'a> Person<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, http: Server::visitor() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.server.absolute(path)).send().await.unwrap()).await
    }

    pub(crate) async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(page).await;
        assert_eq!(opened.status, 200, "{page}: {}", opened.text());
        let (target, values) = opened.form(page, action, fields);
        Answer::of(self.http.post(self.server.absolute(&target)).form(&values).send().await.unwrap()).await
    }

    /// Asks for links and gives those of the newest mail.
    async fn links(&self, email: &str) -> Vec<String> {
        let answer = self.fill("/portal", "/portal/link", &[("email", email)]).await;
        assert!(answer.status == 200 && answer.text().contains(SENTENCE), "{}", answer.text());
        self.server.run_jobs().await;
        newest(self.server, email).await.map_or_else(Vec::new, |m| links_in(&m.body_text))
    }

    /// Into the portal of the organization whose name holds this word.
    pub(crate) async fn enter(server: &'a Server, email: &str, n: usize) -> Self {
        let person = Self::new(server);
        let links = person.links(email).await;
        let entered = person.fill(&links[n], "/portal/link", &[]).await;
        assert_eq!((entered.status, entered.location()), (303, "/portal"), "{}", entered.text());
        person
    }
}

fn links_in(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words.filter_map(|word| word.split_once("/portal/link/")).map(|(_, token)| format!("/portal/link/{token}")).collect()
}

async fn newest(server: &Server, email: &str) -> Option<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let all = mail::to_address(&mut tx, &email.parse().unwrap(), 50).await.unwrap();
    let first = all.first()?.id;
    mail::by_id(&mut tx, first).await.unwrap()
}

async fn mails(server: &Server, email: &str) -> usize {
    mail::to_address(&mut server.app.db.read().await.unwrap(), &email.parse().unwrap(), 50).await.unwrap().len()
}

#[tokio::test]
async fn whoever_asks_reads_the_same_sentence_and_a_delegate_gets_a_link_for_each_seat() {
    let (server, _) = two_delegates().await;
    let person = Person::new(&server);
    assert!(person.links("nobody@example.org").await.is_empty());
    assert_eq!(mails(&server, "nobody@example.org").await, 0);
    assert_eq!(person.links("ana@example.org").await.len(), 2, "she holds two seats");
    let wrong = person.fill("/portal", "/portal/link", &[("email", "not an address")]).await;
    assert_eq!((wrong.status, wrong.attr("#email", "value").as_deref()), (422, Some("not an address")));
}

#[tokio::test]
async fn asking_is_throttled_by_address_in_silence_and_by_network_with_a_wait() {
    let (server, _) = two_delegates().await;
    let person = Person::new(&server);
    let before = mails(&server, "ben@example.org").await;
    for _ in 0..8 {
        person.links("ben@example.org").await;
    }
    assert_eq!(mails(&server, "ben@example.org").await - before, 5, "and the sentence stays the same");
    for n in 0..12 {
        person.links(&format!("n{n}@example.org")).await;
    }
    let refused = person.fill("/portal", "/portal/link", &[("email", "ana@example.org")]).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    server.app.clock.advance(3_600);
    assert_eq!(person.links("ana@example.org").await.len(), 2);
}

#[tokio::test]
async fn a_link_opens_once_in_one_browser_and_looking_uses_nothing_up() {
    let (server, _) = two_delegates().await;
    let (ben, scanner) = (Person::new(&server), Person::new(&server));
    let link = ben.links("ben@example.org").await.remove(0);
    for _ in 0..3 {
        assert!(scanner.get(&link).await.text().contains("For Ben Other, the delegate of Société pour la Justice"));
    }
    assert!(scanner.get("/portal").await.text().contains("Mail me the link"), "a look opens nothing");
    let doorstep = ben.get(&link).await;
    let (target, values) = doorstep.form(&link, "/portal/link", &[]);
    let press = async || Answer::of(ben.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    let (one, two) = tokio::join!(press(), press());
    assert_eq!((one.status, two.status), (303, 303), "pressed twice it opens once: {} {}", one.text(), two.text());
    let home = ben.get("/portal").await;
    assert!(home.status == 200 && home.text().contains("You are here as Ben Other"), "{}", home.text());
    assert_eq!(ben.get(&link).await.location(), "/portal", "in the same browser it leads on");
    let elsewhere = scanner.get(&link).await;
    assert!(elsewhere.status == 410 && elsewhere.text().contains("was used already, in another browser"), "{}", elsewhere.text());
    assert!(scanner.get("/portal").await.text().contains("Mail me the link"));
    assert_eq!(scanner.get("/portal/profile").await.location(), "/portal", "and whoever is not in is led to the door");

    let left = ben.fill("/portal", "/sign-out", &[]).await;
    assert_eq!(left.status, 303);
    assert!(ben.get("/portal").await.text().contains("Mail me the link"));
    assert_eq!(ben.get(&link).await.status, 410, "who signed out asks for a new one");
}

#[tokio::test]
async fn a_browser_without_cookies_reads_why_the_portal_stays_shut() {
    let (server, _) = two_delegates().await;
    let link = Person::new(&server).links("ben@example.org").await.remove(0);
    let bare = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let person = Person { server: &server, http: bare };
    let answer = person.fill(&link, "/portal/link", &[]).await;
    assert!(answer.status == 409 && answer.text().contains("Your browser keeps no cookies"), "{}", answer.text());
    let again = Person::new(&server);
    assert_eq!(again.fill(&link, "/portal/link", &[]).await.status, 303, "nothing was used up");
}

#[tokio::test]
async fn every_link_that_does_not_open_says_why_in_its_own_sentence() {
    let (server, all) = two_delegates().await;
    let ana = Person::enter(&server, "ana@example.org", 0).await;
    let bens = Person::new(&server).links("ben@example.org").await.remove(0);
    let other = ana.get(&bens).await;
    assert_eq!(other.status, 409);
    assert!(
        other.text().contains("This link is for Ben Other of Société pour la Justice, and this browser is in the portal for")
    );
    let hers = Person::new(&server).links("ana@example.org").await;
    assert_eq!(ana.get(&hers[1]).await.status, 200, "her own other seat opens");
    assert_eq!(Person::new(&server).get(&bens[..bens.len() - 2]).await.status, 404);

    let record = format!("/staff/organizations/{}", all[1].id);
    let contact = server.get(&record).await.attr("td a[href*='/contacts/']", "href").unwrap();
    assert_eq!(server.fill(&contact, "/contacts/", &[("email", "ben@new.example")]).await.status, 303);
    let moved = Person::new(&server).get(&bens).await;
    assert!(moved.status == 410 && moved.text().contains("has changed. Ask for a link with the new one."), "{}", moved.text());

    let fresh = Person::new(&server).links("ben@new.example").await.remove(0);
    hand_over(&server, &record, "Cleo Next", "cleo@example.org").await;
    let ended = Person::new(&server).get(&fresh).await;
    assert!(ended.status == 410 && ended.text().contains("It was for Ben Other, whose term as the delegate"), "{}", ended.text());

    let late = Person::new(&server).links("cleo@example.org").await.remove(0);
    server.app.clock.advance(31 * 60);
    let expired = Person::new(&server).get(&late).await;
    assert!(
        expired.status == 410 && expired.text().contains("This link has run out. It works for 30 minutes."),
        "{}",
        expired.text()
    );
}

#[tokio::test]
async fn a_session_ends_with_the_term_with_the_address_and_with_half_a_day() {
    let (mut server, all) = two_delegates().await;
    let record = format!("/staff/organizations/{}", all[1].id);
    let ben = Person::enter(&server, "ben@example.org", 0).await;
    assert_eq!(ben.get("/portal/profile").await.status, 200);
    hand_over(&server, &record, "Cleo Next", "cleo@example.org").await;
    assert_eq!(ben.get("/portal/profile").await.status, 303);
    let over = ben.get("/portal").await.text();
    assert!(over.contains("Your term as the delegate of Société pour la Justice has ended"), "{over}");

    let cleo = Person::enter(&server, "cleo@example.org", 0).await;
    let contact = server.get(&record).await.attr("td a[href*='/contacts/']", "href").unwrap();
    assert_eq!(server.fill(&contact, "/contacts/", &[("email", "cleo@new.example")]).await.status, 303);
    assert!(cleo.get("/portal").await.text().contains("A link goes to the new address alone."));

    let again = Person::enter(&server, "cleo@new.example", 0).await;
    let http = again.http.clone();
    server.app.clock.advance(13 * 3_600);
    server.sign_in(Role::Membership).await;
    let again = Person { server: &server, http };
    assert!(again.get("/portal").await.text().contains("Your time in the portal is over."));
}

#[tokio::test]
async fn harmless_changes_apply_at_once_and_are_written_down_as_the_delegates() {
    let (server, all) = two_delegates().await;
    let ben = Person::enter(&server, "ben@example.org", 0).await;
    let wrong = ben.fill("/portal/profile", "/portal/profile", &[("state", "Nowhere"), ("mission", "We ask for justice.")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("We ask for justice."));
    let category = members::organization(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap().unwrap().category_id;
    let typed = [("mission", "We ask for justice."), ("category", "none of it")];
    assert_eq!(ben.fill("/portal/profile", "/portal/profile", &typed).await.status, 303);
    let o = members::organization(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap().unwrap();
    assert_eq!((o.mission.as_str(), o.category_id), ("We ask for justice.", category));
    assert!(server.get(&o.path()).await.text().contains("We ask for justice."), "visitors see it at once");

    assert!(ben.get("/portal").await.text().contains("Nobody stands in for you."));
    let person = [("role", "delegate"), ("name", "Alma Alt"), ("email", "alma@example.org")];
    let second = ben.fill("/portal/contacts/new", "/contacts/new", &person).await;
    assert!(second.status == 422 && second.body.contains("Alma Alt"), "a second delegate: {}", second.text());
    assert_eq!(
        ben.fill("/portal/contacts/new", "/contacts/new", &[&person[1..], &[("role", "alternate")]].concat()).await.status,
        303
    );
    let home = ben.get("/portal").await;
    assert!(home.text().contains("Alma Alt") && !home.text().contains("Nobody stands in for you."));
    let links: Vec<_> = ["Change Ben Other", "Change Alma Alt"].iter().map(|name| link_named(&home, name)).collect();
    let own = ben
        .fill(&links[0], "/portal/contacts/", &[("name", "Somebody Else"), ("email", "x@example.org"), ("phone", "212 555 0100")])
        .await;
    assert_eq!(own.status, 303);
    let people = members::contacts_of(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap();
    assert_eq!(
        (people[0].name.as_str(), people[0].email.as_str(), people[0].phone.as_deref()),
        ("Ben Other", "ben@example.org", Some("212 555 0100"))
    );
    assert_eq!(ben.fill(&links[1], "/end", &[]).await.status, 303);
    assert_eq!(ben.get(&links[1]).await.status, 409, "who ended stays as history");
    let anas = members::contacts_of(&mut server.app.db.read().await.unwrap(), all[0].id).await.unwrap();
    assert_eq!(ben.get(&format!("/portal/contacts/{}", anas[0].id)).await.status, 404, "another's contact is not there");

    let id = all[1].id.to_string();
    let events = audit::of_record(&mut server.app.db.read().await.unwrap(), ("organization", &id)).await.unwrap();
    for action in ["change the profile", "add a contact", "change a contact", "end a contact"] {
        assert!(
            events.iter().any(|e| e.action == action && e.actor_kind == "delegate" && e.actor_name == "Ben Other"),
            "{action}"
        );
    }
}

fn link_named(page: &Answer, words: &str) -> String {
    let html = page.html();
    let all = scraper::Selector::parse("a").unwrap();
    let found = html.select(&all).find(|a| a.text().collect::<String>() == words).unwrap();
    found.attr("href").unwrap().to_owned()
}

/// Decides the request that waits.
async fn decide(server: &Server, decision: &str, reason: &str) -> Answer {
    let page = server.get("/staff/changes").await.attr("tbody th a", "href").unwrap();
    let opened = server.get(&page).await;
    let (target, mut values) = opened.form(&page, "/decision", &[]);
    values.retain(|(name, _)| name != "decision" && name != "reason");
    values.extend([("decision".to_owned(), decision.to_owned()), ("reason".to_owned(), reason.to_owned())]);
    Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await
}

#[tokio::test]
async fn other_names_wait_until_staff_approve_and_both_are_told() {
    let (server, all) = two_delegates().await;
    let mut coalition = (*server.app.coalition.get()).clone();
    coalition.contact_email = "office@amicc.example".to_owned();
    server.app.coalition.set(coalition);
    let ben = Person::enter(&server, "ben@example.org", 0).await;
    let same = ben.fill("/portal/changes/names", "/names", &[]).await;
    assert!(same.status == 422 && same.text().contains("Change at least one of the names"), "{}", same.text());
    let wrong = ben.fill("/portal/changes/names", "/names", &[("ein", "12"), ("note", "A new charter.")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("A new charter."));
    let asked = [("name", "Justice Society"), ("ein", "12 3456789"), ("note", "A new charter.")];
    assert_eq!(ben.fill("/portal/changes/names", "/names", &asked).await.status, 303);
    let twice = ben.fill("/portal/changes/names", "/names", &asked).await;
    assert!(twice.status == 409 && twice.text().contains("Withdraw that request"), "{}", twice.text());
    assert!(ben.get("/portal").await.text().contains("Name: Société pour la Justice → Justice Society"));
    server.run_jobs().await;
    assert!(newest(&server, "office@amicc.example").await.unwrap().body_text.contains("/staff/changes/"));
    assert!(newest(&server, "ben@example.org").await.unwrap().subject.contains("waits for the secretariat"));
    let unchanged = members::organization(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap().unwrap();
    assert_eq!(unchanged.name, "Société pour la Justice");
    assert!(server.get("/staff").await.text().contains("1 delegate asks for a change"));

    let page = server.get("/staff/changes").await.attr("tbody th a", "href").unwrap();
    let compared = server.get(&page).await;
    assert_eq!(compared.all("td[data-label=Before]"), ["Société pour la Justice", "None"]);
    assert_eq!(compared.all("td[data-label=After]"), ["Justice Society", "12-3456789"]);
    let (target, values) = compared.form(&page, "/decision", &[]);
    let silent = decide(&server, "refused", "").await;
    assert!(silent.status == 422 && silent.text().contains("Write why; the delegate reads it"), "{}", silent.text());
    assert_eq!(decide(&server, "approved", "").await.status, 303);
    let o = members::organization(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap().unwrap();
    assert_eq!((o.name.as_str(), o.ein.as_deref()), ("Justice Society", Some("12-3456789")));
    assert_eq!(server.get("/members/39-societe-pour-la-justice").await.status, 308, "the old address leads to the new one");
    server.run_jobs().await;
    assert!(newest(&server, "ben@example.org").await.unwrap().subject.contains("your change is made"));
    let again = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(again.status(), 409, "it is answered once");
}

#[tokio::test]
async fn a_refusal_carries_its_reason_and_what_changed_meanwhile_is_not_written_over() {
    let (mut server, all) = two_delegates().await;
    let http = {
        let ben = Person::enter(&server, "ben@example.org", 0).await;
        assert_eq!(ben.fill("/portal/changes/email", "/email", &[("email", "ben@new.example")]).await.status, 303);
        assert_eq!(decide(&server, "refused", "We could not reach you by phone.").await.status, 303);
        assert!(ben.get("/portal").await.text().contains("The secretariat says: We could not reach you by phone."));
        server.run_jobs().await;
        assert!(newest(&server, "ben@example.org").await.unwrap().body_text.contains("We could not reach you by phone."));
        assert_eq!(
            ben.fill("/portal/changes/email", "/email", &[("email", "ben@new.example")]).await.status,
            303,
            "and may ask anew"
        );
        assert_eq!(ben.fill("/portal", "/withdrawal", &[]).await.status, 303);
        assert_eq!(ben.fill("/portal/changes/names", "/names", &[("legal_name", "SPJ, Inc.")]).await.status, 303);
        ben.http
    };
    let record = format!("/staff/organizations/{}", all[1].id);
    assert_eq!(server.fill(&format!("{record}/name"), "/name", &[("legal_name", "SPJ of New York")]).await.status, 303);
    let stale = decide(&server, "approved", "").await;
    assert!(
        stale.status == 409 && stale.text().contains("Something of it was changed since Ben Other asked"),
        "{}",
        stale.text()
    );
    let o = members::organization(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap().unwrap();
    assert_eq!(o.legal_name.as_deref(), Some("SPJ of New York"));
    let ben = Person { server: &server, http };
    assert!(ben.get("/portal").await.text().contains("Waits for the secretariat"), "the refused approval decided nothing");
    server.sign_in(Role::ReadOnly).await;
    let page = server.get("/staff/changes").await.attr("tbody th a", "href").unwrap();
    assert_eq!(server.get(&page).await.attr("form[action$='/decision']", "action"), None);
    let (_, values) = server.get("/staff/me").await.form("/staff/me", "", &[]);
    let proof = values.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let fields = [("csrf", proof.as_str()), ("decision", "approved")];
    assert_eq!(server.post(&format!("{page}/decision"), &fields).await.status, 403);
}

#[tokio::test]
async fn a_new_address_and_a_new_delegate_begin_with_the_approval() {
    let (server, all) = two_delegates().await;
    let ben = Person::enter(&server, "ben@example.org", 0).await;
    assert_eq!(ben.fill("/portal/changes/email", "/email", &[("email", "ben@new.example")]).await.status, 303);
    assert_eq!(decide(&server, "approved", "").await.status, 303);
    server.run_jobs().await;
    assert!(newest(&server, "ben@example.org").await.unwrap().subject.contains("your change is made"));
    assert!(newest(&server, "ben@new.example").await.unwrap().subject.contains("your change is made"), "both addresses are told");
    assert!(ben.get("/portal").await.text().contains("A link goes to the new address alone."));

    let ben = Person::enter(&server, "ben@new.example", 0).await;
    let own = ben.fill("/portal/changes/seat", "/seat", &[("name", "Ben Other"), ("email", "b@example.org")]).await;
    assert!(own.status == 422 && own.text().contains("You hold the seat"), "{}", own.text());
    let new = [("name", "Cleo Next"), ("email", "cleo@example.org"), ("title", "Director")];
    assert_eq!(ben.fill("/portal/changes/seat", "/seat", &new).await.status, 303);
    assert_eq!(ben.get("/portal").await.status, 200, "until then nothing changes");
    assert_eq!(decide(&server, "approved", "").await.status, 303);
    server.run_jobs().await;
    assert!(newest(&server, "cleo@example.org").await.unwrap().subject.contains("You are the delegate of"));
    assert!(newest(&server, "ben@new.example").await.unwrap().subject.contains("Cleo Next is now the delegate"));
    assert!(ben.get("/portal").await.text().contains("Your term as the delegate of"));
    let people = members::contacts_of(&mut server.app.db.read().await.unwrap(), all[1].id).await.unwrap();
    assert_eq!(people[0].name, "Cleo Next");
}

/// What each thing to do is from a standing: `y` there, `r` refused with a sentence, `-` not there. The first two are
/// the certificate and reaffirming; then profile, a new contact, names, address and seat; contributions with their
/// invoice and payment; alliances; the own documents.
#[tokio::test]
async fn each_thing_to_do_is_there_refused_or_not_there_by_the_standing() {
    const PAGES: [&str; 5] =
        ["/portal/profile", "/portal/contacts/new", "/portal/changes/names", "/portal/changes/email", "/portal/changes/seat"];
    let plain: &[(&str, &str)] = &[("on", "2026-09-02"), ("reason", "By letter.")];
    let by_hand: &[(&str, &str)] =
        &[("on", "2026-09-02"), ("until", "2027-12-01"), ("standing", "inactive"), ("reason", "On leave.")];
    // How it comes to stand so, days until the reaffirmation is due, what the badge says, the table.
    let table: [(&str, i64, &str, &str); 9] = [
        ("", 400, "In good standing", "yryyyyyyyy"),
        ("", 30, "Reaffirmation due", "yyyyyyyyyy"),
        ("", -20, "Reaffirmation overdue", "yyyyyyyyyy"),
        ("", -300, "Inactive", "yyyyyyyyyy"),
        ("override", 400, "Inactive", "yryyyyyyyy"),
        ("suspension", -20, "Suspended", "rryyyyyyyy"),
        ("resignation", -20, "Resigned", "r--------y"),
        ("merger", -20, "Merged", "r--------y"),
        ("dissolution", -20, "Dissolved", "r--------y"),
    ];
    for (way, days, badge, expected) in table {
        let (server, all) = two_delegates().await;
        rhythm(&server, days).await;
        let record = format!("/staff/organizations/{}", all[1].id);
        let contribution = asked_to_contribute(&server, all[1].id).await;
        let letter = letter_of(&server, &record).await;
        let successor = all[0].id.to_string();
        match way {
            "" => {}
            "override" => act(&server, &record, way, by_hand).await,
            "merger" => act(&server, &record, way, &[plain, &[("successor", successor.as_str())]].concat()).await,
            way => act(&server, &record, way, plain).await,
        }
        let ben = Person::enter(&server, "ben@example.org", 0).await;
        let home = ben.get("/portal").await;
        assert_eq!(home.all("header .badge"), [badge], "{way} {days}");
        let case = format!("{way} {days}: {}", home.text());
        let certificate = ben.http.get(server.absolute("/portal/certificate")).send().await.unwrap();
        let linked = home.attr("a[href='/portal/certificate']", "href").is_some();
        assert_eq!((certificate.status().as_u16(), linked), wanted(expected, 0), "{case}");
        let pressed = ben.fill_any("/portal", "/portal/reaffirmation").await;
        let linked = home.attr("form[action='/portal/reaffirmation']", "action").is_some();
        let (status, there) = wanted(expected, 1);
        assert_eq!((pressed.status, linked), (if status == 200 { 303 } else { status }, there), "{case}");
        if status == 200 {
            assert_eq!(ben.get(pressed.location()).await.status, 200, "{case}");
        }
        for (n, page) in PAGES.iter().enumerate() {
            let linked = home.attr(&format!("a[href='{page}']"), "href").is_some();
            assert_eq!((ben.get(page).await.status, linked), wanted(expected, n + 2), "{page} {case}");
        }
        let invoice = format!("/portal/contributions/{contribution}/invoice");
        let (status, there) = wanted(expected, 7);
        let linked = home.attr("a[href='/portal/contributions']", "href").is_some();
        assert_eq!((ben.get("/portal/contributions").await.status, linked), (status, there), "{case}");
        let given = ben.http.get(server.absolute(&invoice)).send().await.unwrap();
        assert_eq!(given.status().as_u16(), status, "{case}");
        // No payment service is there in this test: who may pay hears that, who may not finds nothing.
        let paid = ben.fill_any("/portal", &format!("/portal/contributions/{contribution}/payment")).await;
        assert_eq!(paid.status, if there { 503 } else { status }, "{case}: {}", paid.text());
        assert_eq!(home.attr("#alliances", "id").is_some(), wanted(expected, 8).1, "{case}");
        let (status, there) = wanted(expected, 9);
        let linked = home.attr(&format!("a[href='{letter}']"), "href").is_some();
        assert_eq!(
            (ben.http.get(server.absolute(&letter)).send().await.unwrap().status().as_u16(), linked),
            (status, there),
            "{case}"
        );
        if expected.contains('r') {
            assert!(
                home.text().contains("There is no certificate") || home.text().contains("Nothing is to be reaffirmed yet"),
                "{case}"
            );
        }
    }
}

/// Contributions are on, and this organization is asked for one.
async fn asked_to_contribute(server: &Server, id: OrganizationId) -> ContributionId {
    let now = server.app.clock.now();
    let today = server.app.coalition.get().zone().day(now);
    let mut tx = server.app.db.write().await.unwrap();
    let fund_id = gifts::funds(&mut tx, false).await.unwrap()[0].id;
    settings::set(&mut tx, &Contributions { on: true, fund: Some(fund_id), ..Contributions::default() }, now).await.unwrap();
    let o = members::organization(&mut tx, id).await.unwrap().unwrap();
    let (period, note) = ("2027".to_owned(), String::new());
    let asking = Asking { amount: Cents::new(25_000), period, due_day: today.plus_days(30), note, fund_id };
    let asked = contributions::ask_for(&mut tx, &server.app, &o, asking, &audit::Actor::system(), now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    asked.id
}

/// A letter of the organization that staff keep; its address in the portal.
async fn letter_of(server: &Server, record: &str) -> String {
    let fields = [("kind", "bylaws"), ("title", "Bylaws"), ("dated", "2020-05-01")];
    let kept = upload(server, &format!("{record}/documents/new"), "document", "x.pdf", b"%PDF-1.7\n", &fields).await;
    assert_eq!(kept.status, 303, "{}", kept.text());
    let file = server.get(record).await.attr("tbody a[href*='/documents/']", "href").unwrap();
    format!("/portal/documents/{}", file.rsplit_once('/').unwrap().1)
}

fn wanted(table: &str, at: usize) -> (u16, bool) {
    match table.as_bytes()[at] {
        b'y' => (200, true),
        b'r' => (409, false),
        _ => (404, false),
    }
}

impl Person<'_> {
    /// Posts with the proof of another form of the page.
    async fn fill_any(&self, page: &str, action: &str) -> Answer {
        let (_, values) = self.get(page).await.form(page, "", &[]);
        let proof: Vec<_> = values.into_iter().filter(|(name, _)| name == "csrf").collect();
        Answer::of(self.http.post(self.server.absolute(action)).form(&proof).send().await.unwrap()).await
    }
}

async fn rhythm(server: &Server, days: i64) {
    let now = server.app.clock.now();
    let today = server.app.coalition.get().zone().day(now);
    let mut tx = server.app.db.write().await.unwrap();
    let rhythm = Rhythm { months: 24, first_due: Some(today.plus_days(days)), ..Rhythm::default() };
    settings::set(&mut tx, &rhythm, now).await.unwrap();
    let text = Commitment { version: 3, body: "We stand by the Court.".into(), in_force: "2020-01-01".parse().unwrap() };
    members::insert_commitment(&mut tx, &text).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_observer_is_not_asked_to_reaffirm_and_another_sites_form_changes_nothing() {
    let (server, _) = two_delegates().await;
    rhythm(&server, -20).await;
    let observer = Person::enter(&server, "ana@example.org", 0).await;
    let home = observer.get("/portal").await;
    assert!(home.text().contains("Observer") && !home.text().contains("Reaffirmation"), "{}", home.text());
    assert_eq!(observer.fill_any("/portal", "/portal/reaffirmation").await.status, 404);
    let visitor = Person::new(&server).get("/portal").await.form("/portal", "", &[]).1;
    let proof: Vec<_> = visitor.into_iter().filter(|(name, _)| name == "csrf").collect();
    let forged = observer.http.post(server.absolute("/portal/sign-out")).form(&proof).send().await.unwrap();
    assert_eq!(forged.status(), 403, "a visitor's proof is none of somebody who is in");
    assert_eq!(observer.get("/portal/profile").await.status, 200);
}
