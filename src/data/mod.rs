//! Data that staff bring in from files: organizations with their contacts, contacts alone, alliances, donors and
//! gifts. A file is mapped, tried without writing, applied in the background, and taken back whole.
//! And recurring gifts that run on the Stripe account since before.
//!
//! It refuses a file it can't read for sure, applies no row whose fate is another than its dry run said, and takes
//! back nothing that somebody changed since.
mod alliances;
mod apply;
mod cells;
mod check;
mod columns;
mod contacts;
mod discard;
mod fields;
mod giving;
mod list;
mod numbers;
mod organizations;
mod plan;
mod queries;
mod report;
mod running;
mod show;
mod table;
mod undo;
mod undo_page;
mod upload;

use crate::{
    app::App,
    kernel::{Timestamp, id, words},
    members::{CategoryId, carried::Matching},
    staff::Staff,
    web::Error,
    work::Handlers,
};
use axum::Router;

pub use apply::begin_applying;
pub use columns::settle_as_guessed;
pub use giving::{begin_undoing, undo_some};
pub use queries::{Fates, Outcomes, fates, outcomes};
pub use running::RunId;
pub use table::{Charset, Table, read};
pub use upload::{Given, bring};

id!(
    /// Names one row of `import_run`.
    ImportId
);

words! {
    /// What a file holds.
    pub enum Kind {
        Organizations = "organizations", "Organizations";
        Contacts = "contacts", "Contacts";
        Alliances = "alliances", "Alliances";
        Donors = "donors", "Donors";
        Gifts = "gifts", "Gifts with their donors";
    }
}

words! {
    /// How far an import has come.
    pub enum RunState {
        Columns = "columns", "Columns to choose";
        Checking = "checking", "Dry run under way";
        Checked = "checked", "Ready to apply";
        Applying = "applying", "Being applied";
        Applied = "applied", "Applied";
        Undoing = "undoing", "Being taken back";
        Undone = "undone", "Undone";
        Discarded = "discarded", "Discarded";
    }
}

words! {
    /// What the dry run says of a row.
    pub enum Fate {
        New = "new", "New";
        Matches = "matches", "On record already";
        Refused = "refused", "Refused";
    }
}

words! {
    /// What was made of a row.
    pub enum Outcome {
        Made = "made", "Entered";
        Changed = "changed", "Changed";
        Left = "left", "Left as it was";
        Refused = "refused", "Not applied";
        Undone = "undone", "Taken back";
        /// The others were taken back, this one was not.
        Kept = "kept", "Kept";
    }
}

impl Kind {
    /// Whether its rows go by the stretch.
    const fn is_giving(self) -> bool {
        matches!(self, Self::Donors | Self::Gifts)
    }

    /// The most rows of one file.
    const fn most_rows(self) -> usize {
        if self.is_giving() { 1_000_000 } else { 20_000 }
    }

    /// Refuses whoever may not bring in or take back such a file.
    fn allow(self, staff: &Staff) -> Result<(), Error> {
        if self.is_giving() { staff.may_keep_gifts() } else { staff.may_import() }
    }
}

impl RunState {
    /// The state's mood, as a badge knows it.
    const fn mood(self) -> &'static str {
        match self {
            Self::Columns | Self::Checked => "waiting",
            Self::Checking | Self::Applying | Self::Undoing => "running",
            Self::Applied => "done",
            Self::Undone | Self::Discarded => "over",
        }
    }

    /// Whether a job works on it.
    const fn is_at_work(self) -> bool {
        matches!(self, Self::Checking | Self::Applying | Self::Undoing)
    }
}

impl Fate {
    const fn mood(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Matches => "good",
            Self::Refused => "bad",
        }
    }
}

/// One row of `import_run`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    pub id: ImportId,
    pub kind: Kind,
    pub state: RunState,
    pub file: String,
    pub file_name: String,
    pub charset: Charset,
    columns: String,
    pub category_id: Option<CategoryId>,
    pub matching: Option<Matching>,
    pub begun_at: Timestamp,
    pub begun_by: String,
    pub applied_at: Option<Timestamp>,
    pub applied_by: Option<String>,
    pub applied_by_id: Option<String>,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
    undone_by_id: Option<String>,
    pub number_before: Option<i64>,
    pub number_after: Option<i64>,
    /// The last row that was worked on, where rows go by the stretch.
    pub reached: i64,
    #[sqlx(flatten)]
    pub fates: Fates,
    #[sqlx(flatten)]
    pub outcomes: Outcomes,
    /// The donors whom it entered, as rows or with their gifts, and what became of them when it was taken back.
    donors_made: i64,
    donors_gone: i64,
    donors_kept: i64,
}

impl Run {
    /// The field of each column; empty for one that is left out.
    fn columns(&self) -> Vec<String> {
        serde_json::from_str(&self.columns).unwrap_or_default()
    }

    fn path(&self) -> String {
        format!("{}/{}", list::PATH, self.id)
    }

    /// What a record's history says of where it comes from.
    fn cause(&self) -> String {
        format!("Import of {}", self.file_name)
    }
}

/// Pages of staff.
pub fn private() -> Router<App> {
    list::router()
        .merge(upload::router())
        .merge(columns::router())
        .merge(show::router())
        .merge(report::router())
        .merge(apply::router())
        .merge(discard::router())
        .merge(undo_page::router())
        .merge(giving::router())
        .merge(running::router())
}

/// The job that tries a file without writing; its key is the import's id.
pub const CHECK: &str = "import.check";
/// The job that applies one.
pub const APPLY: &str = "import.apply";

/// The job that finds what taking back a long one would do.
pub const LOOK: &str = "import.look";
/// The job that takes one of donors or gifts back.
pub const UNDO: &str = "import.undo";

/// Adds what this feature does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    let handlers = handlers.with(CHECK, check::job).with(APPLY, apply::job);
    running::jobs(handlers.with(LOOK, giving::look_job).with(UNDO, giving::undo_job))
}

/// What an import holds.
async fn kind_of(app: &App, id: ImportId) -> Result<Kind, Error> {
    Ok(queries::run(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?.kind)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}
