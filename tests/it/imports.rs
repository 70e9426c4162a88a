//! Imports from files, as staff meet them: matched, tried, applied, taken back.
use crate::{
    faults,
    members::few,
    server::{Answer, Server},
};
use convener::staff::Role;
use std::fmt::Write;

const HEAD: &str = "Number,Name,Track,Category,City,State,Admitted on,EIN,Website,Contact,Email\n";

/// A server with two members (38, 39) and an observer, and a member of its staff.
async fn office() -> Server {
    let mut server = Server::start().await;
    few(&server).await;
    server.sign_in(Role::Membership).await;
    server
}

pub(crate) async fn bring_as(server: &Server, kind: &str, charset: &str, bytes: &[u8]) -> Answer {
    let page = "/staff/imports/new";
    let (target, values) = server.get(page).await.form(page, page, &[("kind", kind), ("charset", charset)]);
    let mut form = reqwest::multipart::Form::new();
    for (held, value) in values.into_iter().filter(|(held, _)| held != "file") {
        form = form.text(held, value);
    }
    form = form.part("file", reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("members.csv"));
    Answer::of(server.http.post(server.absolute(&target)).multipart(form).send().await.unwrap()).await
}

/// Brings a file and tries it with the columns as they are guessed; gives the import's address.
pub(crate) async fn tried(server: &Server, kind: &str, file: &str) -> String {
    let brought = bring_as(server, kind, "utf-8", file.as_bytes()).await;
    assert_eq!(brought.status, 303, "{}", brought.text());
    let columns = brought.location().to_owned();
    let chosen = server.fill(&columns, "/columns", &[]).await;
    assert_eq!(chosen.status, 303, "{}", chosen.text());
    server.run_jobs().await;
    chosen.location().to_owned()
}

pub(crate) async fn apply(server: &Server, import: &str, matching: &str) -> Answer {
    let begun = server.fill(import, "/run", &[("matching", matching)]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    server.run_jobs().await;
    server.get(import).await
}

pub(crate) async fn fates(server: &Server, import: &str) -> Vec<String> {
    server.get(import).await.all("tbody tr")
}

async fn names(server: &Server) -> Vec<String> {
    server.get("/members").await.all("table.roll tbody th")
}

#[tokio::test]
async fn a_file_that_is_not_sure_is_refused_and_the_choices_are_kept() {
    let server = office().await;
    let latin = b"Name,City\nSoci\xe9t\xe9,Lyon\n";
    for (kind, charset, bytes, words) in [
        ("contacts", "utf-8", &latin[..], "not in UTF-8: line 2"),
        ("contacts", "utf-8", b"Name,Email,name\nA,b,c\n", "Columns 1 and 3 have the same heading “name”"),
        ("contacts", "utf-8", b"Name,,City\nA,b,c\n", "Column 2 has no heading"),
        ("contacts", "windows-1252", b"\xef\xbb\xbfName\nA\n", "Choose UTF-8"),
        ("contacts", "utf-8", b"", "Choose the file"),
    ] {
        let refused = bring_as(&server, kind, charset, bytes).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
        assert_eq!(refused.attr("input[name=kind][checked]", "value").as_deref(), Some("contacts"));
        assert_eq!(refused.attr("input[name=charset][checked]", "value").as_deref(), Some(charset));
    }
    let read = bring_as(&server, "organizations", "windows-1252", latin).await;
    assert!(server.get(read.location()).await.text().contains("Société"));
    let marked = bring_as(&server, "organizations", "utf-8", "\u{feff}Name;Town\nA;B\n".as_bytes()).await;
    let page = server.get(marked.location()).await;
    assert_eq!(page.all("table:first-of-type tbody th")[..2], ["Name", "Town"], "the mark is no part of the heading");
    assert_eq!(page.attr("#column_1 option[selected]", "value").as_deref(), Some("city"));
}

#[tokio::test]
async fn columns_are_chosen_once_and_remembered_for_the_next_file_with_the_same_headings() {
    let server = office().await;
    let file = "Wer,Wo\nNew Voices,Duluth\n".as_bytes();
    let columns = bring_as(&server, "organizations", "utf-8", file).await.location().to_owned();
    let refused = server.fill(&columns, "/columns", &[("column_0", "city"), ("column_1", "city")]).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("No column holds: Name") && text.contains("can’t both hold: City"), "{text}");
    assert_eq!(refused.attr("#column_1 option[selected]", "value").as_deref(), Some("city"));
    assert_eq!(server.fill(&columns, "/columns", &[("column_0", "name"), ("column_1", "city")]).await.status, 303);
    let again = bring_as(&server, "organizations", "utf-8", file).await;
    let page = server.get(again.location()).await;
    assert_eq!(page.attr("#column_0 option[selected]", "value").as_deref(), Some("name"));
    assert_eq!(page.attr("#column_1 option[selected]", "value").as_deref(), Some("city"));
}

#[tokio::test]
async fn the_dry_run_says_each_rows_fate_and_writes_nothing() {
    let server = office().await;
    let file = format!(
        "{HEAD}\
         40,New Voices,member,Human rights,Duluth,Minnesota,3/4/2014,12-3456789,https://voices.example,Ada Doe,ada@voices.example\n\
         ,Lookers,observer,bar,Madison,WI,2015-01-01,,,,\n\
         38,Somebody Else,,Human rights,Duluth,MN,2014-01-01,,,,\n\
         ,The World without genocide Inc.,,,Minneapolis,MN,,,,,\n\
         39,Societe pour la Justice,,,,,2013-09-01,,,,\n\
         41,NEW VOICES,,Human rights,Duluth,MN,2014-01-01,,,,\n\
         42,Odd Ones,,Choirs,Duluth,MN,2014-01-01,,,,\n\
         43,Late Ones,,Human rights,Duluth,Ontario,2099-01-01,,,,someone\n\
         ,Nobody,,Human rights,Duluth,MN,2014-01-01,,,,\n"
    );
    let import = tried(&server, "organizations", &file).await;
    let rows = fates(&server, &import).await;
    for (row, words) in [
        "2 New Voices New Member number 40.",
        "3 Lookers New An observer.",
        "4 Somebody Else Refused Number 38 is held by World Without Genocide. A number is issued once.",
        "5 The World without genocide Inc. On record already Known again by its name. World Without Genocide",
        "6 Societe pour la Justice On record already Known again by its admission number.",
        "7 NEW VOICES Refused Row 2 of this file has the same name.",
        "8 Odd Ones Refused “Choirs” is no category.",
        "9 Late Ones Refused Admitted on: 1 January 2099 lies ahead. “Ontario” is no state’s name or two letters.",
        "10 Nobody Refused Say that it is an observer, or give its admission number.",
    ]
    .iter()
    .enumerate()
    {
        assert!(rows[row].starts_with(words), "{words}\n{}", rows[row]);
    }
    assert!(rows[3].contains("City: Saint Paul → Minneapolis"), "{}", rows[3]);
    let page = server.get(&import).await.text();
    assert!(page.contains("2 new, 2 on record already, 5 refused. Nothing is written yet."), "{page}");
    assert!(
        page.contains("which would go on with 40, goes on with 41 after it. 37 numbers are then not accounted for"),
        "{page}"
    );
    let refused = server.get(&format!("{import}?fate=refused")).await.all("tbody th");
    assert_eq!(refused, ["Somebody Else", "NEW VOICES", "Odd Ones", "Late Ones", "Nobody"]);
    assert_eq!(names(&server).await.len(), 3, "nothing is written");
    let report = server.get(&format!("{import}/report.csv")).await.body;
    assert_eq!(report.lines().count(), 10, "{report}");
    assert!(report.contains("5,The World without genocide Inc.,On record already,Known again by its name."), "{report}");
}

#[tokio::test]
async fn what_is_new_is_entered_with_its_number_and_the_sequence_goes_on() {
    let mut server = office().await;
    let file = format!(
        "{HEAD}\
         5,=HYPERLINK(\"evil\"),,Human rights,Duluth,MN,2001-05-06,,,Ada Doe,ada@voices.example\n\
         45,New Voices,member,Human rights,Duluth,MN,2014-03-04,123456789,voices.example,Bob Roe,bob@voices.example\n"
    );
    let import = tried(&server, "organizations", &file).await;
    let report = server.get(&format!("{import}/report.csv")).await.body;
    assert!(report.contains("2,\"'=HYPERLINK"), "a spreadsheet runs nothing: {report}");
    let done = apply(&server, &import, "leave").await;
    assert!(done.text().contains("2 entered, 0 changed, 0 left as they were, 0 not applied."), "{}", done.text());
    assert_eq!(names(&server).await[0], "=HYPERLINK(\"evil\")", "a formula is text like any other");
    let public = server.get("/members/45-new-voices").await;
    assert!(public.status == 200 && !public.body.contains("bob@voices.example"));
    let record = server.get(&done.attr("tbody tr:nth-child(2) a", "href").unwrap()).await.text();
    assert!(record.contains("12-3456789") && record.contains("Bob Roe") && record.contains("4 March 2014"), "{record}");
    let register = server.get("/staff/register").await.text();
    assert!(register.contains("the next one is 46") && register.contains("41 numbers are not accounted for"), "{register}");
    server.sign_in(Role::Administrator).await;
    let audit = server.get("/staff/audit").await.text();
    for act in ["bring a file", "match the columns", "try", "apply", "enter by import", "finish"] {
        assert!(audit.to_lowercase().contains(act), "{act}: {audit}");
    }
    assert!(server.get("/staff/imports").await.text().contains("2 entered"));
}

#[tokio::test]
async fn records_that_match_are_left_filled_or_replaced_as_staff_choose() {
    let mut server = office().await;
    let file = "Number,Name,City,EIN,Legal name,Former names,Commitment date,Also works in,Contact,Email,Phone\n\
                39,Société pour la Justice,Albany,98-7654321,SPJ Inc.,Old Justice,2013-08-01,\"NJ, Ohio\",Ana Delegate,ana@example.org,555 0100\n";
    let expected: [(&str, &str, bool, bool); 3] = [
        ("leave", "1 left as they were", false, false),
        ("fill", "1 changed", true, false),
        ("replace", "1 changed", true, true),
    ];
    for (matching, words, filled, replaced) in expected {
        let import = tried(&server, "organizations", file).await;
        let done = apply(&server, &import, matching).await;
        assert!(done.text().contains(words), "{matching}: {}", done.text());
        let record = server.get(&done.attr("tbody a", "href").unwrap()).await.text();
        for facts in ["98-7654321", "SPJ Inc.", "Old Justice", "1 August 2013", "NJ, OH", "555 0100"] {
            assert_eq!(record.contains(facts), filled, "{matching} {facts}: {record}");
        }
        assert_eq!(record.contains("Albany"), replaced, "{matching}: {record}");
        if matching == "fill" {
            server.sign_in(Role::Administrator).await;
            let audit = server.get("/staff/audit").await;
            let event = audit.html();
            let links = scraper::Selector::parse("a[href^='/staff/audit/']").unwrap();
            let paths: Vec<_> = event.select(&links).filter_map(|a| a.attr("href").map(str::to_owned)).collect();
            let mut told = String::new();
            for path in paths.iter().take(4) {
                told.push_str(&server.get(path).await.text());
            }
            assert!(
                told.contains("SPJ Inc.") && !told.contains("Albany"),
                "the audit tells what was changed and no more: {told}"
            );
            server.sign_in(Role::Membership).await;
        }
    }
}

#[tokio::test]
async fn a_new_name_is_taken_from_the_file_and_the_old_one_is_kept() {
    let server = office().await;
    let first = "Number,Name,EIN\n38,World Without Genocide,98-7654321\n";
    let import = tried(&server, "organizations", first).await;
    apply(&server, &import, "fill").await;
    let renamed = "Number,Name,EIN\n38,Genocide No More,987654321\n";
    let import = tried(&server, "organizations", renamed).await;
    let rows = fates(&server, &import).await;
    assert!(rows[0].contains("Name: World Without Genocide → Genocide No More"), "{}", rows[0]);
    apply(&server, &import, "replace").await;
    let old = server.get("/members/38-world-without-genocide").await;
    assert!(old.location().ends_with("genocide-no-more"), "{} {}", old.status, old.location());
    let undone = server.fill(&format!("{import}/undo"), "/undo", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    assert_eq!(server.get("/members/38-world-without-genocide").await.status, 200, "its name and address are back");
    assert!(!server.get("/members?q=no+more").await.text().contains("Genocide No More"));
}

#[tokio::test]
async fn an_import_is_applied_once_however_often_it_is_asked_for() {
    let server = office().await;
    let file = format!("{HEAD}40,New Voices,,Human rights,Duluth,MN,2014-03-04,,,,\n");
    let import = tried(&server, "organizations", &file).await;
    let page = server.get(&import).await;
    let (target, values) = page.form(&import, "/run", &[]);
    for _ in 0..2 {
        let sent = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
        assert_eq!(sent.status().as_u16(), 303);
    }
    server.run_jobs().await;
    let sent = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 303);
    server.run_jobs().await;
    assert!(server.get(&import).await.text().contains("1 entered"));
    assert_eq!(names(&server).await.iter().filter(|n| *n == "New Voices").count(), 1);
}

#[tokio::test]
async fn a_row_that_became_another_since_its_dry_run_is_not_applied() {
    let server = office().await;
    let file =
        format!("{HEAD}40,New Voices,,Human rights,Duluth,MN,2014-03-04,,,,\n41,More Voices,,bar,Duluth,MN,2014-03-05,,,,\n");
    let import = tried(&server, "organizations", &file).await;
    let by_hand = [("number", "40"), ("name", "Quick Ones"), ("on", "2014-01-01"), ("city", "Duluth"), ("state", "MN")];
    let entered = server.fill("/staff/register/new", "/new", &by_hand).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    let done = apply(&server, &import, "leave").await;
    let rows = done.all("tbody tr");
    assert!(rows[0].contains("Not applied Since its dry run something changed: Number 40 is held by Quick Ones."), "{}", rows[0]);
    assert!(done.text().contains("1 entered, 0 changed, 0 left as they were, 1 not applied."), "{}", done.text());
}

#[tokio::test]
async fn an_import_is_taken_back_whole_and_the_register_keeps_its_memory() {
    let server = office().await;
    let before = server.get("/members").await.body;
    let file = format!(
        "{HEAD}\
         7,Old Voices,,Human rights,Duluth,MN,2001-03-04,,,Cy Poe,cy@old.example\n\
         45,New Voices,,Human rights,Duluth,MN,2014-03-04,,,Bob Roe,bob@voices.example\n\
         39,Société pour la Justice,,bar,Albany,NY,2013-09-02,98-7654321,https://spj.example,Eve Poe,eve@spj.example\n"
    );
    let import = tried(&server, "organizations", &file).await;
    apply(&server, &import, "replace").await;
    assert_eq!(names(&server).await.len(), 5);
    let undo = format!("{import}/undo");
    let page = server.get(&undo).await.text();
    assert!(page.contains("2 records that it entered are") && page.contains("1 record that it changed gets"), "{page}");
    assert!(page.contains("The register does not forget") && page.contains("goes on with 46"), "{page}");
    let undone = server.fill(&undo, "/undo", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    let roll = |body: &str| body.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
    assert_eq!(roll(&server.get("/members").await.body), roll(&before), "the roll is what it was");
    let register = server.get("/staff/register").await.text();
    assert!(register.contains("the next one is 46") && register.contains("45 Not accounted for"), "{register}");
    assert!(server.get(&import).await.text().contains("3 rows taken back"));
    let again = server.get(&undo).await;
    assert_eq!(again.status, 409, "it is taken back once");
    let import = tried(&server, "organizations", &file).await;
    let done = apply(&server, &import, "leave").await.text();
    assert!(done.contains("2 entered"), "the right holders of these numbers can be entered: {done}");
}

#[tokio::test]
async fn the_sequence_returns_only_when_staff_say_so_and_nobody_was_admitted_since() {
    let server = office().await;
    let file = format!("{HEAD}45,New Voices,,Human rights,Duluth,MN,2014-03-04,,,,\n");
    let import = tried(&server, "organizations", &file).await;
    apply(&server, &import, "leave").await;
    assert_eq!(server.fill(&format!("{import}/undo"), "/undo", &[("sequence", "yes")]).await.status, 303);
    assert!(server.get("/staff/register").await.text().contains("the next one is 40"));
    let import = tried(&server, "organizations", &file).await;
    apply(&server, &import, "leave").await;
    let later = [("number", "46"), ("name", "Later Ones"), ("on", "2020-01-01"), ("city", "Duluth"), ("state", "MN")];
    assert_eq!(server.fill("/staff/register/new", "/new", &later).await.status, 303);
    let undone = server.fill(&format!("{import}/undo"), "/undo", &[("sequence", "yes")]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    assert!(server.get(&import).await.text().contains("somebody was admitted since"));
    assert!(server.get("/staff/register").await.text().contains("the next one is 47"));
}

#[tokio::test]
async fn what_was_changed_since_is_named_and_kept_and_the_others_are_taken_back() {
    let server = office().await;
    let file = format!(
        "{HEAD}\
         40,New Voices,,Human rights,Duluth,MN,2014-03-04,,,,\n\
         41,More Voices,,Human rights,Duluth,MN,2014-03-05,,,,\n"
    );
    let import = tried(&server, "organizations", &file).await;
    let done = apply(&server, &import, "leave").await;
    let record = done.attr("tbody tr:nth-child(2) a", "href").unwrap();
    assert_eq!(server.fill(&format!("{record}/notes"), "/notes", &[("note", "They called.")]).await.status, 303);
    let undo = format!("{import}/undo");
    let refused = server.fill(&undo, "/undo", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Changed since: row 3 (More Voices)"), "{}", refused.text());
    assert_eq!(names(&server).await.len(), 5, "nothing was taken back");
    assert_eq!(server.fill(&undo, "/undo", &[("others", "yes")]).await.status, 303);
    assert_eq!(names(&server).await.len(), 4);
    assert_eq!(server.get(&record).await.status, 200);
    let rows = fates(&server, &import).await;
    assert!(rows[0].ends_with("Taken back") && rows[1].ends_with("Kept It was changed since."), "{rows:?}");
}

#[tokio::test]
async fn contacts_come_alone_find_their_organization_and_go_again() {
    let server = office().await;
    let file = "Organization,Number,Name,Email,Role,Title,Since\n\
                World Without Genocide,,Bo Alternate,bo@wwg.example,alternate,Deputy,2020-01-01\n\
                ,39,Pia Press,pia@spj.example,Press contact,,\n\
                ,39,Zoe Second,zoe@spj.example,delegate,,\n\
                Nowhere,,Ada Doe,ada@example.org,,,\n\
                ,38,Ana Delegate,ana@example.org,,Boss,\n\
                Société pour la Justice,38,Ed Odd,ed@example.org,,,\n\
                ,39,Pia Again,PIA@spj.example,,,\n";
    let import = tried(&server, "contacts", file).await;
    let rows = fates(&server, &import).await;
    for (row, words) in [
        "2 Bo Alternate New Alternate of World Without Genocide.",
        "3 Pia Press New Press contact of Société pour la Justice.",
        "4 Zoe Second Refused Zoe Second is not made delegate: Ana Delegate holds the seat",
        "5 Ada Doe Refused No organization on record is called “Nowhere”.",
        "6 Ana Delegate On record already",
        "7 Ed Odd Refused Number 38 is held by World Without Genocide, not by “Société pour la Justice”.",
        "8 Pia Again Refused Row 3 of this file has the same person.",
    ]
    .iter()
    .enumerate()
    {
        assert!(rows[row].starts_with(words), "{words}\n{}", rows[row]);
    }
    let done = apply(&server, &import, "replace").await;
    assert!(done.text().contains("2 entered, 1 changed"), "{}", done.text());
    let record = done.attr("tbody a", "href").unwrap();
    let shown = server.get(&record).await.text();
    assert!(shown.contains("Bo Alternate, Deputy") && shown.contains("1 January 2020") && shown.contains("Boss"), "{shown}");
    let undone = server.fill(&format!("{import}/undo"), "/undo", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    let shown = server.get(&record).await.text();
    assert!(!shown.contains("Bo Alternate") && !shown.contains("Boss") && shown.contains("Ana Delegate"), "{shown}");
}

#[tokio::test]
async fn alliances_come_with_the_steps_their_status_rests_on_and_go_again() {
    let server = office().await;
    let file = "Name,Territory,Host,Launch date,Status,Leader,Email\n\
                North Shore,\"Duluth, MN; Wisconsin\",38,2019-05-06,Active,Lea Leader,lea@shore.example\n\
                Iowa Circle,Iowa,,,,,\n\
                Hasty,Ohio,,,Hosted,Hal Hasty,\n\
                Nowhere,,,,,,\n\
                Lost,Ohio,77,,,,\n";
    let import = tried(&server, "alliances", file).await;
    let rows = fates(&server, &import).await;
    for (row, words) in [
        "2 North Shore New",
        "3 Iowa Circle New",
        "4 Hasty Refused An alliance that is hosted has a host organization.",
        "5 Nowhere Refused It has no territory.",
        "6 Lost Refused Host: Nobody holds number 77.",
    ]
    .iter()
    .enumerate()
    {
        assert!(rows[row].starts_with(words), "{words}\n{}", rows[row]);
    }
    let done = apply(&server, &import, "leave").await;
    let record = done.attr("tbody a", "href").unwrap();
    let shown = server.get(&record).await.text();
    for words in
        ["Duluth, Minnesota; Wisconsin", "World Without Genocide since 6 May 2019", "Lea Leader", "lea@shore.example", "Active"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let filled = "Name,Summary,Host\nnorth shore,For the lake.,39\n";
    let second = tried(&server, "alliances", filled).await;
    assert!(fates(&server, &second).await[0].contains("Another host organization is on record."));
    apply(&server, &second, "fill").await;
    assert!(server.get(&record).await.text().contains("For the lake."));
    let undo = format!("{import}/undo");
    assert!(server.get(&undo).await.text().contains("North Shore It was changed since."), "by the second import");
    assert_eq!(server.fill(&format!("{second}/undo"), "/undo", &[]).await.status, 303);
    assert!(!server.get(&record).await.text().contains("For the lake."));
    assert_eq!(server.fill(&undo, "/undo", &[]).await.status, 303);
    assert_eq!(server.get(&record).await.status, 404);
}

#[tokio::test]
async fn only_membership_staff_import_and_a_discarded_file_is_gone() {
    let mut server = office().await;
    let import = tried(&server, "organizations", &format!("{HEAD}40,A,,bar,B,MN,2014-03-04,,,,\n")).await;
    let pages = [import.clone(), format!("{import}/columns"), format!("{import}/report.csv")];
    assert_eq!(server.fill(&import, "/removal", &[]).await.status, 303);
    assert!(server.get(&import).await.text().contains("thrown away before anything was written"));
    assert!(server.get(&format!("{import}/report.csv")).await.body.lines().count() == 1, "its rows are gone");
    for role in [Role::Development, Role::Communications, Role::ReadOnly] {
        server.sign_in(role).await;
        let own = if role == Role::Development { 200 } else { 403 };
        assert_eq!(server.get("/staff/imports/new").await.status, own, "{role} brings in donors and gifts, and no roll");
        assert_eq!(server.get(&pages[1]).await.status, 403, "{role}");
        assert_eq!(server.get(&pages[2]).await.status, 403, "{role}");
        assert!(server.get(&pages[0]).await.status == 200 && server.get("/staff/imports").await.status == 200, "{role}");
    }
}

/// A file of many members and observers, each with two contacts.
fn many(rows: i64) -> String {
    let mut file = "Number,Name,Track,Category,City,State,Admitted on,Contact,Email,Contact 2,Contact 2 email\n".to_owned();
    for n in 100..100 + rows {
        let (number, track) = if n % 5 == 0 { (String::new(), "observer") } else { (n.to_string(), "member") };
        writeln!(
            file,
            "{number},Society {n},{track},Human rights,Duluth,MN,2014-03-04,Ada {n},ada{n}@example.org,Bob {n},bob{n}@example.org"
        )
        .unwrap();
    }
    file
}

#[tokio::test]
async fn an_import_killed_in_the_middle_goes_on_and_doubles_nothing() {
    const ROWS: i64 = 1_500;
    let mut server = office().await;
    let import = tried(&server, "organizations", &many(ROWS)).await;
    assert_eq!(server.fill(&import, "/run", &[]).await.status, 303);
    let folder = tempfile::tempdir().unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut program = faults::program(folder.path(), &listen);
    program.env("DATABASE_URL", server.app.config.database_url.expose()).env("FILES_DIR", &server.app.config.files_dir);
    let mut site = faults::serve(&mut program);
    let begun = tokio::time::timeout(std::time::Duration::from_mins(1), async {
        while server.get(&import).await.text().contains(" 0 of 1,500 rows") {}
    });
    begun.await.expect("the program applies some rows");
    site.0.kill().unwrap();
    drop(site);
    let page = server.get(&import).await.text();
    assert!(page.contains("of 1,500 rows are applied"), "it was killed in the middle: {page}");
    // The dead process holds its job for five minutes of its own clock.
    server.run_jobs().await;
    assert!(server.get(&import).await.text().contains("Being applied"), "the job is still held");
    let real = convener::kernel::Clock::default().now().unix();
    server.app.clock.advance(real - server.app.clock.now().unix() + 400);
    server.run_jobs().await;
    server.sign_in(Role::Membership).await;
    let page = server.get(&import).await.text();
    assert!(page.contains("1,500 entered, 0 changed, 0 left as they were, 0 not applied."), "{page}");
    let csv = server.get("/staff/organizations.csv").await.body;
    let mut societies: Vec<_> = csv.lines().filter(|line| line.contains("Society")).collect();
    assert_eq!(societies.len(), 1_500);
    societies.sort_unstable();
    societies.dedup();
    assert_eq!(societies.len(), 1_500, "each once");
    let undone = server.fill(&format!("{import}/undo"), "/undo", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    assert_eq!(names(&server).await.len(), 3);
}
