use crate::{
    db::{Tx, on},
    gifts::{DisputeId, ToAnswer},
    kernel::Timestamp,
};

/// The disputes that wait for our answer, the first deadline first.
pub async fn disputes_to_answer(tx: &mut Tx) -> sqlx::Result<ToAnswer> {
    const OPEN: &str = "state in ('inquiry', 'needs_response')
        and not exists (select 1 from dispute_care c where c.dispute_id = gift_dispute.id and c.answered is not null)";
    let count = format!("select cast(count(*) as bigint) from gift_dispute where {OPEN}");
    let count = on!(&mut *tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(conn).await)?;
    let first = format!("select id, respond_by from gift_dispute where {OPEN} order by coalesce(respond_by, '9'), id limit 1");
    let first: Option<(DisputeId, Option<Timestamp>)> =
        on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(first)).fetch_optional(conn).await)?;
    Ok(ToAnswer { count, first: first.map(|(id, _)| id), by: first.and_then(|(_, by)| by) })
}

/// How many recurring gifts run, those whose last payment failed included.
pub async fn recurring_running(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select cast(count(*) as bigint) from recurring_gift where state in ('active', 'past_due')")
        .fetch_one(conn).await)
}
