//! Mail: written in the transaction of its cause, delivered by a job, kept for staff to read.
//!
//! By default it is captured: staff read it in the app and nothing leaves. A message that can't be
//! delivered is tried again with growing pauses and ends, visibly, as dead.
mod delivery;
mod letter;
mod queries;

use crate::{
    app::App,
    db::Tx,
    kernel::{Email, Timestamp, id, words},
    work,
};

pub use delivery::{DELIVER, deliver};
pub use letter::{Draft, Letter, letter};
pub use queries::{Message, Summary, by_id, count_in, listed, of_record, to_address};

id!(
    /// Names one row of `message`.
    MessageId
);

words! {
    /// Why a message may be sent at all; each class has its own rule of consent.
    pub enum Class {
        /// Asked for or owed: receipts, links. Always sent.
        Transactional = "transactional";
        /// What a member needs to know as a member.
        MembershipService = "membership_service";
        Updates = "updates";
        Fundraising = "fundraising";
    }
}

words! {
    /// Where a message stands.
    pub enum State {
        Queued = "queued";
        Sent = "sent";
        /// Kept for staff to read; nothing left the house.
        Captured = "captured";
        /// Given up; waits for a person.
        Dead = "dead";
    }
}

/// Puts a letter into the outbox, in the transaction of its cause. `record` is what it is about:
/// (`gift`, its id). After the commit, `app.bell.notify_one()` lets it go at once.
pub async fn send(
    tx: &mut Tx,
    to: &Email,
    class: Class,
    record: (&str, &str),
    letter: &Letter,
    now: Timestamp,
) -> sqlx::Result<MessageId> {
    let id = MessageId::new();
    queries::insert(tx, id, to, class, record, letter, now).await?;
    work::soon(tx, DELIVER, &id.to_string(), now).await?;
    Ok(id)
}

/// Offers a dead message again. `false` when it is not dead.
pub async fn retry(app: &App, tx: &mut Tx, id: MessageId) -> sqlx::Result<bool> {
    let revived = queries::revive(tx, id).await?;
    if revived {
        let now = app.clock.now();
        if !work::retry(tx, DELIVER, &id.to_string(), now).await? {
            work::soon(tx, DELIVER, &id.to_string(), now).await?;
        }
    }
    Ok(revived)
}
