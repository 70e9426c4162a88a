//! The news as visitors read it.
use super::{NewsItem, queries};
use crate::{
    app::App,
    kernel::{Timestamp, Zone},
    web::{Error, Page, day_of, empty},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

const PAGE: usize = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/news", get(list)).route("/news/{slug}", get(show))
}

#[derive(Deserialize)]
struct Before {
    before: Option<Timestamp>,
}

async fn list(State(app): State<App>, Query(Before { before }): Query<Before>) -> Result<Page, Error> {
    let mut items = queries::latest(&mut app.db.read().await?, before, 21).await?;
    let older = items.len() > PAGE;
    items.truncate(PAGE);
    let zone = app.coalition.get().zone();
    let content = html! {
        @if items.is_empty() {
            (empty("Nothing has been announced yet. What the coalition does and who joins it will stand here.", None))
        } @else {
            ul.news { @for item in &items { (line(item, &zone)) } }
        }
        @if let (true, Some(last)) = (older, items.last().and_then(|item| item.published_at)) {
            nav.pager aria-label="Pages" { a rel="next" href={ "/news?before=" (last) } { "Older news" } }
        }
    };
    Ok(Page::public("News", content).describe("What the coalition does, and who joins it."))
}

/// One item in a list: when, what, and its summary.
pub(super) fn line(item: &NewsItem, zone: &Zone) -> Markup {
    html! {
        li.news-line {
            @if let Some(at) = item.published_at { p.when { (day_of(at, zone)) } }
            h2 { a href={ "/news/" (item.slug) } { (item.title) } }
            @if !item.summary.is_empty() { p { (item.summary) } }
        }
    }
}

async fn show(State(app): State<App>, Path(slug): Path<String>) -> Result<Page, Error> {
    let item = queries::published(&mut app.db.read().await?, &slug).await?.ok_or(Error::NotFound)?;
    let zone = app.coalition.get().zone();
    Ok(Page::public(item.title.clone(), article(&item, &zone)).crumb("News", "/news").describe(item.summary))
}

/// The item whole, as it is or will be shown.
pub(super) fn article(item: &NewsItem, zone: &Zone) -> Markup {
    html! {
        article.prose {
            @if let Some(at) = item.published_at { p.when { (day_of(at, zone)) } }
            @if !item.summary.is_empty() { p.lead { (item.summary) } }
            @for paragraph in item.body.split("\n\n").filter(|p| !p.trim().is_empty()) { p { (paragraph) } }
        }
    }
}
