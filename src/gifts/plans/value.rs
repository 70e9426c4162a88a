//! What recurring gifts come to in a calendar year: what has arrived, what is still due if all go on as they are.
//!
//! Those that end with what is paid for, and those paused without an end, promise nothing.
use crate::{
    db::Tx,
    gifts::queries,
    kernel::{Cents, Currency, Day, Timestamp, Zone},
    payments::Frequency,
};
use std::collections::BTreeMap;

/// Intended amounts of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnualValue {
    pub currency: Currency,
    /// Since the first of January, less refunds.
    pub received: Cents,
    /// Until the end of this year.
    pub due: Cents,
    pub next_year: Cents,
}

impl AnnualValue {
    /// This year from its first day to its last.
    pub fn this_year(&self) -> Cents {
        self.received + self.due
    }
}

/// The values of each currency that has any.
pub async fn annual_values(tx: &mut Tx, today: Day, zone: &Zone) -> sqlx::Result<Vec<AnnualValue>> {
    let year = today.year();
    let mut values: BTreeMap<Currency, AnnualValue> = BTreeMap::new();
    let zero = |currency| AnnualValue { currency, received: Cents::ZERO, due: Cents::ZERO, next_year: Cents::ZERO };
    let first = Day::new(year, 1, 1).unwrap_or(today);
    for (currency, received) in queries::received_recurring(tx, zone.start_of(first)).await? {
        values.entry(currency).or_insert_with(|| zero(currency)).received += received;
    }
    for sum in queries::running_by_hour(tx).await? {
        let hour = |text: &str| format!("{text}:00:00Z").parse::<Timestamp>().ok();
        let Some(next) = hour(&sum.next) else { continue };
        let from = sum.resumes.as_deref().and_then(hour).map_or(next, |at| at.max(next));
        let count = |year| payments_in(year, next, from, sum.frequency, zone);
        let value = values.entry(sum.currency).or_insert_with(|| zero(sum.currency));
        value.due += Cents::new(sum.intended.get() * count(year));
        value.next_year += Cents::new(sum.intended.get() * count(year + 1));
    }
    Ok(values.into_values().collect())
}

/// How often it is charged in a year, not before `from`.
fn payments_in(year: i16, next: Timestamp, from: Timestamp, frequency: Frequency, zone: &Zone) -> i64 {
    let step = if frequency == Frequency::Yearly { 12 } else { 1 };
    let times = (0..).map(|n| next.plus_months(n * step)).take(60);
    let within = times.take_while(|at| zone.day(*at).year() <= year).filter(|at| *at >= from && zone.day(*at).year() == year);
    i64::try_from(within.count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_counts_what_falls_into_it_and_a_pause_nothing() {
        let zone = Zone::named("America/New_York").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let next = at("2026-10-15T12:00:00Z");
        let count = |year, from, frequency| payments_in(year, next, from, frequency, &zone);
        assert_eq!(count(2026, next, Frequency::Monthly), 3);
        assert_eq!(count(2027, next, Frequency::Monthly), 12);
        assert_eq!((count(2026, next, Frequency::Yearly), count(2027, next, Frequency::Yearly)), (1, 1));
        let resumes = at("2027-02-01T00:00:00Z");
        assert_eq!((count(2026, resumes, Frequency::Monthly), count(2027, resumes, Frequency::Monthly)), (0, 11));
        let at_night = at("2027-01-01T03:00:00Z");
        assert_eq!(payments_in(2026, at_night, at_night, Frequency::Yearly, &zone), 1, "it is still December in New York");
    }
}
