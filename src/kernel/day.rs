//! Calendar days and months, without a time of day or a place.
use jiff::{ToSpan, civil::Date};
use std::{fmt, str::FromStr};

/// A calendar day, without a time or a place. Text is `2026-03-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Day(Date);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a date such as 2026-03-31")]
pub struct ParseDayError;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

impl Day {
    /// `None` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().filter(|d| d.year() >= 0).map(Self)
    }

    pub(super) fn from_civil(date: Date) -> Self {
        Self(date)
    }

    pub(super) fn civil(self) -> Date {
        self.0
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub fn month(self) -> Month {
        Month(self.0.first_of_month())
    }

    pub fn day_of_month(self) -> i8 {
        self.0.day()
    }

    /// Later by `days` (earlier, if negative); stays within the calendar.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.days()))
    }

    /// Whole days from `earlier` to this day.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).get_days().into()
    }

    /// `3 March 2026`.
    pub fn words(self) -> String {
        format!("{} {} {}", self.0.day(), self.month().name(), self.0.year())
    }
}

impl FromStr for Day {
    type Err = ParseDayError;
    fn from_str(s: &str) -> Result<Self, ParseDayError> {
        let s = s.trim();
        if s.len() != 10 {
            return Err(ParseDayError);
        }
        s.parse::<Date>().map(Self).map_err(|_| ParseDayError)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = ParseDayError;
    fn try_from(s: String) -> Result<Self, ParseDayError> {
        s.parse()
    }
}

/// A calendar month. Text is `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// `None` when there is no such month.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        Day::new(year, month, 1).map(|day| Self(day.0))
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// 1 to 12.
    pub fn number(self) -> i8 {
        self.0.month()
    }

    pub fn first_day(self) -> Day {
        Day(self.0)
    }

    pub fn last_day(self) -> Day {
        Day(self.0.last_of_month())
    }

    /// Later by `months` (earlier, if negative).
    #[must_use]
    pub fn plus(self, months: i64) -> Self {
        Self(self.0.saturating_add(months.months()))
    }

    /// `March`.
    pub fn name(self) -> &'static str {
        MONTHS[usize::try_from(self.0.month() - 1).expect("a month is 1 to 12")]
    }

    /// `March 2026`.
    pub fn words(self) -> String {
        format!("{} {}", self.name(), self.0.year())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = ParseDayError;
    fn from_str(s: &str) -> Result<Self, ParseDayError> {
        format!("{}-01", s.trim()).parse::<Day>().map(Day::month)
    }
}

super::text_column!(Day, Month);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_strictly_and_said_plainly() {
        let day: Day = "2024-02-29".parse().unwrap();
        assert_eq!(day.words(), "29 February 2024");
        assert_eq!(day.month().plus(12).to_string(), "2025-02");
        assert_eq!(day.month().plus(-2).words(), "December 2023");
        assert_eq!(day.month().last_day(), day);
        assert_eq!(Day::new(2025, 1, 1).unwrap().days_since(Day::new(2024, 1, 1).unwrap()), 366);
        for bad in ["", "2023-02-29", "3/4/2024", "2024-2-9", "20240229", "2024-02-29T00:00"] {
            assert_eq!(bad.parse::<Day>(), Err(ParseDayError), "{bad}");
        }
    }
}
