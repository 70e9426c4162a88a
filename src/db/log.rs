//! SQLite's log: what is committed stands in it, and is copied into the file later.
use sqlx::SqlitePool;

/// What the log is cut back to once it grew beyond it: 64 MB.
pub(super) const KEPT: &str = "67108864";
/// How the writer is set while [`super::Db::write_much`] writes: it keeps 96 MB of what it touches, and leaves the copying
/// to [`copy`], which does not keep it waiting. Only a log of 512 MB is copied by the writer itself.
pub(super) const MUCH: &str = "pragma cache_size = -96000; pragma wal_autocheckpoint = 131072";
/// And how it is set else: SQLite's own mark is 1,000 pages.
pub(super) const USUAL: &str = "pragma cache_size = -8000; pragma wal_autocheckpoint = 1000";

/// Copies what the log holds into the file, beside whoever reads and writes; what nobody may miss yet is left for the
/// next time (<https://sqlite.org/pragma.html#pragma_wal_checkpoint>). What is committed is safe without it.
pub(super) async fn copy(readers: SqlitePool) {
    if let Err(error) = sqlx::raw_sql("pragma wal_checkpoint(passive)").execute(&readers).await {
        tracing::warn!(%error, "the log was not copied into the file");
    }
}
