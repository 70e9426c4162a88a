use crate::{
    alliances::{AllianceId, RequestId, RequestKind, RequestState},
    db::{Tx, on},
    kernel::{Email, Timestamp},
};
use sqlx::AssertSqlSafe;

/// One row of `alliance_request`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::alliances) struct Request {
    pub(in crate::alliances) id: RequestId,
    pub(in crate::alliances) kind: RequestKind,
    pub(in crate::alliances) alliance_id: Option<AllianceId>,
    pub(in crate::alliances) name: String,
    pub(in crate::alliances) email: Email,
    pub(in crate::alliances) organization: String,
    pub(in crate::alliances) city: String,
    pub(in crate::alliances) state_code: String,
    pub(in crate::alliances) message: String,
    pub(in crate::alliances) state: RequestState,
    pub(in crate::alliances) received_at: Timestamp,
    pub(in crate::alliances) answered_at: Option<Timestamp>,
    pub(in crate::alliances) answered_by: Option<String>,
    pub(in crate::alliances) answer: Option<String>,
}

const COLUMNS: &str = "id, kind, alliance_id, name, email, organization, city, state_code, message, state, received_at, answered_at, \
    answered_by, answer";

/// `false` when it was sent before.
pub(in crate::alliances) async fn insert_request(tx: &mut Tx, request: &Request) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into alliance_request (id, kind, alliance_id, name, email, organization, city, state_code, message, state, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing")
        .bind(request.id).bind(request.kind).bind(request.alliance_id).bind(&request.name).bind(&request.email)
        .bind(&request.organization).bind(&request.city).bind(&request.state_code).bind(&request.message).bind(request.state)
        .bind(request.received_at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// The requests to one alliance, or (`None`) to start one: those that wait first.
pub(in crate::alliances) async fn requests(tx: &mut Tx, of: Option<AllianceId>) -> sqlx::Result<Vec<Request>> {
    let sql = format!(
        "select {COLUMNS} from alliance_request where (alliance_id = $1 or ($1 is null and kind = 'start'))
         order by case state when 'new' then 0 else 1 end, received_at desc, id limit 200"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(of.map(|id| id.to_string())).fetch_all(conn).await)
}

pub(in crate::alliances) async fn request(tx: &mut Tx, of: Option<AllianceId>, id: RequestId) -> sqlx::Result<Option<Request>> {
    let sql =
        format!("select {COLUMNS} from alliance_request where id = $1 and (alliance_id = $2 or ($2 is null and kind = 'start'))");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(of.map(|id| id.to_string())).fetch_optional(conn).await)
}

/// `false` when somebody answered before.
pub(in crate::alliances) async fn answer(
    tx: &mut Tx,
    id: RequestId,
    state: RequestState,
    words: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update alliance_request set state = $2, answer = $3, answered_by = $4, answered_at = $5 where id = $1 and state = 'new'")
        .bind(id).bind(state).bind(words).bind(by).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// How many wait who ask to join an alliance, and who ask to start one.
pub async fn requests_waiting(tx: &mut Tx) -> sqlx::Result<(i64, i64)> {
    on!(tx, conn => sqlx::query_as(
        "select cast(coalesce(sum(case when kind = 'join' then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when kind = 'start' then 1 else 0 end), 0) as bigint)
         from alliance_request where state = 'new'")
        .fetch_one(conn).await)
}

/// Counts one more request by `subject` in a period, and gives how many that makes.
pub(in crate::alliances) async fn count_request(tx: &mut Tx, subject: &str, period: i64) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "insert into alliance_limit (subject, period, count) values ($1, $2, 1)
         on conflict (subject, period) do update set count = alliance_limit.count + 1 returning count")
        .bind(subject).bind(period)
        .fetch_one(conn).await)
}
