//! The fate of every row as a file, with what would change and what became of it.
use super::{
    ImportId, kind_of,
    queries::{self, Narrowed, StoredRow},
};
use crate::{
    app::App,
    staff::Staff,
    web::{Error, download},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

/// Rows read at once.
const AT_ONCE: usize = 500;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/imports/{id}/report.csv", get(report))
}

async fn report(State(app): State<App>, staff: Staff, Path(id): Path<ImportId>) -> Result<Response, Error> {
    let kind = kind_of(&app, id).await?;
    kind.allow(&staff)?;
    let header = ["Row", "Name", "Fate", "Why", "On record", "Would change", "Notes", "Outcome", "Why so"];
    download("import-report.csv", &header, 0_i64, move |after| {
        let app = app.clone();
        async move {
            let narrowed = Narrowed { after: Some(after), ..Narrowed::default() };
            let most = i64::try_from(AT_ONCE).unwrap_or_default();
            let rows = queries::rows(&mut app.db.read().await?, (id, kind), narrowed, most).await?;
            let next = rows.last().map(|row| row.row_number).filter(|_| rows.len() == AT_ONCE);
            Ok((rows.iter().map(line).collect(), next))
        }
    })
}

fn line(row: &StoredRow) -> Vec<String> {
    let changes: Vec<_> = row.changes().iter().map(|c| format!("{}: {} → {}", c.what, or_empty(&c.before), c.after)).collect();
    vec![
        row.row_number.to_string(),
        row.name.clone(),
        row.fate.label(),
        row.reason.clone(),
        row.record_name.clone().unwrap_or_default(),
        changes.join("; "),
        row.notes().join(" "),
        row.outcome.map_or_else(String::new, super::Outcome::label),
        row.outcome_why.clone().unwrap_or_default(),
    ]
}

pub(super) fn or_empty(words: &str) -> &str {
    if words.is_empty() { "empty" } else { words }
}
