//! Applications as a CSV file: the fixed facts, and a column for each question that any of them answered.
use super::{Application, ApplicationState, forms, queries};
use crate::{
    app::App,
    kernel::Timestamp,
    members,
    staff::Staff,
    web::{Download, Error},
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Nobody has more of them.
const MOST: i64 = 10_000;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/applications.csv", get(download))
}

/// The file of what the queue shows.
pub(super) fn path(state: Option<ApplicationState>) -> String {
    state.map_or_else(|| "/staff/applications.csv".to_owned(), |state| format!("/staff/applications.csv?state={state}"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Narrow {
    state: String,
}

async fn download(State(app): State<App>, _: Staff, Query(narrow): Query<Narrow>) -> Result<Response, Error> {
    let state = narrow.state.parse::<ApplicationState>().ok();
    let mut tx = app.db.read().await?;
    let rows = queries::listed(&mut tx, state, MOST).await?;
    let categories = members::categories(&mut tx).await?;
    let mut asked: Vec<forms::Question> = Vec::new();
    for track in members::Track::ALL {
        for form in forms::versions(&mut tx, *track).await? {
            asked.extend(form.body.questions);
        }
    }
    drop(tx);
    // The newest words of a question are its heading; one that no application here answers has no column.
    let answers: Vec<_> = rows.iter().map(Application::answers).collect();
    let mut columns: BTreeMap<&str, &forms::Question> = BTreeMap::new();
    for question in asked.iter().filter(|q| answers.iter().any(|answers| answers.contains_key(&q.key))) {
        columns.entry(&question.key).or_insert(question);
    }
    let fixed = [
        "State",
        "Track",
        "Name",
        "Legal name",
        "EIN",
        "Website",
        "City",
        "State of the office",
        "Founded",
        "Category",
        "Mission",
        "E-mail",
        "Delegate",
        "Delegate's e-mail",
        "Commitment version",
        "Form version",
        "Begun",
        "Sent",
        "Decided",
        "Decided by",
    ];
    let header: Vec<&str> = fixed.into_iter().chain(columns.values().map(|q| q.label.as_str())).collect();
    let mut file = Download::new("applications.csv", &header)?;
    for (a, answers) in rows.iter().zip(&answers) {
        let category = categories.iter().find(|c| Some(c.id) == a.category_id).map(|c| c.name.clone());
        let mut row = facts(a, category);
        row.extend(columns.values().map(|q| forms::answer_words(q, answers).unwrap_or_default()));
        file.row(&row)?;
    }
    file.finish()
}

fn facts(a: &Application, category: Option<String>) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<i64>| value.map_or_else(String::new, |n| n.to_string());
    let at = |value: Option<Timestamp>| value.map_or_else(String::new, |at| at.to_string());
    let delegate = a.person(members::ContactRole::Delegate);
    vec![
        a.state.label(),
        a.track.map_or_else(String::new, members::Track::label),
        text(&a.name),
        text(&a.legal_name),
        text(&a.ein),
        text(&a.website),
        text(&a.city),
        text(&a.state_code),
        number(a.founded),
        category.unwrap_or_default(),
        text(&a.mission),
        a.email.to_string(),
        delegate.as_ref().map_or_else(String::new, |person| person.name.clone()),
        delegate.map_or_else(String::new, |person| person.email.to_string()),
        number(a.commitment_version),
        number(a.form_version),
        at(Some(a.created_at)),
        at(a.submitted_at),
        at(a.decided_at),
        text(&a.decided_by),
    ]
}
