//! What must hold for any page, asked of the one that is open.
use crate::{browser::Browser, scripts};
use serde_json::Value;

/// Bytes over the wire and requests that a public page may need.
const MOST_BYTES: u64 = 60 * 1024;
const MOST_REQUESTS: u64 = 6;

/// Everything wrong with the open page, each thing once. `status` is what its answer must be.
pub(crate) async fn page(browser: &Browser, status: u64, public: bool) -> Vec<String> {
    let mut found = loaded(browser, status, public).await;
    browser.client.execute(scripts::AXE, Vec::new()).await.unwrap();
    let mut add = |more: Vec<String>, how: &str| {
        for one in more {
            if !found.iter().any(|f| f.starts_with(&one)) {
                found.push(format!("{one}{how}"));
            }
        }
    };
    add(axe(browser).await, "");
    add(keyboard(browser).await, "");
    for width in [1440, 768, 360, 320] {
        browser.size(width).await;
        add(width_of(browser).await, "");
    }
    browser.size(360).await;
    add(axe(browser).await, " [at 360 px]");
    browser.dark(true).await;
    add(axe(browser).await, " [dark]");
    browser.dark(false).await;
    browser.size(1440).await;
    add(console(browser, status).await, "");
    found
}

/// The answer's status, and what it took to show it.
async fn loaded(browser: &Browser, status: u64, public: bool) -> Vec<String> {
    let loaded = browser.eval(scripts::LOADED).await;
    let [answered, bytes, requests] = [0, 1, 2].map(|n| loaded[n].as_u64().unwrap_or_default());
    let mut found = Vec::new();
    if answered != status {
        found.push(format!("answers {answered} and not {status}"));
    }
    if public && (bytes > MOST_BYTES || requests > MOST_REQUESTS) {
        found.push(format!("takes {bytes} bytes and {requests} requests"));
    }
    found
}

pub(crate) async fn axe(browser: &Browser) -> Vec<String> {
    lines(&browser.client.execute_async(scripts::RUN_AXE, Vec::new()).await.unwrap())
}

async fn width_of(browser: &Browser) -> Vec<String> {
    browser.eval(scripts::TOO_WIDE).await.as_str().map(ToOwned::to_owned).into_iter().collect()
}

/// Tab comes to every control, and the focus is seen there.
pub(crate) async fn keyboard(browser: &Browser) -> Vec<String> {
    let times = browser.eval(scripts::WATCH_FOCUS).await.as_u64().unwrap();
    browser.tab(usize::try_from(times).unwrap()).await;
    lines(&browser.eval(scripts::FOCUS_FOUND).await)
}

/// A browser notes itself that a page was answered with an error; everything else is ours.
async fn console(browser: &Browser, status: u64) -> Vec<String> {
    let expected = format!("the server responded with a status of {status}");
    let said = browser.console().await;
    said.into_iter().filter(|line| status < 400 || !line.contains(&expected)).map(|line| format!("console: {line}")).collect()
}

fn lines(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
