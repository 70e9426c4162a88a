//! Who this installation speaks for. Data, kept in the settings; nothing of it is in the code.
use super::{Currency, Zone};
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
