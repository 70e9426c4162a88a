use crate::db::{Tx, on};

pub(super) async fn writes(tx: &mut Tx, object: &str) -> sqlx::Result<i64> {
    let writes: Option<i64> = on!(tx, conn => sqlx::query_scalar("select writes from gateway_object where id = $1")
        .bind(object)
        .fetch_optional(conn).await)?;
    Ok(writes.unwrap_or(0))
}

/// Counts one more; `false` when the count is not `before` any more.
pub(super) async fn count_write(tx: &mut Tx, object: &str, before: i64) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into gateway_object (id, writes) values ($1, 1)
         on conflict (id) do update set writes = gateway_object.writes + 1 where gateway_object.writes = $2")
        .bind(object).bind(before)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
