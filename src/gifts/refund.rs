//! Giving money back because staff ask for it. The question is written down before it is asked and is
//! asked with the same key until its end is known. It refuses more than is left, a gift without a
//! payment, and a second question while the end of the first is not known.
use super::{Gift, GiftId, GiftState, queries, refresh};
use crate::{
    app::App,
    audit,
    kernel::{Cents, Timestamp, id},
    payments::{GatewayError, RefundReason},
    staff::Staff,
};

id!(
    /// Names one row of `refund_request`.
    RefundRequestId
);

/// The payment service forgets a key after a day (<https://docs.stripe.com/api/idempotent_requests>).
const KEY_HOURS: i64 = 23;

/// A refund that was asked for and whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RefundRequest {
    pub id: RefundRequestId,
    pub gift_id: GiftId,
    pub amount: Cents,
    pub asked_at: Timestamp,
    pub reason: Option<RefundReason>,
}

/// Why staff give money back, and what else they note about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    pub reason: RefundReason,
    pub note: String,
}

/// Why no money went back.
#[derive(Debug, thiserror::Error)]
pub enum NotRefunded {
    /// Nothing was asked; the sentence says why.
    #[error("{0}")]
    Impossible(String),
    /// The payment service understood and refused.
    #[error("The payment service refused the refund: {0}")]
    Refused(String),
    /// Whether the money goes back is not known; asking again is safe.
    #[error(
        "The payment service does not answer, so it is not known yet whether the money goes back. Ask again; nothing is refunded twice."
    )]
    Silent,
    #[error("database")]
    Database(#[from] sqlx::Error),
}

/// What can still go back of a gift.
pub(super) fn left(gift: &Gift) -> Cents {
    if gift.state == GiftState::Settled { gift.charged - gift.refunded } else { Cents::ZERO }
}

/// Asks the payment service to give `amount` of a gift back, and follows what it did: entries, totals,
/// the receipt, the letter. The caller has checked that this person may.
pub async fn refund(app: &App, staff: &Staff, gift: GiftId, amount: Cents, because: &Because) -> Result<(), NotRefunded> {
    Box::pin(forget_old(app, gift)).await?;
    let (request, payment) = ask(app, staff, gift, amount, because).await?;
    // One key has one set of parameters: a question that is put again keeps its first reason.
    let reason = request.reason.unwrap_or(RefundReason::Requested);
    match app.gateway.start_refund_because(&format!("refund-{}", request.id), &payment, amount, reason).await {
        Ok(refund) => {
            end(app, &request, Some(&refund.id), None).await?;
            if let Err(error) = Box::pin(refresh::refresh_refund(app, &refund.id)).await {
                // The webhook tells it again.
                tracing::warn!(%gift, error = &error as &dyn std::error::Error, "a refund was made and is not on the books yet");
            }
            Ok(())
        }
        Err(GatewayError::Refused { message, .. }) => {
            end(app, &request, None, Some(&message)).await?;
            Err(NotRefunded::Refused(message))
        }
        Err(error @ GatewayError::Missing(_)) => {
            end(app, &request, None, Some(&error.to_string())).await?;
            Err(NotRefunded::Refused(error.to_string()))
        }
        Err(error) => {
            tracing::error!(%gift, error = &error as &dyn std::error::Error, "the end of a refund is not known");
            Err(NotRefunded::Silent)
        }
    }
}

/// A question so old that its key is forgotten is not asked again: what came of it is looked up.
async fn forget_old(app: &App, gift: GiftId) -> Result<(), NotRefunded> {
    let mut tx = app.db.read().await?;
    let open = queries::open_refund_request(&mut tx, gift).await?;
    let payment = queries::by_id(&mut tx, gift).await?.and_then(|gift| gift.payment);
    drop(tx);
    let old = open.filter(|open| app.clock.now().seconds_since(open.asked_at) > KEY_HOURS * 3_600);
    let (Some(old), Some(payment)) = (old, payment) else { return Ok(()) };
    let known = app.gateway.refunds_of(&payment).await.map_err(|_| NotRefunded::Silent)?;
    if let Some(newest) = known.first() {
        Box::pin(refresh::refresh_refund(app, &newest.id)).await.map_err(|_| NotRefunded::Silent)?;
    }
    end(app, &old, None, Some("Asked too long ago to be asked again; the payment was looked up instead.")).await
}

async fn ask(
    app: &App,
    staff: &Staff,
    id: GiftId,
    amount: Cents,
    because: &Because,
) -> Result<(RefundRequest, String), NotRefunded> {
    let no = |why: &str| Err(NotRefunded::Impossible(why.to_owned()));
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let Some(gift) = queries::hold(&mut tx, id).await? else { return no("There is no such gift.") };
    let (GiftState::Settled, Some(payment)) = (gift.state, &gift.payment) else {
        return no("Only a gift that was received through the payment service can be refunded here.");
    };
    if let Some(open) = queries::open_refund_request(&mut tx, id).await? {
        if open.amount == amount {
            return Ok((open, payment.clone()));
        }
        return no(&format!(
            "A refund of {} was asked for and its end is not known yet. Ask for that again first.",
            open.amount.of(gift.currency)
        ));
    }
    if !amount.is_positive() || amount > left(&gift) {
        return no(&format!("At most {} can still be refunded.", left(&gift).of(gift.currency)));
    }
    let request = RefundRequest { id: RefundRequestId::new(), gift_id: id, amount, asked_at: now, reason: Some(because.reason) };
    queries::insert_refund_request(&mut tx, &request, &because.note).await?;
    let told = serde_json::json!({ "amount": amount, "currency": gift.currency, "reason": because.reason, "note": because.note });
    audit::record(&mut tx, &staff.actor(), "ask_for_refund", ("gift", &id.to_string()), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok((request, payment.clone()))
}

async fn end(app: &App, request: &RefundRequest, refund: Option<&str>, failure: Option<&str>) -> Result<(), NotRefunded> {
    let mut tx = app.db.write().await?;
    queries::end_refund_request(&mut tx, request.id, refund, failure, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
