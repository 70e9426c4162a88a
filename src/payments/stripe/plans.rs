//! Gifts that come again: subscriptions, their invoices, and the page where a donor changes them.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::payments::{GatewayError, Invoice, Subscription};
use stripe_billing::{
    billing_portal_session::CreateBillingPortalSession,
    invoice::{ListInvoice, RetrieveInvoice},
    subscription::{CancelSubscription, ListSubscription, ListSubscriptionStatus, RetrieveSubscription, UpdateSubscription},
};

impl Gateway {
    pub async fn subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        translate::subscription(&*self.read(id, &RetrieveSubscription::new(id)).await?)
    }

    /// Every subscription there ever was, ended ones too.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, GatewayError> {
        let rows = self.list("the subscriptions", |after| {
            let request = ListSubscription::new().limit(ROWS_A_PAGE).status(ListSubscriptionStatus::All);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(translate::subscription).collect()
    }

    /// Ends a subscription: at once, or when what is paid for runs out.
    pub async fn cancel_subscription(&self, id: &str, at_period_end: bool, key: &str) -> Result<Subscription, GatewayError> {
        let ended = if at_period_end {
            self.write(id, key, &UpdateSubscription::new(id).cancel_at_period_end(true)).await?
        } else {
            self.write(id, key, &CancelSubscription::new(id)).await?
        };
        translate::subscription(&ended)
    }

    /// One bill with the payment that paid it.
    pub async fn invoice(&self, id: &str) -> Result<Invoice, GatewayError> {
        translate::invoice(&*self.read(id, &RetrieveInvoice::new(id).expand(vec!["payments".to_owned()])).await?)
    }

    /// Every bill of a subscription, newest first.
    pub async fn invoices_of(&self, subscription: &str) -> Result<Vec<Invoice>, GatewayError> {
        let rows = self.list("the bills of a subscription", |after| {
            let request =
                ListInvoice::new().limit(ROWS_A_PAGE).subscription(subscription).expand(vec!["data.payments".to_owned()]);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(translate::invoice).collect()
    }

    /// The address of a page where this customer changes the card or stops a gift. Send the donor
    /// there at once: it is good for minutes and must not be kept or logged
    /// (<https://docs.stripe.com/customer-management/integrate-customer-portal>).
    pub async fn portal(&self, customer: &str, return_url: &str) -> Result<String, GatewayError> {
        let request = CreateBillingPortalSession::new().customer(customer).return_url(return_url);
        // A page is made for each click, so the key is a new one each time.
        let key = uuid::Uuid::now_v7().to_string();
        Ok(self.write(customer, &key, &request).await?.url)
    }
}
