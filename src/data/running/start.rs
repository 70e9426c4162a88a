//! Where the reading of the Stripe account begins, with what it will do and what became of earlier ones.
use super::{PATH, READ, Run, RunId, State, parts, queries};
use crate::{
    app::App,
    audit,
    data::{Fates, Outcomes, list},
    kernel::Zone,
    staff::Staff,
    web::{Csrf, Error, Mood, Page, RawForm, badge, moment, redirect, redirect_saying},
    work,
};
use axum::{Router, extract::State as Within, response::Response, routing::get};
use maud::{Markup, html};

/// Earlier imports that are listed.
const SHOWN: i64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/stripe", get(ask).post(begin))
}

async fn ask(Within(app): Within<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.read().await?;
    let mut rows = Vec::new();
    for run in queries::runs(&mut tx, SHOWN).await? {
        let (fates, outcomes) = (queries::fates(&mut tx, run.id).await?, queries::outcomes(&mut tx, run.id).await?);
        rows.push((run, fates, outcomes));
    }
    drop(tx);
    let content = html! {
        p.lead { "Donors who give every month or every year through your Stripe account already go on giving, and their gifts come here from now on." }
        ol {
            li { "The account’s subscriptions that run are read, and you see what would become of each one. Nothing is written yet." }
            li { "You say into which fund the gifts of each Stripe product go, or leave a product out: dues of members, say." }
            li { "Each one becomes a recurring gift of a donor: the one with the same Stripe customer or e-mail address, or else a new one." }
            li { "Every payment from then on is a gift, with its thanks and receipt, and its donor can change or stop it by the link there." }
        }
        p { "Payments made before are not brought in: " a href="/staff/imports/new" { "import them from a file" } " up to the day you apply." }
        p { "The program that took these gifts until now must no longer send receipts; do not let it cancel the subscriptions." }
        (parts::promise())
        form method="post" action=(PATH) { (csrf.field()) p.actions { button type="submit" { "Read the Stripe account" } a href=(list::PATH) { "Not now" } } }
        @if !rows.is_empty() { (table(&rows, &app.coalition.get().zone())) }
    };
    Ok(Page::staff("Recurring gifts from Stripe", content).crumb("Staff", "/staff").crumb("Imports", list::PATH))
}

fn table(rows: &[(Run, Fates, Outcomes)], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Earlier readings, the newest first" }
            thead { tr { th scope="col" { "Read" } th scope="col" { "State" } th scope="col" { "Subscriptions" } } }
            tbody { @for (run, fates, outcomes) in rows { tr {
                th scope="row" { a href=(run.path()) { (moment(run.begun_at, zone)) } " by " (run.begun_by) }
                td data-label="State" { (badge(run.state.mood(), run.state.label())) }
                td data-label="Subscriptions" { (parts::sentence(run.state, fates, outcomes)) }
            } } }
        }
    }
}

async fn begin(Within(app): Within<App>, staff: Staff, _: RawForm) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if let Some(id) = queries::at_work(&mut tx).await? {
        return Ok(redirect_saying(format!("{PATH}/{id}"), Mood::Warn, "One is under way already. Let it end, or discard it."));
    }
    let id = RunId::new();
    let record = id.to_string();
    queries::insert(&mut tx, id, &staff, now).await?;
    let after = serde_json::json!({ "state": State::Reading });
    audit::record(&mut tx, &staff.actor(), "read Stripe", ("subscription_import", &record), None::<&()>, Some(&after), now)
        .await?;
    work::soon(&mut tx, READ, &record, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect(format!("{PATH}/{id}")))
}
