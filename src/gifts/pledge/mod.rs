//! Pledges: what a donor promised, in instalments that add up to the cent, and what came of it.
//!
//! A pledge stands beside the books: money counts when it arrives, as a gift that is applied to the pledge. It
//! refuses a gift of another donor or currency, and a gift that fulfils another pledge.
mod list;
mod open;
mod remind;
mod show;

use super::{CampaignId, FundId};
use crate::{
    app::App,
    donors::DonorId,
    kernel::{Cents, Currency, Day, Timestamp, id, words},
};
use axum::{
    Router,
    routing::{get, post},
};

pub(super) use list::table;
pub(super) use open::write_down;
pub use remind::REMIND;
pub(super) use remind::daily;
pub(super) use show::{apply, of_donor};

id!(
    /// Names one row of `pledge`.
    PledgeId
);

words! {
    /// When the instalments of a pledge come.
    pub enum Rhythm {
        Once = "once", "Once";
        Monthly = "monthly", "Every month";
        Quarterly = "quarterly", "Every quarter";
        Yearly = "yearly", "Every year";
    }
}

words! {
    /// Whether a pledge is waited for.
    pub enum PledgeState {
        Open = "open", "Open";
        WrittenOff = "written_off", "Written off";
    }
}

words! {
    /// When a donor is reminded of an instalment.
    pub enum Rule {
        Before = "before", "A week before";
        Late = "late", "Two weeks late";
    }
}

/// One row of `pledge`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Pledge {
    pub(super) id: PledgeId,
    pub(super) donor_id: DonorId,
    pub(super) fund_id: FundId,
    pub(super) campaign_id: Option<CampaignId>,
    /// All instalments together.
    pub(super) amount: Cents,
    pub(super) currency: Currency,
    pub(super) rhythm: Rhythm,
    pub(super) made_on: Day,
    pub(super) note: String,
    pub(super) reminders: bool,
    pub(super) state: PledgeState,
    pub(super) written_off_at: Option<Timestamp>,
    pub(super) why: Option<String>,
    pub(super) created_at: Timestamp,
}

/// What a donor promises: so much in so many instalments.
#[derive(Debug, Clone)]
pub struct Promise {
    pub donor: DonorId,
    pub fund: FundId,
    pub amount: Cents,
    pub currency: Currency,
    pub rhythm: Rhythm,
    pub instalments: i64,
    pub first_on: Day,
    pub made_on: Day,
}

/// One row of `pledge_instalment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Instalment {
    /// From 1.
    pub(super) number: i64,
    pub(super) due_on: Day,
    pub(super) amount: Cents,
    /// All up to this one.
    pub(super) through: Cents,
}

impl Instalment {
    /// What is still missing of it, when so much of the pledge is paid: the first instalments are paid first.
    pub(super) fn left(&self, paid: Cents) -> Cents {
        (self.through - paid).min(self.amount).max(Cents::ZERO)
    }
}

/// One row of `pledge_reminder`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Reminded {
    pub(super) number: i64,
    pub(super) rule: Rule,
    pub(super) at: Timestamp,
    /// Why it was skipped.
    pub(super) why: Option<String>,
}

/// The instalments of a pledge: as even as cents allow, the larger ones first. A day that a month does not
/// have is its last one.
pub(super) fn schedule(amount: Cents, rhythm: Rhythm, first: Day, count: i64) -> Vec<Instalment> {
    let count = if rhythm == Rhythm::Once { 1 } else { count.max(1) };
    let months = match rhythm {
        Rhythm::Once | Rhythm::Monthly => 1,
        Rhythm::Quarterly => 3,
        Rhythm::Yearly => 12,
    };
    let (even, more) = (amount.get() / count, amount.get() % count);
    let mut through = Cents::ZERO;
    (0..count)
        .map(|n| {
            let amount = Cents::new(even + i64::from(n < more));
            through += amount;
            let month = first.month().plus(n * months);
            let last = month.last_day();
            let due_on = Day::new(month.year(), month.number(), first.day_of_month()).unwrap_or(last);
            Instalment { number: n + 1, due_on, amount, through }
        })
        .collect()
}

/// The pages of staff.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/pledges", get(list::page))
        .route("/staff/pledges/new", get(open::ask).post(open::save))
        .route("/staff/pledges/{id}", get(show::page))
        .route("/staff/pledges/{id}/payments", post(show::add))
        .route("/staff/pledges/{id}/freed", post(show::remove))
        .route("/staff/pledges/{id}/write-off", get(show::ask_write_off).post(show::write_off))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_schedule_keeps_its_day_of_the_month_where_there_is_one() {
        let days = |rhythm, first: &str, count| {
            schedule(Cents::new(10_000), rhythm, first.parse().unwrap(), count)
                .into_iter()
                .map(|one| (one.due_on.to_string(), one.amount.get()))
                .collect::<Vec<_>>()
        };
        let expected = [("2026-01-31", 3_334), ("2026-02-28", 3_333), ("2026-03-31", 3_333)];
        assert_eq!(days(Rhythm::Monthly, "2026-01-31", 3), expected.map(|(day, cents)| (day.to_owned(), cents)));
        assert_eq!(days(Rhythm::Yearly, "2024-02-29", 2)[1].0, "2025-02-28");
        assert_eq!(days(Rhythm::Quarterly, "2026-11-15", 2)[1].0, "2027-02-15");
        assert_eq!(days(Rhythm::Once, "2026-11-15", 9).len(), 1);
    }

    proptest! {
        #[test]
        fn instalments_add_up_to_the_cent(cents in 120_i64..9_999_999, count in 1_i64..=120, paid in 0_i64..9_999_999) {
            let all = schedule(Cents::new(cents), Rhythm::Monthly, "2026-01-31".parse().unwrap(), count);
            prop_assert_eq!(all.iter().map(|one| one.amount).sum::<Cents>(), Cents::new(cents));
            prop_assert!(all.iter().all(|one| one.amount.is_positive()));
            let left: Cents = all.iter().map(|one| one.left(Cents::new(paid))).sum();
            prop_assert_eq!(left, Cents::new((cents - paid).max(0)));
        }
    }
}
