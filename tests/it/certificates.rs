//! Certificates: what they say, who gets none and why, who signs.
use crate::{members::few, server::Server, standing::act};
use convener::{
    members::{self, Signatory, Track, certificate},
    staff::Role,
};

async fn pdf(server: &Server, path: &str) -> Vec<u8> {
    let answer = server.http.get(server.absolute(path)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &"application/pdf".parse().unwrap()));
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"certificate-"));
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_certificate_says_who_an_organization_is_and_where_that_is_verified() {
    let mut server = Server::start().await;
    let all = few(&server).await;
    server.sign_in(Role::Administrator).await;
    let signed = [("name", "Ada Chair"), ("title", "Convener")];
    assert_eq!(server.fill("/staff/settings/certificate", "certificate", &signed).await.status, 303);
    assert!(server.get("/staff/settings").await.text().contains("Signed by Ada Chair."));
    let untitled = server.fill("/staff/settings/certificate", "certificate", &[("name", ""), ("title", "Chair")]).await;
    assert_eq!((untitled.status, untitled.attr("#title", "value").as_deref()), (422, Some("Chair")));

    let coalition = server.app.coalition.get();
    let today = coalition.zone().day(server.app.clock.now());
    let signatory = Signatory { name: "Ada Chair".into(), title: "Convener".into() };
    for (past, place) in [(&all[1], "is the thirty-ninth institutional member"), (&all[2], "is an observer")] {
        let record = format!("/staff/organizations/{}", past.id);
        let link = server.get(&record).await.attr("a[href$='/certificate']", "href").unwrap();
        let given = pdf(&server, &link).await;
        let o = members::organization(&mut server.app.db.read().await.unwrap(), past.id).await.unwrap().unwrap();
        let address = server.app.url(&o.path());
        let sheet = certificate::paper(&o, &coalition, &signatory, &address, today);
        assert_eq!(given, sheet.finish().unwrap(), "what is given is the sheet that is looked into here");
        let words = format!("{sheet:?}");
        for said in [&o.name, place, &coalition.name, "Ada Chair", "Convener", &o.admitted_on.words(), &address] {
            assert!(words.contains(said), "{said}: {words}");
        }
        assert_eq!(words.contains("Number 39"), o.track == Track::Member);
    }
}

#[tokio::test]
async fn who_is_suspended_or_left_gets_no_certificate_and_reads_why() {
    for (how, extra, why) in [
        ("suspension", ("until", ""), "its membership is suspended"),
        ("resignation", ("until", ""), "it resigned"),
        ("dissolution", ("until", ""), "it was dissolved"),
        ("merger", ("successor", "1"), "it merged into another organization"),
    ] {
        let mut server = Server::start().await;
        let all = few(&server).await;
        server.sign_in(Role::Membership).await;
        let record = format!("/staff/organizations/{}", all[0].id);
        let successor = all[1].id.to_string();
        let extra = if extra.0 == "successor" { ("successor", successor.as_str()) } else { extra };
        act(&server, &record, how, &[("on", "2026-09-01"), ("reason", "By letter."), extra]).await;
        let page = server.get(&record).await;
        assert!(page.text().contains(why) && page.attr("a[href$='/certificate']", "href").is_none(), "{how}: {}", page.text());
        let refused = server.get(&format!("{record}/certificate")).await;
        assert!(refused.status == 409 && refused.text().contains(why), "{how}: {}", refused.text());
    }
}

#[tokio::test]
async fn only_who_is_signed_in_gets_a_certificate_from_the_record() {
    let server = Server::start().await;
    let all = few(&server).await;
    let answer = server.get(&format!("/staff/organizations/{}/certificate", all[0].id)).await;
    assert!(answer.status == 303 && answer.location().starts_with("/staff/sign-in"));
}
