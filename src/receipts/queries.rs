use super::{EntityId, Frozen, Receipt, ReceiptId, ReceiptState, label};
use crate::{
    db::{Conditions, Tx, bound, on},
    kernel::{Day, Timestamp},
};

/// The donee named on receipts, from a day on: one row of `legal_entity`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LegalEntity {
    pub id: EntityId,
    pub from_day: Day,
    /// The legal name.
    pub name: String,
    /// Employer Identification Number.
    pub ein: Option<String>,
    pub address: String,
    /// `for the benefit of its program AMICC`, when the donee is a fiscal sponsor.
    pub sponsorship: Option<String>,
    pub signatory: String,
    pub deductible: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ReceiptId,
    number: i64,
    gift_id: String,
    state: ReceiptState,
    issued_at: Timestamp,
    ended_at: Option<Timestamp>,
    ended_why: Option<String>,
    frozen: String,
}

fn whole(row: Row) -> sqlx::Result<Receipt> {
    let frozen: Frozen = serde_json::from_str(&row.frozen).map_err(|e| sqlx::Error::Decode(e.into()))?;
    let Row { id, number, gift_id, state, issued_at, ended_at, ended_why, .. } = row;
    Ok(Receipt { id, number, gift_id, state, issued_at, ended_at, ended_why, frozen })
}

/// The donee on a day: the newest that began by then.
pub async fn entity_on(tx: &mut Tx, day: Day) -> sqlx::Result<Option<LegalEntity>> {
    on!(tx, conn => sqlx::query_as(
        "select id, from_day, name, ein, address, sponsorship, signatory, deductible from legal_entity
         where from_day <= $1 order by from_day desc limit 1")
        .bind(day)
        .fetch_optional(conn).await)
}

/// Every donee there was, newest first.
pub async fn entities(tx: &mut Tx) -> sqlx::Result<Vec<LegalEntity>> {
    on!(tx, conn => sqlx::query_as(
        "select id, from_day, name, ein, address, sponsorship, signatory, deductible from legal_entity order by from_day desc")
        .fetch_all(conn).await)
}

/// Adds a donee. `false` when another begins on that day.
pub async fn insert_entity(tx: &mut Tx, entity: &LegalEntity) -> sqlx::Result<bool> {
    let inserted = on!(tx, conn => sqlx::query(
        "insert into legal_entity (id, from_day, name, ein, address, sponsorship, signatory, deductible)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (from_day) do nothing")
        .bind(entity.id).bind(entity.from_day).bind(&entity.name).bind(&entity.ein).bind(&entity.address)
        .bind(&entity.sponsorship).bind(&entity.signatory).bind(entity.deductible)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    tx.site_changed();
    Ok(inserted)
}

/// Takes the next number. Others wait for this transaction: an undone one gives the number back.
pub(super) async fn next_number(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("update receipt_counter set number = number + 1 where id = 1 returning number")
        .fetch_one(conn).await)
}

pub(super) async fn insert(tx: &mut Tx, receipt: &Receipt) -> sqlx::Result<()> {
    let frozen = serde_json::to_string(&receipt.frozen).map_err(|e| sqlx::Error::Encode(e.into()))?;
    on!(tx, conn => sqlx::query("insert into receipt (id, number, gift_id, state, issued_at, frozen) values ($1, $2, $3, $4, $5, $6)")
        .bind(receipt.id).bind(receipt.number).bind(&receipt.gift_id).bind(receipt.state).bind(receipt.issued_at).bind(frozen)
        .execute(conn).await.map(drop))
}

pub(super) async fn end(tx: &mut Tx, gift_id: &str, state: ReceiptState, why: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update receipt set state = $2, ended_why = $3, ended_at = $4 where gift_id = $1 and state = 'issued'")
        .bind(gift_id).bind(state).bind(why).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The receipt of a gift that stands.
pub async fn standing(tx: &mut Tx, gift_id: &str) -> sqlx::Result<Option<Receipt>> {
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(
        "select id, number, gift_id, state, issued_at, ended_at, ended_why, frozen from receipt where gift_id = $1 and state = 'issued'")
        .bind(gift_id)
        .fetch_optional(conn).await)?;
    row.map(whole).transpose()
}

/// Every receipt a gift ever had, in order of number.
pub async fn of_gift(tx: &mut Tx, gift_id: &str) -> sqlx::Result<Vec<Receipt>> {
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
        "select id, number, gift_id, state, issued_at, ended_at, ended_why, frozen from receipt where gift_id = $1 order by number")
        .bind(gift_id)
        .fetch_all(conn).await)?;
    rows.into_iter().map(whole).collect()
}

/// When the original of a receipt was printed, if it was.
pub async fn printed_at(tx: &mut Tx, id: ReceiptId) -> sqlx::Result<Option<Timestamp>> {
    let at: Option<Option<Timestamp>> = on!(tx, conn => sqlx::query_scalar("select printed_at from receipt where id = $1")
        .bind(id)
        .fetch_optional(conn).await)?;
    Ok(at.flatten())
}

/// Notes that the original is printed. `false` when it was already.
pub async fn mark_printed(tx: &mut Tx, id: ReceiptId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update receipt set printed_at = $2 where id = $1 and printed_at is null")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The numbers of the receipts of these gifts that stand, by gift.
pub async fn labels_of(tx: &mut Tx, gifts: &[String]) -> sqlx::Result<std::collections::BTreeMap<String, String>> {
    let mut labels = std::collections::BTreeMap::new();
    for some in gifts.chunks(500) {
        let mut all = Conditions::default();
        let places = vec!["{}"; some.len()].join(", ");
        all.and(&format!("state = 'issued' and gift_id in ({places})"), some.iter().map(|id| id.clone().into()));
        let sql = format!("select gift_id, number from receipt{}", all.sql());
        let rows: Vec<(String, i64)> =
            on!(tx, conn => bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        labels.extend(rows.into_iter().map(|(gift, number)| (gift, label(number))));
    }
    Ok(labels)
}

/// Those of these gifts that ever had a receipt.
pub async fn with_receipt(tx: &mut Tx, gifts: &[String]) -> sqlx::Result<Vec<String>> {
    let mut found = Vec::new();
    for some in gifts.chunks(500) {
        let mut all = Conditions::default();
        let places = vec!["{}"; some.len()].join(", ");
        all.and(&format!("gift_id in ({places})"), some.iter().map(|id| id.clone().into()));
        let sql = format!("select distinct gift_id from receipt{}", all.sql());
        let rows: Vec<String> =
            on!(tx, conn => bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Which of these gifts a receipt was ever issued for.
pub async fn issued_for(tx: &mut Tx, gifts: &[String]) -> sqlx::Result<std::collections::HashSet<String>> {
    let mut found = std::collections::HashSet::new();
    for some in gifts.chunks(1_000) {
        let mut all = Conditions::default();
        all.and(&format!("gift_id in ({})", vec!["{}"; some.len()].join(", ")), some.iter().map(|id| id.as_str().into()));
        let sql = format!("select distinct gift_id from receipt{}", all.sql());
        let rows: Vec<String> =
            on!(&mut *tx, conn => bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}
