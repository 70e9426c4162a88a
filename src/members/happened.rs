//! What happened to an organization, from everything this room keeps: its application, its admission and
//! standing, contacts, documents, notes, names. Read only; the newest first.
mod queries;

use super::{application::EventKind, documents::PaperKind, standing::FactKind};
use crate::kernel::words;

pub use queries::happened;

words! {
    /// Of what sort something is that happened.
    pub enum Sort {
        Application = "application", "Application";
        Standing = "standing", "Standing";
        Contact = "contact", "Contacts";
        Document = "document", "Documents";
        Note = "note", "Notes";
        Name = "name", "Names";
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Happened {
    /// A day, or a moment where it is known; as text both are in the order of time.
    pub at: String,
    pub id: String,
    pub sort: Sort,
    /// The word of the row it comes from.
    pub what: String,
    /// Who did it or whom it is about.
    pub who: String,
    pub more: Option<String>,
}

impl Happened {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        let Self { what, who, more, .. } = self;
        let more = more.as_deref().unwrap_or_default();
        match self.sort {
            Sort::Application => {
                let what = what.parse::<EventKind>().map_or_else(|_| what.clone(), EventKind::label);
                format!("Application: {} ({who})", what.to_lowercase())
            }
            Sort::Standing if what == "admitted" => "Admitted".to_owned(),
            Sort::Standing => {
                let word = what.parse::<FactKind>().map_or_else(|_| what.clone(), FactKind::label);
                if more.is_empty() { format!("{word} ({who})") } else { format!("{word} into {more} ({who})") }
            }
            Sort::Contact => {
                let role = more.parse::<super::ContactRole>().map_or_else(|_| more.to_owned(), super::ContactRole::label);
                format!("{who} {what} as {}", role.to_lowercase())
            }
            Sort::Document => {
                let kind = what.parse::<PaperKind>().map_or_else(|_| what.clone(), PaperKind::label);
                format!("{kind} added: {more} ({who})")
            }
            Sort::Note => format!("Note by {who}"),
            Sort::Name => format!("No longer called {who}"),
        }
    }

    /// What was written, where something was.
    pub fn words(&self) -> Option<&str> {
        match self.sort {
            Sort::Note => Some(&self.what),
            Sort::Application => self.more.as_deref(),
            _ => None,
        }
    }
}
