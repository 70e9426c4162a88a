//! Alliances: their way, their people, who may open what, how they are, and what visitors ask.
use crate::server::{Answer, Server};
use convener::{
    alliances::{
        self, Activity, ActivityId, ActivityKind, Alliance, AllianceId, AllianceState, Grain, Part, RosterEntry, RosterId,
        RosterKind, StepKind, Term, TermId, pipeline::CHECKLIST,
    },
    audit,
    kernel::Day,
    mail,
    members::{self, Admission, Category, CategoryId, OrganizationId, PastOrganization, Track},
    staff::{self, Role, StaffId},
};

const LEADER: &str = "ellen@example.org";

fn today(server: &Server) -> Day {
    server.app.coalition.get().zone().day(server.app.clock.now())
}

async fn organizations(server: &Server) -> [OrganizationId; 2] {
    let mut tx = server.app.db.write().await.unwrap();
    let kind = Category { id: CategoryId::from_u128(1), slug: "a".into(), name: "A".into(), position: 1 };
    members::insert_category(&mut tx, &kind).await.unwrap();
    let past = |number, name: &str| PastOrganization {
        id: OrganizationId::new(),
        admission_number: Some(number),
        admitted_on: "2012-05-01".parse().unwrap(),
        admission: Admission {
            name: name.into(),
            track: Track::Member,
            category_id: kind.id,
            city: "Saint Paul".into(),
            state_code: "MN".into(),
            website: None,
            founded: None,
            mission: String::new(),
            contacts: Vec::new(),
        },
    };
    let all = [past(38, "World Without Genocide"), past(39, "International Justice Project")];
    members::insert_history(&mut tx, &all, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    [all[0].id, all[1].id]
}

fn term(of: AllianceId, name: &str, email: &str, from: Day) -> Term {
    Term {
        id: TermId::new(),
        alliance_id: of,
        part: Part::Leader,
        name: name.into(),
        title: "Executive Director".into(),
        email: email.parse().ok(),
        founder: false,
        from_day: from,
        to_day: None,
        staff_id: None,
    }
}

/// A launched alliance in good health, with a leader who has an account and a deputy.
pub(crate) async fn launched(server: &Server, name: &str, leader: &str, host: OrganizationId) -> (AllianceId, StaffId) {
    let (now, today) = (server.app.clock.now(), today(server));
    let mut tx = server.app.db.write().await.unwrap();
    let alliance = Alliance {
        id: AllianceId::new(),
        slug: convener::kernel::text::slug(name),
        name: name.into(),
        summary: "Near the river.".into(),
        state: AllianceState::Prospective,
        fund_slug: None,
        created_at: now,
    };
    let id = alliance.id;
    assert!(alliances::insert(&mut tx, &alliance).await.unwrap());
    alliances::add_territory(&mut tx, id, Grain::City, "Saint Paul", Some("MN")).await.unwrap();
    alliances::set_host(&mut tx, id, host, today.plus_days(-300)).await.unwrap();
    let account =
        staff::leaders::create(&mut tx, &leader.parse().unwrap(), "Ellen Kennedy", "no hash", now).await.unwrap().unwrap();
    let first = term(id, "Ellen Kennedy", leader, today.plus_days(-300));
    alliances::add_term(&mut tx, &Term { staff_id: Some(account), founder: true, ..first }).await.unwrap();
    let deputy = term(id, "A Deputy", "deputy@example.org", today.plus_days(-100));
    alliances::add_term(&mut tx, &Term { part: Part::Deputy, ..deputy }).await.unwrap();
    for kind in CHECKLIST {
        alliances::take_step(&mut tx, id, *kind, today.plus_days(-200), "", "A test", now).await.unwrap();
    }
    for (n, email) in ["one@example.org", "two@example.org", "one@example.org", "no address"].into_iter().enumerate() {
        let entry = RosterEntry {
            id: RosterId::new(),
            alliance_id: id,
            kind: RosterKind::Organization,
            name: format!("Local group {n}"),
            email: email.parse().ok(),
            note: String::new(),
            organization_id: None,
            from_day: today.plus_days(-90),
            to_day: None,
        };
        alliances::add_roster(&mut tx, &entry).await.unwrap();
    }
    let activity = Activity {
        id: ActivityId::new(),
        alliance_id: id,
        kind: ActivityKind::Meeting,
        title: "Spring meeting".into(),
        on_day: today.plus_days(-10),
        place: "Saint Paul".into(),
        attendance: Some(24),
        notes: "Between us.".into(),
        shown: true,
        recorded_by: "A test".into(),
    };
    alliances::add_activity(&mut tx, &activity, now).await.unwrap();
    alliances::add_contact(&mut tx, id, today.plus_days(-10), "Called", "A test", now).await.unwrap();
    tx.commit().await.unwrap();
    (id, account)
}

/// Lets this server's client be the one who holds an account.
pub(crate) async fn be(server: &mut Server, account: StaffId) {
    let mut tx = server.app.db.write().await.unwrap();
    let token = staff::open_session(&mut tx, account, "a test", server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let jar = reqwest::cookie::Jar::default();
    jar.add_cookie_str(&format!("convener_session={}", token.as_str()), &server.url.parse().unwrap());
    server.http =
        reqwest::Client::builder().cookie_provider(jar.into()).redirect(reqwest::redirect::Policy::none()).build().unwrap();
}

async fn written(server: &Server, record: (&str, &str)) -> Vec<String> {
    let mut tx = server.app.db.read().await.unwrap();
    audit::of_record(&mut tx, record).await.unwrap().into_iter().map(|event| event.action).collect()
}

async fn letters(server: &Server, to: &str) -> Vec<(String, String)> {
    let mut tx = server.app.db.read().await.unwrap();
    let mut all = Vec::new();
    for summary in mail::to_address(&mut tx, &to.parse().unwrap(), 50).await.unwrap() {
        let message = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap();
        all.push((message.subject, message.body_text));
    }
    all
}

async fn health(server: &Server, id: AllianceId) -> Vec<String> {
    let day = today(server);
    let of = alliances::overview(&mut server.app.db.read().await.unwrap(), id, day).await.unwrap().unwrap();
    alliances::health::warnings(&of, day).into_iter().map(|w| w.words).collect()
}

fn wrong(answer: &Answer) -> String {
    assert_eq!(answer.status, 422, "{}", answer.text());
    answer.all(".error-summary li").join(" | ")
}

#[tokio::test]
async fn an_alliance_is_begun_led_hosted_visited_and_launched_one_step_after_the_other() {
    let mut server = Server::start().await;
    organizations(&server).await;
    server.sign_in(Role::Membership).await;
    let empty = server.get("/staff/alliances").await;
    assert!(empty.text().contains("No alliance yet. Each will stand here"), "{}", empty.text());

    let refused = server
        .fill("/staff/alliances/new", "new", &[("name", ""), ("grain", "city"), ("place", "Saint Paul"), ("summary", "Kept")])
        .await;
    assert_eq!(wrong(&refused), "Write the alliance’s name | Choose the state");
    assert_eq!(refused.all("textarea"), ["Kept"]);
    let facts =
        [("name", "Twin Cities"), ("grain", "city"), ("place", "Saint Paul"), ("state", "MN"), ("summary", "By the river.")];
    let begun = server.fill("/staff/alliances/new", "new", &facts).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let base = begun.location().to_owned();
    let page = server.get(&base).await;
    assert!(page.text().contains("Prospective") && page.text().contains("Nobody leads it."), "{}", page.text());
    assert!(page.text().contains("Saint Paul, Minnesota"));

    let step = async |kind: &str, on: &str| {
        server.fill(&format!("{base}/steps"), "steps", &[("kind", kind), ("on", on), ("note", "n")]).await
    };
    assert!(wrong(&step("leader_found", "2026-09-01").await).contains("Name the leader first"));
    assert!(wrong(&step("launch", "2026-09-01").await).contains("“Launch” can’t come now. The next step is: leader found"));
    let leader = [("name", "Ellen Kennedy"), ("email", LEADER), ("from", "2026-01-10"), ("founder", "yes")];
    assert_eq!(server.fill(&format!("{base}/terms/new"), "terms", &leader).await.status, 303);
    assert!(wrong(&step("leader_found", "2026-12-01").await).contains("lie ahead"));
    assert_eq!(step("leader_found", "2026-02-01").await.status, 303);
    assert!(wrong(&step("host_confirmed", "2026-02-02").await).contains("Name the host organization first"));
    let host =
        async |name: &str| server.fill(&format!("{base}/host"), "host", &[("organization", name), ("from", "2026-02-01")]).await;
    assert!(wrong(&host("Nobody at all").await).contains("No organization of the roll is called “Nobody at all”"));
    assert_eq!(host("38").await.status, 303);
    assert!(wrong(&host("World Without").await).contains("is the host organization already"));
    for (kind, on, state) in [
        ("host_confirmed", "2026-02-03", "Hosted"),
        ("visit", "2026-03-01", "Visited"),
        ("first_meeting", "2026-03-02", "Organizing"),
        ("launch", "2026-05-01", "Active"),
    ] {
        assert_eq!(step(kind, on).await.status, 303, "{kind}");
        assert_eq!(server.get(&base).await.all(".org-head .badge")[0], state);
    }
    assert!(wrong(&step("dormant", "2026-04-01").await).contains("can’t be before it"));
    assert_eq!(server.fill(&base, "undo", &[]).await.status, 303);
    assert_eq!(server.get(&base).await.all(".org-head .badge")[0], "Organizing", "taking the last step back is possible");
    assert_eq!(step("launch", "2026-05-02").await.status, 303);
    let id = base.rsplit('/').next().unwrap();
    let done = written(&server, ("alliance", id)).await;
    for action in ["begin", "begin_term", "name_host", "take_step", "take_step_back"] {
        assert!(done.iter().any(|a| a == action), "{action}: {done:?}");
    }
    let public = server.get("/alliances/twin-cities").await;
    assert!(public.text().contains("2 May 2026") && public.text().contains("Ellen Kennedy"), "{}", public.text());
    assert_eq!(public.attr("dl.facts a", "href").as_deref(), Some("/members/38-world-without-genocide"));
}

#[tokio::test]
async fn terms_of_one_person_never_overlap() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, _) = launched(&server, "Twin Cities", LEADER, host).await;
    server.sign_in(Role::Membership).await;
    let begin = async |name: &str, email: &str, from: &str, to: &str| {
        server
            .fill(
                &format!("/staff/alliances/{id}/terms/new"),
                "terms",
                &[("name", name), ("email", email), ("from", from), ("to", to)],
            )
            .await
    };
    let again = begin("E. Kennedy", LEADER, "2026-09-01", "").await;
    assert!(
        wrong(&again).contains("Ellen Kennedy has a term as leader from 25 November 2025 without an end"),
        "{}",
        wrong(&again)
    );
    assert_eq!(again.attr("#name", "value").as_deref(), Some("E. Kennedy"));
    assert_eq!(
        begin("Ellen Kennedy", LEADER, "2024-01-01", "2025-11-25").await.status,
        303,
        "one may follow the other on the same day"
    );
    assert!(wrong(&begin("Ellen Kennedy", "", "2025-01-01", "2025-06-01").await).contains("would overlap"));
    assert!(wrong(&begin("Bo", "", "2025-05-01", "2025-01-01").await).contains("A term ends after it began"));
    assert_eq!(begin("Bo", "", "2025-05-01", "").await.status, 303, "another person may lead beside");
}

/// What one visitor gets from one page.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Gets {
    Page,
    /// 403 with a sentence.
    Refused,
    Nothing,
    SignIn,
    /// Led to their own first page.
    Led,
}

fn gets(answer: &Answer) -> Gets {
    match answer.status {
        200 => Gets::Page,
        403 => {
            assert!(answer.text().contains("Only "), "{}", answer.text());
            Gets::Refused
        }
        404 => Gets::Nothing,
        303 if answer.location().starts_with("/staff/sign-in") => Gets::SignIn,
        303 => Gets::Led,
        other => panic!("{other}: {}", answer.text()),
    }
}

#[tokio::test]
async fn each_page_is_open_to_exactly_those_it_is_for() {
    use Gets::{Led, Nothing, Page, Refused, SignIn};
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    let (_, other) = launched(&server, "Elsewhere", "other@example.org", host).await;
    let readonly = server.sign_in(Role::ReadOnly).await.id;
    let membership = server.sign_in(Role::Membership).await.id;
    let first = |of: &Answer, start: &str| {
        of.attr(&format!("a[href*='{start}']"), "href").unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let activity = first(&server.get(&format!("/staff/alliances/{id}/activities")).await, "/activities/");
    let entry = first(&server.get(&format!("/staff/alliances/{id}/roster")).await, "/roster/");
    let staff_reads = [Nothing, Nothing, Page, Page, SignIn];
    let staff_keeps = [Nothing, Nothing, Refused, Page, SignIn];
    let leader_reads = [Page, Nothing, Nothing, Nothing, SignIn];
    let s = format!("/staff/alliances/{id}");
    let l = format!("/leader/{id}");
    let mut table: Vec<(String, [Gets; 5])> = vec![
        ("/staff/alliances".into(), staff_reads),
        ("/staff/alliances.csv".into(), staff_reads),
        ("/staff/alliances/requests".into(), staff_reads),
        ("/staff/alliances/new".into(), staff_keeps),
        (s.clone(), staff_reads),
        (format!("{s}/fund"), staff_reads),
        ("/leader".into(), [Led, Led, Nothing, Nothing, SignIn]),
        (l.clone(), leader_reads),
        ("/staff/me".into(), [Page, Page, Page, Page, SignIn]),
    ];
    for below in ["facts", "territory", "host", "terms/new", "steps", "files", "succession"] {
        table.push((format!("{s}/{below}"), staff_keeps));
    }
    for below in ["roster", "roster.csv", "activities", "messages", "requests"] {
        table.push((format!("{s}/{below}"), staff_reads));
        table.push((format!("{l}/{below}"), leader_reads));
    }
    for below in [format!("activities/{activity}"), format!("roster/{entry}")] {
        table.push((format!("{s}/{below}"), staff_keeps));
        table.push((format!("{l}/{below}"), leader_reads));
    }
    for all_staff in [
        "/staff",
        "/staff/applications",
        "/staff/organizations",
        "/staff/gifts",
        "/staff/recurring",
        "/staff/donors",
        "/staff/news",
        "/staff/mail",
        "/staff/events",
        "/staff/jobs",
        "/staff/organizations.csv",
        "/staff/gifts.csv",
    ] {
        table.push((all_staff.into(), staff_reads));
    }
    for administrators in
        ["/staff/people", "/staff/people/invite", "/staff/audit", "/staff/settings", "/staff/settings/coalition"]
    {
        table.push((administrators.into(), [Nothing, Nothing, Refused, Refused, SignIn]));
    }
    let callers = [Some(ellen), Some(other), Some(readonly), Some(membership), None];
    for (n, caller) in callers.into_iter().enumerate() {
        match caller {
            Some(account) => be(&mut server, account).await,
            None => server.http = Server::visitor(),
        }
        let mut refused = 0;
        for (path, expected) in &table {
            let answer = server.get(path).await;
            assert_eq!(gets(&answer), expected[n], "{path} for caller {n}");
            refused += usize::from(n < 2 && expected[n] == Nothing);
        }
        if let Some(account) = caller.filter(|_| n < 2) {
            let attempts = written(&server, ("staff_user", &account.to_string())).await;
            assert_eq!(
                attempts.iter().filter(|a| *a == "refused_page").count(),
                refused,
                "each attempt of caller {n} is written down"
            );
        }
    }
}

#[tokio::test]
async fn what_a_leader_sends_reaches_the_own_alliance_and_no_other() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    let (elsewhere, _) = launched(&server, "Elsewhere", "other@example.org", host).await;
    be(&mut server, ellen).await;
    let home = server.get(&format!("/leader/{id}")).await;
    assert_eq!(home.all("#menu li a"), ["Your alliance", "Your account"], "the ways of staff are not shown");
    let token = server.get(&format!("/leader/{id}/roster")).await.attr("input[name=csrf]", "value").unwrap();
    for path in [
        format!("/leader/{elsewhere}/roster"),
        format!("/leader/{elsewhere}/activities"),
        format!("/leader/{elsewhere}/messages"),
        format!("/staff/alliances/{id}/roster"),
        format!("/staff/alliances/{id}/steps"),
        format!("/staff/alliances/{id}/terms/new"),
        format!("/staff/alliances/{id}/succession"),
        "/staff/alliances/new".into(),
        "/staff/people/invite".into(),
    ] {
        let sent = server
            .post(
                &path,
                &[
                    ("csrf", &token),
                    ("name", "X"),
                    ("kind", "person"),
                    ("title", "X"),
                    ("from", "2026-09-01"),
                    ("on", "2026-09-01"),
                ],
            )
            .await;
        assert_eq!(sent.status, 404, "{path}");
    }
    let attempts = written(&server, ("staff_user", &ellen.to_string())).await;
    assert_eq!(attempts.iter().filter(|a| *a == "refused_page").count(), 9);
    assert!(written(&server, ("alliance", &elsewhere.to_string())).await.is_empty());

    // An entry and an activity of another alliance are not reached by way of the own one.
    let theirs = {
        server.sign_in(Role::Membership).await;
        let page = server.get(&format!("/staff/alliances/{elsewhere}/activities")).await;
        page.attr("a[href*='/activities/']", "href").unwrap().rsplit('/').next().unwrap().to_owned()
    };
    be(&mut server, ellen).await;
    assert_eq!(server.get(&format!("/leader/{id}/activities/{theirs}")).await.status, 404);

    let add = async |name, member| {
        let path = format!("/leader/{id}/roster");
        let token = server.get(&path).await.attr("input[name=csrf]", "value").unwrap();
        let email = "amina@example.org";
        let fields =
            [("csrf", &*token), ("kind", "person"), ("name", name), ("email", email), ("member", member), ("from", "2026-09-01")];
        server.post(&path, &fields).await
    };
    let added = add("Amina", "39").await;
    assert_eq!(added.status, 303, "{}", added.text());
    assert!(wrong(&add("Bo", "No such member").await).contains("No organization of the roll is called"));
    let again = add("amina", "").await;
    assert!(wrong(&again).contains("stands on the roster already"));
    let roster = server.get(&format!("/leader/{id}/roster")).await;
    assert!(
        roster.text().contains("5 entries today") && roster.text().contains("International Justice Project"),
        "{}",
        roster.text()
    );
    let entry = roster.attr("form[action$='/departure']", "action").unwrap();
    assert_eq!(server.fill(&format!("/leader/{id}/roster"), &entry, &[]).await.status, 303);
    assert!(server.get(&format!("/leader/{id}/roster")).await.text().contains("4 entries today"));
    let act = server
        .fill(
            &format!("/leader/{id}/activities"),
            "activities",
            &[("title", "A talk"), ("on", "2026-09-10"), ("attendance", "many")],
        )
        .await;
    assert_eq!(wrong(&act), "Write a whole number, such as 24");
    let act = server
        .fill(
            &format!("/leader/{id}/activities"),
            "activities",
            &[("title", "A talk"), ("on", "2026-09-10"), ("attendance", "1,024"), ("shown", "yes")],
        )
        .await;
    assert_eq!(act.status, 303);
    assert!(server.get("/alliances/twin-cities").await.text().contains("A talk Meeting · 1,024 people"));
    assert!(!server.get("/alliances/twin-cities").await.text().contains("Between us."), "notes are not public");
    let done = written(&server, ("alliance", &id.to_string())).await;
    assert!(done.contains(&"add_to_roster".to_owned()) && done.contains(&"record_activity".to_owned()), "{done:?}");
}

#[tokio::test]
async fn a_message_goes_once_to_each_address_after_it_was_shown() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    be(&mut server, ellen).await;
    let here = format!("/leader/{id}/messages");
    let page = server.get(&here).await;
    assert!(page.text().contains("each of the 2 addresses"), "{}", page.text());
    assert!(wrong(&server.fill(&here, "messages", &[("subject", "Hello"), ("body", " ")]).await).contains("Write the message"));
    let preview = server.fill(&here, "messages", &[("subject", "Hello"), ("body", "First.\n\nSecond.")]).await;
    assert_eq!(preview.status, 200);
    assert!(
        preview.text().contains("Send to 2 addresses") && letters(&server, "one@example.org").await.is_empty(),
        "nothing left yet"
    );
    let (target, values) = preview.form(&here, "messages", &[]);
    for _ in 0..2 {
        let sent = server.http.post(server.absolute(&target)).form(&values).send().await.unwrap();
        assert_eq!(sent.status().as_u16(), 303);
    }
    for to in ["one@example.org", "two@example.org"] {
        let got = letters(&server, to).await;
        assert_eq!(got.len(), 1, "{to}");
        assert!(got[0].1.contains("Second.") && got[0].1.contains("Ellen Kennedy, leader of Twin Cities"), "{}", got[0].1);
    }
    assert!(server.get(&here).await.text().contains("by Ellen Kennedy to 2 addresses"));
    assert_eq!(written(&server, ("alliance", &id.to_string())).await, ["write_to_roster"]);
}

#[tokio::test]
async fn handing_over_moves_the_workspace_in_one_act_and_tells_both() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    server.sign_in(Role::Membership).await;
    let here = format!("/staff/alliances/{id}/succession");
    let same = server.fill(&here, "succession", &[("name", "Ellen Kennedy"), ("email", LEADER)]).await;
    assert!(wrong(&same).contains("can’t be the successor"));
    let taken = server.fill(&here, "succession", &[("name", "M"), ("email", "membership@amicc.example")]).await;
    let (target, values) = taken.form(&here, "succession", &[]);
    let taken = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert!(wrong(&taken).contains("belongs to an account of the secretariat"), "{}", wrong(&taken));
    assert!(health(&server, id).await.is_empty(), "nothing of a refused succession stays");

    let preview = server.fill(&here, "succession", &[("name", "Jonas Lind"), ("email", "jonas@example.org")]).await;
    assert_eq!(preview.status, 200);
    let text = preview.text();
    assert!(
        text.contains("which began on 25 November 2025")
            && text.contains("Both are told by mail: ellen@example.org and jonas@example.org"),
        "{text}"
    );
    assert!(letters(&server, LEADER).await.is_empty());
    let (target, values) = preview.form(&here, "succession", &[]);
    let done = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let again = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
    assert_eq!(again.status, 422, "sent twice, it happens once");

    let page = server.get(&format!("/staff/alliances/{id}")).await.text();
    assert!(page.contains("Jonas Lind") && page.contains("25 November 2025 to 21 September 2026"), "{page}");
    assert_eq!(letters(&server, LEADER).await[0].0, "Twin Cities is in other hands");
    let jonas = letters(&server, "jonas@example.org").await;
    assert_eq!(jonas.len(), 2);
    let invitation = jonas.iter().find(|(_, text)| text.contains("/staff/invitation/")).unwrap();
    be(&mut server, ellen).await;
    assert_eq!(gets(&server.get(&format!("/leader/{id}")).await), Gets::SignIn, "the account is closed with its last term");

    server.http = Server::visitor();
    let at = invitation.1.find("/staff/invitation/").unwrap();
    let link = invitation.1[at..].split_whitespace().next().unwrap();
    let password = "a slow train to Rome";
    let chosen = server.fill(link, "", &[("password", password), ("repeated", password)]).await;
    assert_eq!((chosen.status, chosen.location()), (303, "/leader"), "{}", chosen.text());
    assert_eq!(server.get("/leader").await.location(), format!("/leader/{id}"));
    assert_eq!(server.get("/staff").await.status, 404);
    server.fill("/staff/me", "sign-out", &[]).await;
    let back = server
        .fill("/staff/sign-in?back=/staff/gifts", "sign-in", &[("email", "jonas@example.org"), ("password", password)])
        .await;
    assert_eq!((back.status, back.location()), (303, "/leader"), "a leader begins in the workspace");
}

#[tokio::test]
async fn an_account_is_opened_from_the_page_and_ends_with_the_term() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    server.sign_in(Role::Membership).await;
    let page = format!("/staff/alliances/{id}");
    let opened = server.fill(&page, "/account", &[]).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    assert!(letters(&server, "deputy@example.org").await[0].1.contains("Your role is: alliance leader."));
    server.sign_in(Role::Administrator).await;
    let role = server
        .fill("/staff/people/invite", "invite", &[("name", "X"), ("email", "x@example.org"), ("role", "alliance_leader")])
        .await;
    assert!(wrong(&role).contains("on their alliance’s page"));
    let person = server.get(&format!("/staff/people/{ellen}")).await;
    assert!(
        person.attr("form[action$='/role']", "action").is_none() && person.text().contains("Sees one alliance"),
        "{}",
        person.text()
    );

    // A term that ends by the calendar shuts the workspace that day, without anybody's doing.
    let correct = server.get(&page).await.html();
    let links = scraper::Selector::parse("a[href*='/terms/']").unwrap();
    let own = correct
        .select(&links)
        .map(|a| a.value().attr("href").unwrap().to_owned())
        .find(|h| !h.ends_with("/new") && !h.ends_with("/end"))
        .unwrap();
    assert_eq!(server.fill(&own, "terms", &[("to", "2026-09-22")]).await.status, 303);
    be(&mut server, ellen).await;
    assert_eq!(server.get(&format!("/leader/{id}")).await.status, 200);
    server.app.clock.advance(86_400);
    be(&mut server, ellen).await;
    assert_eq!(server.get(&format!("/leader/{id}")).await.status, 404);
    assert!(server.get("/leader").await.text().contains("Your term ended on 22 September 2026"));
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_said_with_the_one_step_that_helps() {
    let mut server = Server::start().await;
    let [host, other] = organizations(&server).await;
    let (id, _) = launched(&server, "Twin Cities", LEADER, host).await;
    assert_eq!(health(&server, id).await, Vec::<String>::new(), "a healthy one says nothing");
    server.sign_in(Role::Membership).await;
    let page = format!("/staff/alliances/{id}");
    assert!(server.get("/staff").await.text().contains("Nothing waits for you."));

    server.app.clock.advance(111 * 86_400);
    server.sign_in(Role::Membership).await;
    let warnings = health(&server, id).await;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Nothing was done for 121 days") && warnings[1].contains("last in touch 121 days ago"),
        "{warnings:?}"
    );
    assert_eq!(server.get(&page).await.attr(".notice a", "href"), Some(format!("{page}/activities#record")));
    let noted = server.fill(&page, "contacts", &[("note", "Called"), ("on", "2027-01-09")]).await;
    assert_eq!(noted.status, 303, "{}", noted.text());
    let recorded = server.fill(&format!("{page}/activities"), "activities", &[("title", "A talk"), ("on", "2027-01-09")]).await;
    assert_eq!(recorded.status, 303);
    assert!(health(&server, id).await.is_empty());

    let terms = server.get(&page).await.html();
    let ends = scraper::Selector::parse("a[href$='/end']").unwrap();
    let ends: Vec<_> = terms.select(&ends).map(|a| a.value().attr("href").unwrap().to_owned()).collect();
    assert_eq!(server.fill(&ends[1], "end", &[]).await.status, 303);
    assert_eq!(health(&server, id).await, ["It hangs on Ellen Kennedy, its founder: nobody else leads and there is no deputy."]);
    assert_eq!(server.get(&page).await.attr(".notice a", "href"), Some(format!("{page}/terms/new?part=deputy")));
    assert_eq!(server.fill(&ends[0], "end", &[]).await.status, 303);
    assert_eq!(server.fill(&format!("{page}/host"), "/host/end", &[]).await.status, 303);
    let warnings = health(&server, id).await;
    assert_eq!(warnings, ["Nobody leads it.", "No host organization stands behind it."]);
    assert_eq!(server.get(&ends[0]).await.status, 409, "an ended term is not ended again");
    let home = server.get("/staff").await.text();
    assert!(home.contains("1 alliance needs care, 1 of them in danger"), "{home}");
    let listed = server.get("/staff/alliances?health=bad").await;
    assert_eq!(listed.all("tbody th"), ["Twin Cities"]);
    assert!(server.get("/staff/alliances?health=good").await.text().contains("No alliance matches."));

    let mut tx = server.app.db.write().await.unwrap();
    alliances::set_host(&mut tx, id, other, today(&server)).await.unwrap();
    let soon = Term { to_day: Some(today(&server).plus_days(60)), ..term(id, "Bo", "bo@example.org", today(&server)) };
    alliances::add_term(&mut tx, &soon).await.unwrap();
    tx.commit().await.unwrap();
    let warnings = health(&server, id).await;
    assert!(warnings.len() == 1 && warnings[0].starts_with("The term of Bo ends on 11 March 2027"), "{warnings:?}");
}

#[tokio::test]
async fn the_list_is_narrowed_sorted_and_downloaded_as_it_is_shown() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    launched(&server, "Twin Cities", LEADER, host).await;
    let now = server.app.clock.now();
    let mut tx = server.app.db.write().await.unwrap();
    for (name, grain, place, code) in
        [("Big Sky", Grain::State, "Montana", Some("MT")), ("Everywhere", Grain::Country, "United States", None)]
    {
        let alliance = Alliance {
            id: AllianceId::new(),
            slug: convener::kernel::text::slug(name),
            name: name.into(),
            summary: String::new(),
            state: AllianceState::Prospective,
            fund_slug: None,
            created_at: now,
        };
        alliances::insert(&mut tx, &alliance).await.unwrap();
        alliances::add_territory(&mut tx, alliance.id, grain, place, code).await.unwrap();
    }
    tx.commit().await.unwrap();
    server.sign_in(Role::ReadOnly).await;
    for (query, names) in [
        ("", vec!["Big Sky", "Everywhere", "Twin Cities"]),
        ("?sort=-name", vec!["Twin Cities", "Everywhere", "Big Sky"]),
        ("?state=prospective", vec!["Big Sky", "Everywhere"]),
        ("?place=MN", vec!["Everywhere", "Twin Cities"]),
        ("?place=MT&state=prospective", vec!["Big Sky", "Everywhere"]),
        ("?q=KENNEDY", vec!["Twin Cities"]),
        ("?q=world+without", vec!["Twin Cities"]),
        ("?health=bad", vec!["Big Sky", "Everywhere"]),
        ("?health=good", vec!["Twin Cities"]),
        ("?sort=-health", vec!["Twin Cities", "Everywhere", "Big Sky"]),
        ("?state=nonsense&health=x", vec!["Big Sky", "Everywhere", "Twin Cities"]),
    ] {
        let page = server.get(&format!("/staff/alliances{query}")).await;
        assert_eq!(page.all("tbody th"), names, "{query}");
        let csv = server.get(&format!("/staff/alliances.csv{query}")).await;
        let rows: Vec<_> = csv.body.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(rows, names, "{query}");
    }
}

#[tokio::test]
async fn visitors_find_an_alliance_near_them_and_only_what_works_is_shown() {
    let server = Server::start().await;
    let [host, _] = organizations(&server).await;
    assert!(server.get("/alliances").await.text().contains("There is no alliance yet."));
    let (id, _) = launched(&server, "Twin Cities", LEADER, host).await;
    for near in ["55105", "551", "MN", "minnesota"] {
        let page = server.get(&format!("/alliances?near={near}")).await;
        assert_eq!(page.all(".cards h3"), ["Twin Cities"], "{near}");
    }
    let none = server.get("/alliances?near=10027").await;
    assert!(none.text().contains("There is no alliance in New York yet.") && none.all(".cards h3").is_empty());
    assert_eq!(none.attr(".empty a", "href").as_deref(), Some("/alliances/start?state=NY"));
    assert!(server.get("/alliances?near=xyz").await.text().contains("Write a state, its two letters, or a ZIP code"));
    let page = server.get("/alliances/twin-cities").await.text();
    assert!(
        page.contains("4 local organizations and people") && page.contains("Spring meeting") && !page.contains("Between us."),
        "{page}"
    );
    assert!(!page.contains("example.org"), "no address is public");
    let mut tx = server.app.db.write().await.unwrap();
    alliances::take_step(&mut tx, id, StepKind::Dormant, today(&server), "", "A test", server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(server.get("/alliances/twin-cities").await.status, 404);
    assert_eq!(server.get("/alliances/twin-cities/join").await.status, 404);
    assert!(server.get("/alliances").await.all(".cards h3").is_empty());
}

#[tokio::test]
async fn a_request_is_received_answered_once_and_a_welcome_puts_it_on_the_roster() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, ellen) = launched(&server, "Twin Cities", LEADER, host).await;
    let form = "/alliances/twin-cities/join";
    let typed =
        [("name", "Amina"), ("email", "amina@example.org"), ("city", "Minneapolis"), ("state", "MN"), ("message", "I teach.")];
    let bad = server.fill(form, "join", &[("name", "Amina"), ("email", "no"), ("message", "Kept")]).await;
    assert_eq!(wrong(&bad).split(" | ").count(), 3, "{}", wrong(&bad));
    assert_eq!(bad.all("textarea"), ["Kept"]);
    let (target, values) = server.get(form).await.form(form, "join", &typed);
    for _ in 0..2 {
        let sent = Answer::of(server.http.post(server.absolute(&target)).form(&values).send().await.unwrap()).await;
        assert_eq!((sent.status, sent.location()), (303, "/alliances/twin-cities/join/received"), "{}", sent.text());
    }
    assert!(server.get("/alliances/twin-cities/join/received").await.text().contains("What happens next"));
    let told = letters(&server, LEADER).await;
    assert_eq!(told.len(), 1, "sent twice, it is one request");
    assert!(told[0].0 == "Amina would like to join Twin Cities" && told[0].1.contains("/leader/"), "{told:?}");
    assert_eq!(letters(&server, "amina@example.org").await[0].0, "We have your request to join Twin Cities");

    let second =
        [("name", "Bo"), ("email", "bo@example.org"), ("organization", "Bo’s School"), ("city", "Edina"), ("state", "MN")];
    assert_eq!(server.fill(form, "join", &second).await.status, 303);
    be(&mut server, ellen).await;
    assert!(server.get(&format!("/leader/{id}")).await.text().contains("2 people ask to join."));
    let list = server.get(&format!("/leader/{id}/requests")).await;
    assert_eq!(list.all("tbody th").len(), 2);
    let links = scraper::Selector::parse("tbody th a").unwrap();
    let links: Vec<_> =
        list.html().select(&links).map(|a| (a.text().collect::<String>(), a.value().attr("href").unwrap().to_owned())).collect();
    let path = |name: &str| links.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert!(wrong(&server.fill(&path("Amina"), "requests", &[("answer", "")]).await).contains("Write the answer"));
    assert_eq!(
        server.fill(&path("Amina"), "requests", &[("decision", "answer"), ("answer", "Come and see us.")]).await.status,
        303
    );
    let opened = server.get(&path("Bo")).await;
    let (target, values) = opened.form(&path("Bo"), "requests", &[("decision", "welcome"), ("answer", "Welcome.")]);
    let sent: Vec<_> = [
        server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status().as_u16(),
        server.http.post(server.absolute(&target)).form(&values).send().await.unwrap().status().as_u16(),
    ]
    .into();
    assert_eq!(sent, [303, 409], "a second answer is told that there is one");
    let answered = server.get(&path("Bo")).await;
    assert!(answered.text().contains("Welcomed, on the roster") && answered.attr("form[action*=requests]", "action").is_none());
    let roster = server.get(&format!("/leader/{id}/roster")).await.text();
    assert!(roster.contains("Bo’s School") && !roster.contains("Amina") && roster.contains("5 entries today"), "{roster}");
    assert_eq!(letters(&server, "bo@example.org").await[0].0, "Welcome to Twin Cities");
}

#[tokio::test]
async fn who_would_start_an_alliance_is_answered_by_staff_and_nobody_asks_too_often() {
    let mut server = Server::start().await;
    server.app.coalition.set(convener::kernel::Coalition {
        contact_email: "office@amicc.example".into(),
        ..(*server.app.coalition.get()).clone()
    });
    let typed = [("name", "Cy"), ("email", "cy@example.org"), ("city", "Boise"), ("state", "ID"), ("message", "We are three.")];
    for _ in 0..3 {
        let sent = server.fill("/alliances/start", "start", &typed).await;
        assert_eq!((sent.status, sent.location()), (303, "/alliances/start/received"), "{}", sent.text());
    }
    assert_eq!(server.fill("/alliances/start", "start", &typed).await.status, 429, "four in an hour from one address");
    assert_eq!(letters(&server, "office@amicc.example").await.len(), 3);
    server.sign_in(Role::ReadOnly).await;
    assert!(server.get("/staff").await.text().contains("people ask to start an alliance"));
    let path = server.get("/staff/alliances/requests").await.attr("tbody th a", "href").unwrap();
    assert!(server.get(&path).await.attr("main form", "action").is_none(), "who only reads is shown no form");
    server.sign_in(Role::Membership).await;
    let page = server.get(&path).await;
    let begin = page.attr("a[href*='/staff/alliances/new?']", "href").unwrap();
    assert_eq!(server.get(&begin).await.attr("#place", "value").as_deref(), Some("Boise"));
    assert_eq!(server.fill(&path, "requests", &[("answer", "We call you.")]).await.status, 303);
    assert!(letters(&server, "cy@example.org").await[0].1.contains("We call you."));
    assert_eq!(server.fill("/alliances/start", "start", &[]).await.status, 422);
}

#[tokio::test]
async fn a_file_is_told_by_its_content_and_given_back_as_an_attachment() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, _) = launched(&server, "Twin Cities", LEADER, host).await;
    server.sign_in(Role::Membership).await;
    let here = format!("/staff/alliances/{id}/files");
    let send = async |bytes: &[u8]| {
        let token = server.get(&here).await.attr("input[name=csrf]", "value").unwrap();
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("Letter of the host.pdf");
        let form = reqwest::multipart::Form::new().text("csrf", token).part("file", part);
        Answer::of(server.http.post(server.absolute(&here)).multipart(form).send().await.unwrap()).await
    };
    assert!(wrong(&send(b"<html><script>").await).contains("whatever its name says"));
    assert!(wrong(&send(b"").await).contains("empty"));
    assert_eq!(send(b"%PDF-1.7 the letter").await.status, 303);
    let page = server.get(&format!("/staff/alliances/{id}")).await;
    let link = page.attr(&format!("a[href^='{here}/']"), "href").unwrap();
    let file = server.get(&link).await;
    assert_eq!(file.body, "%PDF-1.7 the letter");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"twin-cities-letter-of-the-host.pdf\"");
    assert_eq!(server.fill(&format!("/staff/alliances/{id}"), "/removal", &[]).await.status, 303);
    assert_eq!(server.get(&link).await.status, 404);
    assert!(written(&server, ("alliance", &id.to_string())).await.contains(&"remove_file".to_owned()));
}

#[tokio::test]
async fn the_fund_of_an_alliance_is_chosen_where_gifts_are_known() {
    let mut server = Server::start().await;
    let [host, _] = organizations(&server).await;
    let (id, _) = launched(&server, "Twin Cities", LEADER, host).await;
    server.sign_in(Role::Membership).await;
    let here = format!("/staff/alliances/{id}/fund");
    assert!(server.get(&here).await.text().contains("It has no fund of its own."));
    let slug = server.get(&here).await.attr("select option:nth-child(2)", "value").unwrap();
    assert_eq!(server.fill(&here, "fund", &[("fund", "nonsense")]).await.status, 422);
    assert_eq!(server.fill(&here, "fund", &[("fund", &slug)]).await.status, 303);
    assert!(server.get(&here).await.text().contains("nothing was given yet"));
    assert_eq!(server.get("/alliances/twin-cities").await.attr(".actions .give", "href"), Some(format!("/donate?fund={slug}")));
}

#[tokio::test]
async fn search_engines_find_the_alliances_that_visitors_do_and_understand_them() {
    let server = Server::start().await;
    let host = organizations(&server).await[0];
    let (id, _) = launched(&server, "Twin Cities", "ellen@example.org", host).await;
    let mut tx = server.app.db.write().await.unwrap();
    let (now, today) = (server.app.clock.now(), today(&server));
    let silent = Alliance {
        id: AllianceId::new(),
        slug: "silent".into(),
        name: "Silent".into(),
        summary: String::new(),
        state: AllianceState::Prospective,
        fund_slug: None,
        created_at: now,
    };
    alliances::insert(&mut tx, &silent).await.unwrap();
    let ahead = Activity {
        id: ActivityId::new(),
        alliance_id: id,
        kind: ActivityKind::Event,
        title: "Justice day".into(),
        on_day: today.plus_days(20),
        place: "Saint Paul".into(),
        attendance: None,
        notes: String::new(),
        shown: true,
        recorded_by: "A test".into(),
    };
    alliances::add_activity(&mut tx, &ahead, now).await.unwrap();
    tx.commit().await.unwrap();
    let map = server.get("/sitemap.xml").await.body;
    assert!(map.contains(&format!("<loc>{}/alliances/twin-cities</loc>", server.url)), "{map}");
    assert!(!map.contains("silent"), "visitors are not told of it yet");
    let page = server.get("/alliances/twin-cities").await;
    let item = "[itemscope][itemtype='https://schema.org/NGO']";
    assert_eq!(
        (page.all("h1").len(), page.all(&format!("{item} > header > h1[itemprop=name]"))),
        (1, vec!["Twin Cities".to_owned()])
    );
    assert_eq!(page.all(&format!("{item} [itemprop=areaServed]")), ["Saint Paul, Minnesota"]);
    assert_eq!(page.all(&format!("{item} [itemprop=sponsor] [itemprop=name]")), ["World Without Genocide"]);
    assert!(page.attr(&format!("{item} meta[itemprop=foundingDate]"), "content").is_some());
    let event = "li[itemscope][itemtype='https://schema.org/Event']";
    assert_eq!(page.all(&format!("{event} [itemprop=name]")), ["Justice day"]);
    let on = page.attr(&format!("{event} meta[itemprop=startDate]"), "content");
    assert_eq!(on, Some(ahead.on_day.to_string()));
    assert_eq!(page.attr(&format!("{event} meta[itemprop=organizer]"), "content").as_deref(), Some("Twin Cities"));
}
