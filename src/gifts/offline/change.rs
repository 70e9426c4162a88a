//! Correcting a gift that came by hand. Every correction is a reversing entry and a new one; the gift keeps
//! its address and its story. It refuses what would leave less than was given back.
use super::{Deposit, NotDone, OfflineGift, impossible, letters, place, received};
use crate::{
    app::App,
    audit,
    books::{self, Account, Entry},
    db::Tx,
    donors::{self, Donor, DonorId},
    gifts::{
        Gift, GiftId, GiftState, Method, batch, counted, fund,
        parts::{self, Book, Piece},
        project, queries,
    },
    kernel::{Day, words},
    receipts,
    staff::Staff,
};

words! {
    /// Why a gift is taken out of the books.
    pub enum Reason {
        Bounced = "bounced", "The check came back unpaid";
        Twice = "twice", "It was entered twice";
        Mistake = "mistake", "It was entered by mistake";
    }
}

/// A gift with its details, held until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, id: GiftId) -> Result<(Gift, OfflineGift), NotDone> {
    let gift = queries::hold(tx, id).await?;
    let row = queries::offline::details(tx, id).await?;
    match (gift, row) {
        (Some(gift), Some(row)) if gift.state == GiftState::Settled => Ok((gift, row)),
        (Some(_), Some(_)) => impossible("This gift was taken back; nothing of it can be changed."),
        _ => impossible("Only a gift that was entered by hand can be corrected here."),
    }
}

/// What a gift is to be instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) gift: Gift,
    pub(super) row: OfflineGift,
    pub(super) pieces: Vec<Piece>,
}

/// The two entries of a correction: what stands goes out, what is right comes in.
pub(super) async fn correct(app: &App, tx: &mut Tx, staff: &Staff, right: &Right, why: &str) -> Result<(), NotDone> {
    let now = app.clock.now();
    let (before, row) = hold(tx, right.gift.id).await?;
    let mut after = Gift { refunded: before.refunded, split: before.split, ..right.gift.clone() };
    if after.charged < before.refunded {
        return impossible(format!(
            "{} of this gift was given back, so it can’t have been less than that.",
            before.refunded.of(before.currency)
        ));
    }
    let (money, old) = ((before.charged, before.donor_id, before.given_on), fund::book(tx, &before).await?);
    let was = told(tx, &before, &row).await?;
    queries::offline::correct(tx, &after, &right.row).await?;
    if money != (after.charged, after.donor_id, after.given_on) || !fund::is_so(&old.parts, &right.pieces) {
        let made = parts::made_of(&after, &right.pieces);
        parts::put(tx, &mut after, &made).await?;
        let n = queries::offline::next_change(tx, before.id).await?;
        let (id, new) = (before.id.to_string(), Book::of(made, Vec::new()));
        let lies = place(before.method, row.deposit);
        let zone = app.coalition.get().zone();
        let out = received(String::new(), "", &before, (&id, &old), lies, now);
        let out = out.reversed(format!("correct-out:{id}:{n}"), "Correction: taken back", now);
        let into = received(format!("correct-in:{id}:{n}"), "Correction: as it is", &after, (&id, &new), lies, now);
        let (out, into) = with_refunds(&before, (&old, out), (&new, into));
        books::post(tx, &out, &zone).await?;
        books::post(tx, &into, &zone).await?;
        let is = parts::recount(tx, &after).await?;
        counted::replace(tx, (&before, &old.parts), (&after, &is)).await?;
    }
    let (old, new) = (was, told(tx, &after, &right.row).await?);
    let new = merge(new, why);
    audit::record(tx, &staff.actor(), "correct", ("gift", &before.id.to_string()), Some(&old), Some(&new), now).await?;
    acknowledge(app, tx, &before, &after).await
}

/// What was given back goes along to the new funds, in the same entries.
fn with_refunds<'a>(
    gift: &Gift,
    (old, out): (&'a Book, Entry<'a>),
    (new, into): (&'a Book, Entry<'a>),
) -> (Entry<'a>, Entry<'a>) {
    let (was, is) = (old.released(Account::Refunds, gift.refunded), new.paid(gift.refunded));
    let funds = |book: &Book| book.parts.iter().map(|part| part.fund_id).collect::<Vec<_>>();
    if gift.refunded.is_zero() || (funds(old) == funds(new) && was == is) {
        return (out, into);
    }
    (
        old.debit(old.credit(out, Account::Refunds, &was), Account::Bank, &was),
        new.credit(new.debit(into, Account::Refunds, &is), Account::Bank, &is),
    )
}

fn merge(mut told: serde_json::Value, why: &str) -> serde_json::Value {
    if let Some(map) = told.as_object_mut() {
        map.insert("reason".to_owned(), why.into());
    }
    told
}

/// What the audit keeps of a gift by hand.
async fn told(tx: &mut Tx, gift: &Gift, row: &OfflineGift) -> sqlx::Result<serde_json::Value> {
    let donor = donors::by_id(tx, gift.donor_id).await?.map(|donor| donor.name);
    let fund = parts::words(tx, gift).await?;
    Ok(serde_json::json!({
        "donor": donor, "fund": fund, "amount": gift.charged().to_string(), "received_on": row.received_on,
        "reference": row.reference, "description": row.description, "adviser": row.adviser,
    }))
}

/// A receipt that stands says what was; where that has changed, another takes its place and is mailed.
async fn acknowledge(app: &App, tx: &mut Tx, before: &Gift, after: &Gift) -> Result<(), NotDone> {
    let (id, now) = (after.id.to_string(), app.clock.now());
    let standing = receipts::standing(tx, &id).await?;
    let Some(donor) = donors::by_id(tx, after.donor_id).await? else { return Ok(()) };
    let fresh = project::acknowledge(tx, after, &donor).await?;
    match (standing, fresh) {
        (Some(standing), Ok(frozen)) if standing.frozen == frozen && before.donor_id == after.donor_id => {}
        (Some(_), Ok(frozen)) => {
            let receipt = receipts::supersede(tx, &id, &frozen, "What was entered has been corrected.", now).await?;
            letters::corrected(app, tx, after, &donor, receipt.as_ref()).await?;
            tell_the_other(app, tx, before, after).await?;
        }
        (None, Ok(frozen)) => {
            let receipt = receipts::issue(tx, &id, &frozen, now).await?;
            letters::thank(app, tx, after, &donor, receipt.as_ref()).await?;
        }
        (standing, Err(refusal)) => {
            receipts::void(tx, &id, &refusal.to_string(), now).await?;
            if standing.is_some() {
                letters::corrected(app, tx, after, &donor, None).await?;
                tell_the_other(app, tx, before, after).await?;
            }
        }
    }
    Ok(())
}

/// Who was thanked for somebody else's gift hears that the receipt is void.
async fn tell_the_other(app: &App, tx: &mut Tx, before: &Gift, after: &Gift) -> Result<(), NotDone> {
    if before.donor_id == after.donor_id {
        return Ok(());
    }
    if let Some(other) = donors::by_id(tx, before.donor_id).await? {
        letters::corrected(app, tx, before, &other, None).await?;
    }
    Ok(())
}

/// Gives a gift to the donor who gave it.
pub(super) async fn change_donor(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    id: GiftId,
    to: DonorId,
    why: &str,
) -> Result<Donor, NotDone> {
    let (gift, row) = hold(tx, id).await?;
    let Some(donor) = donors::by_id(tx, to).await? else { return impossible("There is no such donor.") };
    if gift.donor_id == to {
        return impossible("It is this donor’s gift already.");
    }
    let pieces = parts::of(tx, &gift).await?.iter().map(|part| Piece { fund: part.fund_id, amount: part.amount }).collect();
    let right = Right { gift: Gift { donor_id: to, ..gift }, row, pieces };
    correct(app, tx, staff, &right, why).await?;
    Ok(donor)
}

/// Takes a gift out of the books: a check that bounced, a gift that was entered twice.
pub(in crate::gifts) async fn take_back(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    id: GiftId,
    reason: Reason,
    note: &str,
) -> Result<(), NotDone> {
    let now = app.clock.now();
    let (gift, row) = hold(tx, id).await?;
    if gift.refunded.is_positive() {
        return impossible("A part of this gift was given back. Correct its amount instead.");
    }
    if reason == Reason::Bounced && gift.method != Method::Check {
        return impossible("Only a check comes back unpaid.");
    }
    let state = if reason == Reason::Bounced { GiftState::Failed } else { GiftState::Abandoned };
    let why = format!("{}.", reason.label());
    if !queries::offline::take_back(tx, id, state, &why).await? {
        return impossible("This gift was taken back already.");
    }
    counted::remove(tx, &gift).await?;
    let n = queries::offline::next_change(tx, id).await?;
    let (record, book) = (id.to_string(), fund::book(tx, &gift).await?);
    let entry = received(String::new(), "", &gift, (&record, &book), place(gift.method, row.deposit), now);
    let entry = entry.reversed(format!("take-back:{record}:{n}"), reason.label(), now);
    books::post(tx, &entry, &app.coalition.get().zone()).await?;
    let told = serde_json::json!({ "reason": why, "note": note });
    audit::record(tx, &staff.actor(), "take_back", ("gift", &record), None::<&()>, Some(&told), now).await?;
    if receipts::void(tx, &record, &why, now).await?
        && let Some(donor) = donors::by_id(tx, gift.donor_id).await?
    {
        letters::corrected(app, tx, &gift, &donor, None).await?;
    }
    Ok(())
}

/// A check or cash by itself went to the bank on a day.
pub(super) async fn deposit(app: &App, tx: &mut Tx, staff: &Staff, id: GiftId, on: Day) -> Result<(), NotDone> {
    let now = app.clock.now();
    let (gift, row) = hold(tx, id).await?;
    if row.deposit != Deposit::Undeposited {
        return impossible("This gift does not wait to be deposited.");
    }
    if batch::is_open_for(tx, id).await? {
        return impossible("This gift belongs to a batch that is still open. It goes to the bank with the batch.");
    }
    if on < row.received_on || on > app.coalition.get().zone().day(now) {
        return impossible("It went to the bank between the day it was received and today. Enter another day.");
    }
    queries::offline::set_deposit(tx, id, Deposit::Deposited, Some(on)).await?;
    let n = queries::offline::next_change(tx, id).await?;
    let (record, book) = (id.to_string(), fund::book(tx, &gift).await?);
    let shares = book.paid(gift.charged);
    let entry = Entry::new(
        format!("deposit:{record}:{n}"),
        "Deposited at the bank",
        ("gift", &record),
        gift.currency,
        super::moment(app, on),
    );
    let entry = book.credit(book.debit(entry, Account::Bank, &shares), Account::Undeposited, &shares);
    books::post(tx, &entry, &app.coalition.get().zone()).await?;
    audit::record(tx, &staff.actor(), "deposit", ("gift", &record), None::<&()>, Some(&on), now).await?;
    Ok(())
}
