use super::{COLUMNS, RECURRING};
use crate::{
    db::{Tx, on},
    gifts::{Gift, GiftDispute, GiftId, GiftRefund, RecurringGift},
    kernel::{Cents, Day, Timestamp},
    payments::{Dispute, Payment, Refund, Subscription},
};
use sqlx::AssertSqlSafe;

/// Holds a gift until the transaction ends, so that two tellings of one gift are told one after the other.
pub(in crate::gifts) async fn hold(tx: &mut Tx, id: GiftId) -> sqlx::Result<Option<Gift>> {
    let sql = format!("update gift set livemode = livemode where id = $1 returning {COLUMNS}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The gift that one of the payment service's ids names: a checkout, payment, charge or invoice.
pub(in crate::gifts) async fn by_gateway_id(tx: &mut Tx, id: &str) -> sqlx::Result<Option<GiftId>> {
    on!(tx, conn => sqlx::query_scalar(
        "select id from gift where checkout = $1 union select id from gift where payment = $1
         union select id from gift where charge = $1 union select id from gift where invoice = $1")
        .bind(id)
        .fetch_optional(conn).await)
}

/// Settles a gift that is not settled yet, whatever it was before. `false` when it was settled already.
pub(in crate::gifts) async fn settle(tx: &mut Tx, id: GiftId, payment: &Payment, day: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update gift set state = 'settled', settled_at = $2, given_on = $3, shown_at = $2, payment = $4, charge = $5, card = $6,
                         failure = null, livemode = $7
         where id = $1 and state <> 'settled'")
        .bind(id).bind(payment.at).bind(day).bind(&payment.id).bind(&payment.charge).bind(&payment.card).bind(payment.livemode)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Notes the fee, once it is known. `false` when it was known.
pub(in crate::gifts) async fn set_fee(tx: &mut Tx, id: GiftId, fee: Cents) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update gift set processor_fee = $2 where id = $1 and state = 'settled' and processor_fee is null")
        .bind(id).bind(fee)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The donor has paid, the bank has not.
pub(in crate::gifts) async fn await_bank(tx: &mut Tx, id: GiftId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update gift set state = 'processing' where id = $1 and state in ('open', 'abandoned', 'failed')")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The payment page of this try ran out.
pub(in crate::gifts) async fn abandon(tx: &mut Tx, id: GiftId, checkout: &str) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update gift set state = 'abandoned' where id = $1 and checkout = $2 and state = 'open'")
        .bind(id).bind(checkout)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The payment failed for good.
pub(in crate::gifts) async fn fail(tx: &mut Tx, id: GiftId, why: Option<&str>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update gift set state = 'failed', failure = $2 where id = $1 and state in ('open', 'processing')")
        .bind(id).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// A card was declined; another may still be tried on the same page.
pub(in crate::gifts) async fn note_decline(tx: &mut Tx, id: GiftId, why: Option<&str>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update gift set failure = $2 where id = $1 and state <> 'settled' and coalesce(failure, '') <> coalesce($2, '')")
        .bind(id).bind(why)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Ties a gift to its invoice and its plan.
pub(in crate::gifts) async fn link(tx: &mut Tx, id: GiftId, plan: &RecurringGift, invoice: Option<&str>) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update gift set recurring_id = coalesce(recurring_id, $2), invoice = coalesce(invoice, $3) where id = $1")
        .bind(id).bind(plan.id).bind(invoice)
        .execute(conn).await.map(drop))
}

/// The plan of a subscription.
pub(in crate::gifts) async fn plan_of(tx: &mut Tx, subscription: &str) -> sqlx::Result<Option<RecurringGift>> {
    let sql = format!("select {RECURRING} from recurring_gift where subscription = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(subscription).fetch_optional(conn).await)
}

/// Adds a plan. `false` when its subscription has one.
pub async fn insert_plan(tx: &mut Tx, plan: &RecurringGift) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into recurring_gift (id, donor_id, fund_id, campaign_id, subscription, customer, state, frequency, intended, covered_fee,
                                     charged, currency, started_at, next_at, cancels_at, ended_at, resumes_at, card, card_until, livemode)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) on conflict (subscription) do nothing")
        .bind(plan.id).bind(plan.donor_id).bind(plan.fund_id).bind(plan.campaign_id).bind(&plan.subscription).bind(&plan.customer)
        .bind(plan.state).bind(plan.frequency).bind(plan.intended).bind(plan.covered_fee).bind(plan.charged).bind(plan.currency)
        .bind(plan.started_at).bind(plan.next_at).bind(plan.cancels_at).bind(plan.ended_at).bind(plan.resumes_at).bind(&plan.card).bind(plan.card_until)
        .bind(plan.livemode)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Puts a plan where the payment service says it is.
pub(in crate::gifts) async fn update_plan(
    tx: &mut Tx,
    plan: &RecurringGift,
    told: &Subscription,
    (intended, covered): (Cents, Cents),
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update recurring_gift set state = $2, frequency = $3, intended = $4, covered_fee = $5, charged = $6, next_at = $7,
                                   cancels_at = $8, ended_at = $9, resumes_at = $10, card = $11, card_until = $12 where id = $1")
        .bind(plan.id).bind(told.state).bind(told.frequency).bind(intended).bind(covered).bind(intended + covered)
        .bind(told.period_end).bind(told.cancels_at).bind(told.ended_at).bind(told.resumes_at)
        .bind(told.card.as_ref().map(|card| card.label.as_str())).bind(told.card.as_ref().map(|card| card.until))
        .execute(conn).await.map(drop))
}

/// A plan's next gift, by its invoice; the link that brought the first one brought it too. `false` when the invoice has its gift.
pub(in crate::gifts) async fn insert_renewal(
    tx: &mut Tx,
    id: GiftId,
    plan: &RecurringGift,
    invoice: &str,
    (intended, covered): (Cents, Cents),
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into gift (id, donor_id, fund_id, campaign_id, recurring_id, state, frequency, intended, covered_fee, charged, currency,
                           created_at, shown_at, invoice, livemode, source)
         values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $11, $12, $13,
                 (select first.source from gift first where first.recurring_id = $5 and first.source is not null
                   order by first.shown_at limit 1)) on conflict do nothing")
        .bind(id).bind(plan.donor_id).bind(plan.fund_id).bind(plan.campaign_id).bind(plan.id).bind(plan.frequency)
        .bind(intended).bind(covered).bind(intended + covered).bind(plan.currency).bind(now).bind(invoice).bind(plan.livemode)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Writes down a refund as it is now.
pub(in crate::gifts) async fn put_refund(tx: &mut Tx, row: &GiftRefund, told: &Refund) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_refund (id, gift_id, refund, amount, state, reason, at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (refund) do update set amount = excluded.amount, state = excluded.state, reason = excluded.reason")
        .bind(row.id).bind(row.gift_id).bind(&told.id).bind(told.amount).bind(told.state).bind(&told.reason).bind(told.at)
        .execute(conn).await.map(drop))
}

/// Writes down a dispute as it is now.
pub(in crate::gifts) async fn put_dispute(tx: &mut Tx, row: &GiftDispute, told: &Dispute) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into gift_dispute (id, gift_id, dispute, amount, state, withdrawn, fee, reason, respond_by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (dispute) do update set amount = excluded.amount, state = excluded.state, withdrawn = excluded.withdrawn,
             fee = excluded.fee, reason = excluded.reason, respond_by = excluded.respond_by")
        .bind(row.id).bind(row.gift_id).bind(&told.id).bind(told.amount).bind(told.state).bind(told.withdrawn).bind(told.fee)
        .bind(&told.reason).bind(told.respond_by).bind(told.at)
        .execute(conn).await.map(drop))
}

/// What went back, and whether a bank disputes it.
pub(in crate::gifts) async fn set_returned(tx: &mut Tx, id: GiftId, refunded: Cents, disputed: bool) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update gift set refunded = $2, disputed = $3 where id = $1")
        .bind(id).bind(refunded).bind(disputed)
        .execute(conn).await.map(drop))
}
