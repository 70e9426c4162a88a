//! One donor: who they are, what they gave year by year, each gift, recurring gifts, mails, changes.
use super::{
    Back,
    gift::{event_list, mail_list},
    gifts::state_badges,
    queries::{self, GiftRow, YearSum},
    recurring::every,
    way_back,
};
use crate::{
    app::App,
    audit,
    donors::{self, Donor, DonorId, DonorKind, DonorTotal, ties},
    gifts::{self, Fund, RecurringGift, pledge},
    kernel::{Cents, Zone, text},
    mail,
    payments::SubscriptionState,
    staff::Staff,
    web::{Error, Page, badge, day_of, facts, figure, with},
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};

const LIST: &str = "/staff/donors";
/// So many gifts stand on the donor's page; the list has them all.
const NEWEST: i64 = 100;

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(back): Query<Back>,
) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let totals = donors::totals_of(&mut tx, id).await?;
    let years = queries::years_of(&mut tx, id).await?;
    let given = queries::of_donor(&mut tx, id, NEWEST).await?;
    let plans = gifts::recurring_of(&mut tx, id).await?;
    let funds = gifts::funds(&mut tx, false).await?;
    let mails = match &donor.email {
        Some(email) => mail::to_address(&mut tx, email, 30).await?,
        None => Vec::new(),
    };
    let today = zone.day(app.clock.now());
    let pledges = pledge::of_donor(&mut tx, id, today).await?;
    let organization = ties::organization_of(&mut tx, id).await?;
    let events = audit::of_record(&mut tx, ("donor", &id.to_string())).await?;
    drop(tx);
    let content = html! {
        p.lead { (standing(&donor, &totals, &plans, &zone)) }
        @if !totals.is_empty() { (figures(&totals)) }
        div.split {
            div {
                section {
                    h2 { "Gifts" }
                    @if staff.may_keep_gifts().is_ok() { p.actions { a.button.secondary href={ "/staff/gifts/new?donor=" (donor.id) } { "Enter a gift" } } }
                    (gift_table(&donor, &given, &zone))
                }
                section {
                    h2 { "Pledges" }
                    @if pledges.is_empty() { p { "None." } } @else { (pledge::table(&pledges, today)) }
                    @if staff.may_keep_gifts().is_ok() { p.actions { a.button.secondary href={ "/staff/pledges/new?donor=" (donor.id) } { "Write down a pledge" } } }
                }
                section #recurring { h2 { "Recurring gifts" } (plan_list(&plans, &funds, &zone)) }
                section { h2 { "Mails" } (mail_list(&mails, &zone, "No mail was written to this donor.")) }
                section { h2 { "Who did what" } (event_list(&events, &zone)) }
            }
            aside {
                section {
                    h2 { "Contact details" }
                    (contact(&donor, organization.as_deref(), &zone))
                    p { a.button.secondary href={ (LIST) "/" (donor.id) "/details" } { "Change contact details" } }
                }
                (year_table(&years))
            }
        }
    };
    Ok(Page::staff(donor.name.clone(), content).crumb("Donors", way_back(back.back.as_deref(), LIST)).wide())
}

/// `A person who has given 12 gifts since 3 March 2024, the last one on 1 May 2026.`
fn standing(donor: &Donor, totals: &[DonorTotal], plans: &[RecurringGift], zone: &Zone) -> String {
    let kind = match donor.kind {
        DonorKind::Person => "A person",
        DonorKind::Organization => "An organization",
        DonorKind::Household => "A household",
    };
    let gifts: i64 = totals.iter().map(|total| total.gifts).sum();
    let first = totals.iter().filter(|t| t.gifts > 0).map(|t| t.first_at).min();
    let last = totals.iter().filter(|t| t.gifts > 0).map(|t| t.last_at).max();
    let mut words = match (first, last) {
        (Some(first), Some(last)) if gifts > 1 => format!(
            "{kind} who has given {} since {}, the last one on {}.",
            text::count(gifts, "gift", "gifts"),
            zone.day(first).words(),
            zone.day(last).words()
        ),
        (Some(first), _) => format!("{kind} who has given once, on {}.", zone.day(first).words()),
        _ => format!("{kind} known since {}. No gift was received yet.", zone.day(donor.created_at).words()),
    };
    let runs = plans.iter().filter(|plan| matches!(plan.state, SubscriptionState::Active | SubscriptionState::PastDue)).count();
    if runs > 0 {
        words.push_str(if runs == 1 { " A recurring gift runs." } else { " Several recurring gifts run." });
    }
    words
}

fn figures(totals: &[DonorTotal]) -> Markup {
    html! {
        div.figures {
            @for total in totals {
                (figure(&format!("Given in {}", total.currency.code().to_uppercase()), total.given.of(total.currency), None,
                    Some(html! { (text::count(total.gifts, "gift", "gifts")) ", less refunds" })))
            }
        }
    }
}

fn contact(donor: &Donor, organization: Option<&str>, zone: &Zone) -> Markup {
    let consent = match (donor.consent_updates, donor.consent_at) {
        (true, Some(at)) => html! { "Wants them, since " (day_of(at, zone)) },
        (true, None) => html! { "Wants them" },
        (false, Some(at)) => html! { "Does not want them, since " (day_of(at, zone)) },
        (false, None) => html! { "Did not ask for them" },
    };
    let kind = html! {
        (donor.kind.label())
        @match organization {
            Some(id) => { ", " a href={ "/staff/organizations/" (id) } { "its record on the roll" } }
            None if donor.kind == DonorKind::Organization => { ", " a href={ (LIST) "/" (donor.id) "/organization" } { "say which one of the roll" } }
            None => {}
        }
    };
    facts(&[
        ("Kind", kind),
        ("E-mail", html! { @if let Some(email) = &donor.email { (email) } @else { "None" } }),
        (
            "Postal address",
            html! { @if let Some(address) = &donor.address { @for line in address.lines() { (line) br; } } @else { "None" } },
        ),
        ("Updates by mail", consent),
    ])
}

fn gift_table(donor: &Donor, rows: &[GiftRow], zone: &Zone) -> Markup {
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
            @if i64::try_from(rows.len()).is_ok_and(|n| n >= NEWEST) {
                @let words = donor.email.as_ref().map_or(donor.name.as_str(), |email| email.as_str());
                p { a href=(with("/staff/gifts", "", &[("q", Some(words))])) { "All gifts of this donor" } }
            }
        }
    }
}

fn plan_list(plans: &[RecurringGift], funds: &[Fund], zone: &Zone) -> Markup {
    html! {
        @if plans.is_empty() { p { "None." } } @else {
            ul {
                @for plan in plans {
                    li {
                        (plan.intended.of(plan.currency)) " " (every(plan.frequency))
                        @if let Some(fund) = funds.iter().find(|fund| fund.id == plan.fund_id) { " for " (fund.name) }
                        ", since " (day_of(plan.started_at, zone)) " " (badge(plan.state, plan.state.label()))
                        @match (plan.ended_at, plan.cancels_at, plan.next_at) {
                            (Some(at), ..) => { " It ended on " (day_of(at, zone)) "." }
                            (None, Some(at), _) => { " It ends on " (day_of(at, zone)) "." }
                            (None, None, Some(at)) => { " The next payment is due on " (day_of(at, zone)) "." }
                            (None, None, None) => {}
                        }
                    }
                }
            }
        }
    }
}

fn year_table(years: &[YearSum]) -> Markup {
    let money = |amount: Cents, year: &YearSum| amount.of(year.currency);
    html! {
        @if !years.is_empty() {
            section {
                h2 { "Year by year" }
                table {
                    caption { "What was given each year, less refunds" }
                    thead { tr { th scope="col" { "Year" } th.num scope="col" { "Gifts" } th.num scope="col" { "Given" } } }
                    tbody {
                        @for year in years {
                            tr {
                                th scope="row" { (year.year) }
                                td.num data-label="Gifts" { (text::number(year.gifts)) }
                                td.num data-label="Given" { (money(year.intended - year.returned, year)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
