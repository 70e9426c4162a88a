//! What each role may do. Each right is a function with a name, and the first line of what it guards.
use super::{Role, Staff};
use crate::{audit::Actor, web::Error};

impl Staff {
    /// Whoever may not, reads `what`: a sentence that says what only others do.
    fn needs(&self, roles: &[Role], what: &'static str) -> Result<(), Error> {
        if self.role == Role::Administrator || roles.contains(&self.role) { Ok(()) } else { Err(Error::Forbidden(what)) }
    }

    /// Invite, change and close accounts; settings; the audit list.
    pub fn may_administer(&self) -> Result<(), Error> {
        self.needs(&[], "Only administrators change accounts and settings.")
    }

    /// Change applications and decide on them, organizations, contacts, alliances.
    pub fn may_admit(&self) -> Result<(), Error> {
        self.needs(&[Role::Membership], "Only membership staff decide on applications and change organizations.")
    }

    /// Change donors and gifts, funds and campaigns; thank.
    pub fn may_keep_gifts(&self) -> Result<(), Error> {
        self.needs(&[Role::Development], "Only development staff change donors and gifts.")
    }

    /// Look at again, or give up, what the gateway told; compare with it.
    pub fn may_reconcile(&self) -> Result<(), Error> {
        self.needs(&[Role::Development], "Only development staff compare the books with the payment service.")
    }

    /// Write and publish news and pages.
    pub fn may_publish(&self) -> Result<(), Error> {
        self.needs(&[Role::Communications, Role::Membership], "Only communications and membership staff publish news.")
    }

    /// Send a dead mail again.
    pub fn may_resend_mail(&self) -> Result<(), Error> {
        self.needs(&[Role::Membership, Role::Development, Role::Communications], "Read-only accounts do not send mail.")
    }

    /// This person, for the audit.
    pub fn actor(&self) -> Actor {
        Actor { kind: "staff", id: self.id.to_string(), name: self.name.clone() }
    }
}
