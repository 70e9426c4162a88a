//! The lists of gifts, donors and recurring gifts as staff use them.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, NOW, Server},
};
use convener::{
    books,
    donors::{self, Donor, DonorId, DonorKind},
    gifts::{self, Frequency, FundId, Gift, GiftId, GiftState, History},
    kernel::{Cents, Currency, Timestamp, Zone},
    payments::{
        CheckoutRequest,
        sandbox::{Card, Misbehaviour},
    },
    receipts::{self, EntityId, LegalEntity, ReceiptState},
    staff::Role,
};
use std::collections::BTreeSet;

const GENERAL: &str = "00000000-0000-7000-8000-000000000001";
const DAY: i64 = 86_400;

fn zone() -> Zone {
    Zone::named("America/New_York").unwrap()
}

fn donor(name: &str, email: Option<&str>) -> Donor {
    Donor {
        id: DonorId::new(),
        kind: DonorKind::Person,
        name: name.into(),
        email: email.map(|e| e.parse().unwrap()),
        address: None,
        gateway_customer: None,
        consent_updates: false,
        consent_at: None,
        created_at: at(-900),
    }
}

/// So many days from now.
fn at(days: i64) -> Timestamp {
    Timestamp::from_unix(NOW + days * DAY).unwrap()
}

fn gift(donor: &Donor, cents: i64, days: i64) -> Gift {
    let at = at(days);
    let id = GiftId::new();
    Gift {
        id,
        donor_id: donor.id,
        fund_id: GENERAL.parse::<FundId>().unwrap(),
        campaign_id: None,
        source: None,
        recurring_id: None,
        state: GiftState::Settled,
        frequency: Frequency::Once,
        intended: Cents::new(cents),
        covered_fee: Cents::ZERO,
        charged: Cents::new(cents),
        refunded: Cents::ZERO,
        currency: Currency::USD,
        disputed: false,
        tribute_kind: None,
        tribute_name: None,
        created_at: at,
        settled_at: Some(at),
        given_on: Some(zone().day(at)),
        shown_at: at,
        attempt: 1,
        checkout: None,
        checkout_url: None,
        checkout_until: None,
        payment: Some(format!("pi_{id}")),
        charge: Some(format!("ch_{id}")),
        invoice: None,
        processor_fee: Some(Cents::new(100)),
        card: Some("Visa ending in 4242".into()),
        failure: None,
        thanked_at: Some(at),
        livemode: true,
        method: convener::gifts::Method::Card,
        split: false,
    }
}

fn unpaid(donor: &Donor, cents: i64, days: i64, state: GiftState) -> Gift {
    Gift {
        state,
        settled_at: None,
        given_on: None,
        payment: None,
        charge: None,
        processor_fee: None,
        card: None,
        thanked_at: None,
        ..gift(donor, cents, days)
    }
}

async fn keep(server: &Server, donors: &[Donor], all: &[Gift]) {
    let mut tx = server.app.db.write().await.unwrap();
    donors::bulk_insert(&mut tx, donors).await.unwrap();
    for some in all.chunks(500) {
        let history = History { gifts: some.to_vec(), refunds: Vec::new() };
        gifts::insert_history(&mut tx, &history, &zone()).await.unwrap();
    }
    gifts::rebuild_summaries(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Signed in, with four donors and six gifts.
async fn office(role: Role) -> (Server, Vec<Donor>, Vec<Gift>) {
    let mut server = Server::start().await;
    server.sign_in(role).await;
    let donors = vec![
        donor("Ada Lovelace", Some("ada@example.org")),
        donor("Renée O’Brien", Some("renee@example.org")),
        donor("<script>alert(1)</script> & Sons", Some("sons@example.org")),
        Donor { kind: DonorKind::Organization, ..donor("Quaker 100% \"Peace\" Fund", None) },
    ];
    let all = vec![
        Gift { covered_fee: Cents::new(100), charged: Cents::new(2_600), ..gift(&donors[0], 2_500, -400) },
        Gift { thanked_at: None, ..gift(&donors[0], 125_000, -3) },
        Gift { refunded: Cents::new(1_000), ..gift(&donors[1], 5_000, -2) },
        Gift { disputed: true, frequency: Frequency::Monthly, ..gift(&donors[2], 1_000, -1) },
        gift(&donors[3], 50_000, -30),
        unpaid(&donors[1], 7_700, 0, GiftState::Abandoned),
    ];
    keep(&server, &donors, &all).await;
    (server, donors, all)
}

fn rows(answer: &Answer) -> Vec<String> {
    answer.all("tbody tr")
}

fn total(answer: &Answer) -> String {
    answer.all("tfoot tr").join(" | ")
}

#[tokio::test]
async fn gifts_are_summed_over_the_whole_filter_and_amounts_count_what_was_received() {
    let (server, ..) = office(Role::ReadOnly).await;
    let page = server.get("/staff/gifts").await;
    assert_eq!(page.status, 200);
    assert_eq!(rows(&page).len(), 6);
    assert_eq!(total(&page), "All 6 gifts $1,835.00 $1.00 $10.00 $1,825.00");
    assert!(page.text().contains("6 gifts, 1 of them not received."), "{}", page.text());
    for (query, expected) in [
        ("state=settled", "All 5 gifts $1,835.00 $1.00 $10.00 $1,825.00"),
        ("fund=general", "All 6 gifts $1,835.00 $1.00 $10.00 $1,825.00"),
        ("q=lovelace", "All 2 gifts $1,275.00 $1.00 $0.00 $1,275.00"),
        ("q=RENEE", "All 2 gifts $50.00 $0.00 $10.00 $40.00"),
        ("only=refunded", "All 1 gift $50.00 $0.00 $10.00 $40.00"),
        ("only=disputed", "All 1 gift $10.00 $0.00 $0.00 $10.00"),
        ("only=to_thank", "All 1 gift $1,250.00 $0.00 $0.00 $1,250.00"),
        ("state=abandoned", "All 1 gift $0.00 $0.00 $0.00 $0.00"),
        ("frequency=monthly", "All 1 gift $10.00 $0.00 $0.00 $10.00"),
        ("min=500", "All 2 gifts $1,750.00 $0.00 $0.00 $1,750.00"),
        ("min=$1,250&max=1250.00", "All 1 gift $1,250.00 $0.00 $0.00 $1,250.00"),
        ("from=2026-09-18&to=2026-09-19", "All 2 gifts $1,300.00 $0.00 $10.00 $1,290.00"),
        ("from=2026-08-22&to=2026-08-22&q=quaker+peace", "All 1 gift $500.00 $0.00 $0.00 $500.00"),
    ] {
        let page = server.get(&format!("/staff/gifts?{query}")).await;
        assert_eq!(total(&page), expected, "{query}");
        let count: usize = expected.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(rows(&page).len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_filter_is_said_in_words_and_each_part_can_be_taken_away() {
    let (server, ..) = office(Role::ReadOnly).await;
    let page = server.get("/staff/gifts?fund=general&state=settled&min=20&sort=-amount").await;
    assert_eq!(
        page.all(".active-filters li"),
        [
            "for Where it is needed most Remove : for Where it is needed most",
            "received Remove : received",
            "$20.00 or more Remove : $20.00 or more"
        ]
    );
    assert_eq!(page.attr(".active-filters a", "href").unwrap(), "/staff/gifts?state=settled&min=20&sort=-amount");
    assert!(page.attr("tbody th a", "href").unwrap().contains("back=%2Fstaff%2Fgifts%3Ffund%3Dgeneral"));
    let gift = server.get(&page.attr("tbody th a", "href").unwrap()).await;
    assert_eq!(gift.attr(".crumbs a", "href").unwrap(), "/staff/gifts?fund=general&state=settled&min=20&sort=-amount");
    assert!(gift.text().contains("Ada Lovelace"));
    let id = page.attr("tbody th a", "href").unwrap();
    let id = id.split('?').next().unwrap();
    for back in ["https://evil.example", "/staff/gifts.evil.example", "//evil.example"] {
        let elsewhere = server.get(&convener::web::with(id, "", &[("back", Some(back))])).await;
        assert_eq!(elsewhere.attr(".crumbs a", "href").unwrap(), "/staff/gifts");
    }

    let nothing = server.get("/staff/gifts?q=nobody+like+that").await;
    assert!(nothing.text().contains("No gift is like that."));
    for (query, words) in [
        ("from=yesterday", "Enter a date such as"),
        ("from=2026-02-01&to=2026-01-01", "not before the first one"),
        ("fund=nowhere", "There is no such fund"),
        ("state=lost", "“lost” is not one of the answers"),
        ("min=12,50", "Enter an amount such as"),
        ("min=50&max=20", "not below the lowest"),
    ] {
        let wrong = server.get(&format!("/staff/gifts?{query}")).await;
        assert_eq!(wrong.status, 422, "{query}");
        assert!(wrong.all(".error-summary li").join(" ").contains(words), "{query}: {}", wrong.text());
        assert!(wrong.all("tbody tr").is_empty());
        assert_eq!(server.get(&format!("/staff/gifts.csv?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn an_empty_house_says_what_will_stand_here() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    for (path, words) in [
        ("/staff/gifts", "Every gift will stand here"),
        ("/staff/donors", "Everybody who gives will stand here"),
        ("/staff/recurring", "Gifts that come every month or every year will stand here"),
    ] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200);
        assert!(page.all(".empty").join(" ").contains(words), "{path}");
        assert_eq!(server.get(&format!("{path}.csv")).await.body.lines().count(), 1);
    }
    server.http = Server::visitor();
    for path in
        ["/staff/gifts", "/staff/gifts.csv", "/staff/donors", "/staff/donors.csv", "/staff/recurring", "/staff/recurring.csv"]
    {
        assert!(server.get(path).await.location().starts_with("/staff/sign-in"), "{path}");
    }
}

/// Follows a list from page to page by one link, collecting where each row leads.
async fn walked(server: &Server, from: &str, rel: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(from.to_owned());
    while let Some(path) = next {
        let page = server.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let html = page.html();
        let link = |e: scraper::ElementRef<'_>| e.value().attr("href").unwrap().split('?').next().unwrap().to_owned();
        pages.push(html.select(&scraper::Selector::parse("tbody th a").unwrap()).map(link).collect());
        next = page.attr(&format!(".pager a[rel={rel}]"), "href");
        assert!(pages.len() < 80, "the pages end");
    }
    pages
}

#[tokio::test]
async fn every_gift_is_on_exactly_one_page_in_every_order_there_and_back() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let donors: Vec<_> = (0..40).map(|n| donor(&format!("Donor {:02}", n % 20), Some(&format!("d{n}@example.org")))).collect();
    // Many share a moment, an amount, a name.
    let all: Vec<_> = (0_i64..)
        .take(2_510)
        .zip(donors.iter().cycle())
        .map(|(n, donor)| gift(donor, 1_000 + (n % 7) * 100, -(n % 90)))
        .collect();
    keep(&server, &donors, &all).await;
    let ids: BTreeSet<_> = all.iter().map(|gift| format!("/staff/gifts/{}", gift.id)).collect();
    for sort in ["-date", "amount", "-donor"] {
        let pages = walked(&server, &format!("/staff/gifts?sort={sort}"), "next").await;
        assert_eq!(pages.len(), 51, "{sort}");
        let seen: Vec<_> = pages.concat();
        assert_eq!(seen.len(), 2_510, "{sort}");
        assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), ids, "{sort}");
    }
    let there = walked(&server, "/staff/gifts", "next").await;
    let last = &there[there.len() - 2];
    let key = all.iter().find(|gift| last[49].ends_with(&gift.id.to_string())).unwrap();
    let after = format!("/staff/gifts?after={}~{}", key.shown_at, key.id);
    let mut back = walked(&server, &after, "prev").await;
    back.reverse();
    assert_eq!(back.concat(), there.concat());

    let some = walked(&server, "/staff/gifts?q=donor+07&min=12", "next").await.concat();
    let expected =
        all.iter().filter(|g| g.intended >= Cents::new(1_200) && [7, 27].iter().any(|n| donors[*n].id == g.donor_id)).count();
    assert_eq!(some.len(), expected);
    assert!(total(&server.get("/staff/gifts?q=donor+07&min=12").await).starts_with(&format!("All {expected} gifts")));
    let csv = server.get("/staff/gifts.csv?sort=amount").await;
    assert_eq!(csv.body.lines().count(), 2_511);
    assert_eq!(server.get("/staff/gifts?after=nonsense").await.status, 200);
    assert_eq!(server.get("/staff/gifts?sort=amount&after=x~y").await.status, 200);
}

#[tokio::test]
async fn the_file_holds_exactly_what_the_filter_shows_and_runs_nothing() {
    let (server, donors, _) = office(Role::ReadOnly).await;
    keep(&server, &[], &[]).await;
    let evil = donor("=HYPERLINK(\"http://evil.example\")", Some("evil@example.org"));
    keep(&server, std::slice::from_ref(&evil), &[gift(&evil, 300, -5)]).await;
    let file = server.get("/staff/gifts.csv?state=settled&sort=amount").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"gifts-2026-09-21.csv\"");
    let mut reader = csv::Reader::from_reader(file.body.trim_start_matches('\u{feff}').as_bytes());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 6);
    assert_eq!(&records[0][1], "'=HYPERLINK(\"http://evil.example\")");
    assert_eq!(
        records.iter().map(|r| r[7].to_owned()).collect::<Vec<_>>(),
        ["3.00", "10.00", "25.00", "50.00", "500.00", "1250.00"]
    );
    assert_eq!((&records[3][10], &records[3][11]), ("10.00", "40.00"));
    assert_eq!(server.get("/staff/gifts.csv?q=lovelace").await.body.lines().count(), 3);

    let file = server.get("/staff/donors.csv?q=example").await;
    assert_eq!(file.body.lines().count(), 5, "{}", file.body);
    assert!(file.body.contains(&donors[2].name), "a file holds the name itself");
}

#[tokio::test]
async fn a_long_file_holds_every_gift_once_in_the_order_of_the_list() {
    let (server, ..) = office(Role::ReadOnly).await;
    let donors: Vec<_> = (0..30).map(|n| donor(&format!("Giver {n:02}"), None)).collect();
    let all: Vec<_> =
        (0_i64..9_001).zip(donors.iter().cycle()).map(|(n, donor)| gift(donor, 100 + n * 13 % 50, -(n % 400))).collect();
    keep(&server, &donors, &all).await;
    for (sort, column) in [("", 0), ("date", 0), ("-amount", 7), ("donor", 1)] {
        let file = server.get(&format!("/staff/gifts.csv?q=giver&sort={sort}")).await;
        let mut reader = csv::Reader::from_reader(file.body.trim_start_matches('\u{feff}').as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        let ids: std::collections::BTreeSet<_> = records.iter().map(|r| r[15].to_owned()).collect();
        assert_eq!((records.len(), ids.len()), (9_001, 9_001), "{sort}");
        let mut sorted: Vec<_> = records.iter().map(|r| r[column].to_owned()).collect();
        sorted.sort();
        if ["", "-amount"].contains(&sort) {
            sorted.reverse();
        }
        assert!(records.iter().map(|r| &r[column]).eq(sorted.iter().map(String::as_str)), "{sort}");
    }
}

#[tokio::test]
async fn whatever_is_typed_into_the_search_is_only_ever_words() {
    let (server, donors, _) = office(Role::ReadOnly).await;
    let found = async |typed: &str| {
        let page = server.get(&convener::web::with("/staff/donors", "", &[("q", Some(typed))])).await;
        assert_eq!(page.status, 200, "{typed}: {}", page.text());
        let gifts = server.get(&convener::web::with("/staff/gifts", "", &[("q", Some(typed))])).await;
        assert_eq!(gifts.status, 200, "{typed}");
        assert!(!page.body.contains("<script>alert"), "{typed}");
        page.all("tbody th")
    };
    for (typed, who) in [
        ("ada", vec![0]),
        ("LOVELACE ada", vec![0]),
        ("ovela", vec![0]),
        ("ad", vec![0]),
        ("renee", vec![1]),
        ("RENÉE", vec![1]),
        ("o’brien", vec![1]),
        ("re o’b", vec![1]),
        ("100%", vec![3]),
        ("\"peace\"", vec![3]),
        ("<script>", vec![2]),
        ("%", vec![]),
        ("___", vec![]),
        ("%%%", vec![]),
        ("\"", vec![]),
        ("\"\"\"", vec![]),
        ("ada OR renee", vec![]),
        ("NOT ada", vec![]),
        ("ada*", vec![]),
        ("search:ada", vec![]),
        ("NEAR(ada renee)", vec![]),
        ("'; drop table donor; --", vec![]),
        ("\\", vec![]),
        ("\\\\\\", vec![]),
        ("^ada", vec![]),
        ("a\u{0}b", vec![]),
        ("日本語", vec![]),
    ] {
        let names: Vec<_> = who.iter().map(|n: &usize| donors[*n].name.clone()).collect();
        assert_eq!(found(typed).await, names, "{typed}");
    }
    let page = server.get("/staff/donors?q=lovelase").await;
    assert!(page.text().contains("No donor has “lovelase” in the name or address."), "{}", page.text());
    assert_eq!(page.all(".empty li"), ["Ada Lovelace"]);
    assert!(server.get(&format!("/staff/donors?q={}", "x".repeat(300))).await.status == 422);
}

#[tokio::test]
async fn donors_are_narrowed_sorted_and_summed() {
    let (server, donors, _) = office(Role::ReadOnly).await;
    let names = async |query: &str| server.get(&format!("/staff/donors?{query}")).await.all("tbody th");
    let page = server.get("/staff/donors").await;
    assert_eq!(rows(&page).len(), 4);
    assert_eq!(total(&page), "All 4 donors 5 $1,825.00");
    assert_eq!(names("sort=-given").await[..2], [donors[0].name.clone(), donors[3].name.clone()]);
    assert_eq!(names("sort=last").await[0], donors[3].name);
    assert_eq!(names("kind=organization").await, [donors[3].name.clone()]);
    assert_eq!(names("email=no").await, [donors[3].name.clone()]);
    assert_eq!(names("from=2026-09-19").await.len(), 2);
    assert_eq!(names("to=2025-12-31").await, [donors[0].name.clone()]);
    assert!(names("recurring=yes").await.is_empty());
    assert_eq!(total(&server.get("/staff/donors?from=2026-09-19&sort=-given").await), "All 2 donors 2 $50.00");
    assert_eq!(server.get("/staff/donors?from=x").await.status, 422);
    assert_eq!(server.get("/staff/donors/x").await.status, 404);
    let one = server.get(&format!("/staff/donors/{}", donors[0].id)).await;
    assert!(
        one.text().contains("A person who has given 2 gifts since 17 August 2025, the last one on 18 September 2026."),
        "{}",
        one.text()
    );
    assert!(one.text().contains("$1,275.00"));
    let odd = server.get(&format!("/staff/donors/{}", donors[2].id)).await;
    assert!(!odd.body.contains("<script>alert") && odd.text().contains("<script>alert(1)</script> & Sons"));
}

#[tokio::test]
async fn every_donor_is_on_exactly_one_page_in_every_order() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let donors: Vec<_> = (0..180).map(|n| donor(&format!("Donor {:02}", n % 30), Some(&format!("d{n}@example.org")))).collect();
    let all: Vec<_> = (0_i64..).zip(&donors).map(|(n, donor)| gift(donor, 1_000 + n % 3, -(n % 5))).collect();
    keep(&server, &donors, &all).await;
    for sort in ["name", "-name", "given", "-given", "last", "-last"] {
        for q in ["", "donor", "do"] {
            let seen = walked(&server, &format!("/staff/donors?sort={sort}&q={q}"), "next").await.concat();
            assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (180, 180), "{sort} {q}");
        }
    }
}

#[tokio::test]
async fn contact_details_are_changed_by_those_who_may_and_the_change_is_written_down() {
    let (mut server, donors, _) = office(Role::ReadOnly).await;
    let path = format!("/staff/donors/{}/details", donors[0].id);
    assert_eq!(server.get(&path).await.status, 403);
    server.sign_in(Role::Development).await;
    let wrong = server.fill(&path, "details", &[("name", ""), ("email", "nobody")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.all(".error-summary li").len(), 2);
    assert_eq!(wrong.attr("#email", "value").unwrap(), "nobody");
    let taken = server.fill(&path, "details", &[("email", "RENEE@example.org")]).await;
    assert_eq!(taken.status, 422);
    assert!(taken.text().contains("Another donor has this address."));
    let done = server.fill(&path, "details", &[("name", "Ada, Countess of Lovelace"), ("consent_updates", "yes")]).await;
    assert_eq!((done.status, done.location()), (303, format!("/staff/donors/{}", donors[0].id).as_str()));
    let mut tx = server.app.db.read().await.unwrap();
    let events = convener::audit::of_record(&mut tx, ("donor", &donors[0].id.to_string())).await.unwrap();
    drop(tx);
    assert_eq!(events.len(), 1);
    assert!(
        events[0].before.as_ref().unwrap().contains("Ada Lovelace") && events[0].after.as_ref().unwrap().contains("Countess")
    );
    assert_eq!(server.get("/staff/donors?q=countess").await.all("tbody th"), ["Ada, Countess of Lovelace"]);
    let page = server.get(done.location()).await;
    assert!(page.text().contains("Wants them, since 21 September 2026"));
    server.fill(&path, "details", &[]).await;
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(
        convener::audit::of_record(&mut tx, ("donor", &donors[0].id.to_string())).await.unwrap().len(),
        1,
        "nothing changed"
    );
}

#[tokio::test]
async fn a_gift_says_where_it_stands_and_those_who_may_only_look_find_no_buttons() {
    let (mut server, _, all) = office(Role::ReadOnly).await;
    let path = format!("/staff/gifts/{}", all[1].id);
    let page = server.get(&path).await;
    assert!(
        page.text().contains("$1,250.00 was received on 18 September 2026. Nobody has thanked the donor in person yet."),
        "{}",
        page.text()
    );
    assert!(page.text().contains("Contributions") && page.text().contains("No receipt stands for this gift."));
    assert!(page.all("form[method=post]").is_empty());
    let token = server.get("/staff/gifts").await;
    assert_eq!(token.status, 200);
    assert_eq!(server.get(&format!("{path}/refund")).await.status, 403);
    assert_eq!(server.get(&format!("{path}/receipt")).await.status, 404);

    server.sign_in(Role::Development).await;
    let thanked = server.fill(&path, "thanks", &[]).await;
    assert_eq!((thanked.status, thanked.location()), (303, path.as_str()));
    assert!(server.get(&path).await.text().contains("The donor was thanked on 21 September 2026."));
    assert!(rows(&server.get("/staff/gifts?only=to_thank").await).is_empty());
    server.fill(&path, "thanks", &[]).await;
    assert_eq!(rows(&server.get("/staff/gifts?only=to_thank").await).len(), 1);
    let left = server.get(&format!("/staff/gifts/{}", all[5].id)).await;
    assert!(left.text().contains("The donor did not finish the payment"), "{}", left.text());
}

/// A gift of $25.00 that was paid in the sandbox, with a donee for its receipt.
async fn paid() -> (Paying, Gift) {
    let mut paying = start_paying().await;
    let server = &mut paying.server;
    server.sign_in(Role::Development).await;
    let ada = donor("Ada Lovelace", Some("ada@example.org"));
    let mut given = gift(&ada, 2_500, 0);
    let request = CheckoutRequest {
        gift: given.id.to_string(),
        description: "Gift to AMICC".into(),
        email: "ada@example.org".parse().unwrap(),
        customer: None,
        charged: given.charged,
        covered_fee: Cents::ZERO,
        currency: Currency::USD,
        frequency: Frequency::Once,
        success_url: "http://amicc.example/donate/thanks?checkout={CHECKOUT_SESSION_ID}".into(),
        cancel_url: "http://amicc.example/donate".into(),
    };
    let page = Box::pin(server.app.gateway.start_checkout("key", &request)).await.unwrap();
    paying.sandbox.pay(&page.id, Card::Success).await.unwrap();
    given.payment = server.app.gateway.checkout(&page.id).await.unwrap().payment;
    keep(server, &[ada], std::slice::from_ref(&given)).await;
    let entity = LegalEntity {
        id: EntityId::new(),
        from_day: "2020-01-01".parse().unwrap(),
        name: "Columbia University".into(),
        ein: Some("13-5598093".into()),
        address: "New York, NY".into(),
        sponsorship: None,
        signatory: "The Convener".into(),
        deductible: true,
    };
    let mut tx = server.app.db.write().await.unwrap();
    assert!(receipts::insert_entity(&mut tx, &entity).await.unwrap());
    tx.commit().await.unwrap();
    (paying, given)
}

#[tokio::test]
async fn a_receipt_is_sent_again_and_printed_as_a_duplicate() {
    let (paying, gift) = Box::pin(paid()).await;
    let server = &paying.server;
    let path = format!("/staff/gifts/{}", gift.id);
    assert!(server.get(&path).await.text().contains("Issue and send the receipt"));
    let sent = server.fill(&path, "receipt/mail", &[]).await;
    assert_eq!((sent.status, sent.location()), (303, path.as_str()));
    server.fill(&path, "receipt/mail", &[]).await;
    let page = server.get(&path).await;
    assert!(page.text().contains("Receipt R-000001 stands, for $25.00."), "{}", page.text());
    assert_eq!(page.all("a[href^='/staff/mail/']").len(), 2, "one receipt, mailed twice");
    let paper = server.get(&format!("{path}/receipt")).await;
    assert!(paper.text().contains("DUPLICATE Columbia University"), "{}", paper.text());
    assert!(paper.text().contains("EIN 13-5598093") && paper.text().contains("$25.00"));
}

#[tokio::test]
async fn a_refund_says_what_will_happen_and_then_happens_once() {
    let (mut paying, gift) = Box::pin(paid()).await;
    let server = &mut paying.server;
    let path = format!("/staff/gifts/{}", gift.id);
    let refund = format!("{path}/refund");
    server.fill(&path, "receipt/mail", &[]).await;
    let page = server.get(&refund).await;
    assert!(page.text().contains("Receipt R-000001 becomes void.") && page.text().contains("can’t be undone"), "{}", page.text());
    for (amount, words) in [("", "Enter an amount"), ("26", "Enter $25.00 or less"), ("-5", "more than zero"), ("x", "such as")] {
        let wrong = server.fill(&refund, "refund", &[("much", "part"), ("amount", amount)]).await;
        assert_eq!(wrong.status, 422, "{amount}");
        assert!(wrong.all(".error-summary li").join(" ").contains(words), "{amount}: {}", wrong.text());
    }
    let part = server.fill(&refund, "refund", &[("much", "part"), ("amount", "$10")]).await;
    assert_eq!((part.status, part.location()), (303, path.as_str()), "{}", part.text());
    let page = server.get(&path).await;
    assert!(page.text().contains("$10.00 of it went back."), "{}", page.text());
    assert!(page.text().contains("Receipt R-000002 stands, for $15.00."));
    let whole = server.fill(&refund, "refund", &[("much", "whole")]).await;
    assert_eq!(whole.status, 303, "{}", whole.text());
    assert!(server.get(&path).await.text().contains("All of it went back."));
    assert_eq!(server.get(&refund).await.status, 409, "nothing is left");
    assert_eq!(total(&server.get("/staff/gifts").await), "All 1 gift $25.00 $0.00 $25.00 $0.00");
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(gifts::refunds_of(&mut tx, gift.id).await.unwrap().len(), 2);
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    let all = receipts::of_gift(&mut tx, &gift.id.to_string()).await.unwrap();
    assert!(all.iter().all(|receipt| receipt.state != ReceiptState::Issued));
    drop(tx);
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get(&refund).await.status, 403);
}

#[tokio::test]
async fn a_refund_whose_end_is_not_known_is_asked_again_and_made_once() {
    let (paying, gift) = Box::pin(paid()).await;
    let server = &paying.server;
    let path = format!("/staff/gifts/{}", gift.id);
    let refund = format!("{path}/refund");
    paying.sandbox.misbehave(Misbehaviour::Status(500), 60);
    let silent = server.fill(&refund, "refund", &[("much", "part"), ("amount", "10")]).await;
    assert_eq!(silent.status, 503, "{}", silent.text());
    assert!(silent.text().contains("nothing is refunded twice"));
    paying.sandbox.misbehave(Misbehaviour::Status(500), 0);
    let page = server.get(&refund).await;
    assert!(page.text().contains("A refund of $10.00 was asked for"), "{}", page.text());
    assert_eq!(page.attr("#amount", "value").unwrap(), "10.00");
    let other = server.fill(&refund, "refund", &[("much", "whole")]).await;
    assert_eq!(other.status, 409, "{}", other.text());
    let again = server.fill(&refund, "refund", &[]).await;
    assert_eq!(again.status, 303, "{}", again.text());
    let mut tx = server.app.db.read().await.unwrap();
    let refunds = gifts::refunds_of(&mut tx, gift.id).await.unwrap();
    assert_eq!(refunds.iter().map(|r| r.amount).collect::<Vec<_>>(), [Cents::new(1_000)]);
}

#[tokio::test]
async fn a_word_that_hundreds_share_is_found_in_order_however_names_begin() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let beginnings =
        ["Zoe", "zo", "Zoë", "Z", "O’Hara", "O'Hara", "Élodie", "Ål", "中村", "中", "3M", "-", "_", "Zoe-Ann", "Zoe Ann Maria"];
    let name = |n: usize| match n % 6 {
        0 => format!("Abel {n:04}"),
        _ => format!("{} Common", beginnings[n / 6 % beginnings.len()]),
    };
    let mut donors: Vec<_> = (0..900).map(|n| donor(&name(n), Some(&format!("d{n}@example.org")))).collect();
    keep(&server, &donors, &[]).await;
    // Somebody who is called differently from now on stands elsewhere, once.
    server.sign_in(Role::Development).await;
    let renamed = donors.iter_mut().find(|donor| donor.name == "Zoe Common").unwrap();
    renamed.name = "Aaron Common".to_owned();
    let details = format!("/staff/donors/{}/details", renamed.id);
    assert_eq!(server.fill(&details, "details", &[("name", "Aaron Common")]).await.status, 303);

    let mut expected: Vec<_> = donors.iter().filter(|d| d.name.ends_with("Common")).collect();
    expected.sort_by_key(|d| (donors::search_text(&d.name, d.email.as_ref()), d.id.to_string()));
    let mut expected: Vec<_> = expected.into_iter().map(|d| format!("/staff/donors/{}", d.id)).collect();
    for sort in ["name", "-name"] {
        for q in ["common", "common+exam", "co+common"] {
            let begin = format!("/staff/donors?q={q}&sort={sort}");
            let there = walked(&server, &begin, "next").await;
            assert_eq!(there.concat(), expected, "{q} {sort}");
            let second = server.get(&begin).await.attr(".pager a[rel=next]", "href").unwrap();
            let mut back = walked(&server, &second, "prev").await;
            back.reverse();
            assert_eq!(back, there[..2], "{q} {sort}");
        }
        assert_eq!(walked(&server, &format!("/staff/donors?q=common&kind=person&sort={sort}"), "next").await.concat(), expected);
        expected.reverse();
    }
}
