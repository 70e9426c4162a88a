use crate::{
    db::{Tx, on},
    donors::staff::JOIN,
    gifts::{
        DisputeId, FraudWarning, GiftDispute, GiftId,
        disputes::{Answered, Care},
    },
    kernel::{Currency, Timestamp},
    payments,
};
use sqlx::AssertSqlSafe;

const DISPUTE: &str = "x.id, x.gift_id, x.dispute, x.amount, x.state, x.withdrawn, x.fee, x.reason, x.respond_by, x.at";

/// A dispute in the list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct DisputeRow {
    #[sqlx(flatten)]
    pub dispute: GiftDispute,
    pub currency: Currency,
    pub donor: String,
    pub answered: Option<Answered>,
    /// How many lines of its checklist are ticked.
    pub gathered: i64,
}

pub(in crate::gifts) async fn dispute_by_id(tx: &mut Tx, id: DisputeId) -> sqlx::Result<Option<GiftDispute>> {
    let sql = format!("select {DISPUTE} from gift_dispute x where x.id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Disputes that are not decided, the first deadline first, or with `over` those that are, the newest first.
pub(in crate::gifts) async fn disputes(tx: &mut Tx, over: bool, most: i64) -> sqlx::Result<Vec<DisputeRow>> {
    let (states, order) = if over {
        ("in ('won', 'lost', 'closed')", "x.at desc, x.id desc")
    } else {
        ("not in ('won', 'lost', 'closed')", "coalesce(x.respond_by, '9'), x.id")
    };
    let sql = format!(
        "select {DISPUTE}, g.currency, d.name as donor, c.answered,
                (select count(*) from dispute_evidence e where e.dispute_id = x.id) as gathered
         from gift_dispute x join gift g on g.id = x.gift_id {JOIN} left join dispute_care c on c.dispute_id = x.id
         where x.state {states} order by {order} limit $1"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

pub(in crate::gifts) async fn care_of(tx: &mut Tx, id: DisputeId) -> sqlx::Result<Care> {
    let care: Option<(String, Option<Answered>, Option<Timestamp>)> = on!(&mut *tx, conn => sqlx::query_as("select note, answered, answered_at from dispute_care where dispute_id = $1")
            .bind(id).fetch_optional(conn).await)?;
    let gathered = on!(tx, conn => sqlx::query_as("select item, by_name from dispute_evidence where dispute_id = $1 order by item")
        .bind(id).fetch_all(conn).await)?;
    let (note, answered, at) = care.unwrap_or_default();
    Ok(Care { note, answered: answered.zip(at), gathered })
}

pub(in crate::gifts) async fn put_note(tx: &mut Tx, id: DisputeId, note: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into dispute_care (dispute_id, note) values ($1, $2) on conflict (dispute_id) do update set note = excluded.note")
        .bind(id).bind(note)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn set_answered(tx: &mut Tx, id: DisputeId, how: Answered, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into dispute_care (dispute_id, note, answered, answered_at) values ($1, '', $2, $3)
         on conflict (dispute_id) do update set answered = excluded.answered, answered_at = excluded.answered_at")
        .bind(id).bind(how).bind(now)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn tick(tx: &mut Tx, id: DisputeId, item: &str, by: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into dispute_evidence (dispute_id, item, by_name, at) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(id).bind(item).bind(by).bind(now)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn untick(tx: &mut Tx, id: DisputeId, item: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from dispute_evidence where dispute_id = $1 and item = $2").bind(id).bind(item)
        .execute(conn).await.map(drop))
}

/// Writes a warning down as it is now. `false` when it was so already.
pub(in crate::gifts) async fn put_warning(tx: &mut Tx, row: &FraudWarning, told: &payments::FraudWarning) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into fraud_warning (id, gift_id, warning, kind, actionable, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (warning) do update set kind = excluded.kind, actionable = excluded.actionable
         where fraud_warning.actionable <> excluded.actionable or fraud_warning.kind <> excluded.kind")
        .bind(row.id).bind(row.gift_id).bind(&told.id).bind(&told.kind).bind(told.actionable).bind(told.at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn warnings_of(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<FraudWarning>> {
    on!(tx, conn => sqlx::query_as("select id, gift_id, warning, kind, actionable, at from fraud_warning where gift_id = $1 order by at, id")
        .bind(gift)
        .fetch_all(conn).await)
}

/// The gifts whose payment a bank warns about and where a refund still helps, the first warned of first.
pub async fn warned_of(tx: &mut Tx) -> sqlx::Result<Vec<GiftId>> {
    on!(tx, conn => sqlx::query_scalar(
        "select g.id from gift g join (select gift_id, min(at) as at from fraud_warning where actionable group by gift_id) w on w.gift_id = g.id
         where g.refunded < g.charged and not g.disputed order by w.at, g.id limit 500")
        .fetch_all(conn).await)
}
