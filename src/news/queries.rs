use super::{NewsId, NewsItem, NewsState};
use crate::{
    db::{Tx, on},
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

const COLUMNS: &str = "id, slug, title, summary, body, state, published_at, created_at";

/// Adds an item as it is.
pub async fn insert(tx: &mut Tx, item: &NewsItem) -> sqlx::Result<()> {
    if item.state == NewsState::Published {
        tx.site_changed();
    }
    on!(tx, conn => sqlx::query(
        "insert into news_item (id, slug, title, summary, body, state, published_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(item.id).bind(&item.slug).bind(&item.title).bind(&item.summary).bind(&item.body)
        .bind(item.state).bind(item.published_at).bind(item.created_at)
        .execute(conn).await.map(drop))
}

/// `slug`, or the first of `slug-2`, `slug-3`, … that no item has.
pub(super) async fn free_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<String> {
    let taken: Vec<String> = on!(tx, conn => sqlx::query_scalar("select slug from news_item where slug = $1 or slug like $2")
        .bind(slug).bind(format!("{slug}-%"))
        .fetch_all(conn).await)?;
    let choices = std::iter::once(slug.to_owned()).chain((2..).map(|n| format!("{slug}-{n}")));
    Ok(choices.into_iter().find(|choice| !taken.contains(choice)).unwrap_or_else(|| slug.to_owned()))
}

/// The newest published items; older than `before` when it is given.
pub async fn latest(tx: &mut Tx, before: Option<Timestamp>, most: i64) -> sqlx::Result<Vec<NewsItem>> {
    let sql = format!(
        "select {COLUMNS} from news_item where state = 'published' and ($1 is null or published_at < $1)
         order by published_at desc, id desc limit $2"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(before.map(|b| b.to_string())).bind(most).fetch_all(conn).await)
}

pub(super) async fn published(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<NewsItem>> {
    let sql = format!("select {COLUMNS} from news_item where slug = $1 and state = 'published'");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_optional(conn).await)
}

/// Drafts first, then the newest.
pub(super) async fn all(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<NewsItem>> {
    let sql =
        format!("select {COLUMNS} from news_item order by state, coalesce(published_at, created_at) desc, id desc limit $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

pub(super) async fn by_id(tx: &mut Tx, id: NewsId) -> sqlx::Result<Option<NewsItem>> {
    let sql = format!("select {COLUMNS} from news_item where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

pub(super) async fn rewrite(tx: &mut Tx, id: NewsId, title: &str, summary: &str, body: &str) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update news_item set title = $2, summary = $3, body = $4 where id = $1")
        .bind(id).bind(title).bind(summary).bind(body)
        .execute(conn).await.map(drop))
}

/// `false` when it was published already.
pub(super) async fn publish(tx: &mut Tx, id: NewsId, now: Timestamp) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update news_item set state = 'published', published_at = $2 where id = $1 and state = 'draft'")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was a draft already.
pub(super) async fn take_back(tx: &mut Tx, id: NewsId) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update news_item set state = 'draft', published_at = null where id = $1 and state = 'published'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
