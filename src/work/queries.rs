//! All SQL of the jobs.
use super::{Job, JobId};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
};

/// A job as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct JobRow {
    pub id: JobId,
    pub kind: String,
    pub key: String,
    pub run_at: Timestamp,
    pub attempts: i64,
    /// A worker has it until then.
    pub held_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    pub error: Option<String>,
    pub done: i64,
    pub total: i64,
    pub note: Option<String>,
}

/// Open and failed jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    pub open: i64,
    pub failed: i64,
}

/// Queues a job for `run_at`; `false` when an open one of this kind and key is there already.
pub async fn enqueue(
    tx: &mut Tx,
    kind: &str,
    key: &str,
    run_at: Timestamp,
    most_attempts: i64,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into job (id, kind, key, run_at, attempts, most_attempts, created_at, done, total)
         values ($1, $2, $3, $4, 0, $5, $6, 0, 0) on conflict do nothing")
        .bind(JobId::new()).bind(kind).bind(key).bind(run_at).bind(most_attempts).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Queues a job for each key, many to a statement; keys that have an open one are passed over.
pub async fn enqueue_all(
    tx: &mut Tx,
    kind: &str,
    keys: &[String],
    run_at: Timestamp,
    most_attempts: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    for some in keys.chunks(500) {
        on!(&mut *tx, conn => {
            let mut insert =
                sqlx::QueryBuilder::new("insert into job (id, kind, key, run_at, attempts, most_attempts, created_at, done, total) ");
            insert.push_values(some, |mut row, key| {
                row.push_bind(JobId::new()).push_bind(kind).push_bind(key).push_bind(run_at).push("0")
                    .push_bind(most_attempts).push_bind(now).push("0").push("0");
            });
            insert.push(" on conflict do nothing").build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Takes the job that has waited longest, and holds it until `held_until`.
///
/// The outer condition repeats the inner one: on PostgreSQL two workers may choose the same job, and
/// the one that waits must look again.
pub async fn take(tx: &mut Tx, now: Timestamp, held_until: Timestamp) -> sqlx::Result<Option<Job>> {
    on!(tx, conn => sqlx::query_as(
        "update job set held_until = $2, attempts = attempts + 1
         where id = (select id from job
                     where finished_at is null and failed_at is null and run_at <= $1 and (held_until is null or held_until <= $1)
                     order by run_at, id limit 1)
           and finished_at is null and failed_at is null and run_at <= $1 and (held_until is null or held_until <= $1)
         returning id, kind, key, attempts, most_attempts, held_until")
        .bind(now).bind(held_until)
        .fetch_optional(conn).await)
}

/// Ends a job well. Only its holder can: `false` when it was meanwhile offered to another.
pub async fn finish(tx: &mut Tx, job: &Job, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update job set finished_at = $3, held_until = null, error = null
         where id = $1 and held_until = $2 and finished_at is null")
        .bind(job.id).bind(job.held_until).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Puts a job off until `run_at`, with the reason.
pub async fn put_off(tx: &mut Tx, job: &Job, run_at: Timestamp, error: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update job set run_at = $3, held_until = null, error = $4 where id = $1 and held_until = $2")
        .bind(job.id).bind(job.held_until).bind(run_at).bind(error)
        .execute(conn).await.map(drop))
}

/// Gives a job back untried: the worker stops before it began.
pub async fn give_back(tx: &mut Tx, job: &Job) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update job set held_until = null, attempts = attempts - 1 where id = $1 and held_until = $2")
        .bind(job.id).bind(job.held_until)
        .execute(conn).await.map(drop))
}

/// Ends a job badly. It stays in the table and waits for a person.
pub async fn fail_for_good(tx: &mut Tx, job: &Job, error: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update job set failed_at = $3, held_until = null, error = $4 where id = $1 and held_until = $2")
        .bind(job.id).bind(job.held_until).bind(now).bind(error)
        .execute(conn).await.map(drop))
}

/// Says how far a long job is, and holds it longer.
pub async fn progress(tx: &mut Tx, id: JobId, done: i64, total: i64, note: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update job set done = $2, total = $3, note = $4 where id = $1")
        .bind(id).bind(done).bind(total).bind(note)
        .execute(conn).await.map(drop))
}

/// Offers a failed job again. `false` when it has not failed.
pub async fn retry(tx: &mut Tx, kind: &str, key: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update job set failed_at = null, attempts = 0, run_at = $3
         where id = (select id from job where kind = $1 and key = $2 and failed_at is not null order by id desc limit 1)
           and failed_at is not null
           and not exists (select 1 from job o where o.kind = $1 and o.key = $2 and o.finished_at is null and o.failed_at is null)")
        .bind(kind).bind(key).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Offers every failed job again; of several failed ones with one key, the newest. Gives how many.
pub async fn retry_all(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    on!(tx, conn => sqlx::query(
        "update job set failed_at = null, attempts = 0, run_at = $1
         where id in (select max(id) from job where failed_at is not null group by kind, key)
           and failed_at is not null
           and not exists (select 1 from job o where o.kind = job.kind and o.key = job.key
                           and o.finished_at is null and o.failed_at is null)")
        .bind(now)
        .execute(conn).await.map(|done| done.rows_affected()))
}

/// How many jobs of one kind are open and failed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KindCount {
    pub kind: String,
    pub open: i64,
    pub failed: i64,
}

/// Two counts over two small indexes: what has ended well is not read.
pub async fn counts(tx: &mut Tx) -> sqlx::Result<Counts> {
    on!(tx, conn => sqlx::query_as(
        "select (select cast(count(*) as bigint) from job where finished_at is null and failed_at is null) as open,
                (select cast(count(*) as bigint) from job where failed_at is not null) as failed")
        .fetch_one(conn).await)
}

/// The same by kind, the kinds with failures first.
pub async fn counts_by_kind(tx: &mut Tx) -> sqlx::Result<Vec<KindCount>> {
    on!(tx, conn => sqlx::query_as(
        "select kind, cast(sum(open) as bigint) as open, cast(sum(failed) as bigint) as failed
         from (select kind, 1 as open, 0 as failed from job where finished_at is null and failed_at is null
               union all
               select kind, 0 as open, 1 as failed from job where failed_at is not null) both_kinds
         group by kind order by 3 desc, kind")
        .fetch_all(conn).await)
}

/// Failed jobs, newest first, older than `before` when it is given.
pub async fn failed(tx: &mut Tx, before: Option<JobId>, most: i64) -> sqlx::Result<Vec<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where failed_at is not null and ($1 is null or id < $1) order by id desc limit $2")
        .bind(before.map(|id| id.to_string())).bind(most)
        .fetch_all(conn).await)
}

/// A failed job.
pub async fn failed_by_id(tx: &mut Tx, id: JobId) -> sqlx::Result<Option<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where id = $1 and failed_at is not null")
        .bind(id)
        .fetch_optional(conn).await)
}

/// Jobs that wait or are being done: those in work first, then in the order they come.
pub async fn open(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where finished_at is null and failed_at is null
         order by case when held_until is null then 1 else 0 end, run_at, id limit $1")
        .bind(most)
        .fetch_all(conn).await)
}

/// The open job of this kind and key: when it will be tried, how far it is.
pub async fn open_by_key(tx: &mut Tx, kind: &str, key: &str) -> sqlx::Result<Option<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where kind = $1 and key = $2 and finished_at is null and failed_at is null")
        .bind(kind).bind(key)
        .fetch_optional(conn).await)
}

/// What ended well lately, newest first.
pub async fn recently_finished(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where finished_at is not null order by id desc limit $1")
        .bind(most)
        .fetch_all(conn).await)
}

/// The newest jobs of one kind.
pub async fn listed(tx: &mut Tx, kind: &str, most: i64) -> sqlx::Result<Vec<JobRow>> {
    on!(tx, conn => sqlx::query_as(
        "select id, kind, key, run_at, attempts, held_until, created_at, finished_at, failed_at, error, done, total, note
         from job where kind = $1 order by id desc limit $2")
        .bind(kind).bind(most)
        .fetch_all(conn).await)
}

/// Whether any job waits to be taken.
pub(super) async fn is_one_due(tx: &mut Tx, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query_scalar::<_, i64>(
        "select cast(count(*) as bigint) from (select id from job
         where finished_at is null and failed_at is null and run_at <= $1 and (held_until is null or held_until <= $1) limit 1) due")
        .bind(now)
        .fetch_one(conn).await.map(|n| n > 0))
}

/// Notes that a period of the calendar has begun; `true` for the one process that was first.
pub(super) async fn begin_period(tx: &mut Tx, kind: &str, period: i64) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into calendar (kind, period) values ($1, $2)
         on conflict (kind) do update set period = excluded.period where calendar.period < excluded.period")
        .bind(kind).bind(period)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
