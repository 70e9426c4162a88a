//! One recurring gift: how it stands, what has changed and who asked for it, and what staff may do for the donor.
//! They never see or take a card: the donor gets a link.
use super::{gifts::state_badges, queries, recurring::every};
use crate::{
    app::App,
    audit, donors,
    gifts::{
        RecurringGift, RecurringId, letters, manage,
        plans::{self, Seat},
        queries as own,
    },
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, badge, day_of, facts, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;

async fn known(app: &App, id: &str) -> Result<(RecurringGift, donors::Donor), Error> {
    let id: RecurringId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let plan = own::recurring_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, plan.donor_id).await?.ok_or(Error::NotFound)?;
    Ok((plan, donor))
}

async fn seat(app: &App, staff: &Staff, id: &str) -> Result<Seat, Error> {
    staff.may_keep_gifts()?;
    let (plan, donor) = known(app, id).await?;
    Ok(Seat::of_staff(plan, donor, staff))
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let (plan, donor) = known(&app, &id).await?;
    let mut tx = app.db.read().await?;
    let changes = own::changes_of(&mut tx, plan.id).await?;
    let failure = own::failure_of(&mut tx, plan.id).await?.filter(|_| plans::goes_on(&plan));
    let fund = own::fund_by_id(&mut tx, plan.fund_id).await?.map(|fund| fund.name).unwrap_or_default();
    let gifts = queries::of_plan(&mut tx, plan.id, 24).await?;
    drop(tx);
    let mut rows = vec![
        ("Donor", html! { a href={ "/staff/donors/" (donor.id) } { (donor.name) } }),
        ("State", html! { (badge(plan.state, plan.state.label())) }),
        ("Gift", html! { (plan.intended.of(plan.currency)) " " (every(plan.frequency)) }),
    ];
    if plan.covered_fee.is_positive() {
        rows.push(("And for the fee", html! { (plan.covered_fee.of(plan.currency)) }));
    }
    rows.extend([
        ("Fund", html! { (fund) }),
        ("Since", day_of(plan.started_at, &zone)),
        ("At the payment service", html! { (plan.subscription) }),
    ]);
    let title = format!("Recurring gift of {}", donor.name);
    let seat = Seat::of_staff(plan, donor, &staff);
    let content = html! {
        (plans::sentence(&seat.plan, &zone))
        (plans::failure(failure.as_ref(), true, &zone))
        div.split {
            div {
                section { h2 { "What has changed" } (plans::changes(&changes, true, &zone)) }
                section {
                    h2 { "Gifts" }
                    table {
                        caption { "The last payments of this recurring gift" }
                        thead { tr { th scope="col" { "Date" } th scope="col" { "State" } th.num scope="col" { "Intended" } th.num scope="col" { "Net" } } }
                        tbody {
                            @for row in &gifts {
                                tr {
                                    th scope="row" { a href={ "/staff/gifts/" (row.id) } { (day_of(row.shown_at, &zone)) } }
                                    td data-label="State" { (state_badges(row)) }
                                    td.num data-label="Intended" { (row.intended.of(row.currency)) }
                                    td.num data-label="Net" { (row.net().of(row.currency)) }
                                }
                            }
                        }
                    }
                }
            }
            aside {
                (facts(&rows))
                @if staff.may_keep_gifts().is_ok() { (plans::buttons(&seat, &csrf)) }
            }
        }
    };
    Ok(Page::staff(title, content).crumb("Recurring gifts", super::recurring::PATH).wide())
}

pub(super) async fn amount(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    manage::asked_amount(&app, &seat(&app, &staff, &id).await?, &csrf).await
}

pub(super) async fn change_amount(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Amount>,
) -> Result<Response, Error> {
    manage::take_amount(&app, &seat(&app, &staff, &id).await?, &csrf, &typed).await
}

pub(super) async fn pause(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    Ok(manage::asked_pause(&app, &seat(&app, &staff, &id).await?, &csrf))
}

pub(super) async fn begin_pause(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<plans::Pause>,
) -> Result<Response, Error> {
    manage::take_pause(&app, &seat(&app, &staff, &id).await?, &csrf, &typed).await
}

pub(super) async fn press(
    staff: Staff,
    State(app): State<App>,
    Path((id, action)): Path<(String, String)>,
    Form(plans::Act {}): Form<plans::Act>,
) -> Result<Response, Error> {
    let seat = seat(&app, &staff, &id).await?;
    if action == "link" { mail_link(&app, &seat).await } else { manage::pressed(&app, &seat, &action).await }
}

/// Mails the donor the way to the card: staff never see or take it.
async fn mail_link(app: &App, seat: &Seat) -> Result<Response, Error> {
    let Seat { plan, donor, .. } = seat;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let about = letters::About::plan(&mut tx, plan.id).await?;
    if !letters::way(app, &mut tx, about, plan, donor).await? {
        return Err(Error::Conflict("This donor has no e-mail address. Add one to the contact details first.".to_owned()));
    }
    let record = plan.id.to_string();
    audit::record(&mut tx, &seat.actor, "mail_link", ("recurring_gift", &record), None::<&()>, None::<&()>, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(seat.home.1.clone(), Mood::Good, format!("The link is on its way to {}.", donor.name)))
}
