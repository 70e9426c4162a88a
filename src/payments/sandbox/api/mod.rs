//! `/v1`: who may ask, idempotency, and which operation answers.
mod balance;
mod billing;
mod checkout;
mod customers;
mod disputes;
mod events;
mod payments;
mod products;

use super::{
    Sandbox,
    control::Misbehaviour,
    errors::Problem,
    expand::expand,
    lock,
    params::Params,
    store::{Cursor, Filter, Work},
    values::{list, new_id, public, text},
};
use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::Value;
use std::time::Duration;

/// Answers to an idempotency key are kept this long: <https://docs.stripe.com/api/idempotent_requests>.
const KEPT: i64 = 86_400;
const BODY_LIMIT: usize = 1 << 20;

pub(super) fn router() -> Router<Sandbox> {
    Router::new().route("/v1/{*rest}", any(answer))
}

async fn answer(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let id = new_id("req");
    let mut response = sandbox.answer(request, &id).await.unwrap_or_else(Problem::into_response);
    let headers = response.headers_mut();
    headers.insert("stripe-version", HeaderValue::from_static(super::events::API_VERSION));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("request-id", id);
    }
    response
}

struct Call {
    method: Method,
    path: String,
    params: Params,
    request: String,
    key: Option<String>,
}

impl Sandbox {
    async fn answer(&self, request: Request, id: &str) -> Result<Response, Problem> {
        self.check_key(request.headers())?;
        let trouble = self.next_misbehaviour();
        match trouble {
            Some(Misbehaviour::Status(status)) => return Err(misbehaved(status)),
            Some(Misbehaviour::Slow(wait)) => tokio::time::sleep(wait).await,
            _ => {}
        }
        let (parts, body) = request.into_parts();
        let too_large = |_| Problem::invalid("The request is too large.");
        let body = to_bytes(body, BODY_LIMIT).await.map_err(too_large)?;
        let query = parts.uri.query().unwrap_or_default();
        let key = parts.headers.get("idempotency-key").and_then(|k| k.to_str().ok()).map(ToOwned::to_owned);
        let call = Call {
            path: parts.uri.path().trim_end_matches('/').to_owned(),
            params: Params::read(&[query.as_bytes(), &body]),
            request: id.to_owned(),
            key: key.filter(|_| parts.method == Method::POST),
            method: parts.method,
        };
        let answered = self.once(call).await;
        if trouble == Some(Misbehaviour::Hang) {
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        answered
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let key = match given.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => "",
        };
        if key == self.inner.options.secret_key { Ok(()) } else { Err(Problem::invalid("Invalid API Key provided.").status(401)) }
    }

    /// Answers a call; under an idempotency key only the first time.
    async fn once(&self, call: Call) -> Result<Response, Problem> {
        let Some(key) = call.key.clone() else { return self.perform(call).await.map(|(status, body)| json_answer(status, body)) };
        let asked = format!("{} {}\n{}", call.method, call.path, call.params.canonical());
        if !lock(&self.inner.running).insert(key.clone()) {
            let told = "There is currently another in-progress request using this Idempotent Key.";
            return Err(Problem::invalid(told).code("idempotency_key_in_use").status(409).kind("idempotency_error"));
        }
        let _running = Running(self, key.clone());
        let mut work = self.work().await?;
        let held = work.answered(&key, work.now - KEPT).await?;
        drop(work);
        if let Some((before, status, body)) = held {
            if before != asked {
                let told = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return Err(Problem::invalid(told).kind("idempotency_error"));
            }
            let mut response = json_answer(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), body);
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
            return Ok(response);
        }
        let kept = self.perform_and_keep(call, &key, &asked).await;
        kept.map(|(status, body)| json_answer(status, body))
    }

    async fn perform_and_keep(&self, call: Call, key: &str, asked: &str) -> Result<(StatusCode, String), Problem> {
        match self.perform_keeping(call, Some((key, asked))).await {
            Err(problem) if problem.is_kept() => {
                let mut work = self.work().await?;
                work.keep_answer(key, asked, problem.status, &problem.body().to_string()).await?;
                work.commit().await?;
                Err(problem)
            }
            other => other,
        }
    }

    async fn perform(&self, call: Call) -> Result<(StatusCode, String), Problem> {
        self.perform_keeping(call, None).await
    }

    /// One operation, its effects, its events and its kept answer: all of it or nothing.
    async fn perform_keeping(&self, call: Call, keep: Option<(&str, &str)>) -> Result<(StatusCode, String), Problem> {
        let mut work = self.work().await?;
        let mut params = call.params;
        let paths = params.list("expand");
        if call.method != Method::GET {
            work.request = Some((call.request, call.key));
        }
        let mut value = operate(&mut work, &call.method, &call.path, &mut params).await?;
        params.finish()?;
        for path in paths {
            expand(&mut work, &mut value, &path.split('.').collect::<Vec<_>>()).await?;
        }
        let body = public(&value).to_string();
        if let Some((key, asked)) = keep {
            work.keep_answer(key, asked, 200, &body).await?;
        }
        if call.method != Method::GET {
            work.commit().await?;
            self.inner.bell.notify_one();
        }
        Ok((StatusCode::OK, body))
    }
}

/// Frees an idempotency key, also when its caller went away.
struct Running<'a>(&'a Sandbox, String);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        lock(&self.0.inner.running).remove(&self.1);
    }
}

fn json_answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Bytes::from(body)).into_response()
}

fn misbehaved(status: u16) -> Problem {
    let told = Problem::fault("The sandbox was asked to misbehave.").status(status);
    match status {
        429 => told.kind("invalid_request_error").code("rate_limit"),
        409 => told.kind("invalid_request_error").code("lock_timeout"),
        _ => told,
    }
}

async fn operate(work: &mut Work, method: &Method, path: &str, p: &mut Params) -> Result<Value, Problem> {
    let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["customers"]) => customers::create(work, p).await,
        ("GET", ["customers"]) => customers::list(work, p).await,
        ("GET", ["customers", id]) => customers::read(work, id).await,
        ("POST", ["customers", id]) => customers::update(work, id, p).await,
        ("DELETE", ["customers", id]) => customers::delete(work, id).await,
        ("POST", ["checkout", "sessions"]) => checkout::create(work, p).await,
        ("GET", ["checkout", "sessions"]) => checkout::list(work, p).await,
        ("GET", ["checkout", "sessions", id]) => work.get("checkout.session", id).await,
        ("GET", ["checkout", "sessions", id, "line_items"]) => checkout::line_items_of(work, id, p).await,
        ("POST", ["checkout", "sessions", id, "expire"]) => checkout::expire(work, id).await,
        ("GET", ["payment_intents", id]) => work.get("payment_intent", id).await,
        ("GET", ["payment_methods", id]) => work.get("payment_method", id).await,
        ("GET", ["charges", id]) => work.get("charge", id).await,
        ("GET", ["charges" | "payment_intents"]) => payments::list(work, parts[0], p).await,
        ("POST", ["refunds"]) => payments::refund(work, p).await,
        ("GET", ["refunds", id]) => work.get("refund", id).await,
        ("GET", ["refunds"]) => payments::list(work, "refunds", p).await,
        ("GET", ["subscriptions"]) => billing::subscriptions(work, p).await,
        ("GET", ["subscriptions", id]) => work.get("subscription", id).await,
        ("POST", ["subscriptions", id]) => billing::update_subscription(work, id, p).await,
        ("DELETE", ["subscriptions", id]) => billing::cancel_subscription(work, id, p).await,
        ("GET", ["invoices"]) => billing::invoices(work, p).await,
        ("GET", ["invoices", id]) => work.get("invoice", id).await,
        ("GET", ["invoice_payments"]) => billing::invoice_payments(work, p).await,
        ("GET", ["invoice_payments", id]) => work.get("invoice_payment", id).await,
        ("POST", ["billing_portal", "sessions"]) => billing::open_portal(work, p).await,
        ("GET", ["disputes"]) => disputes::list(work, p).await,
        ("GET", ["disputes", id]) => work.get("dispute", id).await,
        ("POST", ["disputes", id]) => disputes::answer(work, id, p).await,
        ("POST", ["disputes", id, "close"]) => work.decide_dispute(id, false).await,
        ("GET", ["balance"]) => work.balance().await,
        ("GET", ["balance_transactions"]) => balance::transactions(work, p).await,
        ("GET", ["balance_transactions", id]) => work.get("balance_transaction", id).await,
        ("GET", ["products"]) => products::list(work, p).await,
        ("GET", ["products", id]) => work.get("product", id).await,
        ("GET", ["payouts"]) => balance::payouts(work, p).await,
        ("GET", ["payouts", id]) => work.get("payout", id).await,
        ("GET", ["events"]) => events::list(work, p).await,
        ("GET", ["events", id]) => work.get("event", id).await,
        ("GET", ["radar", "early_fraud_warnings"]) => payments::list(work, "radar/early_fraud_warnings", p).await,
        ("GET", ["radar", "early_fraud_warnings", id]) => work.get("radar.early_fraud_warning", id).await,
        _ => Err(Problem::invalid(format!("Unrecognized request URL ({method}: {path}).")).status(404)),
    }
}

/// One page of a list, narrowed by `filter`, `created[…]` and the cursor.
async fn page(work: &mut Work, kind: &str, url: &str, mut filter: Filter, p: &mut Params) -> Result<Value, Problem> {
    range(&mut filter, "created", p)?;
    let limit = p.int("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("Invalid limit: must be between 1 and 100").param("limit"));
    }
    let cursor = match (p.text("starting_after"), p.text("ending_before")) {
        (Some(id), None) => Cursor::After(id),
        (None, Some(id)) => Cursor::Before(id),
        (None, None) => Cursor::Newest,
        (Some(_), Some(_)) => return Err(Problem::invalid("You cannot use both starting_after and ending_before.")),
    };
    if let Cursor::After(id) | Cursor::Before(id) = &cursor {
        work.get(kind, id).await.map_err(|e| e.status(400))?;
    }
    let (data, has_more) = work.list(kind, &filter, &cursor, limit).await?;
    Ok(list(&format!("/v1/{url}"), &data, has_more))
}

/// `created=…` and `created[gte]=…`, on any field of seconds.
fn range(filter: &mut Filter, field: &'static str, p: &mut Params) -> Result<(), Problem> {
    for (name, comparison) in [("", "="), ("[gte]", ">="), ("[gt]", ">"), ("[lte]", "<="), ("[lt]", "<")] {
        if let Some(bound) = p.int(&format!("{field}{name}"))? {
            filter.ranges.push((field, comparison, bound));
        }
    }
    Ok(())
}

/// Narrows by parameters that are fields of the same name.
fn by(filter: &mut Filter, names: &[&'static str], p: &mut Params) {
    for name in names {
        if let Some(value) = p.text(name) {
            filter.among.push((name, vec![value]));
        }
    }
}

fn ensure_exists(object: &Value, kind: &str) -> Result<(), Problem> {
    if object["deleted"] == true { Err(Problem::missing_object(kind, text(object, "id"))) } else { Ok(()) }
}
