use crate::{
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
    gifts::GiftId,
    kernel::{Cents, Day, Month},
};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

/// Values of one statement.
const AT_ONCE: usize = 2_000;

pub(in crate::gifts) async fn insert_names(tx: &mut Tx, names: &[(&str, GiftId)]) -> sqlx::Result<()> {
    for some in names.chunks(AT_ONCE) {
        on!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into carried_gift (name, gift_id) ");
            query.push_values(some, |mut row, (name, id)| {
                row.push_bind(*name).push_bind(*id);
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

pub(in crate::gifts) async fn named(tx: &mut Tx, names: &[String]) -> sqlx::Result<HashMap<String, GiftId>> {
    let mut found = HashMap::new();
    for some in names.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|name| all.place(name.as_str())).collect();
        let sql = format!("select name, gift_id from carried_gift where name in ({})", places.join(", "));
        let rows: Vec<(String, GiftId)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

pub(in crate::gifts) async fn alike(
    tx: &mut Tx,
    donors: &[DonorId],
    from: Day,
    to: Day,
) -> sqlx::Result<HashMap<(DonorId, Day, Cents), i64>> {
    let mut found = HashMap::new();
    for some in donors.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|id| all.place(id.to_string())).collect();
        let (from, to) = (all.place(from.to_string()), all.place(to.to_string()));
        let sql = format!(
            "select donor_id, given_on, intended, count(*) from gift
             where donor_id in ({}) and state = 'settled' and given_on >= {from} and given_on <= {to}
             group by donor_id, given_on, intended",
            places.join(", ")
        );
        let rows: Vec<(DonorId, Day, Cents, i64)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows.into_iter().map(|(donor, day, amount, count)| ((donor, day, amount), count)));
    }
    Ok(found)
}

/// Which of these donors have a received gift in the month beside them.
pub(in crate::gifts) async fn givers_among(tx: &mut Tx, pairs: &[(DonorId, Month)]) -> sqlx::Result<HashSet<(DonorId, Month)>> {
    let mut found = HashSet::new();
    let Some((first, last)) = pairs.iter().map(|(_, month)| *month).min().zip(pairs.iter().map(|(_, month)| *month).max()) else {
        return Ok(found);
    };
    let mut donors: Vec<DonorId> = pairs.iter().map(|(donor, _)| *donor).collect();
    donors.dedup();
    for some in donors.chunks(AT_ONCE) {
        let mut all = Conditions::default();
        let places: Vec<_> = some.iter().map(|id| all.place(id.to_string())).collect();
        // A day either side: `shown_at` is a moment and the month is of days.
        let from = all.place(first.first_day().plus_days(-2).to_string());
        let to = all.place(last.plus(1).first_day().plus_days(2).to_string());
        let sql = format!(
            "select distinct donor_id, substr(given_on, 1, 7) from gift
             where donor_id in ({}) and state || '' = 'settled' and shown_at >= {from} and shown_at < {to}",
            places.join(", ")
        );
        let rows: Vec<(DonorId, String)> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows.into_iter().filter_map(|(donor, month)| Some((donor, month.parse().ok()?))));
    }
    Ok(found)
}

pub(in crate::gifts) async fn add_givers(tx: &mut Tx, month: Month, count: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_month_givers (month, givers) values ($1, $2)
         on conflict (month) do update set givers = gift_month_givers.givers + excluded.givers")
        .bind(month.to_string()).bind(count)
        .execute(conn).await.map(drop))
}
