use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{Donor, DonorId, DonorKind, carried_back, totals::Sums},
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

/// Values of one statement.
const AT_ONCE: usize = 1_000;

/// Why a donor `d` stays, the first that holds.
const REASONS: &[(&str, &str)] = &[
    (
        "d.merged_into is not null or exists (select 1 from donor o where o.merged_into = d.id)
         or exists (select 1 from donor_merge m where m.survivor_id = d.id) or exists (select 1 from donor_merge m where m.merged_id = d.id)",
        "It was merged with another donor.",
    ),
    ("exists (select 1 from donor_organization o where o.donor_id = d.id)", "It is tied to an organization of the roll."),
    (
        "exists (select 1 from household_member h where h.donor_id = d.id) or exists (select 1 from household_member h where h.household_id = d.id)",
        "It belongs to a household, or is one with members.",
    ),
    (
        "exists (select 1 from donor_postal p where p.donor_id = d.id) or exists (select 1 from donor_other_email e where e.donor_id = d.id)",
        "It has further addresses.",
    ),
    (
        "exists (select 1 from donor_note n where n.donor_id = d.id) or exists (select 1 from donor_tag t where t.donor_id = d.id)
         or exists (select 1 from donor_task t where t.donor_id = d.id)",
        "Staff keep notes, tags or tasks about it.",
    ),
    (
        "exists (select 1 from donor_distinct n where n.one_id = d.id) or exists (select 1 from donor_distinct n where n.other_id = d.id)",
        "Staff looked at it and found it to be nobody else on record.",
    ),
    (
        "d.gateway_customer is not null or d.consent_at is not null or d.phone is not null or d.greeting is not null
         or d.deceased_on is not null or d.no_mail or d.no_email or d.no_phone",
        "More is known of it by now than the file said.",
    ),
];

#[derive(sqlx::FromRow)]
pub(in crate::donors) struct Standing {
    pub(in crate::donors) held: Option<String>,
    #[sqlx(flatten)]
    pub(in crate::donors) donor: Donor,
}

/// These donors, each with the first reason to stay.
pub(in crate::donors) async fn standing(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<Vec<Standing>> {
    let cases: Vec<_> = REASONS.iter().map(|(when, why)| format!("when {when} then '{why}'")).collect();
    let columns = super::COLUMNS.split(", ").map(|column| format!("d.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        let sql = format!("select {columns}, case {} end as held from donor d where d.id in ({places})", cases.join(" "));
        let rows: Vec<Standing> =
            on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        found.extend(rows);
    }
    Ok(found)
}

fn places(ids: &[DonorId]) -> (Conditions, String) {
    let mut all = Conditions::default();
    let places: Vec<_> = ids.iter().map(|id| all.place(id.to_string())).collect();
    (all, places.join(", "))
}

/// Holds donors until the transaction ends. SQLite has one writer and needs it not.
pub async fn hold_all(tx: &mut Tx, mut ids: Vec<DonorId>) -> sqlx::Result<()> {
    if matches!(tx, Tx::Sqlite(..)) {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        // In one order, so that two who hold the same donors wait for each other and not in a ring.
        let sql = format!("select id from donor where id in ({places}) order by id for no key update");
        on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Takes donors off the record, with what is kept about each by itself. Nothing else may name them.
pub async fn remove(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<()> {
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        for (table, column) in
            [("donor_match", "donor_id"), ("donor_total", "donor_id"), ("donor_year", "donor_id"), ("donor", "id")]
        {
            let sql = format!("delete from {table} where {column} in ({places})");
            on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))?;
        }
    }
    Ok(())
}

/// Lets there be the row that stands in the place of donors who left.
pub async fn receive(tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into donor (id, kind, name, consent_updates, created_at, search, matched) values ($1, $2, $3, $4, $5, '', $6)
         on conflict (id) do nothing")
        .bind(carried_back::TAKEN_BACK).bind(DonorKind::Person).bind(carried_back::NOBODY).bind(false).bind(now).bind(true)
        .execute(conn).await.map(drop))
}

/// Writes names, addresses and what the search compares.
pub(in crate::donors) async fn put_all(tx: &mut Tx, rows: &[(DonorId, String, Option<String>, String)]) -> sqlx::Result<()> {
    for some in rows.chunks(AT_ONCE) {
        on!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "update donor set name = v.column2, address = v.column3, search = v.column4 from (");
            query.push_values(some, |mut row, (id, name, address, search)| {
                row.push_bind(*id).push_bind(name.as_str()).push_bind(address.as_deref()).push_bind(search.as_str());
            });
            query.push(") v where donor.id = v.column1");
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Makes the totals of many donors anew; `sums` writes the queries that are about the donors at these places.
pub async fn retotal_all(tx: &mut Tx, ids: &[DonorId], sums: impl Fn(&str) -> Sums) -> sqlx::Result<()> {
    for some in ids.chunks(AT_ONCE) {
        let (all, places) = places(some);
        let sums = sums(&places);
        for (table, columns, sql) in
            [("donor_total", super::totals::TOTAL, &sums.totals), ("donor_year", super::totals::YEAR, &sums.years)]
        {
            let old = format!("delete from {table} where donor_id in ({places})");
            on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(old)), all.values()).execute(conn).await.map(drop))?;
            let new = format!("insert into {table} ({columns}) {sql}");
            on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(new)), all.values()).execute(conn).await.map(drop))?;
        }
    }
    Ok(())
}
