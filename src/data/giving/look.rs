//! What taking an import of donors or gifts back would do, and what would stay, and why. Nothing is written of it but
//! what was found of a long one.
use crate::{
    app::App,
    data::{ImportId, Kind, Run, RunState, queries, queries::Founded},
    db::Tx,
    donors::{self, DonorId, carried_back::Changed},
    gifts::{self, GiftId},
    work::{self, Job, JobError, JobId},
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Rows looked at together.
const AT_ONCE: i64 = 2_000;
/// What is named one by one.
const NAMED: usize = 100;

/// What taking back would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Look {
    pub(super) gifts: i64,
    /// What they come to, in smallest units, by the currency's code.
    pub(super) sums: BTreeMap<String, i64>,
    /// Donors who leave the record.
    pub(super) donors: i64,
    /// Donors who get back what they had.
    pub(super) restored: i64,
    /// How many stay for each reason.
    pub(super) gifts_stay: BTreeMap<String, i64>,
    pub(super) donors_stay: BTreeMap<String, i64>,
    /// The first of those who stay.
    pub(super) named: Vec<Stays>,
}

/// A record that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stays {
    /// `gifts` or `donors`: where it has its page.
    pub(super) folder: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) why: String,
}

impl Look {
    pub(super) fn stay(&self) -> i64 {
        self.gifts_stay.values().chain(self.donors_stay.values()).sum()
    }

    fn keep(&mut self, folder: &str, id: String, name: String, why: String) {
        let stay = if folder == "gifts" { &mut self.gifts_stay } else { &mut self.donors_stay };
        *stay.entry(why.clone()).or_default() += 1;
        if self.named.len() < NAMED {
            self.named.push(Stays { folder: folder.to_owned(), id, name, why });
        }
    }
}

/// The job that looks, of which it is told how far it is.
struct Way {
    job: JobId,
    all: i64,
}

impl Way {
    async fn tell(&self, app: &App, done: i64, note: &str) -> sqlx::Result<()> {
        let mut tx = app.db.write().await?;
        work::progress(&mut tx, self.job, done, self.all, note).await?;
        tx.commit().await
    }
}

/// Looks at everything an import has entered or changed.
pub(super) async fn look(app: &App, run: &Run) -> sqlx::Result<Look> {
    look_on(app, run, None).await
}

async fn look_on(app: &App, run: &Run, way: Option<Way>) -> sqlx::Result<Look> {
    let (mut look, mut reached, mut done) = (Look::default(), 0, 0);
    let mut go: HashMap<DonorId, i64> = HashMap::new();
    loop {
        let mut tx = app.db.read().await?;
        let rows = queries::applied(&mut tx, (run.id, run.kind), reached, AT_ONCE).await?;
        let Some(last) = rows.last().map(|row| row.row_number) else { break };
        let held: HashMap<String, String> = if run.kind == Kind::Gifts {
            let ids: Vec<GiftId> = rows.iter().filter_map(|row| row.record_id.parse().ok()).collect();
            let sorted = gifts::carried_back::sort(&mut tx, &ids).await?;
            for gift in &sorted.free {
                look.gifts += 1;
                *look.sums.entry(gift.currency.code().to_owned()).or_default() += gift.intended.get();
                *go.entry(gift.donor_id).or_default() += 1;
            }
            sorted.held.into_iter().map(|(id, why)| (id.to_string(), why)).collect()
        } else {
            let all: Vec<Changed> = rows.iter().filter_map(changed).collect();
            let held = donors::carried_back::changed_since(&mut tx, &all).await?;
            look.restored += i64::try_from(all.len() - held.len()).unwrap_or_default();
            held.into_iter().map(|(id, why)| (id.to_string(), why)).collect()
        };
        drop(tx);
        let folder = if run.kind == Kind::Gifts { "gifts" } else { "donors" };
        for row in rows {
            done += 1;
            if let Some(why) = held.get(&row.record_id) {
                look.keep(folder, row.record_id, row.name, why.clone());
            }
        }
        reached = last;
        if let Some(way) = &way {
            way.tell(app, done, &run.file_name).await?;
        }
    }
    let mut after = String::new();
    loop {
        let mut tx = app.db.read().await?;
        let all = queries::founded(&mut tx, run.id, &after, AT_ONCE).await?;
        let Some(last) = all.last() else { break };
        after = last.donor_id.to_string();
        let mut held = reasons(&mut tx, &all, &go).await?;
        look.donors += i64::try_from(all.len() - held.len()).unwrap_or_default();
        let ids: Vec<DonorId> = held.keys().copied().collect();
        let mut stay = donors::by_ids(&mut tx, &ids).await?;
        drop(tx);
        stay.sort_by_key(|donor| donor.id);
        for donor in stay {
            if let Some(why) = held.remove(&donor.id) {
                look.keep("donors", donor.id.to_string(), donor.name, why);
            }
        }
        for (_, why) in held {
            *look.donors_stay.entry(why).or_default() += 1;
        }
        done += i64::try_from(all.len()).unwrap_or_default();
        if let Some(way) = &way {
            way.tell(app, done, &run.file_name).await?;
        }
    }
    Ok(look)
}

/// A row that changed a donor.
pub(super) fn changed(row: &queries::AppliedRow) -> Option<Changed> {
    let read = |json: &Option<String>| serde_json::from_str(json.as_deref()?).ok();
    Some(Changed { id: row.record_id.parse().ok()?, before: read(&row.before)?, after: read(&row.after)? })
}

/// Why donors whom an import entered stay, as far as they do; `go` says how many gifts of each are to go.
pub(super) async fn reasons(tx: &mut Tx, all: &[Founded], go: &HashMap<DonorId, i64>) -> sqlx::Result<HashMap<DonorId, String>> {
    let ids: Vec<DonorId> = all.iter().map(|one| one.donor_id).collect();
    let entered: Vec<_> = all.iter().map(|one| (one.donor_id, one.print.clone())).collect();
    let mut held = gifts::carried_back::donors_held(tx, &ids).await?;
    for (id, count) in gifts::carried_back::counts_of(tx, &ids).await? {
        if count > go.get(&id).copied().unwrap_or_default() {
            held.insert(id, "There are other gifts, or gifts that stay.".to_owned());
        }
    }
    // What is known of the donor itself says more.
    held.extend(donors::carried_back::held(tx, &entered).await?);
    Ok(held)
}

pub(in crate::data) fn look_job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let Ok(id) = job.key.parse::<ImportId>() else { return Err(JobError::Never("it names no import".to_owned())) };
        let mut tx = app.db.read().await?;
        let run = queries::run(&mut tx, id).await?.filter(|run| run.state == RunState::Applied);
        let Some(run) = run else { return Ok(()) };
        let all = run.outcomes.made + run.outcomes.changed + run.donors_made;
        drop(tx);
        let found = look_on(&app, &run, Some(Way { job: job.id, all })).await?;
        let found = serde_json::to_string(&found).map_err(|error| JobError::Never(error.to_string()))?;
        let mut tx = app.db.write().await?;
        queries::see(&mut tx, id, &found, app.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    })
}
