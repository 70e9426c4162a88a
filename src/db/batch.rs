//! Statements of many rows that are built apart from the transaction that runs them: binding the values of a row takes
//! about as long as writing it, and a second processor can do it meanwhile.
use super::Tx;
use sqlx::{Postgres, QueryBuilder, Sqlite};

/// Statements for one of the two databases, in the order in which they run.
pub enum Batch {
    Sqlite(Vec<QueryBuilder<Sqlite>>),
    Postgres(Vec<QueryBuilder<Postgres>>),
}

impl Tx {
    /// An empty batch for the database of this transaction.
    pub const fn batch(&self) -> Batch {
        match self {
            Self::Sqlite(..) => Batch::Sqlite(Vec::new()),
            Self::Postgres(..) => Batch::Postgres(Vec::new()),
        }
    }

    /// Runs the statements of a batch that was made for this database.
    ///
    /// # Errors
    /// Those of the first statement that fails, and [`sqlx::Error::Protocol`] for a batch of the other database.
    pub async fn run(&mut self, batch: Batch) -> sqlx::Result<()> {
        match (self, batch) {
            (Self::Sqlite(conn, _), Batch::Sqlite(all)) => {
                for mut query in all {
                    query.build().execute(&mut **conn).await?;
                }
            }
            (Self::Postgres(conn, _), Batch::Postgres(all)) => {
                for mut query in all {
                    query.build().execute(&mut **conn).await?;
                }
            }
            _ => return Err(sqlx::Error::Protocol("a batch is of another database than its transaction".into())),
        }
        Ok(())
    }
}

/// Adds a statement to a batch. The body pushes its values; it is compiled twice, once per driver.
macro_rules! add {
    ($batch:expr, $sql:expr, $query:ident => $body:expr) => {
        match $batch {
            $crate::db::Batch::Sqlite(all) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($sql);
                $body;
                all.push($query);
            }
            $crate::db::Batch::Postgres(all) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Postgres>::new($sql);
                $body;
                all.push($query);
            }
        }
    };
}
pub(crate) use add;
