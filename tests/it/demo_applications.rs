//! The generated coalition, as a newcomer finds it.
use crate::server::Server;
use convener::{
    demo::{self, Scale},
    staff::Role,
};

#[tokio::test]
async fn the_demonstration_has_applications_to_go_on_with() {
    let mut server = Server::start().await;
    demo::fill(&server.app, &Scale { donors: 12, gifts: 40, ..Scale::DEMONSTRATION }, None).await.unwrap();
    server.run_jobs().await;
    server.sign_in(Role::Administrator).await;
    let home = server.get("/staff").await.text();
    assert!(home.contains("3 organizations wait to hear from you"), "{home}");
    assert!(!home.contains("0 No "), "all is set up: {home}");
    let queue = server.get("/staff/applications").await;
    assert_eq!(
        queue.all("tbody th"),
        ["Survivors’ Archive of Oral History", "Women Jurists of the Two Coasts", "Campus Network for the Rule of Law"]
    );
    let tabs = queue.all("nav.tabs li").join(" ");
    for state in ["Draft (1)", "Submitted (2)", "Needs information (1)", "In review (1)"] {
        assert!(tabs.contains(state), "{tabs}");
    }
    for state in ["draft", "submitted", "needs_information", "in_review"] {
        let list = server.get(&format!("/staff/applications?state={state}")).await;
        let page = server.get(&list.attr("tbody th a", "href").unwrap()).await;
        assert_eq!(page.status, 200);
        if state != "draft" {
            assert!(!page.text().contains("Not answered"), "{}", page.text());
            let file = server.http.get(server.absolute(&page.attr("a[href$=document]", "href").unwrap())).send().await.unwrap();
            assert!(file.bytes().await.unwrap().starts_with(b"%PDF-1.4"));
        }
    }
    let asked = server.get("/staff/applications?state=needs_information").await;
    let page = server.get(&asked.attr("tbody th a", "href").unwrap()).await;
    assert!(page.text().contains("our rules ask for a senior official"), "{}", page.text());

    let jurists =
        queue.html().select(&scraper::Selector::parse("tbody th a").unwrap()).nth(1).unwrap().attr("href").unwrap().to_owned();
    let decision = format!("{jurists}/decision");
    assert!(server.get(&decision).await.text().contains("Approve as 40th member"));
    let approved = server.fill(&decision, "decision", &[("decision", "approved")]).await;
    assert_eq!(approved.status, 303, "{}", approved.text());
    assert!(server.get("/").await.text().contains("Women Jurists of the Two Coasts is our 40th institutional member"));
}
