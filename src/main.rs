//! The command line: what Convener can be told to do, and how it says what went wrong.
mod command;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Membership and donations for coalitions of NGOs.
///
/// To look around, run `convener demo`: it needs no setting and touches nothing outside ./var.
/// To run it for your coalition, set the variables of .env.example, see that `convener check-config`
/// is content, make the first account with `convener user add`, and run `convener serve`.
#[derive(Parser)]
#[command(name = "convener", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the site with its workers, for real visitors.
    ///
    /// Reads its settings from the environment, brings the database up to date, and serves until it is
    /// told to stop (Ctrl-C or SIGTERM): requests that have begun are answered, workers end the job in
    /// their hands.
    Serve,
    /// Bring the database up to this program's version, and end.
    ///
    /// `serve` does the same when it starts; use this to do it beforehand. Make a backup first.
    Migrate,
    /// Say whether the settings in the environment are right, all mistakes at once, and what they mean.
    CheckConfig,
    /// Staff accounts: make one, set a new password, list them.
    #[command(subcommand)]
    User(command::user::User),
    /// Run a demonstration coalition with its own database and a local stand-in for Stripe.
    ///
    /// Everything is kept under DIR/demo; running it again goes on with the same data. No card is
    /// charged and no mail leaves.
    Demo(command::demo::Demo),
    /// Run the local stand-in for Stripe alone, to develop against.
    ///
    /// Set STRIPE_API_BASE, STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET of the site to what it prints.
    Sandbox(command::sandbox::Sandbox),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Only the first call can succeed, and this is it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program can't start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve => command::serve::run().await,
            Command::Migrate => command::migrate::run().await,
            Command::CheckConfig => command::check_config::run().await,
            Command::User(user) => user.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Sandbox(sandbox) => sandbox.run().await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
