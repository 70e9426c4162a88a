//! How long imports take on SQLite, each brought, tried and applied by the jobs that do it on a server:
//! `cargo bench --bench import`. Organizations are brought a second time, when every row is on record already.
mod gifts;
#[path = "../ground/mod.rs"]
mod ground;
mod organizations;

use convener::{
    app::App,
    data::{self, Charset, Given, ImportId, Kind},
    members::{self, Category, CategoryId, carried::Matching},
    routes,
    staff::{self, Role, Staff},
    work,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(10);
/// Gifts that come on record in a second, at least.
const GIFTS_A_SECOND: f64 = 20_000.0;

fn main() {
    tokio::runtime::Runtime::new().expect("threads can be started").block_on(measure());
}

async fn measure() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let (app, staff) = place(&folder).await;
    measure_organizations(&app, &staff).await;
    measure_gifts(&app, &staff).await;
    app.db.close().await;
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure_organizations(app: &App, staff: &Staff) {
    let (file, rows) = (organizations::file(), organizations::ROWS);
    println!("\n{rows} organizations with two contacts each, {} KB, SQLite\n", file.len() / 1_024);
    let began = Instant::now();
    let read = data::read(file.as_bytes(), Charset::Utf8).expect("the file is right").rows.len();
    println!("{:<44}{:>8.2} s   {read} rows", "parsed", began.elapsed().as_secs_f32());
    let again = file.replace("Duluth", "Saint Paul");
    let files = [("new", file, Matching::Leave), ("on record", again, Matching::Replace)];
    for (name, file, matching) in files {
        let took = once(app, staff, (Kind::Organizations, &file, rows), matching).await;
        let whole = took.tried + took.applied;
        let verdict = if whole <= LIMIT { "kept" } else { "missed" };
        println!("{:<44}{:>8.2} s", format!("{name}: tried"), took.tried.as_secs_f32());
        println!("{:<44}{:>8.2} s", format!("{name}: applied"), took.applied.as_secs_f32());
        println!("{:<44}{:>8.2} s   limit {} s, {verdict}", format!("{name}: in all"), whole.as_secs_f32(), LIMIT.as_secs());
    }
}

async fn measure_gifts(app: &App, staff: &Staff) {
    let (file, rows) = (gifts::file(), gifts::ROWS);
    println!("\n{rows} gifts with their donors, {} KB, SQLite\n", file.len() / 1_024);
    let took = once(app, staff, (Kind::Gifts, &file, i64::from(rows)), Matching::Leave).await;
    let wrong = convener::gifts::verify_summaries(&mut app.db.read().await.expect("it answers")).await.expect("it answers");
    assert_eq!(wrong, 0, "all sums are right");
    let a_second = |took: Duration| f64::from(rows) / took.as_secs_f64();
    let (tried, applied) = (a_second(took.tried), a_second(took.applied));
    let verdict = if applied >= GIFTS_A_SECOND { "kept" } else { "missed" };
    println!("{:<44}{:>8.2} s   {tried:.0} a second", "tried", took.tried.as_secs_f32());
    println!(
        "{:<44}{:>8.2} s   {applied:.0} a second, limit {GIFTS_A_SECOND:.0}, {verdict}",
        "applied",
        took.applied.as_secs_f32()
    );
    println!(
        "{:<44}{:>8.2} s   {:.0} a second",
        "in all",
        (took.tried + took.applied).as_secs_f32(),
        a_second(took.tried + took.applied)
    );
    let began = Instant::now();
    let told = serde_json::Value::Null;
    assert!(data::begin_undoing(app, staff, took.id, &told).await.expect("it answers"), "it can be taken back");
    work::run_due(app, &routes::jobs()).await.expect("the database answers");
    let back = began.elapsed();
    let mut tx = app.db.read().await.expect("it answers");
    assert_eq!(data::outcomes(&mut tx, took.id).await.expect("it answers").undone, i64::from(rows), "all of it");
    assert_eq!(convener::gifts::verify_summaries(&mut tx).await.expect("it answers"), 0, "all sums are right");
    println!("{:<44}{:>8.2} s   {:.0} a second", "taken back", back.as_secs_f32(), a_second(back));
}

struct Took {
    id: ImportId,
    tried: Duration,
    applied: Duration,
}

/// Brings the file, tries it and applies it.
async fn once(app: &App, staff: &Staff, (kind, file, rows): (Kind, &str, i64), matching: Matching) -> Took {
    let began = Instant::now();
    let given = Given { kind, charset: Charset::Utf8, name: "bench.csv", bytes: file.as_bytes() };
    let id: ImportId = data::bring(app, staff, &given).await.expect("it can be kept").expect("the file is right");
    data::settle_as_guessed(app, staff, id).await.expect("its columns are known");
    work::run_due(app, &routes::jobs()).await.expect("the database answers");
    let tried = began.elapsed();
    let fates = data::fates(&mut app.db.read().await.expect("it answers"), id).await.expect("it answers");
    assert_eq!(fates.fresh + fates.matches, rows, "{fates:?}");
    let began = Instant::now();
    data::begin_applying(app, staff, id, matching).await.expect("it answers").expect("it can be applied");
    work::run_due(app, &routes::jobs()).await.expect("the database answers");
    let applied = began.elapsed();
    let outcomes = data::outcomes(&mut app.db.read().await.expect("it answers"), id).await.expect("it answers");
    assert_eq!(outcomes.made + outcomes.changed, rows, "{outcomes:?}");
    Took { id, tried, applied }
}

/// An empty coalition with one category and one of its staff.
async fn place(folder: &Path) -> (App, Staff) {
    let app = ground::coalition(folder).await;
    let email = "office@bench.example".parse().expect("an address");
    let kind = Category { id: CategoryId::new(), slug: "human-rights".into(), name: "Human rights".into(), position: 1 };
    let mut tx = app.db.write().await.expect("it answers");
    members::insert_category(&mut tx, &kind).await.expect("it answers");
    staff::insert(&mut tx, &email, "Bea Bench", Role::Membership, app.clock.now()).await.expect("it answers");
    let staff = staff::by_email(&mut tx, &email).await.expect("it answers").expect("it was just added");
    tx.commit().await.expect("it answers");
    (app, staff)
}
