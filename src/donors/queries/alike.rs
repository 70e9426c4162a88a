use super::COLUMNS;
use crate::{
    db::{Batch, Conditions, Tx, add, bound, on},
    donors::{
        Donor, DonorId,
        alike::{Reason, keys},
    },
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

/// Two donors that are perhaps one.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Pair {
    pub one_id: DonorId,
    pub other_id: DonorId,
    by_email: bool,
    by_zip: bool,
    by_home: bool,
}

impl Pair {
    pub fn reasons(&self) -> Vec<Reason> {
        [(self.by_email, Reason::Email), (self.by_zip, Reason::Zip), (self.by_home, Reason::Home)]
            .into_iter()
            .filter_map(|(is_so, reason)| is_so.then_some(reason))
            .collect()
    }

    pub fn key(&self) -> String {
        format!("{}~{}", self.one_id, self.other_id)
    }
}

const PAIRS: &str = "from donor_match a join donor_match b on b.kind = a.kind and b.key = a.key and b.donor_id > a.donor_id
    where not exists (select 1 from donor_distinct n where n.one_id = a.donor_id and n.other_id = b.donor_id)";

/// At most `most` pairs after the one with this key.
pub async fn pairs(tx: &mut Tx, after: Option<&str>, most: i64) -> sqlx::Result<Vec<Pair>> {
    let (one, other) = after.and_then(|key| key.split_once('~')).unwrap_or_default();
    let sql = format!(
        "select a.donor_id as one_id, b.donor_id as other_id, max(case when a.kind = 'email' then 1 else 0 end) = 1 as by_email,
                max(case when a.kind = 'zip' then 1 else 0 end) = 1 as by_zip, max(case when a.kind = 'home' then 1 else 0 end) = 1 as by_home
         {PAIRS} and a.donor_id >= $1 and (a.donor_id > $1 or b.donor_id > $2)
         group by a.donor_id, b.donor_id order by a.donor_id, b.donor_id limit $3"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(one).bind(other).bind(most).fetch_all(conn).await)
}

pub async fn count_pairs(tx: &mut Tx) -> sqlx::Result<i64> {
    let sql = format!("select cast(count(*) as bigint) from (select distinct a.donor_id, b.donor_id {PAIRS}) pairs");
    on!(tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await)
}

/// Donors that share a key with what is typed or with a donor: at most ten, and why.
pub async fn like(tx: &mut Tx, of: &[(Reason, String)], but: Option<DonorId>) -> sqlx::Result<Vec<(DonorId, Reason)>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places = vec!["(m.kind = {} and m.key = {})"; of.len()].join(" or ");
    all.and(&format!("({places})"), of.iter().flat_map(|(reason, key)| [reason.as_str().into(), key.as_str().into()]));
    if let Some(but) = but {
        let (id, again) = (but.to_string(), but.to_string());
        all.and("m.donor_id <> {}", [id.into()]);
        all.and(
            "not exists (select 1 from donor_distinct n where (n.one_id = m.donor_id or n.other_id = m.donor_id)
             and (n.one_id = {} or n.other_id = {}))",
            [again.clone().into(), again.into()],
        );
    }
    let sql = format!(
        "select m.donor_id, min(m.kind) from donor_match m{} group by m.donor_id order by m.donor_id limit 10",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Remembers that two donors are two. `false` when it is known.
pub async fn say_distinct(tx: &mut Tx, a: DonorId, b: DonorId, who: &str, now: Timestamp) -> sqlx::Result<bool> {
    let (one, other) = (a.min(b), a.max(b));
    on!(tx, conn => sqlx::query(
        "insert into donor_distinct (one_id, other_id, said_at, said_by) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(one).bind(other).bind(now).bind(who)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::donors) async fn unmatched(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<DonorId>> {
    on!(tx, conn => sqlx::query_scalar("select id from donor where not matched order by id limit $1")
        .bind(most)
        .fetch_all(conn).await)
}

/// Makes the keys of these donors anew. One that was merged has none.
pub(in crate::donors) async fn rematch(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<()> {
    for some in ids.chunks(500) {
        let mut all = Conditions::default();
        let places = vec!["{}"; some.len()].join(", ");
        all.and(&format!("id in ({places})"), some.iter().map(|id| id.to_string().into()));
        let old = format!("delete from donor_match{}", all.sql().replace("id in", "donor_id in"));
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(old)), all.values()).execute(conn).await.map(drop))?;
        let marked = format!("update donor set matched = true{}", all.sql());
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(marked)), all.values()).execute(conn).await.map(drop))?;
        all.and("merged_into is null", []);
        let sql = format!("select {COLUMNS} from donor{}", all.sql());
        let donors: Vec<Donor> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        let mut keys = tx.batch();
        insert_keys(&mut keys, &donors);
        tx.run(keys).await?;
    }
    Ok(())
}

/// The same for one donor, when it was not done since its details changed.
pub(in crate::donors) async fn rematch_new(tx: &mut Tx, id: DonorId) -> sqlx::Result<()> {
    let matched: Option<bool> = on!(&mut *tx, conn => sqlx::query_scalar("select matched from donor where id = $1")
        .bind(id)
        .fetch_optional(conn).await)?;
    if matched == Some(false) { rematch(tx, &[id]).await } else { Ok(()) }
}

/// Adds the keys of donors who have none. At most 5,000 donors at once.
pub(in crate::donors) fn insert_keys(batch: &mut Batch, donors: &[Donor]) {
    let rows: Vec<_> = donors
        .iter()
        .flat_map(|d| {
            keys(&d.name, d.email.as_ref(), d.address.as_deref()).into_iter().map(move |(reason, key)| (d.id, reason, key))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    add!(batch, "insert into donor_match (donor_id, kind, key) ", query => query.push_values(&rows, |mut row, (id, reason, key)| {
        row.push_bind(*id).push_bind(*reason).push_bind(key.as_str());
    }));
}
