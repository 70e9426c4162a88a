use super::COLUMNS;
use crate::{
    db::{Batch, Tx, add, on},
    gifts::{
        Gift, GiftId, GiftState,
        offline::{Deposit, OfflineGift},
    },
    kernel::Day,
};
use sqlx::AssertSqlSafe;

const OFFLINE: &str =
    "gift_id, received_on, reference, description, adviser, deposit, deposited_on, entered_at, entered_by, changes";

/// Adds a received gift, whole. `false` when the form that made it made one already.
pub(in crate::gifts) async fn insert(tx: &mut Tx, gift: &Gift, submission: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into gift (id, donor_id, fund_id, campaign_id, source, state, frequency, intended, covered_fee, charged, currency,
                           created_at, settled_at, given_on, shown_at, submission, livemode, method)
         values ($1, $2, $3, $4, $5, 'settled', $6, $7, $8, $9, $10, $11, $12, $13, $12, $14, $15, $16) on conflict do nothing")
        .bind(gift.id).bind(gift.donor_id).bind(gift.fund_id).bind(gift.campaign_id).bind(&gift.source).bind(gift.frequency)
        .bind(gift.intended).bind(gift.covered_fee).bind(gift.charged).bind(gift.currency)
        .bind(gift.created_at).bind(gift.settled_at).bind(gift.given_on).bind(submission).bind(gift.livemode).bind(gift.method)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn insert_details(tx: &mut Tx, row: &OfflineGift) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into offline_gift (gift_id, received_on, reference, description, adviser, deposit, deposited_on, entered_at, entered_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(row.gift_id).bind(row.received_on).bind(&row.reference).bind(&row.description).bind(&row.adviser)
        .bind(row.deposit).bind(row.deposited_on).bind(row.entered_at).bind(&row.entered_by)
        .execute(conn).await.map(drop))
}

/// The same for many in few statements.
pub(in crate::gifts) fn bulk_insert_details(batch: &mut Batch, rows: &[OfflineGift]) {
    for some in rows.chunks(2_000) {
        add!(
            batch,
            "insert into offline_gift (gift_id, received_on, reference, description, adviser, deposit, deposited_on, entered_at, entered_by) ",
            query => query.push_values(some, |mut row, r| {
                row.push_bind(r.gift_id).push_bind(r.received_on).push_bind(r.reference.as_deref()).push_bind(r.description.as_deref())
                    .push_bind(r.adviser.as_deref()).push_bind(r.deposit).push_bind(r.deposited_on).push_bind(r.entered_at)
                    .push_bind(r.entered_by.as_str());
            })
        );
    }
}

pub(in crate::gifts) async fn details(tx: &mut Tx, id: GiftId) -> sqlx::Result<Option<OfflineGift>> {
    let sql = format!("select {OFFLINE} from offline_gift where gift_id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Counts a change that has entries of its own: their number.
pub(in crate::gifts) async fn next_change(tx: &mut Tx, id: GiftId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("update offline_gift set changes = changes + 1 where gift_id = $1 returning changes")
        .bind(id)
        .fetch_one(conn).await)
}

/// A received gift like this one that was entered before: the same check, or the same sum of one day.
pub(in crate::gifts) async fn like(tx: &mut Tx, gift: &Gift, reference: Option<&str>) -> sqlx::Result<Option<Gift>> {
    let columns = COLUMNS.split(", ").map(|column| format!("g.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select {columns} from gift g join offline_gift o on o.gift_id = g.id
         where g.donor_id = $1 and g.state = 'settled' and g.method = $2 and g.intended = $3 and g.id <> $4
           and (g.given_on = $5 or (cast($6 as text) is not null and o.reference = $6))
         order by g.shown_at desc limit 1"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(gift.donor_id).bind(gift.method).bind(gift.intended).bind(gift.id).bind(gift.given_on).bind(reference)
        .fetch_optional(conn).await)
}

/// Writes a corrected gift over the old one.
pub(in crate::gifts) async fn correct(tx: &mut Tx, gift: &Gift, row: &OfflineGift) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query(
        "update gift set donor_id = $2, fund_id = $3, campaign_id = $4, source = $5, intended = $6, charged = $7, settled_at = $8,
                         given_on = $9, shown_at = $8 where id = $1")
        .bind(gift.id).bind(gift.donor_id).bind(gift.fund_id).bind(gift.campaign_id).bind(&gift.source).bind(gift.intended)
        .bind(gift.charged).bind(gift.settled_at).bind(gift.given_on)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query(
        "update offline_gift set received_on = $2, reference = $3, description = $4, adviser = $5 where gift_id = $1")
        .bind(row.gift_id).bind(row.received_on).bind(&row.reference).bind(&row.description).bind(&row.adviser)
        .execute(conn).await.map(drop))
}

/// Takes a gift back: it counts no more. `false` when it was not received.
pub(in crate::gifts) async fn take_back(tx: &mut Tx, id: GiftId, state: GiftState, why: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update gift set state = $2, failure = $3, settled_at = null, given_on = null where id = $1 and state = 'settled'")
        .bind(id).bind(state).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Puts a gift into the bank, or back among what waits. `false` when it stands so already.
pub(in crate::gifts) async fn set_deposit(tx: &mut Tx, id: GiftId, deposit: Deposit, on: Option<Day>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update offline_gift set deposit = $2, deposited_on = $3 where gift_id = $1 and deposit <> $2 and deposit <> 'none'")
        .bind(id).bind(deposit).bind(on)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Writes down money that was given back by hand.
pub(in crate::gifts) async fn insert_refund(tx: &mut Tx, row: &crate::gifts::GiftRefund) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into gift_refund (id, gift_id, refund, amount, state, reason, at) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(row.id).bind(row.gift_id).bind(&row.refund).bind(row.amount).bind(row.state).bind(&row.reason).bind(row.at)
        .execute(conn).await.map(drop))
}
