//! A gift split over several funds: as it is entered, after the fact, and when money goes back.
use crate::{
    disputes::{gave, hear},
    my_giving,
    offline::{donor, enter, gifts_of, start},
    paying::{Paying, start_paying},
    server::Server,
};
use convener::{
    audit, books,
    donors::DonorKind,
    gifts::{self, Fund, FundId, Gift, Restriction},
    kernel::Cents,
    receipts,
    staff::Role,
};
use std::collections::BTreeMap;

const GENERAL: &str = "Where it is needed most";
/// $100.00 as 60 and 40.
const ROWS: &[(&str, &str)] =
    &[("part_fund_1", "general"), ("part_share_1", "60%"), ("part_fund_2", "youth"), ("part_share_2", "40 %")];

async fn add_fund(server: &Server, slug: &str, name: &str, position: i64) {
    let (slug, name, description) = (slug.to_owned(), name.to_owned(), "For this.".to_owned());
    let fund = Fund { id: FundId::new(), slug, name, description, restriction: Restriction::None, open: true, position };
    let mut tx = server.app.db.write().await.unwrap();
    assert!(gifts::insert_fund(&mut tx, &fund).await.unwrap());
    tx.commit().await.unwrap();
}

/// What each fund received, gave back and paid, by the books. All entries are balanced, each fund by itself as well,
/// and the kept totals are what a rebuild makes.
async fn balances(server: &Server) -> BTreeMap<String, (i64, i64, i64)> {
    let mut tx = server.app.db.write().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0, "the totals are what the gifts sum to");
    let all = gifts::funds(&mut tx, false).await.unwrap();
    let mut kept = Vec::new();
    for fund in &all {
        kept.push(gifts::given_to_fund(&mut tx, fund.id).await.unwrap());
    }
    gifts::rebuild_summaries(&mut tx).await.unwrap();
    for (fund, kept) in all.iter().zip(&kept) {
        let given = |sums: &[(_, Cents)]| sums.iter().map(|(_, given)| *given).sum::<Cents>();
        assert_eq!(given(&gifts::given_to_fund(&mut tx, fund.id).await.unwrap()), given(kept), "{}", fund.name);
    }
    let name = |id: &str| all.iter().find(|fund| fund.id.to_string() == id).unwrap().name.clone();
    let found = books::fund_balances(&mut tx).await.unwrap();
    let of = |row: books::FundBalance| (name(&row.fund_id), (row.received.get(), row.refunded.get(), row.costs.get()));
    found.into_iter().map(of).filter(|(_, sums)| *sums != (0, 0, 0)).collect()
}

fn expected(funds: &[(&str, i64, i64, i64)]) -> BTreeMap<String, (i64, i64, i64)> {
    funds.iter().map(|(name, received, refunded, costs)| ((*name).to_owned(), (*received, *refunded, *costs))).collect()
}

/// What each fund has on each account by this gift; each fund is balanced by itself.
async fn accounts(server: &Server, gift: &Gift) -> BTreeMap<(String, String), i64> {
    let mut tx = server.app.db.read().await.unwrap();
    let funds = gifts::funds(&mut tx, false).await.unwrap();
    let mut rows = books::entries_of(&mut tx, ("gift", &gift.id.to_string())).await.unwrap();
    for refund in gifts::refunds_of(&mut tx, gift.id).await.unwrap() {
        rows.extend(books::entries_of(&mut tx, ("refund", &refund.refund)).await.unwrap());
    }
    for dispute in gifts::disputes_of(&mut tx, gift.id).await.unwrap() {
        rows.extend(books::entries_of(&mut tx, ("dispute", &dispute.dispute)).await.unwrap());
    }
    let (mut sums, mut whole) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let fund = funds.iter().find(|fund| Some(fund.id.to_string()) == row.fund_id).unwrap().slug.clone();
        *whole.entry(fund.clone()).or_insert(0) += row.amount.get();
        *sums.entry((fund, row.account.to_string())).or_insert(0) += row.amount.get();
    }
    assert!(whole.values().all(|sum| *sum == 0), "each fund is balanced: {whole:?}");
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// What the three funds have on an account by a gift.
async fn on(server: &Server, gift: &Gift, account: &str) -> [i64; 3] {
    let all = accounts(server, gift).await;
    ["general", "youth", "legal"].map(|fund| all.get(&(fund.to_owned(), account.to_owned())).copied().unwrap_or_default())
}

async fn split(server: &Server, gift: &Gift, rows: &[(&str, &str)]) {
    let query = rows.iter().map(|(name, value)| format!("{name}={}", value.replace('%', "%25"))).collect::<Vec<_>>().join("&");
    let page = format!("/staff/gifts/{}/fund?{query}", gift.id);
    let sent = server.fill(&page, "/fund", &[("reason", "The donor asked for it by mail.")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
}

/// A card gift of $100.00 and three funds.
async fn card_gift() -> (Paying, Gift) {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    add_fund(&paying.server, "youth", "Youth program", 2).await;
    add_fund(&paying.server, "legal", "Legal aid", 3).await;
    let gift = gave(&paying, "ada@example.org").await;
    (paying, gift)
}

const THIRDS: &[(&str, &str)] = &[
    ("part_fund_1", "general"),
    ("part_share_1", "33.33%"),
    ("part_fund_2", "youth"),
    ("part_share_2", "33.33%"),
    ("part_fund_3", "legal"),
    ("part_share_3", ""),
];

async fn refund(paying: &Paying, gift: &Gift, key: &str, cents: i64) {
    let payment = gift.payment.as_deref().unwrap();
    paying.server.app.gateway.start_refund(key, payment, Cents::new(cents)).await.unwrap();
    hear(paying).await;
}

#[tokio::test]
async fn a_check_is_split_as_it_is_entered_and_every_page_file_and_receipt_names_its_parts() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let check = [("amount", "100.00"), ("reference", "1001")];
    let sent = enter(&server, &ada, &[&check[..], ROWS].concat()).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = server.get(sent.location()).await;
    let words = format!("is entered: {GENERAL} ($60.00) and Youth program ($40.00). Receipt R-000001");
    assert!(page.text().contains(&words), "{}", page.text());
    assert!(page.text().contains(&format!("Funds {GENERAL} $60.00 Youth program $40.00")), "{}", page.text());
    assert_eq!(balances(&server).await, expected(&[(GENERAL, 6_000, 0, 0), ("Youth program", 4_000, 0, 0)]));
    enter(&server, &ada, &[("amount", "7.00"), ("reference", "1002")]).await;

    // Each fund's list shows it; it counts as one gift, and its sums as the part.
    let all = server.get("/staff/gifts").await;
    assert!(all.all("tfoot tr").join("").contains("All 2 gifts $107.00"), "{}", all.text());
    let youth = server.get("/staff/gifts?fund=youth").await;
    assert!(youth.all("tbody td[data-label=Fund]")[0].contains(&format!("{GENERAL} $60.00, Youth program $40.00")));
    for query in ["fund=youth", "fund=youth&method=check", "fund=youth&state=settled", "fund=youth&sort=donor"] {
        let list = server.get(&format!("/staff/gifts?{query}")).await;
        assert_eq!(list.all("tbody tr").len(), 1, "{query}");
        assert!(list.all("tfoot tr").join("").contains("All 1 gift $40.00"), "{query}: {}", list.text());
        assert!(list.text().contains("the sums count the part for this fund"), "{query}");
    }
    let general = server.get("/staff/gifts?fund=general").await;
    assert!(general.all("tfoot tr").join("").contains("All 2 gifts $67.00"), "{}", general.text());
    let funds = server.get("/staff/funds").await;
    assert_eq!(funds.all("td[data-label=Gifts]"), ["2", "1"], "{}", funds.text());
    let file = server.get("/staff/gifts.csv?fund=youth&sort=amount").await.body;
    assert!(file.lines().nth(1).unwrap().ends_with(&format!(",check,1001,{GENERAL} 60.00; Youth program 40.00")), "{file}");
    let file = server.get("/staff/gifts.csv?min=5&max=8").await.body;
    assert!(file.lines().nth(1).unwrap().ends_with(",check,1002,"), "one fund needs no parts: {file}");

    let gift = gifts_of(&server, ada.id).await.into_iter().find(|gift| gift.intended == Cents::new(10_000)).unwrap();
    let parts = format!("{GENERAL} ($60.00) and Youth program ($40.00)");
    let mut tx = server.app.db.read().await.unwrap();
    let receipt = receipts::standing(&mut tx, &gift.id.to_string()).await.unwrap().unwrap();
    assert_eq!(receipt.frozen.fund, parts);
    drop(tx);
    let paper = server.get(&format!("/staff/gifts/{}/receipt", gift.id)).await;
    assert!(paper.text().contains(&parts), "{}", paper.text());
    let letters = my_giving::mails(&server, "ada@example.org", "Thank you for your gift of $100").await;
    assert!(letters[0].body_text.contains(&parts), "{}", letters[0].body_text);
    my_giving::enter(&server, "ada@example.org").await;
    for path in ["/my-giving", "/my-giving/statements/2026", "/my-giving/gifts.csv", "/my-giving/data.json"] {
        let page = server.get(path).await;
        assert!(page.body.contains(&parts), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn rows_that_do_not_add_up_are_said_beside_them_and_nothing_is_entered() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let wrong = [
        ("amount", "100.00"),
        ("reference", "1001"),
        ("part_fund_1", "general"),
        ("part_share_1", "60.00"),
        ("part_fund_2", "youth"),
        ("part_share_2", "30.00"),
    ];
    let refused = enter(&server, &ada, &wrong).await;
    assert_eq!(refused.status, 422);
    let words = "The rows come to $90.00 and the gift is $100.00: $10.00 is missing";
    assert!(refused.text().contains(words), "{}", refused.text());
    assert_eq!(refused.attr("input[name=part_share_1]", "value").unwrap(), "60.00", "what was typed is kept");
    assert_eq!(refused.attr("select[name=part_fund_2] option[selected]", "value").unwrap(), "youth");
    assert!(refused.attr("details:has([name=part_share_1])", "open").is_some(), "the rows are in view");
    let twice = [&wrong[..4], &[("part_fund_2", "general"), ("part_share_2", "40.00")]].concat();
    assert!(enter(&server, &ada, &twice).await.text().contains("This fund has a row already"));
    let unnamed = [&wrong[..4], &[("part_share_2", "40.00")]].concat();
    assert!(enter(&server, &ada, &unnamed).await.text().contains("Choose the fund this share is for"));
    assert!(gifts_of(&server, ada.id).await.is_empty());
}

#[tokio::test]
async fn a_split_check_is_deposited_corrected_given_back_and_taken_back_part_by_part() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let check = [("amount", "100.00"), ("reference", "1001")];
    let path = enter(&server, &ada, &[&check[..], ROWS].concat()).await.location().to_owned();
    assert_eq!(server.fill(&path, "/deposit", &[]).await.status, 303);
    let gift = gifts_of(&server, ada.id).await.remove(0);
    assert_eq!(on(&server, &gift, "bank").await, [6_000, 4_000, 0]);

    // The form opens with the parts; another amount needs other parts.
    let correct = format!("{path}/correct");
    let more = server.fill(&correct, "/correct", &[("amount", "120"), ("reason", "Misread")]).await;
    assert!(more.text().contains("$20.00 is missing"), "{}", more.text());
    let right = [("amount", "120"), ("part_share_2", "60.00"), ("reason", "Misread"), ("seen", "yes")];
    assert_eq!(server.fill(&correct, "/correct", &right).await.status, 303);
    assert_eq!(balances(&server).await, expected(&[(GENERAL, 6_000, 0, 0), ("Youth program", 6_000, 0, 0)]));

    let back = [("amount", "50.01"), ("reason", "Asked for it")];
    let noted = server.fill(&format!("{path}/given-back"), "/given-back", &back).await;
    assert_eq!(noted.status, 303, "{}", noted.text());
    assert_eq!(balances(&server).await, expected(&[(GENERAL, 6_000, 2_501, 0), ("Youth program", 6_000, 2_500, 0)]));
    assert!(server.get(&path).await.text().contains("Youth program $60.00, of which $25.00 went back"));

    // All of it to one fund: what was given back goes along.
    let whole = [
        ("fund", "youth"),
        ("part_fund_1", ""),
        ("part_share_1", ""),
        ("part_fund_2", ""),
        ("part_share_2", ""),
        ("reason", "Read again"),
        ("seen", "yes"),
    ];
    let sent = server.fill(&correct, "/correct", &whole).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert_eq!(balances(&server).await, expected(&[("Youth program", 12_000, 5_001, 0)]));
    assert_eq!(on(&server, &gift, "bank").await, [0, 6_999, 0]);

    let check = [("amount", "100.00"), ("reference", "1002")];
    let path = enter(&server, &ada, &[&check[..], ROWS].concat()).await.location().to_owned();
    let bounced = server.fill(&format!("{path}/taken-back"), "/taken-back", &[("why", "bounced")]).await;
    assert_eq!(bounced.status, 303, "{}", bounced.text());
    assert_eq!(balances(&server).await, expected(&[("Youth program", 12_000, 5_001, 0)]));
}

#[tokio::test]
async fn a_batch_takes_split_checks() {
    let server = start().await;
    donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let fields = [("day", "2026-09-21"), ("control_count", "1"), ("control_total", "100.00")];
    let batch = server.fill("/staff/batches/new", "/staff/batches/new", &fields).await.location().to_owned();
    let check = [("who", "ada@example.org"), ("amount", "100.00"), ("reference", "11")];
    let sent = server.fill(&batch, &batch[batch.rfind('/').unwrap()..], &[&check[..], ROWS].concat()).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert!(server.get(&batch).await.text().contains(&format!("{GENERAL} $60.00, Youth program $40.00")));
    assert_eq!(server.fill(&batch, "/closing", &[]).await.status, 303);
    assert_eq!(balances(&server).await, expected(&[(GENERAL, 6_000, 0, 0), ("Youth program", 4_000, 0, 0)]));
}

#[tokio::test]
async fn a_card_gift_is_split_after_the_fact_then_refunded_in_part_disputed_and_lost() {
    let (paying, gift) = card_gift().await;
    let server = &paying.server;
    let path = format!("/staff/gifts/{}/fund", gift.id);
    let before = accounts(server, &gift).await;
    let query = "part_fund_1=general&part_share_1=33.33%25&part_fund_2=youth&part_share_2=33.33%25&part_fund_3=legal";
    let preview = server.get(&format!("{path}?{query}")).await;
    for words in ["Legal aid (Unrestricted): $33.34", "two entries of today", "$33.33 credit", "To take it back"] {
        assert!(preview.text().contains(words), "{words}: {}", preview.text());
    }
    assert_eq!(accounts(server, &gift).await, before, "looking changes nothing");
    let short = server.get(&format!("{path}?part_fund_1=youth&part_share_1=60%25&part_fund_2=legal&part_share_2=30%25")).await;
    assert_eq!(short.status, 422);
    assert!(short.text().contains("The rows come to 90% and a gift is 100%: 10% is missing"), "{}", short.text());

    split(server, &gift, THIRDS).await;
    assert_eq!(on(server, &gift, "contributions").await, [-3_333, -3_333, -3_334]);
    assert_eq!(
        on(server, &gift, "processor_fees").await.iter().sum::<i64>(),
        before[&("general".to_owned(), "processor_fees".to_owned())]
    );
    let mut tx = server.app.db.read().await.unwrap();
    let told = audit::of_record(&mut tx, ("gift", &gift.id.to_string())).await.unwrap().remove(0);
    assert_eq!(told.action, "split_over_funds");
    assert!(told.before.unwrap().contains(GENERAL) && told.after.unwrap().contains("Legal aid ($33.34)"));
    drop(tx);

    refund(&paying, &gift, "part", 2_500).await;
    assert_eq!(on(server, &gift, "refunds").await, [833, 833, 834]);
    let costs = on(server, &gift, "processor_fees").await;
    let dispute = paying.sandbox.dispute(gift.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    assert_eq!(on(server, &gift, "disputes_open").await, [2_500, 2_500, 2_500]);
    balances(server).await;
    paying.sandbox.close_dispute(&dispute, false).await.unwrap();
    hear(&paying).await;
    assert_eq!(on(server, &gift, "disputes_open").await, [0, 0, 0]);
    assert_eq!(on(server, &gift, "dispute_losses").await, [2_500, 2_500, 2_500]);
    let fees = on(server, &gift, "dispute_fees").await;
    assert_eq!(
        balances(server).await,
        expected(&[
            (GENERAL, 3_333, 833, costs[0] + fees[0] + 2_500),
            ("Legal aid", 3_334, 834, costs[2] + fees[2] + 2_500),
            ("Youth program", 3_333, 833, costs[1] + fees[1] + 2_500),
        ])
    );
    let page = server.get("/staff/funds").await;
    let row = page.all("section tbody tr").into_iter().find(|row| row.starts_with("Legal aid")).unwrap();
    assert!(row.contains("$33.34") && row.contains("$8.34"), "{row}");
}

#[tokio::test]
async fn refunds_of_a_split_gift_end_at_nothing_and_a_won_dispute_gives_each_fund_its_own_back() {
    let (paying, gift) = card_gift().await;
    let server = &paying.server;
    split(server, &gift, THIRDS).await;
    let dispute = paying.sandbox.dispute(gift.payment.as_deref().unwrap()).await.unwrap();
    hear(&paying).await;
    assert_eq!(on(server, &gift, "disputes_open").await, [3_333, 3_333, 3_334]);
    paying.sandbox.close_dispute(&dispute, true).await.unwrap();
    hear(&paying).await;
    assert_eq!(on(server, &gift, "disputes_open").await, [0, 0, 0]);
    assert_eq!(on(server, &gift, "dispute_losses").await, [0, 0, 0]);
    let won = balances(server).await;
    assert!(won.values().all(|(_, refunded, _)| *refunded == 0), "{won:?}");

    let gift = gave(&paying, "grace@example.org").await;
    split(server, &gift, THIRDS).await;
    for (key, cents) in [("a", 1_001), ("b", 4_999), ("c", 1), ("d", 3_999)] {
        refund(&paying, &gift, key, cents).await;
        balances(server).await;
    }
    assert_eq!(on(server, &gift, "refunds").await, [3_333, 3_333, 3_334]);
    let sums = balances(server).await;
    assert!(sums.values().all(|(received, refunded, _)| *received == 2 * refunded), "only the first gift is left: {sums:?}");
}

#[tokio::test]
async fn a_split_is_taken_back_by_moving_the_gift_again_and_only_from_where_it_was_seen() {
    let (mut paying, gift) = card_gift().await;
    let before = accounts(&paying.server, &gift).await;
    refund(&paying, &gift, "part", 1_000).await;
    let refunded = accounts(&paying.server, &gift).await;
    split(&paying.server, &gift, THIRDS).await;
    assert_eq!(on(&paying.server, &gift, "refunds").await.iter().sum::<i64>(), 1_000);
    balances(&paying.server).await;
    let path = format!("/staff/gifts/{}/fund", gift.id);
    let page = paying.server.get(&path).await;
    assert!(page.text().contains("is split over the funds “Where it is needed most”, “Youth program” and “Legal aid”"));
    assert_eq!(page.attr("input[name=part_share_3]", "value").unwrap(), "33.34", "the rows open as they are");
    let same = "part_fund_1=general&part_share_1=33.33&part_fund_2=youth&part_share_2=33.33&part_fund_3=legal&part_share_3=33.34";
    let same = paying.server.get(&format!("{path}?{same}")).await;
    assert!(same.status == 422 && same.text().contains("is divided so already"), "{}", same.text());

    let preview = paying.server.get(&format!("{path}?to=general")).await;
    let (target, values) = preview.form(&path, "/fund", &[("reason", "It was a mistake.")]);
    let send = async || paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap().status();
    assert_eq!(send().await, 303);
    assert_eq!(send().await, 409, "a second click moves nothing twice");
    assert_eq!(accounts(&paying.server, &gift).await, refunded);
    assert_ne!(refunded, before);
    let sums = balances(&paying.server).await;
    assert!(sums.len() == 1 && sums[GENERAL].0 == 10_000, "{sums:?}");
    let page = paying.server.get(&format!("/staff/gifts/{}", gift.id)).await;
    assert!(page.all("aside").join("").contains(&format!("Fund {GENERAL} How often")), "{}", page.text());

    paying.server.sign_in(Role::ReadOnly).await;
    assert_eq!(paying.server.get(&path).await.status, 403);
}
