//! The papers of an organization, each with its kind and date: given to staff as a download, and to its delegate
//! what the organization wrote itself.
mod pages;
pub(in crate::members) mod paper;
pub(in crate::members) mod queries;

use super::OrganizationId;
use crate::{
    app::App,
    kernel::{Day, Timestamp, id, words},
    web::day,
};
use axum::Router;
use maud::{Markup, html};

pub use queries::of_organization;

id!(
    /// Names one row of `organization_document`.
    DocumentId
);

words! {
    /// What a paper is.
    pub enum PaperKind {
        CommitmentLetter = "commitment_letter", "Commitment letter";
        Resolution = "resolution", "Resolution";
        Reaffirmation = "reaffirmation", "Reaffirmation";
        Bylaws = "bylaws", "Bylaws";
        Correspondence = "correspondence", "Correspondence";
        Other = "other", "Other";
    }
}

/// One row of `organization_document`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Document {
    pub id: DocumentId,
    pub organization_id: OrganizationId,
    pub kind: PaperKind,
    pub title: String,
    /// The day on the paper.
    pub dated: Day,
    /// Its random name in the folder of files.
    pub file: String,
    pub file_name: String,
    pub file_kind: String,
    pub file_size: i64,
    pub file_digest: String,
    pub added_at: Timestamp,
    pub added_by: String,
}

impl Document {
    pub fn href(&self) -> String {
        format!("/staff/organizations/{}/documents/{}", self.organization_id, self.id)
    }
}

pub(super) fn router() -> Router<App> {
    pages::router()
}

/// The papers as a table.
pub(in crate::members) fn table(papers: &[Document]) -> Markup {
    html! {
        table {
            caption { "The latest first" }
            thead { tr { th scope="col" { "Document" } th scope="col" { "Kind" } th scope="col" { "Dated" } th scope="col" { "File" } } }
            tbody { @for paper in papers { tr {
                th scope="row" { a href=(paper.href()) { (paper.title) } }
                td data-label="Kind" { (paper.kind.label()) }
                td data-label="Dated" { (day(paper.dated)) }
                td data-label="File" { (paper.file_kind.to_uppercase()) ", " (paper::size_in_words(paper.file_size)) }
            } } }
        }
    }
}
