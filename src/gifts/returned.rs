//! Money that went back: refunds, and disputes that were opened, decided, lost.
use super::{
    DisputeId, Gift, GiftDispute, GiftId, GiftRefund, RefundId, counted, letters, parts::Book, postings, project, project::Told,
    queries, refresh::RefreshError,
};
use crate::{
    app::App,
    audit::{self, Actor},
    books,
    db::Tx,
    donors,
    kernel::{Cents, Timestamp, Zone},
    payments::{Dispute, DisputeState, RefundState},
    receipts,
};

/// Of a refund counts at most what was intended: the covered fee was never part of the gift.
pub(super) fn counted(gift: &Gift, refunded: Cents) -> Cents {
    refunded.min(gift.intended)
}

/// Writes down every refund and dispute of a settled gift, and what follows from them.
pub(super) async fn project(
    app: &App,
    tx: &mut Tx,
    id: GiftId,
    told: &Told,
    zone: &Zone,
    now: Timestamp,
) -> Result<Vec<String>, RefreshError> {
    let Some(gift) = queries::by_id(tx, id).await? else { return Ok(Vec::new()) };
    // One after the other as they came: each takes of what the earlier ones left.
    let mut refunds: Vec<_> = told.refunds.iter().collect();
    refunds.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    for refund in refunds {
        let row = GiftRefund {
            id: RefundId::new(),
            gift_id: id,
            refund: refund.id.clone(),
            amount: refund.amount,
            state: refund.state,
            reason: refund.reason.clone(),
            at: refund.at,
        };
        queries::put_refund(tx, &row, refund).await?;
        let book = Book::read(tx, &gift).await?;
        books::post(tx, &postings::refund(&gift, &book, &refund.id, refund.amount, refund.at), zone).await?;
        if matches!(refund.state, RefundState::Failed | RefundState::Canceled) {
            let book = Book::read(tx, &gift).await?;
            books::post(tx, &postings::refund_back(&gift, &book, &refund.id, refund.amount, now), zone).await?;
        }
    }
    for dispute in &told.disputes {
        put_dispute(tx, &gift, dispute, zone, now).await?;
    }
    let refunds = queries::refunds_of(tx, id).await?;
    let fights = queries::disputes_of(tx, id).await?;
    let back: Cents = refunds.iter().filter(|r| postings::moved(r.state)).map(|r| r.amount).sum();
    let lost: Cents = fights.iter().filter(|d| d.state == DisputeState::Lost).map(|d| d.withdrawn).sum();
    let refunded = (back + lost).min(gift.charged);
    let disputed = fights.iter().any(|d| !matches!(d.state, DisputeState::Won | DisputeState::Closed));
    let mut said = Vec::new();
    if disputed != gift.disputed {
        said.push(if disputed { "Its payment is disputed." } else { "Its payment is no longer disputed." }.to_owned());
    }
    if refunded != gift.refunded || disputed != gift.disputed {
        queries::set_returned(tx, id, refunded, disputed).await?;
    }
    if refunded != gift.refunded {
        let fresh = Gift { refunded, disputed, ..gift.clone() };
        follow(app, tx, &gift, &fresh, now).await?;
        said.push(format!("{} of it went back.", refunded.of(gift.currency)));
    }
    Ok(said)
}

async fn put_dispute(tx: &mut Tx, gift: &Gift, told: &Dispute, zone: &Zone, now: Timestamp) -> Result<(), RefreshError> {
    let known = queries::disputes_of(tx, gift.id).await?.into_iter().find(|d| d.dispute == told.id);
    let fresh = GiftDispute {
        id: known.as_ref().map_or_else(DisputeId::new, |d| d.id),
        gift_id: gift.id,
        dispute: told.id.clone(),
        amount: told.amount,
        state: told.state,
        withdrawn: told.withdrawn,
        fee: told.fee,
        reason: told.reason.clone(),
        respond_by: told.respond_by,
        at: told.at,
    };
    queries::put_dispute(tx, &fresh, told).await?;
    let number = books::count_of(tx, ("dispute", &told.id)).await? + 1;
    let at = if known.is_some() { now } else { told.at };
    let book = Book::read(tx, gift).await?;
    let entry = postings::dispute(format!("dispute:{}:{number}", told.id), gift, &book, known.as_ref(), &fresh, at);
    if !entry.lines.is_empty() {
        books::post(tx, &entry, zone).await?;
    }
    Ok(())
}

/// The totals, the receipt and the letter, when what went back has changed.
async fn follow(app: &App, tx: &mut Tx, before: &Gift, gift: &Gift, now: Timestamp) -> Result<(), RefreshError> {
    let id = gift.id.to_string();
    counted::returned(tx, before, gift).await?;
    if gift.campaign_id.is_some() {
        tx.site_changed();
    }
    let (old, new) = (serde_json::json!({ "refunded": before.refunded }), serde_json::json!({ "refunded": gift.refunded }));
    audit::record(tx, &Actor::system(), "refund", ("gift", &id), Some(&old), Some(&new), now).await?;
    let Some(donor) = donors::by_id(tx, gift.donor_id).await? else { return Ok(()) };
    let receipt = match project::acknowledge(tx, gift, &donor).await? {
        Ok(frozen) => receipts::supersede(tx, &id, &frozen, "What was given has changed.", now).await?,
        Err(refusal) => {
            receipts::void(tx, &id, &refusal.to_string(), now).await?;
            None
        }
    };
    if !gift.disputed {
        letters::returned(app, tx, gift, &donor, receipt.as_ref()).await?;
    }
    Ok(())
}
