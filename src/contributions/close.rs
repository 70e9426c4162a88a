//! A contribution that ends without a card: paid by check or transfer and posted, waived with a reason, or withdrawn.
use super::{Closed, Contribution, ContributionId, Standing, State, pages, queries};
use crate::{
    app::App,
    audit,
    books::{self, Account, Entry},
    db::Tx,
    gifts,
    kernel::Day,
    members::Organization,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
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
    Router::new().route("/staff/contributions/{id}/end", get(ask).post(close))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    how: String,
    on: String,
    note: String,
}

fn page(csrf: &Csrf, draft: &Draft, c: &Contribution, o: &Organization) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { (c.money()) " for " (c.period) ", invoice " (c.number) ". Standing does not depend on it." }
        form method="post" action={ "/staff/contributions/" (c.id) "/end" } novalidate {
            (csrf.field())
            (field("how", "What came of it").radios(draft, &[
                ("offline", "Paid by check or transfer", Some("It is posted to the books: bank and contributions.")),
                ("waived", "Waived", Some("Nothing is to be paid.")),
                ("withdrawn", "Withdrawn", Some("It was asked by mistake and can be asked anew.")),
            ]))
            (Field { kind: "date", width: "medium", ..field("on", "On") }.input(draft))
            (Field { hint: Some("The number of the check, or the reason"), ..field("note", "Note") }.textarea(draft, 2))
            p.actions { button type="submit" { "Note it" } a href=(pages::path(o.id)) { "Cancel" } }
        }
    };
    pages::subject("Paid or waived", o, content).crumb("Contributions", pages::path(o.id))
}

/// The contribution while it can be ended.
async fn open(tx: &mut Tx, id: ContributionId) -> Result<(Standing, Organization), Error> {
    let c = queries::by_id(tx, id).await?.ok_or(Error::NotFound)?.stands(tx).await?;
    let o = pages::find(tx, c.of.organization_id).await?;
    if !c.may_end() {
        let state = c.state.label().to_lowercase();
        return Err(Error::Conflict(format!("The contribution of {} for {} is not open: {state}.", o.name, c.of.period)));
    }
    Ok((c, o))
}

async fn ask(Held(app): Held<App>, staff: Staff, csrf: Csrf, Path(id): Path<ContributionId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let (c, o) = open(&mut app.db.read().await?, id).await?;
    Ok(page(&csrf, &Draft::of([("on", today.to_string())]), &c.of, &o))
}

/// Closes the payment page that somebody may have open, before it is ended another way; the sentence says why that
/// can't be done now.
async fn no_card_any_more(app: &App, c: &Standing) -> Result<Result<(), String>, Error> {
    let Some(gift) = c.of.gift_id.filter(|_| c.state == State::Open) else { return Ok(Ok(())) };
    match gifts::close_page(app, gift).await {
        Ok(true) => Ok(Ok(())),
        Ok(false) => Ok(Err("It was paid by card a moment ago, or the payment is on its way. Look at its gift first".to_owned())),
        Err(Error::Unavailable(why)) => Ok(Err(why)),
        Err(error) => Err(error),
    }
}

async fn close(
    Held(app): Held<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<ContributionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let zone = app.coalition.get().zone();
    let (c, o) = open(&mut app.db.read().await?, id).await?;
    let mut draft = Draft::default();
    draft.keep("how", &typed.how);
    let how = typed.how.parse::<Closed>().ok();
    if how.is_none() {
        draft.reject("how", "Choose what came of it");
    }
    let on = draft.read::<Day>("on", &typed.on);
    if on.is_some_and(|on| on > zone.day(now)) {
        draft.reject("on", "Enter a day that is not in the future");
    }
    let note = draft.text("note", &typed.note, 600, "Write the number of the check, or the reason");
    let (Some(how), Some(on), Some(note), true) = (how, on, note, draft.is_right()) else {
        return Err(Draft::refuse(page(&csrf, &draft, &c.of, &o)));
    };
    if let Err(why) = no_card_any_more(&app, &c).await? {
        draft.reject("how", why);
        return Err(Draft::refuse(page(&csrf, &draft, &c.of, &o)));
    }
    let mut tx = app.db.write().await?;
    let c = open(&mut tx, id).await?.0.of;
    if !queries::close(&mut tx, id, how, on, (&staff.name, &note)).await? {
        return Err(Error::Conflict("Somebody noted something meanwhile. Nothing was changed.".to_owned()));
    }
    if how == Closed::Offline {
        let (record, fund) = (id.to_string(), c.fund_id.to_string());
        let entry = Entry::new(
            format!("contribution:{id}"),
            "Contribution received",
            ("contribution", &record),
            c.currency,
            zone.start_of(on),
        )
        .debit(Account::Bank, Some(&fund), c.amount)
        .credit(Account::Contributions, Some(&fund), c.amount);
        books::post(&mut tx, &entry, &zone).await.map_err(Error::internal)?;
    }
    let record = o.id.to_string();
    let after = serde_json::json!({ "period": c.period, "ended as": how, "on": on, "note": note });
    audit::record(&mut tx, &staff.actor(), "end a contribution", ("organization", &record), None::<&()>, Some(&after), now)
        .await?;
    tx.commit().await?;
    let said = match how {
        Closed::Offline => "The payment is noted and posted.",
        Closed::Waived => "The contribution is waived.",
        Closed::Withdrawn => "The contribution is withdrawn.",
    };
    Ok(redirect_saying(pages::path(o.id), Mood::Good, said))
}
