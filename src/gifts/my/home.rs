//! The first of a donor's own pages, and a receipt printed again.
use super::{ErasureState, Mine, door, session};
use crate::{
    app::App,
    gifts::{Fund, Gift, GiftId, GiftState, RecurringGift, parts, plans, queries, staff::receipt_paper},
    kernel::{Cents, Zone},
    payments::Frequency,
    receipts::{self, ReceiptState},
    web::{Csrf, Draft, Error, Page, badge, day, day_of, empty},
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
};
use maud::{Markup, html};
use std::collections::{BTreeSet, HashMap};

const MOST: i64 = 1_000;

/// Everything of the donor, or the page that asks for an address.
pub(super) async fn show(State(app): State<App>, headers: HeaderMap, csrf: Csrf) -> Result<Page, Error> {
    let Some(Mine(donor)) = session::who(&app, &headers).await? else {
        return Ok(door::ask_page(&csrf, &Draft::default()));
    };
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let gifts = queries::of_donor(&mut tx, donor.id, MOST).await?;
    let plans = queries::recurring_of(&mut tx, donor.id).await?;
    let funds = queries::funds(&mut tx, false).await?;
    let ids: Vec<_> = gifts.iter().map(|gift| gift.id.to_string()).collect();
    let receipted: BTreeSet<String> = receipts::with_receipt(&mut tx, &ids).await?.into_iter().collect();
    let split = parts::words_of(&mut tx, &gifts).await?;
    let erasure = queries::erasure_of(&mut tx, donor.id).await?;
    drop(tx);
    let years: BTreeSet<i16> = gifts.iter().filter_map(|gift| gift.given_on).map(crate::kernel::Day::year).collect();
    let content = html! {
        p.lead { "For " (donor.name) @if let Some(email) = &donor.email { ", " (email) } "." }
        @if !plans.is_empty() { section { h2 { "Recurring gifts" } (plan_list(&plans, &funds, &zone)) } }
        section {
            h2 { "Gifts" }
            @if gifts.is_empty() {
                (empty("Your gifts will stand here, with their receipts.", Some(("Make a gift", "/donate"))))
            } @else { (gift_table(&gifts, &funds, &split, &receipted, &zone)) }
        }
        @if !years.is_empty() {
            section {
                h2 { "Statements" }
                p { "Everything of a year on one page, to print or to keep as a PDF." }
                ul { @for year in years.iter().rev() { li { a href={ "/my-giving/statements/" (year) } { "Statement for " (year) } } } }
            }
        }
        section {
            h2 { "About you" }
            ul {
                li { a href="/my-giving/details" { "Name, addresses and updates by mail" } }
                li { a href="/my-giving/data.json" download { "Everything we hold about you, as JSON" } }
                li { a href="/my-giving/gifts.csv" download { "Your gifts, as CSV" } }
                li {
                    a href="/my-giving/erasure" { "Ask us to erase your personal data" }
                    @if let Some(erasure) = &erasure && erasure.state == ErasureState::Open { " (asked on " (day_of(erasure.asked_at, &zone)) ")" }
                }
            }
        }
        form method="post" action="/my-giving/sign-out" { (csrf.field()) button.secondary type="submit" { "Leave" } }
    };
    Ok(Page::bare("My giving", content))
}

fn fund_name(funds: &[Fund], id: crate::gifts::FundId) -> &str {
    funds.iter().find(|fund| fund.id == id).map_or("", |fund| fund.name.as_str())
}

fn plan_list(recurring: &[RecurringGift], funds: &[Fund], zone: &Zone) -> Markup {
    html! {
        ul {
            @for plan in recurring {
                li {
                    a href={ "/my-giving/recurring/" (plan.id) } {
                        (plan.charged.of(plan.currency)) @if plan.frequency == Frequency::Yearly { " a year" } @else { " a month" }
                    }
                    " for " (fund_name(funds, plan.fund_id)) ", since " (day_of(plan.started_at, zone)) " " (badge(plan.state, plan.state.label()))
                    @if plans::goes_on(plan) && plan.cancels_at.is_none() && let Some(at) = plans::first_after(plan).or(plan.next_at) {
                        " The next payment is on " (day_of(at, zone)) "."
                    }
                }
            }
        }
    }
}

fn gift_table(
    gifts: &[Gift],
    funds: &[Fund],
    split: &HashMap<GiftId, String>,
    receipted: &BTreeSet<String>,
    zone: &Zone,
) -> Markup {
    let purpose = |gift: &Gift| split.get(&gift.id).map_or_else(|| fund_name(funds, gift.fund_id), String::as_str).to_owned();
    html! {
        table {
            caption { "Your gifts, newest first" }
            thead { tr { th scope="col" { "Date" } th scope="col" { "For" } th scope="col" { "State" } th.num scope="col" { "Charged" } th scope="col" { "Receipt" } } }
            tbody {
                @for gift in gifts.iter().filter(|gift| !matches!(gift.state, GiftState::Open | GiftState::Abandoned)) {
                    tr {
                        th scope="row" { @if let Some(on) = gift.given_on { (day(on)) } @else { (day_of(gift.shown_at, zone)) } }
                        td data-label="For" { (purpose(gift)) @if let Some(tribute) = gift.tribute() { ", " (tribute) } }
                        td data-label="State" {
                            (badge(gift.state, gift.state.label()))
                            @if gift.refunded > Cents::ZERO { " " (gift.refunded.of(gift.currency)) " went back" }
                        }
                        td.num data-label="Charged" { (gift.charged()) }
                        td data-label="Receipt" {
                            @if receipted.contains(&gift.id.to_string()) { a href={ "/my-giving/receipts/" (gift.id) } { "Print" } } @else { "None" }
                        }
                    }
                }
            }
        }
    }
}

/// The receipt of a gift of this donor, marked as a duplicate.
pub(super) async fn receipt(Mine(donor): Mine, State(app): State<App>, Path(id): Path<String>) -> Result<Page, Error> {
    let id: GiftId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let gift = queries::by_id(&mut tx, id).await?.filter(|gift| gift.donor_id == donor.id).ok_or(Error::NotFound)?;
    let all = receipts::of_gift(&mut tx, &gift.id.to_string()).await?;
    drop(tx);
    let receipt = all.iter().find(|r| r.state == ReceiptState::Issued).or(all.last()).ok_or(Error::NotFound)?;
    let zone = app.coalition.get().zone();
    Ok(super::page(format!("Receipt {}", receipt.label()), receipt_paper(receipt, &zone)))
}
