//! The two databases, and the only way to reach them: inside a transaction.
mod batch;
mod conditions;
mod log;
mod recent;
mod waiting;

use recent::Recent;
use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    str::FromStr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use waiting::Waiting;

/// What both databases understand, in `migrations/`; and what each says in its own words, under the
/// same name in `migrations/sqlite` and `migrations/postgres`.
static SHARED: Migrator = sqlx::migrate!("./migrations");
static SQLITE: LazyLock<Migrator> = LazyLock::new(|| with_shared(&sqlx::migrate!("./migrations/sqlite")));
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| with_shared(&sqlx::migrate!("./migrations/postgres")));

fn with_shared(own: &Migrator) -> Migrator {
    let mut migrations: Vec<_> = SHARED.iter().chain(own.iter()).cloned().collect();
    migrations.sort_by_key(|m| m.version);
    Migrator { migrations: migrations.into(), ..Migrator::DEFAULT }
}

#[derive(Clone, Debug)]
pub struct Db {
    pool: Pool,
    site: Arc<AtomicU64>,
    recent: Recent,
    waiting: Waiting,
}

/// What each connection to SQLite keeps of the file, as `cache_size` says it: there are four of them, and the rest is the
/// system's own cache of the file.
const CACHE: &str = "-8000";

#[derive(Clone, Debug)]
enum Pool {
    /// One writer and several readers over one file.
    Sqlite {
        write: SqlitePool,
        /// Whether the writer is set as [`log::MUCH`] says.
        much: Arc<AtomicBool>,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// A unit of work. Dropping it without [`Tx::commit`] undoes it.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>, SiteVersion),
    Postgres(Transaction<'static, Postgres>, SiteVersion),
}

/// Counts the commits that changed what visitors see, so that rendered pages can be kept between.
pub struct SiteVersion {
    count: Arc<AtomicU64>,
    changed: bool,
    /// Set by work that writes: told of the commit.
    recent: Option<Recent>,
    /// Set by work that writes much to SQLite: who copies it from the log into the file after the commit.
    copier: Option<SqlitePool>,
}

impl Db {
    /// Opens `sqlite:` or `postgres:` by the scheme of the URL. `readers` is the number of reading
    /// connections on SQLite, and of all connections on PostgreSQL.
    pub async fn connect(url: &str, readers: u32) -> sqlx::Result<Self> {
        let site = Arc::new(AtomicU64::new(1));
        if url.starts_with("postgres") {
            let pool = PgPoolOptions::new()
                .max_connections(readers.max(4))
                .acquire_timeout(Duration::from_secs(10))
                .connect(url)
                .await?;
            return Ok(Self { pool: Pool::Postgres(pool), site, recent: Recent::default(), waiting: Waiting::default() });
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", CACHE)
            .pragma("journal_size_limit", log::KEPT)
            .pragma("temp_store", "memory")
            .statement_cache_capacity(400)
            // A page of a list in one go: each wait for its reader costs more than reading a row.
            .row_buffer_size(512);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.clone())
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let pool = Pool::Sqlite { write, read, much: Arc::default() };
        Ok(Self { pool, site, recent: Recent::default(), waiting: Waiting::default() })
    }

    /// Brings the tables up to this program's version.
    ///
    /// # Errors
    /// [`MigrateError::VersionMissing`] when the database was made by a newer program.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match &self.pool {
            Pool::Sqlite { write, .. } => SQLITE.run(write).await,
            Pool::Postgres(pool) => POSTGRES.run(pool).await,
        }
    }

    /// Whether every migration of this program, and none of a newer one, has been applied.
    pub async fn is_current(&self) -> sqlx::Result<bool> {
        const NEWEST: &str = "select cast(coalesce(max(version), 0) as bigint) from _sqlx_migrations where success";
        let newest: i64 = match &self.pool {
            Pool::Sqlite { read, .. } => sqlx::query_scalar(NEWEST).fetch_one(read).await?,
            Pool::Postgres(pool) => sqlx::query_scalar(NEWEST).fetch_one(pool).await?,
        };
        Ok(SQLITE.iter().map(|m| m.version).max() == Some(newest))
    }

    pub const fn is_sqlite(&self) -> bool {
        matches!(self.pool, Pool::Sqlite { .. })
    }

    /// Rises with every commit that changed what visitors see, in this process.
    pub fn site_version(&self) -> u64 {
        self.site.load(Ordering::Acquire)
    }

    /// Waits until no connection is in use and closes them.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    fn version(&self) -> SiteVersion {
        SiteVersion { count: self.site.clone(), changed: false, recent: None, copier: None }
    }

    fn writing(&self) -> SiteVersion {
        SiteVersion { recent: Some(self.recent.clone()), ..self.version() }
    }

    /// Figures that take long to add up: as they were found last, if nothing was written since, or
    /// added up by `work` in a unit that only reads. `key` names the figures and all they depend on.
    pub async fn figures<T, F>(&self, key: String, work: F) -> sqlx::Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: AsyncFnOnce(&mut Tx) -> sqlx::Result<T>,
    {
        if !self.is_sqlite() {
            return work(&mut self.read().await?).await;
        }
        if let Some(found) = self.recent.find(&key) {
            return Ok(found);
        }
        let turn = self.recent.turn(&key);
        let _mine = turn.lock().await;
        if let Some(found) = self.recent.find(&key) {
            return Ok(found);
        }
        let commits = self.recent.commits();
        let figures = work(&mut self.read().await?).await?;
        self.recent.keep(key, commits, figures.clone());
        Ok(figures)
    }

    /// Begins work that only reads. On SQLite a write in it fails.
    pub async fn read(&self) -> sqlx::Result<Tx> {
        match &self.pool {
            Pool::Sqlite { read, .. } => read.begin().await.map(|tx| Tx::Sqlite(tx, self.version())),
            Pool::Postgres(pool) => pool.begin().await.map(|tx| Tx::Postgres(tx, self.version())),
        }
    }

    /// Begins work that writes.
    ///
    /// SQLite takes its one write lock here, and waits for it: a transaction that reads first and
    /// asks for the lock later fails at once with "database is locked".
    pub async fn write(&self) -> sqlx::Result<Tx> {
        self.begin_writing(false).await
    }

    /// Begins work that writes tens of thousands of rows: SQLite keeps what it touches at hand, until other work writes.
    pub async fn write_much(&self) -> sqlx::Result<Tx> {
        self.begin_writing(true).await
    }

    /// Whether somebody waits for whoever writes: who writes for seconds looks now and then, and commits. On PostgreSQL,
    /// where it can't be seen who waits for a row, it counts as if somebody always did.
    pub fn others_wait(&self) -> bool {
        !self.is_sqlite() || self.waiting.any()
    }

    async fn begin_writing(&self, is_much: bool) -> sqlx::Result<Tx> {
        let _waits = self.waiting.one();
        match &self.pool {
            Pool::Sqlite { write, much, read } => {
                let begun = match write.begin_with("begin immediate").await {
                    // SQLite itself undid a transaction (a full disk does that) and the driver still counts
                    // it as open: this connection can't begin another, a new one can.
                    Err(sqlx::Error::InvalidSavePointStatement) => {
                        write.acquire().await?.close().await?;
                        write.begin_with("begin immediate").await
                    }
                    begun => begun,
                };
                let mut tx = begun?;
                // Within the work: nobody else has the one connection that is set.
                if much.swap(is_much, Ordering::AcqRel) != is_much {
                    sqlx::raw_sql(if is_much { log::MUCH } else { log::USUAL }).execute(&mut *tx).await?;
                }
                let copier = is_much.then(|| read.clone());
                Ok(Tx::Sqlite(tx, SiteVersion { copier, ..self.writing() }))
            }
            Pool::Postgres(pool) => pool.begin().await.map(|tx| Tx::Postgres(tx, self.writing())),
        }
    }
}

impl Tx {
    /// Says that this work changes what visitors see; kept pages are rendered anew after its commit.
    pub fn site_changed(&mut self) {
        let (Self::Sqlite(_, version) | Self::Postgres(_, version)) = self;
        version.changed = true;
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        let version = match self {
            Self::Sqlite(tx, version) => {
                tx.commit().await?;
                version
            }
            Self::Postgres(tx, version) => {
                tx.commit().await?;
                version
            }
        };
        if let Some(recent) = &version.recent {
            recent.wrote();
        }
        if let Some(copier) = version.copier {
            tokio::spawn(log::copy(copier));
        }
        if version.changed {
            version.count.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }
}

/// Whether the disk under the database is full, or its limit reached.
pub fn is_full(error: &sqlx::Error) -> bool {
    // SQLITE_FULL is 13 (<https://sqlite.org/rescode.html#full>), SQLITE_IOERR_* end in byte 10;
    // PostgreSQL says 53100 disk_full.
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| {
        code == "13" || code == "53100" || code.parse::<u32>().is_ok_and(|c| code.len() < 5 && c & 0xff == 10)
    })
}

/// Whether a text holds a character that PostgreSQL does not keep (22021: `\0`).
pub fn is_unreadable(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "22021")
}

/// Runs one statement on whichever database this transaction belongs to.
///
/// The body is compiled twice, once per driver, so the types are checked against both.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite($conn, _) => {
                let $conn = &mut **$conn;
                $body
            }
            $crate::db::Tx::Postgres($conn, _) => {
                let $conn = &mut **$conn;
                $body
            }
        }
    };
}
pub use batch::Batch;
pub(crate) use batch::add;
pub(crate) use conditions::bound;
pub use conditions::{Conditions, Value};
pub(crate) use on;
