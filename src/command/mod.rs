//! What each command does. They start from the environment and end with a sentence when something is wrong.
pub(crate) mod check_config;
pub(crate) mod demo;
pub(crate) mod migrate;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod user;

use convener::{
    app::App,
    config::{Config, LogFormat},
    db::Db,
    kernel::Clock,
    payments::Gateway,
    settings,
};
use sqlx::migrate::MigrateError;
use std::path::Path;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Why a command ended early, in words for who typed it.
pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;

fn config() -> Result<Config, Problem> {
    Ok(Config::read(&|name| std::env::var(name).ok())?)
}

/// Starts the log as configured; wrong filter directives are said, not ignored.
fn start_log(config: &Config) -> Result<(), Problem> {
    let filter = EnvFilter::try_new(&config.log).map_err(|e| format!("LOG is “{}”: {e}", config.log))?;
    let log = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Pretty => log.with(fmt::layer().with_writer(std::io::stderr)).try_init()?,
        LogFormat::Json => log.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()?,
    }
    Ok(())
}

/// Opens the configured database, whose folder is made when it is a file that is not there.
async fn connect(config: &Config) -> Result<Db, Problem> {
    let url = config.database_url.expose();
    if let Some(file) = url.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//").split('?').next().unwrap_or_default();
        if let Some(folder) = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| format!("The folder {} can't be made: {e}", folder.display()))?;
        }
    }
    Ok(Db::connect(url, config.database_readers).await.map_err(|e| format!("The database can't be opened: {e}"))?)
}

/// Brings the database up to date; refuses one that a newer program made.
async fn migrate(db: &Db) -> Result<(), Problem> {
    match db.migrate().await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(version)) => Err(format!(
            "This database was made by a newer Convener (it has migration {version}, which this program does not know).\n\
             Nothing was changed. Run the newer program, or restore a backup made before it ran."
        )
        .into()),
        Err(error) => Err(format!("The database can't be brought up to date: {error}").into()),
    }
}

/// The whole program on an up-to-date database.
async fn app(config: Config) -> Result<App, Problem> {
    let db = connect(&config).await?;
    migrate(&db).await?;
    let mut tx = db.read().await?;
    let coalition = settings::get(&mut tx).await?;
    drop(tx);
    let gateway = Gateway::new(&config)?;
    Ok(App::new(config, db, Clock::default(), coalition, gateway))
}
