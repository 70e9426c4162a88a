//! Which part of the books an event, or an object of the gateway, is about. Whoever knows the object
//! fetches it again; nothing of what the event itself says is believed.
use crate::{app::App, books, gifts};

/// What is to be fetched again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Checkout(String),
    Payment(String),
    Charge(String),
    Refund(String),
    Dispute(String),
    Warning(String),
    Subscription(String),
    /// Everything recurring that a customer pays.
    Customer(String),
    Invoice(String),
    Payout(String),
}

/// Why it could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(super) struct NotRefreshed {
    pub(super) reason: String,
    /// Worth another try later.
    pub(super) temporary: bool,
}

impl Target {
    /// By an event's kind; `None` for those we have no use for.
    pub(super) fn of(kind: &str, object: &str, related: &[(String, String)]) -> Option<Self> {
        let own = || (!object.is_empty()).then(|| object.to_owned());
        let led_to = |name: &str| related.iter().find(|(n, _)| n == name).map(|(_, id)| id.clone());
        // An invoice that was deleted was a draft: nothing is left to fetch.
        if kind == "invoice.deleted" {
            return None;
        }
        let under = |family: &str| kind.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'));
        if under("charge.dispute") {
            own().map(Self::Dispute)
        } else if under("charge.refund") || under("refund") {
            own().map(Self::Refund)
        } else if under("charge") {
            own().map(Self::Charge)
        } else if under("checkout.session") {
            own().map(Self::Checkout)
        } else if under("payment_intent") {
            own().map(Self::Payment)
        } else if under("customer.subscription") {
            own().map(Self::Subscription)
        } else if under("payment_method") {
            led_to("customer").map(Self::Customer)
        } else if under("invoice") {
            own().map(Self::Invoice)
        } else if under("invoice_payment") {
            led_to("invoice").map(Self::Invoice)
        } else if under("radar.early_fraud_warning") {
            own().map(Self::Warning)
        } else if under("payout") {
            own().map(Self::Payout)
        } else {
            None
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Checkout(id)
            | Self::Payment(id)
            | Self::Charge(id)
            | Self::Refund(id)
            | Self::Dispute(id)
            | Self::Warning(id)
            | Self::Subscription(id)
            | Self::Customer(id)
            | Self::Invoice(id)
            | Self::Payout(id) => id,
        }
    }

    /// Fetches it again and brings our books up to it. Says in a sentence what changed.
    pub(super) async fn refresh(&self, app: &App) -> Result<Option<String>, NotRefreshed> {
        let refreshed = match self {
            Self::Checkout(id) => gifts::refresh_checkout(app, id).await,
            Self::Payment(id) => gifts::refresh_payment(app, id).await,
            Self::Charge(id) => gifts::refresh_charge(app, id).await,
            Self::Refund(id) => gifts::refresh_refund(app, id).await,
            Self::Dispute(id) => gifts::refresh_dispute(app, id).await,
            Self::Warning(id) => gifts::refresh_warning(app, id).await,
            Self::Subscription(id) => gifts::refresh_subscription(app, id).await,
            Self::Customer(id) => gifts::refresh_customer(app, id).await,
            Self::Invoice(id) => gifts::refresh_invoice(app, id).await,
            Self::Payout(id) => {
                return books::refresh_payout(app, id)
                    .await
                    .map_err(|error| NotRefreshed { temporary: error.is_temporary(), reason: error.to_string() });
            }
        };
        match refreshed {
            Ok(refreshed) => Ok(refreshed.what),
            Err(error) => Err(NotRefreshed { temporary: error.is_temporary(), reason: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_leads_to_what_is_fetched_again() {
        let led = |kind: &str| Target::of(kind, "x_1", &[("invoice".to_owned(), "in_1".to_owned())]);
        let id = || "x_1".to_owned();
        assert_eq!(led("checkout.session.completed"), Some(Target::Checkout(id())));
        assert_eq!(led("charge.updated"), Some(Target::Charge(id())));
        assert_eq!(led("charge.refunded"), Some(Target::Charge(id())));
        assert_eq!(led("charge.refund.updated"), Some(Target::Refund(id())));
        assert_eq!(led("refund.failed"), Some(Target::Refund(id())));
        assert_eq!(led("charge.dispute.funds_withdrawn"), Some(Target::Dispute(id())));
        assert_eq!(led("radar.early_fraud_warning.created"), Some(Target::Warning(id())));
        assert_eq!(led("customer.subscription.deleted"), Some(Target::Subscription(id())));
        assert_eq!(led("invoice.paid"), Some(Target::Invoice(id())));
        assert_eq!(led("invoice_payment.paid"), Some(Target::Invoice("in_1".to_owned())));
        assert_eq!(led("payout.reconciliation_completed"), Some(Target::Payout(id())));
        assert_eq!(led("invoice.deleted"), None);
        assert_eq!(led("customer.updated"), None);
        let card = [("customer".to_owned(), "cus_1".to_owned())];
        let cards = Target::of("payment_method.automatically_updated", "pm_1", &card);
        assert_eq!(cards, Some(Target::Customer("cus_1".to_owned())));
        assert_eq!(led("invented.by.tomorrow"), None);
        assert_eq!(Target::of("invoice.upcoming", "", &[]), None);
    }
}
