//! What happens when the machine, the disk or the one who starts the program does wrong.
use crate::server::Server;
use convener::{db::Tx, payments::sign, staff::Role};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

const SECRET: &str = "whsec_of_the_faults";

/// The program with a right environment of its own.
pub(crate) fn program(folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convener"));
    command
        .env_clear()
        .env("DATABASE_URL", format!("sqlite:{}", folder.join("convener.db").display()))
        .env("BASE_URL", format!("http://{listen}"))
        .env("LISTEN", listen)
        .env("SECRET_KEY", "a secret of the fault tests, long enough to sign with")
        .env("STRIPE_SECRET_KEY", "sk_test_of_the_faults")
        .env("STRIPE_WEBHOOK_SECRET", SECRET)
        .env("STRIPE_API_BASE", "http://127.0.0.1:9/")
        .env("FILES_DIR", folder.join("files"))
        .env("LOG", "error");
    command
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_wrong_environment_stops_the_start_with_every_mistake_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path(), "127.0.0.1:0")
        .arg("serve")
        .env("LISTEN", "nowhere")
        .env("SECRET_KEY", "short")
        .env_remove("STRIPE_WEBHOOK_SECRET")
        .output()
        .unwrap();
    assert!(!output.status.success());
    for part in ["LISTEN", "SECRET_KEY", "STRIPE_WEBHOOK_SECRET"] {
        assert!(told(&output).contains(part), "{part}: {}", told(&output));
    }
}

#[test]
fn serving_with_the_demonstrations_secrets_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        program(folder.path(), "127.0.0.1:0").arg("serve").env("STRIPE_SECRET_KEY", "sk_test_convener-demo").output().unwrap();
    assert!(!output.status.success());
    assert!(told(&output).contains("demonstration"), "{}", told(&output));
}

#[test]
fn a_database_newer_than_the_program_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    assert!(program(folder.path(), "127.0.0.1:0").arg("migrate").output().unwrap().status.success());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = convener::db::Db::connect(&format!("sqlite:{}", folder.path().join("convener.db").display()), 1).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let Tx::Sqlite(conn, _) = &mut tx else { unreachable!("the URL says so") };
        sqlx::query("insert into _sqlx_migrations values (9999, 'from the future', '2030-01-01', true, x'00', 1)")
            .execute(&mut **conn)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        db.close().await;
    });
    for verb in ["serve", "migrate"] {
        let output = program(folder.path(), "127.0.0.1:0").arg(verb).output().unwrap();
        assert!(!output.status.success());
        assert!(told(&output).contains("newer Convener"), "{}", told(&output));
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_page_and_what_follows_works_again() {
    let mut server = Server::start().await;
    if !server.app.db.is_sqlite() {
        return;
    }
    server.sign_in(Role::Administrator).await;
    set_most_pages(&server, "pragma max_page_count = 1").await;
    let long = "A sentence that needs room. ".repeat(700);
    let refused = server.fill("/staff/news/new", "new", &[("title", "No room"), ("body", &long)]).await;
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(!server.get("/staff/news").await.text().contains("No room"));
    set_most_pages(&server, "pragma max_page_count = 1073741823").await;
    let saved = server.fill("/staff/news/new", "new", &[("title", "Room again"), ("body", &long)]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert!(server.get("/staff/news").await.text().contains("Room again"));
}

/// SQLite lowers the limit to the pages there are, so that nothing more fits.
async fn set_most_pages(server: &Server, pragma: &'static str) {
    let mut tx = server.app.db.write().await.unwrap();
    if let Tx::Sqlite(conn, _) = &mut tx {
        sqlx::query(pragma).execute(&mut **conn).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A running site that dies with its test.
pub(crate) struct Site(pub(crate) Child);

impl Drop for Site {
    fn drop(&mut self) {
        // It may be dead already, as some tests want it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the site and waits until it says that it serves.
fn start_site(folder: &Path, listen: &str) -> Site {
    serve(&mut program(folder, listen))
}

/// Lets this program serve.
pub(crate) fn serve(program: &mut Command) -> Site {
    let mut child = program.arg("serve").env("LOG", "convener=info").stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let site = Site(child);
    let mut lines = log.lines();
    assert!(lines.any(|line| line.unwrap().contains("serving")), "the site does not start");
    // What it says later is read too, or it would wait for somebody to read it.
    std::thread::spawn(move || lines.count());
    site
}

#[tokio::test]
async fn every_webhook_that_was_acknowledged_survives_a_kill() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let http = reqwest::Client::new();
    let mut site = start_site(folder.path(), &listen);
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..200 {
        let (http, address) = (http.clone(), format!("http://{listen}/webhooks/stripe"));
        sending.spawn(async move {
            let now = convener::kernel::Clock::default().now();
            let id = format!("evt_kill_{number}");
            let body = format!(
                r#"{{"id":"{id}","object":"event","created":{},"livemode":false,"type":"product.created","data":{{"object":{{"id":"prod_1","object":"product"}}}}}}"#,
                now.unix()
            );
            let signature = sign(SECRET, now, body.as_bytes());
            let answer = http.post(address).header("stripe-signature", signature).body(body).send().await;
            answer.is_ok_and(|a| a.status() == 200).then_some(id)
        });
    }
    let mut acknowledged = Vec::new();
    while let Some(done) = sending.join_next().await {
        acknowledged.extend(done.unwrap());
        if acknowledged.len() == 50 {
            site.0.kill().unwrap();
        }
    }
    assert!(acknowledged.len() >= 50);
    drop(site);
    let _site = start_site(folder.path(), &listen);
    let db = convener::db::Db::connect(&format!("sqlite:{}", folder.path().join("convener.db").display()), 1).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let Tx::Sqlite(conn, _) = &mut tx else { unreachable!("the URL says so") };
    let stored: Vec<String> = sqlx::query_scalar("select id from gateway_event").fetch_all(&mut **conn).await.unwrap();
    for id in acknowledged {
        assert_eq!(stored.iter().filter(|s| **s == id).count(), 1, "{id}");
    }
}
