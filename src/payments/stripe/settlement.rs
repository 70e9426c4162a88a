//! What reached the bank, line by line, and what Stripe could not tell us.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::{
    kernel::Timestamp,
    payments::{BalanceLine, GatewayError, Payout},
};
use stripe_core::{
    balance_transaction::ListBalanceTransaction,
    event::{ListEvent, RetrieveEvent},
    payout::{ListPayout, RetrievePayout},
};
use stripe_types::RangeQueryTs;

impl Gateway {
    /// Every payout made since then, newest first.
    pub async fn payouts(&self, since: Timestamp) -> Result<Vec<Payout>, GatewayError> {
        let rows = self.list("the payouts", |after| {
            let request = ListPayout::new().limit(ROWS_A_PAGE).created(RangeQueryTs::gte(since.unix()));
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(translate::payout).collect()
    }

    pub async fn payout(&self, id: &str) -> Result<Payout, GatewayError> {
        translate::payout(&*self.read(id, &RetrievePayout::new(id)).await?)
    }

    /// What a payout is made of, the payout's own line included. The nets of all other lines add up to
    /// its amount (<https://docs.stripe.com/payouts/reconciliation>).
    pub async fn balance_lines(&self, payout: &str) -> Result<Vec<BalanceLine>, GatewayError> {
        let rows = self.list("the lines of a payout", |after| {
            let request = ListBalanceTransaction::new().limit(ROWS_A_PAGE).payout(payout);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(translate::balance_line).collect()
    }

    /// The events since then that no webhook of ours has confirmed, as the bodies of webhooks. Stripe
    /// keeps them 30 days (<https://docs.stripe.com/webhooks/process-undelivered-events>).
    pub async fn events_undelivered(&self, since: Timestamp) -> Result<Vec<String>, GatewayError> {
        let rows = self.list("the events not delivered", |after| {
            let request = ListEvent::new().limit(ROWS_A_PAGE).delivery_success(false).created(RangeQueryTs::gte(since.unix()));
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        Ok(rows.await?.iter().map(translate::event_body).collect())
    }

    /// One event again, as the body of a webhook.
    pub async fn event(&self, id: &str) -> Result<String, GatewayError> {
        Ok(translate::event_body(&*self.read(id, &RetrieveEvent::new(id)).await?))
    }
}
