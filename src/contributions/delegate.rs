//! Contributions in the portal: what the organization is asked for, its invoices, and paying by card.
use super::{Contribution, ContributionId, Contributions, Standing, State, invoice, of_organization, pages::badge_of, queries};
use crate::{
    app::App,
    db::Tx,
    donors::{
        DonorId, Giver,
        ties::{self, Payer},
    },
    gifts::{self, Frequency, Giving, Wish},
    kernel::{Cents, Timestamp},
    members::{
        self, ContactRole,
        portal::{Delegate, Doing},
        standing::Allowed,
    },
    settings,
    web::{Csrf, Error, Form, Page, day, money, redirect},
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

const PATH: &str = "/portal/contributions";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/portal/contributions/{id}/invoice", get(give))
        .route("/portal/contributions/{id}/payment", post(pay))
}

/// What the organization is asked for now: a sentence and the way to it, as the portal's first page lists them.
pub async fn asked(tx: &mut Tx, d: &Delegate) -> sqlx::Result<Vec<(&'static str, Markup, Markup)>> {
    if d.allowed(Doing::Contribute) != Allowed::Yes {
        return Ok(Vec::new());
    }
    let all = of_organization(tx, d.o.id).await?;
    let open = all.iter().filter(|c| c.state == State::Open);
    Ok(open
        .map(|c| {
            let sentence = html! { "A voluntary contribution of " (money(c.of.money())) " for " (c.of.period) ", by " (day(c.of.due_day)) "." };
            ("info", sentence, html! { a.button href=(PATH) { "Look at it" span.visually-hidden { ": the contribution for " (c.of.period) } } })
        })
        .collect())
}

/// What the first page of the portal says of contributions; nothing when none is asked for.
pub async fn part(tx: &mut Tx, d: &Delegate) -> sqlx::Result<Option<Markup>> {
    let setup: Contributions = settings::get(tx).await?;
    let all = of_organization(tx, d.o.id).await?;
    if d.allowed(Doing::Contribute) != Allowed::Yes || !setup.on && all.is_empty() {
        return Ok(None);
    }
    let open = all.iter().filter(|c| c.state == State::Open).count();
    Ok(Some(html! {
        section aria-labelledby="contributions" {
            div.list-head { h2 #contributions { "Contributions" } a href=(PATH) { "All contributions" } }
            p {
                @match open {
                    0 => "Nothing is open.",
                    1 => "One contribution is asked for.",
                    n => { (n) " contributions are asked for." }
                }
                " They are voluntary; standing does not depend on them."
            }
        }
    }))
}

async fn list(Held(app): Held<App>, d: Delegate, csrf: Csrf) -> Result<Page, Error> {
    d.may(Doing::Contribute)?;
    let mut tx = app.db.read().await?;
    let setup: Contributions = settings::get(&mut tx).await?;
    let all = of_organization(&mut tx, d.o.id).await?;
    let content = html! {
        p.lead { "Contributions are voluntary. Membership and standing do not depend on them." }
        @if all.is_empty() { p { "Nothing was asked for." } } @else { (table(&all, &csrf)) }
        @if !setup.by_check.is_empty() { h2 { "Without a card" } @for line in setup.by_check.lines() { p { (line) } } }
    };
    Ok(members::portal::page("Contributions", content))
}

fn table(all: &[Standing], csrf: &Csrf) -> Markup {
    html! {
        table {
            caption { "The latest first" }
            thead { tr { th scope="col" { "For" } th scope="col" { "Amount" } th scope="col" { "Due" } th scope="col" { "State" } th scope="col" { "Invoice" } th scope="col" { span.visually-hidden { "Action" } } } }
            tbody { @for c in all { tr {
                th scope="row" { (c.of.period) }
                td data-label="Amount" { (money(c.of.money())) }
                td data-label="Due" { (day(c.of.due_day)) }
                td data-label="State" { span { (badge_of(c.state)) @if let Some(on) = c.paid_on { " " (day(on)) } } }
                td data-label="Invoice" { a href={ (PATH) "/" (c.of.id) "/invoice" } { "Invoice " (c.of.number) " (PDF)" } }
                td { @if c.state == State::Open {
                    form method="post" action={ (PATH) "/" (c.of.id) "/payment" } { (csrf.field()) button type="submit" { "Pay by card" span.visually-hidden { " for " (c.of.period) } } }
                } }
            } } }
        }
    }
}

async fn theirs(tx: &mut Tx, d: &Delegate, id: ContributionId) -> Result<Standing, Error> {
    let found = queries::by_id(tx, id).await?.filter(|c| c.organization_id == d.o.id).ok_or(Error::NotFound)?;
    Ok(found.stands(tx).await?)
}

async fn give(Held(app): Held<App>, d: Delegate, Path(id): Path<ContributionId>) -> Result<Response, Error> {
    d.may(Doing::Contribute)?;
    let mut tx = app.db.read().await?;
    let (of, setup) = (theirs(&mut tx, &d, id).await?, settings::get(&mut tx).await?);
    drop(tx);
    invoice::give(&app, &of, &d.o, &setup).await
}

#[derive(Deserialize)]
struct Nothing {}

/// Writes the gift down that pays it, or finds it, and leads to its payment page.
async fn pay(
    Held(app): Held<App>,
    d: Delegate,
    Path(id): Path<ContributionId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    d.may(Doing::Contribute)?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let giving: Giving = settings::get(&mut tx).await?;
    if giving.paused {
        return Err(Error::Unavailable(
            "Payment by card is paused at the moment. The invoice says how to pay without one.".to_owned(),
        ));
    }
    let c = theirs(&mut tx, &d, id).await?;
    if c.state != State::Open {
        return Err(Error::Conflict(format!(
            "The contribution for {} is not open: {}.",
            c.of.period,
            c.state.label().to_lowercase()
        )));
    }
    let gift = if let Some(gift) = c.of.gift_id {
        gift
    } else {
        let (donor, wish) = wish(&mut tx, &d, &c.of, now).await?;
        let gift = gifts::ask(&mut tx, &app, donor, &wish, now).await?;
        if !queries::pay_by(&mut tx, id, gift, now).await? {
            return Err(Error::Conflict(
                "Its payment was begun a moment ago. Open the portal again and go on from there.".to_owned(),
            ));
        }
        gift
    };
    tx.commit().await?;
    match gifts::payment_page(&app, gift, &d.person.email).await? {
        Some(page) => Ok(redirect(page)),
        None => Ok(redirect(PATH)),
    }
}

/// The organization gives, by its billing contact, or by its delegate when it has none.
async fn wish(tx: &mut Tx, d: &Delegate, c: &Contribution, now: Timestamp) -> Result<(DonorId, Wish), Error> {
    let people = members::contacts_of(tx, d.o.id).await?;
    let mut emails: Vec<_> = people.iter().filter(|p| p.role == ContactRole::Billing).map(|p| p.email.clone()).collect();
    emails.push(d.person.email.clone());
    emails.extend(members::record::mailboxes(tx, d.o.id).await?.into_iter().map(|mailbox| mailbox.email));
    let organization = d.o.id.to_string();
    let payer = Payer { organization: &organization, name: &d.o.name, address: d.o.postal_address.as_deref(), emails: &emails };
    let donor = ties::payer(tx, &payer, now).await?;
    let fund = gifts::fund_by_id(tx, c.fund_id).await?.ok_or_else(|| Error::internal("a contribution's fund is not there"))?;
    let giver = Giver {
        name: d.o.name.clone(),
        email: d.person.email.clone(),
        address: d.o.postal_address.clone(),
        consent_updates: false,
    };
    let wish = Wish {
        giver,
        fund,
        campaign: None,
        source: Some("contribution".to_owned()),
        frequency: Frequency::Once,
        intended: c.amount,
        covered_fee: Cents::ZERO,
        currency: c.currency,
        tribute: None,
        anonymous: false,
    };
    Ok((donor, wish))
}
