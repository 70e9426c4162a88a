use crate::{
    db::{Conditions, Tx, bound, on},
    donors::{DonorId, staff::JOIN},
    gifts::{
        EmployerId, Gift, GiftId, MatchId,
        matching::{Employer, MatchState, Matching},
        queries::COLUMNS,
    },
    kernel::{Cents, Currency, Day, Timestamp},
};
use sqlx::AssertSqlSafe;

const MATCH: &str =
    "select m.id, m.gift_id, m.employer_id, e.name as employer, d.name as donor, g.intended, m.expected, g.currency, m.state,
        m.submitted_on, m.received_id, m.at
    from matching_gift m join employer e on e.id = m.employer_id join gift g on g.id = m.gift_id";

/// Every employer, by name.
pub(in crate::gifts) async fn employers(tx: &mut Tx) -> sqlx::Result<Vec<Employer>> {
    on!(tx, conn => sqlx::query_as("select id, name, percent, least, most, currency, how from employer order by name").fetch_all(conn).await)
}

/// Adds an employer or changes one. `false` when another has the name.
pub(in crate::gifts) async fn put_employer(tx: &mut Tx, employer: &Employer) -> sqlx::Result<bool> {
    let taken: i64 = on!(&mut *tx, conn => sqlx::query_scalar("select count(*) from employer where name = $1 and id <> $2")
        .bind(&employer.name).bind(employer.id)
        .fetch_one(conn).await)?;
    if taken > 0 {
        return Ok(false);
    }
    on!(tx, conn => sqlx::query(
        "insert into employer (id, name, percent, least, most, currency, how) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set name = excluded.name, percent = excluded.percent, least = excluded.least, most = excluded.most,
             how = excluded.how")
        .bind(employer.id).bind(&employer.name).bind(employer.percent).bind(employer.least).bind(employer.most.map(Cents::get))
        .bind(employer.currency).bind(&employer.how)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when the gift has a matching gift.
pub(in crate::gifts) async fn insert_match(
    tx: &mut Tx,
    (id, gift, employer): (MatchId, GiftId, EmployerId),
    expected: Cents,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into matching_gift (id, gift_id, employer_id, expected, state, at) values ($1, $2, $3, $4, 'potential', $5) on conflict do nothing")
        .bind(id).bind(gift).bind(employer).bind(expected).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// In this state, or any; the oldest first.
pub(in crate::gifts) async fn matches(tx: &mut Tx, state: Option<MatchState>, most: i64) -> sqlx::Result<Vec<Matching>> {
    let mut all = Conditions::default();
    if let Some(state) = state {
        all.and("m.state = {}", [state.as_str().into()]);
    } else {
        all.and("m.state <> 'received'", []);
    }
    let limit = all.place(most);
    let sql = format!("{MATCH} {JOIN}{} order by m.at, m.id limit {limit}", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// What employers still owe, by currency.
pub(in crate::gifts) async fn matches_owed(tx: &mut Tx) -> sqlx::Result<Vec<(Currency, i64, Cents)>> {
    on!(tx, conn => sqlx::query_as(
        "select g.currency, count(*), cast(sum(m.expected) as bigint) from matching_gift m join gift g on g.id = m.gift_id
         where m.state <> 'received' group by g.currency order by g.currency")
        .fetch_all(conn).await)
}

pub(in crate::gifts) async fn match_by_id(tx: &mut Tx, id: MatchId) -> sqlx::Result<Option<Matching>> {
    let sql = format!("{MATCH} {JOIN} where m.id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The matching gift that is expected for a gift, or that a gift is.
pub(in crate::gifts) async fn match_of_gift(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Option<Matching>> {
    let sql = format!("{MATCH} {JOIN} where m.gift_id = $1 or m.received_id = $1 order by m.at limit 1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(gift).fetch_optional(conn).await)
}

/// `false` when it was asked for already.
pub(in crate::gifts) async fn submit_match(tx: &mut Tx, id: MatchId, on: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update matching_gift set state = 'submitted', submitted_on = $2 where id = $1 and state = 'potential'")
        .bind(id).bind(on)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was received already, the other gift was not received, or it is the answer to another one.
pub(in crate::gifts) async fn receive_match(tx: &mut Tx, id: MatchId, gift: GiftId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update matching_gift set state = 'received', received_id = $2 where id = $1 and state <> 'received'
         and exists (select 1 from gift g where g.id = $2 and g.state = 'settled')
         and not exists (select 1 from matching_gift o where o.received_id = $2)")
        .bind(id).bind(gift)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Received to asked for, asked for to not asked for. `false` at the beginning.
pub(in crate::gifts) async fn take_match_back(tx: &mut Tx, id: MatchId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update matching_gift set
             state = case when state = 'received' and submitted_on is not null then 'submitted' else 'potential' end,
             submitted_on = case when state = 'received' then submitted_on else null end, received_id = null
         where id = $1 and state <> 'potential'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was received: then it is taken back first.
pub(in crate::gifts) async fn delete_match(tx: &mut Tx, id: MatchId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("delete from matching_gift where id = $1 and state <> 'received'").bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The newest received gifts of these donors that answer for no other gift.
pub(in crate::gifts) async fn may_be_the_match(tx: &mut Tx, donors: &[DonorId], most: i64) -> sqlx::Result<Vec<Gift>> {
    if donors.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places: Vec<_> = donors.iter().map(|id| all.place(id.to_string())).collect();
    let limit = all.place(most);
    let sql = format!(
        "select {COLUMNS} from gift where donor_id in ({}) and state = 'settled'
         and not exists (select 1 from matching_gift m where m.received_id = gift.id) order by shown_at desc, id desc limit {limit}",
        places.join(", ")
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}
