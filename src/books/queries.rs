use super::{Account, BooksError, Entry, EntryId};
use crate::{
    db::{Batch, Tx, add, on},
    kernel::{Cents, Currency, Day, Timestamp, Zone},
};

/// What an account comes to: debits less credits.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Balance {
    pub currency: Currency,
    pub account: Account,
    pub amount: Cents,
}

/// One line of an entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EntryRow {
    pub id: EntryId,
    pub at: Timestamp,
    pub day: Day,
    pub key: String,
    pub description: String,
    pub currency: Currency,
    pub account: Account,
    pub fund_id: Option<String>,
    pub amount: Cents,
}

pub(super) async fn insert_entry(tx: &mut Tx, id: EntryId, entry: &Entry<'_>, day: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into ledger_entry (id, at, day, key, description, record_kind, record_id, currency)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key) do nothing")
        .bind(id).bind(entry.at).bind(day).bind(&entry.key).bind(&entry.description)
        .bind(entry.record.0).bind(entry.record.1).bind(entry.currency)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) fn insert_lines(batch: &mut Batch, entries: &[(EntryId, &Entry<'_>)]) {
    let lines = || entries.iter().flat_map(|(id, entry)| (1_i64..).zip(&entry.lines).map(move |(n, line)| (*id, n, line)));
    add!(batch, "insert into posting (entry_id, line, account, fund_id, amount) ", query => {
        query.push_values(lines(), |mut row, (id, n, line)| {
            row.push_bind(id).push_bind(n).push_bind(line.account).push_bind(line.fund).push_bind(line.amount);
        })
    });
}

/// Whether the books have an entry of this key.
pub(super) async fn has(tx: &mut Tx, key: &str) -> sqlx::Result<bool> {
    let found: Option<i64> = on!(tx, conn => sqlx::query_scalar("select cast(1 as bigint) from ledger_entry where key = $1")
        .bind(key)
        .fetch_optional(conn).await)?;
    Ok(found.is_some())
}

/// Posts many entries in few statements; each must be new and balanced, or nothing is posted.
pub async fn bulk_post(tx: &mut Tx, entries: &[Entry<'_>], zone: &Zone) -> Result<(), BooksError> {
    let mut batch = tx.batch();
    batch_post(&mut batch, entries, zone)?;
    Ok(tx.run(batch).await?)
}

/// The statements that post them.
///
/// # Errors
/// [`BooksError`] for an entry that is not balanced.
pub fn batch_post(batch: &mut Batch, entries: &[Entry<'_>], zone: &Zone) -> Result<(), BooksError> {
    for some in entries.chunks(1_500) {
        let mut numbered = Vec::with_capacity(some.len());
        for entry in some {
            entry.check()?;
            numbered.push((EntryId::new(), entry));
        }
        add!(
            batch,
            "insert into ledger_entry (id, at, day, key, description, record_kind, record_id, currency) ",
            query => query.push_values(&numbered, |mut row, (id, entry)| {
                row.push_bind(*id).push_bind(entry.at).push_bind(zone.day(entry.at)).push_bind(entry.key.as_str())
                    .push_bind(entry.description.as_str()).push_bind(entry.record.0).push_bind(entry.record.1).push_bind(entry.currency);
            })
        );
        insert_lines(batch, &numbered);
    }
    Ok(())
}

/// Every account's balance by currency; they sum to zero.
pub async fn trial_balance(tx: &mut Tx) -> sqlx::Result<Vec<Balance>> {
    on!(tx, conn => sqlx::query_as(
        "select e.currency, p.account, cast(sum(p.amount) as bigint) as amount
         from posting p join ledger_entry e on e.id = p.entry_id
         group by e.currency, p.account order by e.currency, p.account")
        .fetch_all(conn).await)
}

/// What a fund received, gave back and has left, by the books.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FundBalance {
    pub fund_id: String,
    pub currency: Currency,
    pub received: Cents,
    pub refunded: Cents,
    /// Processor fees, dispute fees, what was lost in disputes.
    pub costs: Cents,
}

impl FundBalance {
    pub fn left(&self) -> Cents {
        self.received - self.refunded - self.costs
    }
}

/// Every fund with entries, by currency. Money that was moved to another fund is the other's.
pub async fn fund_balances(tx: &mut Tx) -> sqlx::Result<Vec<FundBalance>> {
    on!(tx, conn => sqlx::query_as(
        "select p.fund_id, e.currency,
                cast(sum(case when p.account in ('contributions', 'covered_fees', 'in_kind_contributions') then -p.amount else 0 end) as bigint) as received,
                cast(sum(case when p.account = 'refunds' then p.amount else 0 end) as bigint) as refunded,
                cast(sum(case when p.account in ('processor_fees', 'dispute_fees', 'dispute_losses') then p.amount else 0 end) as bigint) as costs
         from posting p join ledger_entry e on e.id = p.entry_id where p.fund_id is not null
         group by p.fund_id, e.currency order by e.currency, p.fund_id")
        .fetch_all(conn).await)
}

/// How many entries are not balanced: always none, unless somebody wrote past this program.
pub async fn unbalanced(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select count(*) from (
             select e.id from ledger_entry e left join posting p on p.entry_id = e.id
             group by e.id having coalesce(sum(p.amount), 1) <> 0) wrong")
        .fetch_one(conn).await)
}

/// The entries about one record, oldest first, a row per line.
pub async fn entries_of(tx: &mut Tx, record: (&str, &str)) -> sqlx::Result<Vec<EntryRow>> {
    on!(tx, conn => sqlx::query_as(
        "select e.id, e.at, e.day, e.key, e.description, e.currency, p.account, p.fund_id, p.amount
         from ledger_entry e join posting p on p.entry_id = e.id
         where e.record_kind = $1 and e.record_id = $2 order by e.at, e.id, p.line")
        .bind(record.0).bind(record.1)
        .fetch_all(conn).await)
}

/// How many entries there are about one record.
pub async fn count_of(tx: &mut Tx, record: (&str, &str)) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select count(*) from ledger_entry where record_kind = $1 and record_id = $2")
        .bind(record.0).bind(record.1)
        .fetch_one(conn).await)
}
