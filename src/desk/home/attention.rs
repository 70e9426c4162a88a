//! What waits for somebody: each a number, a sentence that says why, and the way to exactly those rows.
use crate::{
    alliances, contributions,
    db::Tx,
    gifts::{self, Burst, GiftId, ToAnswer},
    kernel::{Day, Timestamp, Zone, text},
    mail, members,
    staff::Staff,
    web::{day_of, moment},
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
        })
    }

    /// `setup` holds the lines of what is not set up yet; they stand first. `votes` counts the applications that
    /// wait for the vote of whoever looks.
    pub(super) fn list(&self, staff: &Staff, zone: &Zone, setup: &[Markup], votes: i64, tasks: i64) -> Markup {
        let items: Vec<_> =
            self.items(staff, zone, votes).into_iter().chain([tasks_due(tasks)]).filter(|item| item.count > 0).collect();
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
        } = self;
        let others = |may: bool, who: &str| if may { String::new() } else { format!(" {who} take care of it.") };
        let keeps_gifts = others(staff.may_keep_gifts().is_ok(), "Development staff");
        vec![
            cards_tried(burst.as_ref(), zone, &keeps_gifts),
            warned_of_fraud(warned, &keeps_gifts),
            disputed(disputes, zone, &keeps_gifts),
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
            paid_twice_by_card(*paid_twice, &keeps_gifts),
            to_vote(votes),
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
            held_back(*held, &keeps_gifts),
            to_erase(*erasures, &keeps_gifts),
            payments_missing(recurring.0, &keeps_gifts),
            cards_running_out(recurring.1, &keeps_gifts),
            changes_asked_for(*changes, &others(staff.may_admit().is_ok(), "Membership staff")),
            to_call_about_reaffirming(*to_call, &others(staff.may_admit().is_ok(), "Membership staff")),
            alliances_in_need(*alliances, &others(staff.may_admit().is_ok(), "Membership staff")),
            to_thank_for(*to_thank, &keeps_gifts),
        ]
    }
}

/// Disputes that wait for our answer.
fn disputed(disputes: &ToAnswer, zone: &Zone, others: &str) -> Item {
    Item {
        count: disputes.count,
        mood: "bad",
        sentence: html! {
            (plural(disputes.count, "donor’s bank disputes a payment", "payments are disputed by donors’ banks")) ". "
            @if let Some(by) = disputes.by { "An answer is due by " (moment(by, zone)) ", or the money is lost." }
            @else { "An answer is due, or the money is lost." }
            (others)
        },
        label: "See what is disputed",
        href: match disputes.first {
            Some(id) if disputes.count == 1 => format!("/staff/disputes/{id}"),
            _ => "/staff/disputes".to_owned(),
        },
    }
}

/// Cards that were declined in a burst.
fn cards_tried(burst: Option<&Burst>, zone: &Zone, others: &str) -> Item {
    Item {
        count: burst.map_or(0, |burst| burst.declined),
        mood: "bad",
        sentence: html! {
            "cards were declined in a short time" @if let Some(burst) = burst { ", at " (moment(burst.began_at, zone)) }
            ": somebody may be trying stolen ones."
            @if burst.is_some_and(|burst| burst.paused) { " Giving by card was paused." }
            (others)
        },
        label: "Look at it",
        href: "/staff/held".to_owned(),
    }
}

/// Gifts that look as if a program had sent them.
fn held_back(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! { (plural(count, "gift was held back before its payment", "gifts were held back before their payment")) ". Let through who is a person; discard the rest." (others) },
        label: "See why, and decide",
        href: "/staff/held".to_owned(),
    }
}

/// Payments that a card's bank believes to be fraud, and that are still with us.
fn warned_of_fraud(warned: &[GiftId], others: &str) -> Item {
    let count = i64::try_from(warned.len()).unwrap_or(i64::MAX);
    Item {
        count,
        mood: "bad",
        sentence: html! {
            (plural(count, "payment is fraud, as the card’s bank warns", "payments are fraud, as the cards’ banks warn"))
            ". Refund before it is disputed." (others)
        },
        label: if count == 1 { "Look and refund" } else { "See the warnings" },
        href: match warned {
            [one] => format!("/staff/gifts/{one}"),
            _ => "/staff/disputes#warnings".to_owned(),
        },
    }
}

/// Contributions for which money came by card after they had ended another way.
fn paid_twice_by_card(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "bad",
        sentence: html! {
            (plural(count, "contribution that was waived or paid otherwise was paid by card, too", "contributions that were waived or paid otherwise were paid by card, too"))
            ". Refund one of the two, or keep it as a gift by agreement." (others)
        },
        label: "See the contributions",
        href: "/staff/contributions".to_owned(),
    }
}

/// Gifts that nobody has thanked for.
fn to_thank_for(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "give",
        sentence: html! {
            (plural(count, "gift is not thanked for yet", "gifts are not thanked for yet"))
            ". The receipt has been mailed; a word from a person has not." (others)
        },
        label: "Thank for them",
        href: "/staff/thanks".to_owned(),
    }
}

/// Donors who ask that their data be erased.
fn to_erase(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! {
            (plural(count, "donor asks that the personal data be erased", "donors ask that their personal data be erased"))
            ". Each is to be answered within 30 days." (others)
        },
        label: "Read and answer",
        href: "/staff/donors/erasures".to_owned(),
    }
}

/// Recurring gifts whose last payment failed.
fn payments_missing(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! {
            (plural(count, "recurring gift misses a payment", "recurring gifts miss a payment"))
            ". The donor was told, and the bank is asked again; a word from you helps when it stays so." (others)
        },
        label: "See why",
        href: "/staff/recurring?state=past_due".to_owned(),
    }
}

/// Recurring gifts whose next payment would fail.
fn cards_running_out(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "info",
        sentence: html! {
            (plural(count, "recurring gift is at risk: its card runs out", "recurring gifts are at risk: their cards run out"))
            " before the next payment. Donors are told a month ahead." (others)
        },
        label: "See which",
        href: "/staff/recurring?state=at_risk".to_owned(),
    }
}

/// Applications whose round waits for the vote of whoever looks.
fn to_vote(votes: i64) -> Item {
    Item {
        count: votes,
        mood: "warn",
        sentence: html! { (plural(votes, "application in review waits", "applications in review wait")) " for your vote." },
        label: "Look and vote",
        href: "/staff/applications?votes=mine".to_owned(),
    }
}

/// Tasks about donors of whoever looks.
fn tasks_due(tasks: i64) -> Item {
    Item {
        count: tasks,
        mood: "warn",
        sentence: html! { (plural(tasks, "task of yours about a donor is due", "tasks of yours about donors are due")) "." },
        label: "See your tasks",
        href: "/staff/tasks?of=me".to_owned(),
    }
}

/// How many need care, and how many of them are in danger.
fn alliances_in_need((care, danger): (i64, i64), others: &str) -> Item {
    Item {
        count: care,
        mood: if danger > 0 { "bad" } else { "warn" },
        sentence: html! {
            (plural(care, "alliance needs care", "alliances need care"))
            @if danger > 0 { ", " (text::number(danger)) " of them in danger" } ": each says why, and what helps." (others)
        },
        label: "See the alliances",
        href: "/staff/alliances?sort=health".to_owned(),
    }
}

/// Names, addresses and seats that delegates ask to have changed.
fn changes_asked_for(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "info",
        sentence: html! { (plural(count, "delegate asks for a change", "changes are asked for by delegates")) " that you decide." (others) },
        label: "Compare and answer",
        href: "/staff/changes".to_owned(),
    }
}

/// Members who have not answered the last reminder.
fn to_call_about_reaffirming(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! {
            (plural(count, "member has not reaffirmed and was reminded for the last time", "members have not reaffirmed and were reminded for the last time"))
            ". A call helps." (others)
        },
        label: "See whom to call",
        href: "/staff/reaffirmations".to_owned(),
    }
}

const fn plural<'a>(count: i64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
