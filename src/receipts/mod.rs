//! Receipts: numbered without gaps, frozen when they are issued, and refused when a rule is not met.
mod queries;
mod rules;

use crate::{
    db::Tx,
    kernel::{Cents, Currency, Day, Timestamp, id, words},
};

pub use queries::{
    LegalEntity, entities, entity_on, insert_entity, issued_for, labels_of, mark_printed, of_gift, printed_at, standing,
    with_receipt,
};
pub use rules::{Acknowledged, Given, Refusal, compile};

id!(
    /// Names one row of `receipt`.
    ReceiptId
);
id!(
    /// Names one row of `legal_entity`.
    EntityId
);

words! {
    /// Whether a receipt stands.
    pub enum ReceiptState {
        Issued = "issued";
        Superseded = "superseded";
        Void = "void";
    }
}

/// Everything a receipt says, as it was on the day it was issued.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Frozen {
    pub donor: String,
    pub donor_address: Option<String>,
    /// The donee, by its legal name.
    pub donee: String,
    pub donee_ein: Option<String>,
    pub donee_address: String,
    /// `for the benefit of its program AMICC`.
    pub sponsorship: Option<String>,
    pub signatory: String,
    /// Whether a gift to the donee is deductible.
    pub deductible: bool,
    pub given_on: Day,
    /// What was charged: the gift and the covered fee, less refunds.
    pub amount: Cents,
    pub intended: Cents,
    pub covered_fee: Cents,
    pub refunded: Cents,
    pub currency: Currency,
    pub fund: String,
    pub tribute: Option<String>,
    /// What was given, when it was not money: then no amount stands on the receipt.
    #[serde(default)]
    pub described: Option<String>,
    /// What the donor got for it, in words.
    pub benefit: Benefit,
    /// The sentence about tax, as the rules have it.
    pub statement: String,
}

/// What a donor got in return (IRS Publication 1771).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Benefit {
    Nothing,
    /// Goods or services of this good-faith value.
    Goods {
        description: String,
        value: Cents,
    },
    IntangibleReligious,
}

/// One row of `receipt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: ReceiptId,
    /// Counted without gaps from 1.
    pub number: i64,
    pub gift_id: String,
    pub state: ReceiptState,
    pub issued_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub ended_why: Option<String>,
    pub frozen: Frozen,
}

impl Receipt {
    /// What it acknowledges: an amount, or what was given in its words.
    pub fn what(&self) -> String {
        self.frozen.described.clone().unwrap_or_else(|| self.frozen.amount.of(self.frozen.currency).to_string())
    }

    /// `R-000123`.
    pub fn label(&self) -> String {
        label(self.number)
    }
}

/// `R-000123`.
fn label(number: i64) -> String {
    format!("R-{number:06}")
}

/// Issues a receipt for a gift with the next number. `None` when the gift has one that stands.
pub async fn issue(tx: &mut Tx, gift_id: &str, frozen: &Frozen, now: Timestamp) -> sqlx::Result<Option<Receipt>> {
    if standing(tx, gift_id).await?.is_some() {
        return Ok(None);
    }
    let number = queries::next_number(tx).await?;
    let receipt = Receipt {
        id: ReceiptId::new(),
        number,
        gift_id: gift_id.to_owned(),
        state: ReceiptState::Issued,
        issued_at: now,
        ended_at: None,
        ended_why: None,
        frozen: frozen.clone(),
    };
    queries::insert(tx, &receipt).await?;
    Ok(Some(receipt))
}

/// Ends the receipt of a gift that stands, if there is one: the money went back, or the payment was disputed.
pub async fn void(tx: &mut Tx, gift_id: &str, why: &str, now: Timestamp) -> sqlx::Result<bool> {
    queries::end(tx, gift_id, ReceiptState::Void, why, now).await
}

/// Ends the receipt that stands and issues one that says something else in its place. A gift without
/// a standing receipt just gets one.
pub async fn supersede(tx: &mut Tx, gift_id: &str, frozen: &Frozen, why: &str, now: Timestamp) -> sqlx::Result<Option<Receipt>> {
    queries::end(tx, gift_id, ReceiptState::Superseded, why, now).await?;
    issue(tx, gift_id, frozen, now).await
}
