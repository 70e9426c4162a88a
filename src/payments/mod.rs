//! The payment gateway: what we ask of it and how we read what it tells us, in our own words.
//!
//! Nothing outside this module knows that the gateway is Stripe, and nothing here knows a feature.
mod facts;
mod reading;
mod running;
pub mod sandbox;
mod signature;
mod stripe;

pub use facts::*;
pub use reading::read_event;
pub use running::{PayingCustomer, Running, RunningPage, Unfit};
pub use signature::{sign, verify};
pub use stripe::{Gateway, Patience};
