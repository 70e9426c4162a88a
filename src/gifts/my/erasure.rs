//! A donor asks that what is personal be taken away. Staff do it in one step, or say why not: name, addresses, the
//! consent, tributes and the bodies of letters go; the books, the days and the receipts stay, and the page says why.
//!
//! It refuses while a recurring gift goes on.
use super::{Erasure, ErasureState, Mine, shut};
use crate::{
    app::App,
    audit::{self, Actor},
    donors::{self, Donor, DonorId},
    gifts::{letters, plans, queries},
    mail,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day_of, empty, error_summary, field, notice, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

fn what_happens() -> Markup {
    html! {
        h2 { "What goes" }
        ul {
            li { "The name, the e-mail address and the postal address, and the consent to updates." }
            li { "Names in tributes, and which card a gift was paid with." }
            li { "What we mailed: the letters are emptied." }
        }
        h2 { "What stays, and why" }
        ul {
            li { "Each gift with its day, amount and fund, without a name: the books must add up, and the tax law has them kept for seven years." }
            li { "Receipts as they were issued, with the name on them: they are proof to the tax authority, and are kept apart for as long." }
            li { "What our staff did and when, and what the payment service told us about each payment: without them nobody could audit the books." }
            li { "What the payment service itself keeps under its own duties. We ask it to forget its customer record." }
        }
    }
}

pub(super) async fn form(Mine(donor): Mine, State(app): State<App>, csrf: Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let known = queries::erasure_of(&mut tx, donor.id).await?;
    Ok(asking(known.as_ref(), &Draft::default(), &app, &csrf))
}

fn asking(known: Option<&Erasure>, draft: &Draft, app: &App, csrf: &Csrf) -> Page {
    let zone = app.coalition.get().zone();
    let content = html! {
        (error_summary(draft))
        @match known {
            Some(known) if known.state == ErasureState::Open => {
                p.lead { "You asked on " (day_of(known.asked_at, &zone)) ". We answer within 30 days; you need to do nothing until then." }
                (what_happens())
            }
            _ => {
                @if let Some(reason) = known.and_then(|known| known.reason.as_deref()) { (notice("info", &html! { p { "We could not do it last time: " (reason) } })) }
                p.lead { "We take away what is personal. It can’t be undone, and these pages then show you nothing any more." }
                (what_happens())
                form method="post" action="/my-giving/erasure" novalidate {
                    (csrf.field())
                    (Field { optional: true, hint: Some("Only if you want to tell us something."), ..field("note", "A word to us") }.textarea(draft, 3))
                    div.actions { button.danger type="submit" { "Ask for erasure" } a href="/my-giving" { "Leave it as it is" } }
                }
            }
        }
    };
    super::page("Erase my personal data", content)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    note: String,
}

pub(super) async fn ask(
    Mine(donor): Mine,
    State(app): State<App>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let Some(note) = draft.optional_text("note", &typed.note, 2_000) else {
        let page = asking(None, &draft, &app, &csrf);
        return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if queries::ask_erasure(&mut tx, donor.id, &note, now).await? {
        let actor = Actor { kind: "donor", id: donor.id.to_string(), name: donor.name.clone() };
        audit::record(&mut tx, &actor, "ask_for_erasure", ("donor", &donor.id.to_string()), None::<&()>, None::<&()>, now)
            .await?;
    }
    tx.commit().await?;
    Ok(redirect_saying("/my-giving/erasure", Mood::Good, "We have your request and answer within 30 days."))
}

/// The requests that wait.
pub(in crate::gifts) async fn list_for_staff(_staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let mut tx = app.db.read().await?;
    let waiting = queries::erasures_open(&mut tx).await?;
    let mut rows = Vec::new();
    for request in &waiting {
        rows.extend(donors::by_id(&mut tx, request.donor_id).await?.map(|donor| (request, donor)));
    }
    drop(tx);
    let content = html! {
        @if rows.is_empty() {
            (empty("Donors who ask that their personal data be erased will stand here. They ask on their own pages, under My giving.", Some(("Go to the donors", "/staff/donors"))))
        } @else {
            p { "Each is to be answered within 30 days of the day it was asked." }
            ul { @for (request, donor) in &rows { li { a href={ "/staff/donors/" (donor.id) "/erasure" } { (donor.name) } ", asked on " (day_of(request.asked_at, &zone)) } } }
        }
    };
    Ok(Page::staff("Requests for erasure", content).crumb("Donors", "/staff/donors"))
}

struct Before {
    donor: Donor,
    request: Option<Erasure>,
    /// A recurring gift that goes on.
    running: bool,
}

impl Before {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
        let mut tx = app.db.read().await?;
        let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let request = queries::erasure_of(&mut tx, id).await?;
        let running = queries::recurring_of(&mut tx, id).await?.iter().any(plans::goes_on);
        Ok(Self { donor, request, running })
    }
}

pub(in crate::gifts) async fn page_for_staff(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    Ok(question(&Before::read(&app, &id).await?, &Draft::default(), &app, &csrf))
}

fn question(before: &Before, draft: &Draft, app: &App, csrf: &Csrf) -> Page {
    let Before { donor, request, running } = before;
    let zone = app.coalition.get().zone();
    let back = format!("/staff/donors/{}", donor.id);
    let waits = request.as_ref().is_some_and(|request| request.state == ErasureState::Open);
    let content = html! {
        (error_summary(draft))
        @match request {
            Some(request) if waits => {
                p.lead { (donor.name) " asked on " (day_of(request.asked_at, &zone)) " that what is personal be taken away." }
                @if !request.note.is_empty() { blockquote { (request.note) } }
            }
            Some(request) => p.lead { (request.state.label()) @if let Some(at) = request.ended_at { ", on " (day_of(at, &zone)) } @if let Some(by) = &request.ended_by { ", by " (by) } "." },
            None => p.lead { "Nobody has asked for this. Erase only what the donor wants erased, by letter or by phone." },
        }
        (what_happens())
        @if donor.name != donors::ERASED {
            @if *running { (notice("warn", &html! { p { "A recurring gift goes on. " a href={ (back) "#recurring" } { "Stop it first" } "." } })) }
            form method="post" action={ (back) "/erasure" } {
                (csrf.field())
                input type="hidden" name="act" value="erase";
                p { "It can’t be undone, and nothing can be mailed after it: tell the donor before, in a mail of your own. Remove the customer at the payment service as well" @if let Some(customer) = &donor.gateway_customer { " (" (customer) ")" } "." }
                div.actions { button.danger disabled[*running] { "Erase the personal data" } a href=(back) { "Leave it as it is" } }
            }
            @if waits {
                section {
                    h2 { "Or say why not" }
                    form method="post" action={ (back) "/erasure" } novalidate {
                        (csrf.field())
                        input type="hidden" name="act" value="decline";
                        (Field { hint: Some("The donor reads it."), ..field("reason", "Why it can’t be done") }.textarea(draft, 3))
                        div.actions { button.secondary { "Answer" } }
                    }
                }
            }
        }
    };
    Page::staff("Erase personal data", content).crumb("Donors", "/staff/donors").crumb(donor.name.clone(), back)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::gifts) struct Decision {
    act: String,
    reason: String,
}

pub(in crate::gifts) async fn act_for_staff(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Decision>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let back = format!("/staff/donors/{}", before.donor.id);
    if typed.act == "decline" {
        let mut draft = Draft::default();
        let Some(reason) = draft.text("reason", &typed.reason, 1_000, "Say why it can’t be done") else {
            let page = question(&before, &draft, &app, &csrf);
            return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
        };
        decline(&app, &staff, &before, &reason).await?;
        return Ok(redirect_saying(back, Mood::Good, "The donor reads why it was not done."));
    }
    if before.running {
        return Err(Error::Conflict(
            "A recurring gift goes on. Stop it first; otherwise a card would be charged for nobody.".to_owned(),
        ));
    }
    erase(&app, &staff, &before).await?;
    Ok(redirect_saying(back, Mood::Good, "The personal data is erased. The books are as they were."))
}

async fn erase(app: &App, staff: &Staff, before: &Before) -> Result<(), Error> {
    let now = app.clock.now();
    let donor = &before.donor;
    let record = donor.id.to_string();
    let mut tx = app.db.write().await?;
    for email in donors::emails_of(&mut tx, donor.id).await? {
        mail::empty_letters_to(&mut tx, &email, now).await?;
        queries::forget_held_of(&mut tx, &email).await?;
    }
    shut(&mut tx, donor.id, now).await?;
    queries::erase_traces(&mut tx, donor.id, now).await?;
    mail::lift_refusals(&mut tx, &record).await?;
    donors::erase(&mut tx, donor.id, now).await?;
    audit::forget(&mut tx, ("donor", &record)).await?;
    if let Some(request) = &before.request {
        queries::end_erasure(&mut tx, request.id, &staff.name, None, now).await?;
    }
    audit::record(&mut tx, &staff.actor(), "erase", ("donor", &record), None::<&()>, None::<&()>, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(())
}

async fn decline(app: &App, staff: &Staff, before: &Before, reason: &str) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let Some(request) = &before.request else { return Err(Error::NotFound) };
    if queries::end_erasure(&mut tx, request.id, &staff.name, Some(reason), now).await? {
        let record = before.donor.id.to_string();
        let why = serde_json::json!({ "reason": reason });
        audit::record(&mut tx, &staff.actor(), "decline_erasure", ("donor", &record), None::<&()>, Some(&why), now).await?;
        if let Some(email) = &before.donor.email {
            letters::not_erased(app, &mut tx, &before.donor, email, reason).await?;
        }
        tx.commit().await?;
        app.bell.notify_one();
    }
    Ok(())
}
