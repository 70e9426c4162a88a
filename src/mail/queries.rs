//! All SQL of the outbox.
use super::{ACCOUNT, Class, Letter, MessageId, State};
use crate::{
    db::{Conditions, Tx, Value, bound, on},
    kernel::{Day, Email, Timestamp},
};

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub addressee: Email,
    pub class: Class,
    pub record_kind: String,
    pub record_id: String,
    pub subject: String,
    pub body_text: String,
    pub body_html: String,
    pub state: State,
    pub queued_at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub attempts: i64,
    pub error: Option<String>,
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Summary {
    pub id: MessageId,
    pub addressee: Email,
    pub class: Class,
    pub subject: String,
    pub state: State,
    pub queued_at: Timestamp,
    pub error: Option<String>,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: MessageId,
    to: &Email,
    class: Class,
    record: (&str, &str),
    letter: &Letter,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into message (id, addressee, class, record_kind, record_id, subject, body_text, body_html, state, queued_at, attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)")
        .bind(id).bind(to).bind(class).bind(record.0).bind(record.1)
        .bind(&letter.subject).bind(&letter.text).bind(&letter.html).bind(State::Queued).bind(now)
        .execute(conn).await.map(drop))
}

pub async fn by_id(tx: &mut Tx, id: MessageId) -> sqlx::Result<Option<Message>> {
    on!(tx, conn => sqlx::query_as(
        "select id, addressee, class, record_kind, record_id, subject, body_text, body_html, state, queued_at, done_at, attempts, error
         from message where id = $1")
        .bind(id)
        .fetch_optional(conn).await)
}

/// Ends a queued message as sent, captured or dead. `false` when it has ended already.
pub(super) async fn end(
    tx: &mut Tx,
    id: MessageId,
    state: State,
    attempts: i64,
    error: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update message set state = $2, attempts = $3, error = $4, done_at = $5 where id = $1 and state = 'queued'")
        .bind(id).bind(state).bind(attempts).bind(error).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Writes down a try that failed and will be repeated.
pub(super) async fn note_failure(tx: &mut Tx, id: MessageId, attempts: i64, error: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update message set attempts = $2, error = $3 where id = $1 and state = 'queued'")
        .bind(id).bind(attempts).bind(error)
        .execute(conn).await.map(drop))
}

pub(super) async fn revive(tx: &mut Tx, id: MessageId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update message set state = 'queued', done_at = null where id = $1 and state = 'dead'")
        .bind(id)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Revives every dead message and names them.
pub(super) async fn revive_all(tx: &mut Tx, with_accounts: bool) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar(
        "update message set state = 'queued', done_at = null where state = 'dead' and ($1 or record_kind <> $2) returning id")
        .bind(with_accounts).bind(ACCOUNT)
        .fetch_all(conn).await)
}

pub async fn count_in(tx: &mut Tx, state: State) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select cast(count(*) as bigint) from message where state = $1").bind(state).fetch_one(conn).await)
}

/// The newest messages, older than `before` when it is given, of one state and to addresses that
/// contain `search` when those are.
pub async fn listed(
    tx: &mut Tx,
    state: Option<State>,
    search: Option<&str>,
    before: Option<MessageId>,
    most: i64,
) -> sqlx::Result<Vec<Summary>> {
    let pattern = search.map(|s| format!("%{}%", s.to_lowercase().replace(['%', '_'], "")));
    on!(tx, conn => sqlx::query_as(
        "select id, addressee, class, subject, state, queued_at, error from message
         where ($1 is null or state = $1) and ($2 is null or id < $2) and ($3 is null or addressee like $3)
         order by id desc limit $4")
        .bind(state.map(State::as_str)).bind(before.map(|id| id.to_string())).bind(pattern).bind(most)
        .fetch_all(conn).await)
}

/// Every message about one record, newest first.
pub async fn of_record(tx: &mut Tx, record: (&str, &str)) -> sqlx::Result<Vec<Summary>> {
    on!(tx, conn => sqlx::query_as(
        "select id, addressee, class, subject, state, queued_at, error from message
         where record_kind = $1 and record_id = $2 order by id desc limit 200")
        .bind(record.0).bind(record.1)
        .fetch_all(conn).await)
}

/// Somebody's address while it was theirs to us, and what the mails are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub email: Email,
    /// The first and the last day.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// About records of these kinds, or about all but these.
    pub about: &'static [&'static str],
    pub but: bool,
}

impl Reach {
    fn piece(&self) -> (String, Vec<Value>) {
        let (mut pieces, mut values) = (vec!["addressee = {}".to_owned()], vec![Value::from(self.email.as_str())]);
        // A day as text stands before every moment of it.
        for (than, day) in [(">=", self.from), ("<", self.to.map(|to| to.plus_days(1)))] {
            if let Some(day) = day {
                pieces.push(format!("queued_at {than} {{}}"));
                values.push(day.to_string().into());
            }
        }
        let places = vec!["{}"; self.about.len()].join(", ");
        pieces.push(format!("record_kind {} ({places})", if self.but { "not in" } else { "in" }));
        values.extend(self.about.iter().map(|kind| Value::from(*kind)));
        (format!("({})", pieces.join(" and ")), values)
    }
}

/// The newest messages within any of these reaches, older than what `before` names by its time and id.
pub async fn within(tx: &mut Tx, reaches: &[Reach], before: Option<(&str, &str)>, most: i64) -> sqlx::Result<Vec<Summary>> {
    if reaches.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let (pieces, values): (Vec<_>, Vec<_>) = reaches.iter().map(Reach::piece).unzip();
    all.and(&format!("({})", pieces.join(" or ")), values.into_iter().flatten());
    if let Some((at, id)) = before {
        all.and("(queued_at, id) < ({}, {})", [at.into(), id.into()]);
    }
    let limit = all.place(most);
    let sql = format!(
        "select id, addressee, class, subject, state, queued_at, error from message{} order by queued_at desc, id desc limit {limit}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// What narrows the list of messages.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub class: Option<Class>,
    /// Part of an address or of a subject.
    pub search: Option<String>,
    /// Also those about staff accounts.
    pub with_accounts: bool,
}

impl Filter {
    fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        if let Some(state) = self.state {
            all.and("state = {}", [state.as_str().into()]);
        }
        if let Some(class) = self.class {
            all.and("class = {}", [class.as_str().into()]);
        }
        if let Some(search) = &self.search {
            let pattern = format!("%{}%", search.to_lowercase().replace(['%', '_'], ""));
            all.and("(addressee like {} or lower(subject) like {})", [pattern.clone().into(), pattern.into()]);
        }
        if !self.with_accounts {
            all.and("record_kind <> {}", [ACCOUNT.into()]);
        }
        all
    }
}

/// At most `most` messages, newest first, older than `after`; or, towards the newest and in reverse,
/// newer than `before`.
pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<MessageId>,
    before: Option<MessageId>,
    most: i64,
) -> sqlx::Result<Vec<Summary>> {
    let mut all = filter.conditions();
    match (after, before) {
        (Some(after), _) => all.and("id < {}", [after.to_string().into()]),
        (None, Some(before)) => all.and("id > {}", [before.to_string().into()]),
        (None, None) => {}
    }
    let order = if after.is_none() && before.is_some() { "asc" } else { "desc" };
    let limit = all.place(most);
    let sql = format!(
        "select id, addressee, class, subject, state, queued_at, error from message{} order by id {order} limit {limit}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many messages of each state there are, whatever state the filter names.
pub async fn counts(tx: &mut Tx, filter: &Filter) -> sqlx::Result<Vec<(State, i64)>> {
    let all = Filter { state: None, ..filter.clone() }.conditions();
    let sql = format!("select state, cast(count(*) as bigint) from message{} group by state", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(sqlx::AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many messages the filter holds.
pub async fn count(tx: &mut Tx, filter: &Filter) -> sqlx::Result<i64> {
    let all = filter.conditions();
    let sql = format!("select cast(count(*) as bigint) from message{}", all.sql());
    on!(tx, conn => bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)), all.values()).fetch_one(conn).await)
}

/// The newest messages to one address.
pub async fn to_address(tx: &mut Tx, addressee: &Email, most: i64) -> sqlx::Result<Vec<Summary>> {
    on!(tx, conn => sqlx::query_as(
        "select id, addressee, class, subject, state, queued_at, error from message where addressee = $1 order by id desc limit $2")
        .bind(addressee).bind(most)
        .fetch_all(conn).await)
}

/// Keeps mail of these classes from these addresses, on the word of `subject`; see [`lift_refusals`].
pub async fn refuse(tx: &mut Tx, addresses: &[Email], classes: &[Class], subject: &str, why: &str) -> sqlx::Result<()> {
    let all: Vec<_> = addresses.iter().flat_map(|address| classes.iter().map(move |class| (address, *class))).collect();
    if all.is_empty() {
        return Ok(());
    }
    on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("insert into mail_refusal (addressee, class, subject, why) ");
        query.push_values(all, |mut row, (address, class)| {
            row.push_bind(address.clone()).push_bind(class).push_bind(subject).push_bind(why);
        });
        query.build().execute(conn).await.map(drop)
    })
}

/// Takes back all that was refused on the word of this record.
pub async fn lift_refusals(tx: &mut Tx, subject: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from mail_refusal where subject = $1").bind(subject).execute(conn).await.map(drop))
}

/// Why an address is not written to in this class of mail; `None` when it may be.
pub(super) async fn refused(tx: &mut Tx, to: &Email, class: Class) -> sqlx::Result<Option<String>> {
    on!(tx, conn => sqlx::query_scalar("select min(why) from mail_refusal where addressee = $1 and class = $2")
        .bind(to).bind(class)
        .fetch_one(conn).await)
}

/// Empties every letter to an address and takes the address off it; what was not sent yet is not sent.
pub async fn empty_letters_to(tx: &mut Tx, addressee: &Email, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update message set addressee = 'erased@erased.invalid', subject = 'Erased', body_text = '', body_html = '',
                state = case when state = 'queued' then 'dead' else state end, done_at = coalesce(done_at, $2), error = null
         where addressee = $1")
        .bind(addressee).bind(now)
        .execute(conn).await.map(drop))
}
