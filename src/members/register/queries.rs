use crate::{
    db::{Tx, on},
    kernel::Timestamp,
};

/// Numbers nobody ever held, with the reason.
pub(in crate::members) async fn gaps(tx: &mut Tx) -> sqlx::Result<Vec<(i64, String)>> {
    on!(tx, conn => sqlx::query_as("select number, reason from unissued_number order by number").fetch_all(conn).await)
}

/// The last number given out, its row locked until the commit.
pub(in crate::members) async fn hold_counter(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("update admission_counter set number = number where id = 1 returning number")
        .fetch_one(conn).await)
}

/// `false` when it was noted before.
pub(super) async fn insert_gap(tx: &mut Tx, number: i64, reason: &str, who: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into unissued_number (number, reason, noted_at, noted_by) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(number).bind(reason).bind(now).bind(who)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes the note back.
pub(super) async fn remove_gap(tx: &mut Tx, number: i64) -> sqlx::Result<Option<String>> {
    on!(tx, conn => sqlx::query_scalar("delete from unissued_number where number = $1 returning reason")
        .bind(number)
        .fetch_optional(conn).await)
}
