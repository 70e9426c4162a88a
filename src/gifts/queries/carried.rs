use crate::{
    db::{Batch, Conditions, Tx, add, bound, on},
    donors::DonorId,
    gifts::{Gift, GiftId},
    kernel::{Cents, Day, Month, Timestamp},
};
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::{HashMap, HashSet};

/// Values of one statement.
const AT_ONCE: usize = 500;

/// Adds gifts as files bring them. What is the same for all is said once: binding costs more than writing.
pub(in crate::gifts) fn bulk_insert(batch: &mut Batch, gifts: &[Gift], now: Timestamp, livemode: bool) {
    for some in gifts.chunks(AT_ONCE) {
        add!(
            batch,
            "with brought (id, donor_id, fund_id, campaign_id, source, amount, currency, tribute_kind, tribute_name, given_on, at,
                           method) as (",
            query => {
                query.push_values(some, |mut row, gift| {
                    row.push_bind(gift.id).push_bind(gift.donor_id).push_bind(gift.fund_id).push_bind(gift.campaign_id)
                        .push_bind(gift.source.as_deref()).push_bind(gift.intended).push_bind(gift.currency)
                        .push_bind(gift.tribute_kind).push_bind(gift.tribute_name.as_deref())
                        .push_bind(gift.given_on).push_bind(gift.shown_at).push_bind(gift.method);
                });
                query.push(
                    ") insert into gift (id, donor_id, fund_id, campaign_id, source, intended, charged, currency, tribute_kind, tribute_name,
                                       given_on, settled_at, shown_at, thanked_at,
                                       state, frequency, method, covered_fee, refunded, disputed, attempt, created_at, livemode)
                     select id, donor_id, fund_id, campaign_id, source, amount, amount, currency, tribute_kind, tribute_name,
                            given_on, at, at, at, 'settled', 'once', method, 0, 0, false, 1, cast(");
                query.push_bind(now).push(" as text), cast(").push_bind(livemode).push(" as boolean) from brought")
            }
        );
    }
}

pub(in crate::gifts) fn insert_names(batch: &mut Batch, names: &[(&str, GiftId)]) {
    for some in names.chunks(AT_ONCE) {
        add!(batch, "insert into carried_gift (name, gift_id) ", query => query.push_values(some, |mut row, (name, id)| {
            row.push_bind(*name).push_bind(*id);
        }));
    }
}

pub(in crate::gifts) async fn named(tx: &mut Tx, names: &[&str]) -> sqlx::Result<HashMap<String, GiftId>> {
    let mut found = HashMap::new();
    for some in names.chunks(AT_ONCE) {
        let rows: Vec<(String, GiftId)> = on!(&mut *tx, conn => {
            let mut query = QueryBuilder::new("select name, gift_id from carried_gift where name in (");
            let mut places = query.separated(", ");
            for name in some {
                places.push_bind(*name);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
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

/// Which of these donors have a received gift in the month beside them. Only what lies about the month is read of each.
pub(in crate::gifts) async fn givers_among(tx: &mut Tx, pairs: &[(DonorId, Month)]) -> sqlx::Result<HashSet<(DonorId, Month)>> {
    let mut found = HashSet::new();
    for some in pairs.chunks(AT_ONCE) {
        let rows: Vec<(DonorId, String)> = on!(&mut *tx, conn => {
            let mut query = QueryBuilder::new("with asked (donor, month, since, until) as (");
            query.push_values(some, |mut row, (donor, month)| {
                // A day or two either side: `shown_at` is a moment and the month is of days.
                row.push_bind(*donor).push_bind(month.to_string()).push_bind(month.first_day().plus_days(-2).to_string())
                    .push_bind(month.plus(1).first_day().plus_days(2).to_string());
            });
            query.push(
                ") select donor, month from asked where exists (
                     select 1 from gift where donor_id = donor and shown_at >= since and shown_at < until and state = 'settled'
                     and substr(given_on, 1, 7) = month)");
            query.build_query_as().fetch_all(conn).await
        })?;
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
