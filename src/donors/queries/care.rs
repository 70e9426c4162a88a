use crate::{
    db::{Tx, on},
    donors::{
        DonorId,
        care::{More, Note, NoteId, Task, TaskId},
    },
    kernel::{Day, Email, Timestamp},
    staff::StaffId,
};
use sqlx::AssertSqlSafe;

pub async fn more_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<More> {
    let more: Option<More> = on!(tx, conn => sqlx::query_as(
        "select phone, greeting, deceased_on, no_mail, no_email, no_phone from donor where id = $1")
        .bind(id)
        .fetch_optional(conn).await)?;
    Ok(more.unwrap_or_default())
}

pub(in crate::donors) async fn put_more(tx: &mut Tx, id: DonorId, more: &More) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update donor set phone = $2, greeting = $3, deceased_on = $4, no_mail = $5, no_email = $6, no_phone = $7 where id = $1")
        .bind(id).bind(&more.phone).bind(&more.greeting).bind(more.deceased_on)
        .bind(more.no_mail).bind(more.no_email).bind(more.no_phone)
        .execute(conn).await.map(drop))
}

/// Every address at which a donor could be written to, the former ones too.
pub(in crate::donors) async fn all_emails(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<Email>> {
    on!(tx, conn => sqlx::query_scalar(
        "select email from donor where (id = $1 or merged_into = $1) and email is not null
         union select email from donor_other_email where donor_id = $1")
        .bind(id)
        .fetch_all(conn).await)
}

pub async fn tags_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select tag from donor_tag where donor_id = $1 order by tag").bind(id).fetch_all(conn).await)
}

/// Every tag that somebody has.
pub async fn tags(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select distinct tag from donor_tag order by tag limit 500").fetch_all(conn).await)
}

/// Makes these a donor's tags, and no others.
pub async fn set_tags(tx: &mut Tx, id: DonorId, tags: &[String]) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("delete from donor_tag where donor_id = $1").bind(id).execute(conn).await.map(drop))?;
    if tags.is_empty() {
        return Ok(());
    }
    on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("insert into donor_tag (donor_id, tag) ");
        query.push_values(tags, |mut row, tag| {
            row.push_bind(id).push_bind(tag.as_str());
        });
        query.build().execute(conn).await.map(drop)
    })
}

pub async fn add_note(tx: &mut Tx, donor: DonorId, (day, words): (Day, &str), who: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into donor_note (id, donor_id, day, words, written_at, written_by) values ($1, $2, $3, $4, $5, $6)")
        .bind(NoteId::new()).bind(donor).bind(day).bind(words).bind(now).bind(who)
        .execute(conn).await.map(drop))
}

/// The newest notes about a donor.
pub async fn notes_of(tx: &mut Tx, donor: DonorId, most: i64) -> sqlx::Result<Vec<Note>> {
    on!(tx, conn => sqlx::query_as(
        "select id, day, words, written_by from donor_note where donor_id = $1 order by day desc, id desc limit $2")
        .bind(donor).bind(most)
        .fetch_all(conn).await)
}

const TASK: &str = "select t.id, t.donor_id, d.name as donor, t.what, t.due_day, t.assignee_id, t.done_at, t.done_by
    from donor_task t join donor d on d.id = t.donor_id";

pub async fn add_task(
    tx: &mut Tx,
    donor: DonorId,
    (what, due, assignee): (&str, Day, StaffId),
    who: &str,
    now: Timestamp,
) -> sqlx::Result<TaskId> {
    let id = TaskId::new();
    on!(tx, conn => sqlx::query(
        "insert into donor_task (id, donor_id, what, due_day, assignee_id, made_at, made_by) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id).bind(donor).bind(what).bind(due).bind(assignee).bind(now).bind(who)
        .execute(conn).await.map(drop))?;
    Ok(id)
}

/// A donor's tasks: the open ones first, by their day.
pub async fn tasks_of(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<Task>> {
    let sql = format!(
        "{TASK} where t.donor_id = $1 order by (case when t.done_at is null then 0 else 1 end), t.due_day, t.id limit 100"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).fetch_all(conn).await)
}

/// The open tasks of one assignee or of all, by their day, after the one with this key.
pub async fn open_tasks(tx: &mut Tx, of: Option<StaffId>, after: Option<&str>, most: i64) -> sqlx::Result<Vec<Task>> {
    let (day, id) = after.and_then(|key| key.split_once('~')).unwrap_or_default();
    let sql = format!(
        "{TASK} where t.done_at is null and (cast($1 as text) is null or t.assignee_id = $1) and (t.due_day > $2 or (t.due_day = $2 and t.id > $3))
         order by t.due_day, t.id limit $4"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(of.map(|id| id.to_string())).bind(day).bind(id).bind(most)
        .fetch_all(conn).await)
}

/// How many open tasks of one assignee are due by a day.
pub async fn due_by(tx: &mut Tx, day: Day, of: StaffId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select cast(count(*) as bigint) from donor_task where done_at is null and due_day <= $1 and assignee_id = $2")
        .bind(day).bind(of)
        .fetch_one(conn).await)
}

/// Says that a task is done. Its words, or `None` when it was done already or is not this donor's.
pub async fn finish_task(tx: &mut Tx, donor: DonorId, id: TaskId, who: &str, now: Timestamp) -> sqlx::Result<Option<String>> {
    on!(tx, conn => sqlx::query_scalar(
        "update donor_task set done_at = $3, done_by = $4 where id = $1 and donor_id = $2 and done_at is null returning what")
        .bind(id).bind(donor).bind(now).bind(who)
        .fetch_optional(conn).await)
}
