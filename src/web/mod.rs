//! The shell around every feature: pages and their frame, forms, errors, files, headers. It knows no feature.
mod assets;
pub mod chart;
mod csrf;
mod download;
mod error;
mod flash;
mod form;
mod headers;
mod kept;
mod list;
mod page;
mod parts;
mod shell;
mod upload;
mod visit;

pub use assets::{GIVE_BUTTON, href as asset, router as assets};
pub use csrf::{Csrf, VisitorCsrf};
pub use download::{Download, Rows, download, download_stretches};
pub use error::Error;
pub use flash::{Flash, Mood, redirect, redirect_saying};
pub use form::{Draft, Form, RawForm, VisitorForm};
pub use headers::{ClientIp, ClientIpHeader, Policy, answered};
pub use kept::{KeptPages, keep};
pub use list::{Column, Pager, active_filters, with};
pub use page::{Frame, Page, Viewer};
pub use parts::*;
pub use shell::{NavItem, Shell, ViewerSlot, shell};
pub use upload::{Upload, UploadedFile};
pub use visit::{Visit, VisitCookie};

/// The cookie that carries a staff session. With HTTPS it is locked to the host.
pub const SESSION_COOKIE: &str = "convener_session";
/// The cookie of who is in the portal of an organization.
pub const PORTAL_COOKIE: &str = "convener_portal";
/// The cookie of a donor in the own pages.
pub const GIVING_COOKIE: &str = "convener_giving";
