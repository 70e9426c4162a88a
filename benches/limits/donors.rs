//! Donors who gave often.
use crate::{Took, ask_as, now};
use convener::{
    app::App,
    audit::Actor,
    desk::merging,
    donors::{self, Donor, DonorId, DonorKind},
    gifts::{self, FundId, Gift, GiftId, GiftState, History, Method},
    kernel::{Cents, Currency, Timestamp, Zone},
    payments::Frequency,
    routes,
};

/// The page of a donor with 500 gifts, asked three hundred times.
pub(crate) async fn page(app: &App, cookie: &str) -> Vec<Took> {
    let donor = giver(app, 0, 500).await;
    sum(app).await;
    let (router, path) = (routes::router(app), format!("/staff/donors/{donor}"));
    let mut times = Vec::new();
    for _ in 0..300 {
        let began = now();
        let page = ask_as(&router, &path, cookie).await;
        times.push(Took::since(began));
        assert!(String::from_utf8_lossy(&page).contains("500"), "it says how many");
    }
    times.split_off(1)
}

/// Twenty pairs of donors, each with 1,000 gifts, made one.
pub(crate) async fn merge(app: &App) -> Vec<Took> {
    let mut pairs = Vec::new();
    for n in 1..=20 {
        pairs.push((giver(app, n, 1_000).await, giver(app, 100 + n, 1_000).await));
    }
    sum(app).await;
    let mut times = Vec::new();
    for pair in pairs {
        let who = Actor { kind: "staff", id: String::new(), name: "The bench".into() };
        let began = now();
        let mut tx = app.db.write().await.expect("it can be written");
        let done = merging::merge(&mut tx, &who, pair, |this, _| this.clone(), app.clock.now()).await;
        done.expect("nothing hinders it");
        tx.commit().await.expect("it is kept");
        times.push(Took::since(began));
        let mut tx = app.db.read().await.expect("it can be read");
        let total = donors::totals_of(&mut tx, pair.0).await.expect("it answers");
        assert_eq!(total.first().map(|total| total.gifts), Some(2_000));
    }
    times
}

/// A donor who gave every third day.
async fn giver(app: &App, n: u32, count: i64) -> DonorId {
    let (id, now) = (DonorId::new(), app.clock.now());
    let donor = Donor {
        id,
        kind: DonorKind::Person,
        name: format!("Frequent Giver {n}"),
        email: Some(format!("frequent{n}@example.org").parse().expect("it is an address")),
        address: None,
        gateway_customer: None,
        consent_updates: false,
        consent_at: None,
        created_at: now.plus_days(-3 * count),
    };
    let mut tx = app.db.write().await.expect("it can be written");
    let fund_id = gifts::funds(&mut tx, true).await.expect("it answers").first().expect("one is open").id;
    let zone = app.coalition.get().zone();
    donors::bulk_insert(&mut tx, &[donor]).await.expect("it is new");
    let all = (1..=count).map(|nth| gift(id, fund_id, nth, now.plus_days(-3 * nth), &zone)).collect();
    gifts::insert_history(&mut tx, &History { gifts: all, refunds: Vec::new() }, &zone).await.expect("they are right");
    tx.commit().await.expect("it is kept");
    id
}

fn gift(donor_id: DonorId, fund_id: FundId, nth: i64, at: Timestamp, zone: &Zone) -> Gift {
    let (id, amount) = (GiftId::new(), Cents::new(1_000 + nth * 7));
    Gift {
        id,
        donor_id,
        fund_id,
        campaign_id: None,
        source: None,
        recurring_id: None,
        method: Method::Card,
        state: GiftState::Settled,
        frequency: Frequency::Once,
        intended: amount,
        covered_fee: Cents::ZERO,
        charged: amount,
        refunded: Cents::ZERO,
        currency: Currency::USD,
        disputed: false,
        tribute_kind: None,
        tribute_name: None,
        created_at: at,
        settled_at: Some(at),
        given_on: Some(zone.day(at)),
        shown_at: at,
        attempt: 1,
        checkout: None,
        checkout_url: None,
        checkout_until: None,
        payment: Some(format!("pi_{id}")),
        charge: Some(format!("ch_{id}")),
        invoice: None,
        processor_fee: Some(Cents::new(60)),
        card: Some("Visa ending in 4242".into()),
        failure: None,
        thanked_at: Some(at),
        livemode: false,
        split: false,
    }
}

/// Sums what was just entered.
async fn sum(app: &App) {
    let mut tx = app.db.write().await.expect("it can be written");
    gifts::rebuild_summaries(&mut tx).await.expect("they can be summed");
    tx.commit().await.expect("it is kept");
}
