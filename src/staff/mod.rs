//! The people of the secretariat: who they are, how they sign in, and what each may do.
mod queries;
mod rights;
mod session;

use crate::{
    app::App,
    kernel::{Email, Timestamp, id, words},
};
use axum::Router;

pub use queries::{by_email, by_id, insert};
pub use session::{SESSION_ABSOLUTE_HOURS, SESSION_IDLE_HOURS, open_session};

id!(
    /// Names one row of `staff_user`.
    StaffId
);

words! {
    /// What a staff user is there for; what follows from it is in the rights.
    pub enum Role {
        Administrator = "administrator", "Administrator";
        Membership = "membership", "Membership";
        Development = "development", "Development";
        Communications = "communications", "Communications";
        ReadOnly = "read_only", "Read-only";
    }
}

/// Somebody who is signed in. Asking for one as a parameter is what makes a page private.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Staff {
    pub id: StaffId,
    pub email: Email,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
}

/// Sign-in, accounts, sessions.
pub fn private() -> Router<App> {
    Router::new()
}
