//! What becomes of each subscription, before and after it is applied.
use super::{START, apply, donor, foreign, gifts_of, known, odd, office, on_record, plans, read, rows};
use convener::{
    audit, donors,
    kernel::{Cents, Currency},
    payments::{
        Frequency, SubscriptionState,
        sandbox::{Card, Foreign, Misbehaviour, Oddity},
    },
    staff::Role,
    work,
};

/// Twelve subscriptions and one that never began: the last is the newest and is read first.
fn account() -> Vec<Foreign> {
    let mut yearly = foreign("Bo Yearly", Some("bo@example.org"), 300);
    yearly.past.frequency = Frequency::Yearly;
    yearly.past.customer.name = "Bo".into();
    yearly.product = ("prod_yearly".into(), "Yearly donor".into());
    let mut euro = foreign("Euro", Some("euro@example.org"), 30);
    euro.past.currency = Currency::all().into_iter().find(|c| c.code() == "eur").unwrap();
    let mut dues = foreign("Dues", Some("dues@example.org"), 100);
    dues.product = ("prod_dues".into(), "Membership dues".into());
    vec![
        foreign("Ada Elsewhere", Some("ADA@example.org"), 25),
        foreign("Bo", Some("bo@example.org"), 10),
        yearly,
        foreign("No Mail", None, 15),
        foreign("", None, 5),
        euro,
        dues,
        odd("Weekly", Oddity::Weekly),
        odd("Quarterly", Oddity::Quarterly),
        odd("Twin", Oddity::TwoItems),
        odd("Metered", Oddity::Metered),
        odd("Tiered", Oddity::Tiered),
        odd("Fraction", Oddity::Fraction),
        odd("Paused", Oddity::Paused),
        odd("Tried", Oddity::Trial),
        odd("Never", Oddity::Incomplete),
    ]
}

fn row<'a>(rows: &'a [String], words: &str) -> &'a str {
    rows.iter().find(|row| row.contains(words)).unwrap_or_else(|| panic!("no row says {words}: {rows:#?}"))
}

#[tokio::test]
async fn each_subscription_has_its_fate_and_nothing_is_written_before_it_is_applied() {
    let paying = office(&account()).await;
    known(&paying, "Ada Lovelace", "ada@example.org").await;
    let before = on_record(&paying).await;
    let import = read(&paying).await;
    let page = paying.server.get(&import).await;
    let text = page.text();
    assert!(text.contains("7 can be brought in, 0 on record already, 8 can’t be brought in. Nothing is written yet."), "{text}");
    assert!(text.contains("Nothing is changed there, nobody is charged, no mail leaves"), "{text}");
    let rows = rows(&paying, &import).await;
    assert_eq!(rows.len(), 15, "what never began is passed over: {rows:#?}");
    for (who, words) in [
        ("Ada Elsewhere", "A recurring gift of Ada Lovelace, known by the e-mail address."),
        ("$25.00 every month since", "next on"),
        ("$300.00 every year", "A new donor."),
        ("$10.00 every month", "A further recurring gift of a donor whom another row brings."),
        ("No Mail", "Without an e-mail address there are no thanks"),
        ("cus_", "Stripe knows neither the name nor the e-mail address of who pays."),
        ("Euro", "It is in EUR, and gifts are taken in USD here."),
        ("Weekly", "It comes every week. Recurring gifts come every month or every year."),
        ("Quarterly", "It comes every 3 months."),
        ("Twin", "It bills 2 things together"),
        ("Metered", "Its amount depends on what is used."),
        ("Tiered", "Its price has tiers."),
        ("Fraction", "Its price is no whole amount."),
        ("Paused", "It is paused."),
        ("Tried", "A new donor."),
    ] {
        let row = row(&rows, who);
        assert!(row.contains(words), "{words}: {row}");
    }
    let products = page.all("main legend");
    let names = ["“Monthly donor”, 5 subscriptions", "“Membership dues”, 1 subscription", "“Yearly donor”, 1 subscription"];
    assert_eq!(products, names);
    assert_eq!(page.all("#fund_1 option[selected]").len(), 1, "the general fund is chosen");
    assert_eq!(on_record(&paying).await, before);
    assert_eq!(donor(&paying, "ada@example.org").await.unwrap().gateway_customer, None);
    let only = paying.server.get(&format!("{import}?fate=refused")).await.all("tbody tr");
    assert_eq!(only.len(), 8);
}

#[tokio::test]
async fn they_become_recurring_gifts_of_their_donors_in_the_fund_that_was_chosen_once() {
    let paying = office(&account()).await;
    let ada = known(&paying, "Ada Lovelace", "ada@example.org").await;
    let import = read(&paying).await;
    let page = paying.server.get(&import).await;
    let youth = page.attr("#fund_1 option:nth-last-child(2)", "value").unwrap();
    let wrong = paying.server.fill(&import, "/run", &[("fund_1", "nowhere"), ("fund_2", "out"), ("fund_3", &youth)]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Choose the fund, or leave these out"), "{}", wrong.text());
    assert_eq!(wrong.attr("#fund_2 option[selected]", "value").as_deref(), Some("out"), "what was chosen is kept");
    let nothing = paying.server.fill(&import, "/run", &[("fund_1", "out"), ("fund_2", "out"), ("fund_3", "out")]).await;
    assert!(nothing.status == 422 && nothing.text().contains("Everything is left out"), "{}", nothing.text());

    let chosen = [("fund_2", "out"), ("fund_3", youth.as_str())];
    let (target, values) = page.form(&import, "/run", &chosen);
    let applied = apply(&paying, &import, &chosen).await;
    assert!(applied.text().contains("6 recurring gifts were brought in, 1 left out, 8 not applied."), "{}", applied.text());
    let plan = plans(&paying, "ada@example.org").await.remove(0);
    assert_eq!((plan.donor_id, plan.intended, plan.covered_fee), (ada.id, Cents::new(2_500), Cents::ZERO));
    assert_eq!((plan.started_at, plan.next_at), (super::at(-80), Some(super::at(10))));
    assert_eq!(donor(&paying, "ada@example.org").await.unwrap().name, "Ada Lovelace", "a name on record stays");
    assert_eq!(donor(&paying, "ada@example.org").await.unwrap().gateway_customer.as_deref(), Some("cus_ada_elsewhere"));
    let bo = plans(&paying, "bo@example.org").await;
    assert_eq!(bo.len(), 2, "two recurring gifts of one donor");
    for plan in &bo {
        assert_eq!(plan.fund_id.to_string() == youth, plan.frequency == Frequency::Yearly);
    }
    assert_eq!(plans(&paying, "paused@example.org").await[0].state, SubscriptionState::Paused);
    assert!(donor(&paying, "dues@example.org").await.is_none(), "who is left out is no donor");
    assert_eq!(on_record(&paying).await, (5, 6));
    for email in ["ada@example.org", "bo@example.org"] {
        assert!(gifts_of(&paying, email).await.is_empty(), "past payments are no gifts");
    }
    let link = applied.attr("tbody td a[href^='/staff/recurring/']", "href").unwrap();
    let shown = paying.server.get(&link).await.text();
    assert!(shown.contains("brought in from Stripe") && shown.contains("is charged every"), "{shown}");

    let twice = paying.server.http.post(paying.server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(twice.status(), 303);
    paying.server.run_jobs().await;
    assert_eq!(on_record(&paying).await, (5, 6), "applied twice is applied once");
    let second = read(&paying).await;
    let text = paying.server.get(&second).await.text();
    assert!(text.contains("1 can be brought in, 6 on record already, 8 can’t be brought in."), "{text}");
    let mut tx = paying.server.app.db.read().await.unwrap();
    let brought = audit::Filter { action: Some("bring in".into()), ..audit::Filter::default() };
    assert_eq!(audit::count(&mut tx, &brought).await.unwrap(), 6);
}

#[tokio::test]
async fn what_began_on_our_own_page_is_on_record() {
    let paying = office(&[]).await;
    let fields =
        [("amount", ""), ("other_amount", "25"), ("frequency", "monthly"), ("name", "Ada"), ("email", "ada@example.org")];
    let sent = paying.server.fill("/donate", "/donate", &fields).await;
    let page = sent.location();
    let id = page[page.find("cs_test_").unwrap()..].split(['?', '#', '/']).next().unwrap();
    paying.sandbox.pay(id, Card::Success).await.unwrap();
    let early = read(&paying).await;
    assert!(rows(&paying, &early).await[0].contains("It began on our own donation page."));
    super::hear(&paying).await;
    let late = read(&paying).await;
    assert!(rows(&paying, &late).await[0].contains("This recurring gift is on record."));
    assert!(paying.server.get(&late).await.text().contains("There is nothing to bring in."));
    assert_eq!(plans(&paying, "ada@example.org").await.len(), 1);
}

#[tokio::test]
async fn a_busy_gateway_stops_neither_the_reading_nor_the_applying() {
    let paying = office(&account()).await;
    known(&paying, "Ada Lovelace", "ada@example.org").await;
    let begun = paying.server.fill(START, START, &[]).await;
    let import = begun.location().to_owned();
    // Two refusals are waited out within one question; seven break the try off, and the next goes on.
    for calls in [2, 7] {
        paying.sandbox.misbehave(Misbehaviour::Status(429), calls);
        if calls == 7 {
            paying.server.run_jobs().await;
            let text = paying.server.get(&import).await.text();
            assert!(text.contains("Being read") && text.contains("is asked again"), "{text}");
            let second = paying.server.fill(START, START, &[]).await;
            assert_eq!(second.location().split('?').next().unwrap(), import, "one at a time");
        }
    }
    for _ in 0..3 {
        paying.server.app.clock.advance(3_600);
        paying.server.run_jobs().await;
    }
    assert!(paying.server.get(&import).await.text().contains("7 can be brought in"));
    assert_eq!(rows(&paying, &import).await.len(), 15, "none twice, none left out");

    assert_eq!(paying.server.fill(&import, "/run", &[]).await.status, 303);
    paying.sandbox.misbehave(Misbehaviour::Status(429), 3);
    paying.server.run_jobs().await;
    let text = paying.server.get(&import).await.text();
    assert!(text.contains("0 of 7 are applied"), "{text}");
    paying.server.app.clock.advance(3_600);
    paying.server.run_jobs().await;
    let text = paying.server.get(&import).await.text();
    assert!(text.contains("7 recurring gifts were brought in"), "{text}");
    let mut tx = paying.server.app.db.read().await.unwrap();
    assert!(work::failed(&mut tx, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_changed_since_the_dry_run_is_not_applied_and_says_why() {
    let all = ["Ann", "Ben", "Cat"].map(|name| foreign(name, Some(&format!("{}@example.org", name.to_lowercase())), 20));
    let paying = office(&all).await;
    let import = read(&paying).await;
    paying.server.app.gateway.cancel_subscription("sub_ann", false, "old program").await.unwrap();
    known(&paying, "Ben Other", "ben@example.org").await;
    let applied = apply(&paying, &import, &[]).await;
    let rows = applied.all("tbody tr");
    assert!(row(&rows, "Ann").contains("It does not run any more."));
    assert!(row(&rows, "Ben").contains("another donor’s now"));
    assert!(row(&rows, "Cat").contains("Brought in"));
    assert!(plans(&paying, "ben@example.org").await.is_empty());
    let again = read(&paying).await;
    assert!(
        row(&self::rows(&paying, &again).await, "Ben").contains("A recurring gift of Ben Other, known by the e-mail address.")
    );
}

#[tokio::test]
async fn two_donors_with_one_further_address_are_told_apart_by_staff() {
    let paying = office(&[foreign("Dora", Some("dora@example.org"), 20)]).await;
    for (name, own) in [("Dora One", "one@example.org"), ("Dora Two", "two@example.org")] {
        let donor = known(&paying, name, own).await;
        let mut tx = paying.server.app.db.write().await.unwrap();
        donors::reach::add_email(&mut tx, donor.id, &"dora@example.org".parse().unwrap(), None).await.unwrap();
        tx.commit().await.unwrap();
    }
    let import = read(&paying).await;
    let rows = rows(&paying, &import).await;
    assert!(rows[0].contains("both have its e-mail address as a further one"), "{rows:?}");
}

#[tokio::test]
async fn only_who_keeps_gifts_reads_the_account() {
    let mut paying = office(&[foreign("Ann", Some("ann@example.org"), 20)]).await;
    let import = read(&paying).await;
    for role in [Role::Membership, Role::Communications, Role::ReadOnly] {
        paying.server.sign_in(role).await;
        assert_eq!(paying.server.get(START).await.status, 403);
        let page = paying.server.get(&import).await;
        assert!(page.status == 200 && !page.text().contains("Bring them in"), "{}", page.text());
        for path in [START.to_owned(), format!("{import}/run"), format!("{import}/removal"), format!("{import}/undo")] {
            assert_eq!(paying.server.post(&path, &[]).await.status, 403, "{role:?} {path}");
        }
    }
    paying.server.sign_in(Role::Development).await;
    assert_eq!(paying.server.get(&format!("{import}/undo")).await.status, 409, "nothing was applied yet");
    let gone = paying.server.fill(&import, "/removal", &[]).await;
    assert_eq!(gone.status, 303);
    assert!(paying.server.get(&import).await.text().contains("thrown away before anything was written"));
    assert_eq!(on_record(&paying).await, (0, 0));
}
