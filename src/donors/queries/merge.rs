use crate::{
    db::{Tx, on},
    donors::{
        DonorId,
        merge::{Details, Held, MergeId, Once},
        search_text,
    },
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

const DETAILS: &str = "kind, name, email, address, gateway_customer, consent_updates, consent_at, phone, greeting, deceased_on, no_mail, no_email, no_phone";

/// One row of `donor_merge`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Merge {
    pub id: MergeId,
    pub survivor_id: DonorId,
    pub merged_id: DonorId,
    pub survivor_before: String,
    pub survivor_after: String,
    pub merged_before: String,
    pub merged_at: Timestamp,
    pub merged_by: String,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
}

impl Merge {
    pub fn details(&self, json: &str) -> sqlx::Result<Details> {
        serde_json::from_str(json).map_err(|e| sqlx::Error::Decode(e.into()))
    }
}

const MERGE: &str =
    "id, survivor_id, merged_id, survivor_before, survivor_after, merged_before, merged_at, merged_by, undone_at, undone_by";

pub async fn by_id(tx: &mut Tx, id: MergeId) -> sqlx::Result<Option<Merge>> {
    let sql = format!("select {MERGE} from donor_merge where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The merges a donor survived or was merged by, newest first.
pub async fn of_donor(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<Merge>> {
    let sql = format!(
        "select {MERGE} from donor_merge where survivor_id = $1 or merged_id = $1 order by merged_at desc, id desc limit 50"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Who a donor is now: itself, or the one it was merged into.
pub async fn survivor_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<DonorId>> {
    on!(tx, conn => sqlx::query_scalar("select coalesce(merged_into, id) from donor where id = $1").bind(id).fetch_optional(conn).await)
}

pub(in crate::donors) async fn details(tx: &mut Tx, id: DonorId) -> sqlx::Result<Details> {
    let sql = format!("select {DETAILS} from donor where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_one(conn).await)
}

pub(in crate::donors) async fn insert(
    tx: &mut Tx,
    id: MergeId,
    (survivor, merged): (DonorId, DonorId),
    (before, after, merged_before): (&Details, &Details, &Details),
    (who, now): (&str, Timestamp),
) -> sqlx::Result<()> {
    let json = |details: &Details| serde_json::to_string(details).map_err(|e| sqlx::Error::Encode(e.into()));
    let (before, after, merged_before) = (json(before)?, json(after)?, json(merged_before)?);
    on!(tx, conn => sqlx::query(
        "insert into donor_merge (id, survivor_id, merged_id, survivor_before, survivor_after, merged_before, merged_at, merged_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id).bind(survivor).bind(merged).bind(before).bind(after).bind(merged_before).bind(now).bind(who)
        .execute(conn).await.map(drop))
}

/// Gives the rows of `from` to `to`, and writes down which.
pub(in crate::donors) async fn move_rows(tx: &mut Tx, id: MergeId, held: &Held, from: DonorId, to: DonorId) -> sqlx::Result<()> {
    let Held { table, column, key, once, .. } = held;
    let free = match once {
        Once::Any | Once::Stays => format!(" and {column} <> $2"),
        Once::PerKey => format!(" and not exists (select 1 from {table} s where s.{column} = $2 and s.{key} = {table}.{key})"),
        Once::PerDonor => format!(" and not exists (select 1 from {table} s where s.{column} = $2)"),
    };
    let noted = format!(
        "insert into donor_moved (merge_id, held, row_key) select $3, $4, {key} from {table} where {column} = $1{free}
         on conflict do nothing"
    );
    on!(&mut *tx, conn => sqlx::query(AssertSqlSafe(noted))
        .bind(from).bind(to).bind(id).bind(name(held))
        .execute(conn).await.map(drop))?;
    let sql = format!("update {table} set {column} = $2 where {column} = $1{free}");
    on!(tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(from).bind(to).execute(conn).await.map(drop))
}

/// `false` when not all of them are still there.
pub(in crate::donors) async fn take_rows_back(
    tx: &mut Tx,
    id: MergeId,
    held: &Held,
    to: DonorId,
    from: DonorId,
) -> sqlx::Result<bool> {
    let Held { table, column, key, .. } = held;
    let moved: i64 = on!(&mut *tx, conn => sqlx::query_scalar(
        "select cast(count(*) as bigint) from donor_moved where merge_id = $1 and held = $2")
        .bind(id).bind(name(held))
        .fetch_one(conn).await)?;
    let sql = format!(
        "update {table} set {column} = $2
         where {column} = $1 and {key} in (select row_key from donor_moved where merge_id = $3 and held = $4)"
    );
    let back = on!(tx, conn => sqlx::query(AssertSqlSafe(sql))
        .bind(from).bind(to).bind(id).bind(name(held))
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(i64::try_from(back) == Ok(moved))
}

fn name(held: &Held) -> String {
    format!("{}.{}", held.table, held.column)
}

pub(in crate::donors) async fn was_made_since(
    tx: &mut Tx,
    held: &Held,
    made: &str,
    id: DonorId,
    at: Timestamp,
) -> sqlx::Result<bool> {
    let sql = format!("select cast(count(*) as bigint) from {} where {} = $1 and {made} > $2", held.table, held.column);
    let made: i64 = on!(tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).bind(at).fetch_one(conn).await)?;
    Ok(made > 0)
}

/// `false` when it was undone already.
pub(in crate::donors) async fn mark_undone(tx: &mut Tx, id: MergeId, who: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update donor_merge set undone_at = $2, undone_by = $3 where id = $1 and undone_at is null")
        .bind(id).bind(now).bind(who)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Writes both, whichever address either takes from the other. A donor that leads to another is not searched for.
pub(in crate::donors) async fn put_both(
    tx: &mut Tx,
    (survivor, chosen): (DonorId, &Details),
    (merged, left, into): (DonorId, &Details, Option<DonorId>),
) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("update donor set email = null, gateway_customer = null where id in ($1, $2)")
        .bind(survivor).bind(merged)
        .execute(conn).await.map(drop))?;
    for (id, d, into) in [(survivor, chosen, None), (merged, left, into)] {
        let search = if into.is_none() { search_text(&d.name, d.email.as_ref()) } else { String::new() };
        on!(&mut *tx, conn => sqlx::query(
            "update donor set kind = $2, name = $3, email = $4, address = $5, gateway_customer = $6, consent_updates = $7, consent_at = $8,
                              search = $9, merged_into = $10, phone = $11, greeting = $12, deceased_on = $13, no_mail = $14, no_email = $15,
                              no_phone = $16 where id = $1")
            .bind(id).bind(d.kind).bind(&d.name).bind(&d.email).bind(&d.address).bind(&d.gateway_customer)
            .bind(d.consent_updates).bind(d.consent_at).bind(search).bind(into).bind(&d.more.phone).bind(&d.more.greeting)
            .bind(d.more.deceased_on).bind(d.more.no_mail).bind(d.more.no_email).bind(d.more.no_phone)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}
