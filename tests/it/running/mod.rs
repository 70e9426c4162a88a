//! A coalition that takes gifts through Stripe already moves in: what runs on its account is read, shown, brought in,
//! and taken back.
mod after;
mod bringing;

use crate::{
    paying::{Paying, start_paying},
    server::{Answer, NOW},
};
use convener::{
    donors::{self, Donor, Giver},
    gifts::{self, Fund, FundId, RecurringGift, Restriction},
    kernel::{Cents, Currency, Timestamp},
    payments::{
        Frequency, Patience, SubscriptionState,
        sandbox::{Foreign, Oddity, PastBill, PastCustomer, PastPayment, PastSubscription},
    },
    staff::Role,
};
use std::time::Duration;

const START: &str = "/staff/imports/stripe";
const DAY: i64 = 86_400;

fn at(days: i64) -> Timestamp {
    Timestamp::from_unix(NOW + days * DAY).unwrap()
}

/// A monthly subscription of another program: its customer and what it costs; paid 20 days ago, due again in 10.
fn foreign(name: &str, email: Option<&str>, dollars: i64) -> Foreign {
    let word = name.to_lowercase().replace(' ', "_");
    let customer = PastCustomer { id: format!("cus_{word}"), name: name.into(), email: email.map(Into::into), at: at(-80) };
    let amount = Cents::new(dollars * 100);
    let payment = PastPayment {
        id: format!("pi_{word}"),
        charge: format!("ch_{word}"),
        gift: "form 3".into(),
        amount,
        fee: Cents::new(100),
        currency: Currency::USD,
        card: "Visa ending in 4242".into(),
        customer: Some(customer.id.clone()),
        name: name.into(),
        email: email.map(Into::into),
        at: at(-20),
    };
    Foreign {
        past: PastSubscription {
            id: format!("sub_{word}"),
            customer,
            gift: "form 3".into(),
            state: SubscriptionState::Active,
            frequency: Frequency::Monthly,
            amount,
            currency: Currency::USD,
            started_at: at(-80),
            period_end: at(10),
            ended_at: None,
            card: None,
            bills: vec![PastBill { id: format!("in_{word}"), at: at(-20), payment: Some(payment), again_at: None }],
        },
        product: ("prod_monthly".into(), "Monthly donor".into()),
        oddity: None,
    }
}

fn odd(name: &str, oddity: Oddity) -> Foreign {
    Foreign { oddity: Some(oddity), ..foreign(name, Some(&format!("{}@example.org", name.to_lowercase())), 30) }
}

/// Development staff before an account that has these, which answers four subscriptions a page.
async fn office(all: &[Foreign]) -> Paying {
    let mut paying = start_paying().await;
    let patience = Patience { attempt: Duration::from_secs(4), all: Duration::from_secs(8), pause: Duration::from_millis(1) };
    paying.server.app =
        paying.server.app.clone().with(|app| app.gateway = app.gateway.clone().with_patience(patience).with_rows_a_page(4));
    paying.sandbox.remember_foreign(all).await.unwrap();
    paying.server.sign_in(Role::Development).await;
    let mut tx = paying.server.app.db.write().await.unwrap();
    let fund = Fund {
        id: FundId::new(),
        slug: "youth".into(),
        name: "Youth program".into(),
        description: String::new(),
        restriction: Restriction::Purpose,
        open: true,
        position: 9,
    };
    gifts::insert_fund(&mut tx, &fund).await.unwrap();
    tx.commit().await.unwrap();
    paying
}

/// A donor on record, by this address.
async fn known(paying: &Paying, name: &str, email: &str) -> Donor {
    let mut tx = paying.server.app.db.write().await.unwrap();
    let giver = Giver { name: name.into(), email: email.parse().unwrap(), address: None, consent_updates: false };
    let id = donors::upsert(&mut tx, &giver, paying.server.app.clock.now()).await.unwrap();
    let donor = donors::by_id(&mut tx, id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    donor
}

/// Reads the account to its end; the import's address.
async fn read(paying: &Paying) -> String {
    let begun = paying.server.fill(START, START, &[]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    paying.server.run_jobs().await;
    begun.location().to_owned()
}

async fn apply(paying: &Paying, import: &str, choices: &[(&str, &str)]) -> Answer {
    let begun = paying.server.fill(import, "/run", choices).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    paying.server.run_jobs().await;
    paying.server.get(import).await
}

/// Its rows as they are read.
async fn rows(paying: &Paying, import: &str) -> Vec<String> {
    paying.server.get(import).await.all("tbody tr")
}

async fn donor(paying: &Paying, email: &str) -> Option<Donor> {
    donors::by_email(&mut paying.server.app.db.read().await.unwrap(), &email.parse().unwrap()).await.unwrap()
}

async fn plans(paying: &Paying, email: &str) -> Vec<RecurringGift> {
    let donor = donor(paying, email).await.unwrap();
    gifts::recurring_of(&mut paying.server.app.db.read().await.unwrap(), donor.id).await.unwrap()
}

async fn gifts_of(paying: &Paying, email: &str) -> Vec<gifts::Gift> {
    let donor = donor(paying, email).await.unwrap();
    gifts::of_donor(&mut paying.server.app.db.read().await.unwrap(), donor.id, 100).await.unwrap()
}

/// Everything the gateway has to tell is told and worked off.
async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

/// How many donors and recurring gifts the lists show.
async fn on_record(paying: &Paying) -> (usize, usize) {
    let of = async |path: &str| paying.server.get(path).await.all("tbody th").len();
    (of("/staff/donors").await, of("/staff/recurring").await)
}
