//! Two pages for machines: does the process run, and may it be sent visitors. They name no secret and
//! no version of anything but this program.
use crate::app::App;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};
use std::{sync::atomic::Ordering, time::Duration};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// A worker looks for work each second, unless it is busy with a job, which it may hold five minutes.
const FRESH_SECONDS: i64 = 360;

pub fn router() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

/// 200 as long as the process answers at all.
async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
}

/// 200 when the database answers, its tables are this program's, and the workers are at work; 503 and
/// what is missing otherwise.
async fn ready(State(app): State<App>) -> impl IntoResponse {
    let (database, migrations) = match tokio::time::timeout(PATIENCE, app.db.is_current()).await {
        Ok(Ok(true)) => (Ok("ok"), Ok("ok")),
        Ok(Ok(false)) => (Ok("ok"), Err("not those of this program")),
        Ok(Err(error)) if error.as_database_error().is_some() => (Ok("ok"), Err("not there")),
        Ok(Err(_)) => (Err("can't be reached"), Err("not known")),
        Err(_) => (Err("does not answer"), Err("not known")),
    };
    let workers = match app.pulse.load(Ordering::Relaxed) {
        0 => Err("not started"),
        beat if (app.clock.now().unix() - beat).abs() > FRESH_SECONDS => Err("stopped"),
        _ => Ok("ok"),
    };
    let is_ready = database.is_ok() && migrations.is_ok() && workers.is_ok();
    let word = |part: Result<&str, &str>| Value::from(part.unwrap_or_else(|why| why));
    let body = json!({
        "status": if is_ready { "ok" } else { "not ready" },
        "database": word(database),
        "migrations": word(migrations),
        "workers": word(workers),
    });
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}
