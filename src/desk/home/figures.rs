//! This month beside the same month last year, and two years in a picture.
use crate::{
    gifts::AnnualValue,
    kernel::{Cents, Coalition, Month, text},
    reports::{MonthOfGiving, YearOverYear},
    web::{
        chart::{self, Bar},
        figure,
    },
};
use maud::{Markup, html};

/// Each number opens to its rows; what is counted stands below them.
pub(super) fn beside(compared: &YearOverYear, recurring: i64, annual: &[AnnualValue], coalition: &Coalition) -> Markup {
    let YearOverYear { now, then, givers_now, givers_then } = compared;
    let currency = coalition.currency;
    let last_year = |value: &dyn std::fmt::Display, list: &str| {
        html! { a href=(rows(list, then.month)) { (value) } " in " (then.month.words()) }
    };
    html! {
        div.figures {
            (figure("Given", now.given.of(currency), Some(&rows("/staff/gifts?state=settled", now.month)),
                Some(html! { (last_year(&then.given.of(currency), "/staff/gifts?state=settled")) (others(now)) })))
            (figure("Gifts", text::number(now.gifts), Some(&rows("/staff/gifts?state=settled", now.month)),
                Some(last_year(&text::number(then.gifts), "/staff/gifts?state=settled"))))
            (figure("Donors who gave", text::number(*givers_now), Some(&rows("/staff/donors", now.month)),
                Some(last_year(&text::number(*givers_then), "/staff/donors"))))
            (figure("Recurring gifts that run", text::number(recurring), Some("/staff/recurring"), Some(html! { "Today" })))
            @for value in annual.iter().filter(|value| value.currency == currency) {
                @let year = now.month.year();
                (figure(&format!("Recurring gifts in {year}"), value.this_year().of(currency), Some("/staff/recurring"),
                    Some(html! { (value.next_year.of(currency)) " in " (year + 1) " if all go on" })))
            }
        }
        details {
            summary { "What these numbers count" }
            dl.facts {
                div { dt { "Given" } dd { "The intended amounts of gifts whose payment was received in the month, less what was refunded of them since. Fees that donors covered are not part of it." } }
                div { dt { "Gifts" } dd { "Received payments, each renewal of a recurring gift included. A refunded gift still counts as one." } }
                div { dt { "Donors who gave" } dd { "Different donors with at least one received gift in the month." } }
                div { dt { "Recurring gifts that run" } dd { "Monthly and yearly gifts that are active now, or whose last payment failed and is being tried again." } }
                div { dt { "Recurring gifts in a year" } dd { "Their payments received since the first of January, less refunds, and those that fall due by its end if each gift goes on as it is." } }
                div { dt { "Last year" } dd { "The same month a year before, from its first day to its last; this month is not over yet. Days are those of " (coalition.time_zone) "." } }
            }
        }
    }
}

/// What was given in other currencies, when there is any.
fn others(month: &MonthOfGiving) -> Markup {
    html! { @for money in &month.others { " And " (money) " this month." } }
}

/// A list narrowed to the days of a month.
fn rows(list: &str, month: Month) -> String {
    let join = if list.contains('?') { '&' } else { '?' };
    format!("{list}{join}from={}&to={}", month.first_day(), month.last_day())
}

pub(super) fn picture(months: &[MonthOfGiving], coalition: &Coalition) -> Markup {
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return html! {} };
    let currency = coalition.currency;
    let best = months.iter().max_by_key(|m| m.given).filter(|m| m.given.is_positive());
    let sum = |some: &[MonthOfGiving]| some.iter().fold(Cents::ZERO, |sum, m| sum + m.given);
    let (before, lately) = months.split_at(months.len() / 2);
    let summary = format!(
        "{} in the last {} months, {} in the {} before.{}",
        sum(lately).of(currency),
        lately.len(),
        sum(before).of(currency),
        before.len(),
        best.map(|m| format!(" The most was given in {}: {}.", m.month.words(), m.given.of(currency))).unwrap_or_default()
    );
    let bars: Vec<_> = months
        .iter()
        .map(|m| Bar {
            label: label(m.month, first.month),
            name: m.month.words(),
            value: m.given.get(),
            words: m.given.of(currency).to_string(),
            strong: m.month == last.month || m.month == last.month.plus(-12),
        })
        .collect();
    let title = format!("Given each month, {} to {}", first.month.words(), last.month.words());
    chart::columns("given", &title, &summary, ("Month", "Given"), &bars)
}

/// A few months have names below the bars: each quarter's first, and the year where it begins.
fn label(month: Month, first: Month) -> String {
    let short: String = month.name().chars().take(3).collect();
    match month.number() {
        1 => month.year().to_string(),
        4 | 7 | 10 => short,
        _ if month == first => short,
        _ => String::new(),
    }
}
