//! Two donors that are one: suggested, told apart, merged, and made two again.
use crate::{
    donor_totals::{donor, gift, keep, zone},
    members::few,
    paying::{Paying, start_paying},
    server::Server,
};
use convener::{
    audit::Actor,
    desk::merging,
    donors::{self, Donor, DonorId, DonorKind, merge::MergeId},
    gifts::{self, Gift, GiftState, RecurringGift},
    kernel::Cents,
    payments::sandbox::Card,
    staff::Role,
};
use std::{collections::BTreeSet, fs, path::Path, time::Instant};

/// Every table and column that the migrations let name a donor, under the name the table came to have.
pub(crate) fn named_in_migrations() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = [root.clone(), root.join("sqlite"), root.join("postgres")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .collect();
    files.sort_by_key(|path| path.file_name().unwrap().to_owned());
    let (mut table, mut named) = (String::new(), BTreeSet::new());
    for text in files.iter().map(|path| fs::read_to_string(path).unwrap().to_lowercase()) {
        for line in text.lines().map(|line| line.split("--").next().unwrap().trim()) {
            let words: Vec<_> = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
            if line.starts_with("create table") || line.starts_with("alter table") {
                words[2].clone_into(&mut table);
            }
            if line.starts_with("alter table") && words[3] == "rename" && words[4] == "to" {
                let anew = |(of, column): (String, String)| (if of == table { words[5].to_owned() } else { of }, column);
                named = named.into_iter().map(anew).collect();
            }
            if line.replace(' ', "").contains("referencesdonor(") {
                named.insert((table.clone(), words[if line.starts_with("alter table") { 5 } else { 0 }].to_owned()));
            }
        }
    }
    assert!(named.len() > 15, "{named:?}");
    named
}

#[test]
fn a_merge_knows_every_table_that_names_a_donor() {
    let known: BTreeSet<_> =
        merging::HELD.iter().flat_map(|room| room.iter()).map(|held| (held.table.to_owned(), held.column.to_owned())).collect();
    let forgotten: Vec<_> = named_in_migrations().difference(&known).cloned().collect();
    assert!(forgotten.is_empty(), "add them to the HELD of their room: {forgotten:?}");
}

fn who() -> Actor {
    Actor { kind: "staff", id: String::new(), name: "Development Person".into() }
}

async fn merge(server: &Server, survivor: DonorId, merged: DonorId) -> Result<MergeId, String> {
    let mut tx = server.app.db.write().await.unwrap();
    let done = merging::merge(&mut tx, &who(), (survivor, merged), |this, _| this.clone(), server.app.clock.now()).await;
    let done = done.map_err(|refused| refused.to_string())?;
    tx.commit().await.unwrap();
    Ok(done)
}

async fn undo(server: &Server, id: MergeId) -> Result<(), String> {
    let mut tx = server.app.db.write().await.unwrap();
    let merge = donors::merge::merge_by_id(&mut tx, id).await.unwrap().unwrap();
    merging::undo(&mut tx, &who(), &merge, server.app.clock.now()).await.map_err(|refused| refused.to_string())?;
    tx.commit().await.unwrap();
    Ok(())
}

type All = (Donor, Vec<donors::DonorTotal>, Vec<donors::DonorYear>, Vec<Gift>, Vec<RecurringGift>, Option<String>);

/// All there is of a donor; the summaries are right.
async fn all_of(server: &Server, id: DonorId) -> All {
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(gifts::verify_summaries(&mut tx).await.unwrap(), 0);
    (
        donors::by_id(&mut tx, id).await.unwrap().unwrap(),
        donors::totals_of(&mut tx, id).await.unwrap(),
        donors::years_of(&mut tx, id).await.unwrap(),
        gifts::of_donor(&mut tx, id, 5_000).await.unwrap(),
        gifts::recurring_of(&mut tx, id).await.unwrap(),
        donors::ties::organization_of(&mut tx, id).await.unwrap(),
    )
}

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

async fn give(paying: &Paying, email: &str, frequency: &str) -> DonorId {
    let fields = [
        ("amount", "other"),
        ("other_amount", "$40"),
        ("frequency", frequency),
        ("name", "Ada Lovelace"),
        ("email", email),
        ("address", "12 Elm St\nDuluth, MN 55802"),
    ];
    let answer = paying.server.fill("/donate", "/donate", &fields).await;
    let session = answer.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    paying.sandbox.pay(&session, Card::Success).await.unwrap();
    hear(paying).await;
    let mut tx = paying.server.app.db.read().await.unwrap();
    donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap().unwrap().id
}

#[tokio::test]
async fn a_merged_donor_goes_on_under_the_survivors_name() {
    let mut paying = start_paying().await;
    let monthly = give(&paying, "ada.l@example.org", "monthly").await;
    let once = give(&paying, "ada@example.org", "once").await;
    paying.advance_days(1).await;
    let before = (all_of(&paying.server, once).await, all_of(&paying.server, monthly).await);
    let customer = before.1.0.gateway_customer.clone().unwrap();
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let page = server.get(&format!("/staff/donors/{once}/merge?with={monthly}")).await;
    let offered = page.all("form#merge legend");
    assert_eq!(offered, ["E-mail address"], "only what differs is asked for");
    let done = server.fill(&format!("/staff/donors/{once}/merge?with={monthly}"), "merge", &[("email", "other")]).await;
    assert_eq!((done.status, done.location()), (303, format!("/staff/donors/{once}").as_str()), "{}", done.text());

    let old = server.get(&format!("/staff/donors/{monthly}")).await;
    assert_eq!((old.status, old.location()), (308, format!("/staff/donors/{once}").as_str()));
    let page = server.get(&format!("/staff/donors/{once}")).await;
    assert!(page.text().contains("Ada Lovelace was merged on 22 September 2026"), "{}", page.text());
    assert!(page.text().contains("has given 2 gifts") && page.text().contains("A recurring gift runs."), "{}", page.text());
    assert_eq!(server.get("/staff/donors").await.all("tbody th"), ["Ada Lovelace"], "the list has one");
    assert!(server.get("/staff/donors?q=ada%40").await.text().contains("No donor has"), "the address was given up");
    let after = all_of(server, once).await;
    assert_eq!((after.0.email.as_ref().unwrap().as_str(), after.3.len(), after.4.len()), ("ada.l@example.org", 2, 1));
    assert_eq!(after.1[0].given, before.0.1[0].given + before.1.1[0].given);
    let mut tx = server.app.db.read().await.unwrap();
    for address in ["ada@example.org", "ada.l@example.org"] {
        assert_eq!(donors::by_email(&mut tx, &address.parse().unwrap()).await.unwrap().unwrap().id, once, "{address}");
    }
    assert_eq!(donors::by_customer(&mut tx, &customer).await.unwrap().unwrap().id, once);
    drop(tx);

    let merges = page.attr("#same a[href*='/merges/']", "href").unwrap();
    paying.advance_days(33).await;
    hear(&paying).await;
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    assert_eq!(all_of(server, once).await.3.len(), 3, "the recurring gift goes on");
    let refused = server.fill(&merges, "merges", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("A gift was begun since the merge"), "{}", refused.text());
    assert_eq!(give(&paying, "ada@example.org", "once").await, once, "an old address leads to the survivor");
    assert_eq!(all_of(server, once).await.3.len(), 4);
    let mut tx = server.app.db.read().await.unwrap();
    let acts: Vec<_> =
        convener::audit::of_record(&mut tx, ("donor", &once.to_string())).await.unwrap().into_iter().map(|e| e.action).collect();
    assert!(acts.contains(&"merge".to_owned()), "{acts:?}");
}

#[tokio::test]
async fn undoing_makes_both_exactly_what_they_were() {
    let mut paying = start_paying().await;
    let monthly = give(&paying, "a@example.org", "monthly").await;
    let once = give(&paying, "b@example.org", "once").await;
    let third = give(&paying, "c@example.org", "once").await;
    paying.server.sign_in(Role::Administrator).await;
    let server = &paying.server;
    let before = [all_of(server, once).await, all_of(server, monthly).await, all_of(server, third).await];
    for email in ["this", "other"] {
        let choice = [("email", email)];
        let done = server.fill(&format!("/staff/donors/{once}/merge?with={monthly}"), "merge", &choice).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let first = server.get(&format!("/staff/donors/{once}")).await.attr("#same a[href*='/merges/']", "href").unwrap();
        let second = merge(server, third, once).await.unwrap();
        assert_eq!(all_of(server, third).await.3.len(), 3);
        let mut read = server.app.db.read().await.unwrap();
        assert_eq!(donors::by_id(&mut read, monthly).await.unwrap().unwrap().id, third, "an alias of an alias");
        drop(read);
        let early = server.fill(&first, "merges", &[]).await;
        assert!(early.status == 422 && early.text().contains("Undo that merge first"), "{}", early.text());
        undo(server, second).await.unwrap();
        assert_eq!(undo(server, second).await.unwrap_err(), "This merge was undone already.");
        assert_eq!(server.fill(&first, "merges", &[]).await.status, 303);
        for (id, was) in [once, monthly, third].into_iter().zip(&before) {
            assert_eq!(&all_of(server, id).await, was);
        }
        assert_eq!(server.get("/staff/donors?q=example").await.all("tbody th").len(), 3, "each is found again");
    }
}

#[tokio::test]
async fn what_would_be_wrong_is_refused_with_a_sentence() {
    let mut server = Server::start().await;
    let all = ["A", "B", "C"].map(|name| donor(name, Some(&format!("{name}@example.org"))));
    let [a, b, c] = [all[0].id, all[1].id, all[2].id];
    keep(&server, &all, &[gift(a, 1_000, -1), gift(b, 2_000, -1), gift(b, 500, -400)]).await;
    assert_eq!(merge(&server, a, a).await.unwrap_err(), "A donor can’t be merged into itself.");
    let id = merge(&server, a, b).await.unwrap();
    for (one, other) in [(c, b), (b, c)] {
        assert_eq!(merge(&server, one, other).await.unwrap_err(), "One of the two was merged meanwhile. Look at the other one.");
    }
    server.sign_in(Role::Development).await;
    server.fill(&format!("/staff/donors/{a}/details"), "details", &[("name", "A and B")]).await;
    assert_eq!(undo(&server, id).await.unwrap_err(), "The details of A were changed since the merge. The merge stands.");
    server.fill(&format!("/staff/donors/{a}/details"), "details", &[("name", "A")]).await;
    let mut late = gift(a, 700, 0);
    late.created_at = late.created_at.plus_seconds(60);
    keep(&server, &[], &[late]).await;
    assert!(undo(&server, id).await.unwrap_err().starts_with("A gift was begun since the merge"));
    assert_eq!(all_of(&server, a).await.1[0].gifts, 4, "and nothing of it was done");

    let server = Server::start().await;
    let organizations = few(&server).await;
    let two = [donor("One", None), donor("Two", None)].map(|d| Donor { kind: DonorKind::Organization, ..d });
    keep(&server, &two, &[]).await;
    let mut tx = server.app.db.write().await.unwrap();
    for (donor, o) in two.iter().zip(&organizations) {
        assert!(donors::ties::tie(&mut tx, donor.id, &o.id.to_string(), "A", server.app.clock.now()).await.unwrap());
    }
    tx.commit().await.unwrap();
    let refused = merge(&server, two[0].id, two[1].id).await.unwrap_err();
    assert!(refused.contains("tied to different organizations"), "{refused}");
    let mut tx = server.app.db.write().await.unwrap();
    assert!(donors::ties::untie(&mut tx, two[0].id, &organizations[0].id.to_string()).await.unwrap());
    tx.commit().await.unwrap();
    let before = [all_of(&server, two[0].id).await, all_of(&server, two[1].id).await];
    let id = merge(&server, two[0].id, two[1].id).await.unwrap();
    assert_eq!(all_of(&server, two[0].id).await.5, Some(organizations[1].id.to_string()), "the tie goes over");
    undo(&server, id).await.unwrap();
    assert_eq!([all_of(&server, two[0].id).await, all_of(&server, two[1].id).await], before);
}

#[tokio::test]
async fn erasing_a_survivor_leaves_one_erased_donor_and_nothing_of_the_merge() {
    let mut server = Server::start().await;
    let two = [donor("Ada", Some("ada@example.org")), donor("Countess", Some("countess@example.org"))];
    keep(&server, &two, &[gift(two[1].id, 1_000, -1)]).await;
    let id = merge(&server, two[0].id, two[1].id).await.unwrap();
    server.sign_in(Role::Development).await;
    let page = format!("/staff/donors/{}", two[0].id);
    let asked = server.get(&format!("{page}/erasure")).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let mut tx = server.app.db.write().await.unwrap();
    donors::erase(&mut tx, two[0].id, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let shown = server.get(&page).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert!(!shown.body.contains("Countess"), "{}", shown.text());
    assert_eq!(server.get(&format!("/staff/donors/merges/{id}")).await.status, 404);
    assert_eq!(server.get("/staff/donors").await.all("tbody th"), [donors::ERASED]);
    assert_eq!(server.get(&format!("/staff/donors/{}", two[1].id)).await.location(), page);
}

#[tokio::test]
async fn donors_that_seem_to_be_one_are_suggested_with_the_reason_until_they_are_told_apart() {
    let mut server = Server::start().await;
    let at = |mut donor: Donor, address: &str| {
        donor.address = Some(address.into());
        donor
    };
    let all = [
        donor("Ada Lovelace", Some("ada.love+news@example.org")),
        donor("A. Lovelace", Some("adalove@example.org")),
        at(donor("Renée O’Brien", None), "1 Elm St\nDuluth, MN 55802"),
        at(donor("O’Brien, Renee", None), "1 Elm St.\nDuluth, MN 55802-1234"),
        at(donor("Renee O’Brien", None), "9 Oak St\nSaint Paul, MN 55101"),
    ];
    keep(&server, &all, &[]).await;
    server.sign_in(Role::ReadOnly).await;
    let page = server.get("/staff/donors/duplicates").await;
    assert!(page.text().contains("2 pairs of donors are perhaps the same."), "{}", page.text());
    assert_eq!(
        page.all("td[data-label=Why]"),
        [
            "Their e-mail addresses are equal but for dots and what stands after a plus.",
            "The same name and ZIP code; the same name and first line of the postal address."
        ]
    );
    assert_eq!(page.attr("table form", "action"), None, "who may not merge is not asked");
    let (one, other) = (all[0].id.to_string(), all[1].id.to_string());
    for role in [Role::Administrator, Role::Membership, Role::Development, Role::Communications, Role::ReadOnly] {
        server.sign_in(role).await;
        let may = matches!(role, Role::Administrator | Role::Development);
        let status = server.get(&format!("/staff/donors/{one}/merge?with={other}")).await.status;
        assert_eq!(status, if may { 200 } else { 403 }, "{role}");
        assert_eq!(server.get("/staff/donors/duplicates").await.status, 200, "{role}");
    }
    server.sign_in(Role::Development).await;
    let own = server.get(&format!("/staff/donors/{one}")).await;
    assert!(own.text().contains("Compare with A. Lovelace"), "{}", own.text());
    let said = server.fill("/staff/donors/duplicates", "duplicates", &[]).await;
    assert_eq!(said.status, 303);
    let page = server.get("/staff/donors/duplicates").await;
    assert!(page.text().contains("1 pair of donors is perhaps the same."), "{}", page.text());
    assert!(!server.get(&format!("/staff/donors/{one}")).await.text().contains("Compare with"));
    assert!(!server.get(&format!("/staff/donors/{other}")).await.text().contains("Compare with"));
    let changed = [("address", "2 Low St\nAustin, TX 78701"), ("name", "Somebody")];
    server.fill(&format!("/staff/donors/{}/details", all[3].id), "details", &changed).await;
    assert!(server.get("/staff/donors/duplicates").await.text().contains("Nobody seems to be here twice."));
    let search = server.get(&format!("/staff/donors/{one}/merge?q=lovelace")).await;
    assert_eq!(search.attr("main ul a[href*='with=']", "href"), Some(format!("/staff/donors/{one}/merge?with={other}")));
}

#[tokio::test]
async fn two_donors_with_a_thousand_gifts_each_become_one_at_once() {
    let server = Server::start().await;
    let two = [donor("One", Some("one@example.org")), donor("Two", Some("two@example.org"))];
    let mut all = Vec::new();
    for n in 0..1_000 {
        all.push(gift(two[0].id, 1_000 + n, -n));
        all.push(Gift { state: GiftState::Settled, refunded: Cents::new(n), ..gift(two[1].id, 1_000 + n, -n) });
    }
    keep(&server, &two, &all).await;
    let before = [all_of(&server, two[0].id).await, all_of(&server, two[1].id).await];
    let begun = Instant::now();
    let id = merge(&server, two[0].id, two[1].id).await.unwrap();
    println!("merged in {:?}", begun.elapsed());
    let after = all_of(&server, two[0].id).await;
    assert_eq!((after.3.len(), after.1[0].given), (2_000, before[0].1[0].given + before[1].1[0].given));
    let begun = Instant::now();
    undo(&server, id).await.unwrap();
    println!("undone in {:?}", begun.elapsed());
    assert_eq!([all_of(&server, two[0].id).await, all_of(&server, two[1].id).await], before);
    assert_eq!(zone().day(all[0].created_at), all[0].given_on.unwrap());
}
