//! A received gift moves to another fund: what staff see before, and what is different after.
use crate::{
    paying::{Paying, start_paying},
    server::Server,
};
use convener::{
    audit, books, donors,
    gifts::{self, Fund, FundId, Gift, Restriction},
    kernel::Cents,
    payments::sandbox::Card,
    receipts::{self, EntityId, LegalEntity, ReceiptState},
    staff::Role,
};
use std::collections::BTreeMap;

async fn start() -> (Paying, Fund) {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let youth = Fund {
        id: FundId::new(),
        slug: "youth".into(),
        name: "Youth program".into(),
        description: "Students.".into(),
        restriction: Restriction::Purpose,
        open: true,
        position: 2,
    };
    let entity = LegalEntity {
        id: EntityId::new(),
        from_day: "2020-01-01".parse().unwrap(),
        name: "Columbia University".into(),
        ein: Some("13-5598093".into()),
        address: "New York, NY".into(),
        sponsorship: None,
        signatory: "The Convener".into(),
        deductible: true,
    };
    let mut tx = paying.server.app.db.write().await.unwrap();
    assert!(gifts::insert_fund(&mut tx, &youth).await.unwrap());
    assert!(receipts::insert_entity(&mut tx, &entity).await.unwrap());
    tx.commit().await.unwrap();
    (paying, youth)
}

async fn give(paying: &Paying, paid: bool) -> Gift {
    let fields = [("amount", "100.00"), ("cover", "yes"), ("name", "Ada Lovelace"), ("email", "ada@example.org")];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    if paid {
        paying.sandbox.pay(sent.location().rsplit('/').next().unwrap(), Card::Success).await.unwrap();
        hear(paying).await;
    }
    gift(&paying.server).await
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

async fn gift(server: &Server) -> Gift {
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, donor.id, 10).await.unwrap().remove(0)
}

/// What each account holds in each fund by this gift; the books are balanced and the totals right.
async fn by_fund(server: &Server, gift: &Gift) -> BTreeMap<(String, String), i64> {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0, "the totals are what the gifts sum to");
    let mut rows = books::entries_of(&mut tx, ("gift", &gift.id.to_string())).await.unwrap();
    for refund in gifts::refunds_of(&mut tx, gift.id).await.unwrap() {
        rows.extend(books::entries_of(&mut tx, ("refund", &refund.refund)).await.unwrap());
    }
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry((row.fund_id.unwrap(), row.account.to_string())).or_insert(0) += row.amount.get();
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

async fn move_to(server: &Server, gift: &Gift, slug: &str) {
    let page = format!("/staff/gifts/{}/fund?to={slug}", gift.id);
    let sent = server.fill(&page, "/fund", &[("reason", "The donor asked for it by mail.")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
}

#[tokio::test]
async fn a_gift_moves_with_its_refunds_its_totals_and_its_receipt() {
    let (paying, youth) = start().await;
    let server = &paying.server;
    let gift = give(&paying, true).await;
    server.app.gateway.start_refund("part", gift.payment.as_deref().unwrap(), Cents::new(2_500)).await.unwrap();
    hear(&paying).await;
    let before = by_fund(server, &gift).await;

    let record = server.get(&format!("/staff/gifts/{}", gift.id)).await;
    let link = record.attr("a[href$='/fund']", "href").unwrap();
    let question = server.get(&link).await;
    assert!(question.text().contains("is in the fund “Where it is needed most”"), "{}", question.text());
    let preview = server.get(&format!("{link}?to=youth")).await;
    for words in ["In the totals of September 2026, $75.00 goes from", "Receipt R-000002 is superseded", "$100.00 credit"] {
        assert!(preview.text().contains(words), "{words}: {}", preview.text());
    }
    assert_eq!(by_fund(server, &gift).await, before, "looking changes nothing");
    let unsaid = server.fill(&format!("{link}?to=youth"), "/fund", &[]).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.text().contains("Say why the gift moves"));

    move_to(server, &gift, "youth").await;
    let moved = crate::funds::gift(server).await;
    assert_eq!((moved.fund_id, moved.refunded), (youth.id, Cents::new(2_500)));
    let after = by_fund(server, &gift).await;
    let expected: BTreeMap<_, _> =
        before.iter().map(|((_, account), sum)| ((youth.id.to_string(), account.clone()), *sum)).collect();
    assert_eq!(after, expected, "everything, and nothing of it is left behind");

    let mut tx = server.app.db.read().await.unwrap();
    let all = receipts::of_gift(&mut tx, &gift.id.to_string()).await.unwrap();
    let standing: Vec<_> = all.iter().filter(|receipt| receipt.state == ReceiptState::Issued).collect();
    assert_eq!((standing.len(), standing[0].frozen.fund.as_str(), standing[0].number), (1, "Youth program", 3));
    let told = audit::of_record(&mut tx, ("gift", &gift.id.to_string())).await.unwrap().remove(0);
    assert_eq!(told.action, "change_fund");
    assert!(told.before.unwrap().contains("Where it is needed most"));
    assert!(told.after.unwrap().contains("The donor asked for it by mail."));
    drop(tx);

    // What comes later stands in the new fund, and goes along when the gift goes back.
    server.app.gateway.start_refund("more", gift.payment.as_deref().unwrap(), Cents::new(1_000)).await.unwrap();
    hear(&paying).await;
    let held = by_fund(server, &gift).await;
    assert!(held.keys().all(|(fund, _)| *fund == youth.id.to_string()), "{held:?}");
    assert_eq!(held[&(youth.id.to_string(), "refunds".to_owned())], 3_500);
    let back = server.get(&format!("{link}?to=general")).await;
    assert!(back.text().contains("which binds the money"), "{}", back.text());
    move_to(server, &gift, "general").await;
    let home = by_fund(server, &gift).await;
    assert!(home.keys().all(|(fund, _)| *fund == gift.fund_id.to_string()), "{home:?}");
    assert_eq!(home[&(gift.fund_id.to_string(), "refunds".to_owned())], 3_500);
}

#[tokio::test]
async fn only_a_received_gift_is_moved_and_only_from_where_it_was_seen() {
    let (mut paying, _) = start().await;
    let open = give(&paying, false).await;
    assert_eq!(paying.server.get(&format!("/staff/gifts/{}/fund", open.id)).await.status, 409);
    let gift = give(&paying, true).await;
    let path = format!("/staff/gifts/{}/fund", gift.id);
    for wrong in ["", "nowhere", "general"] {
        let answer = paying.server.get(&format!("{path}?to={wrong}")).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains("Choose the fund the gift moves to"));
    }

    let page = paying.server.get(&format!("{path}?to=youth")).await;
    let (target, values) = page.form(&path, "/fund", &[("reason", "Twice")]);
    let send = async || paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap().status();
    assert_eq!(send().await, 303);
    assert_eq!(send().await, 409, "a second click moves nothing twice");
    assert!(!by_fund(&paying.server, &gift).await.is_empty());

    paying.server.sign_in(Role::ReadOnly).await;
    assert_eq!(paying.server.get(&path).await.status, 403);
}
