//! What a donor gave, kept in the transaction of each gift: in all, the largest, the first, the last, year by year.
//!
//! A gift that went back whole was not given: it is in no total, and is neither first, last nor largest. Donors know no
//! gifts, so whoever keeps them hands in the query that sums them.
use crate::kernel::{Cents, Currency, Day, Timestamp};

pub use super::queries::{add_gift, batch_add_gifts, hold, rebuild_totals, retotal, totals_of, wrong_totals, years_of};

/// What a donor's gifts in one currency come to; there is none where nothing is left of them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DonorTotal {
    pub donor_id: super::DonorId,
    pub currency: Currency,
    pub gifts: i64,
    /// Intended, less refunds.
    pub given: Cents,
    /// The largest single gift, less what went back of it.
    pub largest: Cents,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// What a donor gave in one year, calendar or fiscal as the coalition counts; see
/// [`crate::kernel::Coalition::year_of`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DonorYear {
    pub year: i64,
    pub currency: Currency,
    pub gifts: i64,
    pub given: Cents,
}

/// One gift as the totals count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub currency: Currency,
    /// Intended, less what went back.
    pub net: Cents,
    /// When the money moved.
    pub at: Timestamp,
    /// The day it is counted on.
    pub on: Day,
}

/// The queries of whoever keeps the gifts.
#[derive(Debug, Clone)]
pub struct Sums {
    /// Answers (donor_id, currency, gifts, given, largest, first_at, last_at).
    pub totals: String,
    /// Answers (donor_id, currency, year, gifts, given).
    pub years: String,
}
