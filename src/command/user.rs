//! `convener user …`.
use super::Problem;
use clap::Subcommand;
use convener::{
    kernel::Email,
    staff::{self, Role},
};
use std::io::{BufRead, IsTerminal};

#[derive(Subcommand)]
pub(crate) enum User {
    /// Make an account. Asks for the password, or reads it as one line of the input.
    Add {
        /// The address they sign in with.
        email: Email,
        /// As their colleagues know them.
        #[arg(long)]
        name: String,
        /// What they are there for: administrator, membership, development, communications or read_only.
        #[arg(long)]
        role: Role,
    },
    /// Set a new password, and end every session of the account.
    ResetPassword {
        /// The address they sign in with.
        email: Email,
    },
    /// List the accounts.
    List,
}

impl User {
    pub(crate) async fn run(self) -> Result<(), Problem> {
        let app = super::app(super::config()?).await?;
        match self {
            Self::Add { email, name, role } => {
                let password = ask_password()?;
                staff::command::add(&app, &email, &name, role, &password).await?;
                println!("{name} can sign in at {}", app.url("/staff/sign-in"));
            }
            Self::ResetPassword { email } => {
                let password = ask_password()?;
                staff::command::reset_password(&app, &email, &password).await?;
                println!("{email} has a new password; every session of the account has ended.");
            }
            Self::List => {
                let accounts = staff::command::list(&app).await?;
                if accounts.is_empty() {
                    println!("There is no account yet. Make the first one with: convener user add");
                }
                for account in accounts {
                    println!(
                        "{:<32} {:<16} {:<12} {}",
                        account.email,
                        account.role.label(),
                        account.state().label(),
                        account.name
                    );
                }
            }
        }
        app.db.close().await;
        Ok(())
    }
}

/// From the terminal without showing it, twice; or one line of the input when that is not a terminal.
fn ask_password() -> Result<String, Problem> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err("The two passwords differ. Nothing was changed.".into());
    }
    Ok(password)
}
