//! Whether an organization is known already: the applicant is warned and goes on, staff compare.
use crate::{
    joining::{apply, begin, open, staff_page},
    server::{Answer, Server},
};
use convener::staff::Role;

async fn name(server: &Server, at: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("city", "Duluth"), ("state", "MN"), ("mission", "M"), ("website", ""), ("founded", "")];
    all.retain(|(held, _)| fields.iter().all(|(name, _)| name != held));
    all.extend_from_slice(fields);
    let answer = server.fill(&format!("{at}/organization"), "organization", &all).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    server.get(answer.location()).await
}

#[tokio::test]
async fn an_organization_on_the_roll_is_found_however_its_name_is_written() {
    let mut server = open().await;
    apply(&server, "The Women’s Bar Café, Inc.", "a@example.org", "member").await;
    server.sign_in(Role::Membership).await;
    let page = staff_page(&server, "The Women’s Bar Café, Inc.").await;
    server.fill(&format!("{page}/decision"), "decision", &[("decision", "approved")]).await;
    assert!(!server.get(&page).await.text().contains("Is it known already?"), "it is not compared with itself");
    let at = begin(&server, "b@example.org").await;
    assert!(name(&server, &at, &[("name", "WOMENS BAR CAFE")]).await.text().contains("is on the roll already"));
    assert!(!name(&server, &at, &[("name", "Women’s Bar of Ohio")]).await.text().contains("on the roll already"));
    let web = name(&server, &at, &[("name", "Another"), ("website", "http://example.org/en")]).await;
    assert!(web.text().contains("is on the roll already"), "{}", web.text());
    let list = server.get("/staff/applications?state=draft").await;
    let shown = server.get(&list.attr("tbody th a", "href").unwrap()).await;
    let rows = shown.all("details tbody tr");
    assert!(shown.text().contains("the same web address"), "{}", shown.text());
    assert!(rows.contains(&"Name Another The Women’s Bar Café, Inc. Differs".to_owned()), "{rows:?}");
    assert!(rows.contains(&"Main office Duluth, MN Saint Paul, MN Differs".to_owned()), "{rows:?}");
    assert!(rows.contains(&"Founded — 1998 Known of one".to_owned()), "{rows:?}");
}

#[tokio::test]
async fn another_application_for_the_same_is_told_without_what_is_in_it() {
    let mut server = open().await;
    let first = begin(&server, "ida@example.org").await;
    let none = name(&server, &first, &[("name", "Secret Society"), ("ein", "123456789")]).await;
    assert!(!none.text().contains("Another application"));
    let second = begin(&server, "ben@example.org").await;
    let told = name(&server, &second, &[("name", "Open Society"), ("ein", "12-3456789")]).await.text();
    assert!(told.contains("an organization with the same EIN. Perhaps a colleague began it. You can go on"), "{told}");
    assert!(!told.contains("Secret"), "{told}");
    let wrong = server.fill(&format!("{second}/organization"), "organization", &[("ein", "12-34")]).await;
    assert_eq!((wrong.status, wrong.attr("#ein", "value").as_deref()), (422, Some("12-34")));
    server.sign_in(Role::ReadOnly).await;
    let list = server.get("/staff/applications?state=draft").await;
    let html = list.html();
    let links = scraper::Selector::parse("tbody th a").unwrap();
    let link = html.select(&links).find(|a| a.text().collect::<String>() == "Open Society").unwrap().attr("href").unwrap();
    let shown = server.get(link).await;
    assert!(shown.text().contains("Secret Society , another application (draft): the same EIN"), "{}", shown.text());
    assert!(shown.all("details tbody tr").contains(&"EIN 12-3456789 12-3456789 Same".to_owned()));
    server.fill(&format!("{first}/withdrawal"), "withdrawal", &[]).await;
    assert!(!server.get(link).await.text().contains("Is it known already?"), "what is withdrawn does not count");
}
