//! One reading of the Stripe account: each subscription's fate, where gifts go, how far it is, and what became of it.
use super::{APPLY, Product, READ, Row, Run, RunId, State, apply::OUT, parts, queries};
use crate::{
    app::App,
    audit,
    data::{Fate, Fates, Outcome, Outcomes, list, queries::Narrowed},
    gifts::{self, Campaign, Fund},
    kernel::{Zone, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Mood, Page, Pager, RawForm, badge, error_summary, field, moment, redirect_saying, with},
    work::{self, JobRow},
};
use axum::{
    Router,
    extract::{Path, Query, RawQuery, State as Within},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

const ROWS: usize = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/stripe/{id}", get(show)).route("/staff/imports/stripe/{id}/removal", post(discard))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    fate: String,
    outcome: String,
    after: String,
    before: String,
}

/// All the page is made of.
struct Shown {
    run: Run,
    fates: Fates,
    outcomes: Outcomes,
    rows: Vec<Row>,
    pager: Pager,
    products: Vec<Product>,
    funds: Vec<Fund>,
    campaigns: Vec<Campaign>,
    job: Option<JobRow>,
    may: bool,
}

impl Shown {
    async fn read(app: &App, staff: &Staff, id: RunId, narrowed: Narrowed) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let run = queries::run(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let mut rows = queries::rows(&mut tx, id, narrowed, i64::try_from(ROWS + 1).unwrap_or_default()).await?;
        let from_a_key = narrowed.after.is_some() || narrowed.before.is_some();
        let pager = Pager::cut(&mut rows, ROWS, from_a_key, narrowed.before.is_some(), |row| row.number.to_string());
        let kind = if run.state == State::Reading { READ } else { APPLY };
        Ok(Self {
            fates: queries::fates(&mut tx, id).await?,
            outcomes: queries::outcomes(&mut tx, id).await?,
            products: queries::products(&mut tx, id).await?,
            funds: gifts::funds(&mut tx, false).await?,
            campaigns: gifts::campaigns(&mut tx).await?,
            job: work::open_by_key(&mut tx, kind, &id.to_string()).await?,
            may: staff.may_keep_gifts().is_ok(),
            rows,
            pager,
            run,
        })
    }

    fn is_at_work(&self) -> bool {
        matches!(self.run.state, State::Reading | State::Applying)
    }
}

async fn show(
    Within(app): Within<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<RunId>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let narrowed = Narrowed {
        fate: asked.fate.parse().ok(),
        outcome: asked.outcome.parse().ok(),
        after: asked.after.parse().ok(),
        before: asked.before.parse().ok(),
    };
    let shown = Shown::read(&app, &staff, id, narrowed).await?;
    let draft = shown.opening();
    let zone = app.coalition.get().zone();
    let page = shown.page(&csrf, &draft, narrowed, query.as_deref().unwrap_or_default(), &zone);
    let mut response = page.into_response();
    if shown.is_at_work() && shown.job.is_some() {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("3"));
    }
    Ok(response)
}

/// The page again, with what was chosen and what is wrong with it.
pub(super) async fn page(app: &App, staff: &Staff, csrf: &Csrf, id: RunId, draft: &Draft) -> Result<Page, Error> {
    let narrowed = Narrowed::default();
    let shown = Shown::read(app, staff, id, narrowed).await?;
    Ok(shown.page(csrf, draft, narrowed, "", &app.coalition.get().zone()))
}

impl Shown {
    /// Everything into the first open fund.
    fn opening(&self) -> Draft {
        let general = self.funds.iter().find(|fund| fund.open).or(self.funds.first()).map(|fund| fund.id.to_string());
        let general = general.unwrap_or_default();
        Draft::of(self.products.iter().map(|product| (format!("fund_{}", product.number), general.clone())))
    }

    fn page(&self, csrf: &Csrf, draft: &Draft, narrowed: Narrowed, query: &str, zone: &Zone) -> Page {
        let run = &self.run;
        let content = html! {
            (error_summary(draft))
            p.lead { (badge(run.state.mood(), run.state.label())) " " (parts::sentence(run.state, &self.fates, &self.outcomes)) }
            @if run.state == State::Applying { (parts::bar(&self.fates, &self.outcomes)) }
            p {
                "Read by " (run.begun_by) " on " (moment(run.begun_at, zone))
                @if let (Some(who), Some(at)) = (&run.applied_by, run.applied_at) { "; applied by " (who) " on " (moment(at, zone)) }
                @if let (Some(who), Some(at)) = (&run.undone_by, run.undone_at) { "; undone by " (who) " on " (moment(at, zone)) }
                "."
            }
            @if self.is_at_work() && self.job.is_none() {
                div.notice data-mood="bad" { p { "The work on it has stopped. " a href="/staff/jobs" { "Background work" } " says why, and an administrator can let it try again." } }
            } @else if let Some(error) = self.job.as_ref().and_then(|job| job.error.as_ref()) {
                div.notice data-mood="warn" { p { "Stripe did not answer as hoped, and is asked again: " (error) } }
            }
            @if self.may { (self.next(csrf, draft)) }
            @if !matches!(run.state, State::Reading | State::Discarded) { (self.listed(narrowed, query)) }
        };
        Page::staff("Subscriptions of the Stripe account", content)
            .crumb("Staff", "/staff")
            .crumb("Imports", list::PATH)
            .crumb("Recurring gifts from Stripe", super::PATH)
            .wide()
            .script("staff.js")
    }

    /// What can be done next.
    fn next(&self, csrf: &Csrf, draft: &Draft) -> Markup {
        let path = self.run.path();
        let discard = html! {
            form method="post" action={ (path) "/removal" } { (csrf.field()) button.quiet type="submit" { "Discard what was read" } }
        };
        html! {
            @match self.run.state {
                State::Read if self.products.is_empty() => {
                    div.notice data-mood="info" { p { "There is nothing to bring in." } }
                    (discard)
                },
                State::Read => {
                    (parts::promise())
                    form method="post" action={ (path) "/run" } novalidate {
                        (csrf.field())
                        h2 { "Where the gifts go" }
                        @for product in &self.products { (self.choice(product, draft)) }
                        p { "Payments made before you press the button are not brought in; those made after are gifts." }
                        p.actions { button type="submit" { "Bring them in" } }
                    }
                    (discard)
                },
                State::Reading => (discard),
                State::Applied if self.outcomes.made > 0 => p.actions { a.button.secondary href={ (path) "/undo" } { "Undo the import" } },
                _ => {},
            }
        }
    }

    /// The fund of a product, and its campaign.
    fn choice(&self, product: &Product, draft: &Draft) -> Markup {
        let (fund, campaign) = (format!("fund_{}", product.number), format!("campaign_{}", product.number));
        let mut funds: Vec<_> = self.funds.iter().map(|fund| (fund.id.to_string(), fund.name.clone())).collect();
        funds.push((OUT.to_owned(), "Leave these out".to_owned()));
        let mut campaigns = vec![(String::new(), "None".to_owned())];
        campaigns.extend(self.campaigns.iter().map(|campaign| (campaign.id.to_string(), campaign.name.clone())));
        let count = text::count(product.subscriptions, "subscription", "subscriptions");
        html! {
            fieldset {
                legend { "“" (product.name) "”, " (count) }
                (field(&fund, "Fund").select(draft, &funds))
                @if !self.campaigns.is_empty() { (Field { optional: true, ..field(&campaign, "Campaign") }.select(draft, &campaigns)) }
            }
        }
    }

    fn listed(&self, narrowed: Narrowed, query: &str) -> Markup {
        let (run, f, o) = (&self.run, &self.fates, &self.outcomes);
        let path = run.path();
        let n = text::number;
        let link = |words: String, name: &str, value: &str, chosen: bool| {
            let clean = [
                ("fate", None),
                ("outcome", None),
                ("after", None),
                ("before", None),
                (name, Some(value).filter(|v| !v.is_empty())),
            ];
            html! { a href=(with(&path, query, &clean)) aria-current=[chosen.then_some("true")] { (words) } }
        };
        html! {
            h2 { "Subscriptions" }
            nav aria-label="Which subscriptions" { p.actions {
                (link(format!("All {}", n(f.fresh + f.matches + f.refused)), "fate", "", narrowed.fate.is_none() && narrowed.outcome.is_none()))
                @for (fate, count) in [(Fate::New, f.fresh), (Fate::Matches, f.matches), (Fate::Refused, f.refused)] {
                    @if count > 0 { (link(format!("{} {}", parts::label(fate), n(count)), "fate", fate.as_str(), narrowed.fate == Some(fate))) }
                }
                @for (outcome, words, count) in [
                    (Outcome::Made, "Brought in", o.made), (Outcome::Left, "Left out", o.stayed), (Outcome::Refused, "Not applied", o.refused),
                    (Outcome::Undone, "Taken back", o.undone), (Outcome::Kept, "Kept", o.kept),
                ] {
                    @if count > 0 { (link(format!("{words} {}", n(count)), "outcome", outcome.as_str(), narrowed.outcome == Some(outcome))) }
                }
            } }
            @if self.rows.is_empty() { p.empty { "No subscription is of this kind." } } @else {
                (parts::table(&self.rows, run.state != State::Read))
                (self.pager.links(&path, query))
            }
        }
    }
}

async fn discard(Within(app): Within<App>, staff: Staff, Path(id): Path<RunId>, _: RawForm) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !queries::discard(&mut tx, id).await? {
        return Ok(redirect_saying(run.path(), Mood::Warn, "It can’t be discarded as it is now."));
    }
    let record = id.to_string();
    audit::record(&mut tx, &staff.actor(), "discard", ("subscription_import", &record), None::<&()>, None::<&()>, now).await?;
    tx.commit().await?;
    Ok(redirect_saying(super::PATH, Mood::Good, "What was read is discarded. Nothing of it was written."))
}
