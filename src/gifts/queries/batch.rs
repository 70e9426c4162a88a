use crate::{
    db::{Tx, on},
    donors::staff::JOIN,
    gifts::{
        GiftId, GiftState, Method,
        batch::{Batch, Sum},
        ids::GiftBatchId,
        offline::Deposit,
        parts,
    },
    kernel::{Cents, Currency, Day, Timestamp},
};
use sqlx::AssertSqlSafe;

const BATCH: &str =
    "id, number, day, currency, control_count, control_total, state, opened_at, opened_by, closed_at, closed_by, closings";

/// One gift of a batch.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct BatchRow {
    pub(in crate::gifts) id: GiftId,
    pub(in crate::gifts) donor: String,
    pub(in crate::gifts) fund: String,
    pub(in crate::gifts) method: Method,
    pub(in crate::gifts) reference: Option<String>,
    pub(in crate::gifts) amount: Cents,
    pub(in crate::gifts) currency: Currency,
    pub(in crate::gifts) deposit: Deposit,
}

/// Adds a batch with the next number. `false` when another took the number at the same moment.
pub(in crate::gifts) async fn insert(tx: &mut Tx, batch: &Batch) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into gift_batch (id, number, day, currency, control_count, control_total, state, opened_at, opened_by)
         select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, 'open', $6, $7 from gift_batch where true
         on conflict do nothing")
        .bind(batch.id).bind(batch.day).bind(batch.currency).bind(batch.control_count).bind(batch.control_total)
        .bind(batch.opened_at).bind(&batch.opened_by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn by_id(tx: &mut Tx, id: GiftBatchId) -> sqlx::Result<Option<Batch>> {
    let sql = format!("select {BATCH} from gift_batch where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Holds a batch until the transaction ends.
pub(in crate::gifts) async fn hold(tx: &mut Tx, id: GiftBatchId) -> sqlx::Result<Option<Batch>> {
    let sql = format!("update gift_batch set number = number where id = $1 returning {BATCH}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Batches, the newest first, older than the one of this number.
pub(in crate::gifts) async fn listed(tx: &mut Tx, before: Option<i64>, most: i64) -> sqlx::Result<Vec<(Batch, Sum)>> {
    let sql = format!(
        "select {BATCH}, (select count(*) from offline_gift o join gift g on g.id = o.gift_id
                          where o.batch_id = gift_batch.id and g.state = 'settled') as entered,
                (select cast(coalesce(sum(g.charged), 0) as bigint) from offline_gift o join gift g on g.id = o.gift_id
                  where o.batch_id = gift_batch.id and g.state = 'settled') as total
         from gift_batch where cast($1 as bigint) is null or number < $1 order by number desc limit $2"
    );
    let rows: Vec<Listed> = on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(before).bind(most).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|row| (row.batch, Sum { entered: row.entered, total: row.total })).collect())
}

#[derive(sqlx::FromRow)]
struct Listed {
    #[sqlx(flatten)]
    batch: Batch,
    entered: i64,
    total: Cents,
}

/// The gifts of a batch that stand, in the order they were entered.
pub(in crate::gifts) async fn rows(tx: &mut Tx, id: GiftBatchId) -> sqlx::Result<Vec<BatchRow>> {
    let sql = format!(
        "select g.id, d.name as donor, f.name as fund, g.method, o.reference, g.charged as amount, g.currency, o.deposit
         from offline_gift o join gift g on g.id = o.gift_id {JOIN} join fund f on f.id = g.fund_id
         where o.batch_id = $1 and g.state = $2 order by o.entered_at, o.gift_id"
    );
    let mut rows: Vec<BatchRow> = on!(&mut *tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id).bind(GiftState::Settled)
        .fetch_all(conn).await)?;
    parts::name_rows(tx, &mut rows, |row| (row.id, row.currency, &mut row.fund)).await?;
    Ok(rows)
}

pub(in crate::gifts) async fn put_into(tx: &mut Tx, gift: GiftId, batch: GiftBatchId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update offline_gift set batch_id = $2 where gift_id = $1").bind(gift).bind(batch).execute(conn).await.map(drop))
}

/// The batch a gift was entered in.
pub(in crate::gifts) async fn of_gift(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Option<Batch>> {
    let sql = format!("select {BATCH} from gift_batch where id = (select batch_id from offline_gift where gift_id = $1)");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(gift).fetch_optional(conn).await)
}

/// Changes what an open batch should come to.
pub(in crate::gifts) async fn set_controls(tx: &mut Tx, batch: &Batch) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update gift_batch set day = $2, control_count = $3, control_total = $4 where id = $1 and state = 'open'")
        .bind(batch.id).bind(batch.day).bind(batch.control_count).bind(batch.control_total)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Closes a batch; its gifts are at the bank. `false` when it is closed.
pub(in crate::gifts) async fn close(tx: &mut Tx, id: GiftBatchId, by: &str, on: Day, now: Timestamp) -> sqlx::Result<bool> {
    let closed = on!(&mut *tx, conn => sqlx::query(
        "update gift_batch set state = 'closed', closed_at = $2, closed_by = $3, closings = closings + 1 where id = $1 and state = 'open'")
        .bind(id).bind(now).bind(by)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    on!(tx, conn => sqlx::query(
        "update offline_gift set deposit = 'deposited', deposited_on = $2 where batch_id = $1 and deposit = 'undeposited'
         and gift_id in (select g.id from gift g where g.state = 'settled')")
        .bind(id).bind(on)
        .execute(conn).await.map(drop))?;
    Ok(closed)
}

/// Opens it again; its gifts wait to be deposited. `false` when it is open.
pub(in crate::gifts) async fn reopen(tx: &mut Tx, id: GiftBatchId) -> sqlx::Result<bool> {
    let opened = on!(&mut *tx, conn => sqlx::query(
        "update gift_batch set state = 'open', closed_at = null, closed_by = null where id = $1 and state = 'closed'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    on!(tx, conn => sqlx::query(
        "update offline_gift set deposit = 'undeposited', deposited_on = null where batch_id = $1 and deposit = 'deposited'
         and gift_id in (select g.id from gift g where g.state = 'settled')")
        .bind(id)
        .execute(conn).await.map(drop))?;
    Ok(opened)
}
