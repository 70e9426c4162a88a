//! Where a donor comes back to: thanks, right before, during and after the word of the payment; and the
//! page for those who turned back. What a page says comes from the gift, never from the address's query.
use super::{
    Frequency, Gift, GiftState,
    donate::{Facts, paused},
    parts, queries, refresh,
    start::{self, Next, NotStarted},
};
use crate::{
    app::App,
    donors::{self, Donor},
    receipts,
    web::{self, Csrf, Error, Form, Page, facts, notice},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

/// How often the page looks again while the payment is being confirmed.
const AGAIN_SECONDS: &str = "4";

struct Scene {
    gift: Gift,
    donor: Option<Donor>,
    fund: String,
    receipt: Option<String>,
}

async fn scene(app: &App, token: &str) -> Result<Scene, Error> {
    let id = start::gift_of_token(app, token).ok_or(Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let gift = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, gift.donor_id).await?;
    let fund = parts::words(&mut tx, &gift).await?;
    let receipt = receipts::standing(&mut tx, &id.to_string()).await?.map(|receipt| receipt.label());
    Ok(Scene { gift, donor, fund, receipt })
}

pub(super) async fn thanks(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Error> {
    let before = scene(&app, &token).await?;
    refresh::look(&app, &before.gift).await;
    let scene = scene(&app, &token).await?;
    let gift = &scene.gift;
    Ok(match gift.state {
        GiftState::Settled => settled(&app, &scene).into_response(),
        GiftState::Processing => {
            let lead = "Your bank takes a few days to confirm this payment. You need to do nothing; the receipt comes by e-mail when it has arrived.";
            Page::public("Thank you; your gift is on its way", html! { div.confirmation { p.lead { (lead) } } (summary(&scene)) })
                .into_response()
        }
        GiftState::Open => {
            let content = html! {
                div.confirmation { p.lead role="status" { "Your payment is being confirmed. This page looks again by itself every few seconds." } }
                (summary(&scene))
                p { "If you closed the payment page before you paid, " a href=(start::cancelled_path(&app, gift.id)) { "go back to your gift" } "." }
            };
            let mut response = Page::public("One moment", content).into_response();
            response.headers_mut().insert("refresh", HeaderValue::from_static(AGAIN_SECONDS));
            response
        }
        GiftState::Failed | GiftState::Abandoned => web::redirect(start::cancelled_path(&app, gift.id)),
    })
}

fn settled(app: &App, scene: &Scene) -> Page {
    let gift = &scene.gift;
    let coalition = app.coalition.get();
    let title = match &scene.donor {
        Some(donor) => format!("Thank you, {}", donor.name),
        None => "Thank you".to_owned(),
    };
    let content = html! {
        div.confirmation {
            p.lead { "Your gift of " strong { (gift.charged()) } " to " (coalition.name) " has arrived." }
        }
        @if gift.refunded.is_positive() {
            (notice("info", &html! { p { (gift.refunded.of(gift.currency)) " of it went back to you." } }))
        }
        (summary(scene))
        h2 { "What happens next" }
        ul {
            @if let Some(email) = scene.donor.as_ref().and_then(|donor| donor.email.as_ref()) {
                li { @if scene.receipt.is_some() { "Your receipt goes to " } @else { "A letter of thanks goes to " } strong { (email) } ". Look into the spam folder if it is not there in an hour." }
            }
            @match gift.frequency {
                Frequency::Once => li { "You were charged once. Nothing more is taken from your card." },
                Frequency::Monthly => li { "The same amount is charged every month on this day. Each receipt has a link that stops it or changes the card." },
                Frequency::Yearly => li { "The same amount is charged every year on this day. Each receipt has a link that stops it or changes the card." },
            }
            li { a href="/news" { "Read what your gift makes possible" } " or " a href={ "/donate?again=" (gift.id) } { "give again" } "." }
        }
    };
    Page::public(title, content)
}

fn summary(scene: &Scene) -> Markup {
    let gift = &scene.gift;
    let mut rows = vec![("Your gift", html! { (gift.intended()) })];
    if gift.covered_fee.is_positive() {
        rows.push(("Processing fee you cover", html! { (gift.covered_fee.of(gift.currency)) }));
        rows.push(("Charged", html! { (gift.charged()) }));
    }
    rows.push(("How often", html! { (gift.frequency.label()) }));
    rows.push(("For", html! { (scene.fund) }));
    rows.extend(gift.tribute().map(|tribute| ("Tribute", html! { (tribute) })));
    rows.extend(gift.card.as_ref().map(|card| ("Paid with", html! { (card) })));
    rows.extend(scene.receipt.as_ref().map(|receipt| ("Receipt", html! { (receipt) })));
    facts(&rows)
}

/// A donor who came back without paying finds the gift as it was, one button away.
pub(super) async fn cancelled(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Response, Error> {
    let before = scene(&app, &token).await?;
    refresh::look(&app, &before.gift).await;
    let scene = scene(&app, &token).await?;
    let gift = &scene.gift;
    if matches!(gift.state, GiftState::Settled | GiftState::Processing) {
        return Ok(web::redirect(start::thanks_path(&app, gift.id)));
    }
    Ok(try_again(&app, &scene, &csrf, &token, None).into_response())
}

fn try_again(app: &App, scene: &Scene, csrf: &Csrf, token: &str, trouble: Option<&str>) -> Page {
    let failure = scene.gift.failure.as_deref();
    let content = html! {
        @if let Some(trouble) = trouble { (notice("bad", &html! { p role="alert" { (trouble) } })) }
        p.lead { "Nothing was charged. Your gift is kept as you entered it." }
        @if let Some(failure) = failure { (notice("warn", &html! { p { "The bank's answer was: " (failure) } })) }
        (summary(scene))
        form method="post" action={ "/donate/cancelled/" (token) } {
            (csrf.field())
            div.actions { button.give type="submit" { "Continue to payment" } " " a href="/donate" { "Change the gift" } }
        }
        @let contact = &app.coalition.get().contact_email;
        @if !contact.is_empty() { p.hint { "If something went wrong, write to " a href={ "mailto:" (contact) } { (contact) } "." } }
    };
    Page::public("Your gift is not paid yet", content)
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn resume(
    State(app): State<App>,
    Path(token): Path<String>,
    csrf: Csrf,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let shown = Facts::of(&app).await?;
    if shown.giving.paused {
        return Ok(paused(&shown).status(StatusCode::SERVICE_UNAVAILABLE).into_response());
    }
    let scene = scene(&app, &token).await?;
    match start::open_page(&app, scene.gift.clone(), None).await {
        Ok(Next::Pay(url)) => Ok(web::redirect(url)),
        Ok(Next::Given(gift)) => Ok(web::redirect(start::thanks_path(&app, gift.id))),
        Err(NotStarted::Silent) => {
            let sentence =
                "The payment service does not answer at the moment. Nothing was charged; try again with the button below.";
            Ok(try_again(&app, &scene, &csrf, &token, Some(sentence)).status(StatusCode::SERVICE_UNAVAILABLE).into_response())
        }
        Err(NotStarted::Refused(why)) => {
            let sentence = format!("The payment service did not accept this gift: {why}");
            Ok(try_again(&app, &scene, &csrf, &token, Some(&sentence)).status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(NotStarted::Error(error)) => Err(error),
    }
}
