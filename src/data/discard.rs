//! A file that was not applied is thrown away: its rows and its letters go, the fact that it was there stays.
use super::{ImportId, kind_of, list, queries};
use crate::{
    app::App,
    audit,
    staff::Staff,
    web::{Error, Mood, RawForm, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/removal", post(discard))
}

async fn discard(State(app): State<App>, staff: Staff, Path(id): Path<ImportId>, _: RawForm) -> Result<Response, Error> {
    kind_of(&app, id).await?.allow(&staff)?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let run = queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !queries::discard(&mut tx, id).await? {
        return Ok(redirect_saying(run.path(), Mood::Warn, "It can’t be discarded as it is now."));
    }
    let before = serde_json::json!({ "file": run.file_name });
    audit::record(&mut tx, &staff.actor(), "discard", ("import", &id.to_string()), Some(&before), None::<&()>, now).await?;
    tx.commit().await?;
    app.files.remove(&run.file).await.map_err(Error::Storage)?;
    Ok(redirect_saying(list::PATH, Mood::Good, format!("{} is discarded. Nothing of it was written.", run.file_name)))
}
