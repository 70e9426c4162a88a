//! The donors that an organization is: tied, untied, and what then stands on its timeline and in its dossier.
use crate::{
    home::history,
    members::few,
    server::{NOW, Server},
};
use convener::{
    alliances::{self, Alliance, AllianceId, AllianceState},
    audit, donors,
    gifts::{self, GiftRefund, History, RefundId},
    kernel::{Cents, Timestamp},
    mail,
    members::PastOrganization,
    payments::RefundState,
    staff::Role,
};

fn at(days_ago: i64) -> Timestamp {
    Timestamp::from_unix(NOW).unwrap().plus_days(-days_ago)
}

/// A server with three organizations and these gifts; all of them have a web site at `example.org`.
async fn giving(gifts: &[(&str, i64, Timestamp)]) -> (Server, Vec<PastOrganization>) {
    let mut server = Server::start().await;
    let all = few(&server).await;
    history(&server, gifts).await;
    server.sign_in(Role::Development).await;
    (server, all)
}

fn gifts_of(o: &PastOrganization) -> String {
    format!("/staff/organizations/{}/gifts", o.id)
}

#[tokio::test]
async fn donors_that_could_be_an_organization_are_offered_tied_and_untied() {
    let given =
        [("ana@example.org", 10_000, at(40)), ("office@example.org", 25_000, at(20)), ("someone@notexample.org", 5_000, at(10))];
    let (mut server, all) = giving(&given).await;
    let page = gifts_of(&all[1]);
    let offered = server.get(&page).await;
    assert_eq!(offered.all("#offered ~ table td[data-label=E-mail]"), ["ana@example.org", "office@example.org"]);
    let why = offered.all("#offered ~ table td[data-label=Why]");
    assert_eq!(
        why,
        ["It is reached at this address; so far kept as a person", "The address is at its domain; so far kept as a person"]
    );
    let donor = offered.attr("#offered ~ table tr:nth-child(2) a", "href").unwrap();
    let id = donor.rsplit('/').next().unwrap().to_owned();
    let tied = server.fill(&page, "gifts", &[("donor", &id)]).await;
    assert_eq!((tied.status, tied.location()), (303, page.as_str()), "{}", tied.text());
    let shown = server.get(&page).await;
    assert!(shown.text().contains("$250.00 in 1 gift, less refunds; the last on 1 September 2026 ."), "{}", shown.text());
    assert_eq!(shown.all("#offered ~ table td[data-label=E-mail]"), ["ana@example.org"], "who is tied is not offered");
    let twice = server.fill(&gifts_of(&all[0]), "gifts", &[("donor", &id)]).await;
    assert!(twice.status == 409 && twice.text().contains("is tied to an organization already"), "{}", twice.text());

    let of_donor = server.get(&donor).await;
    assert!(of_donor.attr(&format!("a[href='/staff/organizations/{}']", all[1].id), "href").is_some());
    let details = format!("{donor}/details");
    let person = server.fill(&details, "details", &[("kind", "person")]).await;
    assert!(person.status == 422 && person.text().contains("Untie it there first"), "{}", person.text());

    for role in [Role::Membership, Role::ReadOnly, Role::Communications] {
        server.sign_in(role).await;
        let read = server.get(&page).await;
        assert!(read.status == 200 && read.all("#offered").is_empty() && read.all("main form").is_empty(), "{role} reads only");
        let me = server.get("/staff/me").await.form("", "", &[]).1;
        let csrf = me.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        for target in [page.clone(), format!("{page}/{id}/removal")] {
            let refused = server.post(&target, &[("csrf", &csrf), ("donor", &id)]).await;
            assert!(refused.status == 403 && refused.text().contains("Only development staff"), "{role}: {}", refused.text());
        }
    }
    server.sign_in(Role::Development).await;
    assert_eq!(server.fill(&page, "/removal", &[]).await.status, 303);
    assert!(server.get(&page).await.text().contains("No donor is tied to it."));
    let mut tx = server.app.db.read().await.unwrap();
    let acts: Vec<_> = audit::of_record(&mut tx, ("donor", &id)).await.unwrap().into_iter().map(|event| event.action).collect();
    assert_eq!(acts, ["untie from an organization", "tie to an organization"]);
}

#[tokio::test]
async fn a_donor_that_is_an_organization_says_which_one_by_name_or_number() {
    let (server, all) = giving(&[("fund@elsewhere.example", 10_000, at(3))]).await;
    let mut tx = server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &"fund@elsewhere.example".parse().unwrap()).await.unwrap().unwrap();
    drop(tx);
    let (record, page) = (format!("/staff/donors/{}", donor.id), format!("/staff/donors/{}/organization", donor.id));
    assert!(server.get(&record).await.attr("a[href$='/organization']", "href").is_none(), "a person is none");
    assert_eq!(server.fill(&format!("{record}/details"), "details", &[("kind", "organization")]).await.status, 303);
    assert_eq!(server.get(&record).await.attr("a[href$='/organization']", "href").as_deref(), Some(page.as_str()));
    let wrong = server.fill(&page, "organization", &[("organization", "Nobody at all")]).await;
    assert_eq!((wrong.status, wrong.attr("#organization", "value").as_deref()), (422, Some("Nobody at all")));
    assert!(wrong.text().contains("No organization of the roll is called"), "{}", wrong.text());
    assert_eq!(server.fill(&page, "organization", &[("organization", "39")]).await.status, 303);
    assert!(server.get(&gifts_of(&all[1])).await.text().contains("$100.00 in 1 gift"));
    assert_eq!(server.get(&page).await.status, 409, "one organization for one donor");
}

/// A letter that lies in the outbox.
async fn letter(server: &Server, to: &str, record: (&str, &str), subject: &str, days_ago: i64) {
    let mut tx = server.app.db.write().await.unwrap();
    let mut draft = mail::letter(subject);
    draft = draft.line("Words.");
    let letter = draft.sign("AMICC");
    let class = mail::Class::MembershipService;
    mail::send(&mut tx, &to.parse().unwrap(), class, record, &letter, at(days_ago)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn gifts_alliances_and_mail_to_contacts_stand_on_the_timeline_and_in_the_dossier() {
    let (server, all) = giving(&[("office@example.org", 25_000, at(20)), ("office@example.org", 5_000, at(2))]).await;
    let (page, record) = (gifts_of(&all[1]), format!("/staff/organizations/{}", all[1].id));
    let donor = server.get(&page).await.attr("#offered ~ table a", "href").unwrap();
    server.fill(&page, "gifts", &[("donor", donor.rsplit('/').next().unwrap())]).await;
    let mut tx = server.app.db.write().await.unwrap();
    let id = donor.rsplit('/').next().unwrap().parse().unwrap();
    let given = gifts::of_donor(&mut tx, id, 9).await.unwrap().pop().unwrap();
    let refund = |amount, state, days_ago| GiftRefund {
        id: RefundId::new(),
        gift_id: given.id,
        refund: format!("re_{amount}"),
        amount: Cents::new(amount),
        state,
        reason: None,
        at: at(days_ago),
    };
    let refunds = vec![refund(4_000, RefundState::Succeeded, 15), refund(9_900, RefundState::Failed, 14)];
    let zone = server.app.coalition.get().zone();
    gifts::insert_history(&mut tx, &History { gifts: Vec::new(), refunds }, &zone).await.unwrap();
    let alliance = Alliance {
        id: AllianceId::new(),
        slug: "hudson".into(),
        name: "Hudson Valley".into(),
        summary: String::new(),
        state: AllianceState::Prospective,
        fund_slug: None,
        created_at: server.app.clock.now(),
    };
    alliances::insert(&mut tx, &alliance).await.unwrap();
    alliances::set_host(&mut tx, alliance.id, all[1].id, "2026-09-10".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    letter(&server, "ana@example.org", ("alliance", "x"), "Meet us", 5).await;
    letter(&server, "ana@example.org", ("staff_user", "x"), "A link that signs in", 5).await;
    letter(&server, "ana@example.org", ("application", "x"), "Another application", 5).await;
    letter(&server, "ana@example.org", ("alliance", "x"), "Before her time", 6_000).await;
    letter(&server, "office@example.org", ("gift", "x"), "Your receipt", 4).await;
    letter(&server, "stranger@example.org", ("alliance", "x"), "Not for them", 5).await;

    let timeline = format!("{record}/timeline");
    let everything = server.get(&timeline).await.all(".timeline li");
    assert!(everything[0].contains("Gift of $50.00 for Where it is needed most"), "{everything:?}");
    assert!(everything[1].contains("Mail to office@example.org: Your receipt"), "{everything:?}");
    assert!(everything[2].contains("Mail to ana@example.org: Meet us"), "{everything:?}");
    assert!(everything[3].contains("Became the host organization of Hudson Valley"), "{everything:?}");
    assert!(everything[4].contains("$40.00 of a gift for Where it is needed most went back"), "{everything:?}");
    assert!(everything[5].contains("Gift of $250.00"), "{everything:?}");
    for (kind, count) in [("gift", 3), ("mail", 2), ("alliance", 1)] {
        assert_eq!(server.get(&format!("{timeline}?kind={kind}")).await.all(".timeline li").len(), count, "{kind}");
    }
    let dossier = server.get(&format!("{record}/dossier")).await.text();
    for said in ["Host organization of Hudson Valley", "Gifts $300.00 in 2 gifts, less refunds; the last on 19 September 2026 ."]
    {
        assert!(dossier.contains(said), "{said}: {dossier}");
    }
    let other = server.get(&format!("/staff/organizations/{}/dossier", all[0].id)).await.text();
    assert!(!other.contains("$300.00") && !other.contains("Hudson"), "{other}");
}
