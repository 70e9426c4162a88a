//! A small local server that speaks the part of Stripe's API which we use, for tests and for the
//! demonstration: <https://docs.stripe.com/api>, version 2026-09-30.endive.
//!
//! No money moves. It takes test keys only, says `livemode: false` in every object, and each of its pages
//! says what it is. `store` keeps, `api` answers, `pages` and `panel` are for people, `paying`,
//! `membership`, `trouble` and `ledger` say what happens, `charge`, `subscription` and `invoice` how it looks, `events` tells of it, `past` is what happened before, `foreign` what another program began, `control` is for tests.
mod api;
mod charge;
mod control;
mod errors;
mod events;
mod expand;
mod foreign;
mod invoice;
mod ledger;
mod membership;
mod pages;
mod panel;
mod params;
mod past;
mod paying;
mod store;
mod subscription;
mod trouble;
mod values;

pub use control::Misbehaviour;
pub use errors::Problem;
pub use foreign::{Foreign, Oddity};
pub use past::{Past, PastBill, PastCustomer, PastPayment, PastSubscription};
pub use paying::{Card, Outcome, Payer};

use crate::kernel::Clock;
use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use store::{Store, Work};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

/// How to run it.
#[derive(Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// `sk_test_…` or `rk_test_…`; callers must use it.
    pub secret_key: String,
    /// `whsec_…`, the whole text is the key.
    pub webhook_secret: String,
    pub webhook_url: Option<String>,
    /// Its own SQLite file, made when it is not there.
    pub file: PathBuf,
    pub clock: Clock,
    /// Whether webhooks go out by themselves and things that are due happen by themselves.
    pub deliver: bool,
}

/// A running sandbox. Cheap to clone; [`Sandbox::stop`] ends it.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    options: Options,
    /// Without a slash at the end.
    base: String,
    webhook_url: Mutex<Option<String>>,
    /// Seconds that the sandbox's time is ahead of the clock.
    ahead: AtomicI64,
    trouble: Mutex<Option<(Misbehaviour, u32)>>,
    /// Idempotency keys whose first call is still being answered.
    running: Mutex<HashSet<String>>,
    http: reqwest::Client,
    bell: Notify,
    closing: Arc<Notify>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Sandbox {
    /// Opens the file and serves.
    ///
    /// # Errors
    /// When the key is not a test key, the file can't be opened or the port is taken.
    pub async fn start(options: Options) -> Result<Self, Problem> {
        if !(options.secret_key.starts_with("sk_test_") || options.secret_key.starts_with("rk_test_")) {
            return Err(Problem::invalid("the sandbox takes test keys only: sk_test_… or rk_test_…"));
        }
        let store = Store::open(&options.file).await?;
        let listener = TcpListener::bind(options.listen).await?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let base = format!("http://{address}");
        let mut work = store.begin(0, &base).await?;
        let ahead = work.setting("ahead").await?.and_then(|s| s.parse().ok()).unwrap_or_default();
        drop(work);
        let http = reqwest::Client::builder().no_proxy().build().map_err(|e| Problem::fault(e.to_string()))?;
        let inner = Inner {
            store,
            base,
            webhook_url: Mutex::new(options.webhook_url.clone()),
            ahead: AtomicI64::new(ahead),
            trouble: Mutex::default(),
            running: Mutex::default(),
            http,
            bell: Notify::new(),
            closing: Arc::new(Notify::new()),
            tasks: Mutex::default(),
            options,
        };
        let sandbox = Self { inner: Arc::new(inner) };
        let (service, closing) = (sandbox.router(), sandbox.inner.closing.clone());
        let mut tasks = vec![tokio::spawn(async move {
            let served = axum::serve(listener, service).with_graceful_shutdown(async move { closing.notified().await });
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox stopped");
            }
        })];
        if sandbox.inner.options.deliver {
            tasks.push(tokio::spawn(sandbox.clone().deliver_in_background()));
        }
        *lock(&sandbox.inner.tasks) = tasks;
        Ok(sandbox)
    }

    fn router(&self) -> axum::Router {
        api::router().merge(pages::router()).merge(panel::router()).with_state(self.clone())
    }

    /// Its address with a slash at the end, as `STRIPE_API_BASE` wants it.
    pub fn url(&self) -> String {
        format!("{}/", self.inner.base)
    }

    /// Where webhooks go from now on.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        *lock(&self.inner.webhook_url) = Some(url.into());
        self.inner.bell.notify_one();
    }

    /// Ends it: answers what it is answering, within a second, and closes its file.
    pub async fn stop(self) {
        self.inner.closing.notify_one();
        let tasks = std::mem::take(&mut *lock(&self.inner.tasks));
        for (n, mut task) in tasks.into_iter().enumerate() {
            if n > 0 || tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
        self.inner.store.close().await;
    }

    fn webhook_url(&self) -> Option<String> {
        lock(&self.inner.webhook_url).clone()
    }

    /// What signatures and the queue go by: the clock, which everybody shares.
    fn clock_now(&self) -> i64 {
        self.inner.options.clock.now().unix()
    }

    /// The sandbox's own time in seconds since 1970: the clock, and what it was moved ahead.
    pub fn now(&self) -> i64 {
        self.clock_now() + self.inner.ahead.load(Ordering::Relaxed)
    }

    async fn work(&self) -> Result<Work, Problem> {
        self.inner.store.begin(self.now(), &self.inner.base).await
    }
}

/// A panic elsewhere leaves these small values whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
