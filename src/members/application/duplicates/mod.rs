//! Whether an application is for an organization that is known already: by name, by EIN or by web address,
//! on the roll and among the applications that are not decided.
//!
//! It only points out; it refuses nothing, because two organizations may share a name.
mod keys;
mod queries;
mod side_by_side;

use super::{Application, ApplicationId, ApplicationState};
use crate::{
    db::Tx,
    members::{OrganizationId, Track},
};
use keys::{domain, name_key};
use std::collections::HashSet;

pub(super) use side_by_side::side_by_side;

/// An organization, or another application, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Known {
    organization_id: Option<OrganizationId>,
    application_id: Option<ApplicationId>,
    state: Option<ApplicationState>,
    resigned: bool,
    name: String,
    legal_name: Option<String>,
    ein: Option<String>,
    website: Option<String>,
    city: Option<String>,
    state_code: Option<String>,
    founded: Option<i64>,
    mission: Option<String>,
    category: Option<String>,
    track: Option<Track>,
}

/// Something known, and what it has in common with the application.
pub(super) struct Match {
    known: Known,
    why: Vec<&'static str>,
}

/// The most that are shown.
const MOST: usize = 5;

/// What an application may be the same as; those with most in common first, organizations before
/// applications.
pub(super) async fn find(tx: &mut Tx, a: &Application) -> sqlx::Result<Vec<Match>> {
    if a.name.is_none() && a.ein.is_none() && a.website.is_none() {
        return Ok(Vec::new());
    }
    let mut known = queries::organizations(tx, a.id).await?;
    known.extend(queries::applications(tx, a.id).await?);
    let mut matches: Vec<_> =
        known.into_iter().map(|known| Match { why: in_common(a, &known), known }).filter(|found| !found.why.is_empty()).collect();
    matches.sort_by_key(|found| std::cmp::Reverse(found.why.len()));
    // By its name of today and by a former one, an organization is the same.
    let mut seen = HashSet::new();
    matches.retain(|found| found.known.organization_id.is_none_or(|id| seen.insert(id)));
    matches.truncate(MOST);
    Ok(matches)
}

fn in_common(a: &Application, known: &Known) -> Vec<&'static str> {
    let keys =
        |name: Option<&str>, legal: Option<&str>| -> Vec<String> { [name, legal].into_iter().flatten().map(name_key).collect() };
    let ours = keys(a.name.as_deref(), a.legal_name.as_deref());
    let theirs = keys(Some(&known.name), known.legal_name.as_deref());
    let same = |ours: Option<String>, theirs: Option<String>| ours.is_some() && ours == theirs;
    let mut why = Vec::new();
    if ours.iter().any(|key| theirs.contains(key)) {
        why.push("the same name");
    }
    if same(a.ein.clone(), known.ein.clone()) {
        why.push("the same EIN");
    }
    if same(a.website.as_deref().and_then(domain), known.website.as_deref().and_then(domain)) {
        why.push("the same web address");
    }
    why
}

/// What an applicant is told who may have come twice. Of other applications it tells that there is one,
/// and nothing that is in it.
pub(super) async fn warning(tx: &mut Tx, a: &Application) -> sqlx::Result<Option<String>> {
    let mut matches = find(tx, a).await?;
    // Who left and comes back is for staff to see: the number waits for them, and they apply as anybody.
    matches.retain(|found| !found.known.resigned);
    let on_the_roll = matches.iter().find(|found| found.known.organization_id.is_some());
    Ok(match (on_the_roll, matches.first()) {
        (Some(Match { known, .. }), _) => {
            Some(format!("An organization called {} is on the roll already. Go on only if yours is another one.", known.name))
        }
        (None, Some(found)) => Some(format!(
            "Another application names an organization with {}. Perhaps a colleague began it. You can go on; we compare the two.",
            found.why.join(" and ")
        )),
        (None, None) => None,
    })
}
