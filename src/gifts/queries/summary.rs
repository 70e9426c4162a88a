use super::COLUMNS;
use crate::{
    db::{Tx, on},
    gifts::{FundId, Gift, GiftRefund, MonthTotal},
    kernel::{Cents, Currency, Month},
};

/// What the gifts of each month, currency and fund come to. Of a refund counts at most what was intended:
/// the covered fee was never part of the gift.
const MONTHS: &str = "select substr(given_on, 1, 7) as month, currency, fund_id, cast(count(*) as bigint) as gifts,
        cast(sum(intended) as bigint) as given,
        cast(sum(case when refunded > intended then intended else refunded end) as bigint) as refunded
    from gift where state = 'settled' group by substr(given_on, 1, 7), currency, fund_id";

/// What each donor's gifts come to, for the donors' own totals.
pub(in crate::gifts) const TOTALS: &str = "select donor_id, currency, cast(count(*) as bigint) as gifts,
        cast(sum(case when refunded > intended then 0 else intended - refunded end) as bigint) as given,
        min(settled_at) as first_at, max(settled_at) as last_at
    from gift where state = 'settled' group by donor_id, currency";

/// Adds to a month; negative figures take away.
pub(in crate::gifts) async fn add_to_month(
    tx: &mut Tx,
    (month, currency, fund): (Month, Currency, FundId),
    gifts: i64,
    given: Cents,
    refunded: Cents,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_month (month, currency, fund_id, gifts, given, refunded) values ($1, $2, $3, $4, $5, $6)
         on conflict (month, currency, fund_id) do update set gifts = gift_month.gifts + excluded.gifts,
             given = gift_month.given + excluded.given, refunded = gift_month.refunded + excluded.refunded")
        .bind(month.to_string()).bind(currency).bind(fund).bind(gifts).bind(given).bind(refunded)
        .execute(conn).await.map(drop))
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
    on!(tx, conn => sqlx::query_scalar("select count(*) from gift where state = 'settled' and thanked_at is null").fetch_one(conn).await)
}

pub(in crate::gifts) async fn rebuild_months(tx: &mut Tx) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from gift_month").execute(conn).await.map(drop))?;
    let sql = format!("insert into gift_month (month, currency, fund_id, gifts, given, refunded) {MONTHS}");
    on!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn wrong_months(tx: &mut Tx) -> sqlx::Result<i64> {
    const KEPT: &str = "select month, currency, fund_id, gifts, given, refunded from gift_month where gifts > 0";
    let sql = format!(
        "select count(*) from (select * from ({MONTHS}) a except {KEPT}) missing
         union all select count(*) from (select * from ({KEPT}) b except select * from ({MONTHS}) c) extra"
    );
    let counts: Vec<i64> = on!(tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await)?;
    Ok(counts.into_iter().sum())
}

/// Adds many gifts as they are, settled ones too, without their totals.
pub(in crate::gifts) async fn bulk_insert(tx: &mut Tx, gifts: &[Gift]) -> sqlx::Result<()> {
    // 32 columns: PostgreSQL binds at most 65,535 values in one statement, SQLite 32,766.
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
                    .push_bind(gift.failure.as_deref()).push_bind(gift.thanked_at).push_bind(gift.livemode);
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
