use crate::{
    alliances::{AllianceId, AllianceState, Grain, Step, StepId, StepKind, Territory, TerritoryId, pipeline},
    db::{Tx, on},
    kernel::{Day, Timestamp},
};

pub(super) async fn territories(tx: &mut Tx, only: Option<&str>) -> sqlx::Result<Vec<Territory>> {
    on!(tx, conn => sqlx::query_as(
        "select id, alliance_id, grain, name, state_code from alliance_territory where ($1 is null or alliance_id = $1) order by id")
        .bind(only)
        .fetch_all(conn).await)
}

pub async fn add_territory(tx: &mut Tx, id: AllianceId, grain: Grain, name: &str, state_code: Option<&str>) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("insert into alliance_territory (id, alliance_id, grain, name, state_code) values ($1, $2, $3, $4, $5)")
        .bind(TerritoryId::new()).bind(id).bind(grain).bind(name).bind(state_code)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn territory(tx: &mut Tx, of: AllianceId, id: TerritoryId) -> sqlx::Result<Option<Territory>> {
    on!(tx, conn => sqlx::query_as("select id, alliance_id, grain, name, state_code from alliance_territory where id = $1 and alliance_id = $2")
        .bind(id).bind(of)
        .fetch_optional(conn).await)
}

pub(in crate::alliances) async fn remove_territory(tx: &mut Tx, id: TerritoryId) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("delete from alliance_territory where id = $1").bind(id).execute(conn).await.map(drop))
}

/// The steps of an alliance, in order.
pub(in crate::alliances) async fn steps(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Vec<Step>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, on_day, note, recorded_by from alliance_step where alliance_id = $1 order by on_day, recorded_at, id")
        .bind(id)
        .fetch_all(conn).await)
}

async fn insert_step(
    tx: &mut Tx,
    id: AllianceId,
    kind: StepKind,
    on: Day,
    note: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into alliance_step (id, alliance_id, kind, on_day, note, recorded_by, recorded_at) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(StepId::new()).bind(id).bind(kind).bind(on).bind(note).bind(by).bind(now)
        .execute(conn).await.map(drop))
}

/// Writes a step and the state that follows from all of them. Whether it may come now is the caller's to ask.
pub async fn take_step(
    tx: &mut Tx,
    id: AllianceId,
    kind: StepKind,
    on: Day,
    note: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<AllianceState> {
    insert_step(tx, id, kind, on, note, by, now).await?;
    let state = pipeline::state(&steps(tx, id).await?);
    set_state(tx, id, state).await?;
    Ok(state)
}

pub(in crate::alliances) async fn set_state(tx: &mut Tx, id: AllianceId, state: AllianceState) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update alliance set state = $2 where id = $1").bind(id).bind(state).execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove_step(tx: &mut Tx, id: StepId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from alliance_step where id = $1").bind(id).execute(conn).await.map(drop))
}
