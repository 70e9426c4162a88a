//! Numbers across features. Reads only, and asks the features: it has no table and no SQL of its own.
use crate::{
    db::Tx,
    gifts,
    kernel::{Cents, Currency, Money, Month},
};

/// What one month came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthOfGiving {
    pub month: Month,
    /// Settled gifts, in every currency.
    pub gifts: i64,
    /// Intended amounts less refunds, in the coalition's currency.
    pub given: Cents,
    /// The same in each other currency that was given in.
    pub others: Vec<Money>,
}

impl MonthOfGiving {
    const fn none(month: Month) -> Self {
        Self { month, gifts: 0, given: Cents::ZERO, others: Vec::new() }
    }
}

/// A month beside the same month a year before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearOverYear {
    pub now: MonthOfGiving,
    pub then: MonthOfGiving,
    /// Different donors with a settled gift in the month.
    pub givers_now: i64,
    pub givers_then: i64,
}

/// The months from `last` back, `count` of them, oldest first; those without a gift too.
pub async fn months_of_giving(tx: &mut Tx, last: Month, count: i64, currency: Currency) -> sqlx::Result<Vec<MonthOfGiving>> {
    let first = last.plus(1 - count);
    let mut months: Vec<_> = (0..count).map(|n| MonthOfGiving::none(first.plus(n))).collect();
    for total in gifts::month_totals(tx, first, last).await? {
        let Some(month) = months.iter_mut().find(|m| m.month.to_string() == total.month) else { continue };
        month.gifts += total.gifts;
        if total.currency == currency { month.given += total.given } else { month.others.push(total.given.of(total.currency)) }
    }
    Ok(months)
}

/// `months` ends with the month in question and reaches back a year or more.
pub async fn year_over_year(tx: &mut Tx, months: &[MonthOfGiving]) -> sqlx::Result<Option<YearOverYear>> {
    let Some(now) = months.last() else { return Ok(None) };
    let before = now.month.plus(-12);
    let then = months.iter().find(|m| m.month == before).cloned().unwrap_or(MonthOfGiving::none(before));
    Ok(Some(YearOverYear {
        givers_now: gifts::givers_in(tx, now.month).await?,
        givers_then: gifts::givers_in(tx, before).await?,
        now: now.clone(),
        then,
    }))
}
