//! What an administrator has still to set up: each a sentence that says what is missing without it, and
//! the page that sets it. Empty once all stands.
use crate::{
    db::Tx,
    kernel::{Coalition, Day},
    members, receipts,
};
use maud::{Markup, html};

/// What is missing on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    legal_entity: bool,
    categories: bool,
    commitment: bool,
    review: bool,
}

impl Setup {
    pub(super) async fn find(tx: &mut Tx, today: Day) -> sqlx::Result<Self> {
        Ok(Self {
            legal_entity: receipts::entity_on(tx, today).await?.is_none(),
            categories: members::categories(tx).await?.is_empty(),
            commitment: members::commitment(tx, today).await?.is_none(),
            review: members::next_review(tx, today).await?.is_none(),
        })
    }

    /// The lines of the list, in the order to work through them.
    pub(super) fn items(self, coalition: &Coalition) -> Vec<Markup> {
        let unnamed = coalition.name == Coalition::default().name;
        [
            (
                unnamed,
                "The coalition has no name yet. Visitors read “Your coalition” on every page.",
                "Name the coalition",
                "coalition",
            ),
            (
                self.legal_entity,
                "No legal entity is named, so no receipt can be issued.",
                "Name the legal entity",
                "legal-entity",
            ),
            (self.categories, "No category is set, so no organization can apply.", "Set the categories", "categories"),
            (self.commitment, "No commitment text is in force, so no organization can apply.", "Write the text", "commitment"),
            (
                self.review,
                "No day of review is ahead, so applicants do not read when they hear from you.",
                "Set the next review",
                "review-rounds",
            ),
        ]
        .into_iter()
        .filter(|(missing, ..)| *missing)
        .map(|(_, sentence, label, page)| {
            html! {
                li data-mood="warn" {
                    span.count { "0" }
                    p { (sentence) }
                    a.button href={ "/staff/settings/" (page) } { (label) }
                }
            }
        })
        .collect()
    }
}
