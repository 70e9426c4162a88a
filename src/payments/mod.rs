//! The payment gateway: what we ask of it and how we read what it tells us, in our own words.
//!
//! Nothing outside this module knows that the gateway is Stripe, and nothing here knows a feature.
mod facts;
pub mod sandbox;
mod stripe;

pub use facts::*;
pub use stripe::Gateway;
