use crate::{
    db::{Tx, on},
    gifts::appeal::{Appeal, AppealId},
    kernel::{Cents, Currency},
};
use sqlx::AssertSqlSafe;

const APPEAL: &str = "id, code, name, day, channel, cost, currency, campaign_id, created_at";

/// What the settled gifts with one code come to in one currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts) struct CodeSum {
    pub(in crate::gifts) code: String,
    pub(in crate::gifts) currency: Currency,
    pub(in crate::gifts) gifts: i64,
    pub(in crate::gifts) donors: i64,
    /// Intended, less refunds.
    pub(in crate::gifts) given: Cents,
}

/// Every appeal, the newest first.
pub(in crate::gifts) async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Appeal>> {
    let sql = format!("select {APPEAL} from appeal order by day desc, code");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

pub(in crate::gifts) async fn by_id(tx: &mut Tx, id: AppealId) -> sqlx::Result<Option<Appeal>> {
    let sql = format!("select {APPEAL} from appeal where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Adds an appeal. `false` when another has its code.
pub(in crate::gifts) async fn insert(tx: &mut Tx, appeal: &Appeal) -> sqlx::Result<bool> {
    let sql = format!("insert into appeal ({APPEAL}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code) do nothing");
    on!(tx, conn => sqlx::query(AssertSqlSafe(sql))
        .bind(appeal.id).bind(&appeal.code).bind(&appeal.name).bind(appeal.day).bind(appeal.channel).bind(appeal.cost)
        .bind(appeal.currency).bind(appeal.campaign_id).bind(appeal.created_at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Changes an appeal; its code stays, because links and gifts hold it.
pub(in crate::gifts) async fn update(tx: &mut Tx, appeal: &Appeal) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update appeal set name = $2, day = $3, channel = $4, cost = $5, campaign_id = $6 where id = $1")
        .bind(appeal.id).bind(&appeal.name).bind(appeal.day).bind(appeal.channel).bind(appeal.cost).bind(appeal.campaign_id)
        .execute(conn).await.map(drop))
}

/// What the received gifts with each code come to, by code.
pub(in crate::gifts) async fn sums(tx: &mut Tx) -> sqlx::Result<Vec<CodeSum>> {
    on!(tx, conn => sqlx::query_as(
        "select source as code, currency, cast(count(*) as bigint) as gifts, cast(count(distinct donor_id) as bigint) as donors,
                cast(sum(case when refunded > intended then 0 else intended - refunded end) as bigint) as given
         from gift where source is not null and state = 'settled' group by source, currency order by source, currency")
        .fetch_all(conn).await)
}
