//! What the sender of a held gift sees: a sentence when it is held, and the page behind the link that lets it through.
use super::{
    donate::{Facts, paused, refused},
    held,
    start::{self, Next, NotStarted},
};
use crate::{
    app::App,
    kernel::Email,
    web::{self, Csrf, Error, Form, Page, VisitorCsrf, facts, notice},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::html;

/// The same words whatever the reason: who tries cards learns nothing from them.
pub(super) fn waits(name: &str, email: &Email) -> Page {
    let content = html! {
        div.confirmation { p.lead { "Nothing was charged. We look at this gift before it goes on to the payment, and write to " strong { (email) } "." } }
        p { "You need to do nothing until then. Thank you for your patience with " (name) "." }
        p { a href="/" { "Home page" } }
    };
    Page::public("We look at your gift first", content).status(StatusCode::ACCEPTED)
}

pub(super) async fn show(State(app): State<App>, csrf: Csrf, Path(token): Path<String>) -> Result<Page, Error> {
    let held = held::opened(&app, &token).await?;
    let shown = Facts::of(&app).await?;
    if shown.giving.paused {
        return Ok(paused(&shown));
    }
    Ok(page(&held, &token, &csrf, None))
}

fn page(held: &held::Held, token: &str, csrf: &Csrf, trouble: Option<&str>) -> Page {
    let content = html! {
        @if let Some(trouble) = trouble { (notice("bad", &html! { p role="alert" { (trouble) } })) }
        p.lead { "Your gift is kept as you entered it. Nothing was charged yet." }
        (facts(&[("You will be charged", html! { (held.amount.of(held.currency)) }), ("Name", html! { (held.name) }), ("E-mail", html! { (held.email) })]))
        form method="post" action={ "/donate/held/" (token) } {
            (csrf.field())
            div.actions { button.give type="submit" { "Continue to payment" } " " a href="/donate" { "Change the gift" } }
        }
    };
    Page::public("Your gift is not paid yet", content)
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn go_on(
    State(app): State<App>,
    csrf: Csrf,
    visitor: VisitorCsrf,
    Path(token): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    let held = held::opened(&app, &token).await?;
    let shown = Facts::of(&app).await?;
    if shown.giving.paused {
        return Ok(paused(&shown).status(StatusCode::SERVICE_UNAVAILABLE).into_response());
    }
    let answer = |status, sentence: &str| Ok(page(&held, &token, &csrf, Some(sentence)).status(status).into_response());
    match held::go_on(&app, &held, &shown.giving).await {
        Ok(Ok(Next::Pay(url))) => Ok(web::redirect(url)),
        Ok(Ok(Next::Given(gift))) => Ok(web::redirect(start::thanks_path(&app, gift.id))),
        Ok(Err(draft)) => Err(refused(&shown, &visitor, &draft)),
        Err(NotStarted::Silent) => answer(
            StatusCode::SERVICE_UNAVAILABLE,
            "The payment service does not answer at the moment. Nothing was charged; try again with the button below.",
        ),
        Err(NotStarted::Refused(why)) => {
            answer(StatusCode::UNPROCESSABLE_ENTITY, &format!("The payment service did not accept this gift: {why}"))
        }
        Err(NotStarted::Error(error)) => Err(error),
    }
}
