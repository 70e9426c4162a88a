//! Gifts that come by hand: entered, receipted, deposited, corrected, taken back, given back.
use crate::server::{Answer, Server};
use convener::{
    audit, books,
    donors::{self, Donor, DonorId, DonorKind},
    gifts::{self, Fund, FundId, Gift, GiftState, Restriction},
    kernel::Cents,
    mail,
    receipts::{self, EntityId, LegalEntity, ReceiptState},
    staff::Role,
};
use std::collections::BTreeMap;

pub(crate) async fn start() -> Server {
    let mut server = Server::start().await;
    server.sign_in(Role::Development).await;
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
    let youth = Fund {
        id: FundId::new(),
        slug: "youth".into(),
        name: "Youth program".into(),
        description: "Students.".into(),
        restriction: Restriction::Purpose,
        open: true,
        position: 2,
    };
    let mut tx = server.app.db.write().await.unwrap();
    assert!(receipts::insert_entity(&mut tx, &entity).await.unwrap());
    assert!(gifts::insert_fund(&mut tx, &youth).await.unwrap());
    tx.commit().await.unwrap();
    server
}

/// A donor of this name; with an address when `email` is not empty.
pub(crate) async fn donor(server: &Server, kind: DonorKind, name: &str, email: &str) -> Donor {
    let donor = Donor {
        id: DonorId::new(),
        kind,
        name: name.to_owned(),
        email: email.parse().ok(),
        address: None,
        gateway_customer: None,
        consent_updates: false,
        consent_at: None,
        created_at: server.app.clock.now(),
    };
    let mut tx = server.app.db.write().await.unwrap();
    donors::bulk_insert(&mut tx, std::slice::from_ref(&donor)).await.unwrap();
    tx.commit().await.unwrap();
    donor
}

pub(crate) async fn gifts_of(server: &Server, donor: DonorId) -> Vec<Gift> {
    gifts::of_donor(&mut server.app.db.read().await.unwrap(), donor, 20).await.unwrap()
}

/// Every account's balance; the books are balanced and the totals right.
pub(crate) async fn accounts(server: &Server) -> BTreeMap<String, i64> {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0, "the totals are what the gifts sum to");
    let balances = books::trial_balance(&mut tx).await.unwrap();
    assert_eq!(balances.iter().map(|b| b.amount).sum::<Cents>(), Cents::ZERO);
    balances.into_iter().filter(|b| !b.amount.is_zero()).map(|b| (b.account.to_string(), b.amount.get())).collect()
}

fn of(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(account, amount)| ((*account).to_owned(), *amount)).collect()
}

async fn standing(server: &Server, gift: &Gift) -> Option<receipts::Receipt> {
    receipts::standing(&mut server.app.db.read().await.unwrap(), &gift.id.to_string()).await.unwrap()
}

async fn letters(server: &Server, email: &str) -> Vec<mail::Message> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut letters = Vec::new();
    for summary in mail::to_address(&mut tx, &email.parse().unwrap(), 20).await.unwrap() {
        letters.push(mail::by_id(&mut tx, summary.id).await.unwrap().unwrap());
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.id.to_string()));
    letters
}

/// Enters a gift of a known donor; what the form opens with stays, unless it is among `fields`.
pub(crate) async fn enter(server: &Server, donor: &Donor, fields: &[(&str, &str)]) -> Answer {
    server.fill(&format!("/staff/gifts/new?donor={}", donor.id), "/staff/gifts/new", fields).await
}

async fn entered(server: &Server, donor: &Donor, fields: &[(&str, &str)]) -> Gift {
    let sent = enter(server, donor, fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let id = sent.location().rsplit('/').next().unwrap().parse().unwrap();
    gifts::by_id(&mut server.app.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

/// How it came, who gave, what else is typed; the account it lies on, where it came from; words of its receipt or of
/// the refusal.
type Case<'a> = (&'a str, &'a Donor, &'a [(&'a str, &'a str)], (&'a str, &'a str), Result<&'a str, &'a str>);
/// Who gave, what is typed, and what is said about it.
type Refused<'a> = (&'a Donor, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn each_way_a_gift_comes_stands_on_its_accounts_and_gets_the_receipt_its_rule_allows() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let fidelity = donor(&server, DonorKind::Organization, "Fidelity Charitable", "grants@example.org").await;
    let cases: &[Case<'_>] = &[
        ("check", &ada, &[("reference", "1001")], ("undeposited", "contributions"), Ok("provided no goods or services")),
        ("cash", &ada, &[], ("undeposited", "contributions"), Ok("provided no goods or services")),
        ("wire", &ada, &[], ("bank", "contributions"), Ok("provided no goods or services")),
        (
            "stock",
            &ada,
            &[("description", "12 shares of ACME (ACM)")],
            ("securities", "contributions"),
            Ok("for the donor to determine"),
        ),
        (
            "in_kind",
            &ada,
            &[("description", "Printing of 500 leaflets")],
            ("in_kind", "in_kind_contributions"),
            Ok("for the donor to determine"),
        ),
        (
            "donor_advised",
            &fidelity,
            &[("adviser", "Grace Hopper")],
            ("undeposited", "contributions"),
            Err("gets no tax receipt"),
        ),
        ("ira", &ada, &[], ("undeposited", "contributions"), Ok("deductible as a charitable contribution is $0.00")),
        ("grant", &fidelity, &[("at_the_bank", "yes")], ("bank", "contributions"), Ok("provided no goods or services")),
    ];
    let mut held: BTreeMap<String, i64> = BTreeMap::new();
    for (method, giver, more, (lies, from), receipt) in cases {
        let mut fields = vec![("method", *method), ("amount", "$1,250")];
        fields.extend(*more);
        let gift = entered(&server, giver, &fields).await;
        *held.entry((*lies).to_owned()).or_default() += 125_000;
        *held.entry((*from).to_owned()).or_default() -= 125_000;
        assert_eq!(accounts(&server).await, held, "{method}");
        let page = server.get(&format!("/staff/gifts/{}", gift.id)).await.text();
        match (standing(&server, &gift).await, receipt) {
            (Some(issued), Ok(words)) => {
                assert!(issued.frozen.statement.contains(words), "{method}: {}", issued.frozen.statement);
                let described = ["stock", "in_kind"].contains(method);
                let paper = server.get(&format!("/staff/gifts/{}/receipt", gift.id)).await.all("dl.facts").join(" ");
                assert_eq!(paper.contains("1,250"), !described, "{method} is valued or not: {paper}");
                let letter = letters(&server, giver.email.as_ref().unwrap().as_str()).await.remove(0);
                assert_eq!(letter.body_text.contains("1,250"), !described, "{method}: {}", letter.body_text);
                assert!(letter.body_text.contains(words) && letter.body_text.contains(&issued.label()), "{}", letter.body_text);
            }
            (None, Err(words)) => assert!(page.contains(words), "{method}: {page}"),
            (issued, expected) => panic!("{method}: {issued:?}, not {expected:?}"),
        }
    }
    let list = server.get("/staff/gifts?method=stock").await;
    assert_eq!(list.all("tbody tr").len(), 1, "{}", list.text());
    assert_eq!(server.get("/staff/gifts?only=undeposited").await.all("tbody tr").len(), 4);
    let kept = gifts::of_donor(&mut server.app.db.read().await.unwrap(), fidelity.id, 9).await.unwrap();
    let advised = kept.iter().find(|gift| gift.method == gifts::Method::DonorAdvised).unwrap();
    assert!(server.get(&format!("/staff/gifts/{}", advised.id)).await.text().contains("Grace Hopper"));
}

#[tokio::test]
async fn what_must_be_said_of_a_gift_depends_on_how_it_came_and_nothing_typed_is_lost() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "").await;
    let acme = donor(&server, DonorKind::Organization, "Acme Foundation", "").await;
    let cases: &[Refused<'_>] = &[
        (&ada, &[("method", "check"), ("amount", "50")], "Enter the number of the check"),
        (&ada, &[("method", "stock"), ("amount", "50")], "Enter what it is, such as 12 shares"),
        (&ada, &[("method", "in_kind"), ("amount", "50")], "Enter what was given"),
        (&acme, &[("method", "donor_advised"), ("amount", "50")], "Enter who advised the fund to give"),
        (
            &ada,
            &[("method", "donor_advised"), ("amount", "50"), ("adviser", "Ada")],
            "The donor of such a grant is the fund itself",
        ),
        (&acme, &[("method", "ira"), ("amount", "50")], "comes from a person"),
        (&ada, &[("method", "cash"), ("amount", "fifty")], "Enter an amount such as 25"),
        (&ada, &[("method", "cash"), ("amount", "50"), ("received_on", "2026-09-22")], "not in the future"),
        (&ada, &[("method", "card"), ("amount", "50")], "Choose how it came"),
        (&ada, &[("method", "cash"), ("amount", "50"), ("fund", "none")], "Choose the fund it is for"),
    ];
    for (giver, fields, words) in cases {
        let mut fields = fields.to_vec();
        fields.push(("source", "spring-mailing"));
        let answer = enter(&server, giver, &fields).await;
        assert_eq!(answer.status, 422, "{words}");
        assert!(answer.text().contains(words), "{words}: {}", answer.text());
        assert_eq!(answer.attr("#source", "value").as_deref(), Some("spring-mailing"));
    }
    assert_eq!(accounts(&server).await, of(&[]), "nothing was written");
}

#[tokio::test]
async fn who_gave_is_asked_again_only_when_several_could_be_meant() {
    let server = start().await;
    let one = donor(&server, DonorKind::Person, "Ada Byron", "ada@example.org").await;
    donor(&server, DonorKind::Person, "Ada Byron-King", "").await;
    let cash = [("method", "cash"), ("amount", "20")];
    let by_mail = server.fill("/staff/gifts/new", "/staff/gifts/new", &[&cash[..], &[("who", "ADA@example.org")]].concat()).await;
    assert_eq!(by_mail.status, 303, "{}", by_mail.text());
    assert_eq!(gifts_of(&server, one.id).await.len(), 1);

    let asked = server.fill("/staff/gifts/new", "/staff/gifts/new", &[&cash[..], &[("who", "ada byron")]].concat()).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("Choose which donor it is") && asked.text().contains("Ada Byron-King"), "{}", asked.text());
    let new = [&cash[..], &[("who", "Ada Byron"), ("donor", "new"), ("address", "12 St James's Square\nLondon")]].concat();
    let (target, values) = asked.form("/staff/gifts/new", "/staff/gifts/new", &new);
    let press = async || Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    let sent = press().await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let gift = server.get(sent.location()).await;
    assert!(gift.text().contains("No mail was written about this gift"), "{}", gift.text());
    assert_ne!(press().await.status, 303, "a second click enters nothing twice");
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(donors::matching(&mut tx, "ada byron", 9).await.unwrap().len(), 3);
    drop(tx);

    // The original is printed once; everything after it is a duplicate.
    let paper = format!("{}/receipt", sent.location());
    assert!(server.get(&paper).await.text().contains("NOT PRINTED YET"));
    assert_eq!(server.fill(&paper, "/receipt/printed", &[]).await.status, 303);
    let original = server.get(&paper).await.text();
    assert!(original.contains("12 St James's Square") && !original.contains("DUPLICATE"), "{original}");
    server.app.clock.advance(1_000);
    assert!(server.get(&paper).await.text().contains("DUPLICATE"));
}

#[tokio::test]
async fn the_same_check_is_not_entered_twice_unless_somebody_says_it_is_another() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "").await;
    let check = [("method", "check"), ("amount", "50"), ("reference", "77"), ("received_on", "2026-09-01")];
    entered(&server, &ada, &check).await;
    let again = [("method", "check"), ("amount", "50"), ("reference", "77"), ("received_on", "2026-09-03")];
    let asked = enter(&server, &ada, &again).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("is there already"), "{}", asked.text());
    let (target, values) = asked.form("", "/staff/gifts/new", &[("another", "yes"), ("then", "next")]);
    let sent = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(sent.status, 303);
    assert!(sent.location().starts_with("/staff/gifts/new?method=check"), "the next one: {}", sent.location());
    let next = server.get(sent.location()).await;
    assert_eq!(next.attr("#received_on", "value").as_deref(), Some("2026-09-03"), "the form keeps the day");
    assert_eq!(gifts_of(&server, ada.id).await.len(), 2);
}

#[tokio::test]
async fn a_correction_is_shown_first_and_is_a_reversing_entry_and_a_new_one() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let gift = entered(&server, &ada, &[("method", "check"), ("amount", "500"), ("reference", "12")]).await;
    let path = format!("/staff/gifts/{}", gift.id);
    let first = standing(&server, &gift).await.unwrap();
    assert_eq!(server.fill(&path, "/deposit", &[("on", "2026-09-21")]).await.status, 303);
    assert_eq!(accounts(&server).await, of(&[("bank", 50_000), ("contributions", -50_000)]));

    let wish = [("amount", "50.00"), ("fund", "youth"), ("received_on", "2026-08-31"), ("reason", "A zero too many")];
    let preview = server.fill(&format!("{path}/correct"), "/correct", &wish).await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    for words in ["$500.00", "$50.00", "Youth program", "31 August 2026", "out of Bank"] {
        assert!(preview.text().contains(words), "{words}: {}", preview.text());
    }
    assert_eq!(accounts(&server).await, of(&[("bank", 50_000), ("contributions", -50_000)]), "looking changes nothing");
    let (target, values) = preview.form("", "/correct", &[]);
    let done = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(accounts(&server).await, of(&[("bank", 5_000), ("contributions", -5_000)]));

    let mut tx = server.app.db.read().await.unwrap();
    let rows = books::entries_of(&mut tx, ("gift", &gift.id.to_string())).await.unwrap();
    assert_eq!(rows.len(), 8, "received, deposited, taken out, put in: two lines each");
    let told = audit::of_record(&mut tx, ("gift", &gift.id.to_string())).await.unwrap().remove(0);
    assert!(told.action == "correct" && told.after.unwrap().contains("A zero too many"));
    let all = receipts::of_gift(&mut tx, &gift.id.to_string()).await.unwrap();
    drop(tx);
    assert_eq!((all[0].id, all[0].state), (first.id, ReceiptState::Superseded));
    assert_eq!((all[1].frozen.amount, all[1].frozen.fund.as_str()), (Cents::new(5_000), "Youth program"));
    assert!(letters(&server, "ada@example.org").await[0].body_text.contains("takes the place"));
    let funds = server.get("/staff/funds").await.all("main section tbody tr");
    assert!(funds.iter().any(|row| row.ends_with("For a purpose $50.00 $0.00 $0.00 $50.00")), "{funds:?}");
    let same = server.fill(&format!("{path}/correct"), "/correct", &[("reason", "x")]).await;
    assert!(same.status == 422 && same.text().contains("Nothing is different"));

    // The gift was somebody else's.
    let grace = donor(&server, DonorKind::Person, "Grace Hopper", "grace@example.org").await;
    let moved = server.fill(&format!("{path}/donor"), "/donor", &[("who", "grace@example.org"), ("reason", "Mixed up")]).await;
    assert_eq!(moved.status, 303, "{}", moved.text());
    assert_eq!(accounts(&server).await, of(&[("bank", 5_000), ("contributions", -5_000)]));
    assert!(gifts_of(&server, ada.id).await.is_empty() && gifts_of(&server, grace.id).await.len() == 1);
    let mut tx = server.app.db.read().await.unwrap();
    assert!(donors::totals_of(&mut tx, ada.id).await.unwrap().is_empty());
    assert_eq!(donors::totals_of(&mut tx, grace.id).await.unwrap()[0].given, Cents::new(5_000));
    drop(tx);
    assert!(letters(&server, "ada@example.org").await[0].body_text.contains("is void"));
    assert_eq!(standing(&server, &gift).await.unwrap().frozen.donor, "Grace Hopper");
}

#[tokio::test]
async fn a_check_that_bounces_leaves_the_books_and_the_totals_and_its_receipt_is_void() {
    let mut server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let stays = entered(&server, &ada, &[("method", "cash"), ("amount", "20"), ("received_on", "2026-09-02")]).await;
    let gift = entered(&server, &ada, &[("method", "check"), ("amount", "500"), ("reference", "12")]).await;
    let path = format!("/staff/gifts/{}", gift.id);
    server.fill(&path, "/deposit", &[("on", "2026-09-21")]).await;
    let cash = server.get(&format!("/staff/gifts/{}/taken-back", stays.id)).await;
    assert!(!cash.text().contains("came back unpaid"), "cash does not bounce");
    let question = server.get(&format!("{path}/taken-back")).await;
    assert!(question.text().contains("takes $500.00 out of Bank"), "{}", question.text());
    assert_eq!(server.fill(&format!("{path}/taken-back"), "/taken-back", &[]).await.status, 422);
    let back = server.fill(&format!("{path}/taken-back"), "/taken-back", &[("why", "bounced")]).await;
    assert_eq!(back.status, 303, "{}", back.text());
    assert_eq!(accounts(&server).await, of(&[("undeposited", 2_000), ("contributions", -2_000)]));
    let mut tx = server.app.db.read().await.unwrap();
    let gone = gifts::by_id(&mut tx, gift.id).await.unwrap().unwrap();
    assert_eq!((gone.state, gone.settled_at), (GiftState::Failed, None));
    let total = donors::totals_of(&mut tx, ada.id).await.unwrap().remove(0);
    assert_eq!((total.gifts, total.given, total.last_at), (1, Cents::new(2_000), stays.settled_at.unwrap()));
    assert_eq!(gifts::givers_in(&mut tx, "2026-09".parse().unwrap()).await.unwrap(), 1);
    assert_eq!(receipts::of_gift(&mut tx, &gift.id.to_string()).await.unwrap()[0].state, ReceiptState::Void);
    drop(tx);
    assert!(server.get(&path).await.text().contains("It was taken back and counts no more"));
    for again in ["correct", "taken-back", "given-back", "donor"] {
        assert_eq!(server.get(&format!("{path}/{again}")).await.status, 409, "{again}");
    }
    assert_eq!(
        server.fill(&format!("/staff/gifts/{}/taken-back", stays.id), "/taken-back", &[("why", "twice")]).await.status,
        303
    );
    assert_eq!(accounts(&server).await, of(&[]));
    assert_eq!(gifts::givers_in(&mut server.app.db.read().await.unwrap(), "2026-09".parse().unwrap()).await.unwrap(), 0);

    server.sign_in(Role::ReadOnly).await;
    for page in ["/staff/gifts/new".to_owned(), format!("{path}/correct"), format!("{path}/donor"), format!("{path}/given-back")]
    {
        assert_eq!(server.get(&page).await.status, 403, "{page}");
    }
}

#[tokio::test]
async fn money_given_back_by_hand_is_noted_with_its_entry_and_a_new_receipt() {
    let server = start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let gift = entered(&server, &ada, &[("method", "wire"), ("amount", "300")]).await;
    let path = format!("/staff/gifts/{}/given-back", gift.id);
    let refused = server.fill(&path, "/given-back", &[("amount", "300.01"), ("reason", "Asked for")]).await;
    assert!(refused.status == 422 && refused.text().contains("Enter $300.00 or less"), "{}", refused.text());
    assert_eq!(server.fill(&path, "/given-back", &[("amount", "100"), ("reason", "Check 9")]).await.status, 303);
    assert_eq!(accounts(&server).await, of(&[("bank", 20_000), ("contributions", -30_000), ("refunds", 10_000)]));
    assert_eq!(standing(&server, &gift).await.unwrap().frozen.amount, Cents::new(20_000));
    let total = donors::totals_of(&mut server.app.db.read().await.unwrap(), ada.id).await.unwrap().remove(0);
    assert_eq!((total.gifts, total.given), (1, Cents::new(20_000)));
    let less = [("amount", "99"), ("reason", "Wrong"), ("seen", "yes")];
    let correct = format!("/staff/gifts/{}/correct", gift.id);
    assert_eq!(server.fill(&correct, "/correct", &less).await.status, 422, "less than went back");
    let sent = server.fill(&correct, "/correct", &[("amount", "250"), ("reason", "Wrong"), ("seen", "yes")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert_eq!(accounts(&server).await, of(&[("bank", 15_000), ("contributions", -25_000), ("refunds", 10_000)]));
    assert_eq!(server.fill(&path, "/given-back", &[("amount", "150"), ("reason", "The rest")]).await.status, 303);
    assert!(standing(&server, &gift).await.is_none(), "nothing is left to acknowledge");
}
