//! The staff's first page, and the settings that stand behind giving.
use crate::server::Server;
use convener::{
    donors::{self, Giver},
    gifts::{self, Frequency, Gift, GiftId, GiftState, Giving, History},
    kernel::{Cents, Currency, Timestamp},
    receipts, settings,
    staff::Role,
    work,
};

/// Puts settled gifts of these cents at these moments on the books; the last of `donors` gives them in turn.
pub(crate) async fn history(server: &Server, gifts: &[(&str, i64, Timestamp)]) {
    let app = &server.app;
    let zone = app.coalition.get().zone();
    let mut tx = app.db.write().await.unwrap();
    let fund = gifts::funds(&mut tx, true).await.unwrap()[0].id;
    let mut rows = Vec::new();
    for (email, cents, at) in gifts {
        let giver = Giver { name: "A Donor".into(), email: email.parse().unwrap(), address: None, consent_updates: false };
        let donor_id = donors::upsert(&mut tx, &giver, *at).await.unwrap();
        let intended = Cents::new(*cents);
        rows.push(Gift {
            id: GiftId::new(),
            donor_id,
            fund_id: fund,
            campaign_id: None,
            source: None,
            recurring_id: None,
            state: GiftState::Settled,
            frequency: Frequency::Once,
            intended,
            covered_fee: Cents::ZERO,
            charged: intended,
            refunded: Cents::ZERO,
            currency: Currency::USD,
            disputed: false,
            tribute_kind: None,
            tribute_name: None,
            created_at: *at,
            settled_at: Some(*at),
            given_on: Some(zone.day(*at)),
            shown_at: *at,
            attempt: 1,
            checkout: None,
            checkout_url: None,
            checkout_until: None,
            payment: None,
            charge: None,
            invoice: None,
            processor_fee: None,
            card: None,
            failure: None,
            thanked_at: None,
            livemode: false,
            method: convener::gifts::Method::Card,
            split: false,
        });
    }
    gifts::insert_history(&mut tx, &History { gifts: rows, refunds: Vec::new() }, &zone).await.unwrap();
    gifts::rebuild_summaries(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_new_installation_is_told_what_its_home_page_will_hold() {
    let mut server = Server::start().await;
    assert_eq!(server.get("/staff").await.status, 303, "it is for staff");
    server.sign_in(Role::Administrator).await;
    let page = server.get("/staff").await;
    let text = page.text();
    assert!(text.contains("21 September 2026") && text.contains("No legal entity is named"), "{text}");
    assert!(text.contains("What this page will show"), "{text}");
    for path in page.html().select(&scraper::Selector::parse("main section li a[href^=\"/staff\"]").unwrap()) {
        let path = path.value().attr("href").unwrap();
        assert_ne!(server.get(path).await.status, 404, "{path}");
    }
    server.sign_in(Role::ReadOnly).await;
    let text = server.get("/staff").await.text();
    assert!(!text.contains("Set up giving") && text.contains("Nothing waits for you."), "only what this person may do: {text}");
}

#[tokio::test]
async fn what_waits_is_counted_and_leads_to_exactly_those_rows() {
    let mut server = Server::start().await;
    let now = server.app.clock.now();
    history(&server, &[("ada@example.org", 2_500, now), ("ada@example.org", 1_000, now)]).await;
    let failing = work::Handlers::default().with("x", |_, _| Box::pin(async { Err(work::JobError::Never("no".into())) }));
    let mut tx = server.app.db.write().await.unwrap();
    work::soon(&mut tx, "x", "1", now).await.unwrap();
    tx.commit().await.unwrap();
    work::run_due(&server.app, &failing).await.unwrap();

    server.sign_in(Role::ReadOnly).await;
    let page = server.get("/staff").await;
    let items = page.all("ul.attention > li");
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items[0].starts_with("1 piece of background work failed") && items[0].contains("Administrators take care"));
    assert!(items[1].starts_with("2 gifts are not thanked for yet"), "{items:?}");
    let gifts = server.get(&page.attr("li[data-mood=give] a", "href").unwrap()).await;
    assert_eq!(gifts.all("tbody tr").len(), 2, "{}", gifts.text());
    assert_eq!(server.get("/staff/jobs#failed").await.status, 200);
}

#[tokio::test]
async fn this_month_stands_beside_the_same_month_last_year() {
    let mut server = Server::start().await;
    let now = server.app.clock.now();
    let last_year = now.plus_days(-365);
    history(
        &server,
        &[
            ("ada@example.org", 250_000, now),
            ("ada@example.org", 1_050, now.plus_days(-1)),
            ("bob@example.org", 5_000, last_year),
            ("cyd@example.org", 5_000, last_year),
            ("cyd@example.org", 700, now.plus_days(-60)),
        ],
    )
    .await;
    server.sign_in(Role::Development).await;
    let page = server.get("/staff").await;
    assert_eq!(page.all(".figure-value"), ["$2,510.50", "2", "1", "0"]);
    let notes = page.all(".figure-note");
    assert!(
        notes[0].starts_with("$100.00 in September 2025") && notes[1].starts_with('2') && notes[2].starts_with('2'),
        "{notes:?}"
    );
    assert_eq!(page.all(".chart tbody tr").len(), 24);
    assert!(page.all(".chart tbody tr").contains(&"July 2026 $7.00".to_owned()));
    for (n, rows) in [(0, 2), (2, 1)] {
        let html = page.html();
        let links = scraper::Selector::parse(".figure-value a").unwrap();
        let href = html.select(&links).nth(n).unwrap().value().attr("href").unwrap().to_owned();
        let list = server.get(&href).await;
        assert_eq!(list.all("tbody tr").len(), rows, "{href}: {}", list.text());
    }
    // A later gift is seen at once, although figures are kept.
    history(&server, &[("dee@example.org", 950, now)]).await;
    assert_eq!(server.get("/staff").await.all(".figure-value")[..3], ["$2,520.00", "3", "2"]);
}

#[tokio::test]
async fn giving_is_set_up_and_stopped_by_an_administrator() {
    let mut server = Server::start().await;
    server.sign_in(Role::Development).await;
    assert_eq!(server.get("/staff/settings/giving").await.status, 403);
    server.sign_in(Role::Administrator).await;
    let wrong = server
        .fill(
            "/staff/settings/giving",
            "",
            &[("suggested", "25; lots"), ("fee_percent", "2,9"), ("most", "1"), ("overall_most", "0")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.all(".error-summary li").len(), 4, "{:?}", wrong.all(".error-summary li"));
    assert_eq!(wrong.attr("#suggested", "value").as_deref(), Some("25; lots"));

    let fields = [("paused", "yes"), ("suggested", "20; $1,000"), ("fee_percent", "2.2"), ("disclosures", "One.\n\nTwo.")];
    assert_eq!(server.fill("/staff/settings/giving", "", &fields).await.status, 303);
    let mut tx = server.app.db.read().await.unwrap();
    let giving: Giving = settings::get(&mut tx).await.unwrap();
    drop(tx);
    let expected = Giving {
        paused: true,
        suggested: vec![Cents::new(2_000), Cents::new(100_000)],
        fee_ppm: 22_000,
        disclosures: vec!["One.".into(), "Two.".into()],
        fastest: 0,
        ..Giving::default()
    };
    assert_eq!(giving, expected);
    assert!(server.get("/staff/settings").await.text().contains("Paused: no gift is taken by card."));
    assert!(server.get("/donate").await.text().contains("paused"));
    let audit = server.get("/staff/audit?record_kind=setting&record_id=giving").await;
    let event = server.get(&audit.attr("tbody th a", "href").unwrap()).await;
    assert!(event.text().contains("Paused no yes"), "{}", event.text());
    assert_eq!(server.fill("/staff/settings/giving", "", &[("currency", "eur")]).await.status, 303);
    assert_eq!(server.app.coalition.get().currency.code(), "eur", "figures are told in what gifts are taken in");
}

#[tokio::test]
async fn receipts_are_issued_by_the_entity_of_the_day() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    let page = "/staff/settings/legal-entity";
    assert!(server.get("/staff/settings").await.text().contains("None is named: no receipt can be issued."));
    let wrong = server.fill(page, "", &[("name", "Columbia University"), ("ein", "12"), ("deductible", "yes")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#name", "value").as_deref(), Some("Columbia University"));
    let right = [
        ("from_day", "2026-01-01"),
        ("name", "Columbia University"),
        ("ein", "135598093"),
        ("address", "New York"),
        ("sponsorship", "for the benefit of its program AMICC"),
        ("signatory", "Ada Lovelace, Treasurer"),
        ("deductible", "yes"),
    ];
    assert_eq!(server.fill(page, "", &right).await.status, 303);
    let again = server.fill(page, "", &right).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("an entity begins on this one already"));
    let mut tx = server.app.db.read().await.unwrap();
    let entity = receipts::entity_on(&mut tx, "2026-03-01".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(entity.ein.as_deref(), Some("13-5598093"));
    drop(tx);
    let shown = server.get(page).await;
    assert_eq!(shown.all("tbody tr").len(), 1);
    assert!(shown.all("tbody th")[0].ends_with("Now"));
}

#[tokio::test]
async fn the_days_of_review_are_set_by_an_administrator() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    let page = "/staff/settings/review-rounds";
    assert_eq!(server.fill(page, "", &[("on", "2026-12-01")]).await.status, 303);
    for (wrong, told) in [("2026-12-01", "already"), ("2020-01-01", "not over yet"), ("soon", "Enter a date")] {
        let answer = server.fill(page, "", &[("on", wrong)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    assert_eq!(server.get(page).await.all("tbody tr"), ["1 December 2026 To come Open for applications"]);
    assert!(server.get("/staff/settings").await.text().contains("The next review of applications is on 1 December 2026"));
}
