//! Carried alliances written down, changed, and taken back.
use super::{Carried, HostTerm, Kept};
use crate::{
    alliances::{Alliance, AllianceId, AllianceState, RowId, TerritoryId, queries},
    db::Tx,
    kernel::{Day, Timestamp, text},
};

/// Writes an alliance as the file has it. What its status rests on must have been asked of [`Carried::steps`].
pub async fn insert(tx: &mut Tx, c: &Carried, by: &str, note: &str, today: Day, now: Timestamp) -> sqlx::Result<AllianceId> {
    let steps = c.steps(today).map_err(sqlx::Error::Protocol)?;
    let id = AllianceId::new();
    let alliance = Alliance {
        id,
        slug: queries::free_slug(tx, &text::slug(&c.name)).await?,
        name: c.name.clone(),
        summary: c.summary.clone(),
        state: AllianceState::Prospective,
        fund_slug: None,
        created_at: now,
    };
    queries::insert(tx, &alliance).await?;
    let from_day = c.launched_on.unwrap_or(today);
    for place in &c.places {
        queries::carried::put_territory(tx, &place.of(id, TerritoryId::new())).await?;
    }
    if let Some(organization_id) = c.host {
        let host = HostTerm { id: RowId::new(), alliance_id: id, organization_id, from_day, to_day: None };
        queries::carried::put_host(tx, &host).await?;
    }
    if let Some(leader) = &c.leader {
        queries::add_term(tx, &leader.term(id, from_day)).await?;
    }
    for (kind, on) in steps {
        queries::take_step(tx, id, kind, on, note, by, now).await?;
    }
    Ok(id)
}

/// Makes one state of a record of another: writes where they differ.
pub async fn put(tx: &mut Tx, from: &Kept, to: &Kept) -> sqlx::Result<()> {
    let id = from.own.id;
    if from.own.summary != to.own.summary {
        queries::describe(tx, id, &to.own.name, &to.own.summary).await?;
    }
    for place in from.territories.iter().filter(|place| !to.territories.contains(place)) {
        queries::remove_territory(tx, place.id).await?;
    }
    for place in to.territories.iter().filter(|place| !from.territories.contains(place)) {
        queries::carried::put_territory(tx, place).await?;
    }
    for host in from.hosts.iter().filter(|host| !to.hosts.contains(host)) {
        queries::carried::remove_host(tx, host.id).await?;
    }
    for host in to.hosts.iter().filter(|host| !from.hosts.contains(host)) {
        queries::carried::put_host(tx, host).await?;
    }
    for term in from.terms.iter().filter(|term| !to.terms.iter().any(|t| t.id == term.id)) {
        queries::carried::remove_term(tx, term.id).await?;
    }
    for term in to.terms.iter().filter(|term| !from.terms.contains(term)) {
        if from.terms.iter().any(|t| t.id == term.id) {
            queries::change_term(tx, term).await?;
        } else {
            queries::add_term(tx, term).await?;
        }
    }
    tx.site_changed();
    Ok(())
}

/// Takes an alliance off the record with all that [`insert`] wrote. What else hangs on it makes this fail.
pub async fn remove(tx: &mut Tx, id: AllianceId) -> sqlx::Result<()> {
    queries::carried::remove(tx, id).await?;
    tx.site_changed();
    Ok(())
}
