//! One test binary. Each test has its own server on its own port with its own database.
#![expect(clippy::unwrap_used, reason = "a test may stop where it likes")]

mod again;
mod alliances;
mod application_rights;
mod books;
mod demo;
mod demo_applications;
mod desk;
mod duplicates;
mod faults;
mod forms;
mod funds;
mod gateway;
mod giving;
mod home;
mod house_rules;
mod imports;
mod joining;
mod mail;
mod members;
mod organizations;
mod overtaken;
mod paying;
mod payouts;
mod reconciling;
mod reminders;
mod rolls;
mod rounds;
mod sandbox;
mod server;
mod setting_up;
mod staff;
mod standing;
mod votes;
mod webhooks;
mod work;
