//! Donors and gifts from files, as staff bring them in: matched, tried, applied a stretch at a time.
use crate::{
    imports::{apply, bring_as, fates, tried},
    server::Server,
};
use convener::{
    books,
    gifts::{self, Campaign, CampaignId},
    kernel::{Cents, Currency},
    routes,
    staff::Role,
    work,
};
use std::fmt::Write;

const HEAD: &str =
    "Donation ID,First name,Last name,Email,Street,City,State,ZIP,Amount,Date received,Designation,Campaign,In memory of\n";

async fn office() -> Server {
    let mut server = Server::start().await;
    let campaign = Campaign {
        id: CampaignId::new(),
        slug: "spring".into(),
        name: "Spring appeal".into(),
        goal: Some(Cents::new(1_000_000)),
        currency: Currency::USD,
        starts_on: None,
        ends_on: None,
        story: String::new(),
    };
    let mut tx = server.app.db.write().await.unwrap();
    gifts::insert_campaign(&mut tx, &campaign).await.unwrap();
    tx.commit().await.unwrap();
    server.sign_in(Role::Development).await;
    server
}

/// Every sum that is kept is what the gifts come to, and the books balance.
async fn all_ties(server: &Server) {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    assert_eq!(books::unbalanced(&mut tx).await.unwrap(), 0);
}

#[tokio::test]
async fn gifts_of_years_come_in_with_their_donors_and_are_counted_like_any_other() {
    let server = office().await;
    let file = format!(
        "{HEAD}\
         g1,Ada,Lovelace,ada@example.org,1 Main Street,Duluth,MN,55802,\"$1,250.00\",3/4/2014,,Spring appeal,\n\
         g2,Ada,Lovelace,ADA@example.org,,,,,25,2015-01-02,general,,Grace Hopper\n\
         g3,No,Mail,,2 Main Street,Duluth,MN,55802,10,2015-01-02,,,\n\
         g4,No,Mail,,,,,,11,2015-01-03,,,\n\
         g5,Bad,Amount,bad@example.org,,,,,-5,2015-01-03,,,\n\
         g6,Late,One,late@example.org,,,,,5,2099-01-03,,,\n\
         g7,No,Fund,nf@example.org,,,,,5,2015-01-03,Moon base,,\n\
         g1,Ada,Lovelace,ada@example.org,,,,,1,2016-01-03,,,\n\
         g8,,,,,,,,5,2015-01-03,,,\n"
    );
    let import = tried(&server, "gifts", &file).await;
    let rows = fates(&server, &import).await;
    for (row, words) in [
        "2 Ada Lovelace, $1,250.00 on 4 March 2014 New A new donor’s gift.",
        "3 Ada Lovelace, $25.00 on 2 January 2015 New A gift of a donor whom an earlier row brings.",
        "4 No Mail, $10.00 on 2 January 2015 New A new donor’s gift.",
        "5 No Mail, $11.00 on 3 January 2015 New A gift of a donor whom an earlier row brings.",
        "6 Bad Amount Refused Amount “-5”: Enter an amount more than zero.",
        "7 Late One Refused Date: 3 January 2099 lies ahead.",
        "8 No Fund, $5.00 on 3 January 2015 Refused There is no fund “Moon base”. Set it up first, or leave the cell empty.",
        "9 Ada Lovelace, $1.00 on 3 January 2016 Refused Row 2 of this file has the same number.",
        "10 $5.00 on 3 January 2015 Refused It says not who gives: a name is missing.",
    ]
    .iter()
    .enumerate()
    {
        assert!(rows[row].starts_with(words), "{words}: {}", rows[row]);
    }
    assert!(server.get("/staff/gifts").await.all("tbody tr").is_empty(), "nothing is written by the dry run");
    let applied = apply(&server, &import, "").await;
    assert!(applied.text().contains("4 entered, 0 changed, 0 left as they were, 5 not applied."), "{}", applied.text());
    let gift = server.get(&applied.attr("tbody tr:nth-child(2) a", "href").unwrap()).await;
    let text = gift.text();
    assert!(text.contains("$25.00") && text.contains("In memory of Grace Hopper") && text.contains("2 January 2015"), "{text}");
    let donors = server.get("/staff/donors").await;
    assert_eq!(donors.all("tbody th").len(), 2, "{}", donors.text());
    assert!(donors.text().contains("$1,275.00") && donors.text().contains("$21.00"), "{}", donors.text());
    let campaign = server.get("/staff/gifts?campaign=spring").await.text();
    assert!(campaign.contains("$1,250.00"), "{campaign}");
    all_ties(&server).await;
}

#[tokio::test]
async fn the_same_file_brings_nothing_twice() {
    let server = office().await;
    let named = format!("{HEAD}g1,Ada,Lovelace,ada@example.org,,,,,25,2015-01-02,,,\n");
    // Two like each other, without a number: both are gifts, and both are known again.
    let plain = "Name,Email,Amount,Date\nBo,bo@example.org,10,2015-01-02\nBo,bo@example.org,10,2015-01-02\n".to_owned();
    for (file, count, why) in [
        (&named, "1 entered", "A gift of this number is on record."),
        (&plain, "2 entered", "A gift of this donor, day and amount is on record."),
    ] {
        let first = tried(&server, "gifts", file).await;
        assert!(apply(&server, &first, "").await.text().contains(count));
        let again = tried(&server, "gifts", file).await;
        let rows = fates(&server, &again).await;
        assert!(rows.iter().all(|row| row.contains("On record already") && row.contains(why)), "{rows:?}");
        assert!(server.get(&again).await.text().contains("0 new"));
    }
    let third = format!("{plain}Bo,bo@example.org,10,2015-01-02\n");
    let import = tried(&server, "gifts", &third).await;
    assert!(server.get(&import).await.text().contains("1 new, 2 on record already, 0 refused"));
    let listed = async |outcome: &str| server.get(&format!("{import}?outcome={outcome}")).await;
    assert!(listed("made").await.all("tbody tr").is_empty() && listed("left").await.all("tbody tr").is_empty());
    apply(&server, &import, "").await;
    let (made, left) = (listed("made").await, listed("left").await);
    let (rows, known) = (made.all("tbody tr"), left.all("tbody tr"));
    assert!(rows.len() == 1 && rows[0].contains("Entered"), "{rows:?}");
    assert!(known.len() == 2 && known.iter().all(|row| row.contains("Left as it was")), "{known:?}");
    let gift = made.attr("tbody a", "href").expect("it leads to what it entered");
    assert!(gift.starts_with("/staff/gifts/") && server.get(&gift).await.status == 200, "{gift}");
    let report = server.get(&format!("{import}/report.csv")).await.body;
    assert_eq!((report.matches("Entered").count(), report.matches("Left as it was").count()), (1, 2), "{report}");
    all_ties(&server).await;
}

#[tokio::test]
async fn a_dry_run_is_no_longer_good_when_another_file_was_applied_since() {
    let server = office().await;
    let file = "Name,Email,Amount,Date\nBo,bo@example.org,10,2015-01-02\n";
    let (first, second) = (tried(&server, "gifts", file).await, tried(&server, "gifts", file).await);
    apply(&server, &first, "").await;
    let refused = server.fill(&second, "/run", &[]).await;
    assert_eq!(refused.status, 303);
    server.run_jobs().await;
    let text = server.get(&second).await.text();
    assert!(
        text.contains("Another file like it was applied since this one was tried") && text.contains("Ready to apply"),
        "{text}"
    );
    assert_eq!(server.fill(&format!("{second}/columns"), "/columns", &[]).await.status, 303);
    server.run_jobs().await;
    assert!(server.get(&second).await.text().contains("0 new, 1 on record already"));
}

#[tokio::test]
async fn donors_come_in_alone_and_those_on_record_get_what_staff_chose() {
    let server = office().await;
    let file = "Name,Kind of donor,Email,Street,City\nAda L,person,ada@example.org,,\nGood Fund,Foundation,,1 Main Street,Duluth\nAda L,person,ada@example.org,,\n";
    let import = tried(&server, "donors", file).await;
    assert!(fates(&server, &import).await[2].contains("Row 2 of this file has the same donor."));
    assert!(apply(&server, &import, "leave").await.text().contains("2 entered"));
    let more = "Name,Email,Street,City\nAda Lovelace,ada@example.org,9 Side Street,Duluth\n";
    for (matching, outcome, name) in
        [("leave", "1 left", "Ada L"), ("fill", "1 changed", "Ada L"), ("replace", "1 changed", "Ada Lovelace")]
    {
        let import = tried(&server, "donors", more).await;
        let row = &fates(&server, &import).await[0];
        assert!(row.contains("Name: Ada L → Ada Lovelace"), "{row}");
        let applied = apply(&server, &import, matching).await;
        assert!(applied.text().contains(outcome), "{matching}: {}", applied.text());
        assert!(server.get("/staff/donors").await.all("tbody th").iter().any(|n| n == name), "{matching}");
    }
    let found = server.get("/staff/donors?q=lovelace").await;
    assert_eq!(found.all("tbody th").len(), 1, "the search knows the new name");
}

#[tokio::test]
async fn a_file_of_many_rows_goes_by_the_stretch_and_a_formula_stays_a_word() {
    let server = office().await;
    let mut file = "Name,Email,Amount,Date\n=cmd(),evil@example.org,1,2015-01-01\n".to_owned();
    for n in 0..9_000 {
        writeln!(file, "Giver {n},giver{}@example.org,{}.50,201{}-0{}-15", n % 700, 1 + n, n % 10, 1 + n % 9).unwrap();
    }
    let import = tried(&server, "gifts", &file).await;
    let applied = apply(&server, &import, "").await;
    assert!(applied.text().contains("9,001 entered"), "{}", applied.text());
    all_ties(&server).await;
    let exported = server.get("/staff/gifts.csv").await;
    assert_eq!(exported.body.lines().count(), 9_002);
    assert!(exported.body.contains(",'=cmd(),"), "a spreadsheet runs nothing");
    let mut tx = server.app.db.read().await.unwrap();
    let june = gifts::givers_in(&mut tx, "2014-06".parse().unwrap()).await.unwrap();
    assert!(june > 0 && june < 700, "{june}");
}

#[tokio::test]
async fn two_workers_on_one_file_enter_each_gift_once() {
    let server = office().await;
    let mut file = "Name,Email,Amount,Date\n".to_owned();
    for n in 0..5_200 {
        writeln!(file, "Giver {},giver{}@example.org,{}.50,2015-01-{:02}", n % 300, n % 300, 1 + n, 1 + n % 28).unwrap();
    }
    let import = tried(&server, "gifts", &file).await;
    assert_eq!(server.fill(&import, "/run", &[("matching", "")]).await.status, 303);
    // The first holder of the job was taken for dead, and is not.
    let (app, now) = (&server.app, server.app.clock.now());
    let mut tx = app.db.write().await.unwrap();
    let job = work::take(&mut tx, now, now.plus_seconds(300)).await.unwrap().expect("it waits");
    tx.commit().await.unwrap();
    let apply = routes::jobs().get(&job.kind).expect("somebody does it");
    let (one, other) = tokio::join!(apply(app.clone(), job.clone()), apply(app.clone(), job.clone()));
    one.unwrap();
    other.unwrap();
    let text = server.get(&import).await.text();
    assert!(text.contains("5,200 entered, 0 changed, 0 left as they were, 0 not applied."), "{text}");
    assert_eq!(server.get("/staff/gifts.csv").await.body.lines().count(), 5_201);
    all_ties(&server).await;
}

#[tokio::test]
async fn whoever_writes_for_long_sees_that_somebody_waits() {
    let server = office().await;
    let db = &server.app.db;
    let long = db.write_much().await.unwrap();
    if !db.is_sqlite() {
        assert!(db.others_wait(), "it can't be seen there, so it counts as if somebody did");
        return;
    }
    assert!(!db.others_wait());
    let other = tokio::spawn({
        let db = db.clone();
        async move { db.write().await.map(drop) }
    });
    while !db.others_wait() {
        tokio::task::yield_now().await;
    }
    drop(long);
    other.await.unwrap().unwrap();
    assert!(!db.others_wait(), "who had a turn waits no more");
}

#[tokio::test]
async fn who_keeps_gifts_brings_gifts_and_who_keeps_the_roll_brings_the_roll() {
    let mut server = office().await;
    let offered = server.get("/staff/imports/new").await.all("input[name=kind] + label");
    assert_eq!(offered.len(), 2, "{offered:?}");
    let gifts = bring_as(&server, "gifts", "utf-8", b"Name,Amount,Date\nA,1,2015-01-01\n").await;
    let columns = gifts.location().to_owned();
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get(&columns).await.status, 403);
    let refused = bring_as(&server, "gifts", "utf-8", b"Name,Amount,Date\nA,1,2015-01-01\n").await;
    assert_eq!(refused.status, 422);
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(server.get("/staff/imports/new").await.status, 403);
}
