//! Which of two answers about one object of the gateway is written last.
//!
//! Two workers may ask about one object at the same moment, and the slower may hold the older answer. Whoever
//! asks notes, before asking, how often the object was written so far; in the transaction that writes, the
//! count must still stand. It refuses an answer that another has overtaken, and the question is put again.
//! No clock is compared, and nothing is locked while the network is waited for.
mod queries;

use crate::db::{Db, Tx};
use std::collections::BTreeMap;

/// What was asked about, and how often each had been written before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(BTreeMap<String, i64>);

impl Asked {
    /// Notes that an object is about to be asked for; comes before the question.
    pub async fn before(&mut self, db: &Db, object: &str) -> sqlx::Result<()> {
        if !self.0.contains_key(object) {
            let writes = queries::writes(&mut db.read().await?, object).await?;
            self.0.insert(object.to_owned(), writes);
        }
        Ok(())
    }

    /// Takes the right to write what was answered, first thing in the transaction that writes it; it holds
    /// the objects until the commit. `false` when one of them was written since: then nothing may be
    /// written, and the transaction is dropped.
    pub async fn claim(&self, tx: &mut Tx) -> sqlx::Result<bool> {
        // In the order of their names, so that two who hold several never wait for each other.
        for (object, writes) in &self.0 {
            if !queries::count_write(tx, object, *writes).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
