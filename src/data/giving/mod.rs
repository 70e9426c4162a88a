//! Donors and gifts from files, by the million: a stretch of rows at a time, each tried and applied in few
//! statements.
//!
//! It refuses a gift to a fund or a campaign that is not there, a day to come, and the same gift twice.
mod apply;
mod check;
mod rows;

pub(super) use apply::apply;
pub(super) use check::check;
