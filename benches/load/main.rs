//! How the release binary does on a coalition of full size, beside a bare axum answer in the same run:
//! `cargo bench --bench load`.
//!
//! The first run fills a database of 1,000,000 gifts under `target/load/`; later runs use it again.
//! Servers listen on 127.0.0.1 only; the clients run on the same machine and cost their share of it.
mod client;
mod export;
mod place;
mod webhook;

use client::{Measured, Request, run};
use std::time::Duration;

const SECONDS: Duration = Duration::from_secs(8);
const CLIENTS: usize = 16;

fn main() {
    // `cargo bench` passes --bench; the hello server is this program again with a word of its own.
    let mut arguments = std::env::args().skip(1);
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    match arguments.next().as_deref() {
        Some("hello") => runtime.block_on(place::hello()),
        _ => runtime.block_on(measure()),
    }
}

async fn measure() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let place = place::prepare().await;
    let hello = place::start_hello().await;
    let bare = run(&hello.address, &[Request::get("/")], CLIENTS, SECONDS).await;
    println!("\n{:<34}per second    p50 ms    p99 ms  of hello   limit", "");
    row("bare axum hello", &bare, &bare, None);

    let site = place::start_site(&place).await;
    println!("{:<34}{:>10} ms {:>26}   under 1 s", "ready after", site.ready.as_millis(), "");
    for (name, path) in [("home", "/"), ("roll", "/members"), ("donate page", "/donate")] {
        let measured = run(&site.address, &[Request::get(path).compressed()], CLIENTS, SECONDS).await;
        row(name, &measured, &bare, Some("at least 0.5 of hello"));
    }
    let cookie = place::sign_in(&site.address).await;
    let home = run(&site.address, &[Request::get("/staff").with_cookie(&cookie)], CLIENTS, SECONDS).await;
    row("staff home", &home, &bare, Some("p99 under 25 ms"));
    let searches: Vec<_> = ["garcia", "o'bri", "schmidt", "nguyen", "marta", "zzzz", "kowal", "son"]
        .iter()
        .map(|q| Request::get(&format!("/staff/donors?q={q}")).with_cookie(&cookie))
        .collect();
    row("donor search", &run(&site.address, &searches, CLIENTS, SECONDS).await, &bare, Some("p99 under 25 ms"));
    let gifts = run(&site.address, &[Request::get("/staff/gifts").with_cookie(&cookie)], CLIENTS, SECONDS).await;
    row("gifts, first page with totals", &gifts, &bare, None);
    let before = site.resident();
    let exported = export::run(&site.address, &cookie).await;
    println!(
        "{:<34}{:>10.0}   {} rows in {:.1} s, {} MB before, {} MB after   at least 200,000 rows a second",
        "file of all gifts, rows",
        exported.per_second(),
        exported.rows,
        exported.took.as_secs_f64(),
        before,
        site.resident()
    );
    let taken = webhook::flood(&site.address, 64, SECONDS).await;
    row("webhooks taken (64 at once)", &taken, &bare, Some("at least 500 a second"));
    println!(
        "{:<34}{:>10} {:>9} {:>9} {:>9}   under 150 MB",
        "resident, at most",
        "",
        format!("{} MB", site.resident_at_most()),
        "",
        ""
    );
}

fn row(name: &str, measured: &Measured, bare: &Measured, limit: Option<&str>) {
    println!(
        "{name:<34}{:>10.0} {:>9.2} {:>9.2} {:>9.2}   {}",
        measured.per_second(),
        measured.quantile(0.5),
        measured.quantile(0.99),
        measured.per_second() / bare.per_second(),
        limit.unwrap_or_default()
    );
    if measured.refused > 0 {
        println!("{:<34}{} answers were not 200", "", measured.refused);
    }
}
