//! What every request and job may reach. Cheap to clone: the router does so several times a request.
use crate::{
    config::Config,
    db::Db,
    files::Files,
    hashing::Hashing,
    kernel::{Clock, Coalition, Keys, Shared},
    payments::Gateway,
    web::ClientIpHeader,
};
use axum::extract::FromRef;
use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicI64},
};
use tokio::sync::Notify;

#[derive(Clone)]
pub struct App(Arc<Reach>);

/// What an [`App`] holds.
#[derive(Clone)]
pub struct Reach {
    pub db: Db,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub keys: Keys,
    pub gateway: Gateway,
    pub files: Files,
    /// The coalition as it is now; the settings replace it.
    pub coalition: Shared,
    /// Rung after a commit that queued a job.
    pub bell: Arc<Notify>,
    /// When a worker of this process last looked for work, Unix seconds; 0 before the first time.
    pub pulse: Arc<AtomicI64>,
    /// Where password hashes are computed: each takes 19 MiB and tens of milliseconds.
    pub hashing: Hashing,
}

impl App {
    pub fn new(config: Config, db: Db, clock: Clock, coalition: Coalition, gateway: Gateway) -> Self {
        Self(Arc::new(Reach {
            db,
            clock,
            keys: Keys::new(config.secret_key.expose().as_bytes()),
            gateway,
            files: Files::new(&config.files_dir),
            coalition: Shared::new(coalition),
            bell: Arc::new(Notify::new()),
            pulse: Arc::default(),
            hashing: Hashing::new(2, 64),
            config: Arc::new(config),
        }))
    }

    /// The same with parts of its own: another gateway, say.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Reach)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// An absolute address of ours, for mail and for Stripe.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.base_url)
    }
}

impl Deref for App {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.0
    }
}

impl FromRef<App> for Keys {
    fn from_ref(app: &App) -> Self {
        app.keys.clone()
    }
}

impl FromRef<App> for Clock {
    fn from_ref(app: &App) -> Self {
        app.clock.clone()
    }
}

impl FromRef<App> for ClientIpHeader {
    fn from_ref(app: &App) -> Self {
        Self(app.config.client_ip_header.clone())
    }
}
