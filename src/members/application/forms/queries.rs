use super::{ApplicationForm, FormBody};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
    members::Track,
};

#[derive(sqlx::FromRow)]
struct Row {
    track: Track,
    version: i64,
    document: bool,
    body: String,
    made_at: Option<Timestamp>,
    made_by: Option<String>,
    applications: i64,
}

macro_rules! form {
    ($rest:literal) => {
        concat!(
            "select f.track, f.version, f.document, f.body, f.made_at, f.made_by, ",
            "(select count(*) from application a where a.track = f.track and a.form_version = f.version) as applications ",
            "from application_form f where f.track = $1 ",
            $rest
        )
    };
}

fn whole(row: Row) -> sqlx::Result<ApplicationForm> {
    let body: FormBody = serde_json::from_str(&row.body).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let Row { track, version, document, made_at, made_by, applications, .. } = row;
    Ok(ApplicationForm { track, version, document, body, made_at, made_by, applications })
}

/// The form that applies to whoever begins now.
pub async fn latest(tx: &mut Tx, track: Track) -> sqlx::Result<ApplicationForm> {
    let row: Row = on!(tx, conn => sqlx::query_as(form!("order by f.version desc limit 1")).bind(track).fetch_one(conn).await)?;
    whole(row)
}

pub async fn version(tx: &mut Tx, track: Track, version: i64) -> sqlx::Result<Option<ApplicationForm>> {
    let row: Option<Row> =
        on!(tx, conn => sqlx::query_as(form!("and f.version = $2")).bind(track).bind(version).fetch_optional(conn).await)?;
    row.map(whole).transpose()
}

/// Every version of a track's form, the newest first.
pub async fn versions(tx: &mut Tx, track: Track) -> sqlx::Result<Vec<ApplicationForm>> {
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(form!("order by f.version desc")).bind(track).fetch_all(conn).await)?;
    rows.into_iter().map(whole).collect()
}

/// Adds a version. `false` when there is one of this number: somebody else made it.
pub async fn insert(tx: &mut Tx, form: &ApplicationForm) -> sqlx::Result<bool> {
    let body = serde_json::to_string(&form.body).map_err(|error| sqlx::Error::Encode(error.into()))?;
    on!(tx, conn => sqlx::query(
        "insert into application_form (track, version, document, body, made_at, made_by) values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .bind(form.track).bind(form.version).bind(form.document).bind(&body).bind(form.made_at).bind(form.made_by.as_deref())
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
