//! What waits about gifts and donors.
use super::{Item, plural};
use crate::{
    gifts::{Burst, GiftId, ToAnswer},
    kernel::Zone,
    web::moment,
};
use maud::html;

/// Disputes that wait for our answer.
pub(super) fn disputed(disputes: &ToAnswer, zone: &Zone, others: &str) -> Item {
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
pub(super) fn cards_tried(burst: Option<&Burst>, zone: &Zone, others: &str) -> Item {
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
pub(super) fn held_back(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! { (plural(count, "gift was held back before its payment", "gifts were held back before their payment")) ". Let through who is a person; discard the rest." (others) },
        label: "See why, and decide",
        href: "/staff/held".to_owned(),
    }
}

/// Payments that a card's bank believes to be fraud, and that are still with us.
pub(super) fn warned_of_fraud(warned: &[GiftId], others: &str) -> Item {
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
pub(super) fn paid_twice_by_card(count: i64, others: &str) -> Item {
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
pub(super) fn to_thank_for(count: i64, others: &str) -> Item {
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
pub(super) fn to_erase(count: i64, others: &str) -> Item {
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
pub(super) fn payments_missing(count: i64, others: &str) -> Item {
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
pub(super) fn cards_running_out(count: i64, others: &str) -> Item {
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

/// Pledges of which a payment that was due has not come.
pub(super) fn pledges_overdue(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "warn",
        sentence: html! {
            (plural(count, "pledge is overdue", "pledges are overdue")) ". Donors are reminded once; then it is for you to ask, or to write it off." (others)
        },
        label: "See which",
        href: "/staff/pledges?show=overdue".to_owned(),
    }
}

/// Contributions that organizations were asked for and that have not come.
pub(super) fn contributions_overdue(count: i64, others: &str) -> Item {
    Item {
        count,
        mood: "info",
        sentence: html! {
            (plural(count, "contribution is past its day", "contributions are past their day")) ". Standing does not depend on it." (others)
        },
        label: "See which",
        href: "/staff/contributions?state=overdue".to_owned(),
    }
}
