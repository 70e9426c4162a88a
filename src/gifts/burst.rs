//! Many declined cards in a short time are stolen cards being tried: staff are told, and giving is paused where the
//! settings say so. It counts each declined charge once, however often it is told, and refuses to raise a second
//! alarm while one waits to be seen.
use super::{BurstId, Giving, queries};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::Timestamp,
    payments::Payment,
    settings::{self, Setting},
    staff::Staff,
    web::Error,
};

/// One row of `card_testing`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Burst {
    pub id: BurstId,
    pub began_at: Timestamp,
    /// In the stretch of time that raised it.
    pub declined: i64,
    /// Giving was paused because of it.
    pub paused: bool,
}

/// What visitors read when giving pauses itself.
const PAUSED_BECAUSE: &str = "We are looking at something unusual with payments and will take gifts again soon.";

/// Counts a declined payment, and raises the alarm when there were too many.
pub(super) async fn note(app: &App, tx: &mut Tx, payment: &Payment) -> sqlx::Result<()> {
    let now = app.clock.now();
    let Some(key) = payment.charge.as_deref().or(payment.id.as_deref()) else { return Ok(()) };
    if !queries::insert_declined(tx, key, payment.at).await? {
        return Ok(());
    }
    let giving: Giving = settings::get(tx).await?;
    let since = payment.at.plus_seconds(-giving.burst.seconds);
    let declined = queries::declined_between(tx, since, payment.at).await?;
    if declined < giving.burst.most || queries::burst_since(tx, since).await? {
        return Ok(());
    }
    // What a comparison finds days later is told, and pauses nothing.
    let pauses = giving.pause_on_burst && !giving.paused && now.seconds_since(payment.at) < 3_600;
    let burst = Burst { id: BurstId::new(), began_at: payment.at, declined, paused: pauses };
    queries::insert_burst(tx, &burst).await?;
    tracing::warn!(declined, pauses, "cards are declined in a burst");
    if pauses {
        let after = Giving { paused: true, paused_because: PAUSED_BECAUSE.to_owned(), ..giving.clone() };
        settings::set(tx, &after, now).await?;
        audit::record(tx, &Actor::system(), "pause", ("setting", Giving::KEY), Some(&giving), Some(&after), now).await?;
    }
    Ok(())
}

/// Somebody has looked at a burst.
pub(super) async fn see(app: &App, staff: &Staff, id: BurstId) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if queries::see_burst(&mut tx, id, &staff.name, now).await? {
        audit::record(&mut tx, &staff.actor(), "see", ("card_testing", &id.to_string()), None::<&()>, None::<&()>, now).await?;
        tx.commit().await?;
    }
    Ok(())
}
