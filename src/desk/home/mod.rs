//! Today: what waits for somebody, then this month beside last year's, then two years in a picture.
//!
//! Everything it shows is found in one unit that only reads and, where one process writes, kept until
//! something is written.
mod attention;
mod figures;
mod setup;

use crate::{
    app::App,
    audit::{self, AuditEvent},
    desk::records,
    donors,
    kernel::{Coalition, Month, Zone},
    members,
    reports::{self, MonthOfGiving, YearOverYear},
    staff::Staff,
    web::{Error, Page, moment},
};
use attention::Waiting;
use axum::{Router, extract::State, routing::get};
use maud::{Markup, html};
use setup::Setup;

/// How far the picture reaches back.
const MONTHS: i64 = 24;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff", get(today))
}

/// All the page is made of.
#[derive(Debug, Clone)]
struct Today {
    waiting: Waiting,
    /// For administrators.
    setup: Option<Setup>,
    months: Vec<MonthOfGiving>,
    compared: Option<YearOverYear>,
    recurring: i64,
    annual: Vec<crate::gifts::AnnualValue>,
    latest: Vec<AuditEvent>,
}

async fn today(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    let coalition = app.coalition.get();
    let (zone, currency) = (coalition.zone(), coalition.currency);
    let now = app.clock.now();
    let day = zone.day(now);
    let month = day.month();
    let administers = staff.may_administer().is_ok();
    let key = format!("today {day} {currency} {} {administers}", coalition.time_zone);
    let places = zone.clone();
    let today = app
        .db
        .figures(key, async move |tx| {
            let months = reports::months_of_giving(tx, month, MONTHS, currency).await?;
            Ok(Today {
                waiting: Waiting::find(tx, administers, day).await?,
                setup: if administers { Some(Setup::find(tx, day).await?) } else { None },
                compared: reports::year_over_year(tx, &months).await?,
                months,
                recurring: crate::gifts::recurring_running(tx).await?,
                annual: crate::gifts::annual_values(tx, day, &places).await?,
                latest: if administers { audit::latest(tx, None, 5).await? } else { Vec::new() },
            })
        })
        .await?;
    let tasks = donors::care::due_by(&mut app.db.read().await?, day, staff.id).await?;
    let votes = members::application::votes::missing_from(&mut app.db.read().await?, &staff).await?;
    let content = html! {
        p.lead { (day.words()) }
        section aria-labelledby="waiting" {
            h2 #waiting { "What needs attention" }
            (today.waiting.list(&staff, &zone, &today.setup.map_or_else(Vec::new, |setup| setup.items(&coalition)), votes, tasks))
        }
        @if is_new(&today) { (first_steps(administers)) } @else { (giving(&today, month, &coalition)) }
        @if !today.latest.is_empty() { (latest(&today.latest, &zone)) }
    };
    Ok(Page::staff("Today", content).script("staff.js"))
}

/// Whether nobody has given yet, as far as the picture reaches.
fn is_new(today: &Today) -> bool {
    today.recurring == 0 && today.months.iter().all(|m| m.gifts == 0)
}

fn giving(today: &Today, month: Month, coalition: &Coalition) -> Markup {
    html! {
        section aria-labelledby="giving" {
            h2 #giving { "Giving in " (month.words()) }
            @if let Some(compared) = &today.compared { (figures::beside(compared, today.recurring, &today.annual, coalition)) }
            (figures::picture(&today.months, coalition))
        }
    }
}

fn first_steps(administers: bool) -> Markup {
    html! {
        section aria-labelledby="first" {
            h2 #first { "What this page will show" }
            p { "As soon as gifts arrive, this month stands here beside the same month last year, with the last two years in a picture. Each number opens to the gifts behind it." }
            ul {
                @if administers {
                    li { a href="/staff/settings/giving" { "Set up giving" } ": amounts, the fee, limits." }
                    li { a href="/staff/funds" { "Look through the funds" } " that donors can give to." }
                    li { a href="/staff/people" { "Invite the people" } " you work with." }
                }
                li { a href="/donate" { "See the donate page" } " and " a href="/join" { "the form to join" } " as visitors do." }
            }
        }
    }
}

fn latest(events: &[AuditEvent], zone: &Zone) -> Markup {
    html! {
        section aria-labelledby="latest" {
            h2 #latest { "Done lately" }
            ol.timeline {
                @for event in events {
                    li {
                        (moment(event.at, zone))
                        p { (event.actor_name) ": " a href={ "/staff/audit/" (event.id) } { (records::words(&event.action).to_lowercase()) } ", " (records::link(&event.record_kind, &event.record_id)) }
                    }
                }
            }
            p { a href="/staff/audit" { "The whole audit" } }
        }
    }
}
