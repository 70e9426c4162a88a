//! Money that goes back, is disputed, is paid out.
use super::*;

#[tokio::test]
async fn refunds_stay_within_the_charge_and_may_come_back() {
    let bench = Bench::start().await;
    let payment = bench.gift(3_000).await;
    bench.told().await;
    let part = CreateRefund::new().payment_intent(payment.as_str()).amount(1_000).send(&bench.client).await.unwrap();
    assert_eq!(part.status.as_deref(), Some("succeeded"));
    assert_eq!(bench.told().await, ["refund.created", "charge.refunded", "refund.updated"]);
    let too_much = CreateRefund::new().payment_intent(payment.as_str()).amount(2_001).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&too_much).0, 400);
    CreateRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap();
    let again = CreateRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&again), (400, Some("charge_already_refunded".into())));

    bench.told().await;
    bench.sandbox.fail_refund(part.id.as_str()).await.unwrap();
    assert_eq!(bench.told().await, ["refund.updated", "refund.failed"]);
    let failed = RetrieveRefund::new(part.id.as_str()).send(&bench.client).await.unwrap();
    assert!(failed.status.as_deref() == Some("failed") && failed.failure_balance_transaction.is_some());
    let listed = ListRefund::new().payment_intent(payment.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(listed.data.len(), 2);
    let charge = RetrieveCharge::new(failed.charge.unwrap().into_id()).send(&bench.client).await.unwrap();
    assert_eq!(charge.amount_refunded, 2_000);
}

#[tokio::test]
async fn disputes_are_won_and_lost_and_payouts_tie_to_their_rows() {
    let bench = Bench::start().await;
    let (one, two, three) = (bench.gift(10_000).await, bench.gift(20_000).await, bench.gift(30_000).await);
    bench.told().await;
    let won = bench.sandbox.dispute(&one).await.unwrap();
    let lost = bench.sandbox.dispute(&two).await.unwrap();
    assert_eq!(bench.told().await[..2], ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    let refused = CreateRefund::new().payment_intent(one.as_str()).send(&bench.client).await.unwrap_err();
    assert_eq!(refusal(&refused), (400, Some("charge_disputed".into())));
    bench.sandbox.close_dispute(&won, true).await.unwrap();
    let told = bench.told().await;
    assert_eq!(told, ["charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]);
    CloseDispute::new(lost.as_str()).send(&bench.client).await.unwrap();
    assert_eq!(bench.told().await, ["charge.dispute.updated", "charge.dispute.closed"]);
    let dispute = RetrieveDispute::new(won.as_str()).send(&bench.client).await.unwrap();
    assert_eq!((dispute.status.as_str(), dispute.balance_transactions.len()), ("won", 2));
    assert_eq!(
        ListDispute::new().payment_intent(two.as_str()).send(&bench.client).await.unwrap().data[0].status.as_str(),
        "lost"
    );
    bench.sandbox.fraud_warning(&three).await.unwrap();
    CreateRefund::new().payment_intent(three.as_str()).amount(500).send(&bench.client).await.unwrap();
    assert!(RetrieveForMyAccountBalance::new().send(&bench.client).await.unwrap().pending[0].amount > 0);
    bench.told().await;

    let first = bench.sandbox.payout().await.unwrap();
    let kinds = ["payout.created", "payout.updated", "payout.paid", "payout.reconciliation_completed"];
    assert_eq!(bench.told().await, kinds);
    bench.sandbox.fail_payout(&first).await.unwrap();
    let second = bench.sandbox.payout().await.unwrap();
    for id in [&first, &second] {
        let payout = RetrievePayout::new(id.as_str()).send(&bench.client).await.unwrap();
        let mut net = 0;
        let mut after: Option<String> = None;
        loop {
            let mut page = ListBalanceTransaction::new().payout(id.as_str()).limit(2).expand(["data.source".into()]);
            if let Some(after) = &after {
                page = page.starting_after(after.as_str());
            }
            let page = page.send(&bench.client).await.unwrap();
            net += page.data.iter().filter(|row| row.reporting_category != "payout").map(|row| row.net).sum::<i64>();
            after = page.data.last().map(|row| row.id.to_string());
            if !page.has_more {
                break;
            }
        }
        assert_eq!(net, payout.amount);
    }
    assert_eq!(ListPayout::new().status("failed").send(&bench.client).await.unwrap().data.len(), 1);
    assert!(bench.sandbox.payout().await.is_err(), "nothing is left");
    let later = bench.session(4_000, false).await;
    bench.sandbox.pay(&later, Card::DisputeLater).await.unwrap();
    bench.sandbox.advance(60).await.unwrap();
    assert!(bench.told().await.contains(&"charge.dispute.created".to_owned()));
}
