//! Pages and sheets of members.
use crate::{Took, ask, ask_as, now};
use convener::{app::App, members, routes};
use std::collections::BTreeMap;

/// How long the address of a record is.
const RECORD: usize = "/staff/organizations/00000000-0000-0000-0000-000000000000".len();

/// Each filter with each order and each of several searches, once.
pub(crate) async fn roll(app: &App) -> Vec<Took> {
    let router = routes::router(app);
    let mut tx = app.db.read().await.expect("it can be read");
    let categories = members::categories(&mut tx).await.expect("categories are there");
    drop(tx);
    let mut filters = vec![String::new(), "track=member".to_owned(), "state=NY".to_owned(), "state=CA&track=member".to_owned()];
    filters.extend(categories.iter().map(|category| format!("category={}", category.slug)));
    // The first use of each statement prepares it; a server has done that after its first minute.
    ask(&router, "/members?q=warm").await;
    let mut times = BTreeMap::new();
    for filter in &filters {
        for sort in ["number", "-number", "name", "-name", "since", "-since"] {
            for search in ["", "ju", "rights", "new york", "lawyers for"] {
                let path = format!("/members?{filter}&sort={sort}&q={}", search.replace(' ', "+"));
                let began = now();
                ask(&router, &path).await;
                times.insert(path, Took::since(began));
            }
        }
    }
    times.into_values().collect()
}

/// The certificates of a hundred members as staff download them.
pub(crate) async fn certificates(app: &App, cookie: &str) -> Vec<Took> {
    let router = routes::router(app);
    let list = String::from_utf8(ask_as(&router, "/staff/organizations", cookie).await).expect("a page is text");
    let records = list.split("href=\"").filter_map(|link| link.split('"').next()).filter(|link| link.len() == RECORD);
    let mut times = Vec::new();
    for record in records {
        let began = now();
        let sheet = ask_as(&router, &format!("{record}/certificate"), cookie).await;
        times.push(Took::since(began));
        assert!(sheet.starts_with(b"%PDF"), "{record}");
    }
    assert!(times.len() > 50, "the list leads to records");
    times
}
