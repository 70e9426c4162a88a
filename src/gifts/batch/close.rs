//! A batch is closed when it agrees: one deposit in the books. An administrator opens it again, which takes
//! the deposit back by an entry of its own.
use super::{Batch, BatchState, known, list::sum_of};
use crate::{
    app::App,
    audit,
    books::{self, Account, Entry},
    db::Tx,
    gifts::{
        GiftBatchId,
        offline::{NotDone, impossible},
        queries,
    },
    kernel::{Cents, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;

/// The deposit of the closing of this number. The money is moved between places, not between funds.
fn deposit<'a>(batch: &Batch, id: &'a str, number: i64, total: Cents, at: crate::kernel::Timestamp) -> Entry<'a> {
    Entry::new(format!("deposit:{id}:{number}"), format!("{} deposited", batch.name()), ("gift_batch", id), batch.currency, at)
        .debit(Account::Bank, None, total)
        .credit(Account::Undeposited, None, total)
}

pub(super) async fn close(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let batch = known(&mut tx, &id).await?;
    match close_agreed(&app, &mut tx, &staff, batch.id).await {
        Ok(None) => Ok(redirect_saying(batch.path(), Mood::Good, "The batch is closed already.")),
        Ok(Some(total)) => {
            tx.commit().await?;
            let words = format!("{} is deposited. Print this page for the file.", total.of(batch.currency));
            Ok(redirect_saying(batch.path(), Mood::Good, words))
        }
        Err(NotDone::Impossible(sentence)) => {
            Ok(redirect_saying(batch.path(), Mood::Warn, format!("The batch stays open. {sentence}")))
        }
        Err(other) => Err(other.into()),
    }
}

/// Closes a batch that agrees: what is deposited, or nothing when it is closed already.
pub(in crate::gifts) async fn close_agreed(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    id: GiftBatchId,
) -> Result<Option<Cents>, NotDone> {
    let now = app.clock.now();
    let Some(batch) = queries::batch::hold(tx, id).await? else { return impossible("There is no such batch.") };
    if batch.state == BatchState::Closed {
        return Ok(None);
    }
    let sum = sum_of(&queries::batch::rows(tx, batch.id).await?);
    if let Some(sentence) = batch.difference(sum) {
        return impossible(sentence);
    }
    if batch.day > app.coalition.get().zone().day(now) {
        return impossible("The day of its deposit is still to come.");
    }
    queries::batch::close(tx, batch.id, &staff.name, batch.day, now).await?;
    let record = batch.id.to_string();
    let at = crate::gifts::offline::moment(app, batch.day);
    let entry = deposit(&batch, &record, batch.closings + 1, sum.total, at);
    books::post(tx, &entry, &app.coalition.get().zone()).await?;
    let told = serde_json::json!({ "count": sum.entered, "total": sum.total.of(batch.currency).to_string() });
    audit::record(tx, &staff.actor(), "close", ("gift_batch", &record), None::<&()>, Some(&told), now).await?;
    Ok(Some(sum.total))
}

fn question(batch: &Batch, draft: &Draft, csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        h2 { "What will happen" }
        ul {
            li { "An entry of today takes the deposit of " (batch.control_total.of(batch.currency)) " back." }
            li { "Its gifts wait to be deposited again. Their receipts stand." }
            li { "Rows can be added, corrected and removed until it is closed again." }
        }
        form method="post" action={ (batch.path()) "/reopening" } novalidate {
            (csrf.field())
            (Field { hint: Some("Such as: the bank counted another sum."), ..field("reason", "Why?") }.input(draft))
            div.actions { button.danger { "Open it again" } a href=(batch.path()) { "Leave it closed" } }
        }
    };
    Page::staff("Open the batch again", content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Batches", "/staff/batches")
        .crumb(batch.name(), batch.path())
}

/// The batch, when it is closed.
fn closed(batch: Batch) -> Result<Batch, Error> {
    if batch.state == BatchState::Closed { Ok(batch) } else { Err(Error::Conflict("This batch is open.".to_owned())) }
}

pub(super) async fn ask_reopening(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_administer()?;
    let batch = closed(known(&mut app.db.read().await?, &id).await?)?;
    Ok(question(&batch, &Draft::default(), &csrf))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reason: String,
}

pub(super) async fn reopen(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let batch = known(&mut tx, &id).await?;
    let batch = closed(queries::batch::hold(&mut tx, batch.id).await?.ok_or(Error::NotFound)?)?;
    let mut draft = Draft::default();
    let Some(reason) = draft.text("reason", &text::line(&typed.reason), 300, "Say why it is opened again") else {
        return Err(Draft::refuse(question(&batch, &draft, &csrf)));
    };
    if sum_of(&queries::batch::rows(&mut tx, batch.id).await?).total != batch.control_total {
        return Err(Error::Conflict(
            "A gift of this batch was corrected or taken back since the deposit. Correct the others one by one, too.".to_owned(),
        ));
    }
    queries::batch::reopen(&mut tx, batch.id).await?;
    let record = batch.id.to_string();
    let entry = deposit(&batch, &record, batch.closings, batch.control_total, now);
    let back = entry.reversed(format!("deposit-back:{record}:{}", batch.closings), format!("{} opened again", batch.name()), now);
    books::post(&mut tx, &back, &app.coalition.get().zone()).await.map_err(NotDone::from)?;
    let told = serde_json::json!({ "reason": reason });
    audit::record(&mut tx, &staff.actor(), "reopen", ("gift_batch", &record), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(batch.path(), Mood::Warn, "The batch is open again. Close it when it agrees."))
}
