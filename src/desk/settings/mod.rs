//! What administrators decide about this installation, a page for each subject. Every change leaves the
//! setting before and after in the audit. What only the server's configuration decides is shown, not asked.
mod categories;
mod certificate;
mod coalition;
mod commitment;
mod entity;
mod forms;
mod giving;
mod giving_form;
mod reaffirmation;
mod reminders;
mod round_rules;
mod rounds;

use crate::{
    app::App,
    config::Delivery,
    gifts::{self, Campaign, Fund, Giving},
    kernel::{Coalition, Day, text},
    members::{self, Category, CommitmentVersion, ReminderDays, Signatory, reaffirmation::Rhythm},
    receipts::{self, LegalEntity},
    settings,
    staff::Staff,
    web::{Error, Page, facts},
};
use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/settings";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(overview))
        .route("/staff/settings/coalition", get(coalition::open).post(coalition::save))
        .route("/staff/settings/giving", get(giving::open).post(giving::save))
        .route("/staff/settings/legal-entity", get(entity::open).post(entity::save))
        .route("/staff/settings/review-rounds", get(rounds::open).post(rounds::save))
        .route("/staff/settings/review-rounds/rules", post(round_rules::save))
        .route("/staff/settings/reminders", get(reminders::open).post(reminders::save))
        .route("/staff/settings/certificate", get(certificate::open).post(certificate::save))
        .route("/staff/settings/reaffirmation", get(reaffirmation::open).post(reaffirmation::save))
        .merge(categories::router())
        .merge(forms::router())
        .merge(commitment::router())
}

async fn overview(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    staff.may_administer()?;
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let giving: Giving = settings::get(&mut tx).await?;
    let entities = receipts::entities(&mut tx).await?;
    let next_review = members::next_review(&mut tx, today).await?;
    let reminder_days: ReminderDays = settings::get(&mut tx).await?;
    let categories = members::categories(&mut tx).await?;
    let rhythm: Rhythm = settings::get(&mut tx).await?;
    let signatory: Signatory = settings::get(&mut tx).await?;
    let commitments = members::commitments(&mut tx).await?;
    let contributions = crate::contributions::about(&mut tx).await?;
    let (funds, campaigns) = (gifts::funds(&mut tx, false).await?, gifts::campaigns(&mut tx).await?);
    drop(tx);
    let content = html! {
        p.lead { "Each page changes one thing and says what follows from it. Every change is kept in the " a href="/staff/audit?record_kind=setting" { "audit" } "." }
        ul.cards {
            (card("Coalition", "/staff/settings/coalition", &about_coalition(&coalition)))
            (card("Legal entity", "/staff/settings/legal-entity", &about_entity(&entities, today)))
            (card("Categories", "/staff/settings/categories", &about_categories(&categories)))
            (card("Commitment text", "/staff/settings/commitment", &about_commitment(&commitments, today)))
            (card("Application forms", "/staff/settings/forms", &html! {
                p { "Conditions and questions for members and observers." }
                p.hint { "What is asked besides the fixed facts, and whether a document is." }
            }))
            (card("Review rounds", "/staff/settings/review-rounds", &html! {
                @match next_review {
                    Some(day) => p { "The next review of applications is on " (crate::web::day(day)) "." },
                    None => p { strong { "No review is set." } },
                }
                p.hint { "The days on which applications are decided, and what votes must reach." }
            }))
            (card("Reminders", "/staff/settings/reminders", &html! {
                p { "Of a draft after " (or_never(&reminder_days.draft)) "; of a question after " (or_never(&reminder_days.information)) "." }
                p.hint { "What applicants are reminded of, and when." }
            }))
            (card("Reaffirmation", "/staff/settings/reaffirmation", &html! {
                p { @if rhythm.asks() { "Members reaffirm every " (text::count(rhythm.months, "month", "months")) "." } @else { "Nobody is asked to reaffirm." } }
                p.hint { "How often, the reminders, and when silence makes a member inactive." }
            }))
            (card("Contributions", "/staff/settings/contributions", &contributions))
            (card("Certificate", "/staff/settings/certificate", &html! {
                p { @if signatory.name.is_empty() { "Nobody is named: certificates have no line for a signature." } @else { "Signed by " (signatory.name) "." } }
                p.hint { "Who signs the certificates of members and observers." }
            }))
            (card("Giving", "/staff/settings/giving", &about_giving(&giving)))
            (card("Funds", "/staff/funds", &about_funds(&funds)))
            (card("Campaigns", "/staff/campaigns", &about_campaigns(&campaigns)))
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

/// `7, 21 days`.
fn or_never(days: &[i64]) -> String {
    if days.is_empty() { "no time at all".to_owned() } else { format!("{} days", reminders::said(days)) }
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

fn about_categories(categories: &[Category]) -> Markup {
    html! {
        @match categories.len() {
            0 => p { strong { "None is set: nobody can apply." } },
            many => p { (text::count(i64::try_from(many).unwrap_or(i64::MAX), "kind", "kinds")) " of organizations, from " (categories[0].name) " on." },
        }
        p.hint { "What applicants choose from, and visitors narrow the roll by." }
    }
}

fn about_commitment(versions: &[CommitmentVersion], today: Day) -> Markup {
    html! {
        @match members::in_force(versions, today) {
            Some(v) => p { "Version " (v.version) " is in force since " (crate::web::day(v.in_force)) "." },
            None => p { strong { "None is in force: nobody can apply." } },
        }
        p.hint { "What an organization accepts when it applies." }
    }
}

fn about_funds(funds: &[Fund]) -> Markup {
    let open = i64::try_from(funds.iter().filter(|fund| fund.open).count()).unwrap_or(i64::MAX);
    html! {
        p { (text::count(open, "fund is", "funds are")) " offered to donors." }
        p.hint { "Where gifts are meant to go, and what binds them." }
    }
}

fn about_campaigns(campaigns: &[Campaign]) -> Markup {
    html! {
        p { @if campaigns.is_empty() { "There is none yet." } @else { (text::count(i64::try_from(campaigns.len()).unwrap_or(i64::MAX), "campaign", "campaigns")) "." } }
        p.hint { "Why gifts come: appeals with a goal and days." }
    }
}
