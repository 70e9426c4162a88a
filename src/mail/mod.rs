//! Mail: written in the transaction of its cause, delivered by a job, kept for staff to read.
//!
//! By default it is captured: staff read it in the app and nothing leaves. A message that can't be
//! delivered is tried again with growing pauses and ends, visibly, as dead.
mod compose;
mod delivery;
mod letter;
mod queries;

use crate::{
    db::Tx,
    kernel::{Email, Timestamp, id, words},
    work,
};

pub use delivery::{DELIVER, deliver};
pub use letter::{Draft, Letter, letter};
pub use queries::{
    Filter, Message, Reach, Summary, by_id, count, count_in, counts, empty_letters_to, lift_refusals, listed, of_record, page,
    refuse, to_address, within,
};

id!(
    /// Names one row of `message`.
    MessageId
);

words! {
    /// Why a message may be sent at all; each class has its own rule of consent.
    pub enum Class {
        /// Asked for or owed: receipts, links. Always sent.
        Transactional = "transactional", "Receipts and links";
        /// What a member needs to know as a member.
        MembershipService = "membership_service", "Membership service";
        Updates = "updates", "Updates";
        Fundraising = "fundraising", "Fundraising";
    }
}

words! {
    /// Where a message stands.
    pub enum State {
        Queued = "queued", "Waiting";
        Sent = "sent", "Sent";
        /// Kept for staff to read; nothing left the house.
        Captured = "captured", "Captured";
        /// Given up; waits for a person.
        Dead = "dead", "Given up";
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
pub async fn retry(tx: &mut Tx, id: MessageId, now: Timestamp) -> sqlx::Result<bool> {
    let revived = queries::revive(tx, id).await?;
    if revived {
        work::soon(tx, DELIVER, &id.to_string(), now).await?;
    }
    Ok(revived)
}

/// Offers every dead message again, with or without those about staff accounts; gives how many.
pub async fn retry_all(tx: &mut Tx, with_accounts: bool, now: Timestamp) -> sqlx::Result<usize> {
    let revived = queries::revive_all(tx, with_accounts).await?;
    work::soon_all(tx, DELIVER, &revived, now).await?;
    Ok(revived.len())
}

/// What letters about staff accounts are about. They carry links that sign somebody in, so only
/// administrators read them.
pub const ACCOUNT: &str = "staff_user";
