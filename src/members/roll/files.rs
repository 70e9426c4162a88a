//! The roll as files: the same rows, with the same filters, for spreadsheets and for programs.
use super::Asked;
use crate::{
    app::App,
    members::{OrganizationId, Track, queries, record},
    web::{Download, Error},
};
use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::collections::HashMap;

pub(super) async fn csv(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let rows = queries::listed(&mut app.db.read().await?, &asked.narrowed(), 0, 100_000).await?;
    let mut file = Download::new("members.csv", &["Number", "Name", "Track", "Category", "City", "State", "Since", "Website"])?;
    for row in &rows {
        file.row(&[
            row.admission_number.map_or_else(String::new, |n| n.to_string()),
            row.name.clone(),
            row.track.label(),
            row.category.clone(),
            row.city.clone(),
            row.state_code.clone(),
            row.admitted_on.to_string(),
            row.website.clone().unwrap_or_default(),
        ])?;
    }
    file.finish()
}

/// One organization of `/members.json`: what its public page says.
#[derive(Serialize)]
struct Listed<'a> {
    number: Option<i64>,
    name: &'a str,
    formerly: Vec<&'a str>,
    track: Track,
    category: &'a str,
    city: &'a str,
    state: &'a str,
    since: String,
    website: Option<&'a str>,
    page: String,
}

/// The same rows as the roll, with the same filters, for programs.
pub(super) async fn json(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let rows = queries::listed(&mut tx, &asked.narrowed(), 0, 100_000).await?;
    let names = record::queries::all_former_names(&mut tx).await?;
    let mut former: HashMap<OrganizationId, Vec<&str>> = HashMap::new();
    for (id, name) in &names {
        former.entry(*id).or_default().push(name);
    }
    let listed: Vec<_> = rows
        .iter()
        .map(|o| Listed {
            number: o.admission_number,
            name: &o.name,
            formerly: former.remove(&o.id).unwrap_or_default(),
            track: o.track,
            category: &o.category,
            city: &o.city,
            state: &o.state_code,
            since: o.admitted_on.to_string(),
            website: o.website.as_deref(),
            page: app.url(&o.path()),
        })
        .collect();
    Ok(Json(listed).into_response())
}
