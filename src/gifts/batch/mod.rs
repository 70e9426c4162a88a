//! Batches: checks and cash that are entered one after the other and go to the bank together.
//!
//! Each row is a received gift from the moment it is saved. A batch refuses to be closed while what was
//! entered differs from its control count or control total; closed, it is one deposit in the books.
mod close;
mod list;
mod show;

pub(super) use close::close_agreed;
pub(super) use list::open_for;

use super::{ids::GiftBatchId, offline::OfflineGift, queries};
use crate::{
    app::App,
    db::Tx,
    gifts::GiftId,
    kernel::{Cents, Currency, Day, Timestamp, text, words},
    web::Error,
};
use axum::{
    Router,
    routing::{get, post},
};

words! {
    /// Whether rows can be added.
    pub enum BatchState {
        Open = "open", "Open";
        Closed = "closed", "Closed";
    }
}

/// One row of `gift_batch`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Batch {
    pub(super) id: GiftBatchId,
    /// Counted from 1.
    pub(super) number: i64,
    /// When it goes to the bank.
    pub(super) day: Day,
    pub(super) currency: Currency,
    /// How many there should be, and what they should come to.
    pub(super) control_count: i64,
    pub(super) control_total: Cents,
    pub(super) state: BatchState,
    pub(super) opened_at: Timestamp,
    pub(super) opened_by: String,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) closed_by: Option<String>,
    /// How often it was closed.
    pub(super) closings: i64,
}

/// What was entered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) entered: i64,
    pub(super) total: Cents,
}

impl Batch {
    pub(super) fn name(&self) -> String {
        format!("Batch {}", text::number(self.number))
    }

    pub(super) fn path(&self) -> String {
        format!("/staff/batches/{}", self.id)
    }

    /// What is missing or too much, in a sentence; nothing when both agree.
    pub(super) fn difference(&self, sum: Sum) -> Option<String> {
        let gifts = self.control_count - sum.entered;
        let money = self.control_total - sum.total;
        let mut parts = Vec::new();
        if gifts != 0 {
            let count = text::count(gifts.abs(), "gift", "gifts");
            parts.push(format!("{count} {}", if gifts > 0 { "missing" } else { "too many" }));
        }
        if !money.is_zero() {
            let (amount, way) = if money.is_positive() { (money, "missing") } else { (-money, "too much") };
            parts.push(format!("{} {way}", amount.of(self.currency)));
        }
        (!parts.is_empty()).then(|| format!("The batch does not agree yet: {}.", parts.join(", ")))
    }
}

async fn known(tx: &mut Tx, id: &str) -> Result<Batch, Error> {
    let id: GiftBatchId = id.parse().map_err(|_| Error::NotFound)?;
    queries::batch::by_id(tx, id).await?.ok_or(Error::NotFound)
}

/// The batch a gift by hand was entered in; while it is closed, the gift went to the bank with it.
pub(super) async fn of_gift(tx: &mut Tx, row: Option<&OfflineGift>) -> sqlx::Result<Option<Batch>> {
    match row {
        Some(row) => queries::batch::of_gift(tx, row.gift_id).await,
        None => Ok(None),
    }
}

/// Whether a gift belongs to a batch that is still open: the batch takes it to the bank.
pub(super) async fn is_open_for(tx: &mut Tx, gift: GiftId) -> sqlx::Result<bool> {
    Ok(queries::batch::of_gift(tx, gift).await?.is_some_and(|batch| batch.state == BatchState::Open))
}

/// The pages of staff.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/batches", get(list::page))
        .route("/staff/batches/new", get(list::ask).post(list::open))
        .route("/staff/batches/{id}", get(show::page).post(show::add))
        .route("/staff/batches/{id}/controls", get(list::ask_controls).post(list::change_controls))
        .route("/staff/batches/{id}/closing", post(close::close))
        .route("/staff/batches/{id}/reopening", get(close::ask_reopening).post(close::reopen))
}
