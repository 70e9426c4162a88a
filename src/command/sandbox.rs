//! `convener sandbox`.
use super::Problem;
use convener::{
    kernel::Clock,
    payments::sandbox::{Options, Sandbox as Stripe},
    serve::told_to_stop,
};
use std::{net::SocketAddr, path::PathBuf};

/// The key and secret of a sandbox that runs alone. Known to everybody, and refused by `serve`.
pub(crate) const SECRET_KEY: &str = "sk_test_convener-demo";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_convener-demo";

#[derive(clap::Args)]
pub(crate) struct Sandbox {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// Where it sends its webhooks, such as <http://127.0.0.1:3000/webhooks/stripe>.
    #[arg(long)]
    webhook: Option<String>,
    /// The folder its state is kept in.
    #[arg(long, default_value = "./var")]
    dir: PathBuf,
}

impl Sandbox {
    pub(crate) async fn run(self) -> Result<(), Problem> {
        std::fs::create_dir_all(&self.dir)?;
        let stripe = Stripe::start(Options {
            listen: self.listen,
            secret_key: SECRET_KEY.to_owned(),
            webhook_secret: WEBHOOK_SECRET.to_owned(),
            webhook_url: self.webhook,
            file: self.dir.join("sandbox.db"),
            clock: Clock::default(),
            deliver: true,
        })
        .await?;
        println!("The sandbox stands in for Stripe. No money moves.\n");
        println!("  Control panel          {}", stripe.url());
        println!("  STRIPE_API_BASE={}", stripe.url());
        println!("  STRIPE_SECRET_KEY={SECRET_KEY}");
        println!("  STRIPE_WEBHOOK_SECRET={WEBHOOK_SECRET}\n\nCtrl-C ends it.");
        told_to_stop().await;
        stripe.stop().await;
        Ok(())
    }
}
