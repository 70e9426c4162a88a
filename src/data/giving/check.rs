//! The dry run of donors and gifts: a stretch of rows at a time, so that a file of any length takes the memory of its
//! donors' names and no more.
use super::rows::{self, Brought, Ground, Sight};
use crate::{
    app::App,
    audit::{self, Actor},
    data::{
        Fate, Run, RunState,
        plan::Typed,
        queries::{self, StoredRow},
        table::{self, Rows},
    },
    donors::{
        DonorId,
        carried::{Index, name_key},
    },
    gifts::{self, GiftId},
    kernel::{Cents, Day, Email, Timestamp},
    members::carried::Change,
    work::{self, Job, JobError},
};
use std::collections::HashMap;

/// Rows looked at together, and written in one transaction.
const AT_ONCE: usize = 2_000;

/// What the rows before have brought.
struct Before {
    now: Timestamp,
    donors: Index,
    /// The row that has this number of another system, or this donor.
    seen: HashMap<String, i64>,
    /// How many gifts on record like it rows were taken for.
    matched: HashMap<(DonorId, Day, Cents), i64>,
}

/// What of the record the rows of a stretch are compared with.
#[derive(Default)]
struct OnRecord {
    named: HashMap<String, GiftId>,
    alike: HashMap<(DonorId, Day, Cents), i64>,
}

/// Tries a whole file.
pub(in crate::data) async fn check(app: &App, job: &Job, run: &Run) -> Result<(), JobError> {
    let bytes = app.files.get(&run.file).await.map_err(|error| JobError::Again(format!("the file can’t be read: {error}")))?;
    let text = table::letters(&bytes, run.charset).map_err(JobError::Never)?;
    let mut file = Rows::open(&text).map_err(JobError::Never)?.at_most(run.kind.most_rows());
    let (now, coalition) = (app.clock.now(), app.coalition.get());
    let ground = Ground::read(&mut app.db.read().await?, coalition.zone().day(now), coalition.currency).await?;
    while queries::forget_rows(app, run.id).await? {}
    let mut before = Before { now, donors: Index::default(), seen: HashMap::new(), matched: HashMap::new() };
    let (columns, mut count) = (run.columns(), 0);
    loop {
        let mut stretch = Vec::with_capacity(AT_ONCE);
        for row in file.by_ref().take(AT_ONCE) {
            let row = row.map_err(JobError::Never)?;
            let beyond = row.cells.iter().skip(columns.len()).any(|cell| !cell.is_empty());
            let typed = columns.iter().cloned().zip(row.cells).filter(|(field, cell)| !field.is_empty() && !cell.is_empty());
            let typed: Typed = typed.collect();
            let mut sight = rows::read(&ground, run.kind, &typed);
            if beyond {
                sight.brought = Err(vec!["It has more cells than there are headings.".to_owned()]);
            }
            stretch.push((row.number, typed, sight));
        }
        if stretch.is_empty() {
            break;
        }
        let on_record = look_up(app, &mut before, &stretch).await?;
        let mut planned = Vec::with_capacity(stretch.len());
        for (number, typed, sight) in &stretch {
            planned.push(plan(&mut before, &on_record, *number, typed, sight).map_err(|e| JobError::Never(e.to_string()))?);
        }
        count += i64::try_from(planned.len()).unwrap_or_default();
        let mut tx = app.db.write().await?;
        if queries::hold(&mut tx, run.id).await?.is_none_or(|run| run.state != RunState::Checking) {
            return Ok(());
        }
        queries::insert_rows(&mut tx, run.id, &planned).await?;
        work::progress(&mut tx, job.id, count, 0, &run.file_name).await?;
        tx.commit().await?;
    }
    let mut tx = app.db.write().await?;
    if queries::advance(&mut tx, run.id, RunState::Checking, RunState::Checked, app.clock.now()).await? {
        let counts = queries::recount_fates(&mut tx, run.id).await?;
        audit::record(&mut tx, &Actor::system(), "try", ("import", &run.id.to_string()), None::<&()>, Some(&counts), now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads the donors on record that these rows may be about, and the gifts they may be.
async fn look_up(app: &App, before: &mut Before, stretch: &[(i64, Typed, Sight)]) -> sqlx::Result<OnRecord> {
    let brought: Vec<&Brought> = stretch.iter().filter_map(|(_, _, sight)| sight.brought.as_ref().ok()).collect();
    let (emails, names) = known_by(&brought);
    let mut tx = app.db.read().await?;
    before.donors.read(&mut tx, &emails, &names).await?;
    let given: Vec<_> = brought.iter().filter_map(|b| Some((&b.who, b.given.as_ref()?))).collect();
    let called: Vec<&str> = given.iter().filter_map(|(_, given)| given.called.as_deref()).collect();
    let mut donors: Vec<DonorId> = given
        .iter()
        .filter_map(|(who, _)| before.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()))
        .filter(|(known, _)| !known.fresh)
        .map(|(known, _)| known.id)
        .collect();
    donors.sort_unstable();
    donors.dedup();
    let days = || given.iter().map(|(_, given)| given.on);
    let alike = match days().min().zip(days().max()) {
        Some((from, to)) if !donors.is_empty() => gifts::carried::alike(&mut tx, &donors, from, to).await?,
        _ => HashMap::new(),
    };
    Ok(OnRecord { named: gifts::carried::named(&mut tx, &called).await?, alike })
}

/// The addresses and the folded names by which the donors of these rows are known.
pub(super) fn known_by(brought: &[&Brought]) -> (Vec<Email>, Vec<String>) {
    let mut emails: Vec<Email> = brought.iter().filter_map(|b| b.who.email.clone()).collect();
    let mut names: Vec<String> = brought.iter().filter(|b| b.who.email.is_none()).map(|b| name_key(&b.who.name)).collect();
    emails.sort_unstable();
    emails.dedup();
    names.sort_unstable();
    names.dedup();
    (emails, names)
}

/// A row's fate.
fn plan(before: &mut Before, on_record: &OnRecord, number: i64, typed: &Typed, sight: &Sight) -> serde_json::Result<StoredRow> {
    let mut row = StoredRow {
        row_number: number,
        cells: serde_json::to_string(typed)?,
        fate: Fate::Refused,
        name: sight.name.clone(),
        changes: "[]".to_owned(),
        notes: "[]".to_owned(),
        reason: String::new(),
        record_id: None,
        record_name: None,
        outcome: None,
        outcome_why: None,
        before: None,
        after: None,
        planned_id: None,
    };
    let brought = match &sight.brought {
        Ok(brought) => brought,
        Err(reasons) => {
            row.reason = reasons.join(" ");
            return Ok(row);
        }
    };
    let who = &brought.who;
    let key = match (&brought.given, &who.email) {
        (Some(given), _) => given.called.as_ref().map(|called| format!("gift {called}")),
        (None, Some(email)) => Some(format!("donor {email}")),
        (None, None) => Some(format!("donor {} {}", name_key(&who.name), who.address.as_deref().unwrap_or_default())),
    };
    if let Some(first) = key.as_ref().and_then(|key| before.seen.get(key)) {
        let what = if brought.given.is_some() { "number" } else { "donor" };
        row.reason = format!("Row {first} of this file has the same {what}.");
        return Ok(row);
    }
    before.seen.extend(key.map(|key| (key, number)));
    let known = before.donors.find(&who.name, who.email.as_ref(), who.address.as_deref()).map(|(known, by)| (known.clone(), by));
    let planned = DonorId::new();
    row.record_name = Some(known.as_ref().map_or(&who.name, |(known, _)| &known.name).clone());
    if let Some((known, _)) = known.as_ref().filter(|(known, _)| !known.fresh) {
        row.record_id = Some(known.id.to_string());
    } else if known.is_none() {
        before.donors.add(&who.donor(planned, before.now), true);
    }
    let Some(given) = &brought.given else {
        donor_row(&mut row, who, known, planned)?;
        return Ok(row);
    };
    let on_record_as = given.called.as_ref().and_then(|called| on_record.named.get(called));
    if let Some(gift) = on_record_as {
        row.fate = Fate::Matches;
        "A gift of this number is on record. It is left as it is.".clone_into(&mut row.reason);
        row.record_id = Some(gift.to_string());
        return Ok(row);
    }
    if let Some((known, _)) = known.as_ref().filter(|(known, _)| !known.fresh && given.called.is_none()) {
        let what = (known.id, given.on, given.amount);
        let matched = before.matched.entry(what).or_default();
        if *matched < on_record.alike.get(&what).copied().unwrap_or_default() {
            *matched += 1;
            row.fate = Fate::Matches;
            "A gift of this donor, day and amount is on record. It is left as it is.".clone_into(&mut row.reason);
            return Ok(row);
        }
    }
    row.fate = Fate::New;
    row.planned_id = Some(GiftId::new().to_string());
    row.reason = match known {
        None => "A new donor’s gift.".to_owned(),
        Some((known, _)) if known.fresh => "A gift of a donor whom an earlier row brings.".to_owned(),
        Some((_, by)) => format!("The donor is known by {by}."),
    };
    Ok(row)
}

/// The fate of a row that brings a donor and no gift.
fn donor_row(
    row: &mut StoredRow,
    who: &rows::Who,
    known: Option<(crate::donors::carried::Known, &'static str)>,
    planned: DonorId,
) -> serde_json::Result<()> {
    let Some((known, by)) = known else {
        row.fate = Fate::New;
        row.planned_id = Some(planned.to_string());
        "Nobody on record is this donor.".clone_into(&mut row.reason);
        return Ok(());
    };
    row.fate = Fate::Matches;
    row.reason = format!("Known by {by}.");
    let change = |what: &str, before: &str, after: &str| Change {
        what: what.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let mut changes = Vec::new();
    if known.name != who.name {
        changes.push(change("Name", &known.name, &who.name));
    }
    if let Some(address) = who.address.as_deref().filter(|address| known.address.as_deref() != Some(*address)) {
        changes.push(change("Postal address", known.address.as_deref().unwrap_or_default(), address));
    }
    row.changes = serde_json::to_string(&changes)?;
    Ok(())
}
