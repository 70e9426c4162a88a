//! Lives of gifts made up at random, told in any order, twice, late or never: after a comparison, what we have is
//! what the payment service has, and the books balance. `HISTORIES=1000` tries as many.
use crate::paying::{Paying, start_paying};
use convener::{
    books, donors,
    gifts::{self, Gift, GiftState, Giving, Limit},
    kernel::{Cents, Timestamp},
    payments::{
        Dispute, DisputeState, Invoice, Payment, PaymentState, PayoutState, Refund, RefundState, Split, Subscription,
        SubscriptionState, sandbox::Card,
    },
    receipts, settings, webhooks, work,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Something that happens. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Give {
        monthly: bool,
        amount: i64,
        cover: bool,
        card: usize,
    },
    Upgrade {
        plan: usize,
        amount: i64,
        cover: bool,
    },
    Pause {
        plan: usize,
        months: i64,
    },
    Resume(usize),
    Stop {
        plan: usize,
        now: bool,
    },
    Keep(usize),
    /// The next attempts to collect fail.
    Fail {
        plan: usize,
        times: usize,
    },
    Mend(usize),
    CardExpires(usize),
    Refund {
        gift: usize,
        share: i64,
    },
    FailRefund(usize),
    Dispute(usize),
    Decide {
        dispute: usize,
        won: bool,
    },
    Payout {
        fails: bool,
    },
    /// Days go by.
    Wait(i64),
    /// What waits is told: shuffled and twice, some of it lost for good.
    Tell {
        seed: u64,
        lost: Vec<bool>,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..8_usize;
    prop_oneof![
        4 => (any::<bool>(), 500..90_000_i64, any::<bool>(), 0..6_usize)
            .prop_map(|(monthly, amount, cover, card)| Step::Give { monthly, amount, cover, card }),
        3 => (n.clone(), 500..90_000_i64, any::<bool>()).prop_map(|(plan, amount, cover)| Step::Upgrade { plan, amount, cover }),
        2 => (n.clone(), 1..4_i64).prop_map(|(plan, months)| Step::Pause { plan, months }),
        1 => n.clone().prop_map(Step::Resume),
        1 => (n.clone(), any::<bool>()).prop_map(|(plan, now)| Step::Stop { plan, now }),
        1 => n.clone().prop_map(Step::Keep),
        3 => (n.clone(), 1..5_usize).prop_map(|(plan, times)| Step::Fail { plan, times }),
        2 => n.clone().prop_map(Step::Mend),
        1 => n.clone().prop_map(Step::CardExpires),
        3 => (n.clone(), 1..=100_i64).prop_map(|(gift, share)| Step::Refund { gift, share }),
        1 => n.clone().prop_map(Step::FailRefund),
        2 => n.clone().prop_map(Step::Dispute),
        3 => (n, any::<bool>()).prop_map(|(dispute, won)| Step::Decide { dispute, won }),
        1 => any::<bool>().prop_map(|fails| Step::Payout { fails }),
        4 => (1..25_i64).prop_map(Step::Wait),
        5 => (any::<u64>(), prop::collection::vec(prop::bool::weighted(0.3), 7)).prop_map(|(seed, lost)| Step::Tell { seed, lost }),
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let first = (500..90_000_i64, any::<bool>()).prop_map(|(amount, cover)| Step::Give { monthly: true, amount, cover, card: 0 });
    (first, prop::collection::vec(step(), 4..22)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}

struct World {
    paying: Paying,
    /// What each donor who gave once meant to give.
    typed: HashMap<String, i64>,
    wishes: usize,
    /// Days since the last comparison.
    untold: i64,
}

impl World {
    async fn new() -> Self {
        let paying = start_paying().await;
        let mut tx = paying.server.app.db.write().await.unwrap();
        let many = Limit { most: 10_000, seconds: 60 };
        let mut giving: Giving = settings::get(&mut tx).await.unwrap();
        (giving.per_address, giving.per_email, giving.overall) = (many, many, many);
        settings::set(&mut tx, &giving, paying.server.app.clock.now()).await.unwrap();
        let entity = receipts::LegalEntity {
            id: receipts::EntityId::new(),
            from_day: "2020-01-01".parse().unwrap(),
            name: "Columbia University".into(),
            ein: Some("13-5598093".into()),
            address: "New York, NY".into(),
            sponsorship: None,
            signatory: "The Convener".into(),
            deductible: true,
        };
        receipts::insert_entity(&mut tx, &entity).await.unwrap();
        tx.commit().await.unwrap();
        Self { paying, typed: HashMap::new(), wishes: 0, untold: 0 }
    }

    fn key(&mut self) -> String {
        self.wishes += 1;
        format!("wish-{}", self.wishes)
    }

    async fn subscriptions(&self) -> Vec<Subscription> {
        let mut all = Vec::new();
        for (id, _) in self.paying.server.app.gateway.subscriptions().await.unwrap().into_iter().rev() {
            all.push(self.paying.server.app.gateway.subscription(&id).await.unwrap());
        }
        all
    }

    async fn charges(&self) -> Vec<Payment> {
        let all = self.paying.server.app.gateway.charges_since(Timestamp::from_unix(0).unwrap()).await.unwrap();
        all.into_iter().rev().filter(|charge| charge.state == PaymentState::Succeeded).collect()
    }

    async fn disputes(&self) -> Vec<Dispute> {
        self.paying.server.app.gateway.disputes_since(Timestamp::from_unix(0).unwrap()).await.unwrap()
    }

    async fn refunds(&self) -> Vec<Refund> {
        self.paying.server.app.gateway.refunds_since(Timestamp::from_unix(0).unwrap()).await.unwrap()
    }

    /// Does one step; what the payment service refuses does not happen.
    async fn take(&mut self, step: &Step) {
        let gateway = self.paying.server.app.gateway.clone();
        let sandbox = self.paying.sandbox.clone();
        let key = self.key();
        match *step {
            Step::Give { monthly, amount, cover, card } => self.give(monthly, amount, cover, card).await,
            Step::Upgrade { plan, amount, cover } => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let covered = if cover { Giving::default().cover(Cents::new(amount)) } else { Cents::ZERO };
                    let split = Split { intended: Cents::new(amount), covered_fee: covered };
                    let _ = Box::pin(gateway.change_amount(told, split, &key)).await;
                }
            }
            Step::Pause { plan, months } => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let until = told.period_end.unwrap().plus_months(months).plus_hours(-12);
                    let _ = gateway.pause_subscription(&told.id, until, &key).await;
                }
            }
            Step::Resume(plan) => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let _ = gateway.resume_subscription(&told.id, &key).await;
                }
            }
            Step::Stop { plan, now } => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let _ = gateway.cancel_subscription(&told.id, !now, &key).await;
                }
            }
            Step::Keep(plan) => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let _ = gateway.keep_subscription(&told.id, &key).await;
                }
            }
            Step::Fail { plan, times } => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    for _ in 0..times {
                        let _ = sandbox.fail_next_renewal(&told.id).await;
                    }
                }
            }
            Step::Mend(plan) => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let _ = sandbox.mend_card(&told.id).await;
                }
            }
            Step::CardExpires(plan) => {
                if let Some(told) = nth(&self.subscriptions().await, plan) {
                    let _ = sandbox.card_expires(&told.id, 2026, 11).await;
                }
            }
            Step::Refund { gift, share } => {
                if let Some(charge) = nth(&self.charges().await, gift) {
                    let part = (charge.amount - charge.refunded).get() * share / 100;
                    let _ = gateway.start_refund(&key, charge.id.as_deref().unwrap(), Cents::new(part)).await;
                }
            }
            Step::FailRefund(n) => {
                if let Some(refund) = nth(&self.refunds().await, n) {
                    let _ = sandbox.fail_refund(&refund.id).await;
                }
            }
            Step::Dispute(gift) => {
                if let Some(charge) = nth(&self.charges().await, gift).filter(|c| c.refunded.is_zero() && !c.disputed) {
                    let _ = sandbox.dispute(charge.charge.as_deref().unwrap()).await;
                }
            }
            Step::Decide { dispute, won } => {
                if let Some(dispute) = nth(&self.disputes().await, dispute) {
                    let _ = sandbox.close_dispute(&dispute.id, won).await;
                }
            }
            Step::Payout { fails } => {
                if let Ok(payout) = sandbox.payout().await
                    && fails
                {
                    let _ = sandbox.fail_payout(&payout).await;
                }
            }
            Step::Wait(days) => {
                // What was lost is found before it is too old to be asked for.
                self.untold += days;
                if self.untold > 28 {
                    self.compare().await;
                    self.untold = days;
                }
                self.paying.advance_days(days).await;
            }
            Step::Tell { seed, ref lost } => self.tell(seed, lost).await,
        }
    }

    async fn give(&mut self, monthly: bool, amount: i64, cover: bool, card: usize) {
        let email = format!("donor{}@example.org", self.typed.len());
        let written = format!("{}.{:02}", amount / 100, amount % 100);
        let frequency = if monthly { "monthly" } else { "once" };
        let mut fields =
            vec![("other_amount", written.as_str()), ("frequency", frequency), ("name", "A Donor"), ("email", &email)];
        fields.extend([("amount", ""), ("cover", if cover { "yes" } else { "" })]);
        let sent = self.paying.server.fill("/donate", "/donate", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let page = sent.location();
        let id = page[page.find("cs_test_").unwrap()..].split(['?', '#', '/']).next().unwrap();
        let cards = [Card::Success, Card::Success, Card::AuthOk, Card::Decline, Card::LaterOk, Card::LaterFail];
        let _ = self.paying.sandbox.pay(id, cards[card]).await;
        if cards[card] == Card::Decline && amount % 2 == 0 {
            let _ = self.paying.sandbox.pay(id, Card::Success).await;
        }
        self.typed.insert(email, amount);
    }

    async fn tell(&self, seed: u64, lost: &[bool]) {
        let sandbox = &self.paying.sandbox;
        for (event, lost) in sandbox.pending().await.unwrap().iter().zip(lost.iter().cycle()) {
            if *lost {
                sandbox.drop_event(event).await.unwrap();
            }
        }
        sandbox.disturb(seed).await.unwrap();
        sandbox.deliver_all().await.unwrap();
        self.paying.server.run_jobs().await;
    }

    async fn compare(&self) {
        let server = &self.paying.server;
        let mut tx = server.app.db.write().await.unwrap();
        work::soon(&mut tx, webhooks::SYNC.kind, &uuid::Uuid::now_v7().to_string(), server.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        server.run_jobs().await;
    }
}

fn nth<T>(all: &[T], n: usize) -> Option<&T> {
    all.get(n % all.len().max(1))
}

/// What the books must come to, by what the payment service says.
fn expect(sums: &mut BTreeMap<String, i64>, account: &str, amount: Cents) {
    *sums.entry(account.to_owned()).or_default() += amount.get();
}

#[expect(clippy::too_many_lines, reason = "one comparison, account by account")]
async fn check(world: &World) {
    let app = &world.paying.server.app;
    let gateway = &app.gateway;
    let (charges, refunds, disputes) = (world.charges().await, world.refunds().await, world.disputes().await);
    let subscriptions = world.subscriptions().await;
    let mut bills: HashMap<String, Invoice> = HashMap::new();
    let mut failed_bills = HashSet::new();
    for subscription in &subscriptions {
        for bill in gateway.invoices_of(&subscription.id).await.unwrap() {
            if !bill.paid && bill.attempts > 0 && !bill.is_first {
                failed_bills.insert(bill.id.clone());
            }
            if bill.paid
                && let Some(payment) = bill.payment.clone()
            {
                bills.insert(payment, bill);
            }
        }
    }
    let mut tx = app.db.read().await.unwrap();
    let mut all: Vec<Gift> = Vec::new();
    let mut intended_once = HashMap::new();
    for (email, typed) in &world.typed {
        if let Some(donor) = donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap() {
            let theirs = gifts::of_donor(&mut tx, donor.id, 1_000).await.unwrap();
            intended_once.extend(theirs.iter().map(|gift| (gift.id, *typed)));
            all.extend(theirs);
        }
    }
    let settled: HashMap<_, _> =
        all.iter().filter(|gift| gift.state == GiftState::Settled).map(|gift| (gift.payment.clone().unwrap(), gift)).collect();
    let mut sums = BTreeMap::new();
    for charge in &charges {
        let id = charge.id.clone().unwrap();
        let gift = settled.get(&id).unwrap_or_else(|| panic!("{id} is no gift"));
        let back: Cents = refunds
            .iter()
            .filter(|r| r.payment.as_ref() == Some(&id) && matches!(r.state, RefundState::Pending | RefundState::Succeeded))
            .map(|r| r.amount)
            .sum();
        let fights: Vec<_> = disputes.iter().filter(|d| d.payment.as_ref() == Some(&id)).collect();
        let lost: Cents = fights.iter().filter(|d| d.state == DisputeState::Lost).map(|d| d.withdrawn).sum();
        let open = fights.iter().any(|d| !matches!(d.state, DisputeState::Won | DisputeState::Closed));
        assert_eq!((gift.charged, gift.disputed, gift.processor_fee), (charge.amount, open, charge.fee), "{gift:?}");
        assert_eq!(gift.refunded, (back + lost).min(charge.amount), "{gift:?} {refunds:?} {disputes:?}");
        let intended = match bills.get(&id) {
            Some(bill) => bill.split.unwrap().intended,
            None => Cents::new(intended_once[&gift.id]),
        };
        assert_eq!(gift.intended, intended, "{gift:?}");
        let stands = receipts::standing(&mut tx, &gift.id.to_string()).await.unwrap();
        assert_eq!(stands.is_some(), gift.refunded < gift.charged, "{gift:?}");
        assert!(stands.is_none_or(|receipt| receipt.frozen.refunded == gift.refunded));
        expect(&mut sums, "contributions", -intended);
        expect(&mut sums, "covered_fees", intended - charge.amount);
        expect(&mut sums, "processor_fees", charge.fee.unwrap());
        expect(&mut sums, "gateway", charge.amount - charge.fee.unwrap());
        expect(&mut sums, "refunds", back);
        expect(&mut sums, "gateway", -back);
    }
    assert_eq!(settled.len(), charges.len(), "each charge is one gift");
    for dispute in &disputes {
        let account = if dispute.state == DisputeState::Lost { "dispute_losses" } else { "disputes_open" };
        expect(&mut sums, account, dispute.withdrawn);
        expect(&mut sums, "dispute_fees", dispute.fee);
        expect(&mut sums, "gateway", -(dispute.withdrawn + dispute.fee));
    }
    for payout in gateway.payouts(Timestamp::from_unix(0).unwrap()).await.unwrap() {
        if !matches!(payout.state, PayoutState::Failed | PayoutState::Canceled) {
            let to = if payout.state == PayoutState::Paid { "bank" } else { "in_transit" };
            expect(&mut sums, to, payout.amount);
            expect(&mut sums, "gateway", -payout.amount);
        }
    }
    let failed: HashSet<_> = all
        .iter()
        .filter(|gift| gift.state == GiftState::Failed)
        .filter_map(|gift| gift.invoice.clone())
        .filter(|id| failed_bills.contains(id))
        .collect();
    assert_eq!(failed, failed_bills, "each bill that failed is a failed gift");
    for told in &subscriptions {
        let plan = plan_of(&mut tx, &all, &told.id).await;
        let Some(plan) = plan else { panic!("{} is no recurring gift", told.id) };
        let split = told.split.unwrap();
        assert_eq!((plan.state, plan.intended, plan.covered_fee), (told.state, split.intended, split.covered_fee), "{told:?}");
        assert_eq!(
            (plan.next_at, plan.cancels_at, plan.resumes_at),
            (told.period_end, told.cancels_at, told.resumes_at),
            "{told:?}"
        );
        // A plan that ended weeks ago is compared no more, and its card pays nothing.
        if !matches!(told.state, SubscriptionState::Cancelled | SubscriptionState::Ended) {
            assert_eq!((plan.card, plan.card_until), told.card.clone().map(|c| (c.label, c.until)).unzip(), "{}", told.id);
        }
    }
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0, "the totals are what the gifts sum to");
    let held: BTreeMap<String, i64> = books::trial_balance(&mut tx)
        .await
        .unwrap()
        .into_iter()
        .filter(|b| !b.amount.is_zero())
        .map(|b| (b.account.to_string(), b.amount.get()))
        .collect();
    sums.retain(|_, amount| *amount != 0);
    assert_eq!(held, sums, "the books are what the payment service says");
}

async fn plan_of(tx: &mut convener::db::Tx, all: &[Gift], subscription: &str) -> Option<gifts::RecurringGift> {
    let ids: HashSet<_> = all.iter().filter_map(|gift| gift.recurring_id).collect();
    for id in ids {
        let plan = gifts::recurring_by_id(tx, id).await.unwrap().unwrap();
        if plan.subscription == subscription {
            return Some(plan);
        }
    }
    None
}

async fn live(steps: &[Step]) {
    let mut world = World::new().await;
    for step in steps {
        world.take(step).await;
    }
    world.tell(7, &[false]).await;
    world.compare().await;
    check(&world).await;
    // Told again, all of it, nothing changes.
    let before = format!("{:?}", books::trial_balance(&mut world.paying.server.app.db.read().await.unwrap()).await.unwrap());
    world.compare().await;
    let after = format!("{:?}", books::trial_balance(&mut world.paying.server.app.db.read().await.unwrap()).await.unwrap());
    assert_eq!(before, after);
}

fn cases() -> u32 {
    std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_and_however_it_is_told_our_gifts_are_the_payment_services(steps in history()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(live(&steps))));
        prop_assert!(outcome.is_ok(), "the panic above says what differs");
    }
}
