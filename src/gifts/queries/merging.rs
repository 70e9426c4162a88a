use crate::{
    db::{Tx, on},
    donors::DonorId,
    gifts::GiftState,
    kernel::{Cents, Currency},
};
use sqlx::AssertSqlSafe;

/// What the gifts of some donors in one state and currency come to, each amount for itself.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Money {
    pub currency: Currency,
    pub state: GiftState,
    pub gifts: i64,
    pub intended: Cents,
    pub covered_fee: Cents,
    pub charged: Cents,
    pub refunded: Cents,
}

/// What two donors gave together.
pub async fn money_of(tx: &mut Tx, one: DonorId, other: DonorId) -> sqlx::Result<Vec<Money>> {
    on!(tx, conn => sqlx::query_as(
        "select currency, state, cast(count(*) as bigint) as gifts, cast(sum(intended) as bigint) as intended,
                cast(sum(covered_fee) as bigint) as covered_fee, cast(sum(charged) as bigint) as charged,
                cast(sum(refunded) as bigint) as refunded
         from gift where donor_id in ($1, $2) group by currency, state order by currency, state")
        .bind(one).bind(other)
        .fetch_all(conn).await)
}

/// Counts two donors as one in the months in which both gave, or as two again. While they are two.
pub async fn count_shared_months(tx: &mut Tx, one: DonorId, other: DonorId, as_one: bool) -> sqlx::Result<()> {
    let more = if as_one { "-" } else { "+" };
    let sql = format!(
        "update gift_month_givers set givers = givers {more} 1
         where month in (select substr(given_on, 1, 7) from gift where donor_id = $1 and state = 'settled'
                         intersect select substr(given_on, 1, 7) from gift where donor_id = $2 and state = 'settled')"
    );
    on!(tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(one).bind(other).execute(conn).await.map(drop))
}
