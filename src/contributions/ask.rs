//! Asking an organization for a contribution: the form, and the act, once for each period.
use super::{
    Contribution, ContributionId, Contributions, letters,
    pages::{find, path, subject},
    queries,
};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    gifts::FundId,
    kernel::{Cents, Currency, Day, Timestamp, text},
    mail::{self, Class},
    members::{self, ContactRole, Organization, OrganizationId},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, money, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/contributions/new", get(ask).post(take))
}

/// What is asked for; the amount in the coalition's currency.
#[derive(Debug, Clone)]
pub struct Asking {
    pub amount: Cents,
    pub period: String,
    pub due_day: Day,
    pub note: String,
    pub fund_id: FundId,
}

/// Asks an organization, and mails its delegate and billing contact. `None` when it was asked for this period.
pub async fn ask_for(
    tx: &mut Tx,
    app: &App,
    o: &Organization,
    asking: Asking,
    actor: &Actor,
    now: Timestamp,
) -> sqlx::Result<Option<Contribution>> {
    let coalition = app.coalition.get();
    let Asking { amount, period, due_day, note, fund_id } = asking;
    let c = Contribution {
        id: ContributionId::new(),
        number: queries::next_number(tx).await?,
        organization_id: o.id,
        fund_id,
        amount,
        currency: coalition.currency,
        period,
        due_day,
        note,
        asked_at: now,
        asked_by: actor.name.clone(),
        closed_as: None,
        closed_day: None,
        closed_by: None,
        closed_note: String::new(),
        gift_id: None,
    };
    if !queries::insert(tx, &c).await? {
        return Ok(None);
    }
    let record = o.id.to_string();
    let record = ("organization", record.as_str());
    for person in members::contacts_of(tx, o.id).await? {
        if matches!(person.role, ContactRole::Delegate | ContactRole::Billing) {
            let letter = letters::asked(&coalition, o, &person.name, &c, &app.url("/portal/contributions"));
            mail::send(tx, &person.email, Class::MembershipService, record, &letter, now).await?;
        }
    }
    let after = serde_json::json!({ "amount": c.money().to_string(), "period": c.period, "due": c.due_day, "invoice": c.number });
    audit::record(tx, actor, "ask for a contribution", record, None::<&()>, Some(&after), now).await?;
    Ok(Some(c))
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

/// Refuses while contributions are off or have no fund, and for who left.
async fn setup(tx: &mut Tx, o: &Organization) -> Result<(Contributions, FundId), Error> {
    let setup: Contributions = settings::get(tx).await?;
    if o.left_on.is_some() {
        return Err(Error::Conflict(format!("{} no longer belongs to the coalition, so it is asked for nothing.", o.name)));
    }
    match setup.fund.filter(|_| setup.on) {
        Some(fund) => Ok((setup, fund)),
        None => Err(Error::Conflict("Contributions are switched off in the settings, so none can be asked for.".to_owned())),
    }
}

async fn ask(Held(app): Held<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let (setup, _) = setup(&mut tx, &o).await?;
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
    let o = find(&mut tx, id).await?;
    let (setup, fund_id) = setup(&mut tx, &o).await?;
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
    let asking = Asking { amount, period, due_day, note, fund_id };
    let Some(c) = ask_for(&mut tx, &app, &o, asking, &staff.actor(), now).await? else {
        draft.reject("period", format!("It was asked for {} already", text::line(&typed.period)));
        return Err(Draft::refuse(form(&csrf, &draft, &o, &setup, coalition.currency)));
    };
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(path(id), Mood::Good, format!("{} is asked for {}.", o.name, c.money())))
}
