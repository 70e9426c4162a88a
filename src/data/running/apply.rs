//! What was read is applied: each subscription is asked for anew and becomes a recurring gift in a transaction of its
//! own, so that a restart goes on behind the last one and doubles nothing.
//!
//! One whose fate is another than the dry run said is left, and says so.
use super::{
    APPLY, Fate, Outcome, Product, Row, Run, RunId, State,
    judge::{Ground, Sight},
    queries, refused, show,
};
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{self, Donor},
    fresh::Asked,
    gifts::{self, CampaignId, FundId, running},
    payments::{GatewayError, Running},
    staff::Staff,
    web::{Csrf, Draft, Error, Mood, RawForm, redirect_saying},
    work::{self, Job, JobError},
};
use axum::{
    Router,
    extract::{Path, State as Within},
    response::Response,
    routing::post,
};
use futures_util::future::BoxFuture;

/// The choice that leaves the subscriptions of a product out.
pub(super) const OUT: &str = "out";

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/stripe/{id}/run", post(begin))
}

async fn begin(
    Within(app): Within<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<RunId>,
    RawForm(typed): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut draft = Draft::of(typed);
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let path = run.path();
    if run.state != State::Read {
        let said = match run.state {
            State::Applying | State::Applied => "It is applied already; nothing is brought in twice.",
            _ => "It can’t be applied as it is now.",
        };
        return Ok(redirect_saying(path, Mood::Warn, said));
    }
    let products = queries::products(&mut tx, id).await?;
    let funds: Vec<FundId> = gifts::funds(&mut tx, false).await?.into_iter().map(|fund| fund.id).collect();
    let campaigns: Vec<CampaignId> = gifts::campaigns(&mut tx).await?.into_iter().map(|campaign| campaign.id).collect();
    let chosen: Vec<_> = products.iter().map(|product| choice(&mut draft, product, &funds, &campaigns)).collect();
    if draft.is_right() && chosen.iter().all(|choice| matches!(choice, Some((None, _)))) {
        for product in &products {
            draft.reject(
                &format!("fund_{}", product.number),
                "Everything is left out. Choose a fund for what is to be brought in",
            );
        }
    }
    if !draft.is_right() {
        drop(tx);
        return Err(Draft::refuse(show::page(&app, &staff, &csrf, id, &draft).await?));
    }
    for (product, choice) in products.iter().zip(&chosen) {
        if let Some((fund, campaign)) = choice {
            queries::choose(&mut tx, id, product.number, *fund, *campaign).await?;
        }
    }
    queries::begin_applying(&mut tx, id, &staff, now).await?;
    let record = id.to_string();
    let after: Vec<_> =
        products.iter().zip(&chosen).map(|(product, choice)| serde_json::json!({ product.name.clone(): choice })).collect();
    audit::record(&mut tx, &staff.actor(), "apply", ("subscription_import", &record), None::<&()>, Some(&after), now).await?;
    work::soon(&mut tx, APPLY, &record, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(path, Mood::Good, "The import is being applied. It goes on if you leave this page."))
}

/// Where the gifts of a product are to go; without a fund they stay out. `None` when it is wrong.
fn choice(
    draft: &mut Draft,
    product: &Product,
    funds: &[FundId],
    campaigns: &[CampaignId],
) -> Option<(Option<FundId>, Option<CampaignId>)> {
    let (fund_field, campaign_field) = (format!("fund_{}", product.number), format!("campaign_{}", product.number));
    let (fund, campaign) = (draft.value(&fund_field).to_owned(), draft.value(&campaign_field).to_owned());
    let chosen = match fund.as_str() {
        OUT => Some(None),
        fund => fund.parse().ok().filter(|id| funds.contains(id)).map(Some),
    };
    if chosen.is_none() {
        draft.reject(&fund_field, "Choose the fund, or leave these out");
    }
    let campaign = match campaign.as_str() {
        "" => Some(None),
        campaign => campaign.parse().ok().filter(|id| campaigns.contains(id)).map(Some),
    };
    if campaign.is_none() {
        draft.reject(&campaign_field, "Choose a campaign of the list, or none");
    }
    Some((chosen?, campaign?))
}

pub(super) fn job(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let Ok(id) = job.key.parse::<RunId>() else { return Err(JobError::Never(format!("{APPLY} names no import"))) };
        while apply_one(&app, &job, id).await? {}
        Ok(())
    })
}

/// Applies the next row; `false` when none was left.
async fn apply_one(app: &App, job: &Job, id: RunId) -> Result<bool, JobError> {
    let mut tx = app.db.read().await?;
    let run = queries::run(&mut tx, id).await?.filter(|run| run.state == State::Applying);
    let waiting = queries::waiting(&mut tx, id).await?;
    drop(tx);
    let Some(run) = run else { return Ok(false) };
    let Some(row) = waiting else { return finish(app, &run).await };
    let mut asked = Asked::default();
    asked.before(&app.db, &row.subscription).await?;
    let told = match Box::pin(app.gateway.running(&row.subscription)).await {
        Ok(told) => told,
        Err(GatewayError::Missing(_)) => None,
        Err(error) => return Err(refused(&error)),
    };
    let mut tx = app.db.write().await?;
    if !asked.claim(&mut tx).await? {
        // Another wrote of it meanwhile: it is asked for again.
        return Ok(true);
    }
    let run = queries::hold(&mut tx, id).await?.filter(|run| run.state == State::Applying);
    let Some(run) = run else { return Ok(false) };
    let still = queries::waiting(&mut tx, id).await?.filter(|still| still.number == row.number);
    let Some(mut row) = still else { return Ok(true) };
    row.outcome = Some(Outcome::Refused);
    let product = queries::products(&mut tx, id).await?.into_iter().find(|product| product.name == row.product);
    match (product, told) {
        (Some(Product { left_out: true, .. }), _) => {
            row.outcome = Some(Outcome::Left);
            row.outcome_why = Some("What it is for is left out.".to_owned());
        }
        (Some(Product { fund_id: Some(fund), campaign_id, .. }), Some(told)) => {
            bring(app, &mut tx, &run, &mut row, &told, (fund, campaign_id)).await?;
        }
        (_, None) => row.outcome_why = Some("It does not run any more.".to_owned()),
        (_, Some(_)) => row.outcome_why = Some("No fund was chosen for it.".to_owned()),
    }
    queries::conclude(&mut tx, id, &row).await?;
    let (fates, so_far) = (queries::fates(&mut tx, id).await?, queries::outcomes(&mut tx, id).await?);
    let done = so_far.made + so_far.stayed + so_far.refused;
    work::progress(&mut tx, job.id, done, fates.fresh, "recurring gifts from Stripe").await?;
    tx.commit().await?;
    Ok(true)
}

async fn finish(app: &App, run: &Run) -> Result<bool, JobError> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if queries::advance(&mut tx, run.id, State::Applying, State::Applied, now).await? {
        let outcomes = queries::outcomes(&mut tx, run.id).await?;
        let record = run.id.to_string();
        audit::record(&mut tx, &run.actor(), "finish", ("subscription_import", &record), None::<&()>, Some(&outcomes), now)
            .await?;
    }
    tx.commit().await?;
    Ok(false)
}

/// Brings one in, unless something is not as it was in the dry run.
async fn bring(
    app: &App,
    tx: &mut Tx,
    run: &Run,
    row: &mut Row,
    one: &Running,
    (fund, campaign): (FundId, Option<CampaignId>),
) -> Result<(), JobError> {
    let sight = Ground::read(app, tx, std::slice::from_ref(one)).await?.sight(one);
    let since = |what: &str| Some(format!("Since it was read something changed: {what}"));
    let (Ok(told), Fate::New) = (&one.told, sight.fate) else {
        row.outcome_why = since(&sight.reason);
        return Ok(());
    };
    let Some(donor) = whose(app, tx, run, row, sight).await? else {
        row.outcome_why = since("its customer or e-mail address is another donor’s now. Read Stripe again.");
        return Ok(());
    };
    let actor = run.actor();
    let whose = running::Whose { donor: donor.id, fund, campaign, by: &actor };
    let Some(plan) = running::bring_in(app, tx, told, whose).await? else {
        row.outcome_why = since("it came on record.");
        return Ok(());
    };
    row.outcome = Some(Outcome::Made);
    row.donor_id = Some(donor.id);
    row.recurring_id = Some(plan);
    Ok(())
}

/// The donor that the dry run meant, tied to the customer; a new one is made. `None` when it is another now.
async fn whose(app: &App, tx: &mut Tx, run: &Run, row: &mut Row, sight: Sight) -> Result<Option<Donor>, JobError> {
    let now = app.clock.now();
    let actor = run.actor();
    let customer = serde_json::json!({ "Stripe customer": row.customer });
    let donor = match (sight.donor, sight.newcomer, row.donor_id) {
        (Some(found), _, Some(meant)) if donors::by_id(tx, meant).await?.is_some_and(|donor| donor.id == found.id) => found,
        (Some(found), _, None) if queries::brought_donor(tx, run.id, found.id).await? => found,
        (None, Some(newcomer), None) => {
            let donor = newcomer.donor(&row.customer, now);
            donors::bulk_insert(tx, std::slice::from_ref(&donor)).await?;
            let facts = serde_json::json!({ "name": donor.name, "email": donor.email, "Stripe customer": row.customer });
            let record = donor.id.to_string();
            audit::record(tx, &actor, "enter by import", ("donor", &record), None::<&()>, Some(&facts), now).await?;
            row.made_donor = true;
            row.print = Some(donors::customers::print(tx, donor.id).await?);
            return Ok(Some(donor));
        }
        _ => return Ok(None),
    };
    if donor.gateway_customer.is_none() {
        donors::link_customer(tx, donor.id, &row.customer).await?;
        let record = donor.id.to_string();
        audit::record(tx, &actor, "change by import", ("donor", &record), None::<&()>, Some(&customer), now).await?;
        row.linked = true;
    }
    Ok(Some(donor))
}
