//! `convener check-config`.
use super::Problem;
use convener::config::{Delivery, STRIPE};

pub(crate) async fn run() -> Result<(), Problem> {
    let config = super::config()?;
    let kind = if config.database_url.expose().starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
    println!("The settings are right.");
    println!("  Visitors come to       {}", config.base_url);
    println!("  The site listens on    {}", config.listen);
    println!("  Data is kept in        {kind}");
    println!("  Files are kept in      {}", config.files_dir.display());
    println!(
        "  Payments               {}",
        match (config.is_live(), config.stripe_api_base == STRIPE) {
            (true, _) => "real cards are charged (live Stripe key)".to_owned(),
            (false, true) => "test mode of Stripe: no money moves".to_owned(),
            (false, false) => format!("a stand-in at {}: no money moves", config.stripe_api_base),
        }
    );
    println!(
        "  Mail                   {}",
        match &config.delivery {
            Delivery::Captured => "is captured: staff read it in the app, nothing leaves".to_owned(),
            Delivery::Smtp(_) => format!("leaves by SMTP, from {}", config.mail_from),
            Delivery::Folder(folder) => format!("is written to {}", folder.display()),
        }
    );
    let db = super::connect(&config).await?;
    println!("  The database           can be opened");
    db.close().await;
    Ok(())
}
