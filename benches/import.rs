//! How long an import of 5,000 organizations with two contacts each takes, parsed, tried and applied on SQLite, and
//! taken to the same file a second time, when every row is on record already: `cargo bench --bench import`.
use convener::{
    app::App,
    config::{Config, Delivery, LogFormat, Secret},
    data::{self, Charset, Given, ImportId, Kind},
    db::Db,
    kernel::{Clock, Coalition},
    members::{self, Category, CategoryId, carried::Matching},
    payments::Gateway,
    routes,
    staff::{self, Role, Staff},
    work,
};
use std::{
    fmt::Write,
    path::Path,
    time::{Duration, Instant},
};

const ROWS: i64 = 5_000;
const LIMIT: Duration = Duration::from_secs(10);

fn main() {
    tokio::runtime::Runtime::new().expect("threads can be started").block_on(measure());
}

async fn measure() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let (app, staff) = place(&folder).await;
    let file = file();
    println!("\n{ROWS} organizations with two contacts each, {} KB, SQLite\n", file.len() / 1_024);
    let began = Instant::now();
    let rows = data::read(file.as_bytes(), Charset::Utf8).expect("the file is right").rows.len();
    println!("{:<44}{:>8.2} s   {rows} rows", "parsed", began.elapsed().as_secs_f32());
    let first = once(&app, &staff, &file, "new", Matching::Leave).await;
    let second = once(&app, &staff, &file.replace("Duluth", "Saint Paul"), "on record", Matching::Replace).await;
    for (name, took) in [("all of the first", first), ("all of the second", second)] {
        let verdict = if took <= LIMIT { "kept" } else { "missed" };
        println!("{name:<44}{:>8.2} s   limit {} s, {verdict}", took.as_secs_f32(), LIMIT.as_secs());
    }
    app.db.close().await;
    let _ = std::fs::remove_dir_all(&folder);
}

/// Brings the file, tries it and applies it; says how long each took.
async fn once(app: &App, staff: &Staff, file: &str, name: &str, matching: Matching) -> Duration {
    let whole = Instant::now();
    let given = Given { kind: Kind::Organizations, charset: Charset::Utf8, name: "bench.csv", bytes: file.as_bytes() };
    let id: ImportId = data::bring(app, staff, &given).await.expect("it can be kept").expect("the file is right");
    let began = Instant::now();
    data::settle_as_guessed(app, staff, id).await.expect("its columns are known");
    work::run_due(app, &routes::jobs()).await.expect("the database answers");
    let tried = began.elapsed();
    let fates = data::fates(&mut app.db.read().await.expect("it answers"), id).await.expect("it answers");
    assert_eq!(fates.fresh + fates.matches, ROWS, "{fates:?}");
    let began = Instant::now();
    data::begin_applying(app, staff, id, matching).await.expect("it answers").expect("it can be applied");
    work::run_due(app, &routes::jobs()).await.expect("the database answers");
    let applied = began.elapsed();
    let outcomes = data::outcomes(&mut app.db.read().await.expect("it answers"), id).await.expect("it answers");
    assert_eq!(outcomes.made + outcomes.changed, ROWS, "{outcomes:?}");
    println!("{:<44}{:>8.2} s", format!("{name}: tried"), tried.as_secs_f32());
    println!("{:<44}{:>8.2} s", format!("{name}: applied"), applied.as_secs_f32());
    whole.elapsed()
}

fn file() -> String {
    let mut file = "Number,Name,Track,Category,City,State,Admitted on,EIN,Website,Works in,Postal address,Contact,Email,Phone,Contact 2,Contact 2 email\n".to_owned();
    for n in 1..=ROWS {
        let (number, track) = if n % 10 == 0 { (String::new(), "observer") } else { (n.to_string(), "member") };
        writeln!(
            file,
            "{number},Society for Justice {n},{track},Human rights,Duluth,MN,2014-03-04,{:02}-{:07},https://society{n}.example,\"WI, IA\",\"{n} Main Street, Duluth\",Ada Doe {n},ada{n}@society{n}.example,555 0100,Bob Roe {n},bob{n}@society{n}.example",
            10 + n % 80,
            1_000_000 + n
        )
        .expect("a string has room");
    }
    file
}

/// An empty coalition with one category and one of its staff.
async fn place(folder: &Path) -> (App, Staff) {
    let url = format!("sqlite:{}", folder.join("convener.db").display());
    let config = Config {
        database_url: Secret::new(&url),
        database_readers: 2,
        base_url: "http://127.0.0.1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: Secret::new("a secret of the import bench, used by nobody"),
        stripe_key: Secret::new("sk_test_of_the_import_bench"),
        stripe_webhook_secrets: Vec::new(),
        stripe_api_base: "http://127.0.0.1:9/".to_owned(),
        delivery: Delivery::Captured,
        mail_from: "office@bench.example".parse().expect("an address"),
        smtp_patience: Duration::from_secs(5),
        files_dir: folder.join("files"),
        client_ip_header: None,
        log_format: LogFormat::Pretty,
        log: String::new(),
        workers: 1,
    };
    let db = Db::connect(&url, 2).await.expect("the database opens");
    db.migrate().await.expect("its tables are made");
    let gateway = Gateway::new(&config).expect("the settings are right");
    let app = App::new(config, db, Clock::default(), Coalition::default(), gateway);
    let email = "office@bench.example".parse().expect("an address");
    let kind = Category { id: CategoryId::new(), slug: "human-rights".into(), name: "Human rights".into(), position: 1 };
    let mut tx = app.db.write().await.expect("it answers");
    members::insert_category(&mut tx, &kind).await.expect("it answers");
    staff::insert(&mut tx, &email, "Bea Bench", Role::Membership, app.clock.now()).await.expect("it answers");
    let staff = staff::by_email(&mut tx, &email).await.expect("it answers").expect("it was just added");
    tx.commit().await.expect("it answers");
    (app, staff)
}
