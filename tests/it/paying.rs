//! A server whose payment gateway is a sandbox of its own, both by one stopped clock.
use crate::server::{NOW, Server};
use convener::{
    kernel::Clock,
    payments::sandbox::{Options, Sandbox},
};

pub(crate) struct Paying {
    pub(crate) server: Server,
    pub(crate) sandbox: Sandbox,
    _file: tempfile::TempDir,
}

impl Paying {
    #[allow(dead_code, clippy::allow_attributes, reason = "for the tests that stand between the two")]
    pub(crate) fn of(server: Server, sandbox: Sandbox, file: tempfile::TempDir) -> Self {
        Self { server, sandbox, _file: file }
    }

    /// A month or more later, for both.
    #[allow(dead_code, clippy::allow_attributes, reason = "for the tests of what comes again")]
    pub(crate) async fn advance_days(&self, days: i64) {
        self.server.app.clock.advance(days * 86_400);
        self.sandbox.advance(0).await.unwrap();
    }
}

/// Webhooks go out only when a test says so (`sandbox.deliver_all()` and its like).
#[allow(dead_code, clippy::allow_attributes, reason = "for the tests of features that take money")]
pub(crate) async fn start_paying() -> Paying {
    let clock = Clock::stopped_at(NOW);
    let (sandbox, file) = start_sandbox(clock.clone()).await;
    let server = Server::start_at(clock, |config| config.stripe_api_base = sandbox.url()).await;
    sandbox.set_webhook_url(format!("{}/webhooks/stripe", server.url));
    Paying { server, sandbox, _file: file }
}

/// The sandbox alone, with the secrets of the tests.
pub(crate) async fn start_sandbox(clock: Clock) -> (Sandbox, tempfile::TempDir) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: "sk_test_of_the_tests".into(),
        webhook_secret: "whsec_of_the_tests".into(),
        webhook_url: None,
        file: folder.path().join("sandbox.db"),
        clock,
        deliver: false,
    };
    (Sandbox::start(options).await.unwrap(), folder)
}
