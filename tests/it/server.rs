//! A whole Convener for one test: its own database, port, files and stopped clock, driven over HTTP.
use convener::{
    app::App,
    config::{Config, Delivery, LogFormat, Secret},
    db::Db,
    gifts::Giving,
    kernel::{Clock, Coalition},
    payments::Gateway,
    routes, settings,
    staff::{self, Role},
    work,
};
use scraper::{Html, Selector};
use std::net::SocketAddr;

/// 21 September 2026, 10:13 in New York.
pub(crate) const NOW: i64 = 1_790_000_000;

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    _files: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server whose configuration differs.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(Clock::stopped_at(NOW), change).await
    }

    /// The same with a clock that others share.
    pub(crate) async fn start_at(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        // The first one wins; every test wants the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let files = tempfile::tempdir().unwrap();
        let database_url = own_database(files.path()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let mut config = config(&url, &database_url, files.path());
        change(&mut config);
        let db = Db::connect(config.database_url.expose(), 3).await.unwrap();
        db.migrate().await.unwrap();
        // The clock stands still, so every form comes back at once; tests of that say so.
        let mut tx = db.write().await.unwrap();
        settings::set(&mut tx, &Giving { fastest: 0, ..Giving::default() }, clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let gateway = Gateway::new(&config).unwrap();
        let app = App::new(config, db, clock, coalition(), gateway);
        let service = routes::router(&app).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let http = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { app, url, http, _files: files }
    }

    /// The same server for another person: no cookies.
    pub(crate) fn visitor() -> reqwest::Client {
        reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap()
    }

    /// Makes an account with this role and signs this client in.
    pub(crate) async fn sign_in(&mut self, role: Role) -> staff::Staff {
        let email = format!("{role}@amicc.example").parse().unwrap();
        let mut tx = self.app.db.write().await.unwrap();
        let now = self.app.clock.now();
        let id = staff::insert(&mut tx, &email, &format!("{} Person", role.label()), role, now).await.unwrap();
        let staff = staff::by_email(&mut tx, &email).await.unwrap().unwrap();
        let token = staff::open_session(&mut tx, id.unwrap_or(staff.id), "a test", now).await.unwrap();
        tx.commit().await.unwrap();
        let jar = reqwest::cookie::Jar::default();
        jar.add_cookie_str(&format!("convener_session={}", token.as_str()), &self.url.parse().unwrap());
        self.http =
            reqwest::Client::builder().cookie_provider(jar.into()).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        staff
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.absolute(path)).send().await.unwrap()).await
    }

    /// Posts these fields and nothing else: no proof, unless it is among them.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.http.post(self.absolute(path)).form(fields).send().await.unwrap()).await
    }

    /// Opens `page`, fills its form as a person would (what the form holds already stays), sends it.
    /// The form is the one whose action contains `action`, or the first that posts when it is empty.
    pub(crate) async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(page).await;
        assert_eq!(opened.status, 200, "{page}: {}", opened.text());
        let (target, values) = opened.form(page, action, fields);
        Answer::of(self.http.post(self.absolute(&target)).form(&values).send().await.unwrap()).await
    }

    /// Does every background job that is due.
    pub(crate) async fn run_jobs(&self) {
        work::run_due(&self.app, &routes::jobs()).await.unwrap();
    }

    pub(crate) fn absolute(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) }
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    pub(crate) fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |l| l.to_str().unwrap())
    }

    /// What a person reads on the page, white space folded.
    pub(crate) fn text(&self) -> String {
        let html = self.html();
        let words: Vec<_> = html.root_element().text().flat_map(str::split_whitespace).collect();
        words.join(" ")
    }

    /// The texts of all elements a selector finds.
    pub(crate) fn all(&self, selector: &str) -> Vec<String> {
        let html = self.html();
        html.select(&Selector::parse(selector).unwrap())
            .map(|e| e.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// One attribute of the first element a selector finds.
    pub(crate) fn attr(&self, selector: &str, name: &str) -> Option<String> {
        self.html().select(&Selector::parse(selector).unwrap()).next()?.value().attr(name).map(ToOwned::to_owned)
    }

    /// A form's target and values: what it holds, changed by `fields`.
    pub(crate) fn form(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let html = self.html();
        let form = html
            .select(&Selector::parse("form[method=post]").unwrap())
            .find(|f| f.value().attr("action").unwrap_or_default().contains(action))
            .unwrap_or_else(|| panic!("no form for “{action}” on {page}: {}", self.text()));
        let mut values: Vec<(String, String)> = Vec::new();
        for input in form.select(&Selector::parse("input[name], textarea[name], select[name]").unwrap()) {
            let name = input.value().attr("name").unwrap().to_owned();
            let value = match (input.value().name(), input.value().attr("type")) {
                ("input", Some("checkbox" | "radio")) if input.value().attr("checked").is_none() => continue,
                ("input", Some("checkbox")) => input.value().attr("value").unwrap_or("on").to_owned(),
                ("input", _) => input.value().attr("value").unwrap_or_default().to_owned(),
                ("select", _) => {
                    let chosen = Selector::parse("option[selected]").unwrap();
                    let first = Selector::parse("option").unwrap();
                    let option = input.select(&chosen).next().or_else(|| input.select(&first).next());
                    option.and_then(|o| o.value().attr("value")).unwrap_or_default().to_owned()
                }
                _ => input.text().collect(),
            };
            values.push((name, value));
        }
        for (name, _) in fields {
            values.retain(|(held, _)| held != name);
        }
        values.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let target = form.value().attr("action").filter(|a| !a.is_empty()).unwrap_or(page).to_owned();
        (target, values)
    }
}

fn coalition() -> Coalition {
    Coalition {
        name: "American NGO Coalition for the International Criminal Court".into(),
        short_name: "AMICC".into(),
        member_word: "institutional member".into(),
        ..Coalition::default()
    }
}

fn config(url: &str, database_url: &str, files: &std::path::Path) -> Config {
    Config {
        database_url: Secret::new(database_url),
        database_readers: 3,
        base_url: url.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: Secret::new("a secret of the tests, long enough to sign with"),
        stripe_key: Secret::new("sk_test_of_the_tests"),
        stripe_webhook_secrets: vec![Secret::new("whsec_of_the_tests")],
        stripe_api_base: "http://127.0.0.1:9/".into(),
        delivery: Delivery::Captured,
        mail_from: "office@amicc.example".parse().unwrap(),
        smtp_patience: std::time::Duration::from_secs(5),
        files_dir: files.join("files"),
        client_ip_header: None,
        log_format: LogFormat::Pretty,
        log: String::new(),
        workers: 1,
    }
}

/// A fresh SQLite file, or a fresh PostgreSQL database when `TEST_DATABASE_URL` names a server: a URL
/// whose path is empty, such as `postgres://tester@localhost?host=/tmp/socket`.
async fn own_database(folder: &std::path::Path) -> String {
    use sqlx::migrate::MigrateDatabase;
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        return format!("sqlite://{}/convener.db", folder.display());
    };
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&format!("convener_{}", uuid::Uuid::now_v7().simple()));
    sqlx::Postgres::create_database(url.as_str()).await.unwrap();
    url.to_string()
}
