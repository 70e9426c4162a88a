//! What the coalition tells the public: items that staff draft and publish.
//!
//! Other features draft items; only staff publish them. It refuses two items under one address.
mod pages;
mod queries;
mod staff;

use crate::{
    app::App,
    db::Tx,
    kernel::{Timestamp, id, text, words},
};
use axum::Router;

pub use queries::{insert, latest};

id!(
    /// Names one row of `news_item`.
    NewsId
);

words! {
    pub enum NewsState {
        Draft = "draft", "Draft";
        Published = "published", "Published";
    }
}

/// One row of `news_item`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NewsItem {
    pub id: NewsId,
    /// Its place under `/news/`.
    pub slug: String,
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Paragraphs with an empty line between.
    pub body: String,
    pub state: NewsState,
    pub published_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// Writes a draft for staff to look at.
pub async fn draft(tx: &mut Tx, title: &str, summary: &str, body: &str, now: Timestamp) -> sqlx::Result<NewsId> {
    let item = NewsItem {
        id: NewsId::new(),
        slug: queries::free_slug(tx, &text::slug(title)).await?,
        title: title.to_owned(),
        summary: summary.to_owned(),
        body: body.to_owned(),
        state: NewsState::Draft,
        published_at: None,
        created_at: now,
    };
    insert(tx, &item).await?;
    Ok(item.id)
}

/// Pages that are the same for everybody and are kept.
pub fn public() -> Router<App> {
    pages::router()
}

/// Pages that know who looks, and every form.
pub fn private() -> Router<App> {
    staff::router()
}
