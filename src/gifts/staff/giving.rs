//! What one donor gave, as their page shows it: the totals, each year, each gift. Every figure is less refunds.
use super::{gifts::state_badges, queries::GiftRow};
use crate::{
    donors::{Donor, DonorTotal, DonorYear},
    kernel::{Cents, Coalition, Day, Zone, text},
    web::{day_of, figure},
};
use maud::{Markup, html};

/// In all, this year, the year before, and the largest gift; once for each currency.
pub(super) fn figures(totals: &[DonorTotal], years: &[DonorYear], coalition: &Coalition, today: Day) -> Markup {
    let this = i64::from(coalition.year_of(today));
    let of = |total: &DonorTotal, year: i64| {
        let found = years.iter().find(|y| y.year == year && y.currency == total.currency);
        (found.map_or(Cents::ZERO, |y| y.given), found.map_or(0, |y| y.gifts))
    };
    let counted = |gifts: i64| html! { (text::count(gifts, "gift", "gifts")) };
    html! {
        @for total in totals {
            @let (now, before) = (of(total, this), of(total, this - 1));
            @let code = total.currency.code().to_uppercase();
            div.figures {
                (figure(&format!("Given in all, in {code}"), total.given.of(total.currency), Some("#gifts"),
                    Some(html! { (counted(total.gifts)) ", less refunds" })))
                (figure(&year_label(coalition, this), now.0.of(total.currency), Some("#years"), Some(counted(now.1))))
                (figure(&year_label(coalition, this - 1), before.0.of(total.currency), Some("#years"), Some(counted(before.1))))
                (figure("Largest gift", total.largest.of(total.currency), Some("#gifts"), Some(html! { "less what went back of it" })))
            }
        }
    }
}

/// `In 2026`, or `In fiscal year 2026`.
fn year_label(coalition: &Coalition, year: i64) -> String {
    if coalition.counts_calendar_years() { format!("In {year}") } else { format!("In fiscal year {year}") }
}

pub(super) fn year_table(donor: crate::donors::DonorId, years: &[DonorYear], coalition: &Coalition) -> Markup {
    let begins = (!coalition.counts_calendar_years())
        .then(|| Day::new(2000, coalition.fiscal_year_month, 1))
        .flatten()
        .map(|day| day.month().name());
    html! {
        @if !years.is_empty() {
            section #years {
                h2 { "Year by year" }
                @if let Some(month) = begins { p.hint { "A fiscal year begins in " (month) " and is named after the year it ends in." } }
                table {
                    caption { "What was given each year, less refunds" }
                    thead { tr { th scope="col" { "Year" } th.num scope="col" { "Gifts" } th.num scope="col" { "Given" } } }
                    tbody {
                        @for year in years {
                            tr {
                                th scope="row" { @if begins.is_some() { (year.year) } @else { a href={ "/staff/donors/" (donor) "/statements/" (year.year) } { (year.year) } } }
                                td.num data-label="Gifts" { (text::number(year.gifts)) }
                                td.num data-label="Given" { (year.given.of(year.currency)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn gift_table(donor: &Donor, rows: &[GiftRow], zone: &Zone) -> Markup {
    html! {
        @if rows.is_empty() { p { "No gift was begun yet." } } @else {
            table {
                caption { "Gifts of " (donor.name) }
                thead { tr { th scope="col" { "Date" } th scope="col" { "Fund" } th scope="col" { "State" } th.num scope="col" { "Intended" } th.num scope="col" { "Net" } } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { a href={ "/staff/gifts/" (row.id) } { (day_of(row.shown_at, zone)) } }
                            td data-label="Fund" { (row.fund) @if let Some(campaign) = &row.campaign { ", " (campaign) } }
                            td data-label="State" { (state_badges(row)) }
                            td.num data-label="Intended" { (row.intended.of(row.currency)) }
                            td.num data-label="Net" { (row.net().of(row.currency)) }
                        }
                    }
                }
            }
        }
    }
}
