//! What waits about members, alliances and one's own work.
use super::{Item, plural};
use crate::kernel::text;
use maud::html;

/// Applications whose round waits for the vote of whoever looks.
pub(super) fn to_vote(votes: i64) -> Item {
    Item {
        count: votes,
        mood: "warn",
        sentence: html! { (plural(votes, "application in review waits", "applications in review wait")) " for your vote." },
        label: "Look and vote",
        href: "/staff/applications?votes=mine".to_owned(),
    }
}

/// Tasks about donors of whoever looks.
pub(super) fn tasks_due(tasks: i64) -> Item {
    Item {
        count: tasks,
        mood: "warn",
        sentence: html! { (plural(tasks, "task of yours about a donor is due", "tasks of yours about donors are due")) "." },
        label: "See your tasks",
        href: "/staff/tasks?of=me".to_owned(),
    }
}

/// How many need care, and how many of them are in danger.
pub(super) fn alliances_in_need((care, danger): (i64, i64), others: &str) -> Item {
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
pub(super) fn changes_asked_for(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "info",
        sentence: html! { (plural(count, "delegate asks for a change", "changes are asked for by delegates")) " that you decide." (others) },
        label: "Compare and answer",
        href: "/staff/changes".to_owned(),
    }
}

/// Members who have not answered the last reminder.
pub(super) fn to_call_about_reaffirming(count: i64, others: &str) -> Item {
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
