//! Moving a received gift to another fund: the books by two entries, the totals in the same transaction,
//! a receipt that names the new fund. It refuses a gift that was not received, the fund it has already,
//! and a gift that somebody else has moved meanwhile.
use super::{Fund, FundId, Gift, GiftId, GiftState, project, queries, returned::counted};
use crate::{
    app::App,
    audit,
    books::{self, Account, BooksError, Entry, EntryRow},
    db::Tx,
    donors,
    kernel::{Cents, Timestamp},
    receipts,
    staff::Staff,
};

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
    pub(super) from: FundId,
    pub(super) to: &'a Fund,
    /// For the audit.
    pub(super) reason: &'a str,
}

/// What a gift's fund has on each account by this gift, its refunds and its disputes.
pub(super) async fn standing(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Vec<(Account, Cents)>> {
    Ok(sums(&entries(tx, gift).await?, &gift.fund_id.to_string()))
}

async fn entries(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Vec<EntryRow>> {
    let mut rows = books::entries_of(tx, ("gift", &gift.id.to_string())).await?;
    for refund in queries::refunds_of(tx, gift.id).await? {
        rows.extend(books::entries_of(tx, ("refund", &refund.refund)).await?);
    }
    for dispute in queries::disputes_of(tx, gift.id).await? {
        rows.extend(books::entries_of(tx, ("dispute", &dispute.dispute)).await?);
    }
    Ok(rows)
}

fn sums(rows: &[EntryRow], fund: &str) -> Vec<(Account, Cents)> {
    let of = |account| -> Cents {
        rows.iter().filter(|row| row.account == account && row.fund_id.as_deref() == Some(fund)).map(|row| row.amount).sum()
    };
    Account::ALL.iter().map(|account| (*account, of(*account))).filter(|(_, amount)| !amount.is_zero()).collect()
}

/// Moves it. The caller has checked that this person may.
pub(super) async fn change(app: &App, staff: &Staff, id: GiftId, wish: &Move<'_>) -> Result<(), NotMoved> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let gift = queries::hold(&mut tx, id).await?.ok_or(NotMoved::Impossible("There is no such gift."))?;
    let (GiftState::Settled, Some(day)) = (gift.state, gift.given_on) else {
        return Err(NotMoved::Impossible("Only a gift that was received can be moved to another fund."));
    };
    if gift.fund_id != wish.from {
        return Err(NotMoved::Impossible("Somebody has moved this gift meanwhile. Look at it again before you move it."));
    }
    if gift.fund_id == wish.to.id {
        return Err(NotMoved::Impossible("The gift is in this fund already."));
    }
    let from = queries::fund_by_id(&mut tx, gift.fund_id).await?.map(|fund| fund.name).unwrap_or_default();
    post(app, &mut tx, &gift, &from, wish.to, now).await?;
    queries::set_fund(&mut tx, id, wish.to.id).await?;
    let back = counted(&gift, gift.refunded);
    let (month, currency) = (day.month(), gift.currency);
    queries::take_from_month(&mut tx, (month, currency, gift.fund_id), (gift.intended, gift.covered_fee), back).await?;
    queries::add_to_month(&mut tx, (month, currency, wish.to.id), 1, (gift.intended, gift.covered_fee), back).await?;
    name_on_receipt(&mut tx, &Gift { fund_id: wish.to.id, ..gift.clone() }, now).await?;
    let before = serde_json::json!({ "fund": from });
    let after = serde_json::json!({ "fund": wish.to.name, "reason": wish.reason });
    audit::record(&mut tx, &staff.actor(), "change_fund", ("gift", &id.to_string()), Some(&before), Some(&after), now).await?;
    tx.commit().await?;
    Ok(())
}

/// One entry takes everything out of the old fund, one puts it into the new.
async fn post(app: &App, tx: &mut Tx, gift: &Gift, from: &str, to: &Fund, now: Timestamp) -> Result<(), NotMoved> {
    let rows = entries(tx, gift).await?;
    let (id, old, new) = (gift.id.to_string(), gift.fund_id.to_string(), to.id.to_string());
    let number =
        rows.iter().filter(|row| row.key.starts_with("fund-out:")).map(|row| row.id).collect::<std::collections::HashSet<_>>();
    let number = number.len() + 1;
    let entry = |key: &str, words: String| Entry::new(format!("{key}:{id}:{number}"), words, ("gift", &id), gift.currency, now);
    let (mut out, mut into) =
        (entry("fund-out", format!("Moved out of {from}")), entry("fund-in", format!("Moved into {}", to.name)));
    for (account, amount) in sums(&rows, &old) {
        out = out.credit(account, Some(&old), amount);
        into = into.debit(account, Some(&new), amount);
    }
    let zone = app.coalition.get().zone();
    books::post(tx, &out, &zone).await?;
    books::post(tx, &into, &zone).await?;
    Ok(())
}

/// A receipt that stands names the fund, so one that names the new fund takes its place.
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
