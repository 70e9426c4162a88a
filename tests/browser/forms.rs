//! Pages that only a click leads to: refused forms, and the menu of a small window.
use crate::{browser::Browser, check, jobs::Links, place::Place, walk};
use convener::demo;

pub(crate) async fn sign_in(browser: &Browser, place: &Place) {
    browser.goto(&place.url("/staff/sign-in")).await;
    browser.write("email", demo::ADMINISTRATOR).await;
    browser.write("password", demo::PASSWORD).await;
    browser.press("Sign in").await;
    browser.heading("Today").await;
}

/// Sends a form as it opens, past the browser's own checks, and looks at what comes back.
pub(crate) async fn send_empty(browser: &Browser, url: &str, form: &str, name: &str, public: bool) -> Vec<String> {
    browser.goto(url).await;
    let prepared = format!(
        "const f = document.querySelector('form[action*=\"{form}\"]'); f.noValidate = true; \
         f.querySelectorAll('input:not([type=hidden]), textarea').forEach(i => {{ if ('checked' in i && /radio|checkbox/.test(i.type)) i.checked = false; else i.value = '' }}); \
         f.querySelector('button[type=submit]').click()"
    );
    browser.eval(&prepared).await;
    let summary = browser.client.wait().for_element(fantoccini::Locator::Css(".error-summary")).await;
    if summary.is_err() {
        return vec![format!("{name}: an empty form is not refused with a summary")];
    }
    let found = walk::open(browser, &format!("{name} refused"), 422, public).await;
    let lost = browser
        .eval("return [...document.querySelectorAll('.error-summary a')].filter(a => !document.querySelector(a.hash)).map(a => a.hash)")
        .await;
    let lost = lost.as_array().cloned().unwrap_or_default();
    found.into_iter().chain(lost.iter().map(|l| format!("{name} refused: the summary leads nowhere with {l}"))).collect()
}

/// Every form of the public pages, sent empty.
pub(crate) async fn refused_public(browser: &Browser, place: &Place, links: &Links) -> Vec<String> {
    let only = std::env::var("BROWSER_ONLY").unwrap_or_default();
    let mut forms: Vec<_> =
        ["/donate", "/join", "/staff/sign-in", "/staff/forgotten"].iter().map(|p| ((*p).to_owned(), (*p).to_owned())).collect();
    forms.push(("/join".to_owned(), "/join/link".to_owned()));
    for step in ["track", "organization", "category", "eligibility", "commitment", "document", "contacts", "check"] {
        forms.push((format!("{}/{step}", links.draft), format!("/{step}")));
    }
    let mut found = Vec::new();
    for (path, form) in forms {
        let name = path.replace(&links.draft, "/join/…");
        if name.contains(&only) {
            found.extend(send_empty(browser, &place.url(&path), &form, &format!("{name} {form}"), true).await);
        }
    }
    found
}

/// Every form of staff, sent empty.
pub(crate) async fn refused(browser: &Browser, place: &Place) -> Vec<String> {
    let only = std::env::var("BROWSER_ONLY").unwrap_or_default();
    let mut found = Vec::new();
    for path in [
        "/staff/people/invite",
        "/staff/news/new",
        "/staff/settings/coalition",
        "/staff/settings/giving",
        "/staff/settings/legal-entity",
    ] {
        if path.contains(&only) {
            found.extend(send_empty(browser, &place.url(path), path, path, false).await);
        }
    }
    found
}

/// On a small window the menu opens by keyboard, is walked, and closes again.
pub(crate) async fn menu(browser: &Browser, place: &Place, path: &str) -> Vec<String> {
    browser.size(360).await;
    browser.goto(&place.url(path)).await;
    browser.eval("document.querySelector('.menu-button').focus()").await;
    browser.key('\u{e007}', 1).await;
    let mut found = Vec::new();
    let open = "return document.querySelector('.main-nav').matches(':popover-open')";
    if browser.eval(open).await != true {
        found.push("Enter does not open the menu".to_owned());
    }
    browser.client.execute(crate::scripts::AXE, Vec::new()).await.unwrap();
    found.extend(check::axe(browser).await);
    let links = "const n = document.activeElement.closest('.main-nav'); window.inMenu = (window.inMenu ?? new Set()).add(n ? document.activeElement : null); return n !== null";
    let many = browser.eval("return document.querySelectorAll('.main-nav a').length").await.as_u64().unwrap();
    for _ in 0..=many {
        browser.tab(1).await;
        browser.eval(links).await;
    }
    let reached = browser.eval("return [...document.querySelectorAll('.main-nav a')].every(a => inMenu.has(a))").await;
    if reached != true {
        found.push("Tab does not reach every link of the menu".to_owned());
    }
    browser.key('\u{e00c}', 1).await;
    if browser.eval(open).await != false {
        found.push("Escape does not close the menu".to_owned());
    }
    browser.size(1440).await;
    browser.console().await;
    found.into_iter().map(|what| format!("the menu of {path}: {what}")).collect()
}
