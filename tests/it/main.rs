//! One test binary. Each test has its own server on its own port with its own database.
#![expect(clippy::unwrap_used, reason = "a test may stop where it likes")]

mod alliances;
mod books;
mod desk;
mod faults;
mod gateway;
mod giving;
mod home;
mod house_rules;
mod joining;
mod mail;
mod members;
mod paying;
mod reconciling;
mod rolls;
mod sandbox;
mod server;
mod staff;
mod webhooks;
mod work;
