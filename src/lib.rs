//! Convener: the membership and donations manager for coalitions of NGOs.
//!
//! `kernel` words every feature shares · `web` the shell · `db`, `payments`, `files`, `hashing`, `pdf` the outside ·
//! `app` what a request may reach · `settings`, `links`, `fresh`, `audit`, `mail`, `work` what features lean on ·
//! `staff` · the features · `routes` the whole site.
pub mod alliances;
pub mod app;
pub mod audit;
pub mod books;
pub mod config;
pub mod contributions;
pub mod data;
pub mod db;
pub mod demo;
pub mod desk;
pub mod donors;
pub mod files;
pub mod fresh;
pub mod gifts;
pub mod hashing;
pub mod health;
pub mod kernel;
pub mod links;
pub mod mail;
pub mod members;
pub mod news;
pub mod payments;
pub mod pdf;
pub mod portal;
pub mod receipts;
pub mod reports;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod site;
pub mod staff;
pub mod web;
pub mod webhooks;
pub mod work;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
