use super::{Product, Row, Run, RunId, State};
use crate::{
    data::{Fate, Fates, Outcome, Outcomes, queries::Narrowed},
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
    gifts::{CampaignId, FundId},
    kernel::Timestamp,
    staff::Staff,
};
use sqlx::AssertSqlSafe;
use std::collections::HashSet;

const RUN: &str = "id, state, after, begun_at, begun_by, applied_at, applied_by, applied_by_id, undone_at, undone_by";
const ROW: &str = "number, subscription, customer, giver, product, fate, name, what, reason, notes, donor_id, recurring_id, outcome, \
    outcome_why, made_donor, linked, print";

pub(super) async fn insert(tx: &mut Tx, id: RunId, staff: &Staff, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into subscription_import (id, state, begun_at, begun_by, begun_by_id) values ($1, 'reading', $2, $3, $4)")
        .bind(id).bind(now).bind(&staff.name).bind(staff.id)
        .execute(conn).await.map(drop))
}

pub(super) async fn run(tx: &mut Tx, id: RunId) -> sqlx::Result<Option<Run>> {
    let sql = format!("select {RUN} from subscription_import where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The import, its row locked until the commit.
pub(super) async fn hold(tx: &mut Tx, id: RunId) -> sqlx::Result<Option<Run>> {
    let sql = format!("update subscription_import set state = state where id = $1 returning {RUN}");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The newest first.
pub(super) async fn runs(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<Run>> {
    let sql = format!("select {RUN} from subscription_import order by id desc limit $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

/// The one that is being read or applied.
pub(super) async fn at_work(tx: &mut Tx) -> sqlx::Result<Option<RunId>> {
    on!(tx, conn => sqlx::query_scalar("select id from subscription_import where state in ('reading', 'applying') order by id desc limit 1")
        .fetch_optional(conn).await)
}

/// Notes the last subscription that was read.
pub(super) async fn set_after(tx: &mut Tx, id: RunId, after: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update subscription_import set after = $2 where id = $1").bind(id).bind(after).execute(conn).await.map(drop))
}

/// Takes an import from one state to the next; `false` when somebody else did.
pub(super) async fn advance(tx: &mut Tx, id: RunId, from: State, to: State, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update subscription_import set state = $3, read_at = case when $3 = 'read' then $4 else read_at end where id = $1 and state = $2")
        .bind(id).bind(from).bind(to).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn begin_applying(tx: &mut Tx, id: RunId, staff: &Staff, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update subscription_import set state = 'applying', applied_at = $2, applied_by = $3, applied_by_id = $4 where id = $1 and state = 'read'")
        .bind(id).bind(now).bind(&staff.name).bind(staff.id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn set_undone(tx: &mut Tx, id: RunId, who: &str, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update subscription_import set state = 'undone', undone_at = $2, undone_by = $3 where id = $1 and state = 'applied'")
        .bind(id).bind(now).bind(who)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Throws the rows of one away that was not applied; `false` when it was.
pub(super) async fn discard(tx: &mut Tx, id: RunId) -> sqlx::Result<bool> {
    let gone = on!(&mut *tx, conn => sqlx::query("update subscription_import set state = 'discarded' where id = $1 and state in ('reading', 'read')")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    if gone {
        for sql in [
            "delete from subscription_import_row where import_id = $1",
            "delete from subscription_import_product where import_id = $1",
        ] {
            on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop))?;
        }
    }
    Ok(gone)
}

/// How many rows there are.
pub(super) async fn count(tx: &mut Tx, id: RunId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select cast(count(*) as bigint) from subscription_import_row where import_id = $1")
        .bind(id)
        .fetch_one(conn).await)
}

/// Adds rows; a subscription that is there stays as it is.
pub(super) async fn insert_rows(tx: &mut Tx, id: RunId, rows: &[Row]) -> sqlx::Result<()> {
    for some in rows.chunks(200) {
        on!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into subscription_import_row (import_id, number, subscription, customer, giver, product, fate, name, what, reason,
                     notes, donor_id, recurring_id, made_donor, linked) ");
            query.push_values(some, |mut to, row| {
                to.push_bind(id).push_bind(row.number).push_bind(&row.subscription).push_bind(&row.customer).push_bind(&row.giver)
                    .push_bind(&row.product).push_bind(row.fate).push_bind(&row.name).push_bind(&row.what).push_bind(&row.reason)
                    .push_bind(&row.notes).push_bind(row.donor_id).push_bind(row.recurring_id).push_bind(false).push_bind(false);
            });
            query.push(" on conflict do nothing");
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Which of these givers earlier rows bring.
pub(super) async fn new_givers(tx: &mut Tx, id: RunId, givers: &[String]) -> sqlx::Result<HashSet<String>> {
    if givers.is_empty() {
        return Ok(HashSet::new());
    }
    let mut all = Conditions::default();
    let run = all.place(id.to_string());
    let places: Vec<_> = givers.iter().map(|giver| all.place(giver.as_str())).collect();
    let sql = format!(
        "select distinct giver from subscription_import_row where import_id = {run} and fate = 'new' and donor_id is null and giver in ({})",
        places.join(", ")
    );
    let found: Vec<String> = on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    Ok(found.into_iter().collect())
}

/// Lists what the new ones are for, the most first.
pub(super) async fn list_products(tx: &mut Tx, id: RunId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into subscription_import_product (import_id, number, name, left_out)
         select $1, row_number() over (order by count(*) desc, product), product, $2
         from subscription_import_row where import_id = $1 and fate = 'new' group by product")
        .bind(id).bind(false)
        .execute(conn).await.map(drop))
}

pub(super) async fn products(tx: &mut Tx, id: RunId) -> sqlx::Result<Vec<Product>> {
    on!(tx, conn => sqlx::query_as(
        "select p.number, p.name, p.fund_id, p.campaign_id, p.left_out,
                (select cast(count(*) as bigint) from subscription_import_row r where r.import_id = p.import_id and r.product = p.name and r.fate = 'new') as subscriptions
         from subscription_import_product p where p.import_id = $1 order by p.number")
        .bind(id)
        .fetch_all(conn).await)
}

/// Where the gifts of a product go; none leaves its subscriptions out.
pub(super) async fn choose(
    tx: &mut Tx,
    id: RunId,
    number: i64,
    fund: Option<FundId>,
    campaign: Option<CampaignId>,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update subscription_import_product set fund_id = $3, campaign_id = $4, left_out = $5 where import_id = $1 and number = $2")
        .bind(id).bind(number).bind(fund).bind(campaign).bind(fund.is_none())
        .execute(conn).await.map(drop))
}

pub(super) async fn rows(tx: &mut Tx, id: RunId, narrowed: Narrowed, most: i64) -> sqlx::Result<Vec<Row>> {
    let mut all = Conditions::default();
    all.and("import_id = {}", [id.to_string().into()]);
    if let Some(fate) = narrowed.fate {
        all.and("fate = {}", [fate.as_str().into()]);
    }
    if let Some(outcome) = narrowed.outcome {
        all.and("outcome = {}", [outcome.as_str().into()]);
    }
    if let Some(after) = narrowed.after {
        all.and("number > {}", [after.into()]);
    }
    if let Some(before) = narrowed.before {
        all.and("number < {}", [before.into()]);
    }
    let order = if narrowed.before.is_some() { "number desc" } else { "number" };
    let limit = all.place(most);
    let sql = format!("select {ROW} from subscription_import_row{} order by {order} limit {limit}", all.sql());
    let mut rows: Vec<Row> = on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    if narrowed.before.is_some() {
        rows.reverse();
    }
    Ok(rows)
}

/// The next row that waits to be applied.
pub(super) async fn waiting(tx: &mut Tx, id: RunId) -> sqlx::Result<Option<Row>> {
    let sql = format!(
        "select {ROW} from subscription_import_row where import_id = $1 and fate = 'new' and outcome is null order by number limit 1"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// All that something was made of, the last first.
pub(super) async fn made(tx: &mut Tx, id: RunId) -> sqlx::Result<Vec<Row>> {
    let sql = format!("select {ROW} from subscription_import_row where import_id = $1 and outcome = 'made' order by number desc");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Whether a row of this import brought this donor.
pub(super) async fn brought_donor(tx: &mut Tx, id: RunId, donor: DonorId) -> sqlx::Result<bool> {
    let found: Option<i64> = on!(tx, conn => sqlx::query_scalar(
        "select number from subscription_import_row where import_id = $1 and donor_id = $2 and made_donor limit 1")
        .bind(id).bind(donor)
        .fetch_optional(conn).await)?;
    Ok(found.is_some())
}

/// Writes down what became of a row.
pub(super) async fn conclude(tx: &mut Tx, id: RunId, row: &Row) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update subscription_import_row set outcome = $3, outcome_why = $4, donor_id = $5, recurring_id = $6, made_donor = $7, linked = $8,
             print = $9 where import_id = $1 and number = $2")
        .bind(id).bind(row.number).bind(row.outcome).bind(&row.outcome_why).bind(row.donor_id).bind(row.recurring_id)
        .bind(row.made_donor).bind(row.linked).bind(&row.print)
        .execute(conn).await.map(drop))
}

pub(super) async fn fates(tx: &mut Tx, id: RunId) -> sqlx::Result<Fates> {
    let counted: Vec<(Fate, i64)> = on!(tx, conn => sqlx::query_as(
        "select fate, cast(count(*) as bigint) from subscription_import_row where import_id = $1 group by fate")
        .bind(id)
        .fetch_all(conn).await)?;
    let of = |fate| counted.iter().find(|(is, _)| *is == fate).map_or(0, |(_, count)| *count);
    Ok(Fates { fresh: of(Fate::New), matches: of(Fate::Matches), refused: of(Fate::Refused), differ: 0 })
}

pub(super) async fn outcomes(tx: &mut Tx, id: RunId) -> sqlx::Result<Outcomes> {
    let counted: Vec<(Outcome, i64)> = on!(tx, conn => sqlx::query_as(
        "select outcome, cast(count(*) as bigint) from subscription_import_row where import_id = $1 and outcome is not null group by outcome")
        .bind(id)
        .fetch_all(conn).await)?;
    let of = |outcome| counted.iter().find(|(is, _)| *is == outcome).map_or(0, |(_, count)| *count);
    Ok(Outcomes {
        made: of(Outcome::Made),
        changed: 0,
        stayed: of(Outcome::Left),
        refused: of(Outcome::Refused),
        undone: of(Outcome::Undone),
        kept: of(Outcome::Kept),
    })
}
