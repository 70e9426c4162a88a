//! The donors that a long file has met: whoever gave often is looked up once.
use crate::{
    app::App,
    donors::{DonorId, staff::names_of},
    web::Error,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Kept at the same time, some 100 bytes each: beyond it all are forgotten and looked up again.
const MOST: usize = 200_000;

/// Name and e-mail address.
type Who = Arc<(Box<str>, Box<str>)>;

/// The donors met so far.
#[derive(Debug, Default)]
pub(super) struct Met(Mutex<HashMap<DonorId, Who>>);

impl Met {
    /// Who these donors are; one who was erased meanwhile is not among them.
    pub(super) async fn of(&self, app: &App, ids: impl Iterator<Item = DonorId>) -> Result<HashMap<DonorId, Who>, Error> {
        let (mut known, mut unknown) = (HashMap::new(), Vec::new());
        {
            let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for id in ids {
                match met.get(&id) {
                    Some(who) => drop(known.insert(id, who.clone())),
                    None => unknown.push(id),
                }
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(known);
        }
        let mut tx = app.db.read().await?;
        let found = names_of(&mut tx, &unknown).await?;
        drop(tx);
        let found = found.into_iter().map(|(id, name, email)| (id, Arc::new((name.into_boxed_str(), email.into_boxed_str()))));
        let found: Vec<_> = found.collect();
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if met.len() + found.len() > MOST {
            met.clear();
        }
        met.extend(found.iter().cloned());
        known.extend(found);
        Ok(known)
    }
}
