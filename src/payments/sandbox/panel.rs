//! The control panel at `/`, and the same levers as form posts under `/control/…`.
use super::{
    Sandbox,
    control::Misbehaviour,
    errors::Problem,
    pages::{Fields, Shown, amount, page, when},
    store::{Cursor, Filter},
    values::text,
};
use axum::{
    Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

pub(super) fn router() -> Router<Sandbox> {
    Router::new().route("/", get(panel)).route("/control/{action}", post(control))
}

/// Browsers are sent back to the panel; others read `{"done": …}` or the error.
async fn control(
    State(sandbox): State<Sandbox>,
    Path(action): Path<String>,
    headers: HeaderMap,
    Form(form): Fields,
) -> Result<Response, Response> {
    let wants_page =
        headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accepted| accepted.contains("text/html"));
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(Problem::invalid("Another site may not pull these levers.").status(403).into_response());
    }
    match sandbox.pull(&action, &form).await {
        Ok(_) if wants_page => Ok(Redirect::to("/").into_response()),
        Ok(done) => Ok(Json(json!({ "done": done })).into_response()),
        Err(problem) if wants_page => Err(super::pages::PageProblem::from(problem).into_response()),
        Err(problem) => Err(problem.into_response()),
    }
}

impl Sandbox {
    async fn pull(&self, action: &str, form: &HashMap<String, String>) -> Result<Value, Problem> {
        let get = |name: &str| form.get(name).map_or("", |v| v.trim());
        let number = |name: &str| -> Result<i64, Problem> {
            let wrong = |_| Problem::invalid(format!("{name} is not a number.")).param(name);
            if get(name).is_empty() { Ok(0) } else { get(name).parse().map_err(wrong) }
        };
        let yes = |name: &str| get(name) == "true";
        let done = match action {
            "pay" => match self.pay(get("session"), get("card").parse().map_err(Problem::invalid)?).await? {
                super::Outcome::Complete(back) => json!({ "complete": back }),
                super::Outcome::Declined(told) => json!({ "declined": told }),
            },
            "settle" => self.settle_later(get("session"), yes("ok")).await?.into_done(),
            "advance" => {
                self.advance(number("days")?.saturating_mul(86_400).saturating_add(number("seconds")?)).await?.into_done()
            }
            "fail-renewal" => self.fail_next_renewal(get("subscription")).await?.into_done(),
            "cancel" => self.cancel_subscription(get("subscription"), get("cancel") != "false").await?.into_done(),
            "card" => self.mend_card(get("subscription")).await?.into_done(),
            "card-expires" => {
                let month = i8::try_from(number("month")?).unwrap_or_default();
                self.card_expires(get("subscription"), i16::try_from(number("year")?).unwrap_or_default(), month)
                    .await?
                    .into_done()
            }
            "dispute" => self.dispute(get("payment")).await?.into(),
            "inquire" => self.inquire(get("payment")).await?.into(),
            "close-dispute" => self.close_dispute(get("id"), yes("won")).await?.into_done(),
            "fraud-warning" => self.fraud_warning(get("payment")).await?.into(),
            "payout" => self.payout().await?.into(),
            "fail-payout" => self.fail_payout(get("id")).await?.into_done(),
            "fail-refund" => self.fail_refund(get("id")).await?.into_done(),
            "misbehave" => {
                let how = match get("how") {
                    "hang" => Misbehaviour::Hang,
                    "slow" => Misbehaviour::Slow(Duration::from_millis(number("ms")?.unsigned_abs())),
                    status => {
                        let status = status.parse().ok().filter(|s| (400..=599).contains(s));
                        Misbehaviour::Status(
                            status.ok_or_else(|| Problem::invalid("how is hang, slow or a status from 400 to 599"))?,
                        )
                    }
                };
                let calls = u32::try_from(number("calls")?).unwrap_or_default();
                self.misbehave(how, calls);
                Value::Null
            }
            "pending" => self.pending().await?.into(),
            "deliver" => self.deliver(get("event")).await?.into_done(),
            "deliver-all" => self.deliver_all().await?.into(),
            "drop" => self.drop_event(get("event")).await?.into_done(),
            "repeat" => self.repeat(get("event")).await?.into_done(),
            "delay" => self.delay(get("event"), number("seconds")?).await?.into_done(),
            "disturb" => self.disturb(number("seed")?.unsigned_abs()).await?.into_done(),
            "webhook" => {
                self.set_webhook_url(get("url"));
                Value::Null
            }
            other => return Err(Problem::invalid(format!("There is no lever “{other}”.")).status(404)),
        };
        Ok(done)
    }
}

/// A verb without an answer.
trait Done {
    fn into_done(self) -> Value;
}

impl Done for () {
    fn into_done(self) -> Value {
        Value::Null
    }
}

/// A form of one button.
fn lever(action: &str, label: &str, fields: &[(&str, &str)]) -> Markup {
    html! {
        form.inline method="post" action=(format!("/control/{action}")) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button { (label) }
        }
    }
}

/// A form of one button and the fields to fill in.
fn asking(action: &str, label: &str, fields: &[(&str, &str, &str)]) -> Markup {
    html! {
        form.asking method="post" action=(format!("/control/{action}")) {
            @for (name, words, value) in fields {
                label for=(format!("{action}-{name}")) { (words) }
                input id=(format!("{action}-{name}")) name=(name) value=(value);
            }
            button { (label) }
        }
    }
}

fn rows(title: &str, objects: &[Value], state: &str, levers: impl Fn(&str, &Value) -> Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            @if objects.is_empty() { p.empty { "None yet." } } @else {
                table {
                    caption { "Newest first, twenty at most" }
                    thead { tr { th scope="col" { "Id" } th scope="col" { "When" } th.number scope="col" { "Amount" } th scope="col" { "State" } th scope="col" { "Make happen" } } }
                    tbody {
                        @for object in objects {
                            tr {
                                th scope="row" { code { (text(object, "id")) } }
                                td data-label="When" { (when(super::values::int(object, "created"))) }
                                td.number data-label="Amount" { @if object["amount"].is_i64() { (amount(object, "amount")) } @else if object["amount_total"].is_i64() { (amount(object, "amount_total")) } }
                                td data-label="State" { (text(object, state)) }
                                td data-label="Make happen" { (levers(text(object, "id"), object)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn panel(State(sandbox): State<Sandbox>) -> Shown {
    let mut work = sandbox.work().await?;
    let mut lists = HashMap::new();
    for kind in ["checkout.session", "charge", "subscription", "refund", "dispute", "payout", "event"] {
        lists.insert(kind, work.list(kind, &Filter::default(), &Cursor::Newest, 20).await?.0);
    }
    let waiting = work.pending(i64::MAX).await?.len();
    drop(work);
    let of = |kind: &str| lists.get(kind).map(Vec::as_slice).unwrap_or_default();
    let sessions = |status: &str| -> Vec<Value> {
        let is_so = |s: &&Value| text(s, "status") == status && text(s, "payment_status") == "unpaid";
        of("checkout.session").iter().filter(is_so).cloned().collect()
    };
    let settle = |id: &str, _: &Value| {
        html! {
            (lever("settle", "Succeed", &[("session", id), ("ok", "true")])) (lever("settle", "Fail", &[("session", id), ("ok", "false")]))
        }
    };
    let body = html! {
        h1 { "Control panel" }
        p { "It is " strong { (when(sandbox.now())) } " (UTC) here. " (waiting) " webhooks wait." }
        div.levers {
            (asking("advance", "Let time pass", &[("days", "Days", "31")]))
            (asking("misbehave", "Answer badly", &[("how", "How: hang, slow or a status", "500"), ("ms", "Milliseconds, when slow", "3000"), ("calls", "Calls", "1")]))
            (asking("disturb", "Shuffle and double the webhooks", &[("seed", "Seed", "1")]))
            div { (lever("deliver-all", "Send all webhooks", &[])) (lever("payout", "Pay out the balance", &[])) }
        }
        (rows("Open payment pages", &sessions("open"), "status", |id, _| html! { a href=(format!("/pay/{id}")) { "Open" } }))
        (rows("Slow payments that wait", &sessions("complete"), "payment_status", settle))
        (rows("Payments", of("charge"), "status", |id, _| html! {
            (lever("dispute", "Dispute", &[("payment", id)])) (lever("inquire", "Ask", &[("payment", id)])) (lever("fraud-warning", "Warn of fraud", &[("payment", id)]))
        }))
        (rows("Subscriptions", of("subscription"), "status", |id, _| html! {
            (lever("fail-renewal", "Fail the next renewal", &[("subscription", id)])) (lever("card", "Mend the card", &[("subscription", id)]))
        }))
        (rows("Refunds", of("refund"), "status", |id, _| lever("fail-refund", "Fail", &[("id", id)])))
        (rows("Disputes", of("dispute"), "status", |id, _| html! {
            (lever("close-dispute", "Won", &[("id", id), ("won", "true")])) (lever("close-dispute", "Lost", &[("id", id), ("won", "false")]))
        }))
        (rows("Payouts", of("payout"), "status", |id, _| lever("fail-payout", "Fail", &[("id", id)])))
        (rows("Events", of("event"), "type", |id, _| html! {
            (lever("deliver", "Send", &[("event", id)])) (lever("repeat", "Send twice", &[("event", id)]))
            (lever("delay", "Later", &[("event", id), ("seconds", "60")])) (lever("drop", "Lose", &[("event", id)]))
        }))
    };
    Ok(page("Control panel", &body))
}
