//! Pages for the person who pays: the payment page, the customer portal, a bill and a receipt.
use super::{
    Sandbox,
    errors::Problem,
    paying::{Card, Outcome, Payer},
    store::Filter,
    values::{int, money, text},
};
use crate::kernel::{Timestamp, Zone};
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;
use std::collections::HashMap;

pub(super) type Fields = Form<HashMap<String, String>>;
/// A refusal on a page is a page.
pub(super) type Shown = Result<Response, PageProblem>;

pub(super) struct PageProblem(Problem);

impl From<Problem> for PageProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = html! {
            h1 { "That did not work" }
            p role="alert" { (self.0.message) }
            p { a href="/" { "To the control panel" } }
        };
        (status, page("That did not work", &body)).into_response()
    }
}

pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/sandbox.css", get(stylesheet))
        .route("/pay/{session}", get(pay_page).post(pay))
        .route("/portal/{session}", get(portal))
        .route("/portal/{session}/{action}", post(portal_action))
        .route("/invoice/{id}", get(invoice).post(pay_invoice))
        .route("/receipt/{charge}", get(receipt))
}

async fn stylesheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=60")], include_str!("sandbox.css"))
}

pub(super) fn page(title: &str, body: &Markup) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · Stripe sandbox" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/sandbox.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.banner { p { strong { "Stripe sandbox" } " · test mode, no money moves" } }
                main id="main" { (body) }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], markup).into_response()
}

/// `3 March 2026, 4:05 pm` in UTC.
pub(super) fn when(seconds: i64) -> String {
    Timestamp::from_unix(seconds).map_or_else(String::new, |at| Zone::utc().words(at))
}

pub(super) fn amount(object: &Value, field: &str) -> String {
    money(int(object, field), text(object, "currency"))
}

fn field<'a>(form: &'a HashMap<String, String>, name: &str) -> &'a str {
    form.get(name).map_or("", |v| v.trim())
}

async fn pay_page(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Shown {
    let mut work = sandbox.work().await?;
    let session = work.get("checkout.session", &id).await?;
    if text(&session, "status") != "open" {
        let body = html! {
            h1 { "This payment page is closed" }
            p { "It was " (if text(&session, "status") == "complete" { "paid" } else { "not paid in time" }) ". Nothing more happens here." }
            @if let Some(back) = session["cancel_url"].as_str() { p { a href=(back) { "Go back" } } }
        };
        return Ok((StatusCode::GONE, page("Closed", &body)).into_response());
    }
    let email = match session["customer"].as_str() {
        Some(customer) => work.get("customer", customer).await?["email"].as_str().map(ToOwned::to_owned),
        None => session["customer_email"].as_str().map(ToOwned::to_owned),
    };
    Ok(page("Pay", &pay_form(&session, email.as_deref(), None)))
}

fn pay_form(session: &Value, email: Option<&str>, declined: Option<&str>) -> Markup {
    let donates = text(session, "submit_type") == "donate";
    let lines = session["_line_items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let price = &lines.first().unwrap_or(&Value::Null)["price"];
    let each = price["recurring"]["interval"].as_str();
    let payer = Payer::default();
    html! {
        div.checkout {
            section aria-labelledby="what" {
                h1 id="what" { (if donates { "Donate" } else { "Pay" }) " " (amount(session, "amount_total")) @if let Some(each) = each { " every " (each) } }
                table {
                    caption { "What you pay for" }
                    thead { tr { th scope="col" { "Item" } th.number scope="col" { "Amount" } } }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { (text(line, "description")) @if let Some(words) = line["_words"].as_str() { small { (words) } } }
                                td.number { (amount(line, "amount_total")) }
                            }
                        }
                    }
                }
            }
            form method="post" {
                @if let Some(told) = declined {
                    p.alert role="alert" { (told) " Try another card." }
                }
                @if let Some(email) = email {
                    p { "Paying as " strong { (email) } }
                } @else {
                    label for="email" { "Email" }
                    input id="email" name="email" type="email" autocomplete="email" required value=(payer.email);
                    label for="name" { "Name on the card" }
                    input id="name" name="name" autocomplete="name" required value=(payer.name);
                }
                fieldset {
                    legend { "Choose what the card does" }
                    @for card in Card::ALL {
                        button name="card" value=(card) class=[(*card == Card::Success).then_some("primary")] { (card.label()) }
                    }
                }
                @if let Some(back) = session["cancel_url"].as_str() { p { a href=(back) { "Go back without paying" } } }
            }
        }
    }
}

async fn pay(State(sandbox): State<Sandbox>, Path(id): Path<String>, Form(form): Fields) -> Shown {
    let card: Card = field(&form, "card").parse().map_err(Problem::invalid)?;
    let payer = Payer { email: field(&form, "email").to_owned(), name: field(&form, "name").to_owned() };
    let payer = if payer.email.is_empty() { Payer::default() } else { payer };
    match sandbox.pay_as(&id, card, &payer).await? {
        Outcome::Complete(back) => Ok(Redirect::to(&back).into_response()),
        Outcome::Declined(told) => {
            let session = sandbox.work().await?.get("checkout.session", &id).await?;
            let body = pay_form(&session, session["customer_details"]["email"].as_str(), Some(&told));
            Ok((StatusCode::PAYMENT_REQUIRED, page("Declined", &body)).into_response())
        }
    }
}

async fn portal(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Shown {
    let mut work = sandbox.work().await?;
    let session = work.get("billing_portal.session", &id).await?;
    let customer = work.get("customer", text(&session, "customer")).await?;
    let subscriptions = work.all("subscription", Filter::by("customer", text(&customer, "id"))).await?;
    let invoices = work.all("invoice", Filter::by("customer", text(&customer, "id"))).await?;
    drop(work);
    let button = |subscription: &Value, action: &str, label: &str| {
        html! {
            form.inline method="post" action=(format!("/portal/{id}/{action}")) {
                button name="subscription" value=(text(subscription, "id")) { (label) }
            }
        }
    };
    let body = html! {
        h1 { "Your recurring payments" }
        p { (text(&customer, "email")) }
        @if subscriptions.is_empty() { p.empty { "You have no recurring payments." } }
        @for subscription in &subscriptions {
            @let item = &subscription["items"]["data"][0];
            section.card {
                h2 { (money(int(&item["price"], "unit_amount") * int(item, "quantity"), text(subscription, "currency"))) " every " (text(&item["price"]["recurring"], "interval")) }
                @if text(subscription, "status") == "canceled" {
                    p { "Ended on " (when(int(subscription, "ended_at"))) "." }
                } @else if let Some(at) = subscription["cancel_at"].as_i64() {
                    p { "Ends on " (when(at)) "." }
                    (button(subscription, "resume", "Don’t end it"))
                } @else {
                    p { "Next payment on " (when(int(item, "current_period_end"))) "." }
                    @if text(subscription, "status") == "past_due" { p.alert { "The last payment failed." } }
                    (button(subscription, "cancel", "End at the end of the period"))
                    (button(subscription, "card", "Use another card"))
                }
            }
        }
        h2 { "Payments" }
        table {
            caption { "Your bills, newest first" }
            thead { tr { th scope="col" { "Date" } th.number scope="col" { "Amount" } th scope="col" { "State" } } }
            tbody {
                @for invoice in invoices.iter().rev() {
                    tr {
                        th scope="row" { a href=(format!("/invoice/{}", text(invoice, "id"))) { (when(int(invoice, "created"))) } }
                        td.number { (amount(invoice, "total")) }
                        td { (text(invoice, "status")) }
                    }
                }
            }
        }
        @if let Some(back) = session["return_url"].as_str() { p { a href=(back) { "Go back" } } }
    };
    Ok(page("Your recurring payments", &body))
}

async fn portal_action(State(sandbox): State<Sandbox>, Path((id, action)): Path<(String, String)>, Form(form): Fields) -> Shown {
    let mut work = sandbox.work().await?;
    let session = work.get("billing_portal.session", &id).await?;
    let subscription = work.get("subscription", field(&form, "subscription")).await?;
    drop(work);
    if subscription["customer"] != session["customer"] {
        return Err(Problem::missing_object("subscription", text(&subscription, "id")).into());
    }
    let subscription = text(&subscription, "id");
    match action.as_str() {
        "cancel" => sandbox.cancel_subscription(subscription, true).await?,
        "resume" => sandbox.cancel_subscription(subscription, false).await?,
        "card" => sandbox.mend_card(subscription).await?,
        _ => return Err(Problem::invalid("There is no such button.").into()),
    }
    Ok(Redirect::to(&format!("/portal/{id}")).into_response())
}

async fn invoice(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Shown {
    let invoice = sandbox.work().await?.get("invoice", &id).await?;
    let body = html! {
        h1 { "Bill of " (amount(&invoice, "total")) }
        p { (invoice["number"].as_str().unwrap_or("Draft")) " · " (when(int(&invoice, "created"))) " · " (text(&invoice, "status")) }
        @if text(&invoice, "status") == "open" {
            form method="post" { button.primary { "Pay with 4242 4242 4242 4242" } }
        }
    };
    Ok(page("Bill", &body))
}

async fn pay_invoice(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Shown {
    let mut work = sandbox.work().await?;
    let invoice = work.get("invoice", &id).await?;
    let subscription = work.subscription_of(&invoice).await?;
    drop(work);
    sandbox.mend_card(text(&subscription, "id")).await?;
    Ok(Redirect::to(&format!("/invoice/{id}")).into_response())
}

async fn receipt(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Shown {
    let charge = sandbox.work().await?.get("charge", &id).await?;
    let body = html! {
        h1 { "Receipt for " (amount(&charge, "amount")) }
        p { (when(int(&charge, "created"))) ", card ending in " (text(&charge["payment_method_details"]["card"], "last4")) "." }
    };
    Ok(page("Receipt", &body))
}
