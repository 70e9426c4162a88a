//! How many rows of an import stand how, kept beside the import.
use super::ImportId;
use crate::{
    data::Outcome,
    db::{Tx, on},
};
use serde::Serialize;

/// How many rows have each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Fates {
    #[serde(rename = "new")]
    pub fresh: i64,
    pub matches: i64,
    pub refused: i64,
    /// Matching rows that would change something.
    #[serde(skip)]
    pub differ: i64,
}

/// How many rows have each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Outcomes {
    #[serde(rename = "entered")]
    pub made: i64,
    pub changed: i64,
    #[serde(rename = "left as they were")]
    pub stayed: i64,
    #[serde(rename = "not applied")]
    #[sqlx(rename = "not_applied")]
    pub refused: i64,
    #[serde(rename = "taken back")]
    pub undone: i64,
    pub kept: i64,
}

impl Outcomes {
    pub(in crate::data) fn of(all: impl Iterator<Item = Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in all {
            *counts.place(outcome) += 1;
        }
        counts
    }

    /// So many rows that had an outcome have others now.
    pub(in crate::data) fn moved(mut self, from: Outcome) -> Self {
        let all = self.made + self.changed + self.stayed + self.refused + self.undone + self.kept;
        *self.place(from) -= all;
        self
    }

    const fn place(&mut self, outcome: Outcome) -> &mut i64 {
        match outcome {
            Outcome::Made => &mut self.made,
            Outcome::Changed => &mut self.changed,
            Outcome::Left => &mut self.stayed,
            Outcome::Refused => &mut self.refused,
            Outcome::Undone => &mut self.undone,
            Outcome::Kept => &mut self.kept,
        }
    }
}

pub async fn fates(tx: &mut Tx, id: ImportId) -> sqlx::Result<Fates> {
    on!(tx, conn => sqlx::query_as("select fresh, matches, refused, differ from import_run where id = $1")
        .bind(id)
        .fetch_one(conn).await)
}

pub async fn outcomes(tx: &mut Tx, id: ImportId) -> sqlx::Result<Outcomes> {
    on!(tx, conn => sqlx::query_as("select made, changed, stayed, not_applied, undone, kept from import_run where id = $1")
        .bind(id)
        .fetch_one(conn).await)
}

/// Counts the fates at the end of a dry run.
pub(in crate::data) async fn recount_fates(tx: &mut Tx, id: ImportId) -> sqlx::Result<Fates> {
    let counted: Fates = on!(&mut *tx, conn => sqlx::query_as(
        "select cast(coalesce(sum(case when fate = 'new' then 1 else 0 end), 0) as bigint) as fresh,
                cast(coalesce(sum(case when fate = 'matches' then 1 else 0 end), 0) as bigint) as matches,
                cast(coalesce(sum(case when fate = 'refused' then 1 else 0 end), 0) as bigint) as refused,
                cast(coalesce(sum(case when fate = 'matches' and changes <> '[]' then 1 else 0 end), 0) as bigint) as differ
         from import_row where import_id = $1")
        .bind(id)
        .fetch_one(conn).await)?;
    on!(tx, conn => sqlx::query("update import_run set fresh = $2, matches = $3, refused = $4, differ = $5 where id = $1")
        .bind(id).bind(counted.fresh).bind(counted.matches).bind(counted.refused).bind(counted.differ)
        .execute(conn).await.map(drop))?;
    Ok(counted)
}

/// Counts the outcomes anew: for imports of the roll, which are not long.
pub(in crate::data) async fn recount_outcomes(tx: &mut Tx, id: ImportId) -> sqlx::Result<Outcomes> {
    let rows: Vec<(Outcome, i64)> = on!(&mut *tx, conn => sqlx::query_as(
        "select outcome, cast(count(*) as bigint) from import_row where import_id = $1 and outcome is not null group by outcome")
        .bind(id)
        .fetch_all(conn).await)?;
    let mut counted = Outcomes::default();
    for (outcome, count) in rows {
        *counted.place(outcome) = count;
    }
    on!(tx, conn => sqlx::query(
        "update import_run set made = $2, changed = $3, stayed = $4, not_applied = $5, undone = $6, kept = $7 where id = $1")
        .bind(id).bind(counted.made).bind(counted.changed).bind(counted.stayed).bind(counted.refused).bind(counted.undone)
        .bind(counted.kept)
        .execute(conn).await.map(drop))?;
    Ok(counted)
}

/// Adds the outcomes of a stretch.
pub(in crate::data) async fn count_outcomes(tx: &mut Tx, id: ImportId, more: &Outcomes) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update import_run set made = made + $2, changed = changed + $3, stayed = stayed + $4, not_applied = not_applied + $5,
                undone = undone + $6, kept = kept + $7 where id = $1")
        .bind(id).bind(more.made).bind(more.changed).bind(more.stayed).bind(more.refused).bind(more.undone).bind(more.kept)
        .execute(conn).await.map(drop))
}
