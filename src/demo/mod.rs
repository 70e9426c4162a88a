//! A generated coalition: the first user's public facts and invented people, at the size of a
//! demonstration or of a load test. The same seed gives the same data, whenever it begins.
//!
//! It writes through the features' own functions and is marked as generated on every page.
mod alliances;
mod applications;
mod by_hand;
mod care;
mod coalition;
mod contributions;
mod dice;
mod giving;
mod members;
mod paper;
mod past;
mod people;
mod words;

use crate::{
    app::App,
    books,
    config::{Config, Delivery, LogFormat, Secret},
    db::Db,
    donors,
    gifts::{self, Gift, GiftState, History, RecurringGift},
    kernel::{Cents, Clock, Coalition},
    members::PastOrganization,
    payments::{Gateway, sandbox::Sandbox},
    settings,
};
use dice::Dice;

pub use alliances::LEADER;
pub use people::{ADMINISTRATOR, PASSWORD, PEOPLE};

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// How much is generated.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Members with a number; the first 39 are always the same.
    pub members: i64,
    pub donors: usize,
    /// About as many; a large coalition gets no fewer.
    pub gifts: usize,
    /// Whether some organizations are on their way in.
    pub applications: bool,
    pub seed: u64,
}

impl Scale {
    /// What a newcomer looks at.
    pub const DEMONSTRATION: Self = Self { members: 39, donors: 420, gifts: 2_600, applications: true, seed: 39 };
    /// A coalition of full size.
    pub const LOAD: Self = Self { members: 2_500, donors: 150_000, gifts: 1_000_000, applications: false, seed: 2_500 };
}

/// Fills an empty database, and the stand-in for Stripe with the same payments, so that they can be
/// refunded, disputed, renewed and ended there. The mark that it is generated is written last: an
/// unfinished run is seen.
pub async fn fill(app: &App, scale: &Scale, stripe: Option<&Sandbox>) -> Result<(), Problem> {
    let mut dice = Dice::seeded(scale.seed);
    people::add(app).await?;
    let coalition = coalition::add(app).await?;
    let hosts = members::add(app, &mut dice, scale).await?;
    if scale.applications {
        applications::add(app).await?;
        contributions::add(app, &hosts).await?;
    }
    let recent = give(app, &mut dice, scale, stripe, &hosts).await?;
    if let Some(stripe) = stripe {
        pay_out(app, stripe).await?;
        trouble(app, stripe, &recent).await?;
    }
    let mut tx = app.db.write().await?;
    settings::set(&mut tx, &coalition, app.clock.now()).await?;
    tx.commit().await?;
    app.coalition.set(coalition);
    Ok(())
}

/// Fills the database at `url` for a load test, without the mark that `serve` refuses.
pub async fn fill_for_load(url: &str) -> Result<(), Problem> {
    let config = Config {
        database_url: Secret::new(url),
        database_readers: 2,
        base_url: "http://127.0.0.1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: Secret::new("a secret for generated data, used by nobody"),
        stripe_key: Secret::new("sk_test_generated"),
        stripe_webhook_secrets: Vec::new(),
        stripe_api_base: "http://127.0.0.1:9/".to_owned(),
        delivery: Delivery::Captured,
        mail_from: "office@demo.example".parse()?,
        smtp_patience: std::time::Duration::from_mins(1),
        files_dir: std::env::temp_dir(),
        client_ip_header: None,
        log_format: LogFormat::Pretty,
        log: String::new(),
        workers: 1,
    };
    let db = Db::connect(url, 2).await?;
    db.migrate().await?;
    let gateway = Gateway::new(&config)?;
    let app = App::new(config, db, Clock::default(), Coalition::default(), gateway);
    fill(&app, &Scale::LOAD, None).await?;
    let unmarked = Coalition { demo: false, ..Coalition::clone(&app.coalition.get()) };
    let mut tx = app.db.write().await?;
    settings::set(&mut tx, &unmarked, app.clock.now()).await?;
    tx.commit().await?;
    app.db.close().await;
    Ok(())
}

/// What came in goes to the bank at the beginning of each month, and onto the books as any payout does.
async fn pay_out(app: &App, stripe: &Sandbox) -> Result<(), Problem> {
    let (zone, now) = (app.coalition.get().zone(), app.clock.now());
    let month = zone.day(now).month();
    let days = (-36..=0).map(|months| zone.start_of_month(month.plus(months)).plus_hours(14));
    let days: Vec<_> = days.filter(|day| *day < now).collect();
    stripe.remember_payouts(&days).await?;
    for payout in app.gateway.payouts(now.plus_days(-37 * 31)).await? {
        books::refresh_payout(app, &payout.id).await?;
    }
    Ok(())
}

/// Of these gifts one is disputed and waits for an answer, one was lost, and a bank warns about one.
async fn trouble(app: &App, stripe: &Sandbox, recent: &[Gift]) -> Result<(), Problem> {
    let mut payments = recent.iter().filter_map(|gift| gift.payment.as_deref());
    if let Some(payment) = payments.next() {
        gifts::refresh_dispute(app, &stripe.dispute(payment).await?).await?;
    }
    if let Some(payment) = payments.next() {
        let dispute = stripe.dispute(payment).await?;
        stripe.close_dispute(&dispute, false).await?;
        gifts::refresh_dispute(app, &dispute).await?;
    }
    if let Some(payment) = payments.next() {
        gifts::refresh_warning(app, &stripe.fraud_warning(payment).await?).await?;
    }
    Ok(())
}

/// How many donors share a transaction.
const BATCH: usize = 2_000;
/// And how many gifts.
const GIFTS: usize = 20_000;

/// Puts gifts on record in the order in which they came, as they do when they are given.
async fn record(app: &App, given: &mut [Gift]) -> Result<(), Problem> {
    given.sort_unstable_by_key(|gift| (gift.shown_at, gift.id));
    let zone = app.coalition.get().zone();
    for some in given.chunks(GIFTS) {
        let history = History { gifts: some.to_vec(), ..History::default() };
        let mut tx = app.db.write().await?;
        gifts::insert_history(&mut tx, &history, &zone).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn give(
    app: &App,
    dice: &mut Dice,
    scale: &Scale,
    stripe: Option<&Sandbox>,
    hosts: &[PastOrganization],
) -> Result<Vec<Gift>, Problem> {
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let (funds, campaigns) = (gifts::funds(&mut tx, true).await?, gifts::campaigns(&mut tx).await?);
    drop(tx);
    let ground = giving::Ground {
        funds: &funds,
        campaigns: &campaigns,
        zone: &zone,
        now: app.clock.now(),
        tenths_each: i64::try_from(scale.gifts * 10 / scale.donors)?,
    };
    let (mut given, mut number, mut known, mut recent) = (Vec::new(), 0, Vec::new(), Vec::new());
    while number < scale.donors {
        let some: Vec<_> = (number..(number + BATCH).min(scale.donors)).map(|n| giving::giving(dice, n, &ground)).collect();
        let first = number == 0;
        number += some.len();
        let (mut people, mut plans, mut gifts) = (Vec::new(), Vec::<RecurringGift>::new(), Vec::<Gift>::new());
        for giving in some {
            people.push(giving.donor);
            plans.extend(giving.recurring);
            gifts.extend(giving.gifts);
        }
        if first {
            let small = |gift: &&Gift| {
                gift.recurring_id.is_none() && gift.state == GiftState::Settled && gift.charged < Cents::new(10_000)
            };
            recent = gifts.iter().filter(small).cloned().collect();
            // The newest few are left alone.
            recent.sort_by_key(|gift| std::cmp::Reverse(gift.shown_at));
            recent = recent.split_off(recent.len().min(20));
            recent.truncate(3);
        }
        let tied = if first { giving::as_members(&mut people, hosts) } else { None };
        if first {
            care::as_twins(&mut people);
            known.clone_from(&people);
        }
        if let Some(stripe) = stripe {
            stripe.remember(&past::of(&people, &plans, &gifts, ground.now)).await?;
        }
        let mut tx = app.db.write().await?;
        donors::bulk_insert(&mut tx, &people).await?;
        if let Some((donor, organization)) = tied {
            donors::ties::tie(&mut tx, donor, &organization.to_string(), "Daniel Reyes", ground.now).await?;
        }
        for plan in &plans {
            gifts::insert_plan(&mut tx, plan).await?;
        }
        tx.commit().await?;
        given.extend(gifts);
    }
    record(app, &mut given).await?;
    tracing::info!(donors = number, gifts = given.len(), "generated");
    let mut tx = app.db.write().await?;
    gifts::rebuild_summaries(&mut tx).await?;
    tx.commit().await?;
    care::keep(app, &known).await?;
    by_hand::add(app, &known).await?;
    Ok(recent)
}
