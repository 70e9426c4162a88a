use crate::{
    alliances::{Activity, ActivityId, AllianceId, FileId, RosterMessageId, RowId},
    db::{Tx, on},
    kernel::{Day, Timestamp},
};
use sqlx::AssertSqlSafe;

const ACTIVITY: &str = "id, alliance_id, kind, title, on_day, place, attendance, notes, shown, recorded_by";

/// What an alliance did and plans, the latest first; with `shown` what visitors may see.
pub(in crate::alliances) async fn activities(tx: &mut Tx, id: AllianceId, shown: bool, most: i64) -> sqlx::Result<Vec<Activity>> {
    let sql = format!(
        "select {ACTIVITY} from alliance_activity where alliance_id = $1 and (shown or not $2) order by on_day desc, id desc limit $3"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(shown).bind(most).fetch_all(conn).await)
}

pub(in crate::alliances) async fn activity(tx: &mut Tx, of: AllianceId, id: ActivityId) -> sqlx::Result<Option<Activity>> {
    let sql = format!("select {ACTIVITY} from alliance_activity where id = $1 and alliance_id = $2");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(of).fetch_optional(conn).await)
}

pub async fn add_activity(tx: &mut Tx, activity: &Activity, now: Timestamp) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into alliance_activity (id, alliance_id, kind, title, on_day, place, attendance, notes, shown, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(activity.id).bind(activity.alliance_id).bind(activity.kind).bind(&activity.title).bind(activity.on_day)
        .bind(&activity.place).bind(activity.attendance).bind(&activity.notes).bind(activity.shown).bind(&activity.recorded_by).bind(now)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn change_activity(tx: &mut Tx, activity: &Activity) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update alliance_activity set kind = $2, title = $3, on_day = $4, place = $5, attendance = $6, notes = $7, shown = $8 where id = $1")
        .bind(activity.id).bind(activity.kind).bind(&activity.title).bind(activity.on_day).bind(&activity.place)
        .bind(activity.attendance).bind(&activity.notes).bind(activity.shown)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove_activity(tx: &mut Tx, id: ActivityId) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("delete from alliance_activity where id = $1").bind(id).execute(conn).await.map(drop))
}

/// One time that the secretariat and an alliance were in touch.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::alliances) struct Contact {
    pub(in crate::alliances) on_day: Day,
    pub(in crate::alliances) note: String,
    pub(in crate::alliances) recorded_by: String,
}

pub(in crate::alliances) async fn contacts(tx: &mut Tx, id: AllianceId, most: i64) -> sqlx::Result<Vec<Contact>> {
    on!(tx, conn => sqlx::query_as(
        "select on_day, note, recorded_by from alliance_contact where alliance_id = $1 order by on_day desc, id desc limit $2")
        .bind(id).bind(most)
        .fetch_all(conn).await)
}

pub async fn add_contact(tx: &mut Tx, id: AllianceId, on: Day, note: &str, by: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into alliance_contact (id, alliance_id, on_day, note, recorded_by, recorded_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(RowId::new()).bind(id).bind(on).bind(note).bind(by).bind(now)
        .execute(conn).await.map(drop))
}

/// One stored file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::alliances) struct AllianceFile {
    pub(in crate::alliances) id: FileId,
    pub(in crate::alliances) file: String,
    pub(in crate::alliances) name: String,
    pub(in crate::alliances) kind: String,
    pub(in crate::alliances) size: i64,
    pub(in crate::alliances) digest: String,
    pub(in crate::alliances) added_by: String,
    pub(in crate::alliances) added_at: Timestamp,
}

const FILE: &str = "id, file, name, kind, size, digest, added_by, added_at";

pub(in crate::alliances) async fn files(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Vec<AllianceFile>> {
    let sql = format!(
        "select {FILE} from alliance_file where alliance_id = $1 and removed_at is null order by added_at desc, id desc limit 200"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

pub(in crate::alliances) async fn file(tx: &mut Tx, of: AllianceId, id: FileId) -> sqlx::Result<Option<AllianceFile>> {
    let sql = format!("select {FILE} from alliance_file where id = $1 and alliance_id = $2 and removed_at is null");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(of).fetch_optional(conn).await)
}

pub(in crate::alliances) async fn add_file(tx: &mut Tx, of: AllianceId, file: &AllianceFile) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into alliance_file (id, alliance_id, file, name, kind, size, digest, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(file.id).bind(of).bind(&file.file).bind(&file.name).bind(&file.kind).bind(file.size).bind(&file.digest)
        .bind(&file.added_by).bind(file.added_at)
        .execute(conn).await.map(drop))
}

pub(in crate::alliances) async fn remove_file(tx: &mut Tx, id: FileId, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update alliance_file set removed_at = $2 where id = $1 and removed_at is null")
        .bind(id).bind(now)
        .execute(conn).await.map(drop))
}

/// What was written to a roster.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::alliances) struct SentMessage {
    pub(in crate::alliances) id: RosterMessageId,
    pub(in crate::alliances) subject: String,
    pub(in crate::alliances) body: String,
    pub(in crate::alliances) recipients: i64,
    pub(in crate::alliances) sent_by: String,
    pub(in crate::alliances) sent_at: Timestamp,
}

pub(in crate::alliances) async fn messages(tx: &mut Tx, of: AllianceId) -> sqlx::Result<Vec<SentMessage>> {
    on!(tx, conn => sqlx::query_as(
        "select id, subject, body, recipients, sent_by, sent_at from alliance_message where alliance_id = $1 order by sent_at desc, id desc limit 50")
        .bind(of)
        .fetch_all(conn).await)
}

/// `false` when this very message was sent before.
pub(in crate::alliances) async fn insert_message(tx: &mut Tx, of: AllianceId, message: &SentMessage) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into alliance_message (id, alliance_id, subject, body, recipients, sent_by, sent_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing")
        .bind(message.id).bind(of).bind(&message.subject).bind(&message.body).bind(message.recipients)
        .bind(&message.sent_by).bind(message.sent_at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
