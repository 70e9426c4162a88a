pub(super) mod appeal;
pub(super) mod batch;
mod begin;
mod brought;
mod care;
pub(super) mod carried;
pub(super) mod carried_back;
mod credit;
mod held;
mod home;
mod matching;
mod merging;
mod my;
pub(super) mod offline;
mod plans;
pub(super) mod pledge;
mod project;
mod purpose;
mod received;
mod refund;
mod summary;
mod thanks;
mod tribute;

use super::{Campaign, Fund, FundId, Gift, GiftDispute, GiftId, GiftRefund, RecurringGift, RecurringId};
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
};
use sqlx::AssertSqlSafe;

pub(super) use begin::{
    abandon_unasked, by_submission, campaign_by_slug, count_up, forget_counts, forget_submission, insert_open, next_attempt,
    open_fund, refuse, set_checkout,
};
pub use begin::{insert_campaign, insert_fund};
pub use brought::names_donor;
pub(super) use brought::{brought_at, delete_brought, insert_brought, plans_of, was_asked_of};
pub use care::warned_of;
pub(super) use care::{
    DisputeRow, care_of, dispute_by_id, disputes, put_note, put_warning, set_answered, tick, untick, warnings_of,
};
pub(super) use credit::{credit_sums, credits_of_donor, credits_of_gift, delete_credit, insert_credit};
pub(super) use held::{
    begin_held, burst_since, decide_held, declined_between, forget_held, forget_held_of, held, held_by_id, held_since,
    insert_burst, insert_declined, insert_held, see_burst,
};
pub use held::{held_waiting, unseen_burst};
pub use home::{disputes_to_answer, recurring_running};
pub(super) use matching::{
    delete_match, employers, insert_match, match_by_id, match_of_gift, matches, matches_owed, may_be_the_match, put_employer,
    receive_match, submit_match, take_match_back,
};
pub use merging::{Money, both_ask_to_be_erased, count_shared_months, money_of};
pub use my::erasures_waiting;
pub(super) use my::{
    ask_erasure, close_giving_session, end_erasure, erase_traces, erasure_of, erasures_open, giving_session, is_of_link,
    open_giving_session, received_in,
};
pub use plans::recurring_care;
pub(super) use plans::{
    cards_running_out, changes_of, end_request, failure_of, hold_plan, insert_change, insert_request, latest_gift_of, mend,
    note_notice, open_request, put_failure, received_recurring, running_by_hour, take_actor,
};
pub use project::insert_plan;
pub(super) use project::{
    abandon, await_bank, by_gateway_id, fail, hold, insert_renewal, link, note_decline, plan_of, put_dispute, put_refund,
    set_fee, set_returned, settle, update_plan,
};
pub(super) use purpose::{fund_uses, number_fund_places, raised, set_fund_place, update_campaign, update_fund};
pub use received::{Movement, movements_of};
pub(super) use refund::{end_refund_request, insert_refund_request, open_refund_request};
pub(super) use summary::{
    add_to_month, bulk_insert, bulk_insert_refunds, count_giver, discount_giver, rebuild_months, sums_of_donors, take_from_month,
    wrong_months,
};
pub use summary::{given_to_fund, givers_in, month_totals, to_thank};
pub(super) use thanks::{
    WAITS, acknowledge, acknowledgment_of, batch_by_id, batches, gifts_of_batch, insert_batch, insert_letter, insert_note,
    insert_version, letters_of, notes_of, put_template, release, release_gift, settle_batch, templates, thanks_rows, to_write,
    undo_batch, versions,
};
pub(super) use tribute::{delete_notice, insert_notice, is_anonymous, notice_by_id, notices_of, send_notice, tributes};

/// The columns of [`Gift`].
pub const COLUMNS: &str = "id, donor_id, fund_id, campaign_id, source, recurring_id, state, frequency, intended, covered_fee, charged, \
    refunded, currency, disputed, tribute_kind, tribute_name, created_at, settled_at, given_on, shown_at, attempt, checkout, \
    checkout_url, checkout_until, payment, charge, invoice, processor_fee, card, failure, thanked_at, livemode, method, split";

const FUND: &str = "id, slug, name, description, restriction, open, position";
pub(super) const RECURRING: &str = "id, donor_id, fund_id, campaign_id, subscription, customer, state, frequency, intended, covered_fee, charged, currency, \
    started_at, next_at, cancels_at, ended_at, resumes_at, card, card_until, livemode";

pub async fn by_id(tx: &mut Tx, id: GiftId) -> sqlx::Result<Option<Gift>> {
    let sql = format!("select {COLUMNS} from gift where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Those of these that are known, in no order.
pub async fn by_ids(tx: &mut Tx, ids: &[GiftId]) -> sqlx::Result<Vec<Gift>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let mut all = Conditions::default();
        let places = vec!["{}"; some.len()].join(", ");
        all.and(&format!("id in ({places})"), some.iter().map(|id| id.to_string().into()));
        let sql = format!("select {COLUMNS} from gift{}", all.sql());
        let read: Vec<Gift> = on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(read);
    }
    Ok(found)
}

/// A donor's gifts in any state, newest first, at most `most`.
pub async fn of_donor(tx: &mut Tx, donor: DonorId, most: i64) -> sqlx::Result<Vec<Gift>> {
    let sql = format!("select {COLUMNS} from gift where donor_id = $1 order by shown_at desc, id desc limit $2");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).bind(most).fetch_all(conn).await)
}

/// Every fund in its place; with `only_open` those offered on the donate page.
pub async fn funds(tx: &mut Tx, only_open: bool) -> sqlx::Result<Vec<Fund>> {
    let sql = format!("select {FUND} from fund where open or not $1 order by position, name");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(only_open).fetch_all(conn).await)
}

pub async fn fund_by_id(tx: &mut Tx, id: FundId) -> sqlx::Result<Option<Fund>> {
    let sql = format!("select {FUND} from fund where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Every campaign, by name.
pub async fn campaigns(tx: &mut Tx) -> sqlx::Result<Vec<Campaign>> {
    on!(tx, conn => sqlx::query_as("select id, slug, name, goal, currency, starts_on, ends_on, story from campaign order by name")
        .fetch_all(conn).await)
}

pub async fn recurring_by_id(tx: &mut Tx, id: RecurringId) -> sqlx::Result<Option<RecurringGift>> {
    let sql = format!("select {RECURRING} from recurring_gift where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// A donor's plans, newest first.
pub async fn recurring_of(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<RecurringGift>> {
    let sql = format!("select {RECURRING} from recurring_gift where donor_id = $1 order by started_at desc, id desc");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).fetch_all(conn).await)
}

/// A gift's refunds, oldest first.
pub async fn refunds_of(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<GiftRefund>> {
    on!(tx, conn => sqlx::query_as("select id, gift_id, refund, amount, state, reason, at from gift_refund where gift_id = $1 order by at, id")
        .bind(gift)
        .fetch_all(conn).await)
}

/// A gift's disputes, oldest first.
pub async fn disputes_of(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<GiftDispute>> {
    on!(tx, conn => sqlx::query_as(
        "select id, gift_id, dispute, amount, state, withdrawn, fee, reason, respond_by, at from gift_dispute where gift_id = $1 order by at, id")
        .bind(gift)
        .fetch_all(conn).await)
}
