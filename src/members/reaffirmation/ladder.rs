//! The ladder of reminders, climbed once a day: each rung of each term is mailed once or skipped once, with
//! the reason. Run twice, or by two at the same moment, it mails nothing twice.
use super::{Rhythm, Rung, link, queries};
use crate::{
    app::App,
    kernel::Day,
    members::{
        OrganizationId, contacts, contacts_of, queries as members_queries,
        standing::{self, FactKind, Standing, State},
    },
    settings,
    work::{Job, JobError},
};
use futures_util::future::BoxFuture;
use std::collections::{HashMap, HashSet};

pub(super) fn remind(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let today = app.coalition.get().zone().day(app.clock.now());
        let mut tx = app.db.read().await?;
        let rhythm: Rhythm = settings::get(&mut tx).await?;
        if !rhythm.asks() {
            return Ok(());
        }
        let waiting = reached(&mut tx, &rhythm, today).await?;
        drop(tx);
        for (id, rungs) in waiting {
            one(&app, &rhythm, id, &rungs, today).await?;
        }
        app.bell.notify_one();
        Ok(())
    })
}

/// Whoever has come to rungs that nothing is noted of.
async fn reached(tx: &mut crate::db::Tx, rhythm: &Rhythm, today: Day) -> sqlx::Result<Vec<(OrganizationId, Vec<Rung>)>> {
    let mut facts: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    for fact in standing::all_facts(tx).await? {
        facts.entry(fact.organization_id).or_default().push(fact);
    }
    let mut terms = Vec::new();
    for basis in queries::bases(tx).await? {
        let own = facts.get(&basis.organization_id).map_or(&[][..], Vec::as_slice);
        terms.extend(rhythm.due(basis.affirmed(own, today)).map(|due| (basis.organization_id, due)));
    }
    let Some(first) = terms.iter().map(|(_, due)| *due).min() else { return Ok(Vec::new()) };
    let noted: HashSet<_> =
        queries::reminders(tx, first).await?.into_iter().map(|r| (r.organization_id, r.term, r.rule)).collect();
    let open = |id: OrganizationId, due: Day| {
        let rungs = rhythm.rungs().into_iter().filter(|rung| due.plus_days(rung.0) <= today);
        rungs.filter(|rung| !noted.contains(&(id, due, rung.rule()))).collect::<Vec<_>>()
    };
    Ok(terms.into_iter().map(|(id, due)| (id, open(id, due))).filter(|(_, rungs)| !rungs.is_empty()).collect())
}

/// Why who stands so is not reminded.
fn spared(state: &State) -> Option<String> {
    let by_hand = state.by.as_ref().filter(|fact| fact.kind == FactKind::Override);
    match (state.standing, by_hand) {
        (Standing::Suspended, _) => Some("Its membership is suspended".to_owned()),
        (_, Some(fact)) => Some(fact.until_day.map_or_else(
            || "Its standing is set by hand".to_owned(),
            |until| format!("Its standing is set by hand until {}", until.words()),
        )),
        _ => None,
    }
}

/// Notes one organization's rungs, and mails the last of them.
async fn one(app: &App, rhythm: &Rhythm, id: OrganizationId, rungs: &[Rung], today: Day) -> sqlx::Result<()> {
    let coalition = app.coalition.get();
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (Some(o), Some(basis)) = (members_queries::organization(&mut tx, id).await?, queries::basis(&mut tx, id).await?) else {
        return Ok(());
    };
    let state = standing::standing(&mut tx, id, today).await?;
    let facts = standing::facts(&mut tx, id).await?;
    let Some(due) = rhythm.due(basis.affirmed(&facts, today)) else { return Ok(()) };
    let people = contacts_of(&mut tx, id).await?;
    let delegate = contacts::delegate(&people);
    // Whoever answered meanwhile has a new term, which these rungs are not of.
    let (last, earlier) = match rungs.split_last() {
        Some((last, earlier)) if due.plus_days(last.0) <= today => (*last, earlier),
        _ => return Ok(()),
    };
    for rung in earlier {
        queries::remind(&mut tx, id, &rung.rule(), due, Some("A later reminder was due at the same time"), now).await?;
    }
    let skipped = spared(&state).or_else(|| delegate.is_none().then(|| "Nobody holds the delegate’s seat".to_owned()));
    let fresh = queries::remind(&mut tx, id, &last.rule(), due, skipped.as_deref(), now).await?;
    if let (true, None, Some(delegate)) = (fresh, skipped, delegate) {
        link::mail_it(&mut tx, app, &o, delegate, due, &coalition, now).await?;
    }
    tx.commit().await
}
