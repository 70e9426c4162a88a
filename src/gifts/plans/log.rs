//! What has changed in a recurring gift since it was last looked at: a row for each change, with who asked for it,
//! and one letter to the donor. A change that nobody here asked for was made at the payment service.
use super::{Asked, Change, ChangeId, What};
use crate::{
    app::App,
    db::Tx,
    donors,
    gifts::{RecurringGift, letters, queries},
    kernel::Zone,
    payments::SubscriptionState,
};

/// A wish that was seen by now, or never will be.
const DAYS_TO_SEE: i64 = 3;

struct Seen {
    what: What,
    asked: Option<Asked>,
    before: Option<String>,
    after: Option<String>,
}

/// Writes down how `now` differs from `before`; without `before` it has begun.
pub(in crate::gifts) async fn note(
    app: &App,
    tx: &mut Tx,
    before: Option<&RecurringGift>,
    now: &RecurringGift,
) -> sqlx::Result<()> {
    let at = app.clock.now();
    let zone = app.coalition.get().zone();
    let seen = before.map_or_else(
        || vec![Seen { what: What::Began, asked: None, before: None, after: Some(amount(now)) }],
        |before| differences(before, now, &zone),
    );
    let mut sentences = Vec::new();
    for Seen { what, asked, before: was, after } in seen {
        let actor = match asked {
            Some(asked) => queries::take_actor(tx, now.id, asked, at.plus_days(-DAYS_TO_SEE), at).await?,
            None => None,
        };
        let planned =
            actor.is_none() && (what == What::Resumed || (what == What::Ended && before.is_some_and(|b| b.cancels_at.is_some())));
        if !planned {
            sentences.extend(told(what, now, &zone));
        }
        let nobody = || {
            let (kind, name) = if what == What::Began { ("donor", "") } else { ("gateway", "") };
            (kind.to_owned(), name.to_owned())
        };
        let (actor_kind, actor_name) = actor.unwrap_or_else(nobody);
        let change = Change { id: ChangeId::new(), at, what, actor_kind, actor_name, before: was, after };
        queries::insert_change(tx, now.id, &change).await?;
    }
    if !sentences.is_empty()
        && let Some(donor) = donors::by_id(tx, now.donor_id).await?
    {
        let about = letters::About::plan(tx, now.id).await?;
        letters::changed(app, tx, about, &donor, &sentences).await?;
    }
    Ok(())
}

/// `$10.00`, or `$10.00 and $0.61 for the fee`.
pub(super) fn amount(plan: &RecurringGift) -> String {
    let intended = plan.intended.of(plan.currency);
    if plan.covered_fee.is_positive() {
        format!("{intended} and {} for the fee", plan.covered_fee.of(plan.currency))
    } else {
        intended.to_string()
    }
}

fn differences(before: &RecurringGift, now: &RecurringGift, zone: &Zone) -> Vec<Seen> {
    use SubscriptionState as S;
    let mut seen = Vec::new();
    let mut add = |what, asked, was: Option<String>, after: Option<String>| seen.push(Seen { what, asked, before: was, after });
    if (before.intended, before.covered_fee) != (now.intended, now.covered_fee) {
        let what = match now.intended.cmp(&before.intended) {
            std::cmp::Ordering::Greater => What::Upgraded,
            std::cmp::Ordering::Less => What::Downgraded,
            std::cmp::Ordering::Equal => What::Divided,
        };
        add(what, Some(Asked::Amount), Some(amount(before)), Some(amount(now)));
    }
    let is_over = |plan: &RecurringGift| matches!(plan.state, S::Cancelled | S::Ended);
    if is_over(now) && !is_over(before) {
        add(What::Ended, Some(Asked::Stop), None, now.ended_at.map(|at| zone.day(at).words()));
        return seen;
    }
    match (before.state, now.state) {
        (_, S::Paused) if before.state != S::Paused || before.resumes_at != now.resumes_at => {
            let first = super::first_after(now).map(|at| format!("first payment after it on {}", zone.day(at).words()));
            add(What::Paused, Some(Asked::Pause), None, Some(first.unwrap_or_else(|| "until somebody lets it go on".to_owned())));
        }
        (S::Paused, S::Active) => add(What::Resumed, Some(Asked::Resume), None, None),
        (was, S::PastDue) if was != S::PastDue => add(What::PastDue, None, None, None),
        (S::PastDue, S::Active) => add(What::Recovered, None, None, None),
        _ => {}
    }
    match (before.cancels_at, now.cancels_at) {
        (None, Some(at)) => add(What::Stopped, Some(Asked::Stop), None, Some(zone.day(at).words())),
        (Some(_), None) => add(What::Kept, Some(Asked::Keep), None, None),
        _ => {}
    }
    if let (Some(was), Some(is)) = (&before.card, &now.card)
        && (was, before.card_until) != (is, now.card_until)
    {
        let until = |card: &str, day: Option<crate::kernel::Day>| {
            day.map_or_else(|| card.to_owned(), |day| format!("{card}, good until {}", day.words()))
        };
        add(What::Card, None, Some(until(was, before.card_until)), Some(until(is, now.card_until)));
    }
    seen
}

/// What the donor reads about a change; `None` for what another letter tells.
fn told(what: What, now: &RecurringGift, zone: &Zone) -> Option<String> {
    let charged = now.charged.of(now.currency);
    let next = || now.next_at.map(|at| format!(" The next payment is on {}.", zone.day(at).words())).unwrap_or_default();
    Some(match what {
        What::Upgraded | What::Downgraded | What::Divided => {
            format!("From the next payment on, {charged} is charged: {}.{}", amount(now), next())
        }
        What::Paused => match super::first_after(now) {
            Some(at) => format!(
                "Your recurring gift of {charged} is paused. The first payment after the pause is on {}.",
                zone.day(at).words()
            ),
            None => format!("Your recurring gift of {charged} is paused until you let it go on."),
        },
        What::Resumed => format!("The pause is over, and your recurring gift of {charged} goes on.{}", next()),
        What::Stopped => format!(
            "Your recurring gift of {charged} is stopped. Nothing more is charged, and what you gave stays given. Thank you for all of it."
        ),
        What::Kept => format!("Your recurring gift of {charged} goes on after all.{}", next()),
        What::Ended => format!(
            "Your recurring gift of {charged} has ended. Nothing more is charged, and what you gave stays given. Thank you for all of it."
        ),
        What::Began | What::Card | What::PastDue | What::Recovered => return None,
    })
}
