//! One browser window, as the tests use it.
use axum::http::Method;
use base64::Engine;
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    wd::WebDriverCompatibleCommand,
};
use serde_json::{Value, json};

pub(crate) struct Browser {
    pub(crate) client: Client,
}

/// A command that only Chromium's driver knows.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

const TAB: char = '\u{e004}';

impl Browser {
    pub(crate) async fn open(driver: &str) -> Self {
        let wanted = json!({
            "goog:chromeOptions": {
                "binary": crate::driver::find("chromium").unwrap(),
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en-US",
                    "--window-size=1440,900",
                ],
            },
            "goog:loggingPrefs": { "browser": "ALL" },
            // A busy machine reads a long page slowly; nothing is asserted by time.
            "timeouts": { "script": 120_000 },
        });
        let Value::Object(wanted) = wanted else { unreachable!("an object was written") };
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let client = ClientBuilder::new(connector).capabilities(wanted).connect(driver).await.unwrap();
        let browser = Self { client };
        browser.cdp("Network.enable", json!({})).await;
        browser.cdp("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
        browser.size(1440).await;
        browser.dark(false).await;
        browser
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }

    pub(crate) async fn cdp(&self, command: &str, params: Value) -> Value {
        let own = Own { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": params }) };
        self.client.issue_cmd(own).await.unwrap_or_else(|e| panic!("{command}: {e}"))
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|e| panic!("{url}: {e}"));
    }

    pub(crate) async fn eval(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{e}: {script}"))
    }

    /// What the page and the browser said since the last time, as (level, text, address).
    pub(crate) async fn console(&self) -> Vec<String> {
        let own = Own { path: "se/log", body: json!({ "type": "browser" }) };
        let said = self.client.issue_cmd(own).await.unwrap();
        let lines = said.as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub(crate) async fn size(&self, width: u32) {
        let height = if width < 768 { 800 } else { 900 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The colour scheme; nothing moves in either, so that colours are those at rest.
    pub(crate) async fn dark(&self, dark: bool) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Carries a session that is open already.
    pub(crate) async fn sign_in(&self, url: &str, session: &str) {
        self.cdp("Network.setCookie", json!({ "url": url, "name": "convener_session", "value": session })).await;
    }

    pub(crate) async fn enter_portal(&self, url: &str, session: &str) {
        self.enter(url, ("convener_portal", session, "/portal")).await;
    }

    pub(crate) async fn enter_giving(&self, url: &str, session: &str) {
        self.enter(url, ("convener_giving", session, "/my-giving")).await;
    }

    async fn enter(&self, url: &str, (name, session, path): (&str, &str, &str)) {
        self.cdp("Network.setCookie", json!({ "url": url, "name": name, "value": session, "path": path })).await;
    }

    pub(crate) async fn scripts(&self, on: bool) {
        self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await;
    }

    /// Presses a key so often.
    pub(crate) async fn key(&self, key: char, times: usize) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for _ in 0..times {
            keys = keys.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    pub(crate) async fn tab(&self, times: usize) {
        self.key(TAB, times).await;
    }

    /// Types into the field of this name.
    pub(crate) async fn write(&self, name: &str, words: &str) {
        let field = self.client.find(Locator::Css(&format!("[name={name}]"))).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        field.clear().await.unwrap();
        field.send_keys(words).await.unwrap();
    }

    /// Chooses what the label with these words names, by its label as people do.
    pub(crate) async fn choose(&self, label: &str) {
        self.click(&format!("//label[contains(normalize-space(.), \"{label}\")]")).await;
    }

    pub(crate) async fn press(&self, button: &str) {
        self.click(&format!("//main//*[self::button or self::a][contains(normalize-space(.), \"{button}\")]")).await;
    }

    async fn click(&self, xpath: &str) {
        let found = self.client.find(Locator::XPath(xpath)).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => panic!("{xpath}: {error}\n{}", self.words().await),
        };
        found.click().await.unwrap_or_else(|e| panic!("{xpath}: {e}"));
    }

    /// Waits until the page's heading holds these words.
    pub(crate) async fn heading(&self, words: &str) {
        let xpath = format!("//h1[contains(normalize-space(.), \"{words}\")]");
        let patience = std::time::Duration::from_secs(15);
        let found = self.client.wait().at_most(patience).for_element(Locator::XPath(&xpath)).await;
        let instead = if found.is_ok() { String::new() } else { self.words().await };
        assert!(found.is_ok(), "no heading “{words}”:\n{instead}");
    }

    /// Waits until the page holds these words.
    pub(crate) async fn reads(&self, words: &str) {
        let xpath = format!("//body[contains(normalize-space(.), \"{words}\")]");
        let patience = std::time::Duration::from_secs(15);
        let found = self.client.wait().at_most(patience).for_element(Locator::XPath(&xpath)).await;
        let instead = if found.is_ok() { String::new() } else { self.words().await };
        assert!(found.is_ok(), "not to be read: “{words}”:\n{instead}");
    }

    /// What a person reads.
    pub(crate) async fn words(&self) -> String {
        self.eval("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// The path of the page.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// A picture of the whole page.
    pub(crate) async fn shot(&self, file: &std::path::Path) {
        let taken = self
            .cdp("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "format": "png", "clip": self.whole().await }))
            .await;
        let bytes = base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    async fn whole(&self) -> Value {
        let size = self.eval("const e = document.documentElement; return [innerWidth, Math.min(e.scrollHeight, 4000)]").await;
        json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 })
    }
}
