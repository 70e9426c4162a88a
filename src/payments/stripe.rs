//! The one file that names Stripe's client: our questions in its words, its answers in ours.
use super::GatewayError;
use crate::config::Config;

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    client: stripe::Client,
}

impl Gateway {
    /// For the key and address of the configuration.
    pub fn new(config: &Config) -> Result<Self, GatewayError> {
        let client = stripe::ClientBuilder::new(config.stripe_key.expose())
            .url(config.stripe_api_base.clone())
            .timeout(std::time::Duration::from_secs(15))
            .build()
            .map_err(|e| GatewayError::Unreadable(e.to_string()))?;
        Ok(Self { client })
    }
}
