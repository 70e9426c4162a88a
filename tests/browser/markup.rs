//! Hands every page to the Nu HTML checker, where `VNU_JAR` names it (npm's `vnu-jar`) and there is Java.
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

static PAGES: LazyLock<Option<tempfile::TempDir>> =
    LazyLock::new(|| std::env::var_os("VNU_JAR").map(|_| tempfile::tempdir().unwrap()));

/// Where the pages are kept for the checker; `None` without one.
pub(crate) fn folder() -> Option<&'static Path> {
    PAGES.as_ref().map(tempfile::TempDir::path)
}

/// The checker's errors, one line each.
pub(crate) fn errors() -> Vec<String> {
    let (Some(folder), Some(jar)) = (folder(), std::env::var_os("VNU_JAR")) else { return Vec::new() };
    let pages: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let checked =
        Command::new("java").arg("-jar").arg(jar).args(["--errors-only", "--format", "gnu"]).args(&pages).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    let prefix = format!("file:{}/", folder.display());
    said.lines().map(|line| format!("markup {}", line.replace(&prefix, ""))).collect()
}
