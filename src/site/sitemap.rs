//! `/sitemap.xml`: the public pages, for search engines (sitemaps.org protocol 0.9).
use crate::{alliances, app::App, members, news, web::Error};
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/sitemap.xml", get(sitemap))
}

/// The pages that every installation has.
const PAGES: [&str; 6] = ["/", "/members", "/alliances", "/news", "/join", "/donate"];

async fn sitemap(State(app): State<App>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let members = members::addresses(&mut tx).await?;
    let alliances = alliances::addresses(&mut tx).await?;
    let news = news::latest(&mut tx, None, 10_000).await?;
    let addresses: Vec<String> = PAGES
        .iter()
        .map(|page| app.url(page))
        .chain(members.iter().chain(&alliances).map(|path| app.url(path)))
        .chain(news.iter().map(|item| app.url(&format!("/news/{}", item.slug))))
        .collect();
    Ok(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], document(&addresses).into_string()).into_response())
}

fn document(addresses: &[String]) -> Markup {
    html! {
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            @for address in addresses { url { loc { (address) } } }
        }
    }
}
