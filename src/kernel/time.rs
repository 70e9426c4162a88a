//! Moments, the places days are counted in, and the one clock.
use super::{Day, Month};
use jiff::{ToSpan, tz::TimeZone};
use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A moment in UTC, whole seconds. Its text is RFC 3339 of fixed width, so `order by` means what it
/// says in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(i64);

#[derive(Debug, thiserror::Error)]
#[error("not a UTC timestamp: {0}")]
pub struct ParseTimestampError(String);

impl Timestamp {
    /// Seconds since 1970; `None` outside the years 0000 to 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds)
            .ok()
            .filter(|t| (0..=9999).contains(&t.to_zoned_datetime(TimeZone::UTC).year()))
            .map(|_| Self(seconds))
    }

    pub const fn unix(self) -> i64 {
        self.0
    }

    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Later by `seconds` (earlier, if negative); stays where it is at the ends of the calendar.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.0.checked_add(seconds).and_then(Self::from_unix).unwrap_or(self)
    }

    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_seconds(minutes * 60)
    }

    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_seconds(hours * 3_600)
    }

    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days * 86_400)
    }

    /// Later by `months` of the calendar in UTC; the 31st becomes the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Self {
        let later = self.jiff().to_zoned_datetime(TimeZone::UTC).saturating_add(months.months());
        Self::from_unix(later.timestamp().as_second()).unwrap_or(self)
    }

    fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).expect("checked when it was made")
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;
    fn from_str(s: &str) -> Result<Self, ParseTimestampError> {
        s.parse::<jiff::Timestamp>()
            .ok()
            .and_then(|t| Self::from_unix(t.as_second()))
            .ok_or_else(|| ParseTimestampError(s.to_owned()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.jiff().to_zoned_datetime(TimeZone::UTC);
        write!(f, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
    }
}

impl From<Timestamp> for String {
    fn from(t: Timestamp) -> Self {
        t.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = ParseTimestampError;
    fn try_from(s: String) -> Result<Self, ParseTimestampError> {
        s.parse()
    }
}

super::text_column!(Timestamp);

/// The coalition's own time zone: which day it is there, and when its days begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// By its name in the IANA database, such as `America/New_York`.
    pub fn named(name: &str) -> Result<Self, String> {
        TimeZone::get(name).map(Self).map_err(|_| format!("“{name}” is not a time zone; write one such as America/New_York"))
    }

    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The calendar day at this moment, here.
    pub fn day(&self, at: Timestamp) -> Day {
        Day::from_civil(at.jiff().to_zoned_datetime(self.0.clone()).date())
    }

    /// The first moment of a day here. A day that begins with a clock change begins after it.
    pub fn start_of(&self, day: Day) -> Timestamp {
        let zoned = day.civil().to_zoned_datetime(self.0.clone()).expect("a day is within the calendar");
        Timestamp::from_unix(zoned.timestamp().as_second()).expect("a day is within the calendar")
    }

    /// The first moment of a month here.
    pub fn start_of_month(&self, month: Month) -> Timestamp {
        self.start_of(month.first_day())
    }

    /// `3 March 2026, 4:05 pm`.
    pub fn words(&self, at: Timestamp) -> String {
        let t = at.jiff().to_zoned_datetime(self.0.clone());
        let hour = match t.hour() % 12 {
            0 => 12,
            h => h,
        };
        let half = if t.hour() < 12 { "am" } else { "pm" };
        format!("{}, {hour}:{:02} {half}", self.day(at).words(), t.minute())
    }
}

/// The only way to learn the time.
#[derive(Clone, Default, Debug)]
pub struct Clock {
    stopped_at: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// A clock that stands still until it is moved; clones move together.
    pub fn stopped_at(seconds: i64) -> Self {
        Self { stopped_at: Some(Arc::new(AtomicI64::new(seconds))) }
    }

    /// Moves a stopped clock. A running one is not moved.
    pub fn advance(&self, seconds: i64) {
        if let Some(stopped) = &self.stopped_at {
            stopped.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        let now = || jiff::Timestamp::now().as_second();
        let seconds = self.stopped_at.as_ref().map_or_else(now, |s| s.load(Ordering::Relaxed));
        Timestamp::from_unix(seconds).expect("the clock is within the calendar")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order_and_days_belong_to_a_place() {
        let t = Timestamp::from_unix(1_798_779_600).unwrap();
        assert_eq!(t.to_string(), "2027-01-01T05:00:00Z");
        assert_eq!(t.to_string().parse::<Timestamp>().unwrap(), t);
        let here = Zone::named("America/New_York").unwrap();
        assert_eq!(here.day(t).to_string(), "2027-01-01");
        assert_eq!(here.day(t.plus_seconds(-1)).to_string(), "2026-12-31");
        assert_eq!(here.start_of(here.day(t)), t);
        assert_eq!(here.words(t.plus_hours(13)), "1 January 2027, 1:00 pm");
        assert!(Zone::named("Mars/Olympus").is_err());
    }
}
