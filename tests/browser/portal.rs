//! A delegate in the portal: the way in, and requests for staff to answer.
use crate::{
    place::Place,
    server::{Answer, Server},
};

pub(crate) struct Portal {
    pub(crate) client: reqwest::Client,
    /// The session's cookie.
    pub(crate) session: String,
    /// A link that nobody has used.
    pub(crate) doorstep: String,
    /// The organization's record.
    pub(crate) record: String,
    /// The page on which the delegate reaffirms.
    pub(crate) reaffirm: String,
}

async fn get(place: &Place, client: &reqwest::Client, path: &str) -> Answer {
    Answer::of(client.get(place.url(path)).send().await.unwrap()).await
}

async fn fill(place: &Place, client: &reqwest::Client, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let (target, values) = get(place, client, page).await.form(page, action, fields);
    Answer::of(client.post(place.url(&target)).form(&values).send().await.unwrap()).await
}

/// The delegate who is to be called about reaffirming; the organization is asked to contribute, too.
async fn delegate(place: &Place) -> (String, String) {
    let server = place.server();
    let calls = server.get("/staff/reaffirmations").await.attr("td a[href$='/calls']", "href").unwrap();
    let record = calls.trim_end_matches("/calls");
    assert_eq!(server.fill(&format!("{record}/reaffirmation"), "/delegate-link", &[]).await.status, 303);
    let settings = "/staff/settings/contributions";
    let fund = server.get(settings).await.attr("#fund option:nth-child(2)", "value").unwrap();
    let set =
        [("on", "yes"), ("fund", fund.as_str()), ("tiers", "250,000: 100\nlarger: 1,000"), ("by_check", "Checks to AMICC.")];
    assert_eq!(server.fill(settings, settings, &set).await.status, 303);
    let new = format!("{record}/contributions/new");
    assert_eq!(server.fill(&new, &new, &[("amount", "250")]).await.status, 303);
    server.run_jobs().await;
    let mail = server.get(record).await.attr("td[data-label='Reached at'] a", "href").unwrap();
    (mail.trim_start_matches("mailto:").to_owned(), record.to_owned())
}

async fn mailed_link(place: &Place, email: &str) -> String {
    assert_eq!(fill(place, &Server::visitor(), "/portal", "/portal/link", &[("email", email)]).await.status, 200);
    place.server().run_jobs().await;
    place.mailed(email, "/portal/link/").await
}

pub(crate) async fn enter(place: &Place) -> Portal {
    let (email, record) = delegate(place).await;
    let reaffirm = place.mailed(&email, "/reaffirm/").await;
    let client = Server::visitor();
    let link = mailed_link(place, &email).await;
    let entered = fill(place, &client, &link, "/portal/link", &[]).await;
    let mut cookies = entered.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok());
    let session = cookies.find_map(|c| c.strip_prefix("convener_portal=")?.split(';').next()).unwrap().to_owned();
    for (page, fields) in [
        ("/portal/changes/names", &[("legal_name", "The Families, Inc."), ("note", "A new charter.")][..]),
        ("/portal/changes/seat", &[("name", "Cleo Next"), ("email", "cleo@demo.example")][..]),
    ] {
        assert_eq!(fill(place, &client, page, page, fields).await.status, 303, "{page}");
    }
    let doorstep = mailed_link(place, &email).await;
    Portal { client, session, doorstep, record, reaffirm }
}
