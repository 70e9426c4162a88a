//! Recurring gifts that were brought in are taken off again, with the donors that came with them. At Stripe they go on.
//!
//! It refuses each one of which a gift came, or that was changed here, and each donor whom anything else names.
use super::{Outcome, Row, Run, queries};
use crate::{audit, db::Tx, donors, gifts::running, kernel::Timestamp, staff::Staff};

/// A row that something was made of, and why it can't be taken back.
pub(super) struct Written {
    pub(super) row: Row,
    pub(super) held: Option<&'static str>,
}

/// What undoing has done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(super) struct Done {
    #[serde(rename = "recurring gifts taken back")]
    pub(super) plans: i64,
    #[serde(rename = "donors taken off")]
    pub(super) donors: i64,
    pub(super) kept: i64,
}

/// Everything that was made, the last first.
pub(super) async fn look(tx: &mut Tx, run: &Run) -> sqlx::Result<Vec<Written>> {
    let mut all = Vec::new();
    for row in queries::made(tx, run.id).await? {
        let held = match row.recurring_id {
            Some(id) => running::held(tx, id).await?,
            None => Some("It is no longer on record."),
        };
        all.push(Written { row, held });
    }
    Ok(all)
}

/// Takes back what nothing holds. The import is held by the caller.
pub(super) async fn undo(tx: &mut Tx, run: &Run, staff: &Staff, now: Timestamp) -> sqlx::Result<Done> {
    let (actor, mut done) = (staff.actor(), Done::default());
    for row in queries::made(tx, run.id).await? {
        if let Some(plan) = row.recurring_id {
            running::hold(tx, plan).await?;
        }
    }
    let mut all = look(tx, run).await?;
    for Written { row, held } in &mut all {
        if let Some(why) = held {
            row.outcome = Some(Outcome::Kept);
            row.outcome_why = Some((*why).to_owned());
            done.kept += 1;
            continue;
        }
        if let Some(plan) = row.recurring_id.take() {
            running::take_back(tx, plan, &actor, now).await?;
        }
        row.outcome = Some(Outcome::Undone);
        done.plans += 1;
    }
    // After all recurring gifts: several may be of one donor.
    for Written { row, held } in &mut all {
        if held.is_none() {
            done.donors += i64::from(let_go(tx, row, &actor, now).await?);
        }
        queries::conclude(tx, run.id, row).await?;
    }
    queries::set_undone(tx, run.id, &staff.name, now).await?;
    let record = run.id.to_string();
    audit::record(tx, &actor, "undo", ("subscription_import", &record), None::<&()>, Some(&done), now).await?;
    Ok(done)
}

/// Takes the donor off who came with a row, or the customer that a donor was given. `true` when a donor went.
async fn let_go(tx: &mut Tx, row: &mut Row, actor: &audit::Actor, now: Timestamp) -> sqlx::Result<bool> {
    let Some(id) = row.donor_id else { return Ok(false) };
    if row.linked && running::payers(tx, &[row.customer.as_str()]).await?.is_empty() {
        donors::customers::unlink_customer(tx, id, &row.customer).await?;
    }
    if !row.made_donor {
        return Ok(false);
    }
    donors::hold(tx, id).await?;
    let mut held = donors::customers::held(tx, id, row.print.as_deref().unwrap_or_default()).await?;
    if held.is_none() {
        held = running::names_donor(tx, id).await?;
    }
    if let Some(why) = held {
        row.outcome_why = Some(format!("The donor stays. {why}"));
        return Ok(false);
    }
    donors::customers::remove(tx, id).await?;
    row.donor_id = None;
    let facts = serde_json::json!({ "name": row.name, "Stripe customer": row.customer });
    audit::record(tx, actor, "take back an import", ("donor", &id.to_string()), Some(&facts), None::<&()>, now).await?;
    Ok(true)
}
