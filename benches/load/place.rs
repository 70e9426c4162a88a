//! The database of full size, the release binary on it, and the bare server beside it.
use crate::client::{Connection, Request, request_bytes};
use convener::demo;
use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

pub(crate) const WEBHOOK_SECRET: &str = "whsec_of_the_load_bench";

/// Where the data lies.
pub(crate) struct Place {
    folder: PathBuf,
}

/// A running server, ended when it is dropped.
pub(crate) struct Server {
    pub(crate) address: String,
    /// From its start to its first good answer.
    pub(crate) ready: Duration,
    process: Child,
}

impl Server {
    /// The most memory it held so far, in megabytes.
    pub(crate) fn resident_at_most(&self) -> u64 {
        self.megabytes("VmHWM:")
    }

    /// The memory it holds now, in megabytes.
    pub(crate) fn resident(&self) -> u64 {
        self.megabytes("VmRSS:")
    }

    fn megabytes(&self, line: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id().unwrap_or_default())).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|l| l.strip_prefix(line)).and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() / 1_024
    }
}

/// Fills the database once, and gives each run a copy of its own: what one run writes does not burden the next.
pub(crate) async fn prepare() -> Place {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("load");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let place = Place { folder };
    for old in ["convener.db", "convener.db-wal", "convener.db-shm"] {
        let _ = std::fs::remove_file(place.folder.join(old));
    }
    let filled = place.folder.join("filled.db");
    if !filled.exists() {
        println!("filling a database of 1,000,000 gifts; this takes some minutes, once");
        let began = Instant::now();
        demo::fill_for_load(&place.database()).await.expect("it can be filled");
        std::fs::rename(place.folder.join("convener.db"), &filled).expect("it was closed whole");
        println!("filled in {} s", began.elapsed().as_secs());
    }
    let copy = place.folder.join("convener.db");
    std::fs::copy(&filled, &copy).expect("there is room for a copy");
    // The disk is done with it before anything is measured.
    std::fs::File::open(&copy).and_then(|file| file.sync_all()).expect("it can be written out");
    place
}

impl Place {
    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.join("convener.db").display())
    }
}

pub(crate) async fn start_site(place: &Place) -> Server {
    let address = free_address();
    let mut command = Command::new(env!("CARGO_BIN_EXE_convener"));
    command
        .arg("serve")
        .env("DATABASE_URL", place.database())
        .env("BASE_URL", format!("http://{address}"))
        .env("LISTEN", &address)
        .env("SECRET_KEY", "a secret of the load bench, long enough to sign with")
        .env("STRIPE_SECRET_KEY", "sk_test_of_the_load_bench")
        .env("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
        .env("STRIPE_API_BASE", "http://127.0.0.1:9/")
        .env("FILES_DIR", place.folder.join("files"))
        .env("LOG", "error");
    start(command, address, "/readyz").await
}

pub(crate) async fn start_hello() -> Server {
    let address = free_address();
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg("hello").env("LISTEN", &address);
    start(command, address, "/").await
}

/// The bare server: what a request costs when nothing is done for it.
pub(crate) async fn hello() {
    let address = std::env::var("LISTEN").expect("who starts it says where");
    let router = axum::Router::new().route("/", axum::routing::get(async || "hello"));
    let listener = tokio::net::TcpListener::bind(address).await.expect("the address is free");
    axum::serve(listener, router).await.expect("it serves");
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").to_string()
}

async fn start(mut command: Command, address: String, ready_at: &str) -> Server {
    let began = Instant::now();
    let process = command.stdout(Stdio::null()).kill_on_drop(true).spawn().expect("it starts");
    loop {
        assert!(began.elapsed() < Duration::from_mins(1), "{address} does not become ready");
        if tokio::net::TcpStream::connect(&address).await.is_ok() {
            let request = request_bytes(&Request::get(ready_at), &address);
            if Connection::open(&address).await.ask(&request).await == 200 {
                return Server { address, ready: began.elapsed(), process };
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Signs in as the generated administrator and gives the cookies to send.
pub(crate) async fn sign_in(address: &str) -> String {
    let mut connection = Connection::open(address).await;
    connection.ask(&request_bytes(&Request::get("/staff/sign-in"), address)).await;
    let cookies = cookies(&connection.head());
    let body = connection.body();
    let fields: Vec<(String, String)> = body
        .split("<input")
        .filter(|i| i.contains("type=\"hidden\""))
        .filter_map(|i| Some((attribute(i, "name")?, attribute(i, "value")?)))
        .chain([("email".to_owned(), demo::ADMINISTRATOR.to_owned()), ("password".to_owned(), demo::PASSWORD.to_owned())])
        .collect();
    let form = serde_html_form::to_string(&fields).expect("fields are a form");
    let request = Request::post("/staff/sign-in", "application/x-www-form-urlencoded", form.into_bytes())
        .with_cookie(&cookies)
        .header("origin", &format!("http://{address}"));
    let status = connection.ask(&request_bytes(&request, address)).await;
    assert_eq!(status, 303, "{}", connection.body());
    self::cookies(&connection.head())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().map(ToOwned::to_owned)
}

fn cookies(head: &str) -> String {
    head.lines()
        .filter_map(|l| l.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .filter_map(|(_, value)| value.split(';').next())
        .collect::<Vec<_>>()
        .join("; ")
}
