//! Recurring gifts that run on the coalition's Stripe account since before: its subscriptions are read, each one's fate
//! is shown, staff say where their gifts go, and they are brought in; a whole import is taken back as far as nothing
//! came of it.
//!
//! It asks Stripe only for what it reads: nothing is changed there, nobody is charged, and no mail leaves. It refuses
//! what is no recurring gift in our words, and to bring anything in twice.
mod apply;
mod judge;
mod parts;
mod queries;
mod read;
mod show;
mod start;
mod undo;
mod undo_page;

use super::{Fate, Outcome};
use crate::{
    app::App,
    audit::Actor,
    donors::DonorId,
    gifts::{CampaignId, FundId, RecurringId},
    kernel::{Timestamp, id, words},
    payments::GatewayError,
    work::{Handlers, JobError},
};
use axum::Router;

id!(
    /// Names one row of `subscription_import`.
    RunId
);

words! {
    /// How far such an import has come.
    pub enum State {
        Reading = "reading", "Being read";
        Read = "read", "Ready to apply";
        Applying = "applying", "Being applied";
        Applied = "applied", "Applied";
        Undone = "undone", "Undone";
        Discarded = "discarded", "Discarded";
    }
}

impl State {
    const fn mood(self) -> &'static str {
        match self {
            Self::Read => "waiting",
            Self::Reading | Self::Applying => "running",
            Self::Applied => "done",
            Self::Undone | Self::Discarded => "over",
        }
    }
}

/// One row of `subscription_import`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Run {
    id: RunId,
    state: State,
    after: Option<String>,
    begun_at: Timestamp,
    begun_by: String,
    applied_at: Option<Timestamp>,
    applied_by: Option<String>,
    applied_by_id: Option<String>,
    undone_at: Option<Timestamp>,
    undone_by: Option<String>,
}

impl Run {
    fn path(&self) -> String {
        format!("{PATH}/{}", self.id)
    }

    /// Who applied it, for the audit.
    fn actor(&self) -> Actor {
        Actor {
            kind: "staff",
            id: self.applied_by_id.clone().unwrap_or_default(),
            name: self.applied_by.clone().unwrap_or_default(),
        }
    }
}

/// What subscriptions are for, by the name of the product, and where their gifts go.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Product {
    number: i64,
    name: String,
    fund_id: Option<FundId>,
    campaign_id: Option<CampaignId>,
    left_out: bool,
    /// How many would be brought in.
    subscriptions: i64,
}

/// One row of `subscription_import_row`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    number: i64,
    /// `sub_…`
    subscription: String,
    /// `cus_…`
    customer: String,
    giver: String,
    product: String,
    fate: Fate,
    name: String,
    what: String,
    reason: String,
    notes: String,
    donor_id: Option<DonorId>,
    recurring_id: Option<RecurringId>,
    outcome: Option<Outcome>,
    outcome_why: Option<String>,
    made_donor: bool,
    linked: bool,
    print: Option<String>,
}

impl Row {
    fn notes(&self) -> Vec<String> {
        serde_json::from_str(&self.notes).unwrap_or_default()
    }
}

const PATH: &str = "/staff/imports/stripe";
/// The job that reads the account; its key is the import's id.
const READ: &str = "subscriptions.read";
/// The job that applies.
const APPLY: &str = "subscriptions.apply";

/// Pages of staff.
pub(super) fn router() -> Router<App> {
    start::router().merge(show::router()).merge(apply::router()).merge(undo_page::router())
}

/// Adds what is done in the background.
pub(super) fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(READ, read::job).with(APPLY, apply::job)
}

fn refused(error: &GatewayError) -> JobError {
    if error.is_temporary() { JobError::Again(error.to_string()) } else { JobError::Never(error.to_string()) }
}
