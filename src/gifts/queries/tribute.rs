use crate::{
    db::{Tx, on},
    donors::staff::JOIN,
    gifts::{GiftId, NoticeId, TributeKind, acknowledge::Way, tribute::Notice},
    kernel::{Day, Timestamp},
};
use sqlx::AssertSqlSafe;

const NOTICE: &str = "select id, gift_id, to_name, email, address, words, way, sent_at, subject, body from tribute_notice";

/// A received gift for somebody whose people are not told yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct ToTell {
    pub id: GiftId,
    pub donor: String,
    pub tribute_kind: TributeKind,
    pub tribute_name: String,
    pub given_on: Day,
    /// Notices that are written and not sent.
    pub open: i64,
    pub sent: i64,
}

pub(in crate::gifts) async fn insert_notice(tx: &mut Tx, notice: &Notice, by: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into tribute_notice (id, gift_id, to_name, email, address, words, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(notice.id).bind(notice.gift_id).bind(&notice.to_name).bind(&notice.email).bind(&notice.address).bind(&notice.words)
        .bind(by).bind(now)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn notice_by_id(tx: &mut Tx, id: NoticeId) -> sqlx::Result<Option<Notice>> {
    let sql = format!("{NOTICE} where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

pub(in crate::gifts) async fn notices_of(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<Notice>> {
    let sql = format!("{NOTICE} where gift_id = $1 order by at, id");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(gift).fetch_all(conn).await)
}

/// `false` when it was sent already.
pub(in crate::gifts) async fn send_notice(
    tx: &mut Tx,
    id: NoticeId,
    way: Way,
    (subject, body): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update tribute_notice set way = $2, sent_at = $3, subject = $4, body = $5 where id = $1 and sent_at is null")
        .bind(id).bind(way).bind(now).bind(subject).bind(body)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was sent.
pub(in crate::gifts) async fn delete_notice(tx: &mut Tx, id: NoticeId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("delete from tribute_notice where id = $1 and sent_at is null").bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The newest received tributes, with how many notices they have.
pub(in crate::gifts) async fn tributes(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<ToTell>> {
    let sql = format!(
        "select g.id, d.name as donor, g.tribute_kind, g.tribute_name, g.given_on,
                (select count(*) from tribute_notice n where n.gift_id = g.id and n.sent_at is null) as open,
                (select count(*) from tribute_notice n where n.gift_id = g.id and n.sent_at is not null) as sent
         from gift g {JOIN} where g.state = 'settled' and g.tribute_kind is not null order by g.shown_at desc, g.id desc limit $1"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

/// Whether the donor asked not to be named, for this gift or for the recurring gift it belongs to.
pub(in crate::gifts) async fn is_anonymous(tx: &mut Tx, id: GiftId) -> sqlx::Result<bool> {
    let asked: i64 = on!(tx, conn => sqlx::query_scalar(
        "select count(*) from gift where anonymous and (id = $1 or recurring_id = (select g.recurring_id from gift g where g.id = $1))")
        .bind(id)
        .fetch_one(conn).await)?;
    Ok(asked > 0)
}
