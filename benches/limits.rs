//! Figures that have a limit and need no database of full size, each beside its limit: `cargo bench --bench limits`.
//!
//! Both are asked in this process, without a socket, and every address once, so that no kept page answers: what is
//! measured is the server's own time. Beside it stands the processor's, which others on the machine do not lengthen.
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use convener::{
    app::App,
    config::{Config, Delivery, LogFormat, Secret},
    db::Db,
    demo::{self, Scale},
    kernel::{Clock, Coalition},
    members,
    payments::Gateway,
    routes, staff,
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};
use tower::ServiceExt;

const ROLL: Duration = Duration::from_millis(10);
const CERTIFICATE: Duration = Duration::from_millis(100);
/// How long the address of a record is.
const RECORD: usize = "/staff/organizations/00000000-0000-0000-0000-000000000000".len();

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let app = coalition_of_2500(folder.path()).await;
    println!(
        "\n{:<44}{:>6} {:>8} {:>8} {:>13} {:>13}   limit",
        "", "times", "p50 ms", "p99 ms", "p50 processor", "p99 processor"
    );
    row("roll of 2,500 members, filtered and sorted", &roll(&app).await, ROLL);
    row("certificate", &certificates(&app).await, CERTIFICATE);
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

/// A generated coalition with its database on disk.
async fn coalition_of_2500(folder: &Path) -> App {
    let url = format!("sqlite:{}", folder.join("convener.db").display());
    let config = Config {
        database_url: Secret::new(&url),
        database_readers: 2,
        base_url: "http://127.0.0.1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: Secret::new("a secret of the bench, long enough to sign with"),
        stripe_key: Secret::new("sk_test_of_the_bench"),
        stripe_webhook_secrets: Vec::new(),
        stripe_api_base: "http://127.0.0.1:9/".to_owned(),
        delivery: Delivery::Captured,
        mail_from: "office@example.org".parse().expect("it is an address"),
        smtp_patience: Duration::from_secs(5),
        files_dir: folder.join("files"),
        client_ip_header: None,
        log_format: LogFormat::Pretty,
        log: String::new(),
        workers: 1,
    };
    let db = Db::connect(&url, 2).await.expect("a database can be made");
    db.migrate().await.expect("it takes the migrations");
    let gateway = Gateway::new(&config).expect("the gateway needs no connection yet");
    let app = App::new(config, db, Clock::default(), Coalition::default(), gateway);
    let scale = Scale { members: 2_500, donors: 20, gifts: 40, applications: false, seed: 2_500 };
    demo::fill(&app, &scale, None).await.expect("it can be filled");
    app
}

/// Each filter with each order and each of several searches, once.
async fn roll(app: &App) -> Vec<Took> {
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

/// The certificates of a hundred members as staff download them.
async fn certificates(app: &App) -> Vec<Took> {
    let mut tx = app.db.write().await.expect("it can be written");
    let ada = demo::ADMINISTRATOR.parse().expect("it is an address");
    let ada = staff::by_email(&mut tx, &ada).await.expect("it can be read").expect("she is generated");
    let token = staff::open_session(&mut tx, ada.id, "the bench", app.clock.now()).await.expect("it can be opened");
    tx.commit().await.expect("it is kept");
    let (router, cookie) = (routes::router(app), format!("convener_session={}", token.as_str()));
    let list = String::from_utf8(ask_as(&router, "/staff/organizations", &cookie).await).expect("a page is text");
    let records = list.split("href=\"").filter_map(|link| link.split('"').next()).filter(|link| link.len() == RECORD);
    let mut times = Vec::new();
    for record in records {
        let began = now();
        let sheet = ask_as(&router, &format!("{record}/certificate"), &cookie).await;
        times.push(Took::since(began));
        assert!(sheet.starts_with(b"%PDF"), "{record}");
    }
    assert!(times.len() > 50, "the list leads to records");
    times
}
