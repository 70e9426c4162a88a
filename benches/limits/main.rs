//! Figures that have a limit and need no database of full size, each beside its limit: `cargo bench --bench limits`.
//!
//! Pages are asked in this process, without a socket, and every address once, so that no kept page answers: what is
//! measured is the server's own time. Beside it stands the processor's, which others on the machine do not lengthen.
mod donors;
#[path = "../ground/mod.rs"]
mod ground;
mod pages;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use convener::{
    app::App,
    demo::{self, Scale},
    staff,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tower::ServiceExt;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let app = ground::coalition(folder.path()).await;
    let scale = Scale { members: 2_500, donors: 20, gifts: 40, applications: false, seed: 2_500 };
    demo::fill(&app, &scale, None).await.expect("it can be filled");
    println!(
        "\n{:<44}{:>6} {:>8} {:>8} {:>13} {:>13}   limit",
        "", "times", "p50 ms", "p99 ms", "p50 processor", "p99 processor"
    );
    let ms = Duration::from_millis;
    row("roll of 2,500 members, filtered and sorted", &pages::roll(&app).await, ms(10));
    let cookie = sign_in(&app).await;
    row("certificate", &pages::certificates(&app, &cookie).await, ms(100));
    row("donor page with 500 gifts", &donors::page(&app, &cookie).await, ms(15));
    row("merge of two donors with 1,000 gifts each", &donors::merge(&app).await, ms(200));
}

/// The cookie of the generated administrator.
async fn sign_in(app: &App) -> String {
    let mut tx = app.db.write().await.expect("it can be written");
    let ada = demo::ADMINISTRATOR.parse().expect("it is an address");
    let ada = staff::by_email(&mut tx, &ada).await.expect("it can be read").expect("she is generated");
    let token = staff::open_session(&mut tx, ada.id, "the bench", app.clock.now()).await.expect("it can be opened");
    tx.commit().await.expect("it is kept");
    format!("convener_session={}", token.as_str())
}

/// What an answer took: of the clock, and of the processor.
#[derive(Clone, Copy)]
struct Took {
    clock: Duration,
    processor: Duration,
}

impl Took {
    /// Ends what began then.
    fn since(began: (Instant, Duration)) -> Self {
        Self { clock: began.0.elapsed(), processor: processor().saturating_sub(began.1) }
    }
}

fn now() -> (Instant, Duration) {
    (Instant::now(), processor())
}

/// What all threads of this process have had of the processor (`proc_pid_schedstat(5)`: nanoseconds first).
fn processor() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("schedstat")).ok();
    let nanoseconds = threads.filter_map(spent).filter_map(|line| line.split(' ').next()?.parse::<u64>().ok()).sum();
    Duration::from_nanos(nanoseconds)
}

fn row(name: &str, times: &[Took], limit: Duration) {
    let sorted = |of: fn(&Took) -> Duration| {
        let mut all: Vec<_> = times.iter().map(of).collect();
        all.sort_unstable();
        move |hundredths: usize| format!("{:.2}", all[(all.len() - 1) * hundredths / 100].as_secs_f64() * 1_000.0)
    };
    let (clock, processor) = (sorted(|took| took.clock), sorted(|took| took.processor));
    let late = times.iter().filter(|took| took.clock >= limit).count();
    println!(
        "{name:<44}{:>6} {:>8} {:>8} {:>13} {:>13}   p99 under {} ms{}",
        times.len(),
        clock(50),
        clock(99),
        processor(50),
        processor(99),
        limit.as_millis(),
        if late * 100 > times.len() { ", missed" } else { "" }
    );
}

async fn ask(router: &Router, path: &str) -> Vec<u8> {
    ask_as(router, path, "").await
}

async fn ask_as(router: &Router, path: &str, cookie: &str) -> Vec<u8> {
    let visitor = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
    let request = Request::get(path).header("cookie", cookie).extension(visitor).body(Body::empty()).expect("it is a request");
    let answer = router.clone().oneshot(request).await.expect("a router answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    to_bytes(answer.into_body(), usize::MAX).await.expect("it has an end").into()
}
