//! A fresh SQLite database for a bench, in a folder of its own.
use convener::{
    app::App,
    config::{Config, Delivery, LogFormat, Secret},
    db::Db,
    kernel::{Clock, Coalition},
    payments::Gateway,
};
use std::{path::Path, time::Duration};

/// An empty coalition; its payment service is never asked.
pub(crate) async fn coalition(folder: &Path) -> App {
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
    App::new(config, db, Clock::default(), Coalition::default(), gateway)
}
