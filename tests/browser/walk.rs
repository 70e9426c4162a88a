//! Opens one page after the other and checks each.
use crate::{browser::Browser, check, markup};
use std::path::Path;

/// A page to open, and what its answer must be.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    /// How it is called in what is found.
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) status: u64,
    /// Held to what a public page may weigh.
    pub(crate) public: bool,
}

pub(crate) async fn all(browser: &Browser, stops: &[Stop]) -> Vec<String> {
    let only = std::env::var("BROWSER_ONLY").unwrap_or_default();
    let mut found = Vec::new();
    for stop in stops.iter().filter(|stop| stop.name.contains(&only)) {
        browser.goto(&stop.url).await;
        found.extend(open(browser, &stop.name, stop.status, stop.public).await);
    }
    found
}

/// The same for the page that is open already.
pub(crate) async fn open(browser: &Browser, name: &str, status: u64, public: bool) -> Vec<String> {
    if let Ok(folder) = std::env::var("BROWSER_SHOTS") {
        shots(browser, Path::new(&folder), name).await;
    }
    if let Some(folder) = markup::folder() {
        std::fs::write(
            folder.join(format!("{}.html", file_name(name))),
            format!("<!DOCTYPE html>{}", browser.client.source().await.unwrap()),
        )
        .unwrap();
    }
    let found = check::page(browser, status, public).await;
    found.into_iter().map(|what| format!("{name}: {what}")).collect()
}

async fn shots(browser: &Browser, folder: &Path, name: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let file = file_name(name);
    for (dark, scheme) in [(false, "light"), (true, "dark")] {
        browser.dark(dark).await;
        for width in [360, 768, 1440] {
            browser.size(width).await;
            browser.shot(&folder.join(format!("{file}.{width}.{scheme}.png"))).await;
        }
    }
    browser.dark(false).await;
}

fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(60).collect()
}
