//! Donors and gifts from files, by the million: a stretch of rows at a time, each tried, applied and taken back in few
//! statements.
//!
//! It refuses a gift to a fund or a campaign that is not there, a day to come, and the same gift twice.
mod apply;
mod back_page;
mod check;
mod hand;
mod look;
mod rows;
mod stretch;
mod undo;

pub(super) use apply::apply;
pub(super) use back_page::{act, ask, router};
pub(super) use check::check;
pub(super) use look::look_job;
pub(super) use undo::undo_job;
pub use undo::{begin_undoing, undo_some};
