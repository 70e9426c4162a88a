//! A donor in the own pages: the way in, another address to confirm, a request for staff to answer.
use crate::{
    place::Place,
    server::{Answer, Server},
};

pub(crate) const EMAIL: &str = "rosa@example.org";

pub(crate) struct Giving {
    pub(crate) client: reqwest::Client,
    /// The session's cookie.
    pub(crate) session: String,
    /// Links that nobody has used: into the pages, and to a new address.
    pub(crate) doorstep: String,
    pub(crate) confirm: String,
}

async fn fill(place: &Place, client: &reqwest::Client, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let opened = Answer::of(client.get(place.url(page)).send().await.unwrap()).await;
    let (target, values) = opened.form(page, action, fields);
    Answer::of(client.post(place.url(&target)).form(&values).send().await.unwrap()).await
}

async fn mailed_link(place: &Place) -> String {
    assert_eq!(fill(place, &Server::visitor(), "/my-giving", "/my-giving/link", &[("email", EMAIL)]).await.status, 200);
    place.server().run_jobs().await;
    place.mailed(EMAIL, "/my-giving/link/").await
}

pub(crate) async fn enter(place: &Place) -> Giving {
    let client = Server::visitor();
    let link = mailed_link(place).await;
    let entered = fill(place, &client, &link, "/my-giving/link", &[]).await;
    let mut cookies = entered.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok());
    let session = cookies.find_map(|c| c.strip_prefix("convener_giving=")?.split(';').next()).unwrap().to_owned();
    for (page, fields) in [
        ("/my-giving/details", &[("email", "rosa.new@example.org")][..]),
        ("/my-giving/erasure", &[("note", "I move abroad.")][..]),
    ] {
        assert_eq!(fill(place, &client, page, page, fields).await.status, 303, "{page}");
    }
    place.server().run_jobs().await;
    let confirm = place.mailed("rosa.new@example.org", "/my-giving/email/").await;
    let doorstep = mailed_link(place).await;
    Giving { client, session, doorstep, confirm }
}
