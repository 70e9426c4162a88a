//! What staff keep in mind about donors: addresses, how not to reach them, households, tags, notes, tasks.
use crate::{
    donor_totals::{donor, keep},
    server::{Answer, Server},
};
use convener::{
    audit::{self, Actor},
    desk::merging,
    donors::{self, Donor, DonorId, DonorKind, care, reach},
    kernel::Email,
    mail::{self, Class},
    staff::Role,
};

const ROLES: [Role; 5] = [Role::Administrator, Role::Membership, Role::Development, Role::Communications, Role::ReadOnly];

fn path(donor: &Donor) -> String {
    format!("/staff/donors/{}", donor.id)
}

/// Signed in, with these donors.
async fn office(role: Role, names: &[&str]) -> (Server, Vec<Donor>) {
    let mut server = Server::start().await;
    let all: Vec<_> = names.iter().map(|name| donor(name, Some(&format!("{}@example.org", name.to_lowercase())))).collect();
    keep(&server, &all, &[]).await;
    server.sign_in(role).await;
    (server, all)
}

async fn now(server: &Server, id: DonorId) -> Donor {
    donors::by_id(&mut server.app.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn acts(server: &Server, donor: &Donor) -> Vec<String> {
    let mut tx = server.app.db.read().await.unwrap();
    let all = audit::of_record(&mut tx, ("donor", &donor.id.to_string())).await.unwrap();
    all.into_iter().rev().map(|event| event.action).collect()
}

/// What became of a mail of this class to this address: why it was not sent.
async fn mailed(server: &Server, to: &str, class: Class) -> Option<String> {
    let to: Email = to.parse().unwrap();
    let letter = mail::letter("Hello").line("A word.").sign("AMICC");
    let mut tx = server.app.db.write().await.unwrap();
    let id = mail::send(&mut tx, &to, class, ("donor", "1"), &letter, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
    let message = mail::by_id(&mut server.app.db.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!(message.state, mail::State::Captured);
    message.error
}

fn refused(answer: &Answer, field: &str, typed: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let box_ = answer.attr(&format!("input#{field}"), "value").or_else(|| answer.all(&format!("textarea#{field}")).pop());
    assert_eq!(box_.as_deref(), Some(typed), "what was typed is kept");
    assert!(!answer.all(".error-summary a").is_empty(), "{}", answer.text());
}

#[tokio::test]
async fn whoever_may_keep_gifts_keeps_donors_and_everybody_reads() {
    let (mut server, all) = office(Role::Administrator, &["Ada"]).await;
    let ada = path(&all[0]);
    for role in ROLES {
        server.sign_in(role).await;
        let may = matches!(role, Role::Administrator | Role::Development);
        for (page, reads) in [
            ("", true),
            ("/details", false),
            ("/addresses", true),
            ("/tags", false),
            ("/notes", true),
            ("/tasks", true),
            ("/household", true),
            ("/merge", false),
        ] {
            let answer = server.get(&format!("{ada}{page}")).await;
            assert_eq!(answer.status, if may || reads { 200 } else { 403 }, "{role} {page}");
            let forms = answer.attr("main form[method=post]", "action").is_some();
            assert_eq!(forms, may && !matches!(page, "" | "/merge"), "{role} {page}: a form is there for whoever may use it");
        }
        assert_eq!(server.get("/staff/donors/new").await.status, if may { 200 } else { 403 }, "{role}");
        assert_eq!(server.get("/staff/tasks").await.status, 200, "{role}");
    }
    server.sign_in(Role::Development).await;
    let notes = server.get(&format!("{ada}/notes")).await;
    let (target, fields) = notes.form("notes", "notes", &[("words", "Said hello")]);
    server.sign_in(Role::ReadOnly).await;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server.post(&target, &fields).await.status, 403);
    assert!(server.get(&format!("{ada}/notes")).await.text().contains("No note was written yet."));
}

#[tokio::test]
async fn tags_and_notes_are_kept_and_the_list_is_narrowed_by_a_tag() {
    let (server, all) = office(Role::Development, &["Ada", "Ben"]).await;
    let (ada, page) = (&all[0], path(&all[0]));
    let saved = server.fill(&format!("{page}/tags"), "tags", &[("tags", " Lawyer, volunteer ,, LAWYER; ")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(server.get(&format!("{page}/tags")).await.attr("#tags", "value").as_deref(), Some("lawyer, volunteer"));
    let tag = server.get(&page).await.attr("a[href*='tag=']", "href").unwrap();
    let list = server.get(&tag).await;
    assert_eq!((list.all("tbody th"), list.all("tfoot th").len()), (vec!["Ada".to_owned()], 0));
    assert!(list.text().contains("with the tag lawyer"), "{}", list.text());
    let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    refused(&server.fill(&format!("{page}/tags"), "tags", &[("tags", &many.join(","))]).await, "tags", &many.join(","));

    let notes = format!("{page}/notes");
    refused(&server.fill(&notes, "notes", &[("day", "2026-09-22"), ("words", "Called")]).await, "words", "Called");
    refused(&server.fill(&notes, "notes", &[("words", " ")]).await, "words", "");
    for (day, words) in [("2026-09-01", "Prefers letters.\nCalls in May."), ("2026-09-20", "<b>Met</b> at the assembly")] {
        assert_eq!(server.fill(&notes, "notes", &[("day", day), ("words", words)]).await.status, 303);
    }
    let shown = server.get(&page).await.all("#notes ol li");
    assert_eq!(
        shown,
        [
            "20 September 2026 <b>Met</b> at the assembly Development Person",
            "1 September 2026 Prefers letters. Calls in May. Development Person"
        ]
    );
    assert_eq!(acts(&server, ada).await, ["tag", "note", "note"]);
}

#[tokio::test]
async fn a_task_is_due_for_its_assignee_and_done_once() {
    let (mut server, all) = office(Role::Administrator, &["Ada"]).await;
    let tasks = format!("{}/tasks", path(&all[0]));
    let administrator = server.get(&tasks).await.attr("#assignee option[selected]", "value").unwrap();
    server.sign_in(Role::Development).await;
    let wrong = [("what", ""), ("due", "soon"), ("assignee", "nobody")];
    let answer = server.fill(&tasks, "tasks", &wrong).await;
    refused(&answer, "due", "soon");
    assert_eq!(answer.all(".error-summary li").len(), 3, "{}", answer.text());
    for (what, due, who) in [("Call Ada", "2026-09-20", &administrator), ("Write to Ada", "2026-09-22", &administrator)] {
        let added = server.fill(&tasks, "tasks", &[("what", what), ("due", due), ("assignee", who)]).await;
        assert_eq!(added.status, 303, "{}", added.text());
    }
    assert!(server.get(&path(&all[0])).await.text().contains("Call Ada, by 20 September 2026 Overdue"));
    assert!(!server.get("/staff").await.text().contains("about a donor is due"), "it is somebody else's");
    assert!(server.get("/staff/tasks?of=me").await.text().contains("Nothing is to be done."));
    server.sign_in(Role::Administrator).await;
    assert!(server.get("/staff").await.text().contains("1 task of yours about a donor is due."));
    let list = server.get("/staff/tasks?of=me").await;
    assert_eq!(list.all("tbody th"), ["Call Ada", "Write to Ada"], "by the day");
    let opened = server.get("/staff/tasks").await;
    let (target, fields) = opened.form("/staff/tasks", "/tasks/", &[]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server.post(&target, &fields).await.location(), "/staff/tasks");
    let twice = server.post(&target, &fields).await;
    assert!(twice.status == 409 && twice.text().contains("done already"), "{}", twice.text());
    assert!(!server.get("/staff").await.text().contains("about a donor is due"));
    assert_eq!(server.get("/staff/tasks").await.all("tbody th"), ["Write to Ada"]);
    assert!(server.get(&tasks).await.text().contains("Done by Administrator Person"));
    assert_eq!(acts(&server, &all[0]).await, ["add_task", "add_task", "finish_task"]);
}

#[tokio::test]
async fn a_donor_added_by_hand_is_compared_with_those_who_are_here() {
    let (server, all) = office(Role::Development, &["Ada"]).await;
    let new = "/staff/donors/new";
    refused(&server.fill(new, "new", &[("name", ""), ("phone", "1 2 3")]).await, "phone", "1 2 3");
    let taken = server.fill(new, "new", &[("name", "A"), ("email", "ADA@example.org")]).await;
    refused(&taken, "email", "ADA@example.org");
    assert!(taken.attr(&format!("main a[href='{}']", path(&all[0])), "href").is_some(), "the one who has it is a link");
    let fields = [
        ("kind", "person"),
        ("name", "ada"),
        ("email", "a.d.a+x@example.org"),
        ("address", "1 Elm St\nDuluth"),
        ("phone", "555"),
        ("no", "phone"),
    ];
    let warned = server.fill(new, "new", &fields).await;
    assert_eq!(warned.status, 422);
    assert!(warned.text().contains("ada@example.org: their e-mail addresses are equal but for dots"), "{}", warned.text());
    assert_eq!(server.get("/staff/donors").await.all("tbody th").len(), 1, "nothing is saved yet");
    let (target, held) = warned.form(new, "new", &[]);
    let held: Vec<_> = held.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let added = server.post(&target, &held).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let page = server.get(added.location()).await.text();
    for words in
        ["No gift was received yet.", "a.d.a+x@example.org", "1 Elm St Duluth", "Do not contact: not by phone.", "Phone 555"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let alone = server.fill(new, "new", &[("kind", "household"), ("name", "The Babbages")]).await;
    assert_eq!(alone.status, 303, "nobody is like that: {}", alone.text());
}

#[tokio::test]
async fn neither_updates_nor_appeals_go_to_who_does_not_want_them_or_died() {
    let (server, all) = office(Role::Development, &["Ada", "Ben"]).await;
    let ada = &all[0];
    let details = format!("{}/details", path(ada));
    let other = server.fill(&format!("{}/addresses", path(ada)), "addresses/email", &[("email", "ada@home.example")]).await;
    assert_eq!(other.status, 303, "{}", other.text());
    refused(&server.fill(&details, "details", &[("deceased_on", "2026-09-22")]).await, "deceased_on", "2026-09-22");
    let all_addresses = ["ada@example.org", "ada@home.example", "new@example.org"];
    for (fields, why) in [
        (vec![("no", "email")], Some("Not sent. The donor does not want to be written to by e-mail.")),
        (vec![("no", "mail"), ("no", "phone")], None),
        (vec![("no", "mail"), ("deceased_on", "2026-09-01")], Some("Not sent. The donor has died.")),
        (vec![("email", "new@example.org"), ("deceased_on", "2026-09-02")], Some("Not sent. The donor has died.")),
        (vec![("deceased_on", ""), ("no", "mail")], None),
    ] {
        let saved = server.fill(&details, "details", &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        let own = now(&server, ada.id).await.email.unwrap();
        for address in all_addresses.into_iter().filter(|one| !one.ends_with("@example.org") || *one == own.as_str()) {
            for class in [Class::Updates, Class::Fundraising] {
                assert_eq!(mailed(&server, address, class).await.as_deref(), why, "{fields:?} {address} {class}");
            }
            assert_eq!(mailed(&server, address, Class::Transactional).await, None, "receipts go on");
        }
        assert_eq!(mailed(&server, "ben@example.org", Class::Updates).await, None);
        let banner = server.get(&path(ada)).await.all(".notice").join(" ");
        assert_eq!(banner.contains("This donor died on"), why.is_some_and(|why| why.contains("died")), "{banner}");
        let more = care::more_of(&mut server.app.db.read().await.unwrap(), ada.id).await.unwrap();
        assert_eq!(banner.contains("Do not contact:"), !more.refused().is_empty(), "{banner}");
    }
    assert_eq!(server.get("/staff/donors?contact=no").await.all("tbody th"), ["Ada"]);
}

#[tokio::test]
async fn a_donor_has_several_addresses_and_one_is_preferred() {
    let (server, all) = office(Role::Development, &["Ada", "Ben"]).await;
    let (ada, here) = (&all[0], format!("{}/addresses", path(&all[0])));
    server.fill(&format!("{}/details", path(ada)), "details", &[("address", "Old Mill\nRochester MN")]).await;
    assert!(
        server.get(&here).await.text().contains("Letters go to: Old Mill Rochester MN"),
        "what was typed freely stays readable"
    );
    refused(
        &server.fill(&here, "addresses/postal", &[("lines", ""), ("city", "Duluth"), ("from", "May")]).await,
        "city",
        "Duluth",
    );
    let first = [("lines", "1 Elm St\nApt 2"), ("city", "Duluth"), ("state", "MN"), ("zip", "55802"), ("preferred", "yes")];
    assert_eq!(server.fill(&here, "addresses/postal", &first).await.status, 303);
    assert_eq!(now(&server, ada.id).await.address.as_deref(), Some("1 Elm St\nApt 2\nDuluth, MN 55802"));
    let second = [("lines", "12 Rue Haute"), ("city", "Bruxelles"), ("country", "Belgium"), ("from", "2026-10-01")];
    assert_eq!(server.fill(&here, "addresses/postal", &second).await.status, 303);
    let rows = server.get(&here).await.all("tbody tr th");
    assert_eq!(rows, ["1 Elm St Apt 2 Duluth, MN 55802 Preferred", "12 Rue Haute Bruxelles Belgium"]);
    assert_eq!(server.fill(&here, "/preferred", &[]).await.status, 303);
    assert_eq!(now(&server, ada.id).await.address.as_deref(), Some("12 Rue Haute\nBruxelles\nBelgium"));
    assert_eq!(server.fill(&here, "/end", &[]).await.status, 303);
    assert!(server.get(&here).await.all("tbody td").contains(&"Until 21 September 2026".to_owned()));

    refused(&server.fill(&here, "addresses/email", &[("email", "ben@example.org")]).await, "email", "ben@example.org");
    refused(&server.fill(&here, "addresses/email", &[("email", "no address")]).await, "email", "no address");
    assert_eq!(server.fill(&here, "addresses/email", &[("email", "ada@home.example")]).await.status, 303);
    refused(&server.fill(&here, "addresses/email", &[("email", "ada@home.example")]).await, "email", "ada@home.example");
    assert_eq!(server.fill(&here, "emails/", &[]).await.status, 303);
    assert_eq!(now(&server, ada.id).await.email.unwrap().as_str(), "ada@home.example");
    assert!(server.get(&here).await.all("tbody tr th").contains(&"ada@example.org".to_owned()), "the former one stays on record");
    assert_eq!(acts(&server, ada).await.iter().filter(|act| *act == "change_addresses").count(), 6);
}

#[tokio::test]
async fn people_belong_to_one_household() {
    let (server, all) = office(Role::Development, &["Ada", "Ben", "Babbages", "Lovelaces"]).await;
    let homes = [&all[2], &all[3]].map(|home| format!("{}/household", path(home)));
    refused(&server.fill(&homes[0], "household", &[("member", "Ada")]).await, "member", "Ada");
    for home in &all[2..] {
        server.fill(&format!("{}/details", path(home)), "details", &[("kind", "household"), ("greeting", "Dear friends")]).await;
    }
    for (home, member, said) in [
        (0, "nobody@example.org", Some("No donor has this address")),
        (0, "ben@example.org", None),
        (0, "ADA", None),
        (1, "Ada", Some("Ada belongs to Babbages already")),
        (1, "Babbages", Some("Babbages is no person")),
    ] {
        // The page may hold a form to take somebody out before it.
        let (_, fields) = server.get(&homes[home]).await.form(&homes[home], "household", &[("member", member)]);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = server.post(&homes[home], &fields).await;
        match said {
            Some(said) => assert!(answer.text().contains(said), "{said}: {}", answer.text()),
            None => assert_eq!(answer.status, 303, "{}", answer.text()),
        }
    }
    let page = server.get(&path(&all[2])).await.text();
    assert!(page.contains("Household Ada , Ben .") && page.contains("Greeting Dear friends"), "{page}");
    assert!(server.get(&path(&all[0])).await.text().contains("Belongs to Babbages"));
    let actor = Actor { kind: "staff", id: String::new(), name: "A".into() };
    let mut tx = server.app.db.write().await.unwrap();
    let two = (all[2].id, all[0].id);
    let refused = merging::merge(&mut tx, &actor, two, |this, _| this.clone(), server.app.clock.now()).await.unwrap_err();
    assert!(refused.to_string().contains("is the household that the other belongs to"), "{refused}");
    drop(tx);
    assert_eq!(server.fill(&homes[0], "/removal", &[]).await.status, 303);
    let left = reach::belongs(&mut server.app.db.read().await.unwrap(), all[2].id).await.unwrap().members;
    assert_eq!(left.len(), 1);
}

type Kept =
    (Donor, care::More, Vec<String>, Vec<care::Note>, Vec<care::Task>, Vec<reach::Place>, Vec<reach::OtherEmail>, reach::Belongs);

async fn kept(server: &Server, id: DonorId) -> Kept {
    let mut tx = server.app.db.read().await.unwrap();
    (
        donors::by_id(&mut tx, id).await.unwrap().unwrap(),
        care::more_of(&mut tx, id).await.unwrap(),
        care::tags_of(&mut tx, id).await.unwrap(),
        care::notes_of(&mut tx, id, 100).await.unwrap(),
        care::tasks_of(&mut tx, id).await.unwrap(),
        reach::places_of(&mut tx, id).await.unwrap(),
        reach::emails_at(&mut tx, id).await.unwrap(),
        reach::belongs(&mut tx, id).await.unwrap(),
    )
}

#[tokio::test]
async fn what_is_kept_in_mind_goes_over_in_a_merge_and_comes_back() {
    let (server, all) = office(Role::Development, &["Ada", "Countess", "Babbages", "Lovelaces"]).await;
    for home in &all[2..] {
        server.fill(&format!("{}/details", path(home)), "details", &[("kind", "household")]).await;
    }
    for (one, tags, home) in [(&all[0], "lawyer", &all[2]), (&all[1], "lawyer, donor of old", &all[3])] {
        let here = path(one);
        server.fill(&format!("{here}/tags"), "tags", &[("tags", tags)]).await;
        server.fill(&format!("{here}/notes"), "notes", &[("words", &format!("A note about {}", one.name))]).await;
        server.fill(&format!("{here}/tasks"), "tasks", &[("what", "Call")]).await;
        server.fill(&format!("{here}/addresses"), "addresses/postal", &[("lines", "1 Elm St"), ("preferred", "yes")]).await;
        server.fill(&format!("{here}/addresses"), "addresses/email", &[("email", &format!("{}@home.example", one.name))]).await;
        server.fill(&format!("{}/household", path(home)), "household", &[("member", one.name.as_str())]).await;
    }
    let refusing = [("no", "email"), ("phone", "555"), ("greeting", "Dear Countess")];
    server.fill(&format!("{}/details", path(&all[1])), "details", &refusing).await;
    let before = [kept(&server, all[0].id).await, kept(&server, all[1].id).await];
    assert_eq!(before[1].0.kind, DonorKind::Person);
    let done = server.fill(&format!("{}/merge?with={}", path(&all[0]), all[1].id), "merge", &[]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let after = kept(&server, all[0].id).await;
    assert_eq!(after.2, ["donor of old", "lawyer"]);
    assert_eq!((after.3.len(), after.4.len(), after.5.len(), after.6.len()), (2, 2, 2, 2));
    assert_eq!((after.1.no_email, after.1.phone.as_deref()), (true, Some("555")), "the stricter of the two holds");
    assert_eq!(after.7.of.as_ref().unwrap().name, "Babbages");
    for address in ["ada@example.org", "countess@example.org", "countess@home.example"] {
        assert!(mailed(&server, address, Class::Updates).await.is_some(), "{address}");
    }
    let merge = server.get(&path(&all[0])).await.attr("#same a[href*='/merges/']", "href").unwrap();
    let undone = server.fill(&merge, "merges", &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.text());
    assert_eq!([kept(&server, all[0].id).await, kept(&server, all[1].id).await], before);
    assert_eq!(mailed(&server, "ada@example.org", Class::Updates).await, None);
    assert!(mailed(&server, "countess@home.example", Class::Updates).await.is_some());
}
