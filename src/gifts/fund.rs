//! Moving a received gift to other funds, to one or to several: the books by two entries, the totals in the same
//! transaction, a receipt that names the new funds. It refuses a gift that was not received, the funds it has already,
//! and a gift that somebody else has moved meanwhile.
use super::{
    Gift, GiftId, GiftState, counted,
    parts::{self, Book, Part, Piece},
    project, queries,
};
use crate::{
    app::App,
    audit,
    books::{self, BooksError, Entry},
    db::Tx,
    donors,
    kernel::Timestamp,
    receipts,
    staff::Staff,
};
use std::collections::HashSet;

/// Why the gift stays where it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotMoved {
    /// The sentence says why.
    #[error("{0}")]
    Impossible(&'static str),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Books(#[from] BooksError),
}

/// What somebody wants to move, as they saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move<'a> {
    /// What [`mark`] said of its parts.
    pub(super) from: &'a str,
    pub(super) to: &'a [Piece],
    /// For the audit.
    pub(super) reason: &'a str,
}

/// What tells the parts somebody saw from those of a moment later.
pub(super) fn mark(parts: &[Part]) -> String {
    parts.iter().map(|part| format!("{}:{}", part.fund_id, part.amount.get())).collect::<Vec<_>>().join(",")
}

/// Whether a gift is divided so already.
pub(super) fn is_so(parts: &[Part], to: &[Piece]) -> bool {
    parts.len() == to.len() && parts.iter().zip(to).all(|(part, piece)| (part.fund_id, part.amount) == (piece.fund, piece.amount))
}

/// What each account has in each fund by this gift, its refunds and its disputes.
pub(super) async fn book(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Book> {
    Ok(Book::of(parts::of(tx, gift).await?, parts::entries(tx, gift).await?))
}

/// Moves it. The caller has checked that this person may.
pub(super) async fn change(app: &App, staff: &Staff, id: GiftId, wish: &Move<'_>) -> Result<(), NotMoved> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let gift = queries::hold(&mut tx, id).await?.ok_or(NotMoved::Impossible("There is no such gift."))?;
    if gift.state != GiftState::Settled {
        return Err(NotMoved::Impossible("Only a gift that was received can be moved to another fund."));
    }
    let before = book(&mut tx, &gift).await?;
    if mark(&before.parts) != wish.from {
        return Err(NotMoved::Impossible("Somebody has moved this gift meanwhile. Look at it again before you move it."));
    }
    if is_so(&before.parts, wish.to) {
        return Err(NotMoved::Impossible(if gift.split {
            "The gift is split so already."
        } else {
            "The gift is in this fund already."
        }));
    }
    let from = parts::words(&mut tx, &gift).await?;
    let mut moved = gift.clone();
    let to = parts::made_of(&gift, wish.to);
    parts::put(&mut tx, &mut moved, &to).await?;
    let into = parts::words(&mut tx, &moved).await?;
    post(app, &mut tx, &moved, &before, (&from, &into), &to, now).await?;
    let after = parts::recount(&mut tx, &moved).await?;
    counted::take_from_months(&mut tx, &gift, &before.parts).await?;
    counted::add_to_months(&mut tx, &moved, &after).await?;
    tx.site_changed();
    name_on_receipt(&mut tx, &moved, now).await?;
    let action = if moved.split { "split_over_funds" } else { "change_fund" };
    let before = serde_json::json!({ "fund": from });
    let after = serde_json::json!({ "fund": into, "reason": wish.reason });
    audit::record(&mut tx, &staff.actor(), action, ("gift", &id.to_string()), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(())
}

/// One entry takes everything out of the old funds, one puts it into the new.
async fn post(
    app: &App,
    tx: &mut Tx,
    gift: &Gift,
    before: &Book,
    (from, into): (&str, &str),
    to: &[Part],
    now: Timestamp,
) -> Result<(), NotMoved> {
    let id = gift.id.to_string();
    let rows = books::entries_of(tx, ("gift", &id)).await?;
    let number = rows.iter().filter(|row| row.key.starts_with("fund-out:")).map(|row| row.id).collect::<HashSet<_>>().len() + 1;
    let entry = |key: &str, words: String| Entry::new(format!("{key}:{id}:{number}"), words, ("gift", &id), gift.currency, now);
    let new = Book::of(to.to_vec(), Vec::new());
    let mut out = entry("fund-out", format!("Moved out of {from}"));
    for (account, shares) in before.standing() {
        out = before.credit(out, account, &shares);
    }
    let mut moved = entry("fund-in", format!("Moved into {into}"));
    for (account, shares) in before.restated(to) {
        moved = new.debit(moved, account, &shares);
    }
    let zone = app.coalition.get().zone();
    books::post(tx, &out, &zone).await?;
    books::post(tx, &moved, &zone).await?;
    Ok(())
}

/// A receipt that stands names the fund, so one that names the new ones takes its place.
async fn name_on_receipt(tx: &mut Tx, gift: &Gift, now: Timestamp) -> sqlx::Result<()> {
    let id = gift.id.to_string();
    if receipts::standing(tx, &id).await?.is_none() {
        return Ok(());
    }
    let Some(donor) = donors::by_id(tx, gift.donor_id).await? else { return Ok(()) };
    if let Ok(frozen) = project::acknowledge(tx, gift, &donor).await? {
        receipts::supersede(tx, &id, &frozen, "The gift was moved to another fund.", now).await?;
    }
    Ok(())
}
