//! Contributions of one organization as staff see them, and asking for one.
use super::{Contribution, ContributionId, Contributions, Standing, State, invoice, letters, of_organization, queries};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Cents, Currency, Day, text},
    mail::{self, Class},
    members::{self, ContactRole, Organization, OrganizationId},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, empty, error_summary, field, money, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/contributions", get(list))
        .route("/staff/organizations/{id}/contributions/new", get(ask).post(take))
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
        @else if may && !all.is_empty() { p.actions { a.button href=(new) { "Ask for a contribution" } } }
        @if all.is_empty() { (empty("It was not asked for a contribution yet.", (may && setup.on).then_some(("Ask for one", new.as_str())))) }
        @else { (table(&all, may)) }
    };
    Ok(subject("Contributions", &o, content))
}

fn table(all: &[Standing], may: bool) -> Markup {
    html! {
        table {
            caption { "The latest first" }
            thead { tr { th scope="col" { "For" } th scope="col" { "Amount" } th scope="col" { "Due" } th scope="col" { "State" } th scope="col" { "Invoice" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody { @for c in all { tr {
                th scope="row" { (c.of.period) @if !c.of.note.is_empty() { ". " (c.of.note) } }
                td data-label="Amount" { (money(c.of.money())) }
                td data-label="Due" { (day(c.of.due_day)) }
                td data-label="State" { span {
                    (badge_of(c.state))
                    @if let Some(on) = c.paid_on { " " (day(on)) }
                    @if !c.of.closed_note.is_empty() { br; (c.of.closed_note) }
                    @if let (Some(gift), State::Paid | State::Processing | State::Returned) = (c.of.gift_id, c.state) { br; a href={ "/staff/gifts/" (gift) } { "Its gift" } }
                } }
                td data-label="Invoice" { a href={ "/staff/contributions/" (c.of.id) "/invoice" } { "Invoice " (c.of.number) " (PDF)" } }
                @if may { td { @if c.state == State::Open { a href={ "/staff/contributions/" (c.of.id) "/end" } { "Paid or waived" span.visually-hidden { ": the contribution for " (c.of.period) } } } } }
            } } }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    amount: String,
    period: String,
    due: String,
    note: String,
}

fn form(csrf: &Csrf, draft: &Draft, o: &Organization, setup: &Contributions, currency: Currency) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "The delegate and the billing contact are told by mail, with the way to the invoice and to paying by card." }
        @if !setup.tiers.is_empty() {
            table {
                caption { "Suggested amounts" }
                thead { tr { th scope="col" { "Budget of a year" } th scope="col" { "Amount" } } }
                tbody { @for tier in &setup.tiers { tr {
                    th scope="row" { @match tier.up_to { Some(most) => { "Up to " (most.of(currency)) }, None => "Larger" } }
                    td data-label="Amount" { (money(tier.amount.of(currency))) }
                } } }
            }
        }
        form method="post" action={ (path(o.id)) "/new" } novalidate {
            (csrf.field())
            (Field { width: "medium", inputmode: Some("decimal"), prefix: Some(currency.sign().trim()), ..field("amount", "Amount") }.input(draft))
            (Field { width: "medium", hint: Some("Such as 2027. It is asked once for each period."), ..field("period", "For the period") }.input(draft))
            (Field { kind: "date", width: "medium", ..field("due", "Due on") }.input(draft))
            (Field { optional: true, hint: Some("Stands in the mail and on the invoice."), ..field("note", "Note") }.textarea(draft, 3))
            p.actions { button type="submit" { "Ask for the contribution" } a href=(path(o.id)) { "Cancel" } }
        }
    };
    subject("Ask for a contribution", o, content)
}

/// Refuses while contributions are off or have no fund.
async fn setup(tx: &mut Tx) -> Result<(Contributions, crate::gifts::FundId), Error> {
    let setup: Contributions = settings::get(tx).await?;
    match setup.fund.filter(|_| setup.on) {
        Some(fund) => Ok((setup, fund)),
        None => Err(Error::Conflict("Contributions are switched off in the settings, so none can be asked for.".to_owned())),
    }
}

async fn ask(Held(app): Held<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.read().await?;
    let (o, (setup, _)) = (find(&mut tx, id).await?, setup(&mut tx).await?);
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let draft = Draft::of([("period", today.year().to_string()), ("due", today.plus_days(60).to_string())]);
    Ok(form(&csrf, &draft, &o, &setup, coalition.currency))
}

async fn take(
    Held(app): Held<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let (now, coalition) = (app.clock.now(), app.coalition.get());
    let today = coalition.zone().day(now);
    let mut tx = app.db.write().await?;
    let (o, (setup, fund_id)) = (find(&mut tx, id).await?, setup(&mut tx).await?);
    let mut draft = Draft::default();
    draft.keep("amount", &typed.amount);
    let amount = Cents::parse(&typed.amount, coalition.currency).map_err(|why| draft.reject("amount", why.to_string())).ok();
    let period = draft.text("period", &text::line(&typed.period), 40, "Write the period, such as 2027");
    let due_day = draft.read::<Day>("due", &typed.due);
    if due_day.is_some_and(|due| due < today) {
        draft.reject("due", "Enter a day that is not in the past");
    }
    let note = draft.optional_text("note", &typed.note, 600);
    let (Some(amount), Some(period), Some(due_day), Some(note), true) = (amount, period, due_day, note, draft.is_right()) else {
        return Err(Draft::refuse(form(&csrf, &draft, &o, &setup, coalition.currency)));
    };
    let c = Contribution {
        id: ContributionId::new(),
        number: queries::next_number(&mut tx).await?,
        organization_id: id,
        fund_id,
        amount,
        currency: coalition.currency,
        period,
        due_day,
        note,
        asked_at: now,
        asked_by: staff.name.clone(),
        closed_as: None,
        closed_day: None,
        closed_by: None,
        closed_note: String::new(),
        gift_id: None,
    };
    if !queries::insert(&mut tx, &c).await? {
        draft.reject("period", format!("It was asked for {} already", c.period));
        return Err(Draft::refuse(form(&csrf, &draft, &o, &setup, coalition.currency)));
    }
    let record = id.to_string();
    let record = ("organization", record.as_str());
    for person in members::contacts_of(&mut tx, id).await? {
        if matches!(person.role, ContactRole::Delegate | ContactRole::Billing) {
            let letter = letters::asked(&coalition, &o, &person.name, &c, &app.url("/portal/contributions"));
            mail::send(&mut tx, &person.email, Class::MembershipService, record, &letter, now).await?;
        }
    }
    let after = serde_json::json!({ "amount": c.money().to_string(), "period": c.period, "due": c.due_day, "invoice": c.number });
    audit::record(&mut tx, &staff.actor(), "ask for a contribution", record, None::<&()>, Some(&after), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(path(id), Mood::Good, format!("{} is asked for {}.", o.name, c.money())))
}

async fn give(Held(app): Held<App>, _: Staff, Path(id): Path<ContributionId>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let of = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?.stands(&mut tx).await?;
    let (o, setup) = (find(&mut tx, of.of.organization_id).await?, settings::get(&mut tx).await?);
    drop(tx);
    invoice::give(&app, &of, &o, &setup).await
}
