//! Which pages there are: the routes are read off the source, and links are followed until each has been
//! seen. A page that nothing leads to is a finding, so that none is left out by oversight.
use crate::{
    giving,
    jobs::Links,
    place::Place,
    portal, running,
    server::{Answer, Server},
    walk::Stop,
};
use convener::{
    data::{self, Charset, Given, Kind},
    demo,
    members::{self, Category, CategoryId, carried::Matching},
    staff::{self, Role},
};
use scraper::{Html, Selector};
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    fs,
    path::Path,
};

/// Answers that are no page of the site: files, probes, a letter as it was mailed.
const NO_PAGES: &[&str] = &[
    "/static/",
    "/logos/",
    "/favicon.ico",
    "/healthz",
    "/readyz",
    ".csv",
    ".json",
    "/sitemap.xml",
    "/staff/mail/{id}/html",
    "/staff/applications/{id}/document",
    "/staff/applications/{id}/minutes",
    "/logo/original",
    "/documents/{document}",
    "/files/{file}",
    "/certificate",
    "/invoice",
    "/statements/{year}/pdf",
];
/// How many pages of one kind are read for the links they hold.
const READ: usize = 10;

pub(crate) struct Pages {
    pub(crate) public: Vec<Stop>,
    pub(crate) staff: Vec<Stop>,
    pub(crate) leader: Vec<Stop>,
    /// The session of the leader.
    pub(crate) leader_session: String,
    pub(crate) portal: Vec<Stop>,
    /// The session of the delegate.
    pub(crate) portal_session: String,
    pub(crate) giving: Vec<Stop>,
    /// The session of the donor.
    pub(crate) giving_session: String,
    pub(crate) missing: Vec<String>,
}

/// Every page of the demonstration.
pub(crate) async fn all(place: &Place, links: &Links) -> Pages {
    let server = place.server();
    let routes = routes();
    let mut known = known(place, links).await;
    let delegate = portal::enter(place).await;
    let donor = giving::enter(place).await;
    known.extend([delegate.doorstep.clone(), delegate.reaffirm.clone(), donor.doorstep.clone(), donor.confirm.clone()]);
    let public = crawl(server, &Server::visitor(), &routes, known).await;
    let begun = server.fill("/staff/events", "/staff/events/comparisons", &[]).await;
    server.run_jobs().await;
    let mut from = vec!["/staff".to_owned(), begun.location().to_owned()];
    from.extend(givers(server).await);
    from.extend(in_mind(server).await);
    from.extend(cared_for(server).await);
    from.push(format!("{}/contributions", delegate.record));
    from.extend(by_hand(server).await);
    let staff = crawl(server, &server.http, &routes, from).await;
    let (leader_client, leader_session) = sign_in(server, demo::LEADER).await;
    let workspace = Answer::of(leader_client.get(server.absolute("/leader")).send().await.unwrap()).await;
    let leader = crawl(server, &leader_client, &routes, vec![workspace.location().to_owned()]).await;
    let portal = crawl(server, &delegate.client, &routes, vec!["/portal".to_owned()]).await;
    let giving = crawl(server, &donor.client, &routes, vec!["/my-giving".to_owned()]).await;
    let reached = |route: &String| [&public, &staff, &leader, &portal, &giving].iter().any(|pages| pages.contains_key(route));
    let missing = routes.iter().filter(|route| !reached(route)).map(|route| format!("{route}: no link leads there")).collect();

    let mut open = stops(server, public.into_iter().filter(|(route, _)| is_public(route)));
    let steps = ["track", "organization", "category", "eligibility", "commitment", "document", "contacts"];
    open.extend(
        steps.iter().map(|step| stop(server, &format!("/join/…/{step} answered"), &format!("{}/{step}", links.full), 200)),
    );
    for (name, path) in [("begun", &links.draft), ("sent", &links.sent), ("approved", &links.approved)] {
        open.push(stop(server, &format!("/join/… {name}"), path, 200));
    }
    open.push(stop(server, "/join/… check when nothing is answered", &format!("{}/check", links.draft), 200));
    open.push(stop(server, "no such page", "/nowhere", 404));
    open.push(stop(server, "a search without result", "/members?q=zzzz", 200));
    let mut inside = stops(server, staff.into_iter().filter(|(route, _)| !is_public(route) && !open_to_all(route)));
    for path in ["/staff/gifts?q=zzzz", "/staff/donors?q=zzzz"] {
        inside.push(stop(server, path, path, 200));
    }
    let mut leader = stops(server, leader.into_iter().filter(|(route, _)| route.starts_with("/leader") || route == "/staff/me"));
    let mut portal = stops(server, portal.into_iter().filter(|(route, _)| route.starts_with("/portal")));
    for stop in &mut portal {
        stop.name.push_str(" of a delegate");
    }
    let mut giving = stops(server, giving.into_iter().filter(|(route, _)| route.starts_with("/my-giving")));
    for stop in &mut giving {
        stop.name.push_str(" of a donor");
    }
    for stop in inside.iter_mut().chain(&mut leader).chain(&mut portal).chain(&mut giving) {
        stop.public = false;
    }
    Pages {
        public: open,
        staff: inside,
        leader,
        leader_session,
        portal,
        portal_session: delegate.session,
        giving,
        giving_session: donor.session,
        missing,
    }
}

/// Where organizations among the donors say which one they are: few of many, so a walk that reads some donors
/// misses them. Who is tied has no such page.
async fn givers(server: &Server) -> Vec<String> {
    let list = server.get("/staff/donors?q=giving").await;
    let links = Selector::parse("tbody a[href^='/staff/donors/']").unwrap();
    let page = |href: &str| format!("{}/organization", href.split('?').next().unwrap());
    list.html().select(&links).filter_map(|a| a.attr("href")).map(page).collect()
}

/// A household's own page, and a merge: few donors of many have them, and all who do have this tag.
async fn in_mind(server: &Server) -> Vec<String> {
    let of = async |list: &str, link: &str| {
        for donor in links_of(server, list, "tbody th a").await {
            if let Some(found) = links_of(server, &donor, link).await.pop() {
                return found;
            }
        }
        panic!("no donor of {list} has {link}")
    };
    vec![
        of("/staff/donors?tag=volunteer&kind=household", "a[href$='/household']").await,
        of("/staff/donors?tag=volunteer", "a[href*='/merges/']").await,
    ]
}

async fn links_of(server: &Server, page: &str, selector: &str) -> Vec<String> {
    let answer = server.get(page).await;
    let links = Selector::parse(selector).unwrap();
    answer.html().select(&links).filter_map(|a| a.attr("href")).map(ToOwned::to_owned).collect()
}

/// A check, two batches, a pledge and an appeal, as staff enter them; the first gifts of the list came by card.
async fn by_hand(server: &Server) -> Vec<String> {
    let sent = async |page: &str, action: &str, fields: &[(&str, &str)]| {
        let answer = server.fill(page, action, fields).await;
        assert_eq!(answer.status, 303, "{page}: {}", answer.text());
        answer.location().split(['?', '#']).next().unwrap().to_owned()
    };
    let new = [("who", "Cora Checks"), ("donor", "new"), ("amount", "75"), ("reference", "100")];
    let gift = sent("/staff/gifts/new", "/staff/gifts/new", &new).await;
    let donor = server.get(&gift).await.attr("dd a[href^='/staff/donors/']", "href").unwrap();
    let mut pages = vec![gift];
    for close in [true, false] {
        let figures = [("control_count", "1"), ("control_total", "20")];
        let batch = sent("/staff/batches/new", "/staff/batches/new", &figures).await;
        let number = if close { "101" } else { "102" };
        let row = [("who", "Cora Checks"), ("donor", donor.rsplit('/').next().unwrap()), ("amount", "20"), ("reference", number)];
        sent(&batch, &batch[batch.rfind('/').unwrap()..], &[&row[..], &[("another", "yes")]].concat()).await;
        if close {
            sent(&batch, "/closing", &[]).await;
        }
        pages.push(batch);
    }
    let promise = [("amount", "600"), ("first_on", "2026-01-31")];
    let form = format!("/staff/pledges/new?donor={}", donor.rsplit('/').next().unwrap());
    pages.push(sent(&form, "/staff/pledges/new", &promise).await);
    pages.push(sent("/staff/appeals/new", "/staff/appeals/new", &[("name", "Spring letter"), ("code", "newsletter")]).await);
    pages
}

/// Letters of thanks that went out, a tribute that is told, an employer with a gift it may match.
async fn cared_for(server: &Server) -> Vec<String> {
    let letter = server.get("/staff/thanks").await.attr("tbody a[href*='letters?gift=']", "href").unwrap();
    let gift = format!("/staff/gifts/{}", letter.rsplit('=').next().unwrap());
    let batch = server.fill(&letter, "letters", &[]).await.location().to_owned();
    let tribute = server.get("/staff/tributes").await.attr("tbody a", "href").unwrap();
    let told = [("to_name", "Family Lemkin"), ("address", "1 Main St, Duluth"), ("words", "We remember him.")];
    assert_eq!(server.fill(&tribute, "tribute", &told).await.status, 303);
    let employer = [("name", "Acme Corp"), ("percent", "100")];
    assert_eq!(server.fill("/staff/matching/employers/new", "employers", &employer).await.status, 303);
    let matching = server.fill(&gift, "/matching", &[]).await.location().to_owned();
    vec![format!("{batch}/print"), batch, tribute, matching]
}

/// The link of a gift that was held back and let through.
async fn let_through(place: &Place) -> String {
    let server = place.server();
    let held = [
        ("amount", "other"),
        ("other_amount", "70"),
        ("frequency", "once"),
        ("name", "Hedy Held"),
        ("email", "hedy@example.org"),
        ("website", "https://example.org"),
    ];
    assert_eq!(server.fill("/donate", "/donate", &held).await.status, 202);
    assert_eq!(server.fill("/staff/held", "/staff/held/", &[("decision", "let_through")]).await.status, 303);
    server.run_jobs().await;
    let again = [&held[..4], &[("email", "hans@example.org"), ("website", "https://example.org")]].concat();
    assert_eq!(server.fill("/donate", "/donate", &again).await.status, 202);
    place.mailed("hedy@example.org", "/donate/held/").await
}

/// A client that is signed in to this account of the demonstration, and its session.
async fn sign_in(server: &Server, email: &str) -> (reqwest::Client, String) {
    let client = Server::visitor();
    let address = server.absolute("/staff/sign-in");
    let page = Answer::of(client.get(&address).send().await.unwrap()).await;
    let (_, fields) = page.form("/staff/sign-in", "/staff/sign-in", &[("email", email), ("password", demo::PASSWORD)]);
    let answer = Answer::of(client.post(&address).form(&fields).send().await.unwrap()).await;
    let mut cookies = answer.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok());
    let session = cookies.find_map(|c| c.strip_prefix("convener_session=")?.split(';').next()).unwrap().to_owned();
    (client, session)
}

/// Links that come by mail or stand at the end of a form.
async fn known(place: &Place, links: &Links) -> Vec<String> {
    let server = place.server();
    let invited = [("name", "Nora New"), ("email", "nora@demo.example"), ("role", "read_only")];
    assert_eq!(server.fill("/staff/people/invite", "invite", &invited).await.status, 303);
    let asked = server.fill("/staff/forgotten", "forgotten", &[("email", "isaac@demo.example")]).await;
    server.run_jobs().await;
    let mut known = vec![
        "/".to_owned(),
        "/staff/sign-in".to_owned(),
        asked.location().to_owned(),
        place.mailed("nora@demo.example", "/staff/invitation/").await,
        place.mailed("isaac@demo.example", "/staff/reset/").await,
        links.thanks.clone(),
        links.cancelled.clone(),
        links.manage.clone(),
        links.sent.clone(),
        format!("/give/year-end-{}", server.app.coalition.get().zone().day(server.app.clock.now()).year()),
        let_through(place).await,
    ];
    let person =
        [("name", "Tom Reader"), ("email", "tom@example.org"), ("city", "Duluth"), ("state", "MN"), ("message", "I can help.")];
    for page in ["/alliances/start", "/alliances/twin-cities/join"] {
        let received = server.fill(page, page, &person).await;
        assert_eq!(received.status, 303, "{page}: {}", received.text());
        known.push(received.location().to_owned());
    }
    let unused = Category { id: CategoryId::new(), slug: "unused".to_owned(), name: "Not used yet".to_owned(), position: 99 };
    let mut tx = server.app.db.write().await.unwrap();
    members::insert_category(&mut tx, &unused).await.unwrap();
    tx.commit().await.unwrap();
    imports(server).await;
    running::bring_in(place).await;
    known.push(format!("{}/sent", links.sent));
    known.extend(["document", "track", "check", "withdrawal"].map(|step| format!("{}/{step}", links.full)));
    known
}

/// One import that was applied and one that was only tried.
async fn imports(server: &Server) {
    let email = demo::ADMINISTRATOR.parse().unwrap();
    let staff = staff::by_email(&mut server.app.db.read().await.unwrap(), &email).await.unwrap().unwrap();
    for (number, apply) in [("41", true), ("42", false)] {
        let bytes = format!(
            "Number,Name,Category,City,State,Admitted on,Legal name,Contact,Email,Shoe size\n\
             {number},Friends of Rome {number},Human rights,Duluth,MN,1999-03-04,,Rae Roe,rae{number}@example.org,7\n\
             39,International Justice Project,,Newark,NJ,,International Justice Project Inc.,,,\n\
             ,Nobody in Particular,Choirs,,Ontario,2099-01-01,,,someone,\n"
        );
        let bytes = bytes.as_bytes();
        let given = Given { kind: Kind::Organizations, charset: Charset::Utf8, name: "members of old.csv", bytes };
        let id = data::bring(&server.app, &staff, &given).await.unwrap().unwrap();
        data::settle_as_guessed(&server.app, &staff, id).await.unwrap();
        server.run_jobs().await;
        if apply {
            data::begin_applying(&server.app, &staff, id, Matching::Fill).await.unwrap().unwrap();
            server.run_jobs().await;
        }
    }
}

/// A coalition without anything in it, from the addresses that need no record.
pub(crate) async fn empty(server: &Server) -> (String, Vec<Stop>) {
    let paths: Vec<_> = routes().into_iter().filter(|route| !route.contains('{') && !open_to_all(route)).collect();
    let stops = paths.iter().map(|path| stop(server, &format!("{path} of an empty coalition"), path, 200)).collect();
    let mut tx = server.app.db.write().await.unwrap();
    let now = server.app.clock.now();
    let email = "first@amicc.example".parse().unwrap();
    let id = staff::insert(&mut tx, &email, "First Person", Role::Administrator, now).await.unwrap().unwrap();
    let token = staff::open_session(&mut tx, id, "a test", now).await.unwrap();
    tx.commit().await.unwrap();
    (token.as_str().to_owned(), stops)
}

fn is_public(route: &str) -> bool {
    !(route.starts_with("/staff") || route.starts_with("/leader")) || open_to_all(route)
}

/// Pages of staff for who is not signed in.
fn open_to_all(route: &str) -> bool {
    ["/staff/sign-in", "/staff/forgotten", "/staff/reset", "/staff/invitation"].iter().any(|start| route.starts_with(start))
}

fn stops(server: &Server, found: impl Iterator<Item = (String, String)>) -> Vec<Stop> {
    found.map(|(route, path)| stop(server, &route, &path, 200)).collect()
}

fn stop(server: &Server, name: &str, path: &str, status: u64) -> Stop {
    Stop { name: name.to_owned(), url: server.absolute(path), status, public: !name.starts_with("/staff") }
}

/// Follows links from these; gives one address for each route that was reached.
async fn crawl(server: &Server, client: &reqwest::Client, routes: &[String], from: Vec<String>) -> BTreeMap<String, String> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    let mut queue: VecDeque<String> = from.into();
    let mut seen = HashSet::new();
    while let Some(path) = queue.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let Some(route) = route_of(routes, &path) else { continue };
        let times = read.entry(route.clone()).or_default();
        if *times == READ {
            continue;
        }
        *times += 1;
        let answer = client.get(server.absolute(&path)).send().await.unwrap();
        if answer.status() != 200 {
            continue;
        }
        let page = answer.text().await.unwrap();
        first.entry(route).or_insert(path);
        let html = Html::parse_document(&page);
        let links = Selector::parse("a[href^='/']").unwrap();
        queue.extend(html.select(&links).filter_map(|a| a.attr("href")).map(|h| h.split('#').next().unwrap().to_owned()));
    }
    first
}

/// The route that answers for a path: of those that fit, the one that names most of it.
fn route_of(routes: &[String], path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap();
    let fits = |route: &&String| {
        let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
        route.len() == path.len() && route.iter().zip(&path).all(|(r, p)| r.starts_with('{') || r == p)
    };
    let found: Option<&String> = routes.iter().filter(fits).min_by_key(|route| route.matches('{').count());
    found.cloned()
}

/// The addresses that answer a GET with a page.
fn routes() -> Vec<String> {
    let mut found = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.sort();
    found.dedup();
    assert!(found.len() > 50, "the source is where this test looks for it");
    // `/leader` leads on to the one alliance of its leader.
    found.retain(|route| route != "/leader" && !NO_PAGES.iter().any(|no| route.contains(no)));
    found
}

fn read(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.ends_with("payments") {
            continue;
        }
        if path.is_dir() {
            read(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            routes_in(&fs::read_to_string(&path).unwrap(), found);
        }
    }
}

fn routes_in(source: &str, found: &mut Vec<String>) {
    for call in source.split(".route(").skip(1) {
        let Some((address, rest)) = call.split_once(',') else { continue };
        let handlers = rest.split("\n}").next().unwrap();
        let named = |name: &str| {
            let (_, after) = source.split_once(&format!("const {name}: &str = \""))?;
            after.split('"').next().map(ToOwned::to_owned)
        };
        let address = address.trim();
        let path = if address.starts_with('"') { Some(address.trim_matches('"').to_owned()) } else { named(address) };
        if handlers.trim_start().starts_with("get(") {
            found.extend(path);
        }
    }
}
