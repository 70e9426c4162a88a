use super::conditions;
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::staff::{JOIN, Purpose},
    gifts::{FundId, parts, staff::filter::Filter},
    kernel::{Cents, Currency, Zone},
};
use sqlx::AssertSqlSafe;

/// What the gifts of a whole filter come to in one currency. Amounts count received gifts only.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::gifts::staff) struct GiftSum {
    pub currency: Currency,
    pub gifts: i64,
    /// How many of them were received.
    pub received: i64,
    pub intended: Cents,
    pub covered_fee: Cents,
    /// Of the intended amounts, gone back.
    pub returned: Cents,
}

impl GiftSum {
    /// Intended, less refunds: what goals and totals count.
    pub(in crate::gifts::staff) fn net(&self) -> Cents {
        self.intended - self.returned
    }
}

/// What the whole filter comes to, by currency. Of a fund's gifts that are split it sums the parts for this fund.
pub(in crate::gifts::staff) async fn sums(tx: &mut Tx, filter: &Filter, zone: &Zone) -> sqlx::Result<Vec<GiftSum>> {
    if filter.is_in_months() {
        return sums_of_months(tx, filter).await;
    }
    let mut all = conditions(tx, filter, zone, Purpose::Sums).await?;
    let join = if filter.words.is_empty() { "" } else { JOIN };
    let back = "case when g.refunded < g.intended then g.refunded else g.intended end";
    let (part, intended, covered, back) = match part_of(tx, filter.fund, &mut all).await? {
        None => (String::new(), "g.intended", "g.covered_fee", back.to_owned()),
        Some(part) => (
            part,
            "coalesce(s.amount, g.intended)",
            "coalesce(s.covered, g.covered_fee)",
            format!("coalesce(s.refunded, {back})"),
        ),
    };
    let sql = format!(
        "select g.currency, cast(count(*) as bigint) as gifts,
                cast(sum(case when g.state = 'settled' then 1 else 0 end) as bigint) as received,
                cast(sum(case when g.state = 'settled' then {intended} else 0 end) as bigint) as intended,
                cast(sum(case when g.state = 'settled' then {covered} else 0 end) as bigint) as covered_fee,
                cast(sum({back}) as bigint) as returned
         from gift g {join} {part} {} group by g.currency order by g.currency",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// The parts `s` of split gifts for this fund, when there are any.
async fn part_of(tx: &mut Tx, fund: Option<FundId>, all: &mut Conditions) -> sqlx::Result<Option<String>> {
    match fund {
        Some(fund) if parts::any_in(tx, fund).await? => {
            let place = all.place(fund.to_string());
            Ok(Some(format!("left join gift_part s on s.gift_id = g.id and s.fund_id = {place}")))
        }
        _ => Ok(None),
    }
}

/// The same from the sums that are kept for each month, and from the few gifts that were not received.
async fn sums_of_months(tx: &mut Tx, filter: &Filter) -> sqlx::Result<Vec<GiftSum>> {
    let mut fund = Conditions::default();
    if let Some(id) = filter.fund {
        fund.and("fund_id = {}", [id.to_string().into()]);
    }
    let both = if fund.sql().is_empty() { " where " } else { " and " };
    // The months count a split gift with its first part alone; the list of a fund shows those with a later part too.
    let received = if filter.state.is_some() { "and g.state = 'settled'" } else { "" };
    let elsewhere = filter.fund.map_or_else(String::new, |_| {
        format!(
            "union all select g.currency, count(*), sum(case when g.state = 'settled' then 1 else 0 end), 0, 0, 0
             from gift_part p join gift g on g.id = p.gift_id where p.fund_id = $1 and p.position > 1 {received} group by g.currency"
        )
    });
    let unsettled = if filter.state.is_some() {
        String::new()
    } else {
        format!(
            "union all select currency, count(*), 0, 0, 0, 0 from gift{}{both}state <> 'settled' group by currency",
            fund.sql()
        )
    };
    let sql = format!(
        "select currency, cast(sum(gifts) as bigint) as gifts, cast(sum(received) as bigint) as received,
                cast(sum(intended) as bigint) as intended, cast(sum(covered_fee) as bigint) as covered_fee,
                cast(sum(returned) as bigint) as returned
         from (select currency, sum(gifts) as gifts, sum(gifts) as received, sum(given) as intended, sum(covered) as covered_fee, sum(refunded) as returned
               from gift_month{} group by currency
               {unsettled} {elsewhere}) part
         group by currency having sum(gifts) > 0 order by currency",
        fund.sql(),
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), fund.values()).fetch_all(conn).await)
}
