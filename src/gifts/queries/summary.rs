use super::COLUMNS;
use super::WAITS;
use crate::{
    db::{Tx, on},
    donors::{DonorId, Sums},
    gifts::{FundId, Gift, GiftId, GiftRefund, MonthTotal},
    kernel::{Cents, Coalition, Currency, Month},
};

/// What the gifts of each month, currency and fund come to. Of a refund counts at most what was intended:
/// the covered fee was never part of the gift. A split gift counts once, in the fund of its first part, and by
/// its parts in what they come to.
const MONTHS: &str = "select month, currency, fund_id, cast(sum(gifts) as bigint) as gifts, cast(sum(given) as bigint) as given,
        cast(sum(covered) as bigint) as covered, cast(sum(refunded) as bigint) as refunded
    from (select substr(given_on, 1, 7) as month, currency, fund_id, count(*) as gifts, sum(intended) as given, sum(covered_fee) as covered,
                 sum(case when refunded > intended then intended else refunded end) as refunded
          from gift where state = 'settled' and not split group by substr(given_on, 1, 7), currency, fund_id
          union all
          select substr(g.given_on, 1, 7), g.currency, p.fund_id, case when p.position = 1 then 1 else 0 end, p.amount, p.covered, p.refunded
          from gift_part p join gift g on g.id = p.gift_id where g.state = 'settled') counted
    group by month, currency, fund_id";

/// What donors' gifts come to, for the donors' own totals: of every donor, or of those at these places, such as `$1`.
pub(in crate::gifts) fn sums_of_donors(coalition: &Coalition, places: Option<&str>) -> Sums {
    let of = places.map_or_else(
        || "from gift where state = 'settled' and refunded < intended".to_owned(),
        |places| format!("from gift where donor_id in ({places}) and state = 'settled' and refunded < intended"),
    );
    let year = if coalition.counts_calendar_years() {
        "cast(substr(given_on, 1, 4) as bigint)".to_owned()
    } else {
        format!(
            "(cast(substr(given_on, 1, 4) as bigint) + case when substr(given_on, 6, 2) >= '{:02}' then 1 else 0 end)",
            coalition.fiscal_year_month
        )
    };
    Sums {
        totals: format!(
            "select donor_id, currency, cast(count(*) as bigint) as gifts, cast(sum(intended - refunded) as bigint) as given,
                    cast(max(intended - refunded) as bigint) as largest, min(settled_at) as first_at, max(settled_at) as last_at
             {of} group by donor_id, currency"
        ),
        years: format!(
            "select donor_id, currency, {year} as year, cast(count(*) as bigint) as gifts, cast(sum(intended - refunded) as bigint) as given
             {of} group by donor_id, currency, {year}"
        ),
    }
}

/// Adds to a month; negative figures take away.
pub(in crate::gifts) async fn add_to_month(
    tx: &mut Tx,
    (month, currency, fund): (Month, Currency, FundId),
    gifts: i64,
    (given, covered): (Cents, Cents),
    refunded: Cents,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_month (month, currency, fund_id, gifts, given, covered, refunded) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (month, currency, fund_id) do update set gifts = gift_month.gifts + excluded.gifts,
             given = gift_month.given + excluded.given, covered = gift_month.covered + excluded.covered,
             refunded = gift_month.refunded + excluded.refunded")
        .bind(month.to_string()).bind(currency).bind(fund).bind(gifts).bind(given).bind(covered).bind(refunded)
        .execute(conn).await.map(drop))
}

/// Takes a gift, or a part of one, from a month that counts it. (An insert of less than nothing is refused by the
/// table, also where a row is there to be changed.)
pub(in crate::gifts) async fn take_from_month(
    tx: &mut Tx,
    (month, currency, fund): (Month, Currency, FundId),
    gifts: i64,
    (given, covered): (Cents, Cents),
    refunded: Cents,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update gift_month set gifts = gifts - $7, given = given - $4, covered = covered - $5, refunded = refunded - $6
         where month = $1 and currency = $2 and fund_id = $3")
        .bind(month.to_string()).bind(currency).bind(fund).bind(given).bind(covered).bind(refunded).bind(gifts)
        .execute(conn).await.map(drop))
}

/// How many different donors gave in each month.
const GIVERS: &str = "select substr(given_on, 1, 7) as month, cast(count(distinct donor_id) as bigint) as givers
    from gift where state = 'settled' group by substr(given_on, 1, 7)";

/// Counts the donor of a gift that was just settled, unless another gift of the month counted them. Comes
/// after the donor's own total, whose row keeps two gifts of one donor at the same moment apart.
pub(in crate::gifts) async fn count_giver(tx: &mut Tx, month: Month, donor: DonorId, gift: GiftId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_month_givers (month, givers)
         select $1, 1 where not exists (
             select 1 from gift where donor_id = $2 and id <> $3 and state = 'settled' and substr(given_on, 1, 7) = $1)
         on conflict (month) do update set givers = gift_month_givers.givers + 1")
        .bind(month.to_string()).bind(donor).bind(gift)
        .execute(conn).await.map(drop))
}

/// Counts a donor no more who has no settled gift in the month any longer.
pub(in crate::gifts) async fn discount_giver(tx: &mut Tx, month: Month, donor: DonorId) -> sqlx::Result<()> {
    const GONE: &str = "month = $1 and not exists (
        select 1 from gift where donor_id = $2 and state = 'settled' and substr(given_on, 1, 7) = $1)";
    for what in
        ["delete from gift_month_givers where givers = 1", "update gift_month_givers set givers = givers - 1 where givers > 1"]
    {
        let sql = format!("{what} and {GONE}");
        let done = on!(&mut *tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(month.to_string()).bind(donor)
            .execute(conn).await.map(|done| done.rows_affected()))?;
        if done > 0 {
            break;
        }
    }
    Ok(())
}

/// How many different donors had a settled gift in a month.
pub async fn givers_in(tx: &mut Tx, month: Month) -> sqlx::Result<i64> {
    let givers: Option<i64> = on!(tx, conn => sqlx::query_scalar("select givers from gift_month_givers where month = $1")
        .bind(month.to_string())
        .fetch_optional(conn).await)?;
    Ok(givers.unwrap_or(0))
}

/// What came in from one month to another, both included, oldest first; all funds together.
pub async fn month_totals(tx: &mut Tx, from: Month, to: Month) -> sqlx::Result<Vec<MonthTotal>> {
    on!(tx, conn => sqlx::query_as(
        "select month, currency, cast(sum(gifts) as bigint) as gifts, cast(sum(given - refunded) as bigint) as given
         from gift_month where month >= $1 and month <= $2 group by month, currency order by month, currency")
        .bind(from.to_string()).bind(to.to_string())
        .fetch_all(conn).await)
}

/// What was given to one fund in all, less refunds, in each currency.
pub async fn given_to_fund(tx: &mut Tx, fund: FundId) -> sqlx::Result<Vec<(Currency, Cents)>> {
    on!(tx, conn => sqlx::query_as(
        "select currency, cast(sum(given - refunded) as bigint) from gift_month where fund_id = $1 group by currency order by currency")
        .bind(fund)
        .fetch_all(conn).await)
}

/// How many settled gifts nobody has thanked for by hand yet.
pub async fn to_thank(tx: &mut Tx) -> sqlx::Result<i64> {
    let sql = format!("select count(*) from gift g where {WAITS}");
    on!(tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(conn).await)
}

pub(in crate::gifts) async fn rebuild_months(tx: &mut Tx) -> sqlx::Result<()> {
    for (table, columns, sums) in [
        ("gift_month", "month, currency, fund_id, gifts, given, covered, refunded", MONTHS),
        ("gift_month_givers", "month, givers", GIVERS),
    ] {
        let old = format!("delete from {table}");
        on!(&mut *tx, conn => sqlx::query(sqlx::AssertSqlSafe(old)).execute(conn).await.map(drop))?;
        let sql = format!("insert into {table} ({columns}) {sums}");
        on!(&mut *tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.map(drop))?;
    }
    Ok(())
}

pub(in crate::gifts) async fn wrong_months(tx: &mut Tx) -> sqlx::Result<i64> {
    let mut wrong = 0;
    for (kept, sums) in [
        ("select month, currency, fund_id, gifts, given, covered, refunded from gift_month where gifts > 0 or given > 0", MONTHS),
        ("select month, givers from gift_month_givers", GIVERS),
    ] {
        let sql = format!(
            "select count(*) from (select * from ({sums}) a except {kept}) missing
             union all select count(*) from (select * from ({kept}) b except select * from ({sums}) c) extra"
        );
        let counts: Vec<i64> = on!(&mut *tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await)?;
        wrong += counts.into_iter().sum::<i64>();
    }
    Ok(wrong)
}

/// Adds many gifts as they are, settled ones too, without their totals.
pub(in crate::gifts) async fn bulk_insert(tx: &mut Tx, gifts: &[Gift]) -> sqlx::Result<()> {
    // 34 columns: PostgreSQL binds at most 65,535 values in one statement, SQLite 32,766.
    for some in gifts.chunks(900) {
        let sql = format!("insert into gift ({COLUMNS}) ");
        on!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(sql);
            query.push_values(some, |mut row, gift| {
                row.push_bind(gift.id).push_bind(gift.donor_id).push_bind(gift.fund_id).push_bind(gift.campaign_id)
                    .push_bind(gift.source.as_deref()).push_bind(gift.recurring_id).push_bind(gift.state).push_bind(gift.frequency)
                    .push_bind(gift.intended).push_bind(gift.covered_fee).push_bind(gift.charged).push_bind(gift.refunded)
                    .push_bind(gift.currency).push_bind(gift.disputed).push_bind(gift.tribute_kind).push_bind(gift.tribute_name.as_deref())
                    .push_bind(gift.created_at).push_bind(gift.settled_at).push_bind(gift.given_on).push_bind(gift.shown_at)
                    .push_bind(gift.attempt).push_bind(gift.checkout.as_deref()).push_bind(gift.checkout_url.as_deref())
                    .push_bind(gift.checkout_until).push_bind(gift.payment.as_deref()).push_bind(gift.charge.as_deref())
                    .push_bind(gift.invoice.as_deref()).push_bind(gift.processor_fee).push_bind(gift.card.as_deref())
                    .push_bind(gift.failure.as_deref()).push_bind(gift.thanked_at).push_bind(gift.livemode).push_bind(gift.method)
                    .push_bind(gift.split);
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

pub(in crate::gifts) async fn bulk_insert_refunds(tx: &mut Tx, refunds: &[GiftRefund]) -> sqlx::Result<()> {
    for some in refunds.chunks(1_000) {
        on!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into gift_refund (id, gift_id, refund, amount, state, reason, at) ");
            query.push_values(some, |mut row, refund| {
                row.push_bind(refund.id).push_bind(refund.gift_id).push_bind(&refund.refund).push_bind(refund.amount)
                    .push_bind(refund.state).push_bind(refund.reason.as_deref()).push_bind(refund.at);
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}
