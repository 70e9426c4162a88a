//! The balance: one row for each movement of money, and the payouts that empty it. The net of a payout's
//! rows is always what it paid.
use super::{
    errors::Problem,
    store::{Filter, Work},
    values::{int, new_id, nulls, set, text, with},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DAY: i64 = 86_400;
/// What a dispute costs, in the smallest unit of the currency.
pub(super) const DISPUTE_FEE: i64 = 1_500;

/// What is different on a payout that has arrived.
pub(super) fn paid() -> Value {
    json!({"status": "paid", "trace_id": {"status": "supported", "value": "021000021000001"}})
}

/// 2.9 % and 30, rounded to the nearest unit.
pub(super) const fn card_fee(amount: i64) -> i64 {
    (amount * 29 + 500) / 1_000 + 30
}

/// A movement to be written: its type and reporting category, and what it comes from.
pub(super) struct Movement<'a> {
    pub(super) kind: &'a str,
    pub(super) category: &'a str,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) source: &'a Value,
}

impl Work {
    pub(super) async fn move_money(&mut self, movement: Movement<'_>) -> Result<Value, Problem> {
        let Movement { kind, category, amount, fee, source } = movement;
        let currency = text(source, "currency");
        let fees = if fee == 0 {
            json!([])
        } else {
            let description = if kind == "charge" { "Stripe processing fees" } else { "Dispute fee" };
            json!([{"amount": fee, "application": null, "currency": currency, "description": description, "type": "stripe_fee"}])
        };
        let at_once = kind.starts_with("payout");
        let row = json!({
            "id": new_id("txn"), "object": "balance_transaction", "amount": amount, "fee": fee, "fee_details": fees,
            "net": amount - fee, "currency": currency, "type": kind, "reporting_category": category,
            "source": source["id"], "description": source["description"], "exchange_rate": null, "balance_type": "payments",
            "created": self.now, "available_on": if at_once { self.now } else { self.now + 2 * DAY },
            "status": if at_once { "available" } else { "pending" }, "_payout": "",
        });
        self.save(&row).await?;
        Ok(row)
    }

    /// Pays out everything that was not yet, one payout for each currency with a positive balance.
    ///
    /// # Errors
    /// 400 `balance_insufficient` when there is nothing to pay out.
    pub(super) async fn pay_out(&mut self) -> Result<String, Problem> {
        let mut by_currency: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for row in self.all("balance_transaction", Filter::by("_payout", "")).await? {
            by_currency.entry(text(&row, "currency").to_owned()).or_default().push(row);
        }
        let mut made = Vec::new();
        for (currency, rows) in by_currency {
            let total: i64 = rows.iter().map(|row| int(row, "net")).sum();
            if total > 0 {
                made.push((rows.len(), self.pay_out_rows(&currency, total, rows).await?));
            }
        }
        made.sort();
        let nothing = || Problem::invalid("There is nothing on the balance to pay out.").code("balance_insufficient");
        made.pop().map(|(_, id)| id).ok_or_else(nothing)
    }

    async fn pay_out_rows(&mut self, currency: &str, total: i64, rows: Vec<Value>) -> Result<String, Problem> {
        let mut payout = self.begin_payout(currency, total, rows).await?;
        self.event("payout.created", &payout).await?;
        for (name, change) in [
            ("payout.updated", json!({"status": "in_transit"})),
            ("payout.paid", paid()),
            ("payout.reconciliation_completed", json!({"reconciliation_status": "completed"})),
        ] {
            let before = payout.clone();
            set(&mut payout, change);
            if name == "payout.updated" {
                self.event_after(name, &before, &payout).await?;
            } else {
                self.event(name, &payout).await?;
            }
        }
        self.save(&payout).await?;
        Ok(text(&payout, "id").to_owned())
    }

    /// A payout of these rows as it is made, not saved yet.
    pub(super) async fn begin_payout(&mut self, currency: &str, total: i64, rows: Vec<Value>) -> Result<Value, Problem> {
        let id = new_id("po");
        let mut payout = with(
            nulls(&[
                "application_fee",
                "application_fee_amount",
                "failure_balance_transaction",
                "failure_code",
                "failure_message",
                "original_payout",
                "payout_method",
                "reversed_by",
                "statement_descriptor",
            ]),
            json!({
                "id": id, "object": "payout", "amount": total, "arrival_date": self.now.div_euclid(DAY) * DAY, "automatic": true,
                "created": self.now, "currency": currency, "description": "STRIPE PAYOUT", "destination": "ba_sandbox",
                "livemode": false, "metadata": {}, "method": "standard", "reconciliation_status": "in_progress",
                "source_type": "card", "status": "pending", "type": "bank_account",
                "trace_id": {"status": "pending", "value": null},
            }),
        );
        for mut row in rows {
            set(&mut row, json!({"_payout": id, "status": "available"}));
            self.save(&row).await?;
        }
        let movement = Movement { kind: "payout", category: "payout", amount: -total, fee: 0, source: &payout };
        let mut row = self.move_money(movement).await?;
        row["_payout"] = id.as_str().into();
        self.save(&row).await?;
        payout["balance_transaction"] = row["id"].clone();
        Ok(payout)
    }

    /// The bank sends a payout back; its money is on the balance again.
    pub(super) async fn return_payout(&mut self, id: &str) -> Result<(), Problem> {
        let mut payout = self.get("payout", id).await?;
        if text(&payout, "status") == "failed" {
            return Err(Problem::invalid("This payout has failed already."));
        }
        let movement = Movement {
            kind: "payout_failure",
            category: "payout_reversal",
            amount: int(&payout, "amount"),
            fee: 0,
            source: &payout,
        };
        let row = self.move_money(movement).await?;
        let change = json!({
            "status": "failed", "failure_code": "account_closed", "failure_message": "The bank account has been closed.",
            "failure_balance_transaction": row["id"],
        });
        set(&mut payout, change);
        self.save(&payout).await?;
        self.event("payout.failed", &payout).await
    }

    /// `balance` as <https://docs.stripe.com/api/balance>: what is not paid out, by currency.
    pub(super) async fn balance(&mut self) -> Result<Value, Problem> {
        let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in self.all("balance_transaction", Filter::by("_payout", "")).await? {
            let sum = sums.entry(text(&row, "currency").to_owned()).or_default();
            let part = if int(&row, "available_on") <= self.now { &mut sum.0 } else { &mut sum.1 };
            *part += int(&row, "net");
        }
        if sums.is_empty() {
            sums.insert("usd".to_owned(), (0, 0));
        }
        let part = |of: fn(&(i64, i64)) -> i64| -> Vec<Value> {
            let row = |(currency, sum)| json!({"amount": of(sum), "currency": currency, "source_types": {"card": of(sum)}});
            sums.iter().map(row).collect()
        };
        Ok(json!({"object": "balance", "livemode": false, "available": part(|s| s.0), "pending": part(|s| s.1)}))
    }
}
