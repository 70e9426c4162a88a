//! Standing: every act from every standing, what visitors see of it, and the register of numbers.
use crate::{members::few, server::Server};
use convener::staff::Role;

const SUSPENDED: &[(&str, &str)] = &[("on", "2026-09-01"), ("until", "2027-01-01"), ("reason", "Dues of honor.")];
const PLAIN: &[(&str, &str)] = &[("on", "2026-09-02"), ("reason", "By letter.")];
const SET: &[(&str, &str)] = &[("on", "2026-09-02"), ("until", "2026-12-01"), ("standing", "inactive"), ("reason", "On leave.")];
const KEPT: &[(&str, &str)] =
    &[("on", "2026-09-02"), ("until", "2026-12-01"), ("standing", "in_good_standing"), ("reason", "A promise.")];

/// Fills the page of an act, sees the preview and presses its button.
pub(crate) async fn act(server: &Server, record: &str, act: &str, fields: &[(&str, &str)]) {
    let page = format!("{record}/standing/{act}");
    let preview = server.fill(&page, act, fields).await;
    assert_eq!(preview.status, 200, "{act}: {}", preview.text());
    let (target, values) = preview.form(&page, act, &[]);
    let done = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
    assert_eq!(done.status(), 303, "{act}: {}", done.text().await.unwrap());
}

/// What each act is from a standing: `y` allowed, `r` refused with a sentence, `-` not there.
const ACTS: [&str; 7] = ["suspension", "reinstatement", "override", "resignation", "merger", "dissolution", "readmission"];

#[tokio::test]
async fn each_act_is_allowed_refused_or_not_there_by_the_standing() {
    let table: [(&str, &str, &str); 8] = [
        ("In good standing", "", "y-yyyy-"),
        ("Suspended", "suspension", "ryyyyy-"),
        ("Inactive", "override", "yyryyy-"),
        ("Kept in good standing", "kept", "yyryyy-"),
        ("Resigned", "resignation", "----yyy"),
        ("Merged", "merger", "------r"),
        ("Dissolved", "dissolution", "------r"),
        ("In good standing", "readmission", "y-yyyy-"),
    ];
    for (standing, way, expected) in table {
        let mut server = Server::start().await;
        let all = few(&server).await;
        server.sign_in(Role::Membership).await;
        let record = format!("/staff/organizations/{}", all[0].id);
        let successor = all[1].id.to_string();
        let merger = [PLAIN, &[("successor", successor.as_str())]].concat();
        match way {
            "" => {}
            "kept" => act(&server, &record, "override", KEPT).await,
            "override" => act(&server, &record, way, SET).await,
            "suspension" => act(&server, &record, way, SUSPENDED).await,
            "merger" => act(&server, &record, way, &merger).await,
            "readmission" => {
                act(&server, &record, "resignation", PLAIN).await;
                act(&server, &record, way, &[("on", "2026-09-03"), ("reason", "They came back.")]).await;
            }
            way => act(&server, &record, way, PLAIN).await,
        }
        let page = server.get(&record).await;
        assert!(page.text().contains(standing), "{way}: {}", page.text());
        for (name, what) in ACTS.iter().zip(expected.chars()) {
            let answer = server.get(&format!("{record}/standing/{name}")).await;
            let linked = page.attr(&format!("a[href$='/standing/{name}']"), "href").is_some();
            let wanted = match what {
                'y' => (200, true),
                'r' => (409, false),
                _ => (404, false),
            };
            assert_eq!((answer.status, linked), wanted, "{standing} by “{way}”: {name}");
        }
    }
}

#[tokio::test]
async fn a_suspension_ends_by_itself_and_never_leaves_the_roll() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[0].id);
    act(&server, &record, "suspension", SUSPENDED).await;
    assert!(server.get(&record).await.text().contains("Suspended on 1 September 2026 until 1 January 2027."));
    assert!(server.get("/members").await.text().contains("2 members and 1 observer"));
    assert!(
        server
            .get("/staff/organizations.csv")
            .await
            .body
            .lines()
            .any(|line| line.starts_with("38,") && line.contains("Suspended"))
    );
    for (who, names) in [
        ("suspended", vec!["World Without Genocide"]),
        ("in_good_standing", vec!["Société pour la Justice", "100% Observers"]),
        ("now", vec!["World Without Genocide", "Société pour la Justice", "100% Observers"]),
        ("resigned", vec![]),
    ] {
        let list = server.get(&format!("/staff/organizations?who={who}")).await;
        assert_eq!(list.all("tbody th"), names, "{who}");
        let rows = server.get(&format!("/staff/organizations.csv?who={who}")).await.body.lines().count();
        assert_eq!(rows, names.len() + 1, "{who}: the file has exactly the rows of the list");
    }
    let list = server.get("/staff/organizations?who=suspended").await;
    assert!(list.text().contains("1 member match"), "{}", list.text());
    assert_eq!(list.attr("#who option[selected]", "value").as_deref(), Some("suspended"));
    server.app.clock.advance(103 * 86_400);
    server.sign_in(Role::Membership).await;
    let after = server.get(&record).await.text();
    assert!(after.contains("In good standing since it was admitted"), "{after}");
}

#[tokio::test]
async fn what_is_typed_wrongly_is_given_back_and_nothing_is_noted() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[0].id);
    let page = format!("{record}/standing/suspension");
    let wrong = server.fill(&page, "", &[("on", "2027-01-01"), ("until", "2020-01-01"), ("reason", "")]).await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 3), "{}", wrong.text());
    assert_eq!(wrong.attr("#on", "value").as_deref(), Some("2027-01-01"));
    let early = server.fill(&page, "", &[("on", "1999-01-01"), ("reason", "Kept words.")]).await;
    assert!(early.status == 422 && early.body.contains("Kept words."), "before its admission: {}", early.text());
    let preview = server.fill(&page, "", SUSPENDED).await;
    assert!(preview.text().contains("It stays on the public roll"), "{}", preview.text());
    assert!(server.get(&record).await.text().contains("In good standing"), "a preview changes nothing");
    server.sign_in(Role::Development).await;
    assert_eq!(server.get(&page).await.status, 403);
}

#[tokio::test]
async fn who_resigns_leaves_the_roll_and_returns_with_the_same_number() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[1].id);
    act(&server, &record, "resignation", PLAIN).await;
    let roll = server.get("/members").await;
    assert_eq!(roll.all("table.roll tbody th"), ["World Without Genocide", "100% Observers"]);
    let text = roll.text();
    assert!(text.contains("1 member and 1 observer"), "{text}");
    assert!(text.contains("39 Société pour la Justice, member from 1 September 2013 to 2 September 2026"), "{text}");
    assert!(server.get("/").await.text().contains("World Without Genocide is our 38th institutional member"));
    let page = server.get("/members/39-societe-pour-la-justice").await;
    assert!(
        page.status == 200 && page.text().contains("was a member from 1 September 2013 to 2 September 2026"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("By letter"), "the reason is not public");
    assert!(!server.get("/members.json").await.body.contains("Justice"));
    let left = server.get("/staff/organizations?who=left").await;
    assert_eq!(left.all("tbody th"), ["Société pour la Justice"]);
    assert_eq!(server.get("/staff/organizations?who=resigned").await.all("tbody th"), ["Société pour la Justice"]);
    assert!(server.get("/staff/organizations?who=merged").await.all("tbody th").is_empty());
    act(&server, &record, "readmission", &[("on", "2026-09-20"), ("reason", "They came back.")]).await;
    let roll = server.get("/members").await;
    assert!(roll.text().contains("2 members and 1 observer") && !roll.text().contains("Numbers retired"), "{}", roll.text());
    assert_eq!(server.get("/members/39").await.location(), "/members/39-societe-pour-la-justice");
}

#[tokio::test]
async fn a_merged_organizations_old_address_leads_to_its_successor_which_says_so() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[0].id);
    let successor = all[1].id.to_string();
    let itself =
        server.fill(&format!("{record}/standing/merger"), "", &[("successor", &all[0].id.to_string()), ("reason", "x")]).await;
    assert_eq!(itself.status, 422, "nobody merges into itself");
    act(&server, &record, "merger", &[PLAIN, &[("successor", successor.as_str())]].concat()).await;
    for old in ["/members/38", "/members/38-world-without-genocide"] {
        let answer = server.get(old).await;
        let to = "/members/39-societe-pour-la-justice?merged=38-world-without-genocide";
        assert_eq!((answer.status, answer.location()), (308, to));
    }
    let arrived = server.get("/members/39-societe-pour-la-justice?merged=38-world-without-genocide").await.text();
    assert!(
        arrived.contains(
            "World Without Genocide merged into Société pour la Justice on 2 September 2026 . Its number 38 is retired."
        ),
        "{arrived}"
    );
    let forged = server.get("/members/39-societe-pour-la-justice?merged=100-observers").await;
    assert!(forged.status == 200 && !forged.text().contains("merged into"), "only what did merge is said to");
}

#[tokio::test]
async fn the_register_holds_every_number_once_and_the_sequence_goes_on_after_a_past_member() {
    let mut server = Server::start().await;
    few(&server).await;
    server.sign_in(Role::Membership).await;
    let register = server.get("/staff/register").await;
    assert_eq!(register.all("tbody tr").len(), 39);
    assert!(
        register.text().contains("37 numbers are not accounted for") && register.text().contains("the next one is 40"),
        "{}",
        register.text()
    );
    let category = "00000000-0000-0000-0000-000000000001";
    let member = |number: &'static str, name: &'static str| {
        [("number", number), ("name", name), ("on", "1999-05-01"), ("category", category), ("city", "Albany"), ("state", "ny")]
    };
    let taken = server.fill("/staff/register/new", "", &member("38", "First Friends")).await;
    assert!(taken.status == 422 && taken.text().contains("World Without Genocide holds number 38"), "{}", taken.text());
    assert_eq!(taken.attr("#name", "value").as_deref(), Some("First Friends"));
    let twice = server.fill("/staff/register/new", "", &member("1", "SOCIETE pour la justice")).await;
    assert!(twice.status == 422 && twice.text().contains("is on record already"), "{}", twice.text());
    let entered = server.fill("/staff/register/new", "", &member("1", "First Friends")).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert_eq!(server.get("/members").await.all("table.roll tbody th")[0], "First Friends");
    let ahead = server.fill("/staff/register/unissued", "", &[("number", "41"), ("reason", "x")]).await;
    assert!(ahead.status == 422 && ahead.text().contains("The last number issued is 39"), "{}", ahead.text());
    let gap = server.fill("/staff/register/unissued", "", &[("number", "2"), ("reason", "The list jumped.")]).await;
    assert_eq!(gap.status, 303);
    let held = server.fill("/staff/register/new", "", &member("2", "Second Friends")).await;
    assert!(held.status == 422 && held.text().contains("noted as not issued"), "{}", held.text());
    let higher = server.fill("/staff/register/new", "", &member("44", "Later Friends")).await;
    assert_eq!(higher.status, 303);
    let text = server.get("/staff/register").await.text();
    assert!(text.contains("2 Number not issued — The list jumped.") && text.contains("the next one is 45"), "{text}");
    assert_eq!(server.fill("/staff/register", "unissued/2/removal", &[]).await.status, 303);
    assert_eq!(server.fill("/staff/register/new", "", &member("2", "Second Friends")).await.status, 303);
    server.sign_in(Role::ReadOnly).await;
    assert_eq!(server.get("/staff/register").await.status, 200);
    assert_eq!(server.get("/staff/register/new").await.status, 403);
}
