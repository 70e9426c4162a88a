//! `/gifts/manage/…`: what a donor does with a gift by the signed link of its receipt. Looking changes
//! nothing; stopping and changing are buttons.
use super::{
    Frequency, Gift, Giving, RecurringGift,
    letters::MANAGE,
    parts,
    plans::{self, Seat, Wish},
    queries,
};
use crate::{
    app::App,
    donors,
    links::{self, LinkError},
    receipts, settings,
    web::{Csrf, Draft, Error, Form, Page, facts},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

/// The gift that a link names with its plan, or the plan that it names itself when no gift had come of it.
async fn opened(app: &App, token: &str) -> Result<(Option<Gift>, Option<RecurringGift>), Error> {
    let mut tx = app.db.read().await?;
    let subject = links::open(&mut tx, &app.keys, MANAGE, token, app.clock.now()).await?.map_err(|why| match why {
        LinkError::Unknown => Error::NotFound,
        why => Error::Gone(format!("{why} The link in your latest receipt works, or write to us.")),
    })?;
    let id = subject.parse().map_err(|_| Error::NotFound)?;
    let Some(gift) = queries::by_id(&mut tx, id).await? else {
        let id = subject.parse().map_err(|_| Error::NotFound)?;
        let plan = queries::recurring_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        return Ok((None, Some(plan)));
    };
    let plan = match gift.recurring_id {
        Some(id) => queries::recurring_by_id(&mut tx, id).await?,
        None => None,
    };
    Ok((Some(gift), plan))
}

pub(super) async fn show(State(app): State<App>, Path(token): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let (gift, plan) = opened(&app, &token).await?;
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let (fund, donor) = match (&gift, &plan) {
        (Some(gift), _) => (parts::words(&mut tx, gift).await?, gift.donor_id),
        (None, Some(plan)) => {
            let fund = queries::fund_by_id(&mut tx, plan.fund_id).await?;
            (fund.map(|fund| fund.name).unwrap_or_default(), plan.donor_id)
        }
        (None, None) => return Err(Error::NotFound),
    };
    let receipt = match &gift {
        Some(gift) => receipts::standing(&mut tx, &gift.id.to_string()).await?,
        None => None,
    };
    let (changes, failure) = match &plan {
        Some(plan) => (queries::changes_of(&mut tx, plan.id).await?, queries::failure_of(&mut tx, plan.id).await?),
        None => (Vec::new(), None),
    };
    let donor = donors::by_id(&mut tx, donor).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let seat = plan.map(|plan| at(&token, plan, donor));
    let rows = gift.as_ref().map_or_else(|| vec![("For", html! { (fund) })], |gift| gift_rows(gift, &fund, receipt.as_ref()));
    let content = html! {
        (facts(&rows))
        @if let Some(seat) = &seat {
            section {
                h2 { "Your recurring gift" }
                (plans::failure(failure.as_ref().filter(|_| plans::goes_on(&seat.plan)), false, &zone))
                (plans::sentence(&seat.plan, &zone))
                (plans::buttons(seat, &csrf))
            }
            section { h2 { "What has changed" } (plans::changes(&changes, false, &zone)) }
        } @else if gift.is_some_and(|gift| gift.frequency == Frequency::Once) {
            p { "You gave once; nothing more is taken from your card." }
        }
    };
    Ok(Page::bare("Your gift", content))
}

fn gift_rows(gift: &Gift, fund: &str, receipt: Option<&receipts::Receipt>) -> Vec<(&'static str, Markup)> {
    let mut rows = vec![("Amount", html! { (gift.charged()) }), ("State", html! { (gift.state.label()) })];
    rows.extend(gift.given_on.map(|day| ("Date", crate::web::day(day))));
    rows.push(("For", html! { (fund) }));
    rows.extend(gift.tribute().map(|tribute| ("Tribute", html! { (tribute) })));
    rows.extend(receipt.map(|receipt| ("Receipt", html! { (receipt.label()) })));
    if gift.refunded.is_positive() {
        rows.push(("Gone back to you", html! { (gift.refunded.of(gift.currency)) }));
    }
    rows
}

fn at(token: &str, plan: RecurringGift, donor: donors::Donor) -> Seat {
    let base = format!("/gifts/manage/{token}");
    Seat::of_donor(plan, donor, base.clone(), ("Your gift", base))
}

async fn seat(app: &App, token: &str) -> Result<Seat, Error> {
    let (_, plan) = opened(app, token).await?;
    let plan = plan.ok_or_else(|| Error::Conflict("This gift does not repeat.".to_owned()))?;
    let donor = donors::by_id(&mut app.db.read().await?, plan.donor_id).await?.ok_or(Error::NotFound)?;
    Ok(at(token, plan, donor))
}

pub(super) async fn amount(State(app): State<App>, Path(token): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    asked_amount(&app, &seat(&app, &token).await?, &csrf).await
}

pub(super) async fn change_amount(
    State(app): State<App>,
    Path(token): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Amount>,
) -> Result<Response, Error> {
    take_amount(&app, &seat(&app, &token).await?, &csrf, &typed).await
}

pub(super) async fn pause(State(app): State<App>, Path(token): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    Ok(asked_pause(&app, &seat(&app, &token).await?, &csrf))
}

pub(super) async fn begin_pause(
    State(app): State<App>,
    Path(token): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Pause>,
) -> Result<Response, Error> {
    take_pause(&app, &seat(&app, &token).await?, &csrf, &typed).await
}

pub(super) async fn press(
    State(app): State<App>,
    Path((token, action)): Path<(String, String)>,
    Form(plans::Act {}): Form<plans::Act>,
) -> Result<Response, Error> {
    pressed(&app, &seat(&app, &token).await?, &action).await
}

/// The page that asks for an amount.
pub(super) async fn asked_amount(app: &App, seat: &Seat, csrf: &Csrf) -> Result<Page, Error> {
    let giving: Giving = settings::get(&mut app.db.read().await?).await?;
    Ok(plans::amount_page(seat, &giving, &app.coalition.get().zone(), None, csrf))
}

pub(super) async fn take_amount(app: &App, seat: &Seat, csrf: &Csrf, typed: &plans::Amount) -> Result<Response, Error> {
    let giving: Giving = settings::get(&mut app.db.read().await?).await?;
    match plans::read_amount(&giving, &seat.plan, typed) {
        Ok(wish) => plans::do_it(app, seat, wish).await,
        Err(draft) => {
            let page = plans::amount_page(seat, &giving, &app.coalition.get().zone(), Some(draft), csrf);
            Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)))
        }
    }
}

/// The page that asks for the end of a pause.
pub(super) fn asked_pause(app: &App, seat: &Seat, csrf: &Csrf) -> Page {
    plans::pause_page(seat, &app.coalition.get().zone(), None, csrf)
}

pub(super) async fn take_pause(app: &App, seat: &Seat, csrf: &Csrf, typed: &plans::Pause) -> Result<Response, Error> {
    let zone = app.coalition.get().zone();
    match plans::read_pause(&seat.plan, &zone, typed) {
        Ok(wish) => plans::do_it(app, seat, wish).await,
        Err(draft) => {
            let page = plans::pause_page(seat, &zone, Some(draft), csrf);
            Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)))
        }
    }
}

/// A button by its address.
pub(super) async fn pressed(app: &App, seat: &Seat, action: &str) -> Result<Response, Error> {
    match action {
        "end" => plans::do_it(app, seat, Wish::Stop).await,
        "keep" => plans::do_it(app, seat, Wish::Keep).await,
        "resume" => plans::do_it(app, seat, Wish::Resume).await,
        "card" if !seat.is_staff => plans::card(app, seat).await,
        _ => Err(Error::NotFound),
    }
}
