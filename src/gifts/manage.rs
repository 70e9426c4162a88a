//! `/gifts/manage/…`: what a donor does with a gift by the signed link of its receipt. Looking changes
//! nothing; stopping and changing are buttons.
use super::{Frequency, Gift, RecurringGift, letters::MANAGE, queries, refresh};
use crate::{
    app::App,
    audit::{self, Actor},
    donors,
    links::{self, LinkError},
    payments::SubscriptionState,
    receipts,
    web::{self, Csrf, Error, Form, Mood, Page, facts},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};

async fn opened(app: &App, token: &str) -> Result<(Gift, Option<RecurringGift>), Error> {
    let mut tx = app.db.read().await?;
    let subject = links::open(&mut tx, &app.keys, MANAGE, token, app.clock.now()).await?.map_err(|why| match why {
        LinkError::Unknown => Error::NotFound,
        why => Error::Gone(format!("{why} The link in your latest receipt works, or write to us.")),
    })?;
    let id = subject.parse().map_err(|_| Error::NotFound)?;
    let gift = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let plan = match gift.recurring_id {
        Some(id) => queries::recurring_by_id(&mut tx, id).await?,
        None => None,
    };
    Ok((gift, plan))
}

pub(super) async fn show(State(app): State<App>, Path(token): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let (gift, plan) = opened(&app, &token).await?;
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let fund = queries::fund_by_id(&mut tx, gift.fund_id).await?.map(|fund| fund.name).unwrap_or_default();
    let receipt = receipts::standing(&mut tx, &gift.id.to_string()).await?;
    drop(tx);
    let mut rows = vec![("Amount", html! { (gift.charged()) }), ("State", html! { (gift.state.label()) })];
    rows.extend(gift.given_on.map(|day| ("Date", web::day(day))));
    rows.push(("For", html! { (fund) }));
    rows.extend(gift.tribute().map(|tribute| ("Tribute", html! { (tribute) })));
    rows.extend(receipt.map(|receipt| ("Receipt", html! { (receipt.label()) })));
    if gift.refunded.is_positive() {
        rows.push(("Gone back to you", html! { (gift.refunded.of(gift.currency)) }));
    }
    let content = html! {
        (facts(&rows))
        @if let Some(plan) = &plan {
            section {
                h2 { "Your recurring gift" }
                (plan_words(plan, &zone))
                @if can_change(plan) { (buttons(&token, plan, &csrf)) }
            }
        } @else if gift.frequency == Frequency::Once {
            p { "You gave once; nothing more is taken from your card." }
        }
    };
    Ok(Page::bare("Your gift", content))
}

const fn can_change(plan: &RecurringGift) -> bool {
    !matches!(plan.state, SubscriptionState::Cancelled | SubscriptionState::Ended)
}

fn plan_words(plan: &RecurringGift, zone: &crate::kernel::Zone) -> Markup {
    let amount = plan.charged.of(plan.currency);
    let every = if plan.frequency == Frequency::Yearly { "year" } else { "month" };
    let on =
        |at: Option<crate::kernel::Timestamp>| at.map_or_else(|| "the end of what is paid".to_owned(), |at| zone.day(at).words());
    html! {
        p.lead {
            @match (plan.state, plan.cancels_at) {
                (SubscriptionState::Cancelled | SubscriptionState::Ended, _) => { "This recurring gift of " (amount) " has ended. Nothing more is charged." },
                (_, Some(at)) => { "This recurring gift of " (amount) " ends on " (on(Some(at))) ". Nothing more is charged." },
                (SubscriptionState::PastDue, _) => { "The last charge of " (amount) " did not go through. Change the card, or stop the gift." },
                (SubscriptionState::Paused, _) => { "This recurring gift of " (amount) " is paused." },
                _ => { (amount) " is charged every " (every) "; next on " (on(plan.next_at)) "." },
            }
        }
    }
}

fn buttons(token: &str, plan: &RecurringGift, csrf: &Csrf) -> Markup {
    html! {
        form method="post" action={ "/gifts/manage/" (token) "/card" } {
            (csrf.field())
            button type="submit" { "Change the card or see all payments" }
        }
        @if plan.cancels_at.is_none() {
            form method="post" action={ "/gifts/manage/" (token) "/end" } {
                (csrf.field())
                p { "To stop, press the button. What you gave stays given; no further charge is made." }
                button.danger type="submit" { "Stop my recurring gift" }
            }
        }
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

const SILENT: &str =
    "The payment service does not answer at the moment. Nothing was changed; open the link in your mail again in a few minutes.";

pub(super) async fn end(
    State(app): State<App>,
    Path(token): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let (_, plan) = opened(&app, &token).await?;
    let plan = plan.filter(can_change).ok_or_else(|| Error::Conflict("This gift does not repeat any more.".to_owned()))?;
    if plan.cancels_at.is_none() {
        // One key for each period: pressed twice it is one wish, and after a change of mind it is a new one.
        let key = format!("end-{}-{}", plan.id, plan.next_at.map_or(0, crate::kernel::Timestamp::unix));
        app.gateway.cancel_subscription(&plan.subscription, true, &key).await.map_err(|error| silent(&error))?;
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        let donor = donors::by_id(&mut tx, plan.donor_id).await?;
        let actor = Actor { kind: "donor", id: plan.donor_id.to_string(), name: donor.map(|d| d.name).unwrap_or_default() };
        audit::record(&mut tx, &actor, "end", ("recurring_gift", &plan.id.to_string()), None::<&()>, None::<&()>, now).await?;
        tx.commit().await?;
        if let Err(error) = refresh::refresh_subscription(&app, &plan.subscription).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a subscription that was ended could not be looked at");
        }
    }
    Ok(web::redirect_saying(
        format!("/gifts/manage/{token}"),
        Mood::Good,
        "Your recurring gift is stopped. Nothing more is charged.",
    ))
}

/// To the payment service's own page, made for this click and kept nowhere.
pub(super) async fn card(
    State(app): State<App>,
    Path(token): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let (_, plan) = opened(&app, &token).await?;
    let plan = plan.ok_or_else(|| Error::Conflict("This gift does not repeat.".to_owned()))?;
    let back = app.url(&format!("/gifts/manage/{token}"));
    let url = app.gateway.portal(&plan.customer, &back).await.map_err(|error| silent(&error))?;
    Ok(web::redirect(url))
}

fn silent(error: &crate::payments::GatewayError) -> Error {
    tracing::error!(error = error as &dyn std::error::Error, "a donor's wish was not done");
    Error::Unavailable(SILENT.to_owned())
}
