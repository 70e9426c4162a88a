//! A checked file is applied: row after row in the order of the file, some hundred to a transaction, each marked in
//! the transaction that writes it, so that a restart goes on after the last one and doubles nothing.
//!
//! A row whose fate is another than its dry run said is not applied and says so.
use super::{
    Fate, ImportId, Kind, Outcome, Run, RunState,
    cells::number_of,
    giving, kind_of,
    plan::{self, Brought, Sight, Typed, World},
    queries::{self, StoredRow},
    undo::fingerprint,
};
use crate::{
    alliances::{AllianceId, carried as local},
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::Timestamp,
    members::{
        OrganizationId,
        carried::{self, Author, Change, Matching, add_contact, merge},
    },
    staff::Staff,
    web::{Error, Form, Mood, redirect_saying},
    work::{self, Job, JobError},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use futures_util::future::BoxFuture;
use serde::Deserialize;

/// Rows of one transaction: others write between two.
const AT_ONCE: i64 = 250;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/run", post(begin))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typing {
    matching: String,
}

async fn begin(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<ImportId>,
    Form(typed): Form<Typing>,
) -> Result<Response, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let matching: Matching = typed.matching.parse().unwrap_or(Matching::Leave);
    let path = format!("{}/{id}", super::list::PATH);
    Ok(match begin_applying(&app, &staff, id, matching).await? {
        Ok(()) => redirect_saying(path, Mood::Good, "The import is being applied. It goes on if you leave this page."),
        Err(reason) => redirect_saying(path, Mood::Warn, reason),
    })
}

/// Lets the applying of a checked file begin; the sentence says why it can't.
pub async fn begin_applying(
    app: &App,
    staff: &Staff,
    id: ImportId,
    matching: Matching,
) -> Result<Result<(), &'static str>, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if run.kind.is_giving() && queries::applied_since(&mut tx, &run).await? {
        return Ok(Err(
            "Another file like it was applied since this one was tried, or taken back. Match its columns once more, to try it anew.",
        ));
    }
    if !queries::begin_applying(&mut tx, id, matching, staff, now).await? {
        return Ok(Err(match run.state {
            RunState::Applying | RunState::Applied => "It is applied already; nothing is entered twice.",
            _ => "It can’t be applied as it is now.",
        }));
    }
    let (record, after) = (id.to_string(), serde_json::json!({ "rows on record already": matching.label() }));
    audit::record(&mut tx, &staff.actor(), "apply", ("import", &record), None::<&()>, Some(&after), now).await?;
    work::soon(&mut tx, super::APPLY, &record, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(Ok(()))
}

pub(super) fn job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let Ok(id) = job.key.parse::<ImportId>() else { return Err(JobError::Never("it names no import".to_owned())) };
        let run = queries::run(&mut app.db.read().await?, id).await?;
        match run.filter(|run| run.state == RunState::Applying) {
            Some(run) if run.kind.is_giving() => giving::apply(&app, &job, &run).await,
            Some(_) => {
                while apply_some(&app, &job, id).await? {}
                Ok(())
            }
            None => Ok(()),
        }
    })
}

/// Applies the next rows; `false` when none was left.
async fn apply_some(app: &App, job: &Job, id: ImportId) -> Result<bool, JobError> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    // Whoever else works on it waits here, and then sees what is done.
    let Some(run) = queries::hold(&mut tx, id).await?.filter(|run| run.state == RunState::Applying) else {
        return Ok(false);
    };
    let matching = run.matching.unwrap_or(Matching::Leave);
    if run.kind == Kind::Organizations && run.number_before.is_none() {
        let highest = queries::new_cells(&mut tx, id).await?.iter().filter_map(|cells| number_of(cells)).max();
        let (before, after) = carried::sequence(&mut tx, highest).await?;
        queries::set_numbers(&mut tx, id, before, after).await?;
    }
    let rows = queries::waiting(&mut tx, id, AT_ONCE).await?;
    if rows.is_empty() {
        queries::advance(&mut tx, id, RunState::Applying, RunState::Applied, now).await?;
        let outcomes = queries::recount_outcomes(&mut tx, id).await?;
        audit::record(&mut tx, &actor(&run), "finish", ("import", &id.to_string()), None::<&()>, Some(&outcomes), now).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let today = app.coalition.get().zone().day(now);
    let mut world = World::read(&mut tx, &run, today).await?;
    world.fresh = queries::made(&mut tx, id).await?.iter().filter_map(|id| id.parse().ok()).collect();
    let typed: Vec<Typed> = rows.iter().map(|row| serde_json::from_str(&row.cells).unwrap_or_default()).collect();
    let sights: Vec<Sight> = typed.iter().map(|typed| plan::sight(&world, run.kind, typed)).collect();
    plan::look_up(&mut tx, &mut world, &sights).await?;
    let mut hand = Hand { run: &run, matching, now };
    let mut done = Vec::with_capacity(rows.len());
    for (mut row, sight) in rows.into_iter().zip(&sights) {
        hand.apply(&mut tx, &mut world, &mut row, sight).await?;
        done.push(row);
    }
    hand.finish(&mut tx, &mut done).await?;
    let (fates, so_far) = (run.fates, queries::recount_outcomes(&mut tx, id).await?);
    let count = so_far.made + so_far.changed + so_far.stayed + so_far.refused;
    work::progress(&mut tx, job.id, count, fates.fresh + fates.matches, &run.file_name).await?;
    tx.commit().await?;
    Ok(true)
}

/// Who applied it, for the audit.
pub(super) fn actor(run: &Run) -> Actor {
    Actor { kind: "staff", id: run.applied_by_id.clone().unwrap_or_default(), name: run.applied_by.clone().unwrap_or_default() }
}

/// What applies rows.
struct Hand<'a> {
    run: &'a Run,
    matching: Matching,
    now: Timestamp,
}

impl Hand<'_> {
    async fn apply(&mut self, tx: &mut Tx, world: &mut World, row: &mut StoredRow, sight: &Sight) -> sqlx::Result<()> {
        let before = match (&sight.brought, &sight.target) {
            (Some(Brought::Contact(contact)), _) => world.organizations.get(&contact.organization).cloned(),
            _ => None,
        };
        let plan = plan::plan(world, sight);
        let same_record = row.fate == Fate::New || row.record_id == plan.record.as_ref().map(|(id, _)| id.clone());
        if plan.fate != row.fate || !same_record {
            row.outcome = Some(Outcome::Refused);
            row.outcome_why = Some(format!("Since its dry run something changed: {}", plan.reason));
            return Ok(());
        }
        match (&sight.brought, row.fate) {
            (Some(Brought::Organization(carried)), Fate::New) => {
                let mut carried = carried.as_ref().clone();
                carried.category_id = carried.category_id.or(world.category);
                let author = self.author(world);
                let id = carried::insert(tx, &mut world.index, &carried, &author).await?;
                let after =
                    serde_json::json!({ "name": carried.name, "number": carried.number, "admitted on": carried.admitted_on });
                self.made(tx, row, ("organization", &id.to_string()), &carried.name, &after).await?;
            }
            (Some(Brought::Organization(carried)), _) => {
                let Some(kept) = plan.record.and_then(|(id, _)| world.organizations.get(&id.parse().ok()?).cloned()) else {
                    return Ok(());
                };
                let index = &mut world.index;
                let merged = merge(&kept, carried, self.matching, world.today, |name| index.take_slug(name)).kept;
                self.change_organization(tx, world, row, &kept, &merged).await?;
            }
            (Some(Brought::Contact(contact)), fate) => {
                let Some(kept) = before else { return Ok(()) };
                let mut merged = kept.clone();
                let matching = if fate == Fate::New { Matching::Replace } else { self.matching };
                if matching != Matching::Leave
                    && let Err(reason) = add_contact(&mut merged, &contact.contact, matching, contact.from)
                {
                    row.outcome = Some(Outcome::Refused);
                    row.outcome_why = Some(reason);
                    return Ok(());
                }
                self.change_organization(tx, world, row, &kept, &merged).await?;
                if fate == Fate::New && row.outcome == Some(Outcome::Changed) {
                    row.outcome = Some(Outcome::Made);
                }
            }
            (Some(Brought::Alliance(carried)), Fate::New) => {
                let by = self.run.applied_by.as_deref().unwrap_or_default();
                let id = local::insert(tx, carried, by, &self.run.cause(), world.today, self.now).await?;
                let after = serde_json::json!({ "name": carried.name, "launched on": carried.launched_on });
                self.made(tx, row, ("alliance", &id.to_string()), &carried.name, &after).await?;
            }
            (Some(Brought::Alliance(carried)), _) => {
                let kept = plan.record.and_then(|(id, _)| world.local.get(&id.parse().ok()?).cloned());
                let Some(kept) = kept else { return Ok(()) };
                let (merged, _) = local::merge(&kept, carried, self.matching, world.today);
                if merged == kept {
                    row.outcome = Some(Outcome::Left);
                    return Ok(());
                }
                local::put(tx, &kept, &merged).await?;
                let called = |id| world.index.get(id).map_or_else(String::new, |known| known.name.clone());
                let changes = local::changes(&kept, &merged, called);
                self.changed(tx, row, "alliance", json(&kept)?, &changes).await?;
            }
            (None, _) => {}
        }
        Ok(())
    }

    fn author(&self, world: &World) -> Author {
        Author {
            name: self.run.applied_by.clone().unwrap_or_default(),
            today: world.today,
            now: self.now,
            reason: self.run.cause(),
        }
    }

    async fn change_organization(
        &self,
        tx: &mut Tx,
        world: &mut World,
        row: &mut StoredRow,
        kept: &carried::Kept,
        merged: &carried::Kept,
    ) -> sqlx::Result<()> {
        if merged == kept {
            row.outcome = Some(Outcome::Left);
            return Ok(());
        }
        carried::put(tx, kept, merged, self.now).await?;
        world.organizations.insert(kept.own.id, merged.clone());
        let changes = carried::changes(kept, merged, &world.categories);
        self.changed(tx, row, "organization", json(kept)?, &changes).await
    }

    async fn made(
        &self,
        tx: &mut Tx,
        row: &mut StoredRow,
        record: (&str, &str),
        name: &str,
        after: &serde_json::Value,
    ) -> sqlx::Result<()> {
        row.outcome = Some(Outcome::Made);
        row.record_id = Some(record.1.to_owned());
        row.record_name = Some(name.to_owned());
        audit::record(tx, &actor(self.run), "enter by import", record, None::<&()>, Some(after), self.now).await
    }

    async fn changed(
        &self,
        tx: &mut Tx,
        row: &mut StoredRow,
        kind: &str,
        before: String,
        changes: &[Change],
    ) -> sqlx::Result<()> {
        row.outcome = Some(Outcome::Changed);
        row.before = Some(before);
        let told = |side: fn(&Change) -> &String| -> serde_json::Map<String, serde_json::Value> {
            changes.iter().map(|change| (change.what.clone(), side(change).clone().into())).collect()
        };
        let id = row.record_id.clone().unwrap_or_default();
        let (before, after) = (told(|c| &c.before), told(|c| &c.after));
        audit::record(tx, &actor(self.run), "change by import", (kind, &id), Some(&before), Some(&after), self.now).await
    }

    /// Marks the rows, with the records as they now are.
    async fn finish(&self, tx: &mut Tx, rows: &mut [StoredRow]) -> sqlx::Result<()> {
        let written: Vec<String> = rows
            .iter()
            .filter(|row| matches!(row.outcome, Some(Outcome::Made | Outcome::Changed)))
            .filter_map(|row| row.record_id.clone())
            .collect();
        let prints = fingerprints(tx, self.run.kind, &written).await?;
        for row in rows {
            row.outcome = row.outcome.or(Some(Outcome::Refused));
            if matches!(row.outcome, Some(Outcome::Made | Outcome::Changed)) {
                row.after = row.record_id.as_ref().and_then(|id| prints.get(id).cloned());
            }
            queries::conclude(tx, self.run.id, row).await?;
        }
        Ok(())
    }
}

/// The fingerprint of each of these records that is there.
pub(super) async fn fingerprints(
    tx: &mut Tx,
    kind: Kind,
    ids: &[String],
) -> sqlx::Result<std::collections::HashMap<String, String>> {
    let mut prints = std::collections::HashMap::new();
    if kind == Kind::Alliances {
        for id in ids.iter().filter_map(|id| id.parse::<AllianceId>().ok()) {
            if let Some(kept) = local::kept(tx, id).await? {
                prints.insert(id.to_string(), fingerprint(&json(&kept)?));
            }
        }
    } else {
        let ids: Vec<OrganizationId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        for (id, kept) in carried::kept(tx, &ids).await? {
            prints.insert(id.to_string(), fingerprint(&json(&kept)?));
        }
    }
    Ok(prints)
}

pub(super) fn json(kept: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(kept).map_err(|error| sqlx::Error::Encode(error.into()))
}
