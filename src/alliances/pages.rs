//! The alliances as visitors read of them.
use super::queries;
use crate::{
    app::App,
    members,
    web::{Error, Page, badge, day, empty, facts},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use maud::html;

pub(super) fn router() -> Router<App> {
    Router::new().route("/alliances", get(list)).route("/alliances/{slug}", get(show))
}

async fn list(State(app): State<App>) -> Result<Page, Error> {
    let alliances = queries::shown(&mut app.db.read().await?).await?;
    let content = html! {
        p.lead { "Local organizations and people who work together where they live, each led by somebody there and backed by a host organization." }
        @if alliances.is_empty() {
            (empty("There is no alliance yet. The first one will stand here with its territory and its leader.", None))
        } @else {
            ul.cards {
                @for alliance in &alliances {
                    li.card {
                        h2 { a href={ "/alliances/" (alliance.slug) } { (alliance.name) } }
                        p { (alliance.territory) }
                        p { "Led by " (alliance.leader) }
                        (badge(alliance.state, alliance.state.label()))
                    }
                }
            }
        }
    };
    Ok(Page::public("Alliances", content).describe("Local alliances of the coalition, and who leads them."))
}

async fn show(State(app): State<App>, Path(slug): Path<String>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let alliance = queries::by_slug(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let host = match alliance.host_id {
        Some(id) => members::organization(&mut tx, id).await?,
        None => None,
    };
    let mut rows = vec![
        ("Territory", html! { (alliance.territory) }),
        ("Leader", html! { (alliance.leader) @if !alliance.leader_title.is_empty() { ", " (alliance.leader_title) } }),
    ];
    if let Some(host) = &host {
        rows.push(("Host organization", html! { a href=(host.path()) { (host.name) } }));
    }
    if let Some(launched) = alliance.launched_on {
        rows.push(("Launched", html! { (day(launched)) }));
    }
    let content = html! {
        p { (badge(alliance.state, alliance.state.label())) }
        @for paragraph in alliance.summary.split("\n\n") { p.lead { (paragraph) } }
        (facts(&rows))
    };
    Ok(Page::public(alliance.name, content).crumb("Alliances", "/alliances").describe(alliance.summary))
}
