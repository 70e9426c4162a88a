use crate::{
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
    gifts::{GiftId, parts},
    kernel::{Cents, Currency, Timestamp},
};
use sqlx::AssertSqlSafe;

/// Money that came from a donor, or went back.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Movement {
    pub at: Timestamp,
    /// Of the gift or of the refund.
    pub id: String,
    pub gift_id: GiftId,
    pub back: bool,
    /// Intended when it came; what went back.
    pub amount: Cents,
    pub currency: Currency,
    pub fund: String,
}

/// What these donors gave and got back, the newest first, older than what `before` names by its time and id.
pub async fn movements_of(
    tx: &mut Tx,
    donors: &[DonorId],
    before: Option<(&str, &str)>,
    most: i64,
) -> sqlx::Result<Vec<Movement>> {
    if donors.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places: Vec<_> = donors.iter().map(|id| all.place(id.to_string())).collect();
    let places = places.join(", ");
    if let Some((at, id)) = before {
        all.and("(at, id) < ({}, {})", [at.into(), id.into()]);
    }
    let limit = all.place(most);
    let sql = format!(
        "select at, id, gift_id, back, amount, currency, fund from (
             select g.settled_at as at, g.id as id, g.id as gift_id, false as back, g.intended as amount, g.currency as currency, f.name as fund
               from gift g join fund f on f.id = g.fund_id where g.donor_id in ({places}) and g.state = 'settled'
             union all
             select r.at, r.id, g.id, true, r.amount, g.currency, f.name
               from gift_refund r join gift g on g.id = r.gift_id join fund f on f.id = g.fund_id
              where g.donor_id in ({places}) and r.state = 'succeeded'
         ) moved{} order by at desc, id desc limit {limit}",
        all.sql()
    );
    let mut rows: Vec<Movement> =
        on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    parts::name_rows(tx, &mut rows, |row| (row.gift_id, row.currency, &mut row.fund)).await?;
    Ok(rows)
}
