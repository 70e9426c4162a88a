use crate::{
    db::{Batch, Tx, add, on},
    donors::{
        DonorId,
        totals::{Counted, DonorTotal, DonorYear, Sums},
    },
    kernel::Coalition,
    settings,
};
use sqlx::AssertSqlSafe;

/// Holds a donor until the transaction ends, so that two who change the totals do so one after the other.
pub async fn hold(tx: &mut Tx, id: DonorId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update donor set created_at = created_at where id = $1").bind(id).execute(conn).await.map(drop))
}

/// Counts a gift that was just received. What takes money away calls [`retotal`].
pub async fn add_gift(tx: &mut Tx, id: DonorId, gift: &Counted) -> sqlx::Result<()> {
    hold(tx, id).await?;
    let year = settings::get::<Coalition>(tx).await?.year_of(gift.on);
    on!(&mut *tx, conn => sqlx::query(
        "insert into donor_total (donor_id, currency, gifts, given, largest, first_at, last_at) values ($1, $2, 1, $3, $3, $4, $4)
         on conflict (donor_id, currency) do update set
             gifts = donor_total.gifts + 1,
             given = donor_total.given + excluded.given,
             largest = case when excluded.largest > donor_total.largest then excluded.largest else donor_total.largest end,
             first_at = case when excluded.first_at < donor_total.first_at then excluded.first_at else donor_total.first_at end,
             last_at = case when excluded.last_at > donor_total.last_at then excluded.last_at else donor_total.last_at end")
        .bind(id).bind(gift.currency).bind(gift.net).bind(gift.at)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query(
        "insert into donor_year (donor_id, currency, year, gifts, given) values ($1, $2, $3, 1, $4)
         on conflict (donor_id, currency, year) do update set gifts = donor_year.gifts + 1, given = donor_year.given + excluded.given")
        .bind(id).bind(gift.currency).bind(i64::from(year)).bind(gift.net)
        .execute(conn).await.map(drop))
}

/// The statements that count received gifts of many donors: what they come to for each, in all and year by year. The
/// donors are held by whoever runs them.
pub fn batch_add_gifts(batch: &mut Batch, totals: &[DonorTotal], years: &[(DonorId, DonorYear)]) {
    for some in totals.chunks(1_000) {
        add!(batch, format!("insert into donor_total ({TOTAL}) "), query => {
            query.push_values(some, |mut row, total| {
                row.push_bind(total.donor_id).push_bind(total.currency).push_bind(total.gifts).push_bind(total.given)
                    .push_bind(total.largest).push_bind(total.first_at).push_bind(total.last_at);
            });
            query.push(
                " on conflict (donor_id, currency) do update set
                  gifts = donor_total.gifts + excluded.gifts,
                  given = donor_total.given + excluded.given,
                  largest = case when excluded.largest > donor_total.largest then excluded.largest else donor_total.largest end,
                  first_at = case when excluded.first_at < donor_total.first_at then excluded.first_at else donor_total.first_at end,
                  last_at = case when excluded.last_at > donor_total.last_at then excluded.last_at else donor_total.last_at end")
        });
    }
    for some in years.chunks(1_000) {
        add!(batch, format!("insert into donor_year ({YEAR}) "), query => {
            query.push_values(some, |mut row, (donor, year)| {
                row.push_bind(*donor).push_bind(year.currency).push_bind(year.year).push_bind(year.gifts).push_bind(year.given);
            });
            query.push(
                " on conflict (donor_id, currency, year) do update set
                  gifts = donor_year.gifts + excluded.gifts, given = donor_year.given + excluded.given")
        });
    }
}

pub async fn totals_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<DonorTotal>> {
    on!(tx, conn => sqlx::query_as(
        "select donor_id, currency, gifts, given, largest, first_at, last_at from donor_total where donor_id = $1 order by currency")
        .bind(id)
        .fetch_all(conn).await)
}

/// The years in which a donor gave, newest first.
pub async fn years_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<DonorYear>> {
    on!(tx, conn => sqlx::query_as(
        "select year, currency, gifts, given from donor_year where donor_id = $1 order by year desc, currency")
        .bind(id)
        .fetch_all(conn).await)
}

pub(super) const TOTAL: &str = "donor_id, currency, gifts, given, largest, first_at, last_at";
pub(super) const YEAR: &str = "donor_id, currency, year, gifts, given";

/// Makes one donor's totals anew; `sums` are about that donor alone, as `$1`.
pub async fn retotal(tx: &mut Tx, id: DonorId, sums: &Sums) -> sqlx::Result<()> {
    hold(tx, id).await?;
    for (table, columns, sql) in [("donor_total", TOTAL, &sums.totals), ("donor_year", YEAR, &sums.years)] {
        let old = format!("delete from {table} where donor_id = $1");
        on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(old)).bind(id).execute(conn).await.map(drop))?;
        let new = format!("insert into {table} ({columns}) {sql}");
        on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(new)).bind(id).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Makes every donor's totals anew.
pub async fn rebuild_totals(tx: &mut Tx, sums: &Sums) -> sqlx::Result<()> {
    for (table, columns, sql) in [("donor_total", TOTAL, &sums.totals), ("donor_year", YEAR, &sums.years)] {
        let old = format!("delete from {table}");
        on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(old)).execute(conn).await.map(drop))?;
        let new = format!("insert into {table} ({columns}) {sql}");
        on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(new)).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// How many totals differ from what `sums` say.
pub async fn wrong_totals(tx: &mut Tx, sums: &Sums) -> sqlx::Result<i64> {
    let mut wrong = 0;
    for (table, columns, sql) in [("donor_total", TOTAL, &sums.totals), ("donor_year", YEAR, &sums.years)] {
        let kept = format!("select {columns} from {table}");
        let sql = format!(
            "select count(*) from (select * from ({sql}) a except {kept}) missing
             union all select count(*) from (select * from ({kept}) b except select * from ({sql}) c) extra"
        );
        let counts: Vec<i64> = on!(&mut *tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await)?;
        wrong += counts.into_iter().sum::<i64>();
    }
    Ok(wrong)
}
