pub(super) mod carried;
mod tie;

use super::{Donor, DonorId, DonorKind, DonorTotal, Giver, search_text};
use crate::{
    db::{Tx, on},
    kernel::{Cents, Currency, Email, Timestamp},
};

pub use carried::put as put_carried;
pub(super) use tie::{by_emails, tied};
pub use tie::{given_by, of_organization, organization_of, tie, untie};

const COLUMNS: &str = "id, kind, name, email, address, gateway_customer, consent_updates, consent_at, created_at";

pub async fn by_id(tx: &mut Tx, id: DonorId) -> sqlx::Result<Option<Donor>> {
    let sql = format!("select {COLUMNS} from donor where id = $1");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

pub async fn by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<Donor>> {
    let sql = format!("select {COLUMNS} from donor where email = $1");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(email).fetch_optional(conn).await)
}

pub async fn by_customer(tx: &mut Tx, customer: &str) -> sqlx::Result<Option<Donor>> {
    let sql = format!("select {COLUMNS} from donor where gateway_customer = $1");
    on!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(customer).fetch_optional(conn).await)
}

/// The donor with this address, new or known. Of what is known, an empty address is filled in and a
/// consent is added; a name is never replaced by what an unproven visitor types.
pub async fn upsert(tx: &mut Tx, giver: &Giver, now: Timestamp) -> sqlx::Result<DonorId> {
    let consent_at = giver.consent_updates.then_some(now);
    on!(tx, conn => sqlx::query_scalar(
        "insert into donor (id, kind, name, email, address, consent_updates, consent_at, created_at, search)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (email) where email is not null do update set
             address = coalesce(donor.address, excluded.address),
             consent_at = case when excluded.consent_updates and not donor.consent_updates then excluded.consent_at else donor.consent_at end,
             consent_updates = donor.consent_updates or excluded.consent_updates
         returning id")
        .bind(DonorId::new()).bind(DonorKind::Person).bind(&giver.name).bind(&giver.email).bind(&giver.address)
        .bind(giver.consent_updates).bind(consent_at).bind(now).bind(search_text(&giver.name, Some(&giver.email)))
        .fetch_one(conn).await)
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

/// Adds a settled gift, or with negative figures takes one away or a refund off.
pub async fn add_to_total(
    tx: &mut Tx,
    id: DonorId,
    currency: Currency,
    gifts: i64,
    given: Cents,
    at: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into donor_total (donor_id, currency, gifts, given, first_at, last_at) values ($1, $2, $3, $4, $5, $5)
         on conflict (donor_id, currency) do update set
             gifts = donor_total.gifts + excluded.gifts,
             given = donor_total.given + excluded.given,
             first_at = case when excluded.first_at < donor_total.first_at then excluded.first_at else donor_total.first_at end,
             last_at = case when excluded.last_at > donor_total.last_at then excluded.last_at else donor_total.last_at end")
        .bind(id).bind(currency).bind(gifts).bind(given).bind(at)
        .execute(conn).await.map(drop))
}

/// Puts a donor's total where its gifts are: how many, how much, the first and the last; none leaves no row.
pub async fn set_total(
    tx: &mut Tx,
    id: DonorId,
    currency: Currency,
    total: Option<(i64, Cents, Timestamp, Timestamp)>,
) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("delete from donor_total where donor_id = $1 and currency = $2")
        .bind(id).bind(currency)
        .execute(conn).await.map(drop))?;
    let Some((gifts, given, first_at, last_at)) = total else { return Ok(()) };
    on!(tx, conn => sqlx::query(
        "insert into donor_total (donor_id, currency, gifts, given, first_at, last_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(id).bind(currency).bind(gifts).bind(given).bind(first_at).bind(last_at)
        .execute(conn).await.map(drop))
}

/// Adds received gifts of many donors at once: how many, how much, the first and the last of each.
pub async fn add_to_totals(tx: &mut Tx, totals: &[DonorTotal]) -> sqlx::Result<()> {
    for some in totals.chunks(1_000) {
        on!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into donor_total (donor_id, currency, gifts, given, first_at, last_at) ");
            query.push_values(some, |mut row, total| {
                row.push_bind(total.donor_id).push_bind(total.currency).push_bind(total.gifts).push_bind(total.given)
                    .push_bind(total.first_at).push_bind(total.last_at);
            });
            query.push(
                " on conflict (donor_id, currency) do update set
                  gifts = donor_total.gifts + excluded.gifts,
                  given = donor_total.given + excluded.given,
                  first_at = case when excluded.first_at < donor_total.first_at then excluded.first_at else donor_total.first_at end,
                  last_at = case when excluded.last_at > donor_total.last_at then excluded.last_at else donor_total.last_at end");
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

pub async fn totals_of(tx: &mut Tx, id: DonorId) -> sqlx::Result<Vec<DonorTotal>> {
    on!(tx, conn => sqlx::query_as(
        "select donor_id, currency, gifts, given, first_at, last_at from donor_total where donor_id = $1 order by currency")
        .bind(id)
        .fetch_all(conn).await)
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
    for some in donors.chunks(500) {
        on!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into donor (id, kind, name, email, address, gateway_customer, consent_updates, consent_at, created_at, search) ");
            query.push_values(some, |mut row, donor| {
                row.push_bind(donor.id).push_bind(donor.kind).push_bind(&donor.name).push_bind(donor.email.clone())
                    .push_bind(donor.address.clone()).push_bind(donor.gateway_customer.clone())
                    .push_bind(donor.consent_updates).push_bind(donor.consent_at).push_bind(donor.created_at)
                    .push_bind(search_text(&donor.name, donor.email.as_ref()));
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Makes every total anew from `gifts`: the query of whoever keeps the gifts, answering (donor_id,
/// currency, gifts, given, first_at, last_at).
pub async fn rebuild_totals(tx: &mut Tx, gifts: &'static str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from donor_total").execute(conn).await.map(drop))?;
    let sql = format!("insert into donor_total (donor_id, currency, gifts, given, first_at, last_at) {gifts}");
    on!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.map(drop))
}

/// How many donors' totals differ from what `gifts` says; see [`rebuild_totals`].
pub async fn wrong_totals(tx: &mut Tx, gifts: &'static str) -> sqlx::Result<i64> {
    const KEPT: &str = "select donor_id, currency, gifts, given, first_at, last_at from donor_total where gifts > 0";
    let sql = format!(
        "select count(*) from (select * from ({gifts}) a except {KEPT}) missing
         union all select count(*) from (select * from ({KEPT}) b except {gifts}) extra"
    );
    let counts: Vec<i64> = on!(tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await)?;
    Ok(counts.into_iter().sum())
}
