//! Imports of donors and gifts are taken back: whole where nobody has dealt with them since, a stretch at a time, and so that the
//! same file can come in again.
use crate::{
    donor_merge::named_in_migrations,
    imports::{apply, fates, tried},
    offline::{self, accounts, donor, enter},
    server::{Answer, Server},
};
use convener::{
    data,
    donors::{Donor, DonorKind},
    gifts::{self, MonthTotal},
    staff::Role,
    work,
};
use std::{collections::BTreeMap, fmt::Write};

const HEAD: &str = "Donation ID,Name,Email,Amount,Date received,Designation,Payment method,Check number\n";

/// Ada gave 80 dollars by hand, long before any file.
async fn office() -> (Server, Donor) {
    let server = offline::start().await;
    let ada = donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let cash = [("method", "cash"), ("amount", "80"), ("received_on", "2015-01-05")];
    assert_eq!(enter(&server, &ada, &cash).await.status, 303);
    (server, ada)
}

fn file() -> String {
    format!(
        "{HEAD}\
         g1,Ada Lovelace,ada@example.org,25,2015-01-02,,Check,1042\n\
         g2,Grace Hopper,grace@example.org,\"1,000\",2015-01-02,,ACH/EFT,\n\
         g3,Grace Hopper,grace@example.org,5,2016-03-02,general,Credit Card,\n\
         g4,No Mail,,7,2016-03-02,,,\n"
    )
}

/// What must be as it was: the months, their givers, the balances that are not zero, the roll.
#[derive(Debug, PartialEq)]
struct State {
    months: Vec<MonthTotal>,
    givers: Vec<i64>,
    accounts: BTreeMap<String, i64>,
    roll: Vec<String>,
    given: String,
}

async fn state(server: &Server) -> State {
    let accounts = accounts(server).await;
    let (from, to) = ("2010-01".parse().unwrap(), "2026-12".parse().unwrap());
    let mut tx = server.app.db.read().await.unwrap();
    let mut months = gifts::month_totals(&mut tx, from, to).await.unwrap();
    months.retain(|month| month.gifts > 0);
    let mut givers = Vec::new();
    for month in ["2015-01", "2016-03"] {
        givers.push(gifts::givers_in(&mut tx, month.parse().unwrap()).await.unwrap());
    }
    drop(tx);
    let roll = server.get("/staff/donors").await.all("tbody tr");
    let given = server.get("/staff/gifts?state=settled").await.all("tbody tr").join("\n");
    State { months, givers, accounts, roll, given }
}

async fn undo(server: &Server, import: &str, fields: &[(&str, &str)]) -> Answer {
    server.fill(&format!("{import}/undo"), "/undo", fields).await
}

/// The gift of a row, and the donor it names.
async fn gift_of(server: &Server, import: &str, row: usize) -> String {
    server.get(import).await.attr(&format!("tbody tr:nth-child({row}) a"), "href").unwrap()
}

#[tokio::test]
async fn gifts_are_taken_back_whole_and_the_same_file_comes_in_again() {
    let (server, _) = office().await;
    let before = state(&server).await;
    for _ in 0..2 {
        let import = tried(&server, "gifts", &file()).await;
        let applied = apply(&server, &import, "").await;
        assert!(applied.text().contains("4 entered, 0 changed, 0 left as they were, 0 not applied."), "{}", applied.text());
        assert_eq!(state(&server).await.roll.len(), 3);
        let gift = gift_of(&server, &import, 2).await;
        let asked = server.get(&format!("{import}/undo")).await.text();
        assert!(
            asked.contains("4 gifts count no more: $1,037.00") && asked.contains("2 donors whom it entered leave"),
            "{asked}"
        );
        let begun = undo(&server, &import, &[]).await;
        assert_eq!((begun.status, begun.location()), (303, import.as_str()));
        let under_way = server.get(&import).await;
        assert!(under_way.text().contains("Being taken back") && under_way.headers.contains_key("refresh"));
        server.run_jobs().await;
        let done = server.get(&import).await;
        assert!(done.text().contains("4 rows taken back, 0 kept."), "{}", done.text());
        assert!(done.text().contains("2 donors whom it entered left the record; 0 stayed."), "{}", done.text());
        assert_eq!(state(&server).await, before);
        let page = server.get(&gift).await.text();
        assert!(page.contains("It was taken back and counts no more. Its import was taken back."), "{page}");
        assert!(page.contains("A donor who was taken back with an import"), "nobody is named any more: {page}");
        assert!(page.contains("Import taken back"), "the entry of the books: {page}");
        assert!(server.get("/staff/donors?q=grace").await.all("tbody th").is_empty(), "the search finds nobody");
        assert!(server.get("/staff/imports").await.text().contains("4 taken back"));
        assert!(server.get(&format!("{import}/report.csv")).await.body.contains("Taken back"));
    }
}

#[tokio::test]
async fn what_somebody_has_dealt_with_stays_with_its_reason() {
    let (server, _) = office().await;
    let import = tried(&server, "gifts", &file()).await;
    apply(&server, &import, "").await;
    let (check, eft) = (gift_of(&server, &import, 1).await, gift_of(&server, &import, 2).await);
    assert_eq!(server.fill(&check, "/thanks", &[]).await.status, 303);
    let sure = server.get(&format!("{eft}/taken-back")).await;
    let (target, fields) = sure.form("taken-back", "/taken-back", &[("why", "mistake")]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server.post(&target, &fields).await.status, 303);
    let refused = undo(&server, &import, &[]).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("Nothing was taken back") && text.contains("It was taken back by itself already."), "{text}");
    assert!(text.contains("2 gifts count no more: $12.00") && text.contains("1 donor whom it entered leaves"), "{text}");
    assert!(text.contains("There are other gifts, or gifts that stay."), "{text}");
    assert_eq!(undo(&server, &import, &[("others", "yes")]).await.status, 303);
    server.run_jobs().await;
    let done = server.get(&import).await.text();
    assert!(done.contains("2 rows taken back, 2 kept."), "{done}");
    assert!(done.contains("1 donor whom it entered left the record; 1 stayed."), "{done}");
    let kept = server.get(&format!("{import}?outcome=kept")).await;
    assert_eq!(kept.attr("td[data-label^=Why] a", "href").as_deref(), Some(check.as_str()), "it leads to what stays");
    let kept = kept.all("tbody tr");
    assert!(kept.iter().any(|row| row.contains("Staff changed it since.")), "{kept:?}");
    let names = server.get("/staff/donors").await.all("tbody th");
    assert_eq!(names, ["Ada Lovelace", "Grace Hopper"], "she has a gift that stays");
    assert!(server.get(&check).await.text().contains("$25.00 was received on 2 January 2015"));
    accounts(&server).await;
}

#[tokio::test]
async fn donors_leave_or_get_back_what_they_had_unless_somebody_knows_more_of_them() {
    let (server, ada) = office().await;
    let before = server.get("/staff/donors").await.all("tbody tr");
    let file = "Name,Email,Street\nCountess Lovelace,ada@example.org,1 Main Street\nGrace Hopper,grace@example.org,\nBo Derek,bo@example.org,\nCy Young,cy@example.org,\n";
    let import = tried(&server, "donors", file).await;
    assert!(apply(&server, &import, "replace").await.text().contains("3 entered, 1 changed"));
    let later = tried(&server, "gifts", "Name,Email,Amount,Date\nCy Young,cy@example.org,10,2015-01-02\n").await;
    apply(&server, &later, "").await;
    let bo = server.get(&import).await.attr("tbody tr:nth-child(3) a", "href").unwrap();
    assert_eq!(server.fill(&format!("{bo}/notes"), "notes", &[("words", "Prefers letters")]).await.status, 303);
    let asked = server.get(&format!("{import}/undo")).await.text();
    for words in [
        "1 donor whom it entered leaves",
        "1 donor whom it changed gets back",
        "1 donor: Staff keep notes, tags or tasks about it.",
        "1 donor: There are other gifts, or gifts that stay.",
    ] {
        assert!(asked.contains(words), "{words}: {asked}");
    }
    undo(&server, &import, &[("others", "yes")]).await;
    server.run_jobs().await;
    assert!(server.get(&import).await.text().contains("2 rows taken back, 2 kept."), "{}", server.get(&import).await.text());
    let names = server.get("/staff/donors").await.all("tbody th");
    assert_eq!(names, ["Ada Lovelace", "Bo Derek", "Cy Young"]);
    let page = server.get(&format!("/staff/donors/{}", ada.id)).await.text();
    assert!(!page.contains("1 Main Street"), "{page}");
    assert!(server.get("/staff/donors?q=countess").await.all("tbody th").is_empty(), "the search knows the old name");
    assert!(before.iter().all(|row| row.contains("Ada Lovelace")));
    // Whoever was changed since stays as they are.
    let again = tried(&server, "donors", "Name,Email\nCountess Lovelace,ada@example.org\n").await;
    apply(&server, &again, "replace").await;
    let last = tried(&server, "donors", "Name,Email\nLady Lovelace,ada@example.org\n").await;
    apply(&server, &last, "replace").await;
    let asked = server.get(&format!("{again}/undo")).await.text();
    assert!(asked.contains("1 donor: It was changed since."), "{asked}");
    // And whoever was brought by a file that only another file touched leaves with it, the one after the other.
    undo(&server, &last, &[]).await;
    server.run_jobs().await;
    assert!(server.get(&format!("{again}/undo")).await.text().contains("1 donor whom it changed gets back"));
}

#[tokio::test]
async fn a_donor_of_two_files_leaves_with_the_first_once_the_second_is_taken_back() {
    let (server, _) = office().await;
    let before = state(&server).await;
    let donors = tried(&server, "donors", "Name,Email\nGrace Hopper,grace@example.org\n").await;
    apply(&server, &donors, "").await;
    let gifts = tried(&server, "gifts", &file()).await;
    apply(&server, &gifts, "").await;
    for import in [&gifts, &donors] {
        assert_eq!(undo(&server, import, &[]).await.status, 303);
        server.run_jobs().await;
    }
    assert_eq!(state(&server).await, before);
}

#[tokio::test]
async fn a_long_one_is_looked_at_first_and_goes_on_where_a_dead_worker_left_it() {
    let (server, _) = office().await;
    let before = state(&server).await;
    let mut file = "Name,Email,Amount,Date\n".to_owned();
    for n in 0..5_200 {
        writeln!(file, "Giver {n},giver{}@example.org,{}.50,201{}-0{}-15", n % 1_300, 1 + n, n % 10, 1 + n % 9).unwrap();
    }
    let import = tried(&server, "gifts", &file).await;
    apply(&server, &import, "").await;
    let asked = server.get(&format!("{import}/undo")).await.text();
    assert!(asked.contains("This import is long.") && !asked.contains("When you go on"), "{asked}");
    assert_eq!(server.fill(&format!("{import}/undo"), "/undo/look", &[]).await.status, 303);
    let looking = server.get(&format!("{import}/undo")).await;
    assert!(looking.text().contains("Every record of this import is looked at") && looking.headers.contains_key("refresh"));
    server.run_jobs().await;
    let asked = server.get(&format!("{import}/undo")).await.text();
    assert!(asked.contains("5,200 gifts count no more: $13,") && asked.contains("1,300 donors whom it entered leave"), "{asked}");
    let sure = server.get(&format!("{import}/undo")).await;
    let (target, fields) = sure.form(&import, "/undo", &[]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server.post(&target, &fields).await.status, 303);
    let second = server.post(&target, &fields).await;
    assert_eq!(second.status, 303, "a second click does nothing twice");
    assert!(server.get(second.location()).await.text().contains("taken back already"));

    // A worker that dies after its first stretch.
    let now = server.app.clock.now();
    let mut tx = server.app.db.write().await.unwrap();
    let job = work::take(&mut tx, now, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(data::undo_some(&server.app, &job).await.unwrap());
    let half = server.get(&import).await;
    assert!(
        half.text().contains("2,000 rows are taken back so far.") && half.text().contains("2,000 of 6,500"),
        "{}",
        half.text()
    );
    accounts(&server).await;
    server.run_jobs().await;
    assert!(server.get(&import).await.text().contains("5,200 rows taken back, 0 kept."));
    assert!(!data::undo_some(&server.app, &job).await.unwrap(), "nothing is left");
    assert_eq!(state(&server).await, before);
    assert_eq!(undo_page(&server, &import).await, 409);
}

async fn undo_page(server: &Server, import: &str) -> u16 {
    server.get(&format!("{import}/undo")).await.status
}

#[tokio::test]
async fn only_who_keeps_gifts_takes_them_back() {
    let (mut server, _) = office().await;
    let import = tried(&server, "gifts", &file()).await;
    apply(&server, &import, "").await;
    let sure = server.get(&format!("{import}/undo")).await;
    for role in [Role::Membership, Role::ReadOnly] {
        let (target, fields) = sure.form(&import, "/undo", &[]);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        server.sign_in(role).await;
        assert_eq!(undo_page(&server, &import).await, 403);
        assert_eq!(server.post(&target, &fields).await.status, 403);
        assert_eq!(server.post(&format!("{target}/look"), &fields).await.status, 403);
        assert!(!server.get(&import).await.text().contains("Undo the import"));
    }
    server.run_jobs().await;
    assert!(server.get(&import).await.text().contains("4 entered"));
}

#[tokio::test]
async fn how_a_gift_came_and_its_reference_are_read_shown_and_exported() {
    let (server, _) = office().await;
    let more = format!(
        "{}g5,Grace Hopper,grace@example.org,5,2016-03-02,,Carrier pigeon,\ng6,Grace Hopper,grace@example.org,5,2016-03-02,,In-Kind,\n",
        file()
    );
    let import = tried(&server, "gifts", &more).await;
    let rows = fates(&server, &import).await;
    assert!(rows[4].contains("“Carrier pigeon” is no way in which gifts come. Write one of: card, check,"), "{}", rows[4]);
    assert!(rows[5].contains("It is stock or in kind and says not what was given"), "{}", rows[5]);
    apply(&server, &import, "").await;
    let page = server.get(&gift_of(&server, &import, 1).await).await.text();
    for words in ["It came as Check", "Reference 1042", "Deposit Deposited on 2 January 2015"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let wires = server.get("/staff/gifts?method=wire").await.all("tbody tr");
    assert!(wires.len() == 1 && wires[0].contains("$1,000.00"), "{wires:?}");
    let csv = server.get("/staff/gifts.csv").await.body;
    assert!(csv.lines().next().unwrap().ends_with(",method,reference,parts"), "{csv}");
    assert!(csv.lines().any(|line| line.ends_with(",check,1042,")), "{csv}");
    let balances = accounts(&server).await;
    assert_eq!(balances.get("bank"), Some(&103_700), "all of the file lies at the bank: {balances:?}");
}

/// A table that names donors and that the undo does not know would stop it in the middle.
#[test]
fn every_table_that_names_a_donor_is_known_to_the_undo() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let known =
        ["src/donors/queries/carried_back.rs", "src/gifts/queries/carried_back.rs"].map(|path| read(&root.join(path))).concat();
    let known: Vec<_> = known.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    // The trigger of the search takes its own row away.
    let named = named_in_migrations().into_iter().map(|(table, _)| table).filter(|table| table != "donor_key");
    let unknown: Vec<_> = named.filter(|table| !known.contains(&table.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
