//! Starts and ends chromedriver, and with it every browser.
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// What a browser test needs and this machine does not have.
pub(crate) fn missing() -> Option<&'static str> {
    ["chromedriver", "chromium"].into_iter().find(|name| find(name).is_none())
}

/// Where a program stands.
pub(crate) fn find(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

pub(crate) struct Driver {
    child: Child,
    pub(crate) url: String,
}

impl Driver {
    /// On a port that the system chooses.
    pub(crate) async fn start() -> Self {
        let mut child = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver says its port");
            if let Some((_, rest)) = line.split_once("on port ")
                && let Ok(port) = rest.trim_end_matches('.').parse::<u16>()
                && port > 0
            {
                break port;
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    pub(crate) async fn stop(mut self) {
        // Its own way to end, which closes the browsers it opened.
        let _ = reqwest::get(format!("{}/shutdown", self.url)).await;
        let patience = std::time::Duration::from_secs(5);
        if tokio::time::timeout(patience, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}
