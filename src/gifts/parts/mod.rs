//! The parts of a gift that goes to several funds. They come to the gift exactly, and belong to it and not to its
//! donor. A percentage is only a way of typing them.
//!
//! A gift that goes to one fund has a single part here and no row: what is written for parts is right for it too. It
//! refuses a fund twice, and parts that do not come to the whole.
mod book;
mod divide;
mod form;
mod named;
mod queries;

use super::{FundId, Gift, returned::counted};
use crate::{db::Tx, kernel::Cents};

pub(super) use book::{Book, entries};
pub(super) use divide::divide;
pub(super) use form::{Rows, filled, hidden, read, section};
pub(super) use named::{Named, in_words, joined, name_rows, names_of, plain, words, words_of};

/// What is meant for a fund of what the donor gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) fund: FundId,
    pub(super) amount: Cents,
}

/// What a fund has of a gift. One row of `gift_part`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Part {
    pub(super) fund_id: FundId,
    /// Of the intended amount.
    pub(super) amount: Cents,
    /// Of the fee the donor covered.
    pub(super) covered: Cents,
    /// Of `amount`, gone back.
    pub(super) refunded: Cents,
}

impl Part {
    pub(super) fn charged(&self) -> Cents {
        self.amount + self.covered
    }
}

/// The parts of a gift in their order.
pub(super) async fn of(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Vec<Part>> {
    if gift.split { queries::of_gift(tx, gift.id).await } else { Ok(vec![whole(gift)]) }
}

/// All of a gift for its fund.
pub(super) fn whole(gift: &Gift) -> Part {
    Part { fund_id: gift.fund_id, amount: gift.intended, covered: gift.covered_fee, refunded: counted(gift, gift.refunded) }
}

/// The parts that these pieces of a gift make: the covered fee goes along in proportion. What went back of each is
/// told by [`recount`], once the books know.
pub(super) fn made_of(gift: &Gift, pieces: &[Piece]) -> Vec<Part> {
    let amounts: Vec<_> = pieces.iter().map(|piece| piece.amount).collect();
    let covered = divide(gift.covered_fee, &amounts);
    let part =
        |(piece, covered): (&Piece, Cents)| Part { fund_id: piece.fund, amount: piece.amount, covered, refunded: Cents::ZERO };
    pieces.iter().zip(covered).map(part).collect()
}

/// Splits a gift so. Its `fund_id` follows the first.
pub(super) async fn put(tx: &mut Tx, gift: &mut Gift, parts: &[Part]) -> sqlx::Result<()> {
    let Some(first) = parts.first() else { return Ok(()) };
    if gift.split || parts.len() > 1 || gift.fund_id != first.fund_id {
        queries::put(tx, gift.id, parts).await?;
    }
    (gift.split, gift.fund_id) = (parts.len() > 1, first.fund_id);
    Ok(())
}

/// Notes what went back of each part, by the books. Comes after the entries; `gift` is as it is now.
pub(super) async fn recount(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Vec<Part>> {
    if !gift.split {
        return Ok(vec![whole(gift)]);
    }
    let book = Book::read(tx, gift).await?;
    let back = book.counted(counted(gift, gift.refunded));
    let mut parts = book.parts;
    for (part, back) in parts.iter_mut().zip(back) {
        if part.refunded != back {
            part.refunded = back;
            queries::set_refunded(tx, gift.id, part.fund_id, back).await?;
        }
    }
    Ok(parts)
}

/// Whether a split gift has a part in this fund: most lists need not look for one.
pub(super) async fn any_in(tx: &mut Tx, fund: FundId) -> sqlx::Result<bool> {
    queries::any_in(tx, fund).await
}

/// How many split gifts don't come to the sum of their parts.
pub(super) async fn wrong(tx: &mut Tx) -> sqlx::Result<i64> {
    queries::wrong(tx).await
}
