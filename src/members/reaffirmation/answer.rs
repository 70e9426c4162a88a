//! A reaffirmation written down: by the delegate or by staff, once for each term.
use super::{Basis, Reaffirmation, Rhythm, queries};
use crate::{
    audit::{self, Actor},
    db::Tx,
    kernel::Day,
    members::{OrganizationId, standing},
    settings,
};

/// When the next reaffirmation of a member is due; `None` for who is not asked.
pub(super) async fn due(tx: &mut Tx, id: OrganizationId, today: Day) -> sqlx::Result<Option<(Basis, Day)>> {
    let rhythm: Rhythm = settings::get(tx).await?;
    let Some(basis) = queries::basis(tx, id).await? else { return Ok(None) };
    let facts = standing::facts(tx, id).await?;
    Ok(rhythm.due(basis.affirmed(&facts, today)).map(|due| (basis, due)))
}

/// `false` when the term was answered before; then nothing is written.
pub(super) async fn note(tx: &mut Tx, r: &Reaffirmation, actor: &Actor) -> sqlx::Result<bool> {
    if !queries::insert(tx, r).await? {
        return Ok(false);
    }
    let after = serde_json::json!({
        "due": r.term, "on": r.on_day, "commitment version": r.commitment_version, "by": r.who, "how": r.how, "note": r.note,
    });
    let record = r.organization_id.to_string();
    audit::record(tx, actor, "reaffirm", ("organization", &record), None::<&()>, Some(&after), r.noted_at).await?;
    Ok(true)
}
