//! What administrators decide about this installation, a page for each subject. Every change leaves the
//! setting before and after in the audit. What only the server's configuration decides is shown, not asked.
mod coalition;
mod entity;
mod giving;
mod giving_form;
mod rounds;

use crate::{
    app::App,
    config::Delivery,
    gifts::Giving,
    kernel::{Coalition, Day},
    members,
    receipts::{self, LegalEntity},
    settings,
    staff::Staff,
    web::{Error, Page, facts},
};
use axum::{Router, extract::State, routing::get};
use maud::{Markup, html};

const PATH: &str = "/staff/settings";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(overview))
        .route("/staff/settings/coalition", get(coalition::open).post(coalition::save))
        .route("/staff/settings/giving", get(giving::open).post(giving::save))
        .route("/staff/settings/legal-entity", get(entity::open).post(entity::save))
        .route("/staff/settings/review-rounds", get(rounds::open).post(rounds::save))
}

async fn overview(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    staff.may_administer()?;
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let giving: Giving = settings::get(&mut tx).await?;
    let entities = receipts::entities(&mut tx).await?;
    let next_review = members::next_review(&mut tx, today).await?;
    drop(tx);
    let content = html! {
        p.lead { "Each page changes one thing and says what follows from it. Every change is kept in the " a href="/staff/audit?record_kind=setting" { "audit" } "." }
        ul.cards {
            (card("Coalition", "/staff/settings/coalition", &about_coalition(&coalition)))
            (card("Giving", "/staff/settings/giving", &about_giving(&giving)))
            (card("Legal entity", "/staff/settings/legal-entity", &about_entity(&entities, today)))
            (card("Review rounds", "/staff/settings/review-rounds", &html! {
                @match next_review {
                    Some(day) => p { "The next review of applications is on " (crate::web::day(day)) "." },
                    None => p { strong { "No review is set." } },
                }
                p.hint { "The days on which applications are decided." }
            }))
        }
        h2 { "Set on the server" }
        p { "These come from the server’s configuration and change when it is restarted with another." }
        (facts(&[
            ("Address of this site", html! { (app.config.base_url) }),
            ("Payments", html! { @if app.config.is_live() { "Live: real cards are charged." } @else { "Test mode: no real card is charged." } }),
            ("Mail", html! {
                @match &app.config.delivery {
                    Delivery::Captured => { "Captured: staff read it under " a href="/staff/mail" { "Mail" } ", nothing leaves." },
                    Delivery::Folder(_) => "Written into a folder on the server; nothing leaves it.",
                    Delivery::Smtp(_) => { "Sent by a mail server, from " (app.config.mail_from) "." },
                }
            }),
            ("Database", html! { @if app.db.is_sqlite() { "SQLite, inside this program." } @else { "PostgreSQL." } }),
            ("Background work", html! { a href="/staff/jobs" { "What waits and what failed" } }),
        ]))
    };
    Ok(Page::staff("Settings", content))
}

fn card(title: &str, href: &str, about: &Markup) -> Markup {
    html! { li.card { h2 { a href=(href) { (title) } } (about) } }
}

fn about_coalition(coalition: &Coalition) -> Markup {
    html! {
        p { (coalition.name) @if coalition.short_name != coalition.name { " (" (coalition.short_name) ")" } "." }
        p.hint { "Name, contact, time zone, fiscal year." }
    }
}

fn about_giving(giving: &Giving) -> Markup {
    html! {
        @if giving.paused { p { strong { "Paused: no gift is taken by card." } } }
        @else { p { "Gifts by card from " (giving.least.of(giving.currency)) " to " (giving.most.of(giving.currency)) "." } }
        p.hint { "The switch, amounts, fee, disclosures, limits." }
    }
}

fn about_entity(entities: &[LegalEntity], today: Day) -> Markup {
    html! {
        @match entity::receipts_by(entities, today) {
            Some(entity) => p { "Receipts are issued by " (entity.name) "." },
            None => p { strong { "None is named: no receipt can be issued." } },
        }
        p.hint { "Who issues receipts, from which day on." }
    }
}
