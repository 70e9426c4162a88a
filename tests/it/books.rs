//! The books, and many gifts at once.
use crate::server::Server;
use convener::{
    books::{self, Account, BooksError, Entry, Line},
    donors::{self, Donor, DonorId, DonorKind},
    gifts::{self, FundId, Gift, GiftId, GiftRefund, GiftState, History, RefundId},
    kernel::{Cents, Currency, Month, Zone},
    payments::{Frequency, RefundState},
};
use proptest::prelude::*;

#[tokio::test]
async fn an_entry_is_posted_once_and_only_when_it_is_balanced() {
    let server = Server::start().await;
    let now = server.app.clock.now();
    let zone = Zone::utc();
    let mut tx = server.app.db.write().await.unwrap();
    let entry = Entry::new("settle:1", "Gift", ("gift", "1"), Currency::USD, now)
        .debit(Account::Gateway, None, Cents::new(500))
        .credit(Account::Contributions, None, Cents::new(500));
    assert!(books::post(&mut tx, &entry, &zone).await.unwrap());
    assert!(!books::post(&mut tx, &entry, &zone).await.unwrap(), "once");
    let lame = Entry::new("x", "Lame", ("gift", "1"), Currency::USD, now).debit(Account::Gateway, None, Cents::new(500));
    assert!(matches!(books::post(&mut tx, &lame, &zone).await, Err(BooksError::Unbalanced { difference: 500, .. })));
    let nothing = Entry::new("y", "Nothing", ("gift", "1"), Currency::USD, now);
    assert!(matches!(books::post(&mut tx, &nothing, &zone).await, Err(BooksError::Empty(_))));
    books::post(&mut tx, &entry.clone().reversed("back:1", "Back", now), &zone).await.unwrap();
    assert!(books::trial_balance(&mut tx).await.unwrap().iter().all(|b| b.amount.is_zero()));
    assert_eq!(books::entries_of(&mut tx, ("gift", "1")).await.unwrap().len(), 4);
    tx.commit().await.unwrap();
}

proptest! {
    #[test]
    fn only_balanced_entries_pass(amounts in prop::collection::vec(-1_000_000_i64..1_000_000, 1..6), balance in any::<bool>()) {
        let now = convener::kernel::Timestamp::from_unix(0).unwrap();
        let mut entry = Entry::new("k", "d", ("gift", "1"), Currency::USD, now);
        for amount in &amounts {
            entry = entry.debit(Account::Gateway, None, Cents::new(*amount));
        }
        let sum: i64 = amounts.iter().sum();
        if balance {
            entry = entry.credit(Account::Contributions, None, Cents::new(sum));
        }
        let moves = entry.lines.iter().any(|Line { amount, .. }| !amount.is_zero());
        prop_assert_eq!(entry.check().is_ok(), moves && (balance || sum == 0));
        prop_assert_eq!(entry.reversed("r", "d", now).check().is_ok(), moves && (balance || sum == 0));
    }
}

#[tokio::test]
async fn a_history_of_many_gifts_has_right_books_and_totals() {
    let server = Server::start().await;
    let now = server.app.clock.now();
    let zone = server.app.coalition.get().zone();
    let donor = |n: u128| Donor {
        id: DonorId::from_u128(n),
        kind: DonorKind::Person,
        name: format!("Donor {n}"),
        email: Some(format!("d{n}@example.org").parse().unwrap()),
        address: None,
        gateway_customer: None,
        consent_updates: n.is_multiple_of(2),
        consent_at: None,
        created_at: now,
    };
    let all: Vec<_> = (1..=700).map(donor).collect();
    let fund: FundId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
    let mut history = History::default();
    for n in 0..2_500_u32 {
        let at = now.plus_days(-i64::from(n % 700));
        let refunded = if n % 50 == 0 { Cents::new(5_150) } else { Cents::ZERO };
        let gift = Gift {
            id: GiftId::from_u128(u128::from(n) + 1),
            donor_id: DonorId::from_u128(u128::from(n % 700) + 1),
            fund_id: fund,
            campaign_id: None,
            source: None,
            recurring_id: None,
            state: GiftState::Settled,
            frequency: Frequency::Once,
            intended: Cents::new(5_000),
            covered_fee: Cents::new(150),
            charged: Cents::new(5_150),
            refunded,
            currency: Currency::USD,
            disputed: false,
            tribute_kind: None,
            tribute_name: None,
            created_at: at,
            settled_at: Some(at),
            given_on: Some(zone.day(at)),
            shown_at: at,
            attempt: 1,
            checkout: None,
            checkout_url: None,
            checkout_until: None,
            payment: Some(format!("pi_{n}")),
            charge: None,
            invoice: None,
            processor_fee: Some(Cents::new(180)),
            card: None,
            failure: None,
            thanked_at: (n % 3 == 0).then_some(at),
            livemode: false,
            method: gifts::Method::Card,
            split: false,
        };
        if refunded.is_positive() {
            history.refunds.push(GiftRefund {
                id: RefundId::from_u128(u128::from(n) + 1),
                gift_id: gift.id,
                refund: format!("re_{n}"),
                amount: refunded,
                state: RefundState::Succeeded,
                reason: None,
                at,
            });
        }
        history.gifts.push(gift);
    }
    let mut tx = server.app.db.write().await.unwrap();
    donors::bulk_insert(&mut tx, &all).await.unwrap();
    gifts::insert_history(&mut tx, &history, &zone).await.unwrap();
    assert!(gifts::verify_summaries(&mut tx).await.unwrap() > 0, "the check can fail");
    gifts::rebuild_summaries(&mut tx).await.unwrap();
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    let balance = books::trial_balance(&mut tx).await.unwrap();
    let of = |account| balance.iter().find(|b| b.account == account).unwrap().amount.get();
    assert_eq!(of(Account::Contributions), -2_500 * 5_000);
    assert_eq!(of(Account::Gateway), 2_500 * (5_150 - 180) - 50 * 5_150);
    let months = gifts::month_totals(&mut tx, Month::new(2020, 1).unwrap(), Month::new(2030, 1).unwrap()).await.unwrap();
    assert_eq!(
        months.iter().map(|m| m.given).sum::<Cents>(),
        Cents::new(2_450 * 5_000),
        "less what went back of the gift itself"
    );
    assert_eq!(gifts::to_thank(&mut tx).await.unwrap(), 2_500 - 834);
    assert_eq!(donors::matching(&mut tx, "donor 69", 100).await.unwrap().len(), 11);
    tx.commit().await.unwrap();
}
