//! What runs on the account already, page by page, with who pays it. Everything here only reads.
use super::{Gateway, translate};
use crate::payments::{GatewayError, PayingCustomer, Running, RunningPage, Unfit};
use std::collections::HashMap;
use stripe_billing::subscription::{ListSubscription, RetrieveSubscription};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_shared as s;
use stripe_shared::{
    PriceBillingScheme, RecurringInterval, RecurringUsageType, SubscriptionCollectionMethod, SubscriptionStatus,
};
use stripe_types::{AsCursorOpt, Expandable, Object};

/// Products asked for at once.
const PRODUCTS: usize = 100;

impl Gateway {
    /// The subscriptions that stand behind this one in the list, newest first; those that ended or never began are
    /// passed over.
    pub async fn running_after(&self, after: Option<&str>) -> Result<RunningPage, GatewayError> {
        let expand = vec!["data.customer".to_owned(), "data.default_payment_method".to_owned()];
        // Without a state, all that are not cancelled are listed.
        let mut request = ListSubscription::new().limit(self.rows_a_page).expand(expand);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        let answer = self.read("the subscriptions", &request).await?;
        let last = answer.data.last().and_then(|row| row.id().as_cursor_opt().map(str::to_owned));
        Ok(RunningPage { rows: answer.data.iter().filter_map(running).collect(), after: last.filter(|_| answer.has_more) })
    }

    /// One of them as it is now; `None` when it does not run any more.
    pub async fn running(&self, id: &str) -> Result<Option<Running>, GatewayError> {
        let request = RetrieveSubscription::new(id).expand(vec!["customer".to_owned(), "default_payment_method".to_owned()]);
        Ok(running(&*self.read(id, &request).await?))
    }

    /// What these products are called. One that is not there any more has no name.
    pub async fn product_names(&self, ids: &[String]) -> Result<HashMap<String, String>, GatewayError> {
        let mut names = HashMap::new();
        for some in ids.chunks(PRODUCTS) {
            let answer = self.read("the products", &ListProducts(some)).await?;
            names.extend(answer.data.into_iter().map(|product| (product.id, product.name)));
        }
        Ok(names)
    }
}

/// A product as far as it is read: the client's crate for products is not worth its time for a name.
#[derive(miniserde::Deserialize)]
struct Product {
    id: String,
    name: String,
}

#[derive(miniserde::Deserialize)]
struct Products {
    data: Vec<Product>,
}

struct ListProducts<'a>(&'a [String]);

impl StripeRequest for ListProducts<'_> {
    type Output = Products;

    fn build(&self) -> RequestBuilder {
        let limit = i64::try_from(PRODUCTS).unwrap_or(10);
        RequestBuilder::new(StripeMethod::Get, "/products").query(&serde_json::json!({ "ids": self.0, "limit": limit }))
    }
}

fn running(told: &s::Subscription) -> Option<Running> {
    let runs = matches!(
        told.status,
        SubscriptionStatus::Active | SubscriptionStatus::Trialing | SubscriptionStatus::PastDue | SubscriptionStatus::Paused
    );
    let only = match told.items.data.as_slice() {
        [only] => Some(only.price.product.id().to_string()),
        _ => None,
    };
    runs.then(|| Running {
        id: told.id.to_string(),
        customer: customer(told),
        product: only,
        told: fit(told).and_then(|()| translate::subscription(told).map_err(|error| Unfit::Unreadable(error.to_string()))),
        is_billed_by_hand: told.collection_method == SubscriptionCollectionMethod::SendInvoice,
        is_shared: told.application_fee_percent.is_some_and(|percent| percent > 0.0),
    })
}

fn fit(told: &s::Subscription) -> Result<(), Unfit> {
    let [only] = told.items.data.as_slice() else { return Err(Unfit::SeveralItems(told.items.data.len())) };
    let price = &only.price;
    if price.billing_scheme == PriceBillingScheme::Tiered {
        return Err(Unfit::Tiered);
    }
    let Some(every) = &price.recurring else { return Err(Unfit::NoWholeAmount) };
    if every.usage_type == RecurringUsageType::Metered {
        return Err(Unfit::Metered);
    }
    if !matches!((&every.interval, every.interval_count), (RecurringInterval::Month, 1 | 12) | (RecurringInterval::Year, 1)) {
        return Err(Unfit::Interval(words(&every.interval, every.interval_count)));
    }
    match price.unit_amount {
        None => Err(Unfit::NoWholeAmount),
        Some(_) if price.transform_quantity.is_some() => Err(Unfit::NoWholeAmount),
        Some(each) if each <= 0 || only.quantity == Some(0) => Err(Unfit::Nothing),
        Some(_) => Ok(()),
    }
}

/// `every week`, `every 3 months`.
fn words(interval: &RecurringInterval, count: u64) -> String {
    let one = interval.as_str();
    if count == 1 { format!("every {one}") } else { format!("every {count} {one}s") }
}

/// Whom the gateway names as its customer; what the customer leaves out, the card may say.
fn customer(told: &s::Subscription) -> PayingCustomer {
    let known = told.customer.as_object();
    let card = told.default_payment_method.as_ref().and_then(Expandable::as_object).map(|method| &method.billing_details);
    let filled = |own: Option<&String>, of_card: Option<&String>| {
        let clean = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        own.and_then(clean).or_else(|| of_card.and_then(clean))
    };
    PayingCustomer {
        id: told.customer.id().to_string(),
        name: filled(known.and_then(|c| c.name.as_ref()), card.and_then(|c| c.name.as_ref())),
        email: filled(known.and_then(|c| c.email.as_ref()), card.and_then(|c| c.email.as_ref())),
        address: known.and_then(|c| c.address.as_ref()).and_then(lines),
    }
}

/// The lines of an envelope, without the name.
fn lines(address: &s::Address) -> Option<String> {
    let part = |part: &Option<String>| part.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let region = format!("{} {}", part(&address.state), part(&address.postal_code));
    let town =
        [part(&address.city), region.trim().to_owned()].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ");
    // A country alone is no address: Checkout asks for it because of the card.
    let country = part(&address.country);
    let lines: Vec<_> = [part(&address.line1), part(&address.line2), town].into_iter().filter(|line| !line.is_empty()).collect();
    let abroad = Some(country).filter(|code| !code.is_empty() && code != "US");
    (!lines.is_empty()).then(|| lines.into_iter().chain(abroad).collect::<Vec<_>>().join("\n"))
}
