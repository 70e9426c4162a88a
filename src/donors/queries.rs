mod alike;
pub(super) mod care;
pub(super) mod carried;
pub(super) mod carried_back;
pub(super) mod customers;
pub(super) mod merge;
mod own;
pub(super) mod reach;
mod tie;
mod totals;

use super::{Donor, DonorId, DonorKind, Giver, search_text};
use crate::{
    db::{Batch, Tx, add, on},
    kernel::{Email, Timestamp},
};

pub use alike::{Pair, count_pairs, like, pairs, say_distinct};
pub(super) use alike::{insert_keys, rematch, rematch_new, unmatched};
pub use carried::put as put_carried;
pub use own::{ERASED, change_own, erase};
pub(super) use tie::{by_emails, tied};
pub use tie::{given_by, of_organization, organization_of, tie, untie};
pub use totals::{add_gift, batch_add_gifts, hold, rebuild_totals, retotal, totals_of, wrong_totals, years_of};

const COLUMNS: &str = "id, kind, name, email, address, gateway_customer, consent_updates, consent_at, created_at";

/// The donor, or the one it was merged into.
pub async fn by_id(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<Donor>> {
    let sql = format!("select {COLUMNS} from donor where id = (select coalesce(merged_into, id) from donor where id = $1)");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// Whoever has this address, or had it before a merge.
pub async fn by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Donor>> {
    let sql = format!("select {COLUMNS} from donor where id = (select coalesce(merged_into, id) from donor where email = $1)");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(email).fetch_optional(conn).await)
}

/// Whoever is this customer of the gateway, or was it before a merge.
pub async fn by_customer(tx: &mut Tx, customer: &str) -> sqlx::Result<Option<Donor>> {
    let sql = format!(
        "select {COLUMNS} from donor where id = (select coalesce(merged_into, id) from donor where gateway_customer = $1)"
    );
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(customer).fetch_optional(conn).await)
}

/// The addresses at which a donor is known, those of before a merge too.
pub async fn emails_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<Email>> {
    on!(tx, conn => sqlx::query_scalar(
        "select email from donor where id = $1 and email is not null union select email from donor where merged_into = $1 and email is not null")
        .bind(id)
        .fetch_all(conn).await)
}

/// The donor with this address, new or known. Of what is known, an empty address is filled in and a
/// consent is added; a name is never replaced by what an unproven visitor types.
pub async fn upsert(tx: &mut Tx, giver: &Giver, now: Timestamp) -> sqlx::Result<DonorId> {
    let consent_at = giver.consent_updates.then_some(now);
    let id: DonorId = on!(&mut *tx, conn => sqlx::query_scalar(
        "insert into donor (id, kind, name, email, address, consent_updates, consent_at, created_at, search)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (email) where email is not null do update set created_at = donor.created_at
         returning coalesce(merged_into, id)")
        .bind(DonorId::new()).bind(DonorKind::Person).bind(&giver.name).bind(&giver.email).bind(&giver.address)
        .bind(giver.consent_updates).bind(consent_at).bind(now).bind(search_text(&giver.name, Some(&giver.email)))
        .fetch_one(conn).await)?;
    on!(&mut *tx, conn => sqlx::query(
        "update donor set matched = false, address = coalesce(address, cast($2 as text)),
             consent_at = case when $3 and not consent_updates then cast($4 as text) else consent_at end,
             consent_updates = (consent_updates or $3)
         where id = $1 and ((address is null and cast($2 as text) is not null) or ($3 and not consent_updates))")
        .bind(id).bind(&giver.address).bind(giver.consent_updates).bind(consent_at)
        .execute(conn).await.map(drop))?;
    rematch_new(tx, id).await?;
    Ok(id)
}

/// Remembers the gateway's id of a donor. A donor that has one keeps it, and an id that another donor
/// has is not given twice.
pub async fn link_customer(tx: &mut Tx, id: DonorId, customer: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update donor set gateway_customer = $2 where id = $1 and gateway_customer is null
         and not exists (select 1 from donor d where d.gateway_customer = $2)")
        .bind(id).bind(customer)
        .execute(conn).await.map(drop))
}

/// At most `most` donors whose name or address contains `words`; fewer than three letters find nothing.
pub async fn matching(tx: &mut Tx, words: &str, most: i64) -> sqlx::Result<Vec<Donor>> {
    let folded = crate::kernel::text::fold(words);
    if folded.chars().count() < 3 {
        return Ok(Vec::new());
    }
    let (condition, pattern) = match tx {
        Tx::Sqlite(..) => (
            "id in (select donor_id from donor_search join donor_key on number = donor_search.rowid where donor_search match $1 limit 500)",
            format!("\"{}\"", folded.replace('"', "\"\"")),
        ),
        Tx::Postgres(..) => {
            ("search like $1 escape '\\'", format!("%{}%", folded.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")))
        }
    };
    let sql = format!("select {COLUMNS} from donor where {condition} order by search, id limit $2");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(pattern).bind(most).fetch_all(conn).await)
}

/// Adds many donors in few statements. An address that is known already is an error.
pub async fn bulk_insert(tx: &mut Tx, donors: &[Donor]) -> sqlx::Result<()> {
    let mut batch = tx.batch();
    batch_insert(&mut batch, donors);
    tx.run(batch).await
}

/// Donors of one statement: the search index is written at the end of each, so many at once; each brings eleven of the
/// 32,766 values that SQLite takes.
const IN_ONE: usize = 2_500;

/// The statements that add them.
pub fn batch_insert(batch: &mut Batch, donors: &[Donor]) {
    for some in donors.chunks(IN_ONE) {
        add!(
            batch,
            "insert into donor (id, kind, name, email, address, gateway_customer, consent_updates, consent_at, created_at, search, matched) ",
            query => query.push_values(some, |mut row, donor| {
                row.push_bind(donor.id).push_bind(donor.kind).push_bind(donor.name.as_str()).push_bind(donor.email.clone())
                    .push_bind(donor.address.clone()).push_bind(donor.gateway_customer.clone())
                    .push_bind(donor.consent_updates).push_bind(donor.consent_at).push_bind(donor.created_at)
                    .push_bind(search_text(&donor.name, donor.email.as_ref())).push_bind(true);
            })
        );
        insert_keys(batch, some);
    }
}

/// These donors, those who were merged not.
pub async fn by_ids(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<Vec<Donor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = crate::db::Conditions::default();
    let places = vec!["{}"; ids.len()].join(", ");
    all.and(&format!("id in ({places}) and merged_into is null"), ids.iter().map(|id| id.to_string().into()));
    let sql = format!("select {COLUMNS} from donor{} order by search, id", all.sql());
    on!(tx, conn => crate::db::bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}
