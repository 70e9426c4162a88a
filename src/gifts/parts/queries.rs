use super::Part;
use crate::{
    db::{Conditions, Tx, bound, on},
    gifts::{FundId, GiftId},
    kernel::Cents,
};
use sqlx::AssertSqlSafe;

/// The parts of a split gift, in their order.
pub(super) async fn of_gift(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<Part>> {
    on!(tx, conn => sqlx::query_as("select fund_id, amount, covered, refunded from gift_part where gift_id = $1 order by position")
        .bind(gift)
        .fetch_all(conn).await)
}

/// The parts of those of these gifts that are split, with the names of their funds.
pub(super) async fn named(tx: &mut Tx, gifts: &[GiftId]) -> sqlx::Result<Vec<(GiftId, String, Cents)>> {
    let mut found = Vec::new();
    for some in gifts.chunks(500) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|id| all.place(id.to_string())).collect();
        let sql = format!(
            "select p.gift_id, f.name, p.amount from gift_part p join fund f on f.id = p.fund_id
             where p.gift_id in ({}) order by p.gift_id, p.position",
            places.join(", ")
        );
        let rows: Vec<(GiftId, String, Cents)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Puts these parts in the place of those the gift had; one alone needs no row.
pub(super) async fn put(tx: &mut Tx, gift: GiftId, parts: &[Part]) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("delete from gift_part where gift_id = $1").bind(gift).execute(conn).await.map(drop))?;
    let split = parts.len() > 1;
    for (position, part) in (1_i64..).zip(parts).filter(|_| split) {
        on!(&mut *tx, conn => sqlx::query(
            "insert into gift_part (gift_id, position, fund_id, amount, covered, refunded) values ($1, $2, $3, $4, $5, $6)")
            .bind(gift).bind(position).bind(part.fund_id).bind(part.amount).bind(part.covered).bind(part.refunded)
            .execute(conn).await.map(drop))?;
    }
    on!(tx, conn => sqlx::query("update gift set split = $2, fund_id = $3 where id = $1")
        .bind(gift).bind(split).bind(parts.first().map(|part| part.fund_id))
        .execute(conn).await.map(drop))
}

pub(super) async fn set_refunded(tx: &mut Tx, gift: GiftId, fund: FundId, refunded: Cents) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update gift_part set refunded = $3 where gift_id = $1 and fund_id = $2")
        .bind(gift).bind(fund).bind(refunded)
        .execute(conn).await.map(drop))
}

/// Whether a split gift has a part in this fund.
pub(super) async fn any_in(tx: &mut Tx, fund: FundId) -> sqlx::Result<bool> {
    let row: Option<i64> = on!(tx, conn => sqlx::query_scalar("select cast(1 as bigint) from gift_part where fund_id = $1 limit 1")
        .bind(fund)
        .fetch_optional(conn).await)?;
    Ok(row.is_some())
}

/// How many split gifts don't come to the sum of their parts: none, unless something is wrong.
pub(super) async fn wrong(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select count(*) from (
             select g.id from gift g left join gift_part p on p.gift_id = g.id where g.split
              group by g.id, g.intended, g.covered_fee, g.refunded
             having coalesce(sum(p.amount), 0) <> g.intended or coalesce(sum(p.covered), 0) <> g.covered_fee
                 or coalesce(sum(p.refunded), 0) <> case when g.refunded > g.intended then g.intended else g.refunded end
             union all
             select p.gift_id from gift_part p join gift g on g.id = p.gift_id
              where not g.split or (p.position = 1 and p.fund_id <> g.fund_id)) wrong")
        .fetch_one(conn).await)
}
