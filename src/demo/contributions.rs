//! Two organizations that are asked for a voluntary contribution.
use super::Problem;
use crate::{
    app::App,
    contributions::{self, Asking, Contributions, Tier},
    gifts,
    kernel::Cents,
    members::{self, PastOrganization},
    settings, staff,
};

/// Who keeps the gifts of the demonstration.
const ASKS: &str = "daniel@demo.example";

pub(super) async fn add(app: &App, asked: &[PastOrganization]) -> Result<(), Problem> {
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let tier = |up_to: Option<i64>, amount| Tier { up_to: up_to.map(Cents::new), amount: Cents::new(amount) };
    let fund_id = gifts::funds(&mut tx, false).await?.first().ok_or("no fund is open")?.id;
    let setup = Contributions {
        on: true,
        fund: Some(fund_id),
        tiers: vec![tier(Some(25_000_000), 10_000), tier(Some(200_000_000), 50_000), tier(None, 100_000)],
        by_check: "A check to Demonstration Trustees of a University, 1 Example Plaza, New York, NY 10000.".to_owned(),
    };
    settings::set(&mut tx, &setup, now).await?;
    let who = staff::by_email(&mut tx, &ASKS.parse()?).await?.ok_or("the demonstration has nobody who keeps gifts")?.actor();
    for (past, tier) in asked.iter().zip(&setup.tiers) {
        let o = members::organization(&mut tx, past.id).await?.ok_or("an organization that was just entered is not there")?;
        let (period, note) =
            ((today.year() + 1).to_string(), "It pays for the office and the travel of the delegation.".to_owned());
        let asking = Asking { amount: tier.amount, period, due_day: today.plus_days(60), note, fund_id };
        contributions::ask_for(&mut tx, app, &o, asking, &who, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
