//! Appeals and campaigns: the code goes from the link to the gift and its renewals; the public total is live.
use crate::{
    offline,
    paying::{Paying, start_paying},
};
use convener::{
    donors::{self, DonorKind},
    gifts::{self, Gift},
    kernel::Cents,
    payments::sandbox::Card,
    staff::Role,
};

async fn hear(paying: &Paying) {
    paying.sandbox.deliver_all().await.unwrap();
    paying.server.run_jobs().await;
}

async fn gifts_of(paying: &Paying, email: &str) -> Vec<Gift> {
    let mut tx = paying.server.app.db.read().await.unwrap();
    let donor = donors::by_email(&mut tx, &email.parse().unwrap()).await.unwrap().unwrap();
    gifts::of_donor(&mut tx, donor.id, 10).await.unwrap()
}

#[tokio::test]
async fn the_code_of_a_link_reaches_the_gift_and_each_renewal_and_the_campaign_counts_them() {
    let mut paying = start_paying().await;
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let campaign = [("name", "Year-end appeal"), ("goal", "1000"), ("story", "One.\n\nTwo.")];
    assert_eq!(server.fill("/staff/campaigns/new", "/staff/campaigns/new", &campaign).await.status, 303);
    let appeal = [("name", "Spring letter"), ("code", "spring-1"), ("cost", "40"), ("campaign", "year-end-appeal")];
    let added = server.fill("/staff/appeals/new", "/staff/appeals/new", &appeal).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let again = server.fill("/staff/appeals/new", "/staff/appeals/new", &appeal).await;
    assert!(again.status == 422 && again.text().contains("an appeal has this one already"), "{}", again.text());
    let link = server.get(added.location()).await.attr("dd a", "href").unwrap();
    assert!(link.ends_with("/give/year-end-appeal?source=spring-1"), "{link}");

    // From the link to the page of the campaign, to the form, through the payment page.
    let page = server.get(&link).await;
    assert!(page.text().contains("$0.00 of $1,000.00 given by 0 gifts, 0% of the goal"), "{}", page.text());
    let donate = page.attr("main a.give", "href").unwrap();
    let fields = [("amount", "50.00"), ("frequency", "monthly"), ("name", "Ada"), ("email", "ada@example.org")];
    let sent = server.fill(&donate, "/donate", &fields).await;
    paying.sandbox.pay(sent.location().rsplit('/').next().unwrap(), Card::Success).await.unwrap();
    hear(&paying).await;
    paying.advance_days(32).await;
    hear(&paying).await;
    paying.server.sign_in(Role::Development).await;
    let server = &paying.server;
    let both = gifts_of(&paying, "ada@example.org").await;
    assert_eq!(both.len(), 2, "the first payment and a renewal");
    assert!(both.iter().all(|gift| gift.source.as_deref() == Some("spring-1")), "{both:?}");
    let page = server.get(&link).await;
    assert!(page.text().contains("$100.00 of $1,000.00 given by 2 gifts, 10% of the goal"), "{}", page.text());
    assert_eq!(page.attr("progress", "value").as_deref(), Some("10000"));

    // What goes back counts no more, on the page that is kept too.
    server.app.gateway.start_refund("part", both[0].payment.as_deref().unwrap(), Cents::new(2_000)).await.unwrap();
    hear(&paying).await;
    assert!(server.get(&link).await.text().contains("$80.00 of $1,000.00"));
    let list = server.get("/staff/appeals").await;
    assert_eq!(list.all("tbody tr:first-child td").join(" "), "spring-1 21 September 2026 Letter 2 1 $80.00 $40.00");
    let rows = server.get("/staff/gifts?source=spring-1&state=settled").await;
    assert_eq!(rows.all("tbody tr").len(), 2);

    // A gift by hand with a code that no appeal has.
    let grace = offline::donor(server, DonorKind::Person, "Grace Hopper", "").await;
    let cash = [("method", "cash"), ("amount", "5"), ("source", "evening"), ("campaign", "year-end-appeal")];
    assert_eq!(offline::enter(server, &grace, &cash).await.status, 303);
    assert!(server.get(&link).await.text().contains("$85.00 of $1,000.00 given by 3 gifts"));
    let list = server.get("/staff/appeals").await;
    let add = list.attr("a[href*='code=evening']", "href").unwrap();
    assert_eq!(server.get(&add).await.attr("#code", "value").as_deref(), Some("evening"));
    assert_eq!(server.get("/give/nowhere").await.status, 404);
}

#[tokio::test]
async fn other_sites_may_load_the_button_and_nothing_else() {
    let server = offline::start().await;
    let page = server.get("/staff/appeals/button").await;
    let address = page.body.split("src=&quot;").nth(1).unwrap().split("&quot;").next().unwrap().to_owned();
    let button = server.get(&address).await;
    assert_eq!(button.status, 200);
    assert_eq!(button.headers["access-control-allow-origin"], "*");
    assert_eq!(button.headers["cross-origin-resource-policy"], "cross-origin");
    assert!(button.body.contains("/donate") && button.headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
    let sheet = page.attr("link[rel=stylesheet]", "href").unwrap();
    let own = server.get(&sheet).await;
    assert_eq!(own.headers["cross-origin-resource-policy"], "same-origin");
    assert!(!own.headers.contains_key("access-control-allow-origin"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self';"));
}
