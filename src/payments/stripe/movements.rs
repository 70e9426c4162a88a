//! Money that came, went back, or is fought over: payments, refunds, disputes.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::{
    kernel::{Cents, Timestamp},
    payments::{Dispute, Evidence, FraudWarning, GatewayError, Payment, Refund, RefundReason},
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::{
    charge::{ListCharge, RetrieveCharge},
    dispute::{ListDispute, RetrieveDispute, UpdateDispute, UpdateDisputeEvidence},
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
        self.start_refund_because(key, payment, amount, RefundReason::Requested).await
    }

    /// The same for another reason; `Fraudulent` also teaches the gateway about the card.
    pub async fn start_refund_because(
        &self,
        key: &str,
        payment: &str,
        amount: Cents,
        reason: RefundReason,
    ) -> Result<Refund, GatewayError> {
        let reason = match reason {
            RefundReason::Requested => CreateRefundReason::RequestedByCustomer,
            RefundReason::Duplicate => CreateRefundReason::Duplicate,
            RefundReason::Fraudulent => CreateRefundReason::Fraudulent,
        };
        let request = CreateRefund::new().payment_intent(payment).amount(amount.get()).reason(reason);
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

    /// Sends evidence to the bank, once for each key. It can't be changed afterwards.
    pub async fn answer_dispute(&self, key: &str, id: &str, told: &Evidence) -> Result<Dispute, GatewayError> {
        let evidence = UpdateDisputeEvidence {
            customer_name: Some(told.donor.clone()),
            customer_email_address: told.email.as_ref().map(ToString::to_string),
            product_description: Some(told.gift.clone()),
            uncategorized_text: Some(told.words.clone()),
            ..UpdateDisputeEvidence::new()
        };
        translate::dispute(*self.write(id, key, &UpdateDispute::new(id).evidence(evidence).submit(true)).await?)
    }

    /// An early fraud warning (`issfr_…`).
    pub async fn fraud_warning(&self, id: &str) -> Result<FraudWarning, GatewayError> {
        let told = self.read(id, &RetrieveWarning(id)).await?;
        Ok(FraudWarning {
            id: told.id,
            charge: told.charge,
            payment: told.payment_intent,
            kind: told.fraud_type,
            actionable: told.actionable,
            at: translate::moment(told.created)?,
        })
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

/// An early fraud warning as it is answered when nothing is expanded: the client's crates for fraud are not
/// worth their time for this one object.
#[derive(miniserde::Deserialize)]
struct Warning {
    id: String,
    charge: String,
    payment_intent: Option<String>,
    fraud_type: String,
    actionable: bool,
    created: i64,
}

struct RetrieveWarning<'a>(&'a str);

impl StripeRequest for RetrieveWarning<'_> {
    type Output = Warning;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/radar/early_fraud_warnings/{}", self.0))
    }
}
