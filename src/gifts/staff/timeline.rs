//! What happened to a gift, in the order it happened, each in a sentence.
use crate::{
    gifts::{FraudWarning, Gift, GiftDispute, GiftRefund, GiftState, Method},
    kernel::{Timestamp, Zone},
    payments::{DisputeState, RefundState},
    receipts::{Receipt, ReceiptState},
    web::moment,
};
use maud::{Markup, html};

/// One thing that happened.
struct Moment {
    at: Timestamp,
    /// `good`, `bad` or empty.
    mood: &'static str,
    words: String,
}

/// The gift's story, oldest first.
pub(super) fn of(
    gift: &Gift,
    refunds: &[GiftRefund],
    disputes: &[GiftDispute],
    warnings: &[FraudWarning],
    receipts: &[Receipt],
    zone: &Zone,
) -> Markup {
    let by_hand = gift.method != Method::Card;
    let mut all = Vec::new();
    if by_hand {
        let what = gift.method.label().to_lowercase();
        all.push(Moment { at: gift.shown_at, mood: "good", words: format!("{} was received ({what}).", gift.charged()) });
        if let (None, Some(why)) = (gift.settled_at, &gift.failure) {
            all.push(Moment { at: gift.shown_at, mood: "bad", words: format!("It was taken back: {why}") });
        }
    } else {
        all.push(Moment { at: gift.created_at, mood: "", words: began(gift) });
    }
    if let Some(at) = gift.settled_at.filter(|_| !by_hand) {
        let card = gift.card.as_ref().map(|card| format!(" with {card}")).unwrap_or_default();
        all.push(Moment { at, mood: "good", words: format!("{} was paid{card}.", gift.charged()) });
    }
    all.extend(refunds.iter().map(|refund| refunded(gift, refund)));
    all.extend(disputes.iter().map(|dispute| disputed(gift, dispute, zone)));
    all.extend(warnings.iter().map(|warning| Moment {
        at: warning.at,
        mood: "bad",
        words: format!("The card’s bank warned of fraud ({}).", warning.kind.replace('_', " ")),
    }));
    for receipt in receipts {
        all.push(Moment {
            at: receipt.issued_at,
            mood: "",
            words: format!("Receipt {} was issued for {}.", receipt.label(), receipt.what()),
        });
        if let Some(at) = receipt.ended_at {
            let why = receipt.ended_why.as_deref().unwrap_or_default();
            let how = if receipt.state == ReceiptState::Void { "became void" } else { "was replaced" };
            all.push(Moment {
                at,
                mood: "bad",
                words: format!("Receipt {} {how}. {why}", receipt.label()).trim_end().to_owned(),
            });
        }
    }
    if let Some(at) = gift.thanked_at {
        all.push(Moment { at, mood: "good", words: "The donor was thanked.".to_owned() });
    }
    all.sort_by_key(|moment| moment.at);
    html! {
        ol.timeline {
            @for one in &all {
                li data-state=[(!one.mood.is_empty()).then_some(one.mood)] { (moment(one.at, zone)) p { (one.words) } }
            }
        }
    }
}

fn began(gift: &Gift) -> String {
    if gift.recurring_id.is_some() && gift.checkout.is_none() {
        return "The recurring gift came round again.".to_owned();
    }
    match &gift.source {
        Some(source) => format!("The form was sent; the donor came by the link “{source}”."),
        None => "The form was sent.".to_owned(),
    }
}

fn refunded(gift: &Gift, refund: &GiftRefund) -> Moment {
    let amount = refund.amount.of(gift.currency);
    let (mood, words) = match refund.state {
        RefundState::Pending => ("", format!("A refund of {amount} is on its way to the donor.")),
        RefundState::Succeeded => ("bad", format!("{amount} went back to the donor.")),
        RefundState::Failed => ("bad", format!("A refund of {amount} did not reach the donor; the money is ours again.")),
        RefundState::Canceled => ("", format!("A refund of {amount} was taken back before it left.")),
    };
    Moment { at: refund.at, mood, words }
}

fn disputed(gift: &Gift, dispute: &GiftDispute, zone: &Zone) -> Moment {
    let amount = dispute.amount.of(gift.currency);
    let reason = dispute.reason.replace('_', " ");
    let state = match (dispute.state, dispute.respond_by) {
        (DisputeState::Inquiry | DisputeState::NeedsResponse, Some(by)) => format!("An answer is due by {}.", zone.words(by)),
        (DisputeState::Inquiry | DisputeState::NeedsResponse, None) => "An answer is due.".to_owned(),
        (DisputeState::UnderReview, _) => "The bank is looking at our answer.".to_owned(),
        (DisputeState::Won, _) => "It was decided for us.".to_owned(),
        (DisputeState::Lost, _) => "It was decided against us.".to_owned(),
        (DisputeState::Closed, _) => "It was closed; no money moved.".to_owned(),
    };
    let mood = if dispute.state == DisputeState::Won { "good" } else { "bad" };
    Moment { at: dispute.at, mood, words: format!("The donor’s bank disputed {amount} ({reason}). {state}") }
}

/// Where the gift stands, in a sentence.
pub(super) fn standing(gift: &Gift, needs_no_thanks: bool, zone: &Zone) -> String {
    let day = |at: Timestamp| zone.day(at).words();
    let mut words = match (gift.state, gift.settled_at) {
        (GiftState::Failed | GiftState::Abandoned, _)
            if gift.method != Method::Card || gift.failure.as_deref() == Some(crate::gifts::carried_back::WHY) =>
        {
            format!("It was taken back and counts no more. {}", gift.failure.as_deref().unwrap_or_default())
        }
        (GiftState::Settled, Some(at)) => format!("{} was received on {}.", gift.charged(), day(at)),
        (GiftState::Open, _) => match gift.checkout_until {
            Some(until) => format!("The donor has not paid yet. The payment page waits until {}.", zone.words(until)),
            None => "The donor has not paid yet.".to_owned(),
        },
        (GiftState::Processing, _) => {
            "The donor’s bank is transferring the money. This can take some days; nothing needs to be done.".to_owned()
        }
        (GiftState::Failed, _) => match &gift.failure {
            Some(why) => format!("The payment failed: {why}"),
            None => "The payment failed.".to_owned(),
        },
        (GiftState::Abandoned, _) => {
            "The donor did not finish the payment, and the payment page has run out. Nothing was charged.".to_owned()
        }
        (GiftState::Settled, None) => "The gift was received.".to_owned(),
    };
    if gift.refunded.is_positive() {
        let back = gift.refunded.of(gift.currency);
        let all = gift.refunded == gift.charged;
        words = if all { format!("{words} All of it went back.") } else { format!("{words} {back} of it went back.") };
    }
    if gift.disputed {
        words.push_str(" Its payment is disputed.");
    }
    if gift.state == GiftState::Settled {
        words.push_str(&gift.thanked_at.map_or_else(
            || {
                if needs_no_thanks { " It is not to be thanked." } else { " Nobody has thanked the donor in person yet." }
                    .to_owned()
            },
            |at| format!(" The donor was thanked on {}.", day(at)),
        ));
    }
    words
}
