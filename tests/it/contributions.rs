//! Contributions: asked for, paid by card or another way, waived, and never a part of standing.
use crate::{
    members::few,
    paying::{Paying, start_paying},
    portal::Person,
    server::Server,
};
use convener::{
    books,
    contributions::{self, Contributions, State},
    donors::{self, DonorKind, Giver},
    gifts::{self, Fund, FundId, Restriction},
    members::{self, PastOrganization, standing},
    payments::sandbox::{Card, Misbehaviour},
    settings,
    staff::Role,
};

const SETTINGS: &str = "/staff/settings/contributions";

async fn ready() -> (Paying, Vec<PastOrganization>) {
    let mut paying = start_paying().await;
    let all = few(&paying.server).await;
    let fund = Fund {
        id: FundId::new(),
        slug: "contributions".into(),
        name: "Contributions of members".into(),
        description: String::new(),
        restriction: Restriction::None,
        open: false,
        position: 9,
    };
    let mut tx = paying.server.app.db.write().await.unwrap();
    assert!(gifts::insert_fund(&mut tx, &fund).await.unwrap());
    tx.commit().await.unwrap();
    paying.server.sign_in(Role::Administrator).await;
    let fund = fund.id.to_string();
    let set =
        [("on", "yes"), ("fund", fund.as_str()), ("tiers", "250,000: 100\nlarger: 1,000"), ("by_check", "Checks to AMICC.")];
    assert_eq!(paying.server.fill(SETTINGS, "contributions", &set).await.status, 303);
    (paying, all)
}

fn record(o: &PastOrganization) -> String {
    format!("/staff/organizations/{}", o.id)
}

async fn ask(server: &Server, o: &PastOrganization, period: &str) {
    let page = format!("{}/contributions/new", record(o));
    let asked = server.fill(&page, "/new", &[("amount", "$250"), ("period", period), ("note", "For the fall meeting.")]).await;
    assert_eq!(asked.status, 303, "{}", asked.text());
}

async fn stand(server: &Server, o: &PastOrganization) -> Vec<contributions::Standing> {
    contributions::of_organization(&mut server.app.db.read().await.unwrap(), o.id).await.unwrap()
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// The last segment of an address.
fn session_of(location: &str) -> &str {
    location.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_contribution_is_asked_for_once_a_period_with_its_amounts_suggested() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    let page = format!("{}/contributions/new", record(&all[0]));
    let form = server.get(&page).await.text();
    assert!(form.contains("Up to $250,000.00 $100.00") && form.contains("Larger $1,000.00"), "{form}");
    let wrong = server.fill(&page, "/new", &[("amount", "much"), ("period", ""), ("due", "2020-01-01"), ("note", "Kept.")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 3), "{}", wrong.text());
    assert!(wrong.body.contains("Kept."));
    ask(server, &all[0], "2027").await;
    let twice = server.fill(&page, "/new", &[("amount", "300"), ("period", "2027")]).await;
    assert!(twice.status == 422 && twice.text().contains("It was asked for 2027 already"), "{}", twice.text());
    let list = server.get(&format!("{}/contributions", record(&all[0]))).await;
    assert_eq!(list.all("td[data-label=Amount]"), ["$250.00"]);
    ask(server, &all[1], "2027").await;
    let numbers: Vec<_> = [&all[0], &all[1]].map(|o| o.id).to_vec();
    let mut found = Vec::new();
    for id in numbers {
        let mut tx = server.app.db.read().await.unwrap();
        found.push(contributions::of_organization(&mut tx, id).await.unwrap()[0].of.number);
    }
    assert_eq!(found, [1, 2], "a refused form uses no number up");
    let invoice = server.http.get(server.absolute(&list.attr("a[href$='/invoice']", "href").unwrap())).send().await.unwrap();
    assert_eq!(invoice.headers()["content-type"], "application/pdf");
    let given = invoice.bytes().await.unwrap().to_vec();
    let mut tx = server.app.db.read().await.unwrap();
    let o = members::organization(&mut tx, all[0].id).await.unwrap().unwrap();
    let setup: Contributions = settings::get(&mut tx).await.unwrap();
    let of = contributions::of_organization(&mut tx, o.id).await.unwrap().remove(0);
    let coalition = server.app.coalition.get();
    let today = coalition.zone().day(server.app.clock.now());
    let portal = server.app.url("/portal/contributions");
    let sheet = contributions::invoice::paper(&of, &o, &coalition, &setup, &portal, today);
    assert_eq!(given, sheet.finish().unwrap(), "what is given is the sheet that is looked into here");
    let words = format!("{sheet:?}");
    for said in [
        "Invoice 1",
        "World Without Genocide",
        "$250.00",
        "For the fall meeting.",
        "Checks to AMICC.",
        &portal,
        "standing do not depend",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

#[tokio::test]
async fn paid_by_card_it_is_one_gift_in_the_books_however_often_it_is_begun() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    ask(server, &all[0], "2027").await;
    server.run_jobs().await;
    let ana = Person::enter(server, "ana@example.org", 2).await;
    let home = ana.get("/portal").await;
    assert!(home.text().contains("One contribution is asked for."), "{}", home.text());
    assert!(home.all("ul.attention li").iter().any(|line| line.contains("$250.00 for 2027")), "{}", home.text());
    let begun = ana.fill("/portal/contributions", "/payment", &[]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let again = ana.fill("/portal/contributions", "/payment", &[]).await;
    assert_eq!(again.location(), begun.location(), "the same page, not a second one");
    assert_eq!(stand(server, &all[0]).await[0].state, State::Open);
    paying.sandbox.pay(session_of(begun.location()), Card::Success).await.unwrap();
    hear(&paying).await;
    let paid = stand(server, &all[0]).await.remove(0);
    assert_eq!(paid.state, State::Paid);
    let mut tx = server.app.db.read().await.unwrap();
    let gift = gifts::by_id(&mut tx, paid.of.gift_id.unwrap()).await.unwrap().unwrap();
    assert_eq!((gift.intended, gift.fund_id), (paid.of.amount, paid.of.fund_id));
    let entries = books::entries_of(&mut tx, ("gift", &gift.id.to_string())).await.unwrap();
    assert!(!entries.is_empty(), "it stands in the books");
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    drop(tx);
    let page = ana.get("/portal/contributions").await;
    assert!(page.text().contains("Paid") && page.attr("form[action$='/payment']", "action").is_none(), "{}", page.text());
    let other = Person::enter(server, "ana@example.org", 0).await;
    assert_eq!(other.get(&format!("/portal/contributions/{}/invoice", paid.of.id)).await.status, 404, "another's is not there");
    assert_eq!(server.get(&format!("/staff/contributions/{}/end", paid.of.id)).await.status, 409);
}

#[tokio::test]
async fn a_check_is_posted_a_waiver_has_a_reason_and_a_withdrawn_one_is_asked_anew() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    for (how, note, state) in [
        ("withdrawn", "Wrong amount.", State::Withdrawn),
        ("waived", "A hard year.", State::Waived),
        ("offline", "Check 1234", State::Paid),
    ] {
        ask(server, &all[0], if how == "offline" { "2028" } else { "2027" }).await;
        let id = stand(server, &all[0]).await[0].of.id;
        let page = format!("/staff/contributions/{id}/end");
        let silent = server.fill(&page, "/end", &[("how", how), ("on", "2030-01-01")]).await;
        assert_eq!((silent.status, silent.all(".error-summary li").len()), (422, 2), "{}", silent.text());
        assert_eq!(server.fill(&page, "/end", &[("how", how), ("note", note)]).await.status, 303, "{how}");
        server.app.clock.advance(60);
        let all = stand(server, &all[0]).await;
        assert_eq!(all.iter().find(|c| c.of.id == id).unwrap().state, state);
        let mut tx = server.app.db.read().await.unwrap();
        let posted = books::entries_of(&mut tx, ("contribution", &id.to_string())).await.unwrap().len();
        assert_eq!(posted > 0, how == "offline", "{how}");
        assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
        drop(tx);
        assert_eq!(server.get(&page).await.status, 409, "{how}");
    }
}

#[tokio::test]
async fn a_contribution_that_is_ended_another_way_can_not_be_paid_by_card_any_more() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    ask(server, &all[0], "2027").await;
    server.run_jobs().await;
    let ana = Person::enter(server, "ana@example.org", 2).await;
    let begun = ana.fill("/portal/contributions", "/payment", &[]).await;
    let session = session_of(begun.location()).to_owned();
    let of = stand(server, &all[0]).await.remove(0).of;
    let end = format!("/staff/contributions/{}/end", of.id);
    let waive = [("how", "waived"), ("note", "A hard year.")];

    paying.sandbox.misbehave(Misbehaviour::Status(500), 99);
    let silent = server.fill(&end, "/end", &waive).await;
    assert!(silent.status == 422 && silent.text().contains("The payment service does not answer"), "{}", silent.text());
    assert!(silent.body.contains("A hard year."), "what was typed is kept");
    assert_eq!(stand(server, &all[0]).await[0].state, State::Open);
    paying.sandbox.misbehave(Misbehaviour::Status(500), 0);

    assert_eq!(server.fill(&end, "/end", &waive).await.status, 303);
    assert!(paying.sandbox.pay(&session, Card::Success).await.is_err(), "the page that was open is closed");
    hear(&paying).await;
    let waived = stand(server, &all[0]).await.remove(0);
    assert_eq!((waived.state, waived.also_by_card), (State::Waived, false));

    // Paid a moment before it would be waived, and no webhook has told of it.
    ask(server, &all[0], "2028").await;
    let begun = ana.fill("/portal/contributions", "/payment", &[]).await;
    paying.sandbox.pay(session_of(begun.location()), Card::Success).await.unwrap();
    let id = stand(server, &all[0]).await[0].of.id;
    let late = server.fill(&format!("/staff/contributions/{id}/end"), "/end", &waive).await;
    assert!(late.status == 422 && late.text().contains("It was paid by card a moment ago"), "{}", late.text());
    assert_eq!(stand(server, &all[0]).await[0].state, State::Paid);
}

#[tokio::test]
async fn what_was_refunded_is_ended_and_asked_anew() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    ask(server, &all[0], "2027").await;
    server.run_jobs().await;
    let ana = Person::enter(server, "ana@example.org", 2).await;
    let begun = ana.fill("/portal/contributions", "/payment", &[]).await;
    paying.sandbox.pay(session_of(begun.location()), Card::Success).await.unwrap();
    hear(&paying).await;
    let paid = stand(server, &all[0]).await.remove(0).of;
    let refund = format!("/staff/gifts/{}/refund", paid.gift_id.unwrap());
    let shown = server.fill(&refund, "/refund", &[("reason", "requested_by_customer")]).await;
    assert_eq!(shown.status, 303, "{}", shown.text());
    hear(&paying).await;
    assert_eq!(stand(server, &all[0]).await[0].state, State::Returned);
    let end = format!("/staff/contributions/{}/end", paid.id);
    assert_eq!(server.fill(&end, "/end", &[("how", "withdrawn"), ("note", "Refunded.")]).await.status, 303);
    ask(server, &all[0], "2027").await;
    let now = stand(server, &all[0]).await;
    assert_eq!(now.iter().filter(|c| c.state == State::Open).count(), 1);
    assert!(now.iter().all(|c| !c.also_by_card), "what went back is not paid twice");
}

#[tokio::test]
async fn an_organization_pays_as_itself_and_never_as_a_person_who_gives() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    // The delegate gives in private with the address the coalition knows.
    let private =
        Giver { name: "Ana Delegate".into(), email: "ana@example.org".parse().unwrap(), address: None, consent_updates: false };
    let mut tx = server.app.db.write().await.unwrap();
    let person = donors::upsert(&mut tx, &private, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut payers = Vec::new();
    for period in ["2027", "2028"] {
        ask(server, &all[0], period).await;
        server.run_jobs().await;
        let ana = Person::enter(server, "ana@example.org", 2).await;
        let begun = ana.fill("/portal/contributions", "/payment", &[]).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        paying.sandbox.pay(session_of(begun.location()), Card::Success).await.unwrap();
        hear(&paying).await;
        let mut tx = server.app.db.read().await.unwrap();
        let paid = stand(server, &all[0]).await.into_iter().find(|c| c.of.period == period).unwrap();
        assert_eq!(paid.state, State::Paid);
        let gift = gifts::by_id(&mut tx, paid.of.gift_id.unwrap()).await.unwrap().unwrap();
        payers.push(donors::by_id(&mut tx, gift.donor_id).await.unwrap().unwrap());
    }
    assert_ne!(payers[0].id, person);
    assert_eq!(payers[0].id, payers[1].id, "one donor for the organization");
    assert_eq!((payers[0].kind, payers[0].name.as_str()), (DonorKind::Organization, "World Without Genocide"));
    let record = server.get(&format!("{}/gifts", record(&all[0]))).await;
    assert!(record.text().contains("$500.00"), "both stand on its record: {}", record.text());
}

#[tokio::test]
async fn staff_see_the_contributions_of_all_page_by_page_and_as_a_file() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    assert!(server.get("/staff/contributions").await.text().contains("No organization was asked for a contribution yet."));
    for n in 0..60 {
        ask(server, &all[n % 2], &format!("{}", 2027 + n / 2)).await;
    }
    let first = server.get("/staff/contributions").await;
    assert_eq!(first.all("tbody tr").len(), 50);
    let second = server.get(&first.attr(".pager a[rel=next]", "href").unwrap()).await;
    assert_eq!(second.all("tbody td[data-label=Invoice]").last().map(String::as_str), Some("1 , PDF"));
    assert_eq!(second.all("tbody tr").len(), 10);
    let back = server.get(&second.attr(".pager a[rel=prev]", "href").unwrap()).await;
    assert_eq!(back.all("tbody tr"), first.all("tbody tr"));
    let one = server.get("/staff/contributions?period=2030").await;
    assert_eq!(one.all("tbody td[data-label=For]"), ["2030", "2030"]);
    assert!(one.text().contains("2 contributions, $500.00 in all."), "the sum of the whole filter: {}", one.text());
    assert_eq!(one.all(".main-nav a[aria-current]"), ["Organizations"], "the list belongs to the organizations");
    let none = server.get("/staff/contributions?period=1999").await;
    assert!(none.text().contains("Nothing was asked for this period."), "{}", none.text());
    let file = server.get("/staff/contributions.csv?period=2030").await;
    assert_eq!(file.body.lines().count(), 3, "{}", file.body);
    assert_eq!(server.get("/staff/contributions.csv").await.body.lines().count(), 61);
}

#[tokio::test]
async fn what_is_past_its_day_is_on_the_home_page_until_it_is_ended() {
    let (mut paying, all) = ready().await;
    let server = &paying.server;
    for o in &all[..2] {
        ask(server, o, "2027").await;
    }
    let says = async |words: &str| server.get("/staff").await.text().contains(words);
    assert!(!says("past their day").await, "nothing is due yet");
    assert!(server.get("/staff/contributions?state=overdue").await.text().contains("Nothing of the last twelve months"));
    server.app.clock.advance(120 * 86_400);
    paying.server.sign_in(Role::Administrator).await;
    let server = &paying.server;
    let says = async |words: &str| server.get("/staff").await.text().contains(words);
    assert!(says("2 contributions are past their day").await);
    let list = server.get("/staff/contributions?state=overdue").await;
    assert_eq!(list.all("tbody tr").len(), 2);
    assert_eq!(server.get("/staff/contributions.csv?state=overdue").await.body.lines().count(), 3);
    let end = format!("/staff/contributions/{}/end", stand(server, &all[0]).await[0].of.id);
    let waived = [("how", "waived"), ("note", "By vote of the board.")];
    assert_eq!(server.fill(&end, "/end", &waived).await.status, 303);
    assert!(says("1 contribution is past its day").await);
}

#[tokio::test]
async fn money_never_decides_standing() {
    let (paying, all) = ready().await;
    let server = &paying.server;
    let standing = async |o: &PastOrganization| {
        let today = server.app.coalition.get().zone().day(server.app.clock.now());
        standing::standing(&mut server.app.db.read().await.unwrap(), o.id, today).await.unwrap()
    };
    let before = [standing(&all[0]).await, standing(&all[1]).await];
    ask(server, &all[0], "2027").await;
    ask(server, &all[1], "2027").await;
    let id = stand(server, &all[1]).await[0].of.id;
    let end = format!("/staff/contributions/{id}/end");
    assert_eq!(server.fill(&end, "/end", &[("how", "waived"), ("note", "A hard year.")]).await.status, 303);
    server.app.clock.advance(3 * 365 * 86_400);
    assert_eq!([standing(&all[0]).await, standing(&all[1]).await], before, "unpaid for years or waived, it stands as it stood");
    assert_eq!(members::counts(&mut server.app.db.read().await.unwrap()).await.unwrap().members, 2);
    let source = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/members/standing")).unwrap();
    for file in source.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()) {
        assert!(!file.contains("contribution") && !file.contains("gifts"), "standing reads no money");
    }
}

#[tokio::test]
async fn contributions_are_off_until_the_settings_say_so() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Administrator).await;
    assert_eq!(server.get(&format!("{}/contributions/new", record(&all[0]))).await.status, 409);
    assert!(server.get(&format!("{}/contributions", record(&all[0]))).await.text().contains("switched off"));
    let wrong = server.fill(SETTINGS, "contributions", &[("on", "yes"), ("tiers", "500: 10\n250: 20")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 2), "{}", wrong.text());
    let ana = Person::enter(&server, "ana@example.org", 0).await;
    assert!(!ana.get("/portal").await.text().contains("Contributions"));
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get(&format!("{}/contributions/new", record(&all[0]))).await.status, 403);
}
