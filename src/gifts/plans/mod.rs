//! Changing a recurring gift: its amount, a pause, its end. The wish is written down before the payment service
//! hears of it and is asked with the same key until its end is known; what came of it is read from the service.
//!
//! It refuses what has ended, a pause while a payment is missing, and an amount outside the limits of the form.
mod act;
mod brought;
mod forms;
mod log;
mod notices;
mod seat;
mod show;
mod value;

use super::{RecurringGift, RecurringId, queries, refresh};
use crate::{
    app::App,
    audit::{self, Actor},
    kernel::{Cents, Day, Timestamp, Zone, id, words},
    payments::{Frequency, GatewayError, Split, SubscriptionState},
};

pub(super) use act::{Act, Amount, Pause, card, do_it, read_amount, read_pause};
pub(super) use brought::counts;
pub use brought::{Whose, bring_in, held, hold, on_record, payers, take_back};
pub(super) use forms::{amount_page, pause_page};
pub(super) use log::note;
pub(super) use notices::warn_of_cards;
pub(super) use seat::Seat;
pub(super) use show::{buttons, changes, failure, sentence};
pub use value::{AnnualValue, annual_values};

id!(
    /// Names one row of `recurring_request`.
    RequestId
);
id!(
    /// Names one row of `recurring_change`.
    ChangeId
);

words! {
    /// What is asked of a recurring gift.
    pub enum Asked {
        Amount = "amount";
        Pause = "pause";
        Resume = "resume";
        Stop = "stop";
        Keep = "keep";
    }
}

words! {
    /// What was seen to change.
    pub enum What {
        Began = "began", "Began";
        Upgraded = "upgraded", "Raised";
        Downgraded = "downgraded", "Lowered";
        Divided = "divided", "Divided anew";
        Paused = "paused", "Paused";
        Resumed = "resumed", "Goes on after the pause";
        Card = "card", "Another card";
        Stopped = "stopped", "Ends with what is paid for";
        Kept = "kept", "Does not end after all";
        PastDue = "past_due", "A payment failed";
        Recovered = "recovered", "The payment was made up for";
        Ended = "ended", "Ended";
    }
}

/// One row of `recurring_change`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    pub id: ChangeId,
    pub at: Timestamp,
    pub what: What,
    pub actor_kind: String,
    pub actor_name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One row of `recurring_failure`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) attempts: i64,
    pub(super) failed_at: Timestamp,
    pub(super) retry_at: Option<Timestamp>,
    pub(super) page: Option<String>,
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Amount(Split),
    /// Nothing is collected before then.
    Pause(Timestamp),
    Resume,
    Stop,
    Keep,
}

impl Wish {
    pub(super) const fn kind(&self) -> Asked {
        match self {
            Self::Amount(_) => Asked::Amount,
            Self::Pause(_) => Asked::Pause,
            Self::Resume => Asked::Resume,
            Self::Stop => Asked::Stop,
            Self::Keep => Asked::Keep,
        }
    }

    pub(super) const fn split(&self) -> Option<Split> {
        if let Self::Amount(split) = self { Some(*split) } else { None }
    }

    pub(super) const fn until(&self) -> Option<Timestamp> {
        if let Self::Pause(until) = self { Some(*until) } else { None }
    }
}

/// A wish whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Request {
    pub(super) id: RequestId,
    pub(super) kind: Asked,
    pub(super) intended: Option<Cents>,
    pub(super) covered_fee: Option<Cents>,
    pub(super) until: Option<Timestamp>,
    pub(super) asked_at: Timestamp,
}

impl Request {
    fn is_for(&self, wish: &Wish) -> bool {
        let split = wish.split();
        self.kind == wish.kind()
            && self.intended == split.map(|s| s.intended)
            && self.covered_fee == split.map(|s| s.covered_fee)
            && self.until == wish.until()
    }
}

/// Why a wish was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDone {
    /// Nothing was asked; the sentence says why.
    #[error("{0}")]
    Impossible(&'static str),
    #[error("The payment service refused it: {0}")]
    Refused(String),
    #[error("The payment service does not answer at the moment. Try it again in a few minutes; nothing is done twice.")]
    Silent,
    #[error("database")]
    Database(#[from] sqlx::Error),
}

/// The payment service forgets a key after a day (<https://docs.stripe.com/api/idempotent_requests>).
const KEY_HOURS: i64 = 23;

/// Whether something of it is still to come.
pub(super) const fn goes_on(plan: &RecurringGift) -> bool {
    matches!(plan.state, SubscriptionState::Active | SubscriptionState::PastDue | SubscriptionState::Paused)
}

fn refuse(plan: &RecurringGift, wish: &Wish, now: Timestamp) -> Result<(), NotDone> {
    let no = |why| Err(NotDone::Impossible(why));
    if !goes_on(plan) {
        return no("This recurring gift has ended. A new one is made on the donate page.");
    }
    let ends = plan.cancels_at.is_some();
    match wish {
        Wish::Keep if !ends => no("This recurring gift goes on already."),
        Wish::Stop if ends => no("This recurring gift is stopped already. Nothing more is charged."),
        Wish::Amount(_) | Wish::Pause(_) | Wish::Resume if ends => no("This recurring gift is stopped. Let it go on first."),
        Wish::Pause(_) if plan.state == SubscriptionState::PastDue => {
            no("The last payment is missing, so there can be no pause. Change the card, or stop the gift.")
        }
        Wish::Pause(until) if *until <= now => no("A pause ends on a later day."),
        Wish::Resume if plan.state != SubscriptionState::Paused => no("This recurring gift is not paused."),
        _ => Ok(()),
    }
}

/// Does what somebody wants. `false` when it stands so already. The caller has checked that this person may.
pub(super) async fn wish(app: &App, id: RecurringId, wish: Wish, actor: &Actor) -> Result<bool, NotDone> {
    let Some((plan, request)) = write_down(app, id, wish, actor).await? else { return Ok(false) };
    let key = format!("plan-{request}");
    let subscription = plan.subscription.as_str();
    let gateway = &app.gateway;
    let answer = match wish {
        Wish::Amount(split) => match gateway.subscription(subscription).await {
            Ok(told) => Box::pin(gateway.change_amount(&told, split, &key)).await,
            Err(error) => Err(error),
        },
        Wish::Pause(until) => gateway.pause_subscription(subscription, until, &key).await,
        Wish::Resume => gateway.resume_subscription(subscription, &key).await,
        // With a payment missing, an end on a later day would let the bank be asked again until then.
        Wish::Stop => gateway.cancel_subscription(subscription, plan.state != SubscriptionState::PastDue, &key).await,
        Wish::Keep => gateway.keep_subscription(subscription, &key).await,
    };
    match answer {
        Ok(_) => {
            end(app, request, None).await?;
            if let Err(error) = Box::pin(refresh::refresh_subscription(app, subscription)).await {
                // The webhook tells it again.
                tracing::warn!(plan = %id, error = &error as &dyn std::error::Error, "a recurring gift was changed and is not looked at yet");
            }
            Ok(true)
        }
        Err(GatewayError::Refused { message, .. }) => {
            end(app, request, Some(&message)).await?;
            Err(NotDone::Refused(message))
        }
        Err(error @ GatewayError::Missing(_)) => {
            end(app, request, Some(&error.to_string())).await?;
            Err(NotDone::Refused(error.to_string()))
        }
        Err(error) => {
            tracing::error!(plan = %id, error = &error as &dyn std::error::Error, "the end of a wish is not known");
            Err(NotDone::Silent)
        }
    }
}

async fn write_down(
    app: &App,
    id: RecurringId,
    wish: Wish,
    actor: &Actor,
) -> Result<Option<(RecurringGift, RequestId)>, NotDone> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let plan = queries::hold_plan(&mut tx, id).await?.ok_or(NotDone::Impossible("There is no such recurring gift."))?;
    let held = Split { intended: plan.intended, covered_fee: plan.covered_fee };
    if wish.split() == Some(held) {
        return Ok(None);
    }
    refuse(&plan, &wish, now)?;
    if let Some(open) = queries::open_request(&mut tx, id).await? {
        if open.is_for(&wish) && now.seconds_since(open.asked_at) < KEY_HOURS * 3_600 {
            return Ok(Some((plan, open.id)));
        }
        queries::end_request(&mut tx, open.id, Some("A newer wish took its place."), now).await?;
    }
    let request = RequestId::new();
    queries::insert_request(&mut tx, request, id, &wish, actor, now).await?;
    let before = serde_json::json!({ "amount": plan.intended, "covered_fee": plan.covered_fee, "state": plan.state });
    let after = wish.split().map(|split| serde_json::json!({ "amount": split.intended, "covered_fee": split.covered_fee }));
    let after = after.or_else(|| wish.until().map(|until| serde_json::json!({ "until": until })));
    let verb = if wish == Wish::Stop { "end" } else { wish.kind().as_str() };
    audit::record(&mut tx, actor, verb, ("recurring_gift", &id.to_string()), Some(&before), after.as_ref(), now).await?;
    tx.commit().await?;
    Ok(Some((plan, request)))
}

async fn end(app: &App, id: RequestId, failure: Option<&str>) -> Result<(), NotDone> {
    let mut tx = app.db.write().await?;
    queries::end_request(&mut tx, id, failure, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// When it is charged, from the next time on.
fn charges(plan: &RecurringGift, next: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
    let step = if plan.frequency == Frequency::Yearly { 12 } else { 1 };
    let utc = Zone::utc();
    // Somebody who began on the 31st is charged on the last day of a shorter month, and on the 31st again after it.
    let (from, first) = if utc.day(plan.started_at).day_of_month() > 28 {
        let months = (0..).step_by(usize::try_from(step).expect("1 or 12")).take(1_200);
        (plan.started_at, months.into_iter().find(|n| plan.started_at.plus_months(*n) >= next).unwrap_or_default())
    } else {
        (next, 0)
    };
    (0..1_200).map(move |n| from.plus_months(first + n * step))
}

/// The times of a charge after the next one: what a pause may end with.
pub(super) fn after_a_pause(plan: &RecurringGift, zone: &Zone) -> Vec<(Timestamp, Day)> {
    let Some(next) = plan.next_at else { return Vec::new() };
    let most = if plan.frequency == Frequency::Yearly { 2 } else { 12 };
    charges(plan, next).skip(1).take(most).map(|at| (at, zone.day(at))).collect()
}

/// The first charge after the pause: the first time at or after its end.
pub(super) fn first_after(plan: &RecurringGift) -> Option<Timestamp> {
    let (next, resumes) = (plan.next_at?, plan.resumes_at?);
    charges(plan, next).find(|at| *at >= resumes)
}
