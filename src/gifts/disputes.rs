//! What staff do about a dispute: gather what its reason asks for, write the answer, send it or note that it was
//! given at the payment service. Who is right is decided by the bank. It refuses to answer what waits for no answer.
use super::{DisputeId, GiftDispute, queries, refresh};
use crate::{
    app::App,
    audit, donors,
    kernel::{Timestamp, digest, words},
    payments::{DisputeState, Evidence, GatewayError},
    staff::Staff,
    web::Error,
};

words! {
    /// How a dispute was answered.
    pub enum Answered {
        Sent = "sent", "Sent from here";
        Elsewhere = "elsewhere", "Answered at the payment service";
    }
}

/// What staff did about one dispute so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Care {
    pub note: String,
    pub answered: Option<(Answered, Timestamp)>,
    /// Which of the checklist is gathered, by whom.
    pub gathered: Vec<(String, String)>,
}

/// One line of a checklist: its word, and what to gather.
pub(super) type Item = (&'static str, &'static str);

const RECEIPT: Item = ("receipt", "The receipt and the letter of thanks, with the days they were sent");
const IDENTITY: Item = ("identity", "Name, e-mail address and postal address as the donor typed them");
const HISTORY: Item = ("history", "Earlier gifts of this donor that nobody disputed");
const CONTACT: Item = ("contact", "Mails or calls with the donor about this gift");
const STATEMENT: Item = ("statement", "The name that card statements show, and that it is ours");
const TWO: Item =
    ("two_gifts", "That the two payments are two gifts: both dates and amounts, and what the donor answered when asked");
const CHOSEN: Item = ("chosen", "That the donor chose a gift that repeats: it is never chosen in advance");
const NOT_STOPPED: Item =
    ("not_stopped", "That the gift was not stopped before this payment, and that each receipt has a link that stops it");
const REFUND: Item = ("refund", "The refund with its day and amount, or that none was asked for or promised");
const NOTHING_PROMISED: Item = ("nothing_promised", "That it was a gift: nothing was promised in return, and the page says so");

/// What helps against a dispute of this reason (<https://docs.stripe.com/disputes/reason-codes-defense-requirements>).
pub(super) const fn checklist(reason: &str) -> &'static [Item] {
    match reason.as_bytes() {
        b"fraudulent" | b"debit_not_authorized" => &[IDENTITY, HISTORY, CONTACT, RECEIPT],
        b"unrecognized" => &[STATEMENT, IDENTITY, HISTORY, RECEIPT],
        b"duplicate" => &[TWO, RECEIPT, CONTACT],
        b"subscription_canceled" => &[CHOSEN, NOT_STOPPED, RECEIPT, CONTACT],
        b"credit_not_processed" => &[REFUND, CONTACT, RECEIPT],
        b"product_not_received" | b"product_unacceptable" => &[NOTHING_PROMISED, RECEIPT, CONTACT],
        _ => &[RECEIPT, IDENTITY, CONTACT],
    }
}

impl GiftDispute {
    /// The bank waits for us.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.state, DisputeState::Inquiry | DisputeState::NeedsResponse)
    }

    /// The bank has decided, or the dispute was withdrawn.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, DisputeState::Won | DisputeState::Lost | DisputeState::Closed)
    }
}

/// Keeps the ticks and the words of an answer that is being written.
pub(super) async fn keep(app: &App, staff: &Staff, dispute: &GiftDispute, ticked: &[String], note: &str) -> Result<(), Error> {
    if dispute.is_over() {
        return Err(Error::Conflict("This dispute is over; nothing more can be gathered for it.".to_owned()));
    }
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = queries::care_of(&mut tx, dispute.id).await?;
    queries::put_note(&mut tx, dispute.id, note).await?;
    for (item, _) in checklist(&dispute.reason) {
        if ticked.iter().any(|word| word == item) {
            queries::tick(&mut tx, dispute.id, item, &staff.name, now).await?;
        } else {
            queries::untick(&mut tx, dispute.id, item).await?;
        }
    }
    let told = |care: &Care| serde_json::json!({ "note": care.note, "gathered": care.gathered.iter().map(|(item, _)| item).collect::<Vec<_>>() });
    let after = queries::care_of(&mut tx, dispute.id).await?;
    if after != before {
        let id = dispute.id.to_string();
        audit::record(
            &mut tx,
            &staff.actor(),
            "gather_evidence",
            ("dispute", &id),
            Some(&told(&before)),
            Some(&told(&after)),
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Sends the words kept for this dispute to the bank, or notes that they were given at the payment service.
pub(super) async fn answer(app: &App, staff: &Staff, dispute: &GiftDispute, how: Answered) -> Result<(), Error> {
    let mut tx = app.db.read().await?;
    let care = queries::care_of(&mut tx, dispute.id).await?;
    let gift = queries::by_id(&mut tx, dispute.gift_id).await?.ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    if !dispute.waits() || care.answered.is_some() {
        return Err(Error::Conflict("This dispute does not wait for an answer.".to_owned()));
    }
    if how == Answered::Sent {
        let day = gift.given_on.map(|day| format!(" on {}", day.words())).unwrap_or_default();
        let told = Evidence {
            donor: donor.name,
            email: donor.email,
            gift: format!("A donation of {}{day} to {}.", gift.charged(), app.coalition.get().name),
            words: care.note.clone(),
        };
        let key = format!("dispute-{}-{}", dispute.id, &digest(&care.note)[..12]);
        app.gateway.answer_dispute(&key, &dispute.dispute, &told).await.map_err(refused)?;
    }
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    queries::set_answered(&mut tx, dispute.id, how, now).await?;
    let id = dispute.id.to_string();
    audit::record(&mut tx, &staff.actor(), "answer_dispute", ("dispute", &id), None::<&()>, Some(&how), now).await?;
    tx.commit().await?;
    if let Err(error) = Box::pin(refresh::refresh_dispute(app, &dispute.dispute)).await {
        // The webhook tells it again.
        tracing::warn!(dispute = %dispute.id, error = &error as &dyn std::error::Error, "an answered dispute was not looked at");
    }
    Ok(())
}

fn refused(error: GatewayError) -> Error {
    match error {
        GatewayError::Refused { message, .. } => Error::Conflict(format!("The payment service refused the answer: {message}")),
        error if error.is_temporary() => Error::Unavailable(
            "The payment service does not answer, so it is not known yet whether the answer arrived. Send it again; it is sent once.".to_owned(),
        ),
        error => Error::internal(error.to_string()),
    }
}

/// The dispute of an address.
pub(super) fn named(id: &str) -> Result<DisputeId, Error> {
    id.parse().map_err(|_| Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_something_to_gather_and_nothing_twice() {
        for reason in ["fraudulent", "duplicate", "subscription_canceled", "unrecognized", "general", "invented_tomorrow"] {
            let items = checklist(reason);
            let words: BTreeSet<_> = items.iter().map(|(word, _)| word).collect();
            assert!(items.len() >= 3 && words.len() == items.len(), "{reason}");
        }
        assert!(checklist("subscription_canceled").contains(&NOT_STOPPED) && !checklist("fraudulent").contains(&NOT_STOPPED));
    }
}
