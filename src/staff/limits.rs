//! How often may be tried: by account and by address, counted in the database so that every process
//! and every restart sees the same counts. A try is counted before its password is compared, so that
//! many at the same moment are counted too; one that was right is taken back.
//!
//! A count by account never touches who is signed in, and ends with a reset by mail.
use super::{StaffId, caller::Caller, queries};
use crate::{
    db::Tx,
    kernel::{Timestamp, digest},
    web::Error,
};

/// Something that may be tried only so often.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    key: String,
    most: i64,
    seconds: i64,
    /// What its visitor reads before how long to wait.
    what: &'static str,
}

/// Tries of one account within the window.
pub const TRIES_PER_ACCOUNT: i64 = 10;
/// Tries from one address within the window: an office may share one.
pub const TRIES_PER_ADDRESS: i64 = 30;
/// How long a count lasts.
pub const WINDOW_SECONDS: i64 = 15 * 60;

impl Limit {
    /// Sign-ins to the account of this address, whether there is one or not.
    pub(super) fn account(typed_email: &str) -> Self {
        Self {
            key: format!("account:{}", digest(&typed_email.trim().to_lowercase())),
            most: TRIES_PER_ACCOUNT,
            seconds: WINDOW_SECONDS,
            what: "Sign-in to this account was tried too often, so no password is accepted for it at the moment. \
                   “Forgotten your password?” on the sign-in page works at once.",
        }
    }

    /// Sign-ins from one place.
    pub(super) fn address(caller: &Caller) -> Self {
        Self {
            key: format!("address:{}", caller.counted_as()),
            most: TRIES_PER_ADDRESS,
            seconds: WINDOW_SECONDS,
            what: "Sign-in was tried too often from your network, so no password is accepted from it at the moment.",
        }
    }

    /// The current password, asked of who is signed in.
    pub(super) fn own_password(id: StaffId) -> Self {
        Self {
            key: format!("own:{id}"),
            most: 5,
            seconds: WINDOW_SECONDS,
            what: "Your current password was wrong too often. You stay signed in.",
        }
    }

    /// Reset mails asked for from one place.
    pub(super) fn reset_address(caller: &Caller) -> Self {
        Self {
            key: format!("reset-address:{}", caller.counted_as()),
            most: 20,
            seconds: 3_600,
            what: "Links were asked for too often from your network.",
        }
    }

    /// Reset mails to one account.
    pub(super) fn reset_account(id: StaffId) -> Self {
        Self { key: format!("reset:{id}"), most: 3, seconds: 3_600, what: "Links to this account were mailed too often." }
    }

    /// Counts a try, or says how long to wait.
    pub(super) async fn count(&self, tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
        if queries::count_try(tx, &self.key, now, now.plus_seconds(-self.seconds), self.most).await? {
            return Ok(());
        }
        let began = queries::count_began(tx, &self.key).await?.unwrap_or(now);
        let seconds = began.plus_seconds(self.seconds).seconds_since(now).max(1);
        Err(Error::TooMany { seconds, what: self.what.to_owned() })
    }

    /// This try was right: it does not count.
    pub(super) async fn uncount(&self, tx: &mut Tx) -> sqlx::Result<()> {
        queries::uncount_try(tx, &self.key).await
    }

    /// Begins anew.
    pub(super) async fn forget(&self, tx: &mut Tx) -> sqlx::Result<()> {
        queries::forget_count(tx, &self.key).await
    }
}
