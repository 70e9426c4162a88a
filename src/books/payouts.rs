//! What leaves the payment service for the bank. A payout has an entry when it is made and one when it
//! arrives; one that fails or is canceled has both taken back by entries that go the other way.
//!
//! A payout that the payment service has itemized is checked: the lines it is made of must come to its
//! amount (<https://docs.stripe.com/payouts/reconciliation>). Where they do not, a person must look.
use super::{Account, BooksError, Entry, post, queries};
use crate::{
    app::App,
    db::Tx,
    fresh::Asked,
    kernel::{Cents, Timestamp, Zone},
    payments::{BalanceLine, GatewayError, Payout, PayoutState},
};

/// Why looking at a payout again did not end well.
#[derive(Debug, thiserror::Error)]
pub enum PayoutError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Books(BooksError),
    /// The payout is on the books, and what it is made of does not come to its amount.
    #[error("{0}")]
    Contradiction(String),
    /// Others wrote of it each time while it was asked for.
    #[error("what is being looked at changes too fast")]
    Overtaken,
}

impl From<BooksError> for PayoutError {
    fn from(error: BooksError) -> Self {
        match error {
            BooksError::Database(error) => Self::Database(error),
            error => Self::Books(error),
        }
    }
}

impl PayoutError {
    /// Whether trying again later may help.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Gateway(error) => error.is_temporary(),
            Self::Database(_) | Self::Overtaken => true,
            Self::Books(_) | Self::Contradiction(_) => false,
        }
    }
}

/// Each try that is lost means that another's was written.
const MOST_TRIES: u32 = 8;

/// Looks at a payout (`po_…`) again and puts the books where it is. May be called as often as one likes,
/// in any order. Says in a sentence what changed.
pub async fn refresh_payout(app: &App, id: &str) -> Result<Option<String>, PayoutError> {
    for _ in 0..MOST_TRIES {
        let mut asked = Asked::default();
        asked.before(&app.db, id).await?;
        let payout = app.gateway.payout(id).await?;
        let lines = if payout.itemized { app.gateway.balance_lines(id).await? } else { Vec::new() };
        let mut tx = app.db.write().await?;
        if !asked.claim(&mut tx).await? {
            continue;
        }
        let what = project(&mut tx, &payout, &app.coalition.get().zone(), app.clock.now()).await?;
        tx.commit().await?;
        check(&payout, &lines)?;
        return Ok(what);
    }
    Err(PayoutError::Overtaken)
}

async fn project(tx: &mut Tx, payout: &Payout, zone: &Zone, now: Timestamp) -> Result<Option<String>, PayoutError> {
    let amount = payout.amount.of(payout.currency);
    if payout.amount.is_zero() {
        return Ok(None);
    }
    let (left, arrived) = (left(payout), arrived(payout, zone));
    let mut said = Vec::new();
    if post(tx, &left, zone).await? {
        said.push(format!("A payout of {amount} is on its way to the bank."));
    }
    match payout.state {
        PayoutState::Pending | PayoutState::InTransit => {}
        PayoutState::Paid => {
            if post(tx, &arrived, zone).await? {
                said.push(format!("The payout of {amount} arrived at the bank."));
            }
        }
        PayoutState::Failed | PayoutState::Canceled => {
            let was_there = queries::has(tx, &arrived.key).await?;
            let back = left.reversed(format!("payout-back:{}", payout.id), "Payout that came back", now);
            if post(tx, &back, zone).await? {
                said.push(format!("The payout of {amount} came back from the bank."));
            }
            if was_there {
                let back = arrived.reversed(format!("deposit-back:{}", payout.id), "Deposit that was taken back", now);
                post(tx, &back, zone).await?;
            }
        }
    }
    Ok((!said.is_empty()).then(|| said.join(" ")))
}

/// The money left the payment service.
fn left(payout: &Payout) -> Entry<'_> {
    Entry::new(format!("payout:{}", payout.id), "Payout", ("payout", &payout.id), payout.currency, payout.at)
        .debit(Account::InTransit, None, payout.amount)
        .credit(Account::Gateway, None, payout.amount)
}

/// The bank has it.
fn arrived<'a>(payout: &'a Payout, zone: &Zone) -> Entry<'a> {
    let at = zone.start_of(payout.arrives);
    Entry::new(format!("deposit:{}", payout.id), "Deposit", ("payout", &payout.id), payout.currency, at)
        .debit(Account::Bank, None, payout.amount)
        .credit(Account::InTransit, None, payout.amount)
}

/// The nets of all lines but the payout's own come to its amount.
fn check(payout: &Payout, lines: &[BalanceLine]) -> Result<(), PayoutError> {
    if !payout.itemized {
        return Ok(());
    }
    let parts = || lines.iter().filter(|line| line.category != "payout");
    let sum: Cents = parts().map(|line| line.net).sum();
    if sum == payout.amount && parts().all(|line| line.currency == payout.currency) {
        return Ok(());
    }
    Err(PayoutError::Contradiction(format!(
        "The payout {} is {}, but the lines it is made of come to {}. Look at it in the Stripe dashboard before you tie it to the bank.",
        payout.id,
        payout.amount.of(payout.currency),
        sum.of(payout.currency)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;

    fn payout(amount: i64) -> Payout {
        let at = Timestamp::from_unix(1_790_000_000).unwrap();
        Payout {
            id: "po_1".to_owned(),
            amount: Cents::new(amount),
            currency: Currency::USD,
            state: PayoutState::Paid,
            arrives: Zone::utc().day(at),
            itemized: true,
            at,
        }
    }

    fn line(category: &str, net: i64) -> BalanceLine {
        BalanceLine {
            id: format!("txn_{net}"),
            category: category.to_owned(),
            amount: Cents::new(net),
            fee: Cents::ZERO,
            net: Cents::new(net),
            currency: Currency::USD,
            source: None,
            at: Timestamp::from_unix(1_790_000_000).unwrap(),
        }
    }

    #[test]
    fn the_lines_of_a_payout_come_to_its_amount_or_a_person_is_told() {
        let lines = [line("charge", 10_000), line("refund", -2_500), line("payout", -7_500)];
        assert!(check(&payout(7_500), &lines).is_ok());
        let wrong = check(&payout(7_400), &lines).unwrap_err();
        assert!(wrong.to_string().contains("is $74.00, but the lines it is made of come to $75.00") && !wrong.is_temporary());
        assert!(check(&payout(7_500), &[]).is_err(), "an itemized payout is made of something");
        assert!(check(&Payout { itemized: false, ..payout(7_500) }, &[]).is_ok(), "not itemized yet, or made by hand");
    }

    #[test]
    fn a_payout_from_the_bank_goes_the_other_way() {
        let payout = payout(-300);
        assert!(left(&payout).check().is_ok() && arrived(&payout, &Zone::utc()).check().is_ok());
        assert_eq!(left(&payout).lines[0].amount, Cents::new(-300));
    }
}
