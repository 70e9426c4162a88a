use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{DonorId, carried_back::TAKEN_BACK},
    gifts::{FundId, GiftId, carried_back::WHY},
    kernel::{Cents, Currency, Month},
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// Values of one statement.
const AT_ONCE: usize = 1_000;

/// Why a gift `g` stays, the first that holds.
const REASONS: &[(&str, &str)] = &[
    ("exists (select 1 from pledge_payment p where p.gift_id = g.id)", "It fulfils a pledge."),
    ("exists (select 1 from offline_gift o where o.gift_id = g.id and o.batch_id is not null)", "It belongs to a batch."),
    ("exists (select 1 from offline_gift o where o.gift_id = g.id and o.changes > 0)", "It was corrected."),
    ("exists (select 1 from gift_refund r where r.gift_id = g.id)", "Money of it was given back."),
    ("exists (select 1 from thanks_letter l where l.gift_id = g.id)", "A letter of thanks was written for it."),
    ("exists (select 1 from acknowledgment a where a.gift_id = g.id)", "Staff dealt with the thanks for it."),
    ("exists (select 1 from thanks_note n where n.gift_id = g.id)", "Staff noted how its donor was thanked."),
    ("exists (select 1 from soft_credit s where s.gift_id = g.id)", "Somebody else is credited with it."),
    ("exists (select 1 from tribute_notice t where t.gift_id = g.id)", "Somebody is to be told of it."),
    (
        "exists (select 1 from matching_gift m where m.gift_id = g.id) or exists (select 1 from matching_gift m where m.received_id = g.id)",
        "An employer’s gift hangs on it.",
    ),
];

/// Why a donor stays, by the tables here: the column `donor_id` of each.
const OF_DONORS: &[(&str, &str)] = &[
    ("recurring_gift", "There is a recurring gift."),
    ("pledge", "There is a pledge."),
    ("soft_credit", "It is credited with a gift of another donor."),
    ("erasure_request", "There is a request to erase the data."),
    ("giving_session", "The donor opened the own pages."),
];

fn places<T: ToString>(ids: &[T]) -> (Conditions, String) {
    let mut all = Conditions::default();
    let places: Vec<_> = ids.iter().map(|id| all.place(id.to_string())).collect();
    (all, places.join(", "))
}

/// The first reason of each of these gifts that has one.
pub(in crate::gifts) async fn reasons(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<HashMap<GiftId, String>> {
    let cases: Vec<_> = REASONS.iter().map(|(when, why)| format!("when {when} then '{why}'")).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        let sql = format!(
            "select id, why from (select g.id, case {} end as why from gift g where g.id in ({places})) reasons where why is not null",
            cases.join(" ")
        );
        let rows: Vec<(GiftId, String)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Holds gifts until the transaction ends. SQLite has one writer and needs it not.
pub(in crate::gifts) async fn hold_all(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<()> {
    if matches!(tx, Tx::Sqlite(..)) {
        return Ok(());
    }
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        let sql = format!("select id from gift where id in ({places}) order by id for update");
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Received gifts count no more. (A gift is received as long as `settled_at` is there; a condition on `state` would make
/// SQLite look through all gifts of that state.)
pub(in crate::gifts) async fn void(tx: &mut Tx, ids: &[GiftId], why: &str) -> sqlx::Result<()> {
    for some in ids.chunks(AT_ONCE) {
        let (mut all, places) = places(some);
        let why = all.place(why);
        let sql = format!(
            "update gift set state = 'abandoned', failure = {why}, settled_at = null, given_on = null where id in ({places}) and settled_at is not null"
        );
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// What another system calls them is free again: the same file may bring them once more.
pub(in crate::gifts) async fn forget_names(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<()> {
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        let sql = format!("delete from carried_gift where gift_id in ({places})");
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Takes gifts from a month that counts them.
pub(in crate::gifts) async fn take_from_month(
    tx: &mut Tx,
    (month, currency, fund): (Month, Currency, FundId),
    gifts: i64,
    given: Cents,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update gift_month set gifts = gifts - $4, given = given - $5 where month = $1 and currency = $2 and fund_id = $3")
        .bind(month.to_string()).bind(currency).bind(fund).bind(gifts).bind(given)
        .execute(conn).await.map(drop))
}

/// Takes donors from the count of a month.
pub(in crate::gifts) async fn take_givers(tx: &mut Tx, month: Month, count: i64) -> sqlx::Result<()> {
    for sql in [
        "delete from gift_month_givers where month = $1 and givers <= $2",
        "update gift_month_givers set givers = givers - $2 where month = $1 and givers > $2",
    ] {
        let done = on!(&mut *tx, conn => sqlx::query(sql).bind(month.to_string()).bind(count)
            .execute(conn).await.map(|done| done.rows_affected()))?;
        if done > 0 {
            break;
        }
    }
    Ok(())
}

/// How many gifts each donor has, in any state, but for those whose import was taken back.
pub async fn counts_of(tx: &mut Tx, donors: &[DonorId]) -> sqlx::Result<HashMap<DonorId, i64>> {
    let mut found = HashMap::new();
    for some in donors.chunks(AT_ONCE) {
        let (mut all, places) = places(some);
        let why = all.place(WHY);
        let sql = format!(
            "select donor_id, cast(count(*) as bigint) from gift
             where donor_id in ({places}) and not (state = 'abandoned' and coalesce(failure, '') = {why}) group by donor_id"
        );
        let rows: Vec<(DonorId, i64)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Why these donors stay, as far as anything here but gifts names them.
pub async fn donors_held(tx: &mut Tx, donors: &[DonorId]) -> sqlx::Result<HashMap<DonorId, String>> {
    let mut found = HashMap::new();
    for (table, why) in OF_DONORS {
        for some in donors.chunks(AT_ONCE) {
            let (all, places) = places(some);
            let sql = format!("select distinct donor_id from {table} where donor_id in ({places})");
            let rows: Vec<DonorId> =
                on!(&mut *tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
            for id in rows {
                found.entry(id).or_insert_with(|| (*why).to_owned());
            }
        }
    }
    Ok(found)
}

/// Gifts that were taken back name the donors no more who leave with them.
pub async fn release(tx: &mut Tx, donors: &[DonorId]) -> sqlx::Result<()> {
    for some in donors.chunks(AT_ONCE) {
        let (mut all, places) = places(some);
        let nobody = all.place(TAKEN_BACK.to_string());
        let sql = format!("update gift set donor_id = {nobody} where donor_id in ({places})");
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}
