//! Payment pages: opened, looked at, closed. Only cards; the price comes from us, never from a form.
use super::{Gateway, ROWS_A_PAGE, translate};
use crate::{
    kernel::Timestamp,
    payments::{Checkout, CheckoutPage, CheckoutRequest, Frequency, GatewayError},
};
use std::collections::HashMap;
use stripe_checkout::{
    CheckoutSessionMode, CheckoutSessionSubmitType,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes as Method, CreateCheckoutSessionCustomerCreation,
        CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData as PriceData,
        CreateCheckoutSessionLineItemsPriceDataRecurring as Recurring,
        CreateCheckoutSessionLineItemsPriceDataRecurringInterval as Interval, CreateCheckoutSessionPaymentIntentData,
        CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession, ListCheckoutSession, ProductData, RetrieveCheckoutSession,
    },
};
use stripe_shared::CheckoutSessionStatus;
use stripe_types::RangeQueryTs;

impl Gateway {
    /// Opens a payment page. `key` belongs to this gift and this try of it: with the same key the same
    /// page comes back for a day.
    pub async fn start_checkout(&self, key: &str, request: &CheckoutRequest) -> Result<CheckoutPage, GatewayError> {
        let opening = Box::new(opening(request)?);
        let session = self.write("a payment page", key, opening.as_ref()).await?;
        let url = session.url.ok_or_else(|| GatewayError::Unreadable(format!("{} has no address", session.id)))?;
        Ok(CheckoutPage { id: session.id.to_string(), url, expires_at: translate::moment(session.expires_at)? })
    }

    pub async fn checkout(&self, id: &str) -> Result<Checkout, GatewayError> {
        translate::checkout(*self.read(id, &RetrieveCheckoutSession::new(id)).await?)
    }

    /// Closes a page that nobody has paid on. One that is not open any more is refused.
    pub async fn expire_checkout(&self, id: &str) -> Result<Checkout, GatewayError> {
        translate::checkout(*self.write(id, &format!("expire-{id}"), &ExpireCheckoutSession::new(id)).await?)
    }

    /// Every page opened since then, in any state.
    pub async fn checkouts_since(&self, since: Timestamp) -> Result<Vec<Checkout>, GatewayError> {
        self.checkouts(since, None).await
    }

    /// Every page opened since then that still waits.
    pub async fn open_checkouts_since(&self, since: Timestamp) -> Result<Vec<Checkout>, GatewayError> {
        self.checkouts(since, Some(CheckoutSessionStatus::Open)).await
    }

    async fn checkouts(&self, since: Timestamp, state: Option<CheckoutSessionStatus>) -> Result<Vec<Checkout>, GatewayError> {
        let rows = self.list("the payment pages", |after| {
            let mut request = ListCheckoutSession::new().limit(ROWS_A_PAGE).created(RangeQueryTs::gte(since.unix()));
            if let Some(state) = &state {
                request = request.status(state.clone());
            }
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        });
        rows.await?.into_iter().map(translate::checkout).collect()
    }
}

fn opening(request: &CheckoutRequest) -> Result<CreateCheckoutSession, GatewayError> {
    let metadata = HashMap::from([(translate::OUR_ID.to_owned(), request.gift.clone())]);
    let mut price = PriceData::new(translate::to_currency(request.currency)?);
    price.unit_amount = Some(request.charged.get());
    price.product_data = Some(ProductData::new(request.description.clone()));
    price.recurring = match request.frequency {
        Frequency::Once => None,
        Frequency::Monthly => Some(Recurring::new(Interval::Month)),
        Frequency::Yearly => Some(Recurring::new(Interval::Year)),
    };
    let mut line = CreateCheckoutSessionLineItems::new();
    line.quantity = Some(1);
    line.price_data = Some(price);
    let mut opening = CreateCheckoutSession::new()
        .line_items(vec![line])
        .client_reference_id(&request.gift)
        .metadata(metadata.clone())
        .allowed_payment_method_types(vec![Method::Card])
        .success_url(&request.success_url)
        .cancel_url(&request.cancel_url);
    opening = match &request.customer {
        Some(customer) => opening.customer(customer),
        None => opening.customer_email(request.email.as_str()),
    };
    if request.frequency == Frequency::Once {
        if request.customer.is_none() {
            opening = opening.customer_creation(CreateCheckoutSessionCustomerCreation::Always);
        }
        let mut payment = CreateCheckoutSessionPaymentIntentData::new();
        payment.description = Some(request.description.clone());
        payment.metadata = Some(metadata);
        Ok(opening.mode(CheckoutSessionMode::Payment).submit_type(CheckoutSessionSubmitType::Donate).payment_intent_data(payment))
    } else {
        let mut subscription = CreateCheckoutSessionSubscriptionData::new();
        subscription.description = Some(request.description.clone());
        let mut metadata = metadata;
        metadata.insert(translate::OUR_INTENDED.to_owned(), (request.charged - request.covered_fee).get().to_string());
        metadata.insert(translate::OUR_COVERED.to_owned(), request.covered_fee.get().to_string());
        subscription.metadata = Some(metadata);
        Ok(opening.mode(CheckoutSessionMode::Subscription).subscription_data(subscription))
    }
}
