//! The choices of these pages, and what narrows the list of gifts: read from the query string, said in
//! words. A part that can't be read is refused, never quietly left out.
use crate::{
    gifts::{Campaign, CampaignId, Frequency, Fund, FundId, GiftState, Method},
    kernel::{Cents, Coalition, Day, words},
    web::Draft,
};

words! {
    /// Gifts that wait for somebody, or where money went back.
    pub enum Only {
        ToThank = "to_thank", "Not thanked yet";
        Refunded = "refunded", "Refunded, wholly or in part";
        Disputed = "disputed", "Disputed";
        Recurring = "recurring", "From a recurring gift";
        Undeposited = "undeposited", "Not deposited yet";
    }
}

words! {
    /// By what gifts are ordered; rising, or falling with a `-` before the word.
    pub enum GiftOrder {
        Date = "date";
        Amount = "amount";
        Donor = "donor";
    }
}

words! {
    /// Whether a donor can be written to by mail.
    pub enum Reach {
        Email = "yes", "With an e-mail address";
        NoEmail = "no", "Without an e-mail address";
    }
}

words! {
    /// When somebody gave and when not.
    pub enum Lapse {
        LastNotThis = "last_not_this", "Gave last year, not this year";
        SomeNotThis = "some_not_this", "Gave some year, not this year";
    }
}

words! {
    /// How much goes back.
    pub enum Much {
        Whole = "whole";
        Part = "part";
    }
}

/// The query string as it comes.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub q: String,
    pub fund: String,
    pub campaign: String,
    pub state: String,
    pub frequency: String,
    pub method: String,
    pub source: String,
    pub from: String,
    pub to: String,
    pub min: String,
    pub max: String,
    pub only: String,
    pub sort: String,
    pub after: String,
    pub before: String,
}

/// What it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Words in the donor's name or address.
    pub words: String,
    pub fund: Option<FundId>,
    pub campaign: Option<CampaignId>,
    pub state: Option<GiftState>,
    pub frequency: Option<Frequency>,
    pub method: Option<Method>,
    /// The code that brought it.
    pub source: Option<String>,
    /// The first and the last day, where the coalition is.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// Bounds of the intended amount, in the coalition's currency.
    pub min: Option<Cents>,
    pub max: Option<Cents>,
    pub only: Option<Only>,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    pub by: GiftOrder,
    pub falling: bool,
}

impl Sort {
    /// The newest first, when nothing is asked for or it can't be read.
    pub(super) fn read(typed: &str) -> Self {
        let (falling, word) = typed.strip_prefix('-').map_or((false, typed), |word| (true, word));
        word.parse().map_or(Self { by: GiftOrder::Date, falling: true }, |by| Self { by, falling })
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.falling { "-" } else { "" }, self.by)
    }
}

impl Asked {
    /// The filter, or nothing and the draft that says what is wrong.
    pub(super) fn read(&self, coalition: &Coalition, funds: &[Fund], campaigns: &[Campaign]) -> (Draft, Option<Filter>) {
        let mut draft = Draft::of([("q", self.q.clone()), ("fund", self.fund.clone()), ("campaign", self.campaign.clone())]);
        let words = draft.optional_text("q", &self.q, 200).unwrap_or_default();
        let fund = funds.iter().find(|fund| fund.slug == self.fund.trim()).map(|fund| fund.id);
        if fund.is_none() && !self.fund.trim().is_empty() {
            draft.reject("fund", "There is no such fund. Choose one of the list");
        }
        let campaign = campaigns.iter().find(|campaign| campaign.slug == self.campaign.trim()).map(|campaign| campaign.id);
        if campaign.is_none() && !self.campaign.trim().is_empty() {
            draft.reject("campaign", "There is no such campaign. Choose one of the list");
        }
        let state = draft.read_optional("state", &self.state).flatten();
        let frequency = draft.read_optional("frequency", &self.frequency).flatten();
        let method = draft.read_optional("method", &self.method).flatten();
        let source = draft.optional_text("source", &self.source, 60).filter(|code| !code.is_empty());
        let only = draft.read_optional("only", &self.only).flatten();
        let from: Option<Day> = draft.read_optional("from", &self.from).flatten();
        let to: Option<Day> = draft.read_optional("to", &self.to).flatten();
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            draft.reject("to", "Enter a last day that is not before the first one");
        }
        let mut amount = |field: &str, typed: &str| {
            draft.keep(field, typed);
            if typed.trim().is_empty() {
                return None;
            }
            Cents::parse(typed, coalition.currency).map_err(|reason| draft.reject(field, reason.to_string())).ok()
        };
        let (min, max) = (amount("min", &self.min), amount("max", &self.max));
        if min.zip(max).is_some_and(|(min, max)| max < min) {
            draft.reject("max", "Enter a highest amount that is not below the lowest one");
        }
        let filter = Filter { words, fund, campaign, state, frequency, method, source, from, to, min, max, only };
        let right = draft.is_right();
        (draft, right.then_some(filter))
    }
}

impl Filter {
    /// Each part in words, by its name in the query string.
    pub(super) fn in_words(&self, coalition: &Coalition, funds: &[Fund], campaigns: &[Campaign]) -> Vec<(&'static str, String)> {
        let mut words = Vec::new();
        if !self.words.is_empty() {
            words.push(("q", format!("donors with “{}”", self.words)));
        }
        if let Some(fund) = funds.iter().find(|fund| Some(fund.id) == self.fund) {
            words.push(("fund", format!("for {}", fund.name)));
        }
        if let Some(campaign) = campaigns.iter().find(|campaign| Some(campaign.id) == self.campaign) {
            words.push(("campaign", format!("from the campaign {}", campaign.name)));
        }
        if let Some(state) = self.state {
            words.push(("state", state.label().to_lowercase()));
        }
        if let Some(frequency) = self.frequency {
            words.push(("frequency", format!("given {}", frequency.label().to_lowercase())));
        }
        if let Some(method) = self.method {
            words.push(("method", format!("by {}", method.label())));
        }
        if let Some(source) = &self.source {
            words.push(("source", format!("brought by the code {source}")));
        }
        if let Some(from) = self.from {
            words.push(("from", format!("from {}", from.words())));
        }
        if let Some(to) = self.to {
            words.push(("to", format!("until {}", to.words())));
        }
        if let Some(min) = self.min {
            words.push(("min", format!("{} or more", min.of(coalition.currency))));
        }
        if let Some(max) = self.max {
            words.push(("max", format!("{} or less", max.of(coalition.currency))));
        }
        if let Some(only) = self.only {
            words.push(("only", only.label().to_lowercase()));
        }
        words
    }

    /// Whether the sums of each month and fund answer for it.
    pub(super) fn is_in_months(&self) -> bool {
        let Self { words, campaign, state, frequency, method, source, from, to, min, max, only, fund: _ } = self;
        words.is_empty()
            && campaign.is_none()
            && state.is_none_or(|state| state == GiftState::Settled)
            && frequency.is_none()
            && (method.is_none() && source.is_none())
            && (from.is_none() && to.is_none() && min.is_none() && max.is_none() && only.is_none())
    }
}
