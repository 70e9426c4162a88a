//! Recurring gifts that another program began on the Stripe account, as staff read and bring them in.
use crate::place::Place;
use convener::{
    kernel::{Cents, Currency},
    payments::{
        Frequency, SubscriptionState,
        sandbox::{Foreign, Oddity, PastCustomer, PastSubscription},
    },
};

/// Subscriptions of another program: one reading of the account that was applied and one that was not.
pub(crate) async fn bring_in(place: &Place) {
    let server = place.server();
    let start = "/staff/imports/stripe";
    let now = server.app.clock.now();
    for (number, apply) in [(1, true), (2, false)] {
        let customer = PastCustomer {
            id: format!("cus_elsewhere{number}"),
            name: format!("Elsa Elsewhere {number}"),
            email: Some(format!("elsa{number}@example.org")),
            at: now.plus_days(-40),
        };
        let past = PastSubscription {
            id: format!("sub_elsewhere{number}"),
            customer,
            gift: "form 3".to_owned(),
            state: SubscriptionState::Active,
            frequency: Frequency::Monthly,
            amount: Cents::new(2_500),
            currency: Currency::USD,
            started_at: now.plus_days(-40),
            period_end: now.plus_days(20),
            ended_at: None,
            card: None,
            bills: Vec::new(),
        };
        let product = ("prod_elsewhere".to_owned(), "Monthly donor".to_owned());
        let odd = Foreign {
            past: PastSubscription { id: format!("sub_odd{number}"), ..past.clone() },
            product: product.clone(),
            oddity: Some(Oddity::Weekly),
        };
        place.paying.sandbox.remember_foreign(&[Foreign { past, product, oddity: None }, odd]).await.unwrap();
        let read = server.fill(start, start, &[]).await.location().to_owned();
        server.run_jobs().await;
        if apply {
            assert_eq!(server.fill(&read, "/run", &[]).await.status, 303);
            server.run_jobs().await;
        }
    }
}
