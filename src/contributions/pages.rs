//! Contributions of one organization as staff see them.
use super::{ContributionId, Contributions, Standing, State, invoice, of_organization, queries};
use crate::{
    app::App,
    db::Tx,
    members::{self, Organization, OrganizationId},
    settings,
    staff::Staff,
    web::{Error, Page, badge, day, empty, money},
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/contributions", get(list))
        .route("/staff/contributions/{id}/invoice", get(give))
}

pub(super) async fn find(tx: &mut Tx, id: OrganizationId) -> Result<Organization, Error> {
    members::organization(tx, id).await?.ok_or(Error::NotFound)
}

pub(super) fn path(id: OrganizationId) -> String {
    format!("/staff/organizations/{id}/contributions")
}

/// A page below an organization.
pub(super) fn subject(title: impl Into<String>, o: &Organization, content: Markup) -> Page {
    Page::staff(title, content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb(o.name.clone(), format!("/staff/organizations/{}", o.id))
}

pub(super) fn badge_of(state: State) -> Markup {
    badge(if state == State::Processing { "pending" } else { state.as_str() }, state.label())
}

async fn list(Held(app): Held<App>, staff: Staff, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let setup: Contributions = settings::get(&mut tx).await?;
    let all = of_organization(&mut tx, id).await?;
    let may = staff.may_keep_gifts().is_ok();
    let new = format!("{}/new", path(id));
    let content = html! {
        p.lead { "What it was asked to contribute. Standing does not depend on it." }
        @if !setup.on { p { "Contributions are switched off in the settings, so none can be asked for." } }
        @else if o.left_on.is_some() { p { (o.name) " no longer belongs to the coalition, so it is asked for nothing." } }
        @else if may && !all.is_empty() { p.actions { a.button href=(new) { "Ask for a contribution" } } }
        @if all.is_empty() { (empty("It was not asked for a contribution yet.", (may && setup.on && o.left_on.is_none()).then_some(("Ask for one", new.as_str())))) }
        @else { (table(&all, may)) }
    };
    Ok(subject("Contributions", &o, content))
}

fn table(all: &[Standing], may: bool) -> Markup {
    html! {
        table {
            caption { "The latest first" }
            thead { tr { th scope="col" { "For" } th.num scope="col" { "Amount" } th scope="col" { "Due" } th scope="col" { "State" } th scope="col" { "Invoice" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody { @for c in all { tr {
                th scope="row" { (c.of.period) @if !c.of.note.is_empty() { ". " (c.of.note) } }
                td.num data-label="Amount" { (money(c.of.money())) }
                td data-label="Due" { (day(c.of.due_day)) }
                td data-label="State" { span {
                    (badge_of(c.state))
                    @if let Some(on) = c.paid_on { " " (day(on)) }
                    @if !c.of.closed_note.is_empty() { br; (c.of.closed_note) }
                    @if c.also_by_card { br; strong { "Paid by card, too. " } }
                    @if let (Some(gift), true) = (c.of.gift_id, c.also_by_card || matches!(c.state, State::Paid | State::Processing | State::Returned)) { @if !c.also_by_card { br; } a href={ "/staff/gifts/" (gift) } { "Its gift" } }
                } }
                td data-label="Invoice" { a href={ "/staff/contributions/" (c.of.id) "/invoice" } { "Invoice " (c.of.number) " (PDF)" } }
                @if may { td { @if c.may_end() { a href={ "/staff/contributions/" (c.of.id) "/end" } { "Paid or waived" span.visually-hidden { ": the contribution for " (c.of.period) } } } } }
            } } }
        }
    }
}

async fn give(Held(app): Held<App>, _: Staff, Path(id): Path<ContributionId>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let of = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?.stands(&mut tx).await?;
    let (o, setup) = (find(&mut tx, of.of.organization_id).await?, settings::get(&mut tx).await?);
    drop(tx);
    invoice::give(&app, &of, &o, &setup).await
}
