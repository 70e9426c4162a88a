//! Who this installation speaks for. Data, kept in the settings; nothing of it is in the code.
use super::{Currency, Day, Zone};
use std::sync::{Arc, RwLock};

/// The coalition's public identity.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Coalition {
    /// In full: `American NGO Coalition for the International Criminal Court`.
    pub name: String,
    /// As people say it: `AMICC`.
    pub short_name: String,
    /// One line under the name.
    pub tagline: String,
    /// One or two sentences for the home page.
    pub mission: String,
    /// Where visitors write to.
    pub contact_email: String,
    /// Where letters reach it, several lines.
    pub address: String,
    /// What a member is called in a sentence: `institutional member`.
    pub member_word: String,
    /// IANA name of the time zone its days are counted in.
    pub time_zone: String,
    pub currency: Currency,
    /// The month its fiscal year begins with, 1 to 12.
    pub fiscal_year_month: i8,
    /// Generated data: every page says so.
    pub demo: bool,
}

impl Default for Coalition {
    fn default() -> Self {
        Self {
            name: "Your coalition".to_owned(),
            short_name: "Your coalition".to_owned(),
            tagline: String::new(),
            mission: String::new(),
            contact_email: String::new(),
            address: String::new(),
            member_word: "member".to_owned(),
            time_zone: "America/New_York".to_owned(),
            currency: Currency::USD,
            fiscal_year_month: 1,
            demo: false,
        }
    }
}

impl Coalition {
    /// The zone its days are counted in; UTC when the name is not known.
    pub fn zone(&self) -> Zone {
        Zone::named(&self.time_zone).unwrap_or_else(|_| Zone::utc())
    }

    /// Whether its years are calendar years.
    pub const fn counts_calendar_years(&self) -> bool {
        self.fiscal_year_month <= 1
    }

    /// The year a day is counted in; a fiscal year has the number of the calendar year it ends in.
    pub fn year_of(&self, day: Day) -> i16 {
        day.year() + i16::from(!self.counts_calendar_years() && day.month().number() >= self.fiscal_year_month)
    }
}

/// The current coalition, shared by all requests and replaced when staff change it.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<RwLock<Arc<Coalition>>>);

impl Shared {
    pub fn new(coalition: Coalition) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(coalition))))
    }

    pub fn get(&self) -> Arc<Coalition> {
        self.0.read().expect("no writer panics").clone()
    }

    pub fn set(&self, coalition: Coalition) {
        *self.0.write().expect("no writer panics") = Arc::new(coalition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_has_the_number_of_the_year_it_ends_in() {
        let day = |month, day| Day::new(2026, month, day).expect("a day");
        let beginning = |month| Coalition { fiscal_year_month: month, ..Coalition::default() };
        for (begins, on, year) in [
            (1, day(1, 1), 2026),
            (1, day(12, 31), 2026),
            (7, day(6, 30), 2026),
            (7, day(7, 1), 2027),
            (12, day(11, 30), 2026),
            (12, day(12, 1), 2027),
            (2, day(1, 31), 2026),
            (2, day(2, 1), 2027),
        ] {
            assert_eq!(beginning(begins).year_of(on), year, "{begins} {on}");
        }
    }
}
