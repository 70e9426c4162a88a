//! What waits for somebody: each a number, a sentence that says why, and the way to exactly those rows.
mod giving;
mod people;

use crate::{
    alliances, contributions,
    db::Tx,
    gifts::{self, Burst, GiftId, ToAnswer},
    kernel::{Day, Timestamp, Zone, text},
    mail, members,
    staff::Staff,
    web::day_of,
    webhooks, work,
};
use maud::{Markup, html};

/// How much of each kind waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// How many, and since when the first.
    applications: (i64, Option<Timestamp>),
    disputes: ToAnswer,
    /// Gifts whose payment a bank warns about, while a refund still helps.
    warned: Vec<GiftId>,
    /// Cards were declined in a burst, and nobody has looked.
    burst: Option<Burst>,
    /// Gifts held back that wait for a decision.
    held: i64,
    events: i64,
    mails: i64,
    jobs: i64,
    to_thank: i64,
    /// Recurring gifts whose last payment failed, and those whose card runs out before the next.
    recurring: (i64, i64),
    /// Donors who ask that their data be erased.
    erasures: i64,
    /// How many need care, and how many of them are in danger.
    alliances: (i64, i64),
    /// How many ask to join an alliance, and to start one.
    asking: (i64, i64),
    /// Members overdue past their last reminder.
    to_call: i64,
    /// What delegates ask to have changed.
    changes: i64,
    /// Contributions that ended without a card and were paid by card all the same.
    paid_twice: i64,
    /// Contributions that are past their day, and pledges that are.
    overdue: (i64, i64),
}

/// One line of the list.
struct Item {
    count: i64,
    mood: &'static str,
    sentence: Markup,
    label: &'static str,
    href: String,
}

impl Waiting {
    /// `administers` counts mail about staff accounts too, which only administrators see.
    pub(super) async fn find(tx: &mut Tx, administers: bool, today: Day) -> sqlx::Result<Self> {
        let dead = mail::Filter { state: Some(mail::State::Dead), with_accounts: administers, ..mail::Filter::default() };
        Ok(Self {
            applications: members::applications_waiting(tx).await?,
            disputes: gifts::disputes_to_answer(tx).await?,
            warned: gifts::warned_of(tx).await?,
            burst: gifts::unseen_burst(tx).await?,
            held: gifts::held_waiting(tx).await?,
            events: webhooks::failed_count(tx).await?,
            mails: mail::count(tx, &dead).await?,
            jobs: work::counts(tx).await?.failed,
            to_thank: gifts::to_thank(tx).await?,
            recurring: gifts::recurring_care(tx).await?,
            erasures: gifts::erasures_waiting(tx).await?,
            alliances: alliances::health::in_need(tx, today).await?,
            asking: alliances::requests_waiting(tx).await?,
            to_call: members::reaffirmation::to_call(tx, today).await?,
            changes: members::portal::changes::waiting(tx).await?,
            paid_twice: contributions::paid_twice(tx).await?,
            overdue: (contributions::overdue(tx, today).await?, gifts::pledges_overdue(tx, today).await?),
        })
    }

    /// `setup` holds the lines of what is not set up yet; they stand first. `votes` counts the applications that
    /// wait for the vote of whoever looks.
    pub(super) fn list(&self, staff: &Staff, zone: &Zone, setup: &[Markup], votes: i64, tasks: i64) -> Markup {
        let items: Vec<_> =
            self.items(staff, zone, votes).into_iter().chain([people::tasks_due(tasks)]).filter(|item| item.count > 0).collect();
        html! {
            @if items.is_empty() && setup.is_empty() {
                p { "Nothing waits for you. Mail leaves, payments are worked off, and every gift is thanked for." }
            } @else {
                ul.attention {
                    @for line in setup { (line) }
                    @for item in &items {
                        li data-mood=(item.mood) {
                            span.count { (text::number(item.count)) }
                            p { (item.sentence) }
                            a.button href=(item.href) { (item.label) }
                        }
                    }
                }
            }
        }
    }

    /// Most pressing first. Who may not act reads the same and is told who does.
    fn items(&self, staff: &Staff, zone: &Zone, votes: i64) -> Vec<Item> {
        let Self {
            applications: (applications, oldest),
            disputes,
            warned,
            burst,
            held,
            events,
            mails,
            jobs,
            to_thank,
            recurring,
            erasures,
            alliances,
            asking,
            to_call,
            changes,
            paid_twice,
            overdue,
        } = self;
        let others = |may: bool, who: &str| if may { String::new() } else { format!(" {who} take care of it.") };
        let keeps_gifts = others(staff.may_keep_gifts().is_ok(), "Development staff");
        vec![
            giving::cards_tried(burst.as_ref(), zone, &keeps_gifts),
            giving::warned_of_fraud(warned, &keeps_gifts),
            giving::disputed(disputes, zone, &keeps_gifts),
            Item {
                count: *applications,
                mood: "warn",
                sentence: html! {
                    (plural(*applications, "organization waits to hear from you about its application", "organizations wait to hear from you about their applications"))
                    @if let Some(oldest) = oldest { ", the first since " (day_of(*oldest, zone)) } "."
                    (others(staff.may_admit().is_ok(), "Membership staff"))
                },
                label: "Go to the applications",
                href: "/staff/applications".to_owned(),
            },
            giving::paid_twice_by_card(*paid_twice, &keeps_gifts),
            people::to_vote(votes),
            Item {
                count: *events,
                mood: "bad",
                sentence: html! {
                    (plural(*events, "payment event could not be worked off", "payment events could not be worked off"))
                    ". What they tell is not in the books yet." (others(staff.may_reconcile().is_ok(), "Development staff"))
                },
                label: "Look at the events",
                href: "/staff/events?state=failed".to_owned(),
            },
            Item {
                count: *mails,
                mood: "bad",
                sentence: html! {
                    (plural(*mails, "mail was given up", "mails were given up")) ": the receiving server refused it or could not be reached."
                    (others(staff.may_resend_mail().is_ok(), "Others"))
                },
                label: "See why",
                href: "/staff/mail?state=dead".to_owned(),
            },
            Item {
                count: *jobs,
                mood: "bad",
                sentence: html! {
                    (plural(*jobs, "piece of background work failed", "pieces of background work failed")) " after several tries."
                    (others(staff.may_administer().is_ok(), "Administrators"))
                },
                label: "See what failed",
                href: "/staff/jobs#failed".to_owned(),
            },
            Item {
                count: asking.1,
                mood: "warn",
                sentence: html! {
                    (plural(asking.1, "person asks to start an alliance and waits for an answer", "people ask to start an alliance and wait for an answer")) "."
                    (others(staff.may_admit().is_ok(), "Membership staff"))
                },
                label: "Read and answer",
                href: "/staff/alliances/requests".to_owned(),
            },
            giving::held_back(*held, &keeps_gifts),
            giving::to_erase(*erasures, &keeps_gifts),
            giving::payments_missing(recurring.0, &keeps_gifts),
            giving::cards_running_out(recurring.1, &keeps_gifts),
            people::changes_asked_for(*changes, &others(staff.may_admit().is_ok(), "Membership staff")),
            people::to_call_about_reaffirming(*to_call, &others(staff.may_admit().is_ok(), "Membership staff")),
            people::alliances_in_need(*alliances, &others(staff.may_admit().is_ok(), "Membership staff")),
            giving::pledges_overdue(overdue.1, &keeps_gifts),
            giving::contributions_overdue(overdue.0, &keeps_gifts),
            giving::to_thank_for(*to_thank, &keeps_gifts),
        ]
    }
}

const fn plural<'a>(count: i64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
