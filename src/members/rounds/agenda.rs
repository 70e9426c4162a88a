//! A round on paper: one application after another, with what reviewers wrote and room for the decision.
use super::pages::{Whole, reviewers, whole};
use crate::{
    app::App,
    kernel::Day,
    members::{self, Application, Category, application::votes::Case},
    staff::Staff,
    web::{Error, Page, day, facts},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/review-rounds/{day}/agenda", get(agenda))
}

async fn agenda(State(app): State<App>, _: Staff, Path(on): Path<String>) -> Result<Page, Error> {
    let on: Day = on.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let Whole { round, rules, inside, .. } = whole(&mut tx, on).await?;
    let categories = members::categories(&mut tx).await?;
    let open: Vec<_> = inside.iter().filter(|(a, _)| a.decided_at.is_none() && !a.is_withdrawn()).collect();
    let content = html! {
        p.lead { (app.coalition.get().name) ", " (day(on)) }
        p { "To decide: " (open.len()) ". Threshold: " (rules.threshold.label().to_lowercase()) @if rules.quorum > 0 { ", quorum of " (rules.quorum) } "." }
        @if open.is_empty() { p { "Nothing in this round waits for a decision." } }
        @for (n, (a, case)) in open.iter().enumerate() { (item(n + 1, a, case, &categories)) }
    };
    Ok(Page::staff(format!("Agenda of the review of {}", on.words()), content)
        .crumb("Staff", "/staff")
        .crumb("Review rounds", "/staff/review-rounds")
        .crumb(on.words(), round.path()))
}

fn item(n: usize, a: &Application, case: &Case, categories: &[Category]) -> Markup {
    let category = categories.iter().find(|c| Some(c.id) == a.category_id).map_or("—", |c| c.name.as_str());
    let place = [a.city.as_deref(), a.state_code.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    html! {
        section {
            h2 { (n) ". " a href={ "/staff/applications/" (a.id) } { (a.title()) } }
            @if let Some(mission) = &a.mission { p { (mission) } }
            (facts(&[
                ("Track", html! { @if let Some(track) = a.track { (track.label()) } @else { "—" } }),
                ("Place", html! { (place) }),
                ("Category", html! { (category) }),
                ("Signed by", html! { (a.signatory.as_deref().unwrap_or("—")) @if let Some(title) = &a.signatory_title { ", " (title) } }),
                ("Reviewers", html! { (reviewers(case)) }),
                ("Votes", html! { (case.sentence()) }),
            ]))
            @if !case.votes.is_empty() {
                ul { @for vote in &case.votes { li { (vote.name) ": " (vote.choice.label().to_lowercase()) @if !vote.comment.is_empty() { ". " (vote.comment) } } } }
            }
            p { "Decision: ☐ approved ☐ declined ☐ deferred" }
        }
    }
}
