//! What every request and job may reach. Cheap to clone: the router does so several times a request.
use crate::{
    config::Config,
    db::Db,
    files::Files,
    hashing::Hashing,
    kernel::{Clock, Coalition, Keys, Shared},
    payments::Gateway,
    pdf::{Paper, PdfError},
    web::{ClientIpHeader, Error},
};
use axum::{
    extract::FromRef,
    http::header,
    response::{IntoResponse, Response},
};
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
    /// Where password hashes are computed, each with 19 MiB and tens of milliseconds, and documents made.
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

    /// A document on paper as a download of this name, made on the bounded pool.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are made at the moment; [`Error::Conflict`] when a letter of it is in no
    /// font.
    pub async fn document(&self, sheet: Paper, name: &str) -> Result<Response, Error> {
        let busy = |_| Error::Unavailable("Many documents are made at this moment. Wait a few seconds and try again.".to_owned());
        let bytes = self.hashing.run(move || sheet.finish()).await.map_err(busy)?.map_err(|wrong| match wrong {
            PdfError::Letter(_) => Error::Conflict(wrong.to_string()),
            PdfError::Wrong(_) => Error::internal(wrong),
        })?;
        let headers = [
            (header::CONTENT_TYPE, "application/pdf".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        Ok((headers, bytes).into_response())
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
