//! The sandbox's own SQLite file: objects as JSON rows, what was answered to each idempotency key, and
//! the queue of webhooks. The only SQL of the sandbox.
use super::{
    errors::Problem,
    values::{int, text},
};
use serde_json::Value;
use sqlx::{
    QueryBuilder, Row, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::path::Path;

const TABLES: &str = "
    create table if not exists object (
        seq integer primary key autoincrement, id text not null unique, kind text not null,
        created integer not null, due integer, json text not null);
    create index if not exists object_newest on object (kind, created, seq);
    create index if not exists object_due on object (due) where due is not null;
    create index if not exists object_payment on object (json_extract(json, '$.payment_intent'));
    create index if not exists object_charge on object (json_extract(json, '$.charge'));
    create index if not exists object_customer on object (json_extract(json, '$.customer'));
    create index if not exists object_payout on object (json_extract(json, '$._payout'));
    create table if not exists answer (
        key text primary key, request text not null, status integer not null, body text not null, at integer not null);
    create table if not exists queue (
        row integer primary key autoincrement, event text not null, place integer not null,
        state text not null default 'pending', attempts integer not null default 0, next_at integer not null);
    create index if not exists queue_pending on queue (place) where state = 'pending';
    create index if not exists queue_event on queue (event);
    create table if not exists setting (name text primary key, value text not null);";

#[derive(Clone)]
pub(super) struct Store(SqlitePool);

/// A unit of work: everything in it happens, or nothing. The sandbox does one at a time.
pub(super) struct Work {
    tx: Transaction<'static, Sqlite>,
    /// The sandbox's time, in seconds since 1970.
    pub(super) now: i64,
    /// Where our pages are, without a slash at the end.
    pub(super) pages: String,
    /// The API call that is being answered: its id and idempotency key.
    pub(super) request: Option<(String, Option<String>)>,
}

/// One sending of one event that is still to be made.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub(super) row: i64,
    pub(super) event: String,
    pub(super) attempts: i64,
}

/// What a list is narrowed by. Fields are JSON paths below `$`.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) among: Vec<(&'static str, Vec<String>)>,
    /// Field, comparison, bound.
    pub(super) ranges: Vec<(&'static str, &'static str, i64)>,
    /// Events by whether every sending of them arrived.
    pub(super) arrived: Option<bool>,
}

impl Filter {
    pub(super) fn by(field: &'static str, value: &str) -> Self {
        Self { among: vec![(field, vec![value.to_owned()])], ..Self::default() }
    }
}

/// Which rows of a list, newest first.
#[derive(Debug)]
pub(super) enum Cursor {
    Newest,
    After(String),
    Before(String),
}

impl Store {
    pub(super) async fn open(file: &Path) -> Result<Self, Problem> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(Self(pool))
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }

    pub(super) async fn begin(&self, now: i64, pages: &str) -> Result<Work, Problem> {
        let tx = self.0.begin_with("begin immediate").await?;
        Ok(Work { tx, now, pages: pages.to_owned(), request: None })
    }
}

impl Work {
    pub(super) async fn commit(self) -> Result<(), Problem> {
        Ok(self.tx.commit().await?)
    }

    /// Any object by its id.
    pub(super) async fn find(&mut self, id: &str) -> Result<Option<Value>, Problem> {
        let json: Option<String> =
            sqlx::query_scalar("select json from object where id = $1").bind(id).fetch_optional(&mut *self.tx).await?;
        json.map(parsed).transpose()
    }

    /// # Errors
    /// 404 `resource_missing`.
    pub(super) async fn get(&mut self, kind: &str, id: &str) -> Result<Value, Problem> {
        self.find(id).await?.filter(|o| text(o, "object") == kind).ok_or_else(|| Problem::missing_object(kind, id))
    }

    /// Keeps an object as it is now; `_due` is when something happens to it by itself.
    pub(super) async fn save(&mut self, object: &Value) -> Result<(), Problem> {
        sqlx::query(
            "insert into object (id, kind, created, due, json) values ($1, $2, $3, $4, $5)
             on conflict (id) do update set due = excluded.due, json = excluded.json",
        )
        .bind(text(object, "id"))
        .bind(text(object, "object"))
        .bind(int(object, "created"))
        .bind(object["_due"].as_i64())
        .bind(object.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The object to which something happens next, not later than `until`.
    pub(super) async fn next_due(&mut self, until: i64) -> Result<Option<Value>, Problem> {
        let json: Option<String> = sqlx::query_scalar("select json from object where due <= $1 order by due, seq limit 1")
            .bind(until)
            .fetch_optional(&mut *self.tx)
            .await?;
        json.map(parsed).transpose()
    }

    /// Up to `limit` objects newest first, and whether there are more in that direction.
    pub(super) async fn list(
        &mut self,
        kind: &str,
        filter: &Filter,
        cursor: &Cursor,
        limit: i64,
    ) -> Result<(Vec<Value>, bool), Problem> {
        let mut query = QueryBuilder::<Sqlite>::new("select json from object where kind = ");
        query.push_bind(kind);
        for (field, values) in &filter.among {
            query.push(" and json_extract(json, '$.").push(field).push("') in (");
            let mut listed = query.separated(", ");
            for value in values {
                listed.push_bind(value);
            }
            query.push(")");
        }
        for (field, comparison, bound) in &filter.ranges {
            query.push(" and json_extract(json, '$.").push(field).push("') ").push(comparison).push_bind(*bound);
        }
        if let Some(arrived) = filter.arrived {
            query.push(if arrived { " and id not in" } else { " and id in" });
            query.push(" (select event from queue where state <> 'delivered')");
        }
        let (direction, backwards) = match cursor {
            Cursor::Newest => (None, false),
            Cursor::After(id) => (Some((id, "<")), false),
            Cursor::Before(id) => (Some((id, ">")), true),
        };
        if let Some((id, comparison)) = direction {
            query.push(" and (created, seq) ").push(comparison);
            query.push(" (select created, seq from object where id = ").push_bind(id).push(")");
        }
        query.push(if backwards { " order by created, seq limit " } else { " order by created desc, seq desc limit " });
        query.push_bind(limit.saturating_add(1));
        let rows = query.build().fetch_all(&mut *self.tx).await?;
        let mut objects = rows.iter().map(|row| parsed(row.get(0))).collect::<Result<Vec<_>, _>>()?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = objects.len() > wanted;
        objects.truncate(wanted);
        if backwards {
            objects.reverse();
        }
        Ok((objects, more))
    }

    /// All of them, oldest first.
    pub(super) async fn all(&mut self, kind: &str, filter: Filter) -> Result<Vec<Value>, Problem> {
        let (mut objects, _) = self.list(kind, &filter, &Cursor::Newest, i64::MAX - 1).await?;
        objects.reverse();
        Ok(objects)
    }

    pub(super) async fn setting(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let query = sqlx::query_scalar("select value from setting where name = $1").bind(name);
        Ok(query.fetch_optional(&mut *self.tx).await?)
    }

    pub(super) async fn set(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        sqlx::query("insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// What was asked and answered under an idempotency key since `since`.
    pub(super) async fn answered(&mut self, key: &str, since: i64) -> Result<Option<(String, u16, String)>, Problem> {
        let query = sqlx::query_as("select request, status, body from answer where key = $1 and at > $2");
        Ok(query.bind(key).bind(since).fetch_optional(&mut *self.tx).await?)
    }

    pub(super) async fn keep_answer(&mut self, key: &str, request: &str, status: u16, body: &str) -> Result<(), Problem> {
        sqlx::query("insert or replace into answer (key, request, status, body, at) values ($1, $2, $3, $4, $5)")
            .bind(key)
            .bind(request)
            .bind(status)
            .bind(body)
            .bind(self.now)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Puts one more sending of an event at the end of the queue.
    pub(super) async fn enqueue(&mut self, event: &str, at: i64) -> Result<(), Problem> {
        sqlx::query("insert into queue (event, place, next_at) select $1, coalesce(max(place), 0) + 1, $2 from queue")
            .bind(event)
            .bind(at)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// What is still to be sent by `until`, in the order of the queue.
    pub(super) async fn pending(&mut self, until: i64) -> Result<Vec<Queued>, Problem> {
        const PENDING: &str =
            "select row, event, attempts from queue where state = 'pending' and next_at <= $1 order by place, row";
        let rows = sqlx::query_as::<_, (i64, String, i64)>(PENDING).bind(until).fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|(row, event, attempts)| Queued { row, event, attempts }).collect())
    }

    /// `delivered`, `dropped`, `failed`, or `pending` again at `next_at`.
    pub(super) async fn mark(&mut self, row: i64, state: &str, next_at: i64) -> Result<(), Problem> {
        sqlx::query("update queue set state = $2, next_at = $3, attempts = attempts + 1 where row = $1")
            .bind(row)
            .bind(state)
            .bind(next_at)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Moves one sending to the end of the queue, not before `next_at`.
    pub(super) async fn postpone(&mut self, row: i64, next_at: i64) -> Result<(), Problem> {
        sqlx::query("update queue set next_at = $2, place = (select max(place) + 1 from queue) where row = $1")
            .bind(row)
            .bind(next_at)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    pub(super) async fn place(&mut self, row: i64, place: i64) -> Result<(), Problem> {
        sqlx::query("update queue set place = $2 where row = $1").bind(row).bind(place).execute(&mut *self.tx).await?;
        Ok(())
    }
}

fn parsed(json: String) -> Result<Value, Problem> {
    serde_json::from_str(&json).map_err(|e| Problem::fault(format!("a row of the sandbox's file: {e}")))
}
