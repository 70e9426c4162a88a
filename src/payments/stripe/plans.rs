//! Gifts that come again: subscriptions, their invoices, and the page where a donor changes them.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::{
    kernel::Timestamp,
    payments::{Frequency, GatewayError, Invoice, Split, Subscription},
};
use std::collections::HashMap;
use stripe::StripeRequest;
use stripe_billing::{
    billing_portal_session::CreateBillingPortalSession,
    invoice::{ListInvoice, RetrieveInvoice},
    subscription::{
        CancelSubscription, ListSubscription, ListSubscriptionStatus, RetrieveSubscription, UpdateSubscription,
        UpdateSubscriptionItems as Items, UpdateSubscriptionItemsPriceData as PriceData,
        UpdateSubscriptionItemsPriceDataRecurring as Recurring, UpdateSubscriptionItemsPriceDataRecurringInterval as Interval,
        UpdateSubscriptionPauseCollection as Pause, UpdateSubscriptionPauseCollectionBehavior as Behavior,
        UpdateSubscriptionProrationBehavior as Proration,
    },
};
use stripe_client_core::{RequestBuilder, StripeMethod};

/// Lets a subscription collect again. The generated client can set a pause and not unset it: an empty value does
/// (<https://docs.stripe.com/billing/subscriptions/pause-payment>).
struct Resume(String);

impl StripeRequest for Resume {
    type Output = stripe_shared::Subscription;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Post, format!("/subscriptions/{}", self.0))
            .form(&HashMap::from([("pause_collection", "")]))
    }
}

impl Gateway {
    /// With the card it is paid with.
    pub async fn subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        let request = RetrieveSubscription::new(id).expand(vec!["default_payment_method".to_owned()]);
        translate::subscription(&*self.read(id, &request).await?)
    }

    /// Takes another amount from the next bill on; what is paid for stays as it was. It refuses a subscription for
    /// several things.
    pub async fn change_amount(&self, told: &Subscription, split: Split, key: &str) -> Result<Subscription, GatewayError> {
        let item = told.item.as_ref().ok_or_else(|| GatewayError::Refused {
            code: None,
            message: "The payment service bills several things together in this gift. Change it there.".to_owned(),
        })?;
        let every = Recurring::new(if told.frequency == Frequency::Yearly { Interval::Year } else { Interval::Month });
        let mut price = PriceData::new(translate::to_currency(told.currency)?, item.product.clone(), every);
        price.unit_amount = Some(split.charged().get());
        let mut line = Items::new();
        line.id = Some(item.id.clone());
        line.quantity = Some(1);
        line.price_data = Some(price);
        let metadata = HashMap::from([
            (translate::OUR_INTENDED.to_owned(), split.intended.get().to_string()),
            (translate::OUR_COVERED.to_owned(), split.covered_fee.get().to_string()),
        ]);
        let request =
            UpdateSubscription::new(told.id.as_str()).items(vec![line]).metadata(metadata).proration_behavior(Proration::None);
        translate::subscription(&*self.write(&told.id, key, &request).await?)
    }

    /// Collects nothing until then: bills that fall due meanwhile are void.
    pub async fn pause_subscription(&self, id: &str, until: Timestamp, key: &str) -> Result<Subscription, GatewayError> {
        let mut pause = Pause::new(Behavior::Void);
        pause.resumes_at = Some(until.unix());
        translate::subscription(&*self.write(id, key, &UpdateSubscription::new(id).pause_collection(pause)).await?)
    }

    /// Collects again from the next bill on.
    pub async fn resume_subscription(&self, id: &str, key: &str) -> Result<Subscription, GatewayError> {
        translate::subscription(&*self.write(id, key, &Resume(id.to_owned())).await?)
    }

    /// Takes back that it ends with what is paid for.
    pub async fn keep_subscription(&self, id: &str, key: &str) -> Result<Subscription, GatewayError> {
        translate::subscription(&*self.write(id, key, &UpdateSubscription::new(id).cancel_at_period_end(false)).await?)
    }

    /// Every subscription there ever was, with the moment of its end when it has ended.
    pub async fn subscriptions(&self) -> Result<Vec<(String, Option<Timestamp>)>, GatewayError> {
        let rows = self.list("the subscriptions", |after| {
            let request = ListSubscription::new().limit(ROWS_A_PAGE).status(ListSubscriptionStatus::All);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.iter().map(|told| Ok((told.id.to_string(), told.ended_at.map(translate::moment).transpose()?))).collect()
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
