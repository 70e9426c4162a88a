//! One donor: who they are, what they gave year by year, each gift, recurring gifts, mails, changes.
use super::{
    PAGE,
    gift::{event_list, mail_list},
    giving, queries,
    recurring::every,
    way_back,
};
use crate::{
    app::App,
    audit,
    donors::{
        self, Donor, DonorId, DonorKind, DonorTotal, alike,
        merge::{self, Merge},
        staff::Record,
        ties,
    },
    gifts::{self, Fund, RecurringGift, credit::Credit, pledge},
    kernel::{Cents, Currency, Email, Zone, text},
    mail,
    payments::SubscriptionState,
    staff::Staff,
    web::{Error, Page, Pager, badge, day, day_of, facts},
};
use axum::{
    extract::{Path, Query, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

const LIST: &str = "/staff/donors";

/// Where its gifts go on, and the list it was reached from.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    back: Option<String>,
    after: String,
    before: String,
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let backwards = !asked.before.is_empty();
    let key = Some(if backwards { &asked.before } else { &asked.after }).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut tx = app.db.read().await?;
    let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if donor.id != id {
        return Ok(Redirect::permanent(&format!("{LIST}/{}", donor.id)).into_response());
    }
    let totals = donors::totals_of(&mut tx, id).await?;
    let years = donors::years_of(&mut tx, id).await?;
    let mut given = queries::of_donor(&mut tx, id, key.map(String::as_str), backwards, most).await?;
    let plans = gifts::recurring_of(&mut tx, id).await?;
    let funds = gifts::funds(&mut tx, false).await?;
    let reaches: Vec<_> = donors::emails_of(&mut tx, id).await?.into_iter().map(everything_to).collect();
    let mails = mail::within(&mut tx, &reaches, None, 30).await?;
    let keys = alike::keys(&donor.name, donor.email.as_ref(), donor.address.as_deref());
    let like: Vec<_> = alike::like(&mut tx, &keys, Some(id)).await?.into_iter().map(|(id, _)| id).collect();
    let like = donors::by_ids(&mut tx, &like).await?;
    let record = Record::of(&mut tx, &donor).await?;
    let merges = merge::merges_of(&mut tx, id).await?;
    let pledges = pledge::of_donor(&mut tx, id, zone.day(app.clock.now())).await?;
    let organization = ties::organization_of(&mut tx, id).await?;
    let events = audit::of_record(&mut tx, ("donor", &id.to_string())).await?;
    let credits = gifts::queries::credits_of_donor(&mut tx, id, most).await?;
    let credited = gifts::queries::credit_sums(&mut tx, id).await?;
    drop(tx);
    let may = staff.may_keep_gifts().is_ok();
    let pager = Pager::cut(&mut given, PAGE, key.is_some(), backwards, |row| format!("{}~{}", row.shown_at, row.id));
    let path = format!("{LIST}/{id}");
    let today = zone.day(app.clock.now());
    let content = html! {
        (record.banner())
        p.lead { (standing(&donor, &totals, &plans, &zone)) }
        (giving::figures(&totals, &years, &coalition, today))
        div.split {
            div {
                section #gifts {
                    h2 { "Gifts" }
                    @if may { p.actions { a.button.secondary href={ "/staff/gifts/new?donor=" (donor.id) } { "Enter a gift" } } }
                    (giving::gift_table(&donor, &given, &zone))
                    (pager.links(&path, &query.unwrap_or_default()))
                }
                @if !credits.is_empty() { (credit_list(&credits, &credited)) }
                section {
                    h2 { "Pledges" }
                    @if pledges.is_empty() { p { "None." } } @else { (pledge::table(&pledges, today)) }
                    @if may { p.actions { a.button.secondary href={ "/staff/pledges/new?donor=" (donor.id) } { "Write down a pledge" } } }
                }
                (record.sections(&donor, today))
                section #recurring { h2 { "Recurring gifts" } (plan_list(&plans, &funds, &zone)) }
                section { h2 { "Mails" } (mail_list(&mails, &zone, "No mail was written to this donor.")) }
                section { h2 { "Who did what" } (event_list(&events, &zone)) }
            }
            aside {
                section {
                    h2 { "Contact details" }
                    (contact(&donor, organization.as_deref(), record.facts(&donor), &zone))
                    p { a.button.secondary href={ (LIST) "/" (donor.id) "/details" } { "Change contact details" } }
                    @if donor.name != donors::ERASED { p { a href={ (LIST) "/" (donor.id) "/erasure" } { "Erase the personal data" } } }
                }
                (giving::year_table(donor.id, &years, &coalition))
                (others(&donor, &like, &merges, may, &zone)?)
            }
        }
    };
    Ok(Page::staff(donor.name.clone(), content).crumb("Donors", way_back(asked.back.as_deref(), LIST)).wide().into_response())
}

/// Mails to an address, whatever they are about; those about staff accounts have their own readers.
fn everything_to(email: Email) -> mail::Reach {
    mail::Reach { email, from: None, to: None, about: &[mail::ACCOUNT], but: true }
}

/// Donors that are perhaps the same, and those that were merged.
fn others(donor: &Donor, like: &[Donor], merges: &[Merge], may: bool, zone: &Zone) -> Result<Markup, Error> {
    let parts: Vec<_> =
        merges.iter().map(|merge| Ok((merge, merge.details(&merge.merged_before)?.name))).collect::<Result<_, sqlx::Error>>()?;
    Ok(html! {
        section #same {
            h2 { "The same donor" }
            @if !like.is_empty() {
                p { "Perhaps here twice:" }
                ul { @for other in like { li { @if may { a href={ (LIST) "/" (donor.id) "/merge?with=" (other.id) } { "Compare with " (other.name) } } @else { (other.name) } } } }
            }
            @if !parts.is_empty() {
                ul { @for (merge, name) in &parts { li {
                    a href={ (LIST) "/merges/" (merge.id) } { (name) " was merged" } " on " (day_of(merge.merged_at, zone))
                    @if merge.undone_at.is_some() { ", and it was undone" }
                } } }
            }
            @if may { p { a href={ (LIST) "/" (donor.id) "/merge" } { "Merge with another donor" } } }
            @else if like.is_empty() && parts.is_empty() { p { "Nobody seems to be the same." } }
        }
    })
}

/// `A person who has given 12 gifts since 3 March 2024, the last one on 1 May 2026.`
fn standing(donor: &Donor, totals: &[DonorTotal], plans: &[RecurringGift], zone: &Zone) -> String {
    let kind = match donor.kind {
        DonorKind::Person => "A person",
        DonorKind::Organization => "An organization",
        DonorKind::Household => "A household",
    };
    let gifts: i64 = totals.iter().map(|total| total.gifts).sum();
    let first = totals.iter().map(|total| total.first_at).min();
    let last = totals.iter().map(|total| total.last_at).max();
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

fn contact(donor: &Donor, organization: Option<&str>, more: Vec<(&'static str, Markup)>, zone: &Zone) -> Markup {
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
    let mut rows = vec![
        ("Kind", kind),
        ("E-mail", html! { @if let Some(email) = &donor.email { (email) } @else { "None" } }),
        (
            "Postal address",
            html! { @if let Some(address) = &donor.address { @for line in address.lines() { (line) br; } } @else { "None" } },
        ),
        ("Updates by mail", consent),
    ];
    rows.extend(more);
    facts(&rows)
}

/// What others gave and this donor is credited with: never part of what they gave themselves.
fn credit_list(credits: &[Credit], sums: &[(Currency, i64, Cents)]) -> Markup {
    html! {
        section #credits {
            h2 { "Soft credits" }
            p {
                "Gifts of others, apart from what is given above: "
                @for (n, (currency, count, sum)) in sums.iter().enumerate() { @if n > 0 { ", " } (sum.of(*currency)) " for " (text::count(*count, "gift", "gifts")) }
                "."
            }
            ul {
                @for credit in credits {
                    li {
                        a href={ "/staff/gifts/" (credit.gift_id) } { (credit.amount.of(credit.currency)) } " of a gift by " (credit.name)
                        @if let Some(on) = credit.given_on { " on " (day(on)) } ": " (credit.kind.label())
                    }
                }
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
                        a href={ "/staff/recurring/" (plan.id) } { (plan.intended.of(plan.currency)) " " (every(plan.frequency)) }
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
