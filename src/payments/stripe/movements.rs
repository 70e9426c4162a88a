//! Money that came, went back, or is fought over: payments, refunds, disputes.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::{
    kernel::{Cents, Timestamp},
    payments::{Dispute, GatewayError, Payment, Refund},
};
use stripe_core::{
    charge::{ListCharge, RetrieveCharge},
    dispute::{ListDispute, RetrieveDispute},
    payment_intent::RetrievePaymentIntent,
    refund::{CreateRefund, CreateRefundReason, ListRefund, RetrieveRefund},
};
use stripe_types::RangeQueryTs;

impl Gateway {
    /// A payment (`pi_…`) with its latest charge and the fee.
    pub async fn payment(&self, id: &str) -> Result<Payment, GatewayError> {
        let request = RetrievePaymentIntent::new(id).expand(vec!["latest_charge.balance_transaction".to_owned()]);
        translate::payment_of_intent(&*self.read(id, &request).await?)
    }

    /// One charge (`ch_…`) with the payment it belongs to and the fee.
    pub async fn charge(&self, id: &str) -> Result<Payment, GatewayError> {
        let request = RetrieveCharge::new(id).expand(vec!["balance_transaction".to_owned(), "payment_intent".to_owned()]);
        translate::payment_of_charge(&*self.read(id, &request).await?)
    }

    /// Every charge made since then, in any state.
    pub async fn charges_since(&self, since: Timestamp) -> Result<Vec<Payment>, GatewayError> {
        let rows = self.list("the charges", |after| {
            let request = ListCharge::new()
                .limit(ROWS_A_PAGE)
                .created(RangeQueryTs::gte(since.unix()))
                .expand(vec!["data.balance_transaction".to_owned()]);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(translate::payment_of_charge).collect()
    }

    /// Asks for money to go back, once for each key. What became of it is told later: believe
    /// [`Gateway::refund`] (<https://docs.stripe.com/refunds>).
    pub async fn start_refund(&self, key: &str, payment: &str, amount: Cents) -> Result<Refund, GatewayError> {
        let request =
            CreateRefund::new().payment_intent(payment).amount(amount.get()).reason(CreateRefundReason::RequestedByCustomer);
        translate::refund(*self.write(payment, key, &request).await?)
    }

    pub async fn refund(&self, id: &str) -> Result<Refund, GatewayError> {
        translate::refund(*self.read(id, &RetrieveRefund::new(id)).await?)
    }

    /// Every refund of a payment, newest first.
    pub async fn refunds_of(&self, payment: &str) -> Result<Vec<Refund>, GatewayError> {
        let rows = self.list("the refunds of a payment", |after| {
            let request = ListRefund::new().limit(ROWS_A_PAGE).payment_intent(payment);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.into_iter().map(translate::refund).collect()
    }

    /// Every refund asked for since then, newest first.
    pub async fn refunds_since(&self, since: Timestamp) -> Result<Vec<Refund>, GatewayError> {
        let rows = self.list("the refunds", |after| {
            let request = ListRefund::new().limit(ROWS_A_PAGE).created(RangeQueryTs::gte(since.unix()));
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.into_iter().map(translate::refund).collect()
    }

    pub async fn dispute(&self, id: &str) -> Result<Dispute, GatewayError> {
        translate::dispute(*self.read(id, &RetrieveDispute::new(id)).await?)
    }

    /// Every dispute of a payment, newest first.
    pub async fn disputes_of(&self, payment: &str) -> Result<Vec<Dispute>, GatewayError> {
        let rows = self.list("the disputes of a payment", |after| {
            let request = ListDispute::new().limit(ROWS_A_PAGE).payment_intent(payment);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.into_iter().map(translate::dispute).collect()
    }

    /// Every dispute opened since then, newest first.
    pub async fn disputes_since(&self, since: Timestamp) -> Result<Vec<Dispute>, GatewayError> {
        let rows = self.list("the disputes", |after| {
            let request = ListDispute::new().limit(ROWS_A_PAGE).created(RangeQueryTs::gte(since.unix()));
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.into_iter().map(translate::dispute).collect()
    }
}
