//! Making two donors one, and two again: the donors' part, the gifts' part and the check that no money changed, in one
//! transaction. Every room with a table that names a donor stands in [`HELD`].
mod ask;
mod queue;
mod show;

use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    donors::{
        self, DonorId, DonorKind,
        merge::{Details, Held, Merge, MergeId, Refused},
        ties,
    },
    gifts,
    kernel::Timestamp,
};
use axum::{Router, routing::get};

/// The tables that name a donor, room by room, in the order they are moved.
pub const HELD: &[&[Held]] = &[donors::merge::HELD, gifts::merging::HELD];

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/donors/duplicates", get(queue::show).post(queue::say_distinct))
        .route("/staff/donors/{id}/merge", get(ask::show).post(ask::merge))
        .route("/staff/donors/merges/{id}", get(show::show).post(show::undo))
}

/// Makes `merged` the same donor as `survivor`, who becomes what `choose` makes of the details of both.
pub async fn merge(
    tx: &mut Tx,
    actor: &Actor,
    (survivor, merged): (DonorId, DonorId),
    choose: impl FnOnce(&Details, &Details) -> Details,
    now: Timestamp,
) -> Result<MergeId, Refused> {
    let (before, merged_before) = donors::merge::hold_both(tx, survivor, merged).await?;
    let mut chosen = Details { gateway_customer: before.gateway_customer.clone(), ..choose(&before, &merged_before) };
    if ties::organization_of(tx, survivor).await?.or(ties::organization_of(tx, merged).await?).is_some() {
        chosen.kind = DonorKind::Organization;
    }
    let money = gifts::merging::money_of(tx, survivor, merged).await?;
    gifts::merging::count_shared_months(tx, survivor, merged, true).await?;
    let id = donors::merge::merge(tx, (survivor, merged), (&before, &merged_before), &chosen, &HELD.concat(), (&actor.name, now))
        .await?;
    retotal(tx, survivor, merged).await?;
    if gifts::merging::money_of(tx, survivor, survivor).await? != money {
        return Err(Refused::Because("The sums before and after differ. Nothing was merged.".to_owned()));
    }
    let was = serde_json::json!({ "survivor": before, "merged": merged_before });
    let is = serde_json::json!({ "merge": id, "survivor": chosen, "merged_id": merged });
    audit::record(tx, actor, "merge", ("donor", &survivor.to_string()), Some(&was), Some(&is), now).await?;
    let into = serde_json::json!({ "merge": id, "merged_into": survivor });
    audit::record(tx, actor, "merge", ("donor", &merged.to_string()), None::<&()>, Some(&into), now).await?;
    Ok(id)
}

/// Makes them two again, each exactly as it was.
pub async fn undo(tx: &mut Tx, actor: &Actor, merge: &Merge, now: Timestamp) -> Result<(), Refused> {
    let (survivor, merged) = (merge.survivor_id, merge.merged_id);
    let money = gifts::merging::money_of(tx, survivor, survivor).await?;
    donors::merge::undo(tx, merge, &HELD.concat(), (&actor.name, now)).await?;
    gifts::merging::count_shared_months(tx, survivor, merged, false).await?;
    retotal(tx, survivor, merged).await?;
    if gifts::merging::money_of(tx, survivor, merged).await? != money {
        return Err(Refused::Because("The sums before and after differ. The merge stands.".to_owned()));
    }
    let what = serde_json::json!({ "undone": merge.id });
    audit::record(tx, actor, "undo_merge", ("donor", &survivor.to_string()), None::<&()>, Some(&what), now).await?;
    audit::record(tx, actor, "undo_merge", ("donor", &merged.to_string()), None::<&()>, Some(&what), now).await?;
    Ok(())
}

async fn retotal(tx: &mut Tx, survivor: DonorId, merged: DonorId) -> sqlx::Result<()> {
    gifts::retotal(tx, survivor).await?;
    gifts::retotal(tx, merged).await
}
