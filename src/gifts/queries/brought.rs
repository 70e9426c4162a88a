use super::RECURRING;
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
    gifts::{RecurringGift, RecurringId},
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

/// Values of one statement.
const AT_ONCE: usize = 2_000;

pub(in crate::gifts) async fn insert_brought(tx: &mut Tx, id: RecurringId, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into recurring_brought (recurring_id, at) values ($1, $2)")
        .bind(id).bind(now)
        .execute(conn).await.map(drop))
}

/// When a plan was brought in; `None` when it began here.
pub(in crate::gifts) async fn brought_at(tx: &mut Tx, id: RecurringId) -> sqlx::Result<Option<Timestamp>> {
    on!(tx, conn => sqlx::query_scalar("select at from recurring_brought where recurring_id = $1").bind(id).fetch_optional(conn).await)
}

/// The plans that have one of these values in a column of theirs.
pub(in crate::gifts) async fn plans_of(tx: &mut Tx, column: &'static str, values: &[&str]) -> sqlx::Result<Vec<RecurringGift>> {
    let mut found = Vec::new();
    for some in values.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|value| all.place(*value)).collect();
        let sql = format!("select {RECURRING} from recurring_gift where {column} in ({}) order by id", places.join(", "));
        let rows: Vec<RecurringGift> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Whether anybody asked anything of a plan here, or a letter went out for it.
pub(in crate::gifts) async fn was_asked_of(tx: &mut Tx, id: RecurringId) -> sqlx::Result<bool> {
    let count: i64 = on!(tx, conn => sqlx::query_scalar(
        "select cast((select count(*) from recurring_request where recurring_id = $1)
                   + (select count(*) from recurring_notice where recurring_id = $1 and skipped is null) as bigint)")
        .bind(id)
        .fetch_one(conn).await)?;
    Ok(count > 0)
}

/// Takes a plan without gifts off, with all that was noted about it.
pub(in crate::gifts) async fn delete_brought(tx: &mut Tx, id: RecurringId) -> sqlx::Result<()> {
    const ALL: [&str; 4] = [
        "delete from recurring_notice where recurring_id = $1",
        "delete from recurring_change where recurring_id = $1",
        "delete from recurring_brought where recurring_id = $1",
        "delete from recurring_gift where id = $1",
    ];
    for sql in ALL {
        on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Whether anything of gifts names this donor, and what.
pub async fn names_donor(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<&'static str>> {
    const ALL: [(&str, &str); 6] = [
        ("gift", "A gift of theirs is on record."),
        ("recurring_gift", "A recurring gift of theirs is on record."),
        ("pledge", "They have pledged."),
        ("soft_credit", "A gift is credited to them."),
        ("erasure_request", "They asked to be erased."),
        ("giving_session", "They were in their own pages."),
    ];
    for (table, why) in ALL {
        let sql = format!("select 1 from {table} where donor_id = $1 limit 1");
        let found: Option<i32> =
            on!(&mut *tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)?;
        if found.is_some() {
            return Ok(Some(why));
        }
    }
    Ok(None)
}
