//! Subscriptions that another program began on the account before ours knew of it: under products of their own, with
//! metadata of their own, some of them of a kind that we have no use for.
//!
//! Nothing is told of them: they make no events until time passes.
use super::{
    PastSubscription, Sandbox,
    errors::Problem,
    store::Work,
    subscription::every,
    values::{new_id, set},
};
use serde_json::{Value, json};

/// One of them.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// Its `gift` is what the other program calls it.
    pub past: PastSubscription,
    /// `prod_…` and its name.
    pub product: (String, String),
    pub oddity: Option<Oddity>,
}

/// What is not as with ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    TwoItems,
    Weekly,
    Quarterly,
    Metered,
    Tiered,
    /// A part of a cent.
    Fraction,
    /// Nothing is charged before the end of its period.
    Trial,
    /// Nothing is collected, for no time that is known.
    Paused,
    /// Its bills are sent and paid by hand.
    ByHand,
    /// Its first payment was never made.
    Incomplete,
}

impl Sandbox {
    /// Puts all of them there, or nothing.
    pub async fn remember_foreign(&self, all: &[Foreign]) -> Result<(), Problem> {
        let mut work = self.work().await?;
        for foreign in all {
            work.foreign_subscription(foreign).await?;
        }
        work.commit().await
    }
}

impl Work {
    async fn foreign_subscription(&mut self, foreign: &Foreign) -> Result<(), Problem> {
        let Foreign { past, product: (product, name), oddity } = foreign;
        self.past_subscription(past).await?;
        self.save_product(product, name).await?;
        let mut subscription = self.get("subscription", &past.id).await?;
        subscription["metadata"] = json!({ "donation_form": past.gift });
        let item = &mut subscription["items"]["data"][0];
        for part in ["price", "plan"] {
            item[part]["product"] = product.as_str().into();
        }
        let price = &mut item["price"];
        match oddity {
            None => {}
            Some(Oddity::TwoItems) => {
                let mut second = item.clone();
                second["id"] = new_id("si").into();
                if let Some(items) = subscription["items"]["data"].as_array_mut() {
                    items.push(second);
                }
            }
            Some(Oddity::Weekly) => price["recurring"] = every("week", 1),
            Some(Oddity::Quarterly) => price["recurring"] = every("month", 3),
            Some(Oddity::Metered) => price["recurring"]["usage_type"] = "metered".into(),
            Some(Oddity::Tiered) => {
                set(
                    price,
                    json!({"billing_scheme": "tiered", "tiers_mode": "graduated", "unit_amount": null, "unit_amount_decimal": null}),
                );
            }
            Some(Oddity::Fraction) => set(price, json!({"unit_amount": null, "unit_amount_decimal": "100.5"})),
            Some(Oddity::Trial) => {
                let end = item["current_period_end"].clone();
                set(&mut subscription, json!({"status": "trialing", "trial_start": past.started_at.unix(), "trial_end": end}));
            }
            Some(Oddity::Paused) => subscription["pause_collection"] = json!({"behavior": "void", "resumes_at": null}),
            Some(Oddity::ByHand) => set(&mut subscription, json!({"collection_method": "send_invoice", "days_until_due": 30})),
            Some(Oddity::Incomplete) => subscription["status"] = "incomplete".into(),
        }
        self.save(&subscription).await
    }

    /// A product that prices are of.
    pub(super) async fn save_product(&mut self, id: &str, name: &str) -> Result<(), Problem> {
        let product: Value = json!({
            "id": id, "object": "product", "active": true, "created": self.now, "default_price": null, "description": null, "images": [],
            "livemode": false, "marketing_features": [], "metadata": {}, "name": name, "package_dimensions": null, "shippable": null,
            "statement_descriptor": null, "tax_code": null, "tax_details": null, "type": "service", "unit_label": null,
            "updated": self.now, "url": null,
        });
        self.save(&product).await
    }
}
