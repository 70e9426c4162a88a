//! Who changes a recurring gift, and from where: the donor by a signed link or in the own pages, or staff.
use crate::{audit::Actor, donors::Donor, gifts::RecurringGift, staff::Staff, web::Page};
use maud::Markup;

/// One who may change one plan.
#[derive(Debug, Clone)]
pub(in crate::gifts) struct Seat {
    pub(in crate::gifts) plan: RecurringGift,
    pub(in crate::gifts) donor: Donor,
    pub(in crate::gifts) actor: Actor,
    /// What stands before `/amount`, `/pause` and the buttons' addresses.
    pub(in crate::gifts) base: String,
    /// The page to come back to, and its name.
    pub(in crate::gifts) home: (&'static str, String),
    pub(in crate::gifts) is_staff: bool,
}

impl Seat {
    pub(in crate::gifts) fn of_donor(plan: RecurringGift, donor: Donor, base: String, home: (&'static str, String)) -> Self {
        let actor = Actor { kind: "donor", id: donor.id.to_string(), name: donor.name.clone() };
        Self { plan, donor, actor, base, home, is_staff: false }
    }

    pub(in crate::gifts) fn of_staff(plan: RecurringGift, donor: Donor, staff: &Staff) -> Self {
        let base = format!("/staff/recurring/{}", plan.id);
        Self { plan, donor, actor: staff.actor(), home: ("Recurring gift", base.clone()), base, is_staff: true }
    }

    pub(super) fn page(&self, title: &str, content: Markup) -> Page {
        let page = if self.is_staff {
            Page::staff(title, content).crumb("Recurring gifts", "/staff/recurring")
        } else {
            Page::bare(title, content)
        };
        page.crumb(self.home.0, self.home.1.clone())
    }
}
