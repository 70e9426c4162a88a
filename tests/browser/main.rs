//! Every page in a real browser: what axe, a narrow window, a keyboard and a browser without scripts make of
//! it, and the two main jobs from end to end.
//!
//! Chromium and chromedriver must be there. Where they are not, this says so and passes, unless
//! `BROWSER_TESTS=required`. `BROWSER_SHOTS=folder` also keeps a picture of every page; `BROWSER_ONLY=words`
//! walks only the pages whose address contains them. `VNU_JAR=file` has the Nu HTML checker read every page too.
#![expect(clippy::unwrap_used, reason = "a test may stop where it likes")]

mod browser;
mod check;
mod driver;
mod forms;
mod giving;
mod jobs;
mod markup;
mod pages;
#[path = "../it/paying.rs"]
mod paying;
mod place;
mod portal;
mod running;
mod scripts;
#[expect(dead_code, reason = "the other tests use the rest")]
#[path = "../it/server.rs"]
mod server;
mod walk;

use browser::Browser;
use driver::Driver;
use place::Place;
use std::{process::ExitCode, time::Instant};

fn main() -> ExitCode {
    let asked: Vec<_> = std::env::args().skip(1).collect();
    if asked.iter().any(|a| a == "--list") {
        // One test, for runners that ask first.
        if !asked.iter().any(|a| a == "--ignored") {
            println!("browser: test");
        }
        return ExitCode::SUCCESS;
    }
    if let Some(missing) = driver::missing() {
        let required = std::env::var("BROWSER_TESTS").is_ok_and(|v| v == "required");
        println!("The browser tests {}: {missing} is not here.", if required { "can't run" } else { "are skipped" });
        println!("To run them, install a browser and its driver (on Debian: apt-get install chromium chromium-driver).");
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let driver = Driver::start().await;
        // In a task of its own, so that a panic in it still ends the browsers.
        let url = driver.url.clone();
        let outcome = tokio::spawn(all(url)).await;
        driver.stop().await;
        match outcome {
            Ok(found) if found.is_empty() => {
                println!("The browser found nothing to mend.");
                ExitCode::SUCCESS
            }
            Ok(found) => {
                println!("\nThe browser found {}:\n\n{}", found.len(), found.join("\n"));
                ExitCode::FAILURE
            }
            Err(_) => ExitCode::FAILURE,
        }
    })
}

/// What was found on all pages.
async fn all(driver: String) -> Vec<String> {
    let begun = Instant::now();
    let said = |what: &str| println!("{:>4} s  {what}", begun.elapsed().as_secs());
    let (place, empty) = tokio::join!(Place::start(), server::Server::start());
    said("a coalition stands");
    let (one, two) = tokio::join!(Browser::open(&driver), Browser::open(&driver));
    let links = jobs::all(&one, &place).await;
    said("gave, applied and admitted without scripts");
    let pages = pages::all(&place, &links).await;
    let mut found = pages.missing;
    let ((public, first), (staff, second)) = tokio::join!(
        async {
            let mut found = walk::all(&one, &pages.public).await;
            found.extend(forms::menu(&one, &place, "/").await);
            found.extend(forms::refused_public(&one, &place, &links).await);
            let (session, bare) = pages::empty(&empty).await;
            one.sign_in(&empty.url, &session).await;
            found.extend(walk::all(&one, &bare).await);
            one.sign_in(&place.url(""), &pages.leader_session).await;
            found.extend(walk::all(&one, &pages.leader).await);
            one.enter_portal(&place.url("/portal"), &pages.portal_session).await;
            found.extend(walk::all(&one, &pages.portal).await);
            one.enter_giving(&place.url("/my-giving"), &pages.giving_session).await;
            found.extend(walk::all(&one, &pages.giving).await);
            (pages.public.len(), found)
        },
        async {
            forms::sign_in(&two, &place).await;
            let mut found = walk::all(&two, &pages.staff).await;
            found.extend(forms::menu(&two, &place, "/staff").await);
            found.extend(forms::refused(&two, &place).await);
            (pages.staff.len(), found)
        },
    );
    let (leader, delegate, donor) = (pages.leader.len(), pages.portal.len(), pages.giving.len());
    said(&format!(
        "walked {public} public pages, {staff} of staff, {leader} of a leader, {delegate} of a delegate, {donor} of a donor, and those of an empty coalition"
    ));
    found.extend(first);
    found.extend(second);
    found.extend(markup::errors());
    one.close().await;
    two.close().await;
    found
}
