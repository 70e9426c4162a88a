//! `convener demo` and `convener demo remove`.
use super::{
    Problem,
    sandbox::{SECRET_KEY, WEBHOOK_SECRET},
};
use clap::Subcommand;
use convener::{
    app::App,
    config::{Config, Delivery, LogFormat, Secret},
    demo,
    kernel::Clock,
    payments::sandbox::{Options, Sandbox},
    serve,
};
use std::{
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Demo {
    #[command(subcommand)]
    action: Option<Action>,
    /// Remove the data of an earlier run and start over.
    #[arg(long)]
    fresh: bool,
    /// Where the site listens; the stand-in for Stripe takes the next port.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder all data is kept in.
    #[arg(long, default_value = "./var")]
    dir: PathBuf,
}

#[derive(Subcommand)]
enum Action {
    /// Remove everything the demonstration made.
    Remove {
        /// The folder all data is kept in.
        #[arg(long, default_value = "./var")]
        dir: PathBuf,
    },
}

impl Demo {
    pub(crate) async fn run(self) -> Result<(), Problem> {
        if let Some(Action::Remove { dir }) = self.action {
            let folder = dir.join("demo");
            println!(
                "{}",
                if remove(&folder)? { "The demonstration is removed." } else { "There is no demonstration to remove." }
            );
            return Ok(());
        }
        let folder = self.dir.join("demo");
        if self.fresh {
            remove(&folder)?;
        }
        std::fs::create_dir_all(&folder).map_err(|e| format!("The folder {} can't be made: {e}", folder.display()))?;
        let listener = TcpListener::bind(self.listen).await.map_err(|e| match e.kind() {
            ErrorKind::AddrInUse => {
                format!("Something listens on {} already. Choose another address with --listen 127.0.0.1:3100.", self.listen)
            }
            _ => format!("The site can't listen on {}: {e}", self.listen),
        })?;
        let address = listener.local_addr()?;
        let stripe = start_stripe(&folder, address).await?;
        let config = config(&folder, address, &stripe);
        super::start_log(&config)?;
        let app = super::app(config).await?;
        fill(&app, &stripe).await?;
        greet(&app, &stripe);
        serve::serve(app, listener, serve::told_to_stop()).await?;
        stripe.stop().await;
        Ok(())
    }
}

/// Whether there was something to remove.
fn remove(folder: &Path) -> Result<bool, Problem> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(format!("{} can't be removed: {error}", folder.display()).into()),
    }
}

/// On the port after the site's, or on any when that is taken.
async fn start_stripe(folder: &Path, site: SocketAddr) -> Result<Sandbox, Problem> {
    let options = |port: u16| Options {
        listen: SocketAddr::new(site.ip(), port),
        secret_key: SECRET_KEY.to_owned(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        webhook_url: Some(format!("http://{site}/webhooks/stripe")),
        file: folder.join("sandbox.db"),
        clock: Clock::default(),
        deliver: true,
    };
    match Sandbox::start(options(site.port().wrapping_add(1))).await {
        Ok(stripe) => Ok(stripe),
        Err(_) => Ok(Sandbox::start(options(0)).await?),
    }
}

fn config(folder: &Path, address: SocketAddr, stripe: &Sandbox) -> Config {
    Config {
        database_url: Secret::new(format!("sqlite:{}", folder.join("convener.db").display())),
        database_readers: 3,
        base_url: format!("http://{address}"),
        listen: address,
        secret_key: Secret::new("convener-demo-secret-that-everybody-knows"),
        stripe_key: Secret::new(SECRET_KEY),
        stripe_webhook_secrets: vec![Secret::new(WEBHOOK_SECRET)],
        stripe_api_base: stripe.url(),
        delivery: Delivery::Captured,
        mail_from: "office@demo.example".parse().expect("an address"),
        smtp_patience: std::time::Duration::from_mins(1),
        files_dir: folder.join("files"),
        client_ip_header: None,
        log_format: LogFormat::Pretty,
        log: std::env::var("LOG").unwrap_or_else(|_| "warn".to_owned()),
        workers: 2,
    }
}

async fn fill(app: &App, stripe: &Sandbox) -> Result<(), Problem> {
    if app.coalition.get().demo {
        println!("The demonstration goes on with the data of its last run. Start over with --fresh.");
        return Ok(());
    }
    println!("Filling the database with a coalition …");
    demo::fill(app, &demo::Scale::DEMONSTRATION, Some(stripe)).await
}

fn greet(app: &App, stripe: &Sandbox) {
    println!("\n  Convener is at         {}", app.config.base_url);
    println!("  Staff sign in at       {}", app.url("/staff/sign-in"));
    for (email, _, role) in demo::PEOPLE {
        println!("    {email:<22} {}", role.label());
    }
    println!("    {:<22} Alliance leader: the Twin Cities and nothing else", demo::LEADER);
    println!("    password for each:   {}", demo::PASSWORD);
    println!("  The stand-in for Stripe {}", stripe.url());
    println!("\n  What to try first");
    println!("    1. Give:    {}  (pay with the card 4242; no money moves)", app.url("/donate"));
    println!("    2. Look:    {}  and open the gift, its ledger entry and its receipt mail", app.url("/staff/gifts"));
    println!("    3. Join:    {}  (links that are mailed are under {})", app.url("/join"), app.url("/staff/mail"));
    println!(
        "    4. Admit:   {}  where organizations wait: read a letter, approve the 40th member",
        app.url("/staff/applications")
    );
    println!(
        "    5. Answer:  {}  holds the question to Fellowship of Bridges, with the link to answer it",
        app.url("/staff/mail")
    );
    println!("    6. Lead:    {}  as {}, who sees one alliance", app.url("/leader"), demo::LEADER);
    println!(
        "    7. Portal:  {}  with the address of a delegate, such as one under {}",
        app.url("/portal"),
        app.url("/staff/reaffirmations")
    );
    println!("\n  Ctrl-C ends it. Data is kept; `demo --fresh` starts over, `demo remove` takes it away.\n");
}
