//! One test binary. Each test has its own server on its own port with its own database.
#![expect(clippy::unwrap_used, reason = "a test may stop where it likes")]

mod again;
mod alliances;
mod books;
mod certificates;
mod demo;
mod demo_applications;
mod desk;
mod faults;
mod funds;
mod gateway;
mod giving;
mod home;
mod house_rules;
mod joining;
mod mail;
mod members;
mod organizations;
mod overtaken;
mod paying;
mod payouts;
mod reaffirming;
mod reconciling;
mod rolls;
mod sandbox;
mod server;
mod setting_up;
mod staff;
mod standing;
mod webhooks;
mod work;
