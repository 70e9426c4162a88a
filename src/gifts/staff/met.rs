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
    /// Who each of these donors is; nobody for one who was taken off the record meanwhile.
    pub(super) async fn of(&self, app: &App, ids: &[DonorId]) -> Result<Vec<Option<Who>>, Error> {
        let find = |met: &HashMap<DonorId, Who>| ids.iter().map(|id| met.get(id).cloned()).collect::<Vec<_>>();
        let known = find(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut unknown: Vec<_> = ids.iter().zip(&known).filter(|(_, who)| who.is_none()).map(|(id, _)| *id).collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        unknown.sort_unstable();
        unknown.dedup();
        let mut tx = app.db.read().await?;
        let found = names_of(&mut tx, &unknown).await?;
        drop(tx);
        let found = found.into_iter().map(|(id, name, email)| (id, Arc::new((name.into_boxed_str(), email.into_boxed_str()))));
        let found: HashMap<_, _> = found.collect();
        let who = ids.iter().zip(known).map(|(id, who)| who.or_else(|| found.get(id).cloned())).collect();
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if met.len() + found.len() > MOST {
            met.clear();
        }
        met.extend(found);
        Ok(who)
    }
}
