//! An import is taken back: what it entered leaves the record, what it changed gets back what it had, in one
//! transaction.
//!
//! It refuses every record that is not as the import left it.
use super::{
    ImportId, Kind, Outcome, Run, apply,
    queries::{self, StoredRow},
};
use crate::{
    alliances::{AllianceId, carried as local},
    audit,
    db::Tx,
    kernel::{Timestamp, digest},
    members::{
        OrganizationId,
        carried::{self, Kept},
    },
    staff::Staff,
};
use std::collections::{HashMap, HashSet};

pub(super) fn fingerprint(json: &str) -> String {
    digest(json)
}

/// One record that an import wrote.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) record: String,
    pub(super) name: String,
    /// The rows that are about it, in the order of the file.
    pub(super) rows: Vec<i64>,
    /// Whether the import entered it.
    pub(super) made: bool,
    /// The record before the first of those rows, JSON.
    before: Option<String>,
    after: Option<String>,
    /// Why it can't be taken back.
    pub(super) held: Option<&'static str>,
}

/// Everything that an import wrote, and what of it can't be taken back.
pub(super) async fn look(tx: &mut Tx, run: &Run) -> sqlx::Result<Vec<Written>> {
    let mut all = written(run.kind, queries::done(tx, run.id).await?);
    let ids: Vec<String> = all.iter().map(|one| one.record.clone()).collect();
    let prints = apply::fingerprints(tx, run.kind, &ids).await?;
    let named = if run.kind == Kind::Organizations { local::naming(tx).await? } else { HashSet::new() };
    for one in &mut all {
        let now = prints.get(&one.record);
        let is_named = || one.record.parse::<OrganizationId>().is_ok_and(|id| named.contains(&id));
        one.held = match now {
            None => Some("It is no longer on record."),
            Some(_) if now != one.after.as_ref() => Some("It was changed since."),
            Some(_) if one.made && is_named() => Some("An alliance names it."),
            Some(_) => None,
        };
    }
    Ok(all)
}

fn written(kind: Kind, rows: Vec<StoredRow>) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    let mut places = HashMap::new();
    for row in rows {
        let Some(record) = row.record_id else { continue };
        let at = *places.entry(record.clone()).or_insert_with(|| {
            all.push(Written {
                record,
                name: row.record_name.unwrap_or(row.name),
                rows: Vec::new(),
                made: kind != Kind::Contacts && row.outcome == Some(Outcome::Made),
                before: row.before,
                after: None,
                held: None,
            });
            all.len() - 1
        });
        all[at].rows.push(row.row_number);
        all[at].after = row.after;
    }
    all
}

/// What was taken back.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub(super) struct Undone {
    #[serde(rename = "taken off the record")]
    pub(super) removed: usize,
    #[serde(rename = "given back what they had")]
    pub(super) restored: usize,
    #[serde(rename = "kept as they are")]
    pub(super) kept: usize,
    #[serde(rename = "sequence returned")]
    pub(super) returned: bool,
}

/// Takes back all that is not held. `return_sequence` lets the admission numbers go on where they were.
pub(super) async fn undo(
    tx: &mut Tx,
    run: &Run,
    all: &[Written],
    return_sequence: bool,
    staff: &Staff,
    now: Timestamp,
) -> sqlx::Result<Undone> {
    let mut done = Undone::default();
    let (actor, kind) = (staff.actor(), if run.kind == Kind::Alliances { "alliance" } else { "organization" });
    for one in all {
        if let Some(why) = one.held {
            done.kept += 1;
            queries::mark(tx, run.id, &one.record, Outcome::Kept, Some(why)).await?;
            continue;
        }
        if one.made {
            remove(tx, run.kind, &one.record).await?;
            done.removed += 1;
        } else {
            restore(tx, run.kind, one, now).await?;
            done.restored += 1;
        }
        let told = serde_json::json!({ "name": one.name, "import": run.file_name });
        audit::record(tx, &actor, "take back an import", (kind, &one.record), Some(&told), None::<&()>, now).await?;
        queries::mark(tx, run.id, &one.record, Outcome::Undone, None).await?;
    }
    if let (true, Some(before), Some(after)) = (return_sequence, run.number_before, run.number_after) {
        done.returned = carried::return_sequence(tx, after, before).await?;
    }
    queries::recount_outcomes(tx, run.id).await?;
    queries::set_undone(tx, run.id, &staff.name, now).await?;
    let id: ImportId = run.id;
    audit::record(tx, &actor, "undo", ("import", &id.to_string()), None::<&()>, Some(&done), now).await?;
    Ok(done)
}

async fn remove(tx: &mut Tx, kind: Kind, record: &str) -> sqlx::Result<()> {
    match kind {
        Kind::Alliances => local::remove(tx, record.parse().map_err(unreadable)?).await,
        _ => carried::remove(tx, record.parse().map_err(unreadable)?).await,
    }
}

async fn restore(tx: &mut Tx, kind: Kind, one: &Written, now: Timestamp) -> sqlx::Result<()> {
    let before = one.before.as_deref().unwrap_or_default();
    if kind == Kind::Alliances {
        let id: AllianceId = one.record.parse().map_err(unreadable)?;
        let before = serde_json::from_str(before).map_err(unreadable)?;
        let Some(current) = local::kept(tx, id).await? else { return Ok(()) };
        return local::put(tx, &current, &before).await;
    }
    let id: OrganizationId = one.record.parse().map_err(unreadable)?;
    let before: Kept = serde_json::from_str(before).map_err(unreadable)?;
    let current = carried::kept(tx, &[id]).await?.remove(&id);
    match current {
        Some(current) => carried::put(tx, &current, &before, now).await,
        None => Ok(()),
    }
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
