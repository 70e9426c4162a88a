//! A new installation, set up in the app from nothing until organizations can apply and donors can give.
use crate::server::Server;
use convener::{
    audit,
    gifts::{self, Campaign, Fund},
    kernel::{Cents, Coalition},
    members,
    staff::Role,
};

const CATEGORIES: &str = "/staff/settings/categories";
const COMMITMENT: &str = "/staff/settings/commitment";

/// The audit's actions on records of a kind, the newest first.
async fn acts(server: &Server, kind: &str) -> Vec<String> {
    let mut tx = server.app.db.read().await.unwrap();
    let events = audit::latest(&mut tx, None, 200).await.unwrap();
    events.into_iter().filter(|event| event.record_kind == kind).map(|event| event.action).collect()
}

/// The row of a table that begins with a name: what its links and forms lead to.
fn row(page: &crate::server::Answer, name: &str) -> (Vec<String>, Vec<String>) {
    let html = page.html();
    let select = |s: &str| scraper::Selector::parse(s).unwrap();
    let (rows, heads, links, forms) = (select("tbody tr"), select("th"), select("a"), select("form"));
    let row = html
        .select(&rows)
        .find(|row| row.select(&heads).any(|th| th.text().collect::<String>().trim().starts_with(name)))
        .unwrap_or_else(|| panic!("{name} has no row: {}", page.text()));
    let attrs = |s: &scraper::Selector, name: &str| row.select(s).map(|e| e.attr(name).unwrap().to_owned()).collect();
    (attrs(&links, "href"), attrs(&forms, "action"))
}

/// Sends the form below the list, whose rows have forms too.
async fn name_category(server: &Server, name: &str) -> crate::server::Answer {
    let csrf = server.get(CATEGORIES).await.attr("input[name=csrf]", "value").unwrap();
    server.post(CATEGORIES, &[("csrf", &csrf), ("name", name)]).await
}

async fn add_category(server: &Server, name: &str) {
    let added = name_category(server, name).await;
    assert_eq!((added.status, added.location()), (303, CATEGORIES), "{}", added.text());
}

#[tokio::test]
async fn an_administrator_is_led_from_an_empty_installation_to_the_first_application() {
    let mut server = Server::start().await;
    server.app.coalition.set(Coalition::default());
    let closed = server.get("/join").await;
    assert!(closed.text().contains("Applications are not open yet."), "{}", closed.text());
    assert!(closed.all("form[method=post]").is_empty(), "nobody can begin");

    server.sign_in(Role::Administrator).await;
    let home = server.get("/staff").await;
    let items = home.all("ul.attention > li");
    assert_eq!(items.len(), 5, "{items:?}");
    for (n, what) in ["no name", "No legal entity", "No category", "No commitment text", "No day of review"].iter().enumerate() {
        assert!(items[n].contains(what), "{items:?}");
    }
    let links: Vec<_> = home
        .html()
        .select(&scraper::Selector::parse("ul.attention a").unwrap())
        .map(|a| a.attr("href").unwrap().to_owned())
        .collect();
    for link in &links {
        assert_eq!(server.get(link).await.status, 200, "{link}");
    }
    server.fill(&links[0], "", &[("name", "Friends of Peace"), ("short_name", "FoP"), ("contact_email", "us@fop.org")]).await;
    assert!(server.get("/join").await.text().contains("write to us@fop.org"));
    let entity = [
        ("from_day", "2026-01-01"),
        ("name", "Friends Inc"),
        ("ein", "12-3456789"),
        ("address", "1 Way"),
        ("signatory", "A, Chair"),
        ("deductible", "yes"),
    ];
    assert_eq!(server.fill(&links[1], "", &entity).await.status, 303);
    add_category(&server, "Human rights").await;
    assert!(server.get("/join").await.text().contains("not open yet"), "the text is missing");
    let written = server.fill(COMMITMENT, COMMITMENT, &[("body", "We share the purpose."), ("in_force", "2026-10-01")]).await;
    assert_eq!(written.status, 303, "{}", written.text());
    assert!(server.get("/join").await.text().contains("They open on 1 October 2026"));
    server.fill(COMMITMENT, COMMITMENT, &[("body", "We share the purpose."), ("in_force", "2026-09-21")]).await;
    assert!(!server.get("/join").await.text().contains("not open yet"));
    server.fill(&links[4], "", &[("on", "2026-12-01")]).await;
    let home = server.get("/staff").await;
    assert!(home.all("ul.attention > li").is_empty() && home.text().contains("Nothing waits for you"), "{}", home.text());
    let begun = server.fill("/join", "/join", &[("email", "ida@example.org")]).await;
    assert_eq!(begun.status, 303);

    server.app.clock.advance(100 * 86_400);
    server.sign_in(Role::Administrator).await;
    let items = server.get("/staff").await.all("ul.attention > li");
    assert!(items.len() == 1 && items[0].contains("No day of review is ahead"), "the next year is asked for: {items:?}");
    let overview = server.get("/staff/settings").await;
    for path in overview.html().select(&scraper::Selector::parse("ul.cards a").unwrap()) {
        let path = path.attr("href").unwrap();
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    server.sign_in(Role::Membership).await;
    assert!(!server.get("/staff").await.text().contains("No day of review"), "it is the administrator’s to do");
    for path in [CATEGORIES, COMMITMENT] {
        assert_eq!(server.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_form_left_open_begins_nothing_while_applications_are_closed() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    add_category(&server, "Human rights").await;
    server.fill(COMMITMENT, COMMITMENT, &[("body", "We share it."), ("in_force", "2026-09-21")]).await;
    let (_, values) = server.get("/join").await.form("/join", "/join", &[("email", "ida@example.org")]);
    let category = server.get(CATEGORIES).await;
    let edit = row(&category, "Human rights").0.into_iter().find(|href| href.starts_with(CATEGORIES)).unwrap();
    let removed = server.fill(&format!("{edit}/removal"), "removal", &[]).await;
    assert_eq!(removed.status, 303, "{}", removed.text());
    let refused = server.http.post(server.absolute("/join")).form(&values).send().await.unwrap();
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("not open yet"));
}

#[tokio::test]
async fn categories_are_added_renamed_ordered_and_removed_while_nothing_names_them() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    assert!(server.get(CATEGORIES).await.text().contains("No category is set yet"));
    for name in ["Human rights", "Others", "Bar associations"] {
        add_category(&server, name).await;
    }
    let names = async || server.get(CATEGORIES).await.all("tbody th");
    assert_eq!(names().await, ["Human rights", "Others", "Bar associations"]);
    for (typed, said) in [(" ", "Enter a name"), ("HUMAN  rights", "there is a category Human rights already")] {
        let wrong = name_category(&server, typed).await;
        assert!(wrong.status == 422 && wrong.text().contains(said), "{typed}: {}", wrong.text());
    }

    let (_, forms) = row(&server.get(CATEGORIES).await, "Bar");
    for expected in [["Human rights", "Bar associations", "Others"], ["Bar associations", "Human rights", "Others"]] {
        assert_eq!(server.fill(CATEGORIES, &forms[0], &[("to", "up")]).await.status, 303);
        assert_eq!(names().await, expected);
    }
    server.fill(CATEGORIES, &forms[0], &[("to", "up")]).await;
    assert_eq!(names().await, ["Bar associations", "Human rights", "Others"], "the first stays first");
    let (_, forms) = row(&server.get(CATEGORIES).await, "Human");
    server.fill(CATEGORIES, &forms[0], &[("to", "down")]).await;
    assert_eq!(names().await, ["Bar associations", "Others", "Human rights"]);

    let edit = |page: &crate::server::Answer, name: &str| {
        row(page, name).0.into_iter().find(|href| href.starts_with(CATEGORIES)).unwrap()
    };
    let page = server.get(CATEGORIES).await;
    let (bar, others) = (edit(&page, "Bar"), edit(&page, "Others"));
    let taken = server.fill(&bar, &bar, &[("name", "others")]).await;
    assert!(taken.status == 422 && taken.attr("#name", "value").as_deref() == Some("others"), "{}", taken.text());
    assert_eq!(server.fill(&bar, &bar, &[("name", "Lawyers")]).await.status, 303);
    add_category(&server, "Bar associations").await;
    assert_eq!(names().await, ["Lawyers", "Others", "Human rights", "Bar associations"], "the old name is free again");

    let mut tx = server.app.db.write().await.unwrap();
    let (now, today) = (server.app.clock.now(), "2026-09-21".parse().unwrap());
    let lawyers = members::categories(&mut tx).await.unwrap().remove(0);
    assert_eq!(lawyers.slug, "bar-associations", "links to its list stay good");
    let admission = members::Admission {
        name: "Watchers".into(),
        track: members::Track::Member,
        category_id: lawyers.id,
        city: "Duluth".into(),
        state_code: "MN".into(),
        website: None,
        founded: None,
        mission: String::new(),
        contacts: Vec::new(),
    };
    members::admit(&mut tx, &admission, today, now).await.unwrap();
    tx.commit().await.unwrap();
    let (links, _) = row(&server.get(CATEGORIES).await, "Lawyers");
    assert_eq!(server.get(&links[0]).await.all("tbody th"), ["Watchers"], "the number opens to its rows");
    let used = server.get(&bar).await;
    assert!(used.text().contains("can’t be removed: 1 organization names it"), "{}", used.text());
    assert_eq!(server.get(&format!("{bar}/removal")).await.status, 409);
    let free = server.get(&format!("{others}/removal")).await;
    let (target, values) = free.form("", "removal", &[]);
    let forced = server.http.post(server.absolute(&target.replace(&others, &bar))).form(&values).send().await.unwrap();
    assert_eq!(forced.status(), 409, "not even without the page");
    assert_eq!(server.fill(&format!("{others}/removal"), "removal", &[]).await.status, 303);
    assert_eq!(names().await, ["Lawyers", "Human rights", "Bar associations"]);
    let told = acts(&server, "category").await;
    assert_eq!(told, ["remove", "add", "rename", "move", "move", "move", "add", "add", "add"]);
}

#[tokio::test]
async fn a_text_that_was_in_force_stays_and_a_new_version_follows_it() {
    let mut server = Server::start().await;
    server.sign_in(Role::Administrator).await;
    add_category(&server, "Others").await;
    let write = async |body: &str, day: &str| server.fill(COMMITMENT, COMMITMENT, &[("body", body), ("in_force", day)]).await;
    let states = async || server.get(COMMITMENT).await.all("tbody tr");
    let past = write("First words.", "2026-09-20").await;
    assert!(past.status == 422 && past.text().contains("today or a later day"), "{}", past.text());
    assert_eq!(past.all("textarea"), ["First words."], "what was typed stays");
    assert_eq!(write("First words.", "2026-09-21").await.status, 303);
    assert_eq!(server.get(COMMITMENT).await.all("textarea"), ["First words."], "the next version begins with these words");
    let same = write("First words.", "2026-10-01").await;
    assert!(same.status == 422 && same.text().contains("version 1 has these words already"), "{}", same.text());
    assert_eq!(write("Second words.", "2026-10-01").await.status, 303);
    assert_eq!(
        states().await,
        ["Version 2 1 October 2026 To come 0 applications", "Version 1 21 September 2026 In force 0 applications"]
    );
    assert!(server.get(&format!("{COMMITMENT}/1")).await.all("form[action*=removal]").is_empty());
    let forged = server.get(&format!("{COMMITMENT}/2")).await.form("", "removal", &[]).1;
    let kept = server.http.post(server.absolute(&format!("{COMMITMENT}/1/removal"))).form(&forged).send().await.unwrap();
    assert_eq!(kept.status(), 409, "what is in force stays");
    assert_eq!(server.fill(&format!("{COMMITMENT}/2"), "removal", &[]).await.status, 303);
    write("Better second words.", "2026-10-01").await;
    assert_eq!(states().await.len(), 2);
    assert_eq!(acts(&server, "commitment_text").await, ["add", "take back", "add", "add"]);

    // Somebody reads the first version; the second comes into force before they send.
    let begun = server.fill("/join", "/join", &[("email", "ida@example.org")]).await;
    let at = begun.location().strip_suffix("/track").unwrap().to_owned();
    let answers = [("accepted", "yes"), ("kind", "letter"), ("signatory", "I"), ("signatory_title", "P"), ("day", "2026-09-01")];
    let step = format!("{at}/commitment");
    let (target, read_first) = server.get(&step).await.form(&step, "commitment", &answers);
    assert_eq!(server.http.post(server.absolute(&target)).form(&read_first).send().await.unwrap().status(), 303);
    assert!(states().await[1].ends_with("In force 1 application"));
    server.app.clock.advance(12 * 86_400);
    server.sign_in(Role::Administrator).await;
    let late = server.get(&step).await;
    assert!(late.text().contains("Better second words.") && late.attr("#accepted", "checked").is_none(), "{}", late.text());
    let (_, mut stale) = late.form(&step, "commitment", &answers);
    stale.iter_mut().find(|(name, _)| name == "version").unwrap().1 = "1".into();
    let refused = server.http.post(server.absolute(&target)).form(&stale).send().await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("tick the box again"));
    let check = server.fill(&format!("{at}/check"), "check", &[]).await;
    assert!(check.text().contains("its text is a new one since 1 October 2026"), "{}", check.text());
    assert_eq!(server.fill(&step, "commitment", &answers).await.status, 303);
    let check = server.fill(&format!("{at}/check"), "check", &[]).await;
    assert!(!check.text().contains("Read the commitment again"), "{}", check.text());
}

async fn funds(server: &Server) -> Vec<Fund> {
    gifts::funds(&mut server.app.db.read().await.unwrap(), false).await.unwrap()
}

#[tokio::test]
async fn development_staff_keep_the_funds_that_donors_see() {
    let mut server = Server::start().await;
    server.sign_in(Role::ReadOnly).await;
    let list = server.get("/staff/funds").await;
    assert!(list.status == 200 && list.all("form[method=post]").is_empty() && list.attr("a[href$=new]", "href").is_none());
    for path in ["/staff/funds/new", "/staff/campaigns/new"] {
        assert_eq!(server.get(path).await.status, 403, "{path}");
    }
    server.sign_in(Role::Development).await;
    let new = "/staff/funds/new";
    for (fields, said) in [
        ([("name", ""), ("restriction", "purpose")], "Enter a name"),
        ([("name", "WHERE it is needed most"), ("restriction", "none")], "there is a fund Where it is needed most already"),
        ([("name", "X"), ("restriction", "all")], "is not one of the answers"),
    ] {
        let wrong = server.fill(new, new, &fields).await;
        assert!(wrong.status == 422 && wrong.text().contains(said), "{said}: {}", wrong.text());
    }
    let fields = [("name", "Student fellows"), ("description", "Papers and internships."), ("restriction", "purpose")];
    assert_eq!(server.fill(new, new, &fields).await.status, 303);
    let donate = server.get("/donate").await;
    assert!(donate.text().contains("Papers and internships."), "donors see it at once: {}", donate.text());
    let order = async || funds(&server).await.into_iter().map(|fund| fund.name).collect::<Vec<_>>();
    assert_eq!(order().await, ["Where it is needed most", "Student fellows"]);
    let list = server.get("/staff/funds").await;
    assert!(list.text().contains("/donate?fund=student-fellows"), "{}", list.text());
    let (links, forms) = row(&list, "Student fellows");
    server.fill("/staff/funds", &forms[0], &[("to", "up")]).await;
    assert_eq!(order().await, ["Student fellows", "Where it is needed most"]);
    assert_eq!(server.get("/donate").await.attr("input[name=fund][checked]", "value").as_deref(), Some("student-fellows"));

    let edit = &links[0];
    let changed = server.fill(edit, edit, &[("name", "Fellows"), ("restriction", "permanent"), ("open", "")]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    let fund = funds(&server).await.remove(0);
    assert_eq!((fund.slug.as_str(), fund.name.as_str(), fund.open), ("student-fellows", "Fellows", false));
    assert!(!server.get("/donate").await.text().contains("Fellows"));
    let general = funds(&server).await.remove(1);
    let edit = format!("/staff/funds/{}", general.id);
    let refused = server.fill(&edit, &edit, &[("open", "")]).await;
    assert!(refused.status == 422 && refused.text().contains("Keep this one open"), "{}", refused.text());
    assert_eq!(acts(&server, "fund").await, ["change", "move", "add"]);
    let audited = format!("/staff/funds/{}", fund.id);
    assert_eq!(server.get(&audited).await.status, 200, "the audit’s link opens");
}

async fn campaigns(server: &Server) -> Vec<Campaign> {
    gifts::campaigns(&mut server.app.db.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_campaign_has_a_link_a_goal_and_its_days() {
    let mut server = Server::start().await;
    server.sign_in(Role::Development).await;
    assert!(server.get("/staff/campaigns").await.text().contains("None is set yet"));
    let new = "/staff/campaigns/new";
    let wrong = server
        .fill(
            new,
            new,
            &[("name", "A"), ("slug", "Year End!"), ("goal", "lots"), ("starts_on", "2026-12-31"), ("ends_on", "2026-11-01")],
        )
        .await;
    assert_eq!((wrong.status, wrong.all(".error-summary li").len()), (422, 3), "{}", wrong.text());
    assert_eq!(wrong.attr("#goal", "value").as_deref(), Some("lots"));
    let fields =
        [("name", "Year-end appeal 2026"), ("goal", "$2,500,000"), ("starts_on", "2026-11-01"), ("ends_on", "2026-12-31")];
    let added = server.fill(new, new, &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let campaign = campaigns(&server).await.remove(0);
    assert_eq!((campaign.slug.as_str(), campaign.goal), ("year-end-appeal-2026", Some(Cents::new(250_000_000))));
    let page = server.get(added.location()).await;
    assert!(page.text().contains("/donate?campaign=year-end-appeal-2026") && page.text().contains("$0.00 by 0 gifts, 0% of"));
    assert!(server.get("/staff/campaigns").await.text().contains("To come"));
    let twice = server.fill(new, new, &fields).await;
    assert!(twice.status == 422 && twice.text().contains("Enter another name"), "{}", twice.text());

    let edit = format!("{}/facts", added.location());
    let changed = server.fill(&edit, "facts", &[("slug", "year-end"), ("goal", ""), ("starts_on", "2026-09-01")]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    let campaign = campaigns(&server).await.remove(0);
    assert_eq!((campaign.slug.as_str(), campaign.goal), ("year-end", None));
    let list = server.get("/staff/campaigns").await;
    assert!(list.text().contains("Running"), "{}", list.text());
    assert_eq!(server.get("/staff/gifts?campaign=year-end").await.status, 200);
    assert_eq!(acts(&server, "campaign").await, ["change", "add"]);
}
