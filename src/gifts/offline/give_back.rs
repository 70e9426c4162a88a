//! Money of a gift by hand that was given back by hand: noted with its entry, its totals and its receipt.
//! It refuses more than is left, and a day to come.
use super::{NotDone, change::hold, change_pages::Before, impossible, letters};
use crate::{
    app::App,
    audit,
    books::{self, Account, Entry},
    db::Tx,
    donors,
    gifts::{Gift, GiftId, GiftRefund, RefundId, counted, parts::Book, project, queries},
    kernel::{Cents, Day, text},
    payments::RefundState,
    receipts,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;

/// What was given back.
struct Noted<'a> {
    amount: Cents,
    on: Day,
    reason: &'a str,
}

async fn refund(app: &App, tx: &mut Tx, staff: &Staff, id: GiftId, noted: &Noted<'_>) -> Result<(), NotDone> {
    let now = app.clock.now();
    let (before, _) = hold(tx, id).await?;
    if before.method.is_described() {
        return impossible("What was given in kind is not given back in money.");
    }
    if noted.amount > before.charged - before.refunded {
        return impossible("So much of this gift is not left.");
    }
    let row = RefundId::new();
    let refund = GiftRefund {
        id: row,
        gift_id: id,
        refund: format!("by-hand-{row}"),
        amount: noted.amount,
        state: RefundState::Succeeded,
        reason: Some(noted.reason.to_owned()),
        at: super::moment(app, noted.on),
    };
    queries::offline::insert_refund(tx, &refund).await?;
    let book = Book::read(tx, &before).await?;
    let shares = book.back(noted.amount);
    let entry = Entry::new(format!("refund:{}", refund.refund), "Refund", ("refund", &refund.refund), before.currency, refund.at);
    let entry = book.credit(book.debit(entry, Account::Refunds, &shares), Account::Bank, &shares);
    books::post(tx, &entry, &app.coalition.get().zone()).await?;
    let after = Gift { refunded: before.refunded + noted.amount, ..before.clone() };
    queries::set_returned(tx, id, after.refunded, after.disputed).await?;
    counted::returned(tx, &before, &after).await?;
    tx.site_changed();
    let record = id.to_string();
    let (old, new) = (
        serde_json::json!({ "refunded": before.refunded }),
        serde_json::json!({ "refunded": after.refunded, "on": noted.on, "reason": noted.reason }),
    );
    audit::record(tx, &staff.actor(), "note_refund", ("gift", &record), Some(&old), Some(&new), now).await?;
    let Some(donor) = donors::by_id(tx, after.donor_id).await? else { return Ok(()) };
    let stood = receipts::standing(tx, &record).await?.is_some();
    let receipt = match project::acknowledge(tx, &after, &donor).await? {
        Ok(frozen) => receipts::supersede(tx, &record, &frozen, "What was given has changed.", now).await?,
        Err(refusal) => {
            receipts::void(tx, &record, &refusal.to_string(), now).await?;
            None
        }
    };
    if stood {
        letters::corrected(app, tx, &after, &donor, receipt.as_ref()).await?;
    }
    Ok(())
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let draft = Draft::of([("on", before.lists.today.to_string())]);
    Ok(page(&before, &draft, &csrf))
}

fn page(before: &Before, draft: &Draft, csrf: &Csrf) -> Page {
    let gift = &before.gift;
    let left = (gift.charged - gift.refunded).of(gift.currency);
    before.framed(
        "Note a refund",
        html! {
            (error_summary(draft))
            p { "Convener sends no money here: note what was given back by check, by wire or in cash." }
            h2 { "What will happen" }
            ul {
                li { "An entry takes the amount out of the bank." }
                @if let Some(receipt) = &before.receipt { li { "Receipt " (receipt.label()) " becomes void. When a part of the gift stays, a new receipt takes its place." } }
                @if let Some(email) = &before.donor.email { li { "A mail to " (email) " says so." } }
            }
            form method="post" action={ (before.path()) "/given-back" } novalidate {
                (csrf.field())
                (Field { width: "short", inputmode: Some("decimal"), autocomplete: Some("off"), prefix: Some(gift.currency.sign().trim()), hint: Some(&format!("At most {left}.")), ..field("amount", "How much was given back?") }.input(draft))
                (Field { kind: "date", width: "short", ..field("on", "On which day?") }.input(draft))
                (Field { hint: Some("Such as: the donor asked for it on 3 March; check 1002."), ..field("reason", "Why and how?") }.input(draft))
                div.actions { button.danger { "Note the refund" } a href=(before.path()) { "Leave it as it is" } }
            }
        },
    )
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    amount: String,
    on: String,
    reason: String,
}

pub(super) async fn note(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(sent): Form<Sent>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let gift = &before.gift;
    let left = gift.charged - gift.refunded;
    let mut draft = Draft::default();
    draft.keep("amount", &sent.amount);
    let amount = match Cents::parse_up_to(super::form::MOST, &sent.amount, gift.currency) {
        Ok(amount) if amount <= left => Some(amount),
        Ok(_) => {
            draft.reject("amount", format!("Enter {} or less: no more is left of this gift", left.of(gift.currency)));
            None
        }
        Err(reason) => {
            draft.reject("amount", reason.to_string());
            None
        }
    };
    let on: Option<Day> = draft.read("on", &sent.on);
    if on.is_some_and(|on| on > before.lists.today || on < before.row.received_on) {
        draft.reject("on", "Enter a day from that of the gift up to today");
    }
    let reason = draft.text("reason", &text::line(&sent.reason), 300, "Say why, and how the money went back");
    let (Some(amount), Some(on), Some(reason), true) = (amount, on, reason, draft.is_right()) else {
        return Err(Draft::refuse(page(&before, &draft, &csrf)));
    };
    let mut tx = app.db.write().await?;
    refund(&app, &mut tx, &staff, gift.id, &Noted { amount, on, reason: &reason }).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(before.path(), Mood::Good, format!("{} is noted as given back.", amount.of(gift.currency))))
}
