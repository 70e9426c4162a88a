//! What a donor gave: in all, year by year, the largest, the first and the last, also after money went back.
use crate::{
    paying::{Paying, start_paying},
    server::{NOW, Server},
};
use convener::{
    donors::{self, Donor, DonorId, DonorKind, DonorTotal},
    gifts::{self, Frequency, FundId, Gift, GiftId, GiftState, History},
    kernel::{Cents, Coalition, Currency, Timestamp, Zone},
    payments::sandbox::Card,
    settings,
    staff::Role,
};

pub(crate) const DAY: i64 = 86_400;

pub(crate) fn zone() -> Zone {
    Zone::named("America/New_York").unwrap()
}

pub(crate) fn donor(name: &str, email: Option<&str>) -> Donor {
    Donor {
        id: DonorId::new(),
        kind: DonorKind::Person,
        name: name.into(),
        email: email.map(|e| e.parse().unwrap()),
        address: None,
        gateway_customer: None,
        consent_updates: false,
        consent_at: None,
        created_at: Timestamp::from_unix(NOW - 900 * DAY).unwrap(),
    }
}

/// Received so many days from now.
pub(crate) fn gift(donor: DonorId, cents: i64, days: i64) -> Gift {
    let at = Timestamp::from_unix(NOW + days * DAY).unwrap();
    let id = GiftId::new();
    Gift {
        id,
        donor_id: donor,
        fund_id: "00000000-0000-7000-8000-000000000001".parse::<FundId>().unwrap(),
        campaign_id: None,
        source: None,
        recurring_id: None,
        method: convener::gifts::Method::Card,
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
        livemode: false,
        split: false,
    }
}

pub(crate) async fn keep(server: &Server, donors: &[Donor], all: &[Gift]) {
    let mut tx = server.app.db.write().await.unwrap();
    donors::bulk_insert(&mut tx, donors).await.unwrap();
    for some in all.chunks(500) {
        let history = History { gifts: some.to_vec(), refunds: Vec::new() };
        gifts::insert_history(&mut tx, &history, &zone()).await.unwrap();
    }
    gifts::rebuild_summaries(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn give(paying: &Paying, dollars: &str) -> Gift {
    let answer = paying
        .server
        .fill(
            "/donate",
            "/donate",
            &[
                ("amount", "other"),
                ("other_amount", dollars),
                ("frequency", "once"),
                ("name", "Ada"),
                ("email", "ada@example.org"),
            ],
        )
        .await;
    let session = answer.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    hear(paying).await;
    let mut tx = paying.server.app.db.read().await.unwrap();
    let ada = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, ada.id, 1).await.unwrap().remove(0)
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// The one total, which is what the gifts sum to.
async fn total(server: &Server, donor: DonorId) -> Option<DonorTotal> {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    donors::totals_of(&mut tx, donor).await.unwrap().pop()
}

#[tokio::test]
async fn a_gift_that_goes_back_is_neither_first_nor_last_nor_largest_any_more() {
    let paying = start_paying().await;
    let server = &paying.server;
    let mut all = Vec::new();
    for dollars in ["50", "500", "20"] {
        all.push(give(&paying, dollars).await);
        paying.advance_days(10).await;
    }
    let id = all[0].donor_id;
    let shape = |total: &DonorTotal| (total.gifts, total.given.get(), total.largest.get(), total.first_at, total.last_at);
    let moment = |gift: &Gift| gift.settled_at.unwrap();
    let back = async |gift: &Gift, key: &str, cents| {
        let payment = gift.payment.clone().unwrap();
        let refund = server.app.gateway.start_refund(key, &payment, Cents::new(cents)).await.unwrap();
        hear(&paying).await;
        refund.id
    };
    assert_eq!(shape(&total(server, id).await.unwrap()), (3, 57_000, 50_000, moment(&all[0]), moment(&all[2])));
    back(&all[1], "part", 46_000).await;
    assert_eq!(shape(&total(server, id).await.unwrap()), (3, 11_000, 5_000, moment(&all[0]), moment(&all[2])));
    back(&all[0], "first", 5_000).await;
    assert_eq!(shape(&total(server, id).await.unwrap()), (2, 6_000, 4_000, moment(&all[1]), moment(&all[2])));
    back(&all[2], "last", 2_000).await;
    assert_eq!(shape(&total(server, id).await.unwrap()), (1, 4_000, 4_000, moment(&all[1]), moment(&all[1])));
    let rest = back(&all[1], "rest", 4_000).await;
    assert_eq!(total(server, id).await, None, "nothing is left");
    let mut server = paying.server;
    server.sign_in(Role::ReadOnly).await;
    let page = server.get(&format!("/staff/donors/{id}")).await.text();
    assert!(page.contains("No gift was received yet."), "{page}");
    paying.sandbox.fail_refund(&rest).await.unwrap();
    paying.sandbox.deliver_all().await.unwrap();
    server.run_jobs().await;
    assert_eq!(shape(&total(&server, id).await.unwrap()), (1, 4_000, 4_000, moment(&all[1]), moment(&all[1])));
}

#[tokio::test]
async fn the_totals_stand_on_the_donors_page_and_its_gifts_are_paged() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    let ada = donor("Ada", None);
    let mut all: Vec<_> = (0..60).map(|n| gift(ada.id, 1_000 + n, -n)).collect();
    all.extend([gift(ada.id, 70_000, -300), gift(ada.id, 5_000, -900)]);
    all.extend((0..3).map(|n| Gift { currency: "eur".parse().unwrap(), ..gift(ada.id, 100, -n) }));
    keep(&server, std::slice::from_ref(&ada), &all).await;
    let path = format!("/staff/donors/{}", ada.id);
    let page = server.get(&path).await;
    let figures = page.all(".figures .figure");
    let expected = [
        "Given in all, in EUR €3.00 3 gifts, less refunds",
        "In 2026 €3.00 3 gifts",
        "In 2025 €0.00 0 gifts",
        "Largest gift €1.00 less what went back of it",
        "Given in all, in USD $1,367.70 62 gifts, less refunds",
        "In 2026 $617.70 60 gifts",
        "In 2025 $700.00 1 gift",
        "Largest gift $700.00 less what went back of it",
    ];
    assert_eq!(figures, expected);
    let rows = |page: &crate::server::Answer| page.all("#gifts tbody tr").len();
    assert_eq!(rows(&page), 50);
    let next = server.get(&page.attr("#gifts a[rel=next]", "href").unwrap()).await;
    assert_eq!((rows(&next), next.attr("#gifts a[rel=next]", "href")), (15, None));
    let back = server.get(&next.attr("#gifts a[rel=prev]", "href").unwrap()).await;
    assert_eq!(back.all("#gifts tbody tr"), page.all("#gifts tbody tr"));

    let saved = server.fill("/staff/settings/coalition", "coalition", &[("fiscal_year_month", "9")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let page = server.get(&path).await;
    assert!(page.text().contains("A fiscal year begins in September and is named after the year it ends in."));
    let years = page.all("#years tbody tr");
    let expected = ["2027 3 €3.00", "2027 21 $212.10", "2026 40 $1,105.60", "2024 1 $50.00"];
    assert_eq!(years, expected);
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
}

#[tokio::test]
async fn donors_are_found_by_the_years_they_gave_in_and_by_how_much() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let people = ["Both years", "Last year", "Long ago", "This year", "Never"].map(|name| donor(name, None));
    let [both, last, long, this, _] = &people;
    let all = [
        gift(both.id, 1_000, -1),
        gift(both.id, 2_000, -300),
        gift(last.id, 3_000, -365),
        gift(long.id, 90_000, -800),
        gift(this.id, 5_000, -1),
        Gift { currency: "eur".parse().unwrap(), ..gift(this.id, 900_000, -400) },
        Gift { refunded: Cents::new(4_000), ..gift(last.id, 4_000, -2) },
    ];
    keep(&server, &people, &all).await;
    for (query, names, said) in [
        ("gave=last_not_this", vec!["Last year"], "gave in 2025, not in 2026"),
        ("gave=some_not_this", vec!["Last year", "Long ago"], "gave before 2026, not in it"),
        ("least=50", vec!["Long ago", "This year"], "gave $50.00 or more in all"),
        ("least=$30.01", vec!["Long ago", "This year"], "gave $30.01 or more in all"),
        ("least=30&gave=some_not_this&sort=-given", vec!["Long ago", "Last year"], "gave $30.00 or more in all"),
        ("gave=last_not_this&q=year", vec!["Last year"], "gave in 2025, not in 2026"),
    ] {
        let page = server.get(&format!("/staff/donors?{query}")).await;
        assert_eq!(page.all("tbody th"), names, "{query}");
        assert!(page.all(".active-filters li").iter().any(|words| words.starts_with(said)), "{query}: {}", page.text());
        let counted = format!("All {} donor{}", names.len(), if names.len() == 1 { "" } else { "s" });
        assert!(page.all("tfoot th")[0].starts_with(&counted), "{query}: {}", page.text());
    }
    let wrong = server.get("/staff/donors?least=lots&gave=sometimes").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#least", "value").as_deref(), Some("lots"));
    let mut tx = server.app.db.write().await.unwrap();
    let fiscal = Coalition { fiscal_year_month: 10, ..Coalition::default() };
    settings::set(&mut tx, &fiscal, server.app.clock.now()).await.unwrap();
    gifts::rebuild_donor_totals(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    server.app.coalition.set(fiscal);
    let page = server.get("/staff/donors?gave=last_not_this").await;
    assert_eq!(page.all("tbody th"), ["Last year"], "in the year from October to September");
    assert!(page.text().contains("gave in fiscal year 2025, not in 2026"));
}
