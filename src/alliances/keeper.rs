//! Whoever keeps one alliance's roster, activities, messages and requests: staff from the alliance's page,
//! or the leader from the workspace. The same pages stand under both addresses.
//!
//! A leader reaches the alliances of the own running terms and no other; another one is answered as if it
//! were not there, and the attempt is written down.
use super::{Alliance, AllianceId, queries};
use crate::{
    app::App,
    audit::Actor,
    staff::{LeaderAccount, Staff, leaders::Attempt},
    web::{Error, Page},
};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use maud::Markup;

/// Which side asks.
#[derive(Debug, Clone)]
pub(super) enum Side {
    Staff(Staff),
    Leader(LeaderAccount),
}

/// Somebody with one alliance before them. Reading is allowed to whoever is one; writing is asked for.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    pub(super) alliance: Alliance,
    /// Where its pages begin: `/staff/alliances/…` or `/leader/…`.
    pub(super) base: String,
    pub(super) side: Side,
}

impl Keeper {
    /// The first line of every handler that writes.
    pub(super) fn may_keep(&self) -> Result<(), Error> {
        match &self.side {
            Side::Staff(staff) => staff.may_admit(),
            Side::Leader(_) => Ok(()),
        }
    }

    pub(super) fn actor(&self) -> Actor {
        match &self.side {
            Side::Staff(staff) => staff.actor(),
            Side::Leader(leader) => leader.actor(),
        }
    }

    pub(super) fn name(&self) -> &str {
        match &self.side {
            Side::Staff(staff) => &staff.name,
            Side::Leader(leader) => leader.name(),
        }
    }

    /// A page below the alliance's own.
    pub(super) fn page(&self, title: impl Into<String>, content: Markup) -> Page {
        let page = Page::staff(title, content);
        let page = match &self.side {
            Side::Staff(_) => page.crumb("Staff", "/staff").crumb("Alliances", "/staff/alliances"),
            Side::Leader(_) => page,
        };
        page.crumb(&self.alliance.name, &self.base)
    }
}

impl FromRequestParts<App> for Keeper {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse::<AllianceId>().ok());
        if parts.uri.path().starts_with("/leader/") {
            let leader = LeaderAccount::from_request_parts(parts, app).await?;
            let today = app.coalition.get().zone().day(app.clock.now());
            let mut tx = app.db.read().await?;
            let leads = queries::leads(&mut tx, leader.id(), today).await?;
            let found = match id.filter(|id| leads.contains(id)) {
                Some(id) => queries::by_id(&mut tx, id).await?,
                None => None,
            };
            drop(tx);
            let Some(alliance) = found else { return Err(Attempt::of_leader(&leader, parts).refuse(app).await) };
            let base = format!("/leader/{}", alliance.id);
            return Ok(Self { alliance, base, side: Side::Leader(leader) });
        }
        let staff = Staff::from_request_parts(parts, app).await?;
        let id = id.ok_or(Error::NotFound)?;
        let alliance = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
        let base = format!("/staff/alliances/{id}");
        Ok(Self { alliance, base, side: Side::Staff(staff) })
    }
}
