//! What must stand before an organization can apply: the categories, and the text it commits to.
//!
//! It refuses to remove a category that something names, and to change or remove a version of the text
//! that was ever in force or accepted: a new version follows it.
mod queries;

use super::{Category, CategoryId};
use crate::{
    db::Tx,
    kernel::{Day, text},
};

pub use queries::{add_commitment, commitments, remove_category, take_back_commitment, used_categories};

/// A category with how much names it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UsedCategory {
    #[sqlx(flatten)]
    pub category: Category,
    pub organizations: i64,
    /// In any state: what was applied for stays as it was answered.
    pub applications: i64,
}

impl UsedCategory {
    pub const fn is_used(&self) -> bool {
        self.organizations + self.applications > 0
    }
}

/// One version of the text, and how many applications accepted it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CommitmentVersion {
    pub version: i64,
    pub body: String,
    pub in_force: Day,
    pub accepted: i64,
}

/// The version in force on a day. `versions` stand newest first.
pub fn in_force(versions: &[CommitmentVersion], on: Day) -> Option<&CommitmentVersion> {
    versions.iter().filter(|v| v.in_force <= on).max_by_key(|v| (v.in_force, v.version))
}

/// Why nobody can apply yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpen {
    /// Categories or the text to accept are missing.
    NotSetUp,
    /// All is there, and the text comes into force on this day.
    Until(Day),
}

/// What keeps organizations from applying; `None` when they can.
pub async fn not_open(tx: &mut Tx, today: Day) -> sqlx::Result<Option<NotOpen>> {
    let (categories, texts, next) = queries::ground(tx, today).await?;
    Ok(match (categories, texts, next) {
        (1.., 1.., _) => None,
        (1.., _, Some(day)) => Some(NotOpen::Until(day)),
        _ => Some(NotOpen::NotSetUp),
    })
}

/// The category of this name, letters' case and accents aside.
pub fn named<'a>(categories: &'a [UsedCategory], name: &str) -> Option<&'a Category> {
    let folded = text::fold(name);
    categories.iter().map(|used| &used.category).find(|category| text::fold(&category.name) == folded)
}

/// Adds a category after the others. `None` when somebody else added the same at the same moment.
pub async fn add_category(tx: &mut Tx, name: &str) -> sqlx::Result<Option<CategoryId>> {
    let (id, slug) = (CategoryId::new(), text::slug(name));
    let all = super::categories(tx).await?;
    // A renamed category keeps its address, so a new one of the old name needs another.
    let mut choices = std::iter::once(slug.clone()).chain((2..).map(|n| format!("{slug}-{n}")));
    let slug = choices.find(|choice| all.iter().all(|c| c.slug != *choice)).unwrap_or(slug);
    let added = queries::insert_last(tx, id, &slug, name).await?;
    Ok(added.then_some(id))
}

/// Gives it another name; its address in lists stays.
pub async fn rename_category(tx: &mut Tx, id: CategoryId, name: &str) -> sqlx::Result<()> {
    queries::rename(tx, id, name).await
}

/// Exchanges a category with the one before it, or after it. `false` when there is none.
pub async fn move_category(tx: &mut Tx, id: CategoryId, up: bool) -> sqlx::Result<bool> {
    queries::number_places(tx).await?;
    let all = super::categories(tx).await?;
    let Some(at) = all.iter().position(|c| c.id == id) else { return Ok(false) };
    let Some(other) = (if up { at.checked_sub(1) } else { Some(at + 1) }).and_then(|n| all.get(n)) else { return Ok(false) };
    queries::set_place(tx, id, other.position).await?;
    queries::set_place(tx, other.id, all[at].position).await?;
    Ok(true)
}
