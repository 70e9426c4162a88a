//! Gifts that do not come through the payment service: checks, cash, wires, stock, in kind, grants.
//!
//! Each is received when it is entered, with a balanced entry where an accountant looks for it. It refuses a
//! day to come, a gift in kind without a description, and any correction that is not an entry of its own.
mod back_pages;
mod change;
mod change_pages;
mod donor_page;
mod enter;
mod form;
mod give_back;
mod letters;
mod pages;
mod show;

use super::{Gift, GiftId, Method, parts::Book, queries};
use crate::{
    app::App,
    books::{Account, BooksError, Entry},
    db::Tx,
    kernel::{Day, Timestamp, words},
    receipts::Given,
    web::Error,
};
use axum::{
    Router,
    routing::{get, post},
};

pub(super) use enter::{NotEntered, Payer, Wish, enter};
pub(super) use form::{Typed, choose, read};
pub(super) use letters::thank;
pub(super) use pages::{Lists, facts, refused, sentence, who};
pub(super) use show::{actions, rows};

words! {
    /// Whether the money is at the bank.
    pub enum Deposit {
        Undeposited = "undeposited", "Not deposited yet";
        Deposited = "deposited", "Deposited";
        /// Shares, and what was given in kind.
        None = "none", "Nothing to deposit";
    }
}

/// One row of `offline_gift`: what is known of a gift that was entered by hand.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct OfflineGift {
    pub(super) gift_id: GiftId,
    pub(super) received_on: Day,
    /// The number of the check, or what the bank's statement says.
    pub(super) reference: Option<String>,
    /// Of what was given in kind, of the shares.
    pub(super) description: Option<String>,
    /// Who advised the donor-advised fund.
    pub(super) adviser: Option<String>,
    pub(super) deposit: Deposit,
    pub(super) deposited_on: Option<Day>,
    pub(super) entered_at: Timestamp,
    pub(super) entered_by: String,
    /// Corrections so far.
    pub(super) changes: i64,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The sentence says why.
    #[error("{0}")]
    Impossible(String),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Books(#[from] BooksError),
}

impl From<NotDone> for Error {
    fn from(reason: NotDone) -> Self {
        match reason {
            NotDone::Impossible(sentence) => Self::Conflict(sentence),
            NotDone::Database(error) => error.into(),
            NotDone::Books(error) => Self::internal(error),
        }
    }
}

pub(super) fn impossible<T>(sentence: impl Into<String>) -> Result<T, NotDone> {
    Err(NotDone::Impossible(sentence.into()))
}

impl Method {
    /// The ways a gift is entered by hand.
    pub(super) fn by_hand() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|method| *method != Self::Card)
    }

    /// Whether what came is not money.
    pub const fn is_described(self) -> bool {
        matches!(self, Self::Stock | Self::InKind)
    }

    /// Where it lies on the day it comes; a wire is at the bank when we hear of it.
    pub(super) const fn lands(self, at_the_bank: bool) -> Deposit {
        match self {
            Self::Stock | Self::InKind => Deposit::None,
            Self::Wire | Self::Card => Deposit::Deposited,
            _ if at_the_bank => Deposit::Deposited,
            _ => Deposit::Undeposited,
        }
    }
}

/// The account a gift lies on.
pub(super) const fn place(method: Method, deposit: Deposit) -> Account {
    match (method, deposit) {
        (Method::Stock, _) => Account::Securities,
        (Method::InKind, _) => Account::InKind,
        (_, Deposit::Undeposited) => Account::Undeposited,
        (_, Deposit::Deposited | Deposit::None) => Account::Bank,
    }
}

/// The account that says where it came from.
pub(super) const fn income(method: Method) -> Account {
    if matches!(method, Method::InKind) { Account::InKindContributions } else { Account::Contributions }
}

/// What came, where it lies, for which funds. A correction takes the same entry back.
pub(super) fn received<'a>(
    key: String,
    words: &str,
    gift: &'a Gift,
    (id, book): (&'a str, &'a Book),
    place: Account,
    at: Timestamp,
) -> Entry<'a> {
    let entry = Entry::new(key, words, ("gift", id), gift.currency, at);
    let shares = book.paid(gift.charged);
    book.credit(book.debit(entry, place, &shares), income(gift.method), &shares)
}

/// What a receipt's rules must know of how a gift came.
pub(super) async fn given(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Given> {
    Ok(match gift.method {
        Method::Stock | Method::InKind => {
            let details = queries::offline::details(tx, gift.id).await?;
            Given::Described(details.and_then(|row| row.description).unwrap_or_default())
        }
        Method::DonorAdvised => Given::DonorAdvised,
        Method::Ira => Given::Ira,
        _ => Given::Money,
    })
}

/// The moment a gift of a day is counted at: now when it is today, or that day at noon.
pub(super) fn moment(app: &App, day: Day) -> Timestamp {
    let (zone, now) = (app.coalition.get().zone(), app.clock.now());
    if zone.day(now) == day { now } else { zone.start_of(day).plus_hours(12) }
}

/// The pages of staff.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/gifts/new", get(pages::ask).post(pages::save))
        .route("/staff/gifts/{id}/correct", get(change_pages::ask).post(change_pages::correct))
        .route("/staff/gifts/{id}/donor", get(donor_page::ask_donor).post(donor_page::change_donor))
        .route("/staff/gifts/{id}/taken-back", get(back_pages::ask_back).post(back_pages::take_back))
        .route("/staff/gifts/{id}/deposit", post(back_pages::deposit))
        .route("/staff/gifts/{id}/given-back", get(give_back::ask).post(give_back::note))
}
