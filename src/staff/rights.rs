//! What each role may do. Each right is a function with a name, and the first line of what it guards;
//! the same table that decides also says on the people page what a role may do.
use super::{Account, Role, Staff};
use crate::{audit::Actor, web::Error};

/// One right: who holds it besides administrators, in words, and what everybody else reads.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// What it lets its holder do, as an imperative: `Thank donors`.
    pub words: &'static str,
    refusal: &'static str,
    roles: &'static [Role],
}

const ADMINISTER: Right = Right {
    words: "Invite, change and deactivate accounts, change the settings, read the audit list",
    refusal: "Only administrators change accounts and settings.",
    roles: &[],
};
const ADMIT: Right = Right {
    words: "Change and decide on applications; keep organizations, contacts and alliances",
    refusal: "Only membership staff decide on applications and change organizations.",
    roles: &[Role::Membership],
};
const REVIEW: Right = Right {
    words: "Look at applications in review rounds and vote on them",
    refusal: "Only membership staff, and those an administrator names as reviewers, vote on applications.",
    roles: &[Role::Membership],
};
const DEPART: Right = Right {
    words: "Decide on an application otherwise than its votes stand, with a reason",
    refusal: "The votes do not support this decision, and only administrators depart from them.",
    roles: &[],
};
const KEEP_GIFTS: Right = Right {
    words: "Keep donors, gifts, funds and campaigns, and thank",
    refusal: "Only development staff change donors and gifts.",
    roles: &[Role::Development],
};
const RECONCILE: Right = Right {
    words: "Compare the books with the payment service and repair what differs",
    refusal: "Only development staff compare the books with the payment service.",
    roles: &[Role::Development],
};
const PUBLISH: Right = Right {
    words: "Write and publish news and pages",
    refusal: "Only communications and membership staff publish news.",
    roles: &[Role::Communications, Role::Membership],
};
const RESEND_MAIL: Right = Right {
    words: "Send a mail again that did not arrive",
    refusal: "Read-only accounts do not send mail.",
    roles: &[Role::Membership, Role::Development, Role::Communications],
};

const ALL: &[Right] = &[ADMINISTER, ADMIT, REVIEW, DEPART, KEEP_GIFTS, RECONCILE, PUBLISH, RESEND_MAIL];

impl Right {
    fn is_held_by(&self, role: Role) -> bool {
        role == Role::Administrator || self.roles.contains(&role)
    }
}

impl Role {
    /// Every right of this role, in words. Reading is everybody's and stands not among them.
    pub fn rights(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().filter(move |right| right.is_held_by(self)).map(|right| right.words)
    }
}

impl Staff {
    /// Whoever may not, reads a sentence that says what only others do.
    fn needs(&self, right: Right) -> Result<(), Error> {
        if right.is_held_by(self.role) { Ok(()) } else { Err(Error::Forbidden(right.refusal)) }
    }

    /// Invite, change and close accounts; settings; the audit list.
    pub fn may_administer(&self) -> Result<(), Error> {
        self.needs(ADMINISTER)
    }

    /// Change applications and decide on them, organizations, contacts, alliances.
    pub fn may_admit(&self) -> Result<(), Error> {
        self.needs(ADMIT)
    }

    /// Look at applications in review rounds and vote: by role, or named for it.
    pub fn may_review(&self) -> Result<(), Error> {
        if self.reviews { Ok(()) } else { self.needs(REVIEW) }
    }

    /// Decide otherwise than the votes stand.
    pub fn may_depart_from_votes(&self) -> Result<(), Error> {
        self.needs(DEPART)
    }

    /// Change donors and gifts, funds and campaigns; thank.
    pub fn may_keep_gifts(&self) -> Result<(), Error> {
        self.needs(KEEP_GIFTS)
    }

    /// Look at again, or give up, what the gateway told; compare with it.
    pub fn may_reconcile(&self) -> Result<(), Error> {
        self.needs(RECONCILE)
    }

    /// Write and publish news and pages.
    pub fn may_publish(&self) -> Result<(), Error> {
        self.needs(PUBLISH)
    }

    /// Send a dead mail again.
    pub fn may_resend_mail(&self) -> Result<(), Error> {
        self.needs(RESEND_MAIL)
    }

    /// This person, for the audit.
    pub fn actor(&self) -> Actor {
        Actor { kind: "staff", id: self.id.to_string(), name: self.name.clone() }
    }
}

impl Account {
    /// This person, for the audit.
    pub fn actor(&self) -> Actor {
        Actor { kind: "staff", id: self.id.to_string(), name: self.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::StaffId;

    #[test]
    fn each_right_is_held_by_exactly_the_roles_that_need_it() {
        type Ask = fn(&Staff) -> Result<(), Error>;
        use Role::{Administrator, Communications, Development, Membership};
        let matrix: [(Ask, &[Role]); 8] = [
            (Staff::may_administer, &[Administrator]),
            (Staff::may_admit, &[Administrator, Membership]),
            (Staff::may_review, &[Administrator, Membership]),
            (Staff::may_depart_from_votes, &[Administrator]),
            (Staff::may_keep_gifts, &[Administrator, Development]),
            (Staff::may_reconcile, &[Administrator, Development]),
            (Staff::may_publish, &[Administrator, Membership, Communications]),
            (Staff::may_resend_mail, &[Administrator, Membership, Development, Communications]),
        ];
        assert_eq!(matrix.len(), ALL.len());
        for role in Role::ALL {
            let staff = Staff {
                id: StaffId::from_u128(1),
                email: "a@b.org".parse().unwrap(),
                name: "A".into(),
                role: *role,
                reviews: false,
                created_at: crate::kernel::Timestamp::from_unix(0).unwrap(),
            };
            for (n, (ask, holders)) in matrix.iter().enumerate() {
                assert_eq!(ask(&staff).is_ok(), holders.contains(role), "{role}, right {n}");
            }
            assert!(Staff { reviews: true, ..staff }.may_review().is_ok(), "{role}, named for it");
            assert_eq!(role.rights().count(), matrix.iter().filter(|(_, holders)| holders.contains(role)).count());
        }
    }
}
