use crate::{
    db::{Tx, on},
    gifts::{
        GiftId,
        refund::{RefundRequest, RefundRequestId},
    },
    kernel::Timestamp,
};

/// The refund of a gift that was asked for and whose end is not known.
pub(in crate::gifts) async fn open_refund_request(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Option<RefundRequest>> {
    on!(tx, conn => sqlx::query_as("select id, gift_id, amount, asked_at, reason from refund_request where gift_id = $1 and done_at is null")
        .bind(gift)
        .fetch_optional(conn).await)
}

pub(in crate::gifts) async fn insert_refund_request(tx: &mut Tx, request: &RefundRequest, note: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into refund_request (id, gift_id, amount, asked_at, reason, note) values ($1, $2, $3, $4, $5, $6)")
        .bind(request.id).bind(request.gift_id).bind(request.amount).bind(request.asked_at).bind(request.reason).bind(note)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn end_refund_request(
    tx: &mut Tx,
    id: RefundRequestId,
    refund: Option<&str>,
    failure: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update refund_request set done_at = $2, refund = $3, failure = $4 where id = $1 and done_at is null")
        .bind(id).bind(now).bind(refund).bind(failure)
        .execute(conn).await.map(drop))
}
