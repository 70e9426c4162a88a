//! The demonstration's coalition with its stand-in for Stripe, and what its mail holds.
use crate::{paying::Paying, server::Server};
use convener::{demo, mail};

pub(crate) struct Place {
    pub(crate) paying: Paying,
}

impl Place {
    pub(crate) async fn start() -> Self {
        let paying = crate::paying::start_paying().await;
        demo::fill(&paying.server.app, &demo::Scale::DEMONSTRATION, Some(&paying.sandbox)).await.unwrap();
        let server = &paying.server;
        let account = [("email", demo::ADMINISTRATOR), ("password", demo::PASSWORD)];
        assert_eq!(server.fill("/staff/sign-in", "/staff/sign-in", &account).await.status, 303);
        Self { paying }
    }

    pub(crate) const fn server(&self) -> &Server {
        &self.paying.server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.server().absolute(path)
    }

    /// Webhooks arrive, and what they cause is done.
    pub(crate) async fn hear(&self) {
        self.paying.sandbox.deliver_all().await.unwrap();
        self.server().run_jobs().await;
    }

    /// The path of the newest link below `under` that was mailed to this address.
    pub(crate) async fn mailed(&self, to: &str, under: &str) -> String {
        let mut tx = self.server().app.db.read().await.unwrap();
        let start = self.url(under);
        for summary in mail::to_address(&mut tx, &to.parse().unwrap(), 20).await.unwrap() {
            let text = mail::by_id(&mut tx, summary.id).await.unwrap().unwrap().body_text;
            if let Some(at) = text.find(&start) {
                return text[at + self.url("").len()..].split_whitespace().next().unwrap().to_owned();
            }
        }
        panic!("no link below {under} was mailed to {to}");
    }
}
