//! The levers: what a test or the control panel makes happen.
use super::{
    Sandbox,
    errors::Problem,
    events::signature,
    lock,
    paying::{Card, Outcome, Payer},
    store::{Filter, Queued, Work},
    values::{int, set, text},
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};

const DAY: i64 = 86_400;

/// How the next calls of the API are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// With this status, and nothing is done.
    Status(u16),
    /// Rightly, but only after this time.
    Slow(Duration),
    /// Everything asked is done, but no answer comes.
    Hang,
}

impl Sandbox {
    /// Commits, and rings for the delivery.
    pub(super) async fn done(&self, work: Work) -> Result<(), Problem> {
        work.commit().await?;
        self.inner.bell.notify_one();
        Ok(())
    }

    /// Pays on a session's page as a person who types the usual test name.
    pub async fn pay(&self, session: &str, card: Card) -> Result<Outcome, Problem> {
        self.pay_as(session, card, &Payer::default()).await
    }

    pub async fn pay_as(&self, session: &str, card: Card, payer: &Payer) -> Result<Outcome, Problem> {
        let mut work = self.work().await?;
        let outcome = work.pay(session, card, payer).await?;
        self.done(work).await?;
        Ok(outcome)
    }

    /// The bank decides about a slow payment.
    pub async fn settle_later(&self, session: &str, ok: bool) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let session = work.get("checkout.session", session).await?;
        let payment = match (session["payment_intent"].as_str(), session["invoice"].as_str()) {
            (Some(id), _) => work.get("payment_intent", id).await?,
            (None, Some(id)) => {
                let invoice = work.get("invoice", id).await?;
                work.payment_for(&invoice).await?
            }
            (None, None) => return Err(Problem::invalid("Nobody has paid on this page.")),
        };
        work.settle(payment, ok).await?;
        self.done(work).await
    }

    /// Moves the sandbox's time ahead by seconds; what falls due on the way happens in its order.
    pub async fn advance(&self, seconds: i64) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let until = work.now + seconds.max(0);
        if seconds <= 0 && work.next_due(until).await?.is_none() {
            return Ok(());
        }
        let ahead = self.inner.ahead.load(Ordering::Relaxed) + seconds.max(0);
        work.pass_time(until).await?;
        work.set("ahead", &ahead.to_string()).await?;
        self.done(work).await?;
        self.inner.ahead.store(ahead, Ordering::Relaxed);
        Ok(())
    }

    pub async fn advance_days(&self, days: i64) -> Result<(), Problem> {
        self.advance(days * DAY).await
    }

    /// Lets the next attempt to collect a bill of this subscription fail; called n times, the next n.
    pub async fn fail_next_renewal(&self, subscription: &str) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let mut subscription = work.get("subscription", subscription).await?;
        subscription["_fail"] = (int(&subscription, "_fail") + 1).into();
        work.save(&subscription).await?;
        self.done(work).await
    }

    /// What the customer portal does: ends at the period's end, or goes on after all.
    pub async fn cancel_subscription(&self, id: &str, cancel: bool) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let before = work.get("subscription", id).await?;
        if text(&before, "status") == "canceled" {
            return Err(Problem::invalid("This subscription has ended."));
        }
        let mut subscription = before.clone();
        let end = int(&before["items"]["data"][0], "current_period_end");
        work.end_at(&mut subscription, cancel.then_some(end), true).await?;
        work.event_after("customer.subscription.updated", &before, &subscription).await?;
        self.done(work).await
    }

    /// A good card again, another one: nothing fails any more, and open bills are collected now.
    pub async fn mend_card(&self, subscription: &str) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let before = work.get("subscription", subscription).await?;
        let mut changed = before.clone();
        let payer = work.get("customer", text(&before, "customer")).await?;
        let method = work.payment_method(&json!({"customer": payer["id"], "_payer": payer}), Card::Success).await?;
        set(&mut changed, json!({"_fail": 0, "default_payment_method": method}));
        work.save(&changed).await?;
        let method = work.get("payment_method", method.as_str().unwrap_or_default()).await?;
        work.event("payment_method.attached", &method).await?;
        if text(&changed, "status") != "canceled" {
            work.event_after("customer.subscription.updated", &before, &changed).await?;
        }
        for invoice in work.all("invoice", Filter::by("parent.subscription_details.subscription", subscription)).await? {
            if text(&invoice, "status") == "open" {
                work.collect(invoice).await?;
            }
        }
        self.done(work).await
    }

    /// Lets the card of a subscription run out with this month.
    pub async fn card_expires(&self, subscription: &str, year: i16, month: i8) -> Result<(), Problem> {
        let mut work = self.work().await?;
        let subscription = work.get("subscription", subscription).await?;
        let mut method = work.get("payment_method", text(&subscription, "default_payment_method")).await?;
        set(&mut method["card"], json!({"exp_year": year, "exp_month": month}));
        work.save(&method).await?;
        work.event("payment_method.automatically_updated", &method).await?;
        self.done(work).await
    }

    /// Opens a dispute about a payment (`pi_…` or `ch_…`); its id.
    pub async fn dispute(&self, payment: &str) -> Result<String, Problem> {
        let mut work = self.work().await?;
        let id = work.open_dispute(payment).await?;
        self.done(work).await?;
        Ok(id)
    }

    /// The bank asks about a payment before it disputes; the dispute's id. Closing it moves no money.
    pub async fn inquire(&self, payment: &str) -> Result<String, Problem> {
        let mut work = self.work().await?;
        let id = work.open_inquiry(payment).await?;
        self.done(work).await?;
        Ok(id)
    }

    pub async fn close_dispute(&self, id: &str, won: bool) -> Result<(), Problem> {
        let mut work = self.work().await?;
        work.decide_dispute(id, won).await?;
        self.done(work).await
    }

    /// An early fraud warning about a payment; its id.
    pub async fn fraud_warning(&self, payment: &str) -> Result<String, Problem> {
        let mut work = self.work().await?;
        let id = work.warn_of_fraud(payment).await?;
        self.done(work).await?;
        Ok(id)
    }

    /// Pays out the whole balance; the id of the payout (of the one with most rows, when there are
    /// several currencies).
    pub async fn payout(&self) -> Result<String, Problem> {
        let mut work = self.work().await?;
        let id = work.pay_out().await?;
        self.done(work).await?;
        Ok(id)
    }

    pub async fn fail_payout(&self, id: &str) -> Result<(), Problem> {
        let mut work = self.work().await?;
        work.return_payout(id).await?;
        self.done(work).await
    }

    /// A refund that the donor's bank sends back.
    pub async fn fail_refund(&self, id: &str) -> Result<(), Problem> {
        let mut work = self.work().await?;
        work.return_refund(id).await?;
        self.done(work).await
    }

    /// Answers the next `calls` calls of the API badly.
    pub fn misbehave(&self, how: Misbehaviour, calls: u32) {
        *lock(&self.inner.trouble) = Some((how, calls)).filter(|_| calls > 0);
    }

    pub(super) fn next_misbehaviour(&self) -> Option<Misbehaviour> {
        let mut trouble = lock(&self.inner.trouble);
        let (how, calls) = (*trouble)?;
        *trouble = Some((how, calls - 1)).filter(|_| calls > 1);
        Some(how)
    }

    /// The `Stripe-Signature` of a body, at a moment.
    pub fn signed(&self, body: &str, at: i64) -> String {
        signature(&self.inner.options.webhook_secret, body, at)
    }

    /// Ids of events that are still to be sent, in their order; one that is sent twice is there twice.
    pub async fn pending(&self) -> Result<Vec<String>, Problem> {
        let mut work = self.work().await?;
        Ok(work.pending(i64::MAX).await?.into_iter().map(|queued| queued.event).collect())
    }

    /// Sends an event now: what is queued of it, or else once more.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn deliver(&self, event: &str) -> Result<(), Problem> {
        let mut queued = self.queued(event).await?;
        if queued.is_empty() {
            self.repeat(event).await?;
            queued = self.queued(event).await?;
        }
        for one in queued {
            self.send(&one).await?;
        }
        Ok(())
    }

    async fn queued(&self, event: &str) -> Result<Vec<Queued>, Problem> {
        let mut work = self.work().await?;
        let all = work.pending(i64::MAX).await?;
        Ok(all.into_iter().filter(|queued| queued.event == event).collect())
    }

    /// Sends everything that is queued, one after the other, and waits for the answers; how many were taken.
    ///
    /// # Errors
    /// The first refusal, after all were tried; what was refused stays queued.
    pub async fn deliver_all(&self) -> Result<usize, Problem> {
        let mut work = self.work().await?;
        let all = work.pending(i64::MAX).await?;
        drop(work);
        let mut taken = 0;
        let mut refusal = None;
        for queued in all {
            match self.send(&queued).await {
                Ok(()) => taken += 1,
                Err(problem) => refusal = refusal.or(Some(problem)),
            }
        }
        refusal.map_or(Ok(taken), Err)
    }

    /// Never sends this event; it can still be read through the API.
    pub async fn drop_event(&self, event: &str) -> Result<(), Problem> {
        let queued = self.queued(event).await?;
        let mut work = self.work().await?;
        for one in queued {
            work.mark(one.row, "dropped", 0).await?;
        }
        self.done(work).await
    }

    /// Puts one more sending of an event at the end of the queue.
    pub async fn repeat(&self, event: &str) -> Result<(), Problem> {
        let mut work = self.work().await?;
        work.get("event", event).await?;
        work.enqueue(event, 0).await?;
        self.done(work).await
    }

    /// Moves an event to the end of the queue, not to be sent by itself for some seconds.
    pub async fn delay(&self, event: &str, seconds: i64) -> Result<(), Problem> {
        let queued = self.queued(event).await?;
        let mut work = self.work().await?;
        for one in queued {
            work.postpone(one.row, self.clock_now() + seconds).await?;
        }
        self.done(work).await
    }

    /// Doubles everything that is queued and shuffles it; the same seed shuffles the same way.
    pub async fn disturb(&self, seed: u64) -> Result<(), Problem> {
        let mut work = self.work().await?;
        for queued in work.pending(i64::MAX).await? {
            work.enqueue(&queued.event, 0).await?;
        }
        let mut rows = work.pending(i64::MAX).await?;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        rows.sort_by_cached_key(|_| random.next_u64());
        for (place, queued) in (0_i64..).zip(rows) {
            work.place(queued.row, place).await?;
        }
        self.done(work).await
    }
}
