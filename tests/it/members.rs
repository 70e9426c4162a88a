//! The public roll, an organization's page, the home page and the news, as visitors and staff meet them.
use crate::server::Server;
use convener::{
    members::{self, Admission, Category, CategoryId, ContactRole, NewContact, OrganizationId, PastOrganization, Track},
    staff::Role,
};

pub(crate) fn category(number: u128, slug: &str, name: &str) -> Category {
    Category { id: CategoryId::from_u128(number), slug: slug.into(), name: name.into(), position: i64::try_from(number).unwrap() }
}

pub(crate) fn past(number: Option<i64>, name: &str, category: u128, place: (&str, &str), day: &str) -> PastOrganization {
    PastOrganization {
        id: OrganizationId::new(),
        admission_number: number,
        admitted_on: day.parse().unwrap(),
        admission: Admission {
            name: name.into(),
            track: if number.is_some() { Track::Member } else { Track::Observer },
            category_id: CategoryId::from_u128(category),
            city: place.0.into(),
            state_code: place.1.into(),
            website: Some("https://www.example.org".into()),
            founded: Some(1998),
            mission: "Works for justice.".into(),
            contacts: vec![NewContact {
                role: ContactRole::Delegate,
                name: "Ana Delegate".into(),
                title: "Director".into(),
                email: "ana@example.org".parse().unwrap(),
                phone: None,
            }],
        },
    }
}

pub(crate) async fn add(server: &Server, organizations: &[PastOrganization]) {
    let mut tx = server.app.db.write().await.unwrap();
    for kind in [category(1, "human-rights", "Human rights"), category(2, "bar", "Bar associations")] {
        members::insert_category(&mut tx, &kind).await.unwrap();
    }
    members::insert_history(&mut tx, organizations, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two members and an observer.
pub(crate) async fn few(server: &Server) -> Vec<PastOrganization> {
    let all = vec![
        past(Some(38), "World Without Genocide", 1, ("Saint Paul", "MN"), "2012-05-01"),
        past(Some(39), "Société pour la Justice", 1, ("New York", "NY"), "2013-09-01"),
        past(None, "100% Observers", 2, ("Boston", "MA"), "2011-02-03"),
    ];
    add(server, &all).await;
    all
}

#[tokio::test]
async fn an_empty_coalition_says_what_its_pages_will_hold() {
    let server = Server::start().await;
    for (path, sentence) in [
        ("/members", "Nobody has joined yet. The first member will stand here with number 1."),
        ("/news", "Nothing has been announced yet."),
        ("/alliances", "There is no alliance yet."),
    ] {
        let page = server.get(path).await;
        assert!(page.status == 200 && page.text().contains(sentence), "{path}: {}", page.text());
    }
    assert_eq!(server.get("/").await.status, 200);
}

#[tokio::test]
async fn the_roll_is_searched_narrowed_and_sorted_without_accents_or_case() {
    let server = Server::start().await;
    few(&server).await;
    let names = async |query: &str| server.get(&format!("/members{query}")).await.all("table.roll tbody th");
    assert_eq!(names("").await, ["World Without Genocide", "Société pour la Justice", "100% Observers"]);
    assert_eq!(names("?q=SOCIETE").await, ["Société pour la Justice"]);
    assert_eq!(names("?q=saint+p").await, ["World Without Genocide"]);
    assert_eq!(names("?q=0%25").await, ["100% Observers"], "a percent sign is a letter like others");
    assert!(names("?q=o_t").await.is_empty(), "and so is an underscore");
    assert_eq!(names("?category=bar").await, ["100% Observers"]);
    assert_eq!(names("?state=mn").await, ["World Without Genocide"]);
    assert_eq!(names("?track=member&sort=-number").await, ["Société pour la Justice", "World Without Genocide"]);
    assert_eq!(names("?sort=name").await, ["Société pour la Justice", "World Without Genocide", "100% Observers"]);
    assert_eq!(names("?sort=-since").await, ["Société pour la Justice", "World Without Genocide", "100% Observers"]);
    let apart = server.get("/members?sort=name").await;
    assert_eq!(apart.all("#member ~ table tbody th").len(), 2, "each track has its own table");
    assert_eq!(apart.all("#observer ~ table tbody th"), ["100% Observers"]);
    assert!(apart.all("#observer ~ table thead th").iter().all(|heading| !heading.contains("Number")), "observers have none");
    let json = server.get("/members.json?category=bar").await.body;
    assert!(json.contains("100% Observers") && !json.contains("Genocide"), "{json}");
    assert!(server.get("/members?category=bar").await.attr("a[href='/members.json?category=bar']", "href").is_some());
    let page = server.get("/members").await.text();
    assert!(page.contains("2 members and 1 observer"), "{page}");
    let none = server.get("/members?q=nobody").await.text();
    assert!(none.contains("No organization matches"), "{none}");
    let file = server.get("/members.csv?track=member&sort=-number").await;
    let rows: Vec<_> = file.body.lines().skip(1).map(|line| line.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows, ["39 Société pour la Justice", "38 World Without Genocide"]);
    assert!(
        !file.body.contains("ana@example.org") && !server.get("/members/38-world-without-genocide").await.body.contains("ana@")
    );
}

#[tokio::test]
async fn strange_addresses_of_the_roll_are_answered_with_a_page() {
    let server = Server::start().await;
    few(&server).await;
    let long = format!("/members?q={}", "a".repeat(50_000));
    for path in [
        &long,
        "/members?page=x",
        "/members?page=-4",
        "/members?page=99999999999999999999",
        "/members?q=%00",
        "/members?state=%00&category=%00",
        "/members?track=king",
    ] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200, "{:.60}: {}", path, page.text());
        assert!(!page.all("h1").is_empty());
    }
    for path in
        ["/members/%00", "/members/99999999999999999999", "/members/7-nobody", "/members/nobody", "/news/%00", "/alliances/%00"]
    {
        let page = server.get(path).await;
        assert!(page.status == 404 || path.contains("%00") && page.status == 400, "{path}: {}", page.text());
        assert!(!page.text().contains("our fault"));
    }
}

#[tokio::test]
async fn an_id_that_is_none_leads_to_a_page_and_not_to_words_for_programmers() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    for path in [
        "/staff/applications/x",
        "/staff/organizations/1",
        "/staff/funds/xyz",
        "/staff/campaigns/x/facts",
        "/staff/settings/commitment/abc",
        "/staff/settings/categories/1/removal",
        "/staff/news/x",
    ] {
        let page = server.get(path).await;
        assert_eq!((page.status, page.all("h1")), (404, vec!["There is no such page".to_owned()]), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn every_spelling_of_a_members_address_leads_to_its_page() {
    let server = Server::start().await;
    few(&server).await;
    for wrong in ["/members/39", "/members/39-old-name", "/members/39societe-pour-la-justice"] {
        let answer = server.get(wrong).await;
        assert_eq!((answer.status, answer.location()), (308, "/members/39-societe-pour-la-justice"), "{wrong}");
    }
    let page = server.get("/members/39-societe-pour-la-justice").await.text();
    assert!(page.contains("39th institutional member") && page.contains("1 September 2013"), "{page}");
    let home = server.get("/").await.text();
    assert!(home.contains("Société pour la Justice is our 39th institutional member"), "{home}");
}

#[tokio::test]
async fn a_roll_of_2500_is_read_page_by_page_and_downloaded_whole() {
    let server = Server::start().await;
    let many: Vec<_> =
        (1..=2_500).map(|n| past(Some(n), &format!("Organization {n}"), 1, ("Albany", "NY"), "2010-01-01")).collect();
    add(&server, &many).await;
    let first = server.get("/members").await;
    assert!(first.text().contains("2,500 members"));
    let (mut next, mut seen) = (Some("/members".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = server.get(&path).await;
        seen.extend(page.all("table.roll tbody td.member-number"));
        next = page.attr("a[rel=next]", "href");
    }
    assert_eq!(seen, (1..=2_500).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(server.get("/members.csv").await.body.lines().count(), 2_501);
    let first = server.get("/members?sort=-number").await;
    let html = first.html();
    let links = scraper::Selector::parse("nav.pager a").unwrap();
    let all = html.select(&links).find(|a| a.text().collect::<String>() == "Show all 2,500").unwrap();
    let whole = server.get(all.attr("href").unwrap()).await;
    let numbers = whole.all("table.roll tbody td.member-number");
    assert_eq!(numbers, (1..=2_500).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    assert!(whole.body.len() < 1_000_000, "it is kept like any other page: {} bytes", whole.body.len());
    let back = whole.attr("nav.pager a", "href").unwrap();
    assert_eq!(server.get(&back).await.all("table.roll tbody tr").len(), 100);
}

#[tokio::test]
async fn the_next_number_follows_the_history_and_none_is_lost_by_a_failure() {
    let server = Server::start().await;
    let history = few(&server).await;
    let app = &server.app;
    let (now, today) = (app.clock.now(), "2026-09-21".parse().unwrap());
    let mut given_up = app.db.write().await.unwrap();
    let admission = &history[0].admission;
    let lost = members::admit(&mut given_up, admission, today, now).await.unwrap();
    assert_eq!(lost.admission_number, Some(40));
    drop(given_up);
    let admit = async |name: &str, track| {
        let mut tx = app.db.write().await.unwrap();
        let admission = Admission { name: name.into(), track, ..admission.clone() };
        let admitted = members::admit(&mut tx, &admission, today, now).await.unwrap();
        tx.commit().await.unwrap();
        admitted
    };
    let (a, b, c) =
        tokio::join!(admit("First", Track::Member), admit("Second", Track::Member), admit("3 Watchers", Track::Observer));
    let mut numbers = [a.admission_number, b.admission_number];
    numbers.sort_unstable();
    assert_eq!((numbers, c.admission_number), ([Some(40), Some(41)], None));
    assert_eq!(c.path(), "/members/the-3-watchers");
    assert_eq!(server.get(&c.path()).await.status, 200);
}

#[tokio::test]
async fn kept_pages_show_a_new_member_as_soon_as_it_is_admitted() {
    let server = Server::start().await;
    let history = few(&server).await;
    assert!(server.get("/").await.text().contains("39th") && !server.get("/members").await.text().contains("Newcomers"));
    let mut tx = server.app.db.write().await.unwrap();
    let admission = Admission { name: "Newcomers".into(), ..history[0].admission.clone() };
    members::admit(&mut tx, &admission, "2026-09-21".parse().unwrap(), server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(server.get("/").await.text().contains("Newcomers is our 40th institutional member"));
    assert!(server.get("/members").await.text().contains("Newcomers"));
}

#[tokio::test]
async fn staff_change_the_facts_and_the_roll_follows_at_once() {
    let mut server = Server::start().await;
    let id = few(&server).await[1].id;
    server.sign_in(Role::ReadOnly).await;
    let record = format!("/staff/organizations/{id}");
    assert!(server.get(&record).await.text().contains("Ana Delegate"));
    let page = format!("{record}/profile");
    assert_eq!(server.get(&page).await.status, 403);
    server.sign_in(Role::Membership).await;
    let wrong = server.fill(&page, "", &[("mission", "New"), ("city", "Buffalo"), ("website", "javascript:alert(1)")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#city", "value").as_deref(), Some("Buffalo"), "what was typed stays");
    assert_eq!(server.fill(&page, "", &[("website", "www.justice.example/about"), ("city", "Buffalo")]).await.status, 303);
    let public = server.get("/members?q=buffalo").await;
    assert_eq!(public.all("table.roll tbody th"), ["Société pour la Justice"]);
    let shown = server.get("/members/39-societe-pour-la-justice").await;
    assert_eq!(shown.attr("a[itemprop=url]", "href").as_deref(), Some("https://www.justice.example/about"));
    assert_eq!(
        server.get("/staff/organizations?q=justice.example").await.all("tbody th"),
        ["Société pour la Justice"],
        "staff find it by its domain"
    );
}

#[tokio::test]
async fn news_is_seen_when_it_is_published_and_not_before() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(server.get("/staff/news/new").await.status, 403);
    server.sign_in(Role::Communications).await;
    let mut tx = server.app.db.write().await.unwrap();
    let id = convener::news::draft(&mut tx, "A member joins", "In short.", "First.\n\nSecond <b>.", server.app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(server.get("/news/a-member-joins").await.status, 404);
    let page = format!("/staff/news/{id}");
    let published = server.fill(&page, "publication", &[]).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let item = server.get("/news/a-member-joins").await;
    assert!(item.all("article p").contains(&"Second <b>.".to_owned()), "{}", item.text());
    assert!(item.body.contains("&lt;b&gt;") && server.get("/").await.text().contains("A member joins"));
}
