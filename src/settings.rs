//! What staff decide about this installation: one JSON document per subject, each a type of its feature.
use crate::{
    db::{Tx, on},
    kernel::{Coalition, Timestamp},
};
use serde::{Serialize, de::DeserializeOwned};

/// A subject of the settings. Its `Default` is what a new installation starts with, and
/// `#[serde(default)]` lets an older document miss newer parts.
pub trait Setting: Serialize + DeserializeOwned + Default {
    const KEY: &'static str;
}

impl Setting for Coalition {
    const KEY: &'static str = "coalition";
}

/// The setting as it is now, or its default.
pub async fn get<S: Setting>(tx: &mut Tx) -> sqlx::Result<S> {
    let text: Option<String> =
        on!(tx, conn => sqlx::query_scalar("select value from setting where key = $1").bind(S::KEY).fetch_optional(conn).await)?;
    match text {
        None => Ok(S::default()),
        Some(text) => serde_json::from_str(&text).map_err(|e| sqlx::Error::Decode(e.into())),
    }
}

/// Replaces the setting. Visitors see the change at once; a changed [`Coalition`] must also be put
/// into `app.coalition` after the commit.
pub async fn set<S: Setting>(tx: &mut Tx, setting: &S, now: Timestamp) -> sqlx::Result<()> {
    let text = serde_json::to_string(setting).map_err(|e| sqlx::Error::Encode(e.into()))?;
    on!(tx, conn => sqlx::query(
        "insert into setting (key, value, changed_at) values ($1, $2, $3)
         on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at")
        .bind(S::KEY).bind(text).bind(now)
        .execute(conn).await.map(drop))?;
    tx.site_changed();
    Ok(())
}
